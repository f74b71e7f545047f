"""Reviews of an installation: sealed registers, catalog and results, brought together for the station ``review``."""

from __future__ import annotations

from datetime import date

from airtight.definitions.texts import load_texts
from airtight.domain.result import ResultState
from airtight.errors import ConfigurationError
from airtight.installation import Installation
from airtight.journey.registers_read import read_registers, required
from airtight.review.records import Decision, Risk, Treatment
from airtight.review.statement import Evidence, Statement, statement_of

#: The framework whose Annex A a statement of applicability is about.
STATED = "iso42001"


def statement_on(opened: Installation, day: date | None) -> Statement:
    """The statement of applicability as of a day, by default the latest on which the register is sealed.

    Raises:
        ConfigurationError: nothing is sealed for the day, or the catalog lacks the framework.
        EvidenceError: a bundle does not hold.
    """
    if STATED not in opened.catalog.frameworks:
        raise ConfigurationError(f"the catalog has no framework '{STATED}'.")
    chosen = required(opened, Decision, day)
    read = read_registers(opened, (Decision, Risk, Treatment), chosen)
    evidence = Evidence(
        read.of(Decision), read.known(Risk), read.known(Treatment), states_on(opened, chosen), read.bundles
    )
    name = opened.settings.organisation
    return statement_of(name, opened.catalog.frameworks[STATED], opened.catalog.controls, evidence, chosen)


def texts_of_statement(opened: Installation) -> dict[str, str]:
    """Annex A id -> the organisation's licensed text of it, where it keeps one.

    Raises:
        DefinitionError: a text belongs to no requirement.
    """
    texts = load_texts(opened.settings.overlay, opened.catalog.frameworks)
    return {requirement: text for (framework, requirement), text in texts.items() if framework == STATED}


def states_on(opened: Installation, day: date) -> dict[str, ResultState]:
    """The last state of every control that was judged on or before a day."""
    latest = opened.index.latest_results(day.isoformat())
    return {result.line.control: result.line.state for result in latest if not result.line.test}
