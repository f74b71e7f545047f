"""Alerts: on change of state only, one for each root cause, one digest an owner."""

from __future__ import annotations

from airtight import pipeline
from airtight.deliver.alerts import changes
from airtight.domain.alert import Urgency
from airtight.domain.bundle import ResultLine, SealedPopulation
from airtight.domain.collection import Completeness
from airtight.domain.result import ResultState
from airtight.journey.alerting import daily_digests, raise_alerts

from .conftest import DAY


def _line(control: str, state: ResultState, *, causes: tuple[str, ...] = (), planned: bool = False) -> ResultLine:
    return ResultLine(
        control, "", state, "", None, None, 0, 0, "IT operations", "Title", False, "0" * 64, "", "", causes, planned
    )


def _population(source: str, trouble: str | None) -> SealedPopulation:
    return SealedPopulation(
        "accounts", source, DAY, "b", "k", None, None, 0, Completeness.UNPROVEN, False, trouble is None, trouble
    )


def _alerts(lines, populations=(), before=None):
    return changes(DAY, lines, populations, before or {}, source_owner="Compliance lead")


def test_control_that_begins_to_fail_is_a_critical_alert():
    (alert,) = _alerts([_line("AC-01", ResultState.FAIL)], before={"control:AC-01": "pass"})
    assert (alert.urgency, alert.before, alert.after) == (Urgency.CRITICAL, "pass", "fail")


def test_control_that_stays_as_it_was_is_silent():
    assert _alerts([_line("AC-01", ResultState.FAIL)], before={"control:AC-01": "fail"}) == ()


def test_first_judgement_alerts_only_on_bad_news():
    assert _alerts([_line("AC-01", ResultState.PASS)]) == ()
    assert len(_alerts([_line("AC-01", ResultState.INCONCLUSIVE)])) == 1


def test_recovery_is_told_without_urgency():
    (alert,) = _alerts([_line("AC-01", ResultState.PASS)], before={"control:AC-01": "fail"})
    assert alert.urgency is Urgency.DIGEST


def test_planned_control_never_alerts():
    assert _alerts([_line("AC-01", ResultState.NOT_COLLECTED, planned=True)]) == ()


def test_failed_source_is_one_alert_for_all_controls_that_it_blinds():
    lines = [_line(f"AC-0{n}", ResultState.INCONCLUSIVE, causes=("okta",)) for n in (1, 2, 3)]
    (alert,) = _alerts(lines, [_population("okta", "the log-in was refused")])
    assert alert.subject == "source:okta"
    assert alert.affects == ("AC-01", "AC-02", "AC-03")


def test_source_that_gives_again_is_told_once():
    (alert,) = _alerts([], [_population("okta", None)], before={"source:okta": "failed"})
    assert (alert.before, alert.after) == ("failed", "collected")
    assert _alerts([], [_population("okta", None)], before={"source:okta": "collected"}) == ()


def test_day_is_alerted_once_and_digested_once(little, scheduled, clock):
    opened = little.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    letters = raise_alerts(opened, DAY, clock)
    assert [letter.to for letter in letters if "AC-01" in letter.subject] == ["it@little.example"]
    assert raise_alerts(opened, DAY, clock) == ()
    digests = daily_digests(opened, DAY, clock)
    assert len({letter.to + letter.subject for letter in digests}) == len(digests) > 0
    assert daily_digests(opened, DAY, clock) == ()


def test_history_alerts_nobody(little, scheduled, clock):
    opened = little.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    little.export("2026-06-29")
    pipeline.run_day(opened, "2026-06-29", trigger=scheduled, clock=clock)
    assert raise_alerts(opened, "2026-06-29", clock) == ()
