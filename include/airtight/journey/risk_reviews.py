"""The risk register and the suppliers of an installation as of a day, from sealed registers."""

from __future__ import annotations

from datetime import date, timedelta

from airtight.domain.catalog import Catalog
from airtight.installation import Installation
from airtight.journey.registers_read import Registers, read_history, read_registers, required
from airtight.review.registers import AiSystem, Incident, ModelVersion, Obligation, Risk, TrainingSet, Vendor
from airtight.review.risks import Limits, RiskReview, review_risks
from airtight.review.triggers import LOOK_BACK, Happenings, triggers_of
from airtight.review.vendors import VendorScore, score_vendors

_TRIGGERS = (ModelVersion, TrainingSet, Obligation, Incident)


def risks_on(opened: Installation, day: date | None) -> tuple[RiskReview, Registers]:
    """The risk register as of a day, by default the latest on which it is sealed, and what was read for it.

    Raises:
        ConfigurationError: it is not sealed for the day.
        EvidenceError: a bundle does not hold.
    """
    chosen = required(opened, Risk, day)
    read = read_registers(opened, (Risk, AiSystem, *_TRIGGERS), chosen)
    happenings = Happenings(
        versions=read.of(ModelVersion),
        training_sets=read.of(TrainingSet),
        obligations=read.of(Obligation),
        incidents=read.of(Incident),
    )
    limits = limits_on(opened.catalog, chosen)
    triggers = triggers_of(happenings, chosen)
    earlier = read_history(opened, Risk, chosen - timedelta(days=LOOK_BACK), chosen)
    return review_risks(read.of(Risk), read.known(AiSystem), triggers, limits, chosen, earlier), read


def limits_on(catalog: Catalog, day: date) -> Limits:
    """The limits that the control of risk assessment (RM-01) holds on a day, so that both say the same."""
    usual = Limits()
    return Limits(
        high=_parameter(catalog, "RM-01.T1", "high_days", day, usual.high),
        medium=_parameter(catalog, "RM-01.T1", "medium_days", day, usual.medium),
        low=_parameter(catalog, "RM-01.T1", "low_days", day, usual.low),
        trigger=_parameter(catalog, "RM-01.T3", "trigger_days", day, usual.trigger),
    )


def _parameter(catalog: Catalog, test_id: str, name: str, day: date, usual: int) -> int:
    control = catalog.controls.get(test_id.partition(".")[0])
    for test in control.tests if control else ():
        if test.id == test_id:
            value = test.chartered[name].on(day) if name in test.chartered else test.parameters.get(name)
            return int(value) if isinstance(value, int | float) else usual
    return usual


def vendors_on(opened: Installation, day: date | None) -> tuple[date, tuple[VendorScore, ...]]:
    """Every supplier's score as of a day, by default the latest on which the register is sealed.

    Raises:
        ConfigurationError: it is not sealed for the day.
        EvidenceError: a bundle does not hold.
    """
    chosen = required(opened, Vendor, day)
    return chosen, score_vendors(read_registers(opened, (Vendor,), chosen).of(Vendor), chosen)
