"""Alerts on change of state only, one for each root cause.

A control that stays as it was is silent, however often it is judged. Controls that became inconclusive because a
source gave nothing raise no alert of their own: the source's alert lists them. The first judgement of a subject
is a change only when it is bad news. A planned control never alerts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from airtight.domain.alert import Alert, Urgency
from airtight.domain.bundle import ResultLine, SealedPopulation
from airtight.domain.result import ResultState

_GOOD = {ResultState.PASS, ResultState.NOT_APPLICABLE}


def changes(
    partition: str,
    controls: Sequence[ResultLine],
    populations: Sequence[SealedPopulation],
    before: Mapping[str, str],
    *,
    source_owner: str,
) -> tuple[Alert, ...]:
    """The alerts that a day's verdicts give rise to.

    Args:
        partition: the day.
        controls: roll-up lines of that day, one a control.
        populations: what that day's collections hold or lack.
        before: subject -> state known so far.
        source_owner: who is told of sources that fail.
    """
    troubled = _troubles(populations)
    caused = {line.control: cause for line in controls if (cause := _root_cause(line, troubled))}
    of_sources = (_of_source(partition, name, troubled, caused, before, source_owner) for name in _sources(populations))
    of_controls = (_of_control(partition, line, before) for line in controls if line.control not in caused)
    return tuple(sorted(alert for alert in (*of_sources, *of_controls) if alert))


def states(controls: Sequence[ResultLine], populations: Sequence[SealedPopulation]) -> dict[str, str]:
    """Subject -> state after the day, for the next comparison."""
    troubled = _troubles(populations)
    known = {f"source:{name}": "failed" if name in troubled else "collected" for name in _sources(populations)}
    return known | {f"control:{line.control}": line.state.value for line in controls}


def _sources(populations: Iterable[SealedPopulation]) -> list[str]:
    return sorted({population.source for population in populations})


def _troubles(populations: Iterable[SealedPopulation]) -> dict[str, str]:
    return {entry.source: entry.trouble for entry in populations if entry.trouble}


def _root_cause(line: ResultLine, troubled: Mapping[str, str]) -> str | None:
    if line.state not in (ResultState.INCONCLUSIVE, ResultState.NOT_COLLECTED):
        return None
    return next((cause for cause in line.causes if cause in troubled), None)


def _of_source(
    partition: str,
    name: str,
    troubled: Mapping[str, str],
    caused: Mapping[str, str],
    before: Mapping[str, str],
    owner: str,
) -> Alert | None:
    subject, after = f"source:{name}", "failed" if name in troubled else "collected"
    known = before.get(subject)
    if after == (known or "collected"):
        return None
    affected = tuple(sorted(control for control, cause in caused.items() if cause == name))
    text = troubled.get(name) or "gives evidence again"
    return Alert(partition, subject, owner, Urgency.DIGEST, known, after, text, affected)


def _of_control(partition: str, line: ResultLine, before: Mapping[str, str]) -> Alert | None:
    known = before.get(f"control:{line.control}")
    if line.state.value == known or (known is None and line.state in _GOOD) or line.planned:
        return None
    urgency = Urgency.CRITICAL if line.state is ResultState.FAIL else Urgency.DIGEST
    text = f"{line.title}: {line.reason}" if line.reason else line.title
    return Alert(partition, f"control:{line.control}", line.owner, urgency, known, line.state.value, text)
