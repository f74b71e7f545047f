"""Reviews of an installation: sealed registers, catalog and results, brought together for the station ``review``."""

from __future__ import annotations

from datetime import date, timedelta

from airtight.definitions.texts import load_texts
from airtight.domain.bundle import BundleKind
from airtight.domain.result import ResultState
from airtight.errors import ConfigurationError
from airtight.installation import Installation
from airtight.journey.registers_read import read_registers, required
from airtight.publish.index import Chosen
from airtight.review.failures import Failure
from airtight.review.maturity import Maturity, maturity_of
from airtight.review.maturity_steps import PERIOD, SELDOM, YEAR, Judged
from airtight.review.ownership import Governance, engineering_only
from airtight.review.programme import Subjects, manual_collection, parallel_programmes, uniform_depth
from airtight.review.registers import (
    AiSystem,
    CharterVersion,
    Decision,
    Finding,
    MaturityScore,
    Meeting,
    Person,
    Risk,
    RoleHeld,
    Treatment,
    Vendor,
)
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


def failures_on(opened: Installation, day: date | None) -> tuple[date, tuple[Failure, ...]]:
    """The four common failures as of a day, by default the latest that was judged.

    Raises:
        ConfigurationError: nothing was judged so far.
        EvidenceError: a bundle does not hold.
    """
    chosen = day or latest_judged(opened)
    kinds = (CharterVersion, Person, RoleHeld, Meeting, AiSystem, Vendor, Risk)
    read = read_registers(opened, kinds, chosen)
    catalog = opened.catalog
    governance = Governance(read.known(CharterVersion), read.known(Person), read.known(RoleHeld), read.known(Meeting))
    return chosen, (
        engineering_only(governance, catalog.controls.values(), chosen),
        parallel_programmes(catalog.controls, catalog.sources.values()),
        manual_collection(catalog.controls.values(), states_on(opened, chosen), _triggers(opened, chosen), chosen),
        uniform_depth(catalog.controls.values(), Subjects(read.known(AiSystem), read.known(Vendor), read.known(Risk))),
    )


def maturity_on(opened: Installation, day: date | None) -> Maturity:
    """The maturity of every domain as of a day, by default the latest that was judged.

    Raises:
        ConfigurationError: nothing was judged so far.
        EvidenceError: a bundle does not hold.
    """
    chosen = day or latest_judged(opened)
    read = read_registers(opened, (Finding, MaturityScore), chosen)
    controls = opened.catalog.controls
    return maturity_of(controls.values(), _judged(opened, chosen), read.known(Finding), read.of(MaturityScore), chosen)


def _judged(opened: Installation, day: date) -> list[Judged]:
    """Results of the last two periods; of controls that are due seldom, of the last two years."""
    last, seldom = day.isoformat(), _days_before(day, 2 * YEAR)
    found = list(opened.index.results(Chosen(first=_days_before(day, 2 * PERIOD), last=last, current_only=True)))
    for control in opened.catalog.controls.values():
        if control.frequency in SELDOM:
            older = _days_before(day, 2 * PERIOD + timedelta(days=1))
            chosen = Chosen(first=seldom, last=older, control=control.id, current_only=True)
            found += opened.index.results(chosen)
    judged = [Judged(date.fromisoformat(each.partition), each.bundle, each.line) for each in found]
    return sorted(judged, key=lambda each: each.day)


def _days_before(day: date, span: timedelta) -> str:
    return (day - span + timedelta(days=1)).isoformat()


def latest_judged(opened: Installation) -> date:
    """The newest day that has results.

    Raises:
        ConfigurationError: there is none.
    """
    judged = opened.index.bundles(Chosen(kind=BundleKind.RESULTS, current_only=True))
    if not judged:
        raise ConfigurationError("nothing was judged yet.", remedy="Run 'airtight day --partition DAY'.")
    return date.fromisoformat(judged[-1].ref.slot.partition)


def _triggers(opened: Installation, day: date) -> tuple[str, ...]:
    """How each collection of the last 31 days came about."""
    first = (day - timedelta(days=30)).isoformat()
    chosen = Chosen(kind=BundleKind.COLLECTION, first=first, last=day.isoformat(), current_only=True)
    return tuple(bundle.facts.trigger for bundle in opened.index.bundles(chosen))


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
