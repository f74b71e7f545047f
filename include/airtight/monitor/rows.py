"""Figures as rows of the populations that controls read, and of ``monitor_figures``, which keeps counts and bins.

A measured period is half-open; its rows carry the last microsecond of it as ``window_end``, so that they lie in the
day whose collection seals them. Rows about canaries carry the second before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from airtight.domain.control import CellValue
from airtight.domain.monitor import FIGURES, POPULATIONS, Figure, Monitor, MonitorSetup, Outcome, ends_with
from airtight.domain.period import Window
from airtight.monitor.drift import MISSING_RISE
from airtight.monitor.fairness import Group, groups_in

Record = Mapping[str, CellValue]
PERFORMED_BY = "airtight-monitor"
#: Stands for the model version of a run that found no prediction.
NO_VERSION = "(none)"
#: Subject of a figure about a system as a whole.
ALL = "(all)"
_LAST, _CANARY = timedelta(microseconds=1), timedelta(seconds=1)
_RESULTS = {Outcome.WELL: "pass", Outcome.ALERT: "fail"}


@dataclass(frozen=True)
class About:
    """What a run is about.

    Attributes:
        artifact: digest of the version's artifact, where the register tells it.
        report: digest of the report for readers, where one was made.
        facts: counts about the run as a whole, such as duplicates left out.
    """

    setup: MonitorSetup
    version: str
    window: Window
    artifact: str | None = None
    report: str | None = None
    facts: Mapping[str, CellValue] = field(default_factory=dict)

    def end(self, *, canary: bool = False) -> str:
        """The time that the rows carry."""
        return _text(self.window.end - (_CANARY if canary else _LAST))


def _text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat() + "Z"


def empty_rows() -> dict[str, list[Record]]:
    """Population -> no row."""
    return {name: [] for name in POPULATIONS}


def drift_rows(about: About, figures: Sequence[Figure], *, canary: bool = False) -> Iterator[Record]:
    """Rows of ``drift_results``: the columns for which there is a statistic."""
    tested = [figure for figure in figures if figure.outcome is not Outcome.INCONCLUSIVE]
    drifted = [figure for figure in tested if _moved(figure, canary=canary)]
    watched = {column.name: column for column in about.setup.watched}
    for figure in figures:
        if not figure.values:
            continue
        column, ((measure, value),) = watched[figure.subject], figure.values.items()
        rose = measure != column.method.value
        yield {
            **_key(about),
            "column": figure.subject,
            "window_end": about.end(canary=canary),
            "method": MISSING_RISE if rose else column.method.label,
            "statistic": value,
            "threshold": about.setup.drift.missing_rise if rose else column.threshold,
            "drifted": _moved(figure, canary=canary),
            "n_ref": figure.n_ref,
            "n_cur": figure.n_cur,
            "reference_sha256": about.setup.reference.sha256,
            "share_drifted": len(drifted) / len(tested) if tested else None,
            "critical": column.critical,
            "canary": canary,
        }


def _moved(figure: Figure, *, canary: bool) -> bool:
    return figure.outcome is (Outcome.WELL if canary else Outcome.ALERT)


def metric_rows(about: About, figures: Sequence[Figure]) -> Iterator[Record]:
    """Rows of ``model_metrics``: the metrics that have a value."""
    rules = about.setup.performance
    for figure in figures:
        if "value" in figure.values:
            yield {
                **_key(about),
                "metric": figure.subject,
                "window_start": _text(about.window.start),
                "window_end": about.end(),
                "value": figure.values["value"],
                "baseline": figure.values.get("baseline"),
                "n": figure.n_cur,
                "threshold": rules.degradation,
                "higher_is_better": rules.higher_is_better[figure.subject],
            }


def evaluation_rows(about: About, figures: Sequence[Figure]) -> Iterator[Record]:
    """Rows of ``evaluations``, one an attribute, inconclusive ones too."""
    rules = about.setup.fairness
    if rules is None:
        return
    for figure in figures:
        suppressed = figure.bins.get("suppressed", [])
        names = [str(name) for name in suppressed] if isinstance(suppressed, list) else []
        groups = groups_in(figure.bins)
        few = f"<{rules.suppress_below}"
        sizes: dict[str, CellValue] = {**{group.name: group.n for group in groups}, **dict.fromkeys(names, few)}
        yield {
            **_key(about),
            "evaluation_id": f"monitor/{about.setup.ai_system}/{about.version}/{figure.subject}/{about.end()}",
            "artifact_sha256": about.artifact,
            "kind": "bias",
            "performed_at": about.end(),
            "performed_by": PERFORMED_BY,
            "metrics": _metrics(about, figure),
            "protected_attribute": figure.subject,
            "n_by_group": sizes,
            "groups": [*map(_group, groups), *(f"{_plain(name)}|{few}|||" for name in names)],
            "threshold": rules.threshold,
            "result": _RESULTS.get(figure.outcome, "inconclusive"),
            "report_sha256": about.report or _digest(figure),
        }


def _metrics(about: About, figure: Figure) -> dict[str, CellValue]:
    rules = about.setup.fairness
    told = {attribute.name: attribute for attribute in rules.attributes} if rules else {}
    attributes = [told[name] for name in figure.subject.split(" x ") if name in told]
    return {
        **dict(figure.values),
        "groups": len(groups_in(figure.bins)),
        "reason": figure.reason,
        "origin": ", ".join(attribute.origin.value for attribute in attributes),
        "legal_basis": "; ".join(attribute.legal_basis for attribute in attributes),
    }


def _digest(figure: Figure) -> str:
    """The digest of the counts that stand in place of a report, as JSON with sorted keys."""
    return hashlib.sha256(json.dumps(dict(figure.bins), sort_keys=True).encode()).hexdigest()


def _group(group: Group) -> str:
    rates = (group.selection_rate, group.true_positive_rate, group.false_positive_rate)
    return "|".join([_plain(group.name), str(group.n), *("" if rate is None else repr(rate) for rate in rates)])


def _plain(name: str) -> str:
    return name.replace("|", "/")


def figure_rows(about: About, figures: Sequence[Figure], *, canary: bool = False) -> Iterator[Record]:
    """Rows of ``monitor_figures``: every figure that was tried, with what it follows from."""
    tested = sum(figure.outcome is not Outcome.INCONCLUSIVE for figure in figures)
    for figure in figures:
        yield {
            **_key(about),
            "monitor": figure.monitor.value,
            "subject": figure.subject,
            "window_start": _text(about.window.start),
            "window_end": about.end(canary=canary),
            "outcome": figure.outcome.value,
            "reason": figure.reason,
            "figures": dict(figure.values),
            "n_ref": figure.n_ref,
            "n_cur": figure.n_cur,
            "tried": len(figures),
            "tested": tested,
            "bins": {**figure.bins, **about.facts},
            "setup_sha256": about.setup.sha256,
            "reference_sha256": about.setup.reference.sha256,
        }


def _key(about: About) -> dict[str, CellValue]:
    return {"ai_system_id": about.setup.ai_system, "model_version_id": about.version}


def failed_row(setup: MonitorSetup, day: date, reason: str) -> dict[str, list[Record]]:
    """The row of a run that could not begin."""
    about = About(setup, NO_VERSION, ends_with(day, setup.drift.window))
    figure = Figure(Monitor.DRIFT, ALL, Outcome.INCONCLUSIVE, {}, {}, 0, reason=reason)
    return {FIGURES: list(figure_rows(about, [figure]))}
