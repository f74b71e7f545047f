"""A sealed figure, computed again from the counts and bins that lie beside it.

Nothing else is needed: neither the rows nor the reference. The set-up is, for what is judged and how.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from airtight.domain.control import CellValue
from airtight.domain.monitor import Method, Monitor, MonitorSetup
from airtight.monitor import fairness, performance
from airtight.monitor.comparing import missing_rise, statistic

_SLACK = 1e-12


@dataclass(frozen=True)
class Reperformed:
    """A measure as it is sealed, and as the bins give it; None: they do not give it."""

    measure: str
    sealed: float
    again: float | None

    @property
    def agrees(self) -> bool:
        return self.again is not None and math.isclose(self.sealed, self.again, rel_tol=_SLACK, abs_tol=_SLACK)


def reperform(
    monitor: Monitor, subject: str, figures: Mapping[str, float], bins: Mapping[str, CellValue], setup: MonitorSetup
) -> tuple[Reperformed, ...]:
    """Every measure of a row of ``monitor_figures``, computed again."""
    again: dict[str, float | None]
    if monitor in (Monitor.DRIFT, Monitor.CANARY):
        again = {measure: _drift(measure, bins) for measure in figures}
    elif monitor is Monitor.PERFORMANCE:
        value = performance.measure(bins, setup.task, setup.positive)[subject][0]
        # the baseline is no figure: it is told by the register of model versions
        again = {measure: value if measure == "value" else figures[measure] for measure in figures}
    else:
        least = setup.fairness.min_group if setup.fairness else 1
        measured = fairness.measure(bins, least)
        again = {measure: measured.get(measure) for measure in figures}
    return tuple(Reperformed(measure, value, again[measure]) for measure, value in figures.items())


def _drift(measure: str, bins: Mapping[str, CellValue]) -> float:
    return missing_rise(bins) if measure not in set(Method) else statistic(Method(measure), bins)
