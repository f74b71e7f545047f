"""Set-ups of monitors from ``expectations/models/<ai_system>.yaml``.

Everything that a figure depends on is pinned here; nothing falls back to a default of a library. Refused: a method
that does not fit its column, a reference without a digest, a protected attribute that does not say where it comes
from and on what legal basis, a file that is not named after its AI system.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from airtight.definitions.folders import Refuse, at_once, read_each
from airtight.document import Entry, parse_document
from airtight.domain.monitor import (
    CanaryRules,
    ColumnKind,
    DriftRules,
    FairnessRules,
    Method,
    MonitorSetup,
    Origin,
    PerformanceRules,
    ProtectedAttribute,
    Reference,
    ReportRules,
    Role,
    Task,
    Watched,
)
from airtight.domain.period import parse_duration
from airtight.errors import DefinitionError

_FIELDS = ("ai_system", "task", "reference", "drift", "features", "performance")
_OPTIONAL = ("positive", "fairness", "canary", "report")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r'[^_"\\][^"\\]{0,119}')
#: Columns of a prediction that are watched beside the features, and the kinds that they may have.
_OWN = {"prediction": Role.PREDICTION, "score": Role.SCORE, "actual": Role.TARGET}
_BINARY = ("accuracy", "precision", "recall", "f1", "roc_auc", "log_loss", "brier")
METRICS = {
    Task.BINARY: _BINARY,
    Task.MULTICLASS: ("accuracy", "precision_macro", "recall_macro", "f1_macro"),
    Task.REGRESSION: ("mae", "rmse", "r2"),
}
_DAY = timedelta(days=1)


def load_monitors(files: Mapping[str, Path], refuse: Refuse = at_once) -> dict[str, MonitorSetup]:
    """AI system -> its set-up, of files by name.

    Raises:
        DefinitionError: a file is refused.
    """
    return read_each(files, load_monitor, refuse)


def load_monitor(file: Path) -> MonitorSetup:
    """One set-up.

    Raises:
        DefinitionError: the file is refused; names file, line and key.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DefinitionError(f"the file cannot be read: {error.strerror}.", where=file.name) from None
    root = parse_document(content, file.name)
    fields = root.fields(_FIELDS, _OPTIONAL)
    task = fields["task"].one_of(Task)
    drift = fields["drift"].fields(
        ("window", "min_rows", "missing_rise", "numeric", "categorical"), ("every", "prediction", "score", "actual")
    )
    return MonitorSetup(
        ai_system=_system(fields["ai_system"], file),
        task=task,
        positive=_positive(fields, task, root),
        reference=_reference(fields["reference"]),
        watched=_watched(fields["features"], drift, task),
        drift=DriftRules(
            _window(drift["window"]), _every(drift), _size(drift["min_rows"]), _share(drift["missing_rise"])
        ),
        performance=_performance(fields["performance"], task),
        fairness=_fairness(fields["fairness"], fields) if "fairness" in fields else None,
        canary=_canary(fields["canary"]) if "canary" in fields else None,
        report=_report(fields["report"]) if "report" in fields else None,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _system(entry: Entry, file: Path) -> str:
    if entry.word() != file.stem:
        raise entry.refusal(f"the set-up of '{entry.word()}' stands in {file.name}.", f"Call it {entry.word()}.yaml.")
    return entry.word()


def _positive(fields: Mapping[str, Entry], task: Task, root: Entry) -> str | None:
    if "positive" in fields and task is Task.REGRESSION:
        raise fields["positive"].refusal("a regression predicts no class.", "Remove 'positive'.")
    if "positive" not in fields and task is Task.BINARY:
        raise root.refusal(
            "key 'positive' is missing.", "Write the prediction that selects, such as 'positive: approve'."
        )
    return fields["positive"].word() if "positive" in fields else None


def _reference(entry: Entry) -> Reference:
    fields = entry.fields(("sha256",), ("file", "key"))
    if ("file" in fields) == ("key" in fields):
        raise entry.refusal(
            "the reference needs one place.",
            "Write 'file:' (below the organisation's folder) or 'key:' (in the store).",
        )
    digest = fields["sha256"].word()
    if not _DIGEST.fullmatch(digest):
        raise fields["sha256"].refusal("this is no SHA-256.", "Write the 64 lower-case digits that sha256sum prints.")
    file = fields["file"].text() if "file" in fields else None
    if file and (file.startswith("/") or ".." in Path(file).parts):
        raise fields["file"].refusal("the path leaves the organisation's folder.", "Write a path below it.")
    return Reference(digest, file, fields["key"].text() if "key" in fields else None)


def _watched(features: Entry, drift: Mapping[str, Entry], task: Task) -> tuple[Watched, ...]:
    defaults = {kind: _rule(drift[kind.value], kind) for kind in ColumnKind}
    found = [_feature(name, entry, defaults) for name, entry in features.members().items()]
    if not found:
        raise features.refusal("no feature is watched.", "Name at least one column.")
    for name, role in _OWN.items():
        if name in drift:
            found.append(_own(name, role, drift[name], defaults, task))
    return tuple(found)


def _rule(entry: Entry, kind: ColumnKind) -> tuple[Method, float]:
    fields = entry.fields(("method", "threshold"), ("type", "critical"))
    return _method(fields["method"], kind), _threshold(fields["threshold"])


def _feature(name: str, entry: Entry, defaults: Mapping[ColumnKind, tuple[Method, float]]) -> Watched:
    if not _NAME.fullmatch(name) or name in _OWN:
        raise entry.refusal(f"'{name}' cannot be the name of a feature.", 'Use a name without " or \\.')
    return _column(name, Role.FEATURE, entry, defaults, None)


def _own(
    name: str, role: Role, entry: Entry, defaults: Mapping[ColumnKind, tuple[Method, float]], task: Task
) -> Watched:
    numeric = role is Role.SCORE or task is Task.REGRESSION
    kind = ColumnKind.NUMERIC if numeric else ColumnKind.CATEGORICAL
    return _column(name, role, entry, defaults, kind)


def _column(
    name: str,
    role: Role,
    entry: Entry,
    defaults: Mapping[ColumnKind, tuple[Method, float]],
    fixed: ColumnKind | None,
) -> Watched:
    fields = entry.fields(() if fixed else ("type",), ("type", "method", "threshold", "critical"))
    kind = fields["type"].one_of(ColumnKind) if "type" in fields else (fixed or ColumnKind.CATEGORICAL)
    if fixed and kind is not fixed:
        raise fields["type"].refusal(f"'{name}' of this task is {fixed}.", f"Write 'type: {fixed}' or leave it out.")
    if "method" in fields and "threshold" not in fields:
        raise entry.refusal("the method has no threshold.", "Add 'threshold:' beside it.")
    method, threshold = defaults[kind]
    if "method" in fields:
        method = _method(fields["method"], kind)
    if "threshold" in fields:
        threshold = _threshold(fields["threshold"])
    return Watched(name, role, kind, method, threshold, fields["critical"].flag() if "critical" in fields else False)


def _method(entry: Entry, kind: ColumnKind) -> Method:
    method = entry.one_of(Method)
    if not method.fits(kind):
        fitting = ", ".join(known for known in Method if known.fits(kind))
        raise entry.refusal(f"method '{method}' does not fit {kind} columns.", f"Use one of: {fitting}.")
    return method


def _performance(entry: Entry, task: Task) -> PerformanceRules:
    fields = entry.fields(("window", "min_labels", "label_lag", "degradation", "metrics"), ("every",))
    directions = {}
    for name, direction in fields["metrics"].members().items():
        if name not in METRICS[task]:
            raise direction.refusal(f"'{name}' is no metric of a {task} model.", f"Use: {', '.join(METRICS[task])}.")
        if direction.word() not in ("higher", "lower"):
            raise direction.refusal("the direction is not known.", "Write which is better: higher or lower.")
        directions[name] = direction.word() == "higher"
    return PerformanceRules(
        _window(fields["window"]),
        _every(fields),
        _size(fields["min_labels"]),
        _duration(fields["label_lag"]),
        _share(fields["degradation"]),
        directions,
    )


def _fairness(entry: Entry, whole: Mapping[str, Entry]) -> FairnessRules:
    fields = entry.fields(
        ("window", "threshold", "min_group", "suppress_below", "attributes"), ("every", "intersections")
    )
    if "positive" not in whole:
        raise entry.refusal("fairness needs a class that selects a person.", "Add 'positive:' to the set-up.")
    attributes = tuple(_attribute(name, item) for name, item in fields["attributes"].members().items())
    if not attributes:
        raise fields["attributes"].refusal("no attribute is named.", "Name them, and absent ones too.")
    known = {attribute.name for attribute in attributes}
    crossed = fields["intersections"].items() if "intersections" in fields else ()
    return FairnessRules(
        window=_window(fields["window"]),
        every=_every(fields),
        threshold=_share(fields["threshold"]),
        min_group=_size(fields["min_group"]),
        suppress_below=_size(fields["suppress_below"]),
        attributes=attributes,
        intersections=tuple(_crossing(pair, known) for pair in crossed),
    )


def _attribute(name: str, entry: Entry) -> ProtectedAttribute:
    if not _NAME.fullmatch(name):
        raise entry.refusal(f"'{name}' cannot be the name of an attribute.", 'Use a name without " or \\.')
    fields = entry.fields(("origin", "legal_basis"))
    return ProtectedAttribute(name, fields["origin"].one_of(Origin), fields["legal_basis"].text())


def _crossing(entry: Entry, known: set[str]) -> tuple[str, str]:
    names = entry.words()
    if len(names) != 2 or not set(names) <= known:
        raise entry.refusal("an intersection is of two attributes.", f"Name two of: {', '.join(sorted(known))}.")
    return names[0], names[1]


def _canary(entry: Entry) -> CanaryRules:
    fields = entry.fields(("every", "seed", "shift", "share"))
    share = _share(fields["share"])
    if not share or not fields["shift"].number():
        raise entry.refusal("a canary without a shift shows nothing.", "Make 'share' and 'shift' larger than 0.")
    return CanaryRules(_every(fields), fields["seed"].count(), fields["shift"].number(), share)


def _report(entry: Entry) -> ReportRules:
    fields = entry.fields(("every", "seed", "rows"))
    return ReportRules(_every(fields), fields["seed"].count(), _size(fields["rows"]))


def _duration(entry: Entry) -> timedelta:
    return entry.checked(lambda: parse_duration(entry.word()))


def _window(entry: Entry) -> timedelta:
    length = _duration(entry)
    if length < _DAY or length % _DAY:
        raise entry.refusal("a window is one or more whole days.", "Write, for instance, P7D.")
    return length


def _every(fields: Mapping[str, Entry]) -> int:
    return _window(fields["every"]) // _DAY if "every" in fields else 1


def _size(entry: Entry) -> int:
    if not entry.count():
        raise entry.refusal("the number is 0.", "Write 1 or more.")
    return entry.count()


def _threshold(entry: Entry) -> float:
    if not entry.number() > 0:
        raise entry.refusal("the threshold is not above 0.", "Write a number such as 0.1.")
    return entry.number()


def _share(entry: Entry) -> float:
    if not 0 <= entry.number() <= 1:
        raise entry.refusal("the share does not lie from 0 to 1.", "Write a number such as 0.05.")
    return entry.number()
