"""The ``tests`` of a control: procedure, SQL and worked examples.

Refused: SQL that does not pass the gate, a view that the catalog does not have, a window that is none, a placeholder
in the procedure or a parameter in the SQL that is not declared, an example over unknown views or columns.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date

from airtight.definitions.charter import Charter
from airtight.definitions.populations import HISTORY
from airtight.document import Entry
from airtight.domain.control import DUE_TIERS, Case, CharterValue, ControlTest, ParameterValue, Row
from airtight.domain.period import test_window as window_of
from airtight.domain.population import PopulationKind, PopulationSchema
from airtight.sql import WINDOW_PARAMETERS, read_select

Schemas = Mapping[str, PopulationSchema]

_PARAMETER = re.compile(r"[a-z][a-z0-9_]*")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_JUDGED = ("populations", "requires", "population", "tested", "untested_reason", "deviations", "tolerance", "empty_ok")
_TAKEN = WINDOW_PARAMETERS | {DUE_TIERS}
_CHARTERED = ("charter", "default")
NO_CHARTER = Charter()
_OPTIONAL = ("title", "kind", *_JUDGED, "parameters", "awaits", "cases", "attester")


def read_test(
    entry: Entry,
    control: str,
    title: str,
    schemas: Schemas,
    depth: tuple[str, ...] = (),
    charter: Charter = NO_CHARTER,
) -> ControlTest:
    """One entry of a control's ``tests``.

    Args:
        control: id of the control; the test's id begins with it and a dot.
        title: the control's title, for a test that has none of its own.
        depth: tiers that are examined at times of their own; the SQL then has those due as ``$due_tiers``.

        charter: holds the value of each parameter of the form ``{charter: KEY, default: VALUE}``.

    Raises:
        DefinitionError: the test is refused.
    """
    fields = entry.fields(("id", "procedure", "window"), _OPTIONAL)
    kind = _kind(fields)
    _check_completeness(entry, fields, kind)
    views = _views(fields, schemas)
    parameters = _parameters(fields.get("parameters")) | ({DUE_TIERS: depth} if depth and kind == "sql" else {})
    return ControlTest(
        id=_id(fields["id"], control),
        title=fields["title"].text() if "title" in fields else title,
        kind=kind,
        procedure=_procedure(fields["procedure"], parameters),
        window=_window(fields["window"]),
        populations=views,
        requires=_required(fields.get("requires"), views),
        population=_sql(fields.get("population"), views, parameters) or "",
        tested=_sql(fields.get("tested"), views, parameters),
        untested_reason=fields["untested_reason"].text() if "untested_reason" in fields else None,
        deviations=_sql(fields.get("deviations"), views, parameters) or "",
        parameters=parameters,
        tolerance=_tolerance(fields.get("tolerance")),
        empty_ok=fields["empty_ok"].flag() if "empty_ok" in fields else False,
        cases=tuple(_cases(fields.get("cases"), views, parameters, schemas)),
        awaits=fields["awaits"].text() if "awaits" in fields else None,
        attester=fields["attester"].text() if "attester" in fields else None,
        chartered=_chartered(fields.get("parameters"), charter),
    )


def _kind(fields: Mapping[str, Entry]) -> str:
    kind = fields["kind"].word() if "kind" in fields else "sql"
    if kind not in ("sql", "attestation"):
        raise fields["kind"].refusal(f"kind is '{kind}'.", "Use sql (the default) or attestation.")
    return kind


def _check_completeness(entry: Entry, fields: Mapping[str, Entry], kind: str) -> None:
    if kind == "attestation":
        for key in _JUDGED[2:]:
            if key in fields:
                raise fields[key].refusal(f"an attestation has no '{key}'.", "A person answers; remove it.")
        return
    if "attester" in fields:
        raise fields["attester"].refusal("only an attestation has somebody who answers.", "Remove 'attester'.")
    wanted = () if "awaits" in fields else ("populations", "population", "deviations")
    if missing := [key for key in wanted if key not in fields]:
        raise entry.refusal(f"key '{missing[0]}' is missing.", f"Add '{missing[0]}:', or 'awaits:' with the reason.")
    if ("tested" in fields) != ("untested_reason" in fields):
        raise entry.refusal("'tested' and 'untested_reason' go together.", "Say why the rest is not tested.")


def _id(entry: Entry, control: str) -> str:
    if not re.fullmatch(re.escape(control) + r"\.T[1-9][0-9]*", entry.word()):
        raise entry.refusal(f"'{entry.word()}' is no id for a test of {control}.", f"Call it {control}.T1, .T2 ...")
    return entry.word()


def _window(entry: Entry) -> str:
    try:
        entry.checked(lambda: window_of(entry.word(), date(2026, 6, 30)))
    except (ValueError, OverflowError):
        raise entry.refusal(f"'{entry.word()}' is not a window.", "Use day, month, quarter or P<n>D.") from None
    return entry.word()


def _views(fields: Mapping[str, Entry], schemas: Schemas) -> tuple[str, ...]:
    if "populations" not in fields:
        return ()
    for item, view in zip(fields["populations"].items(), fields["populations"].words(), strict=True):
        schema = schemas.get(population_of(view))
        if schema is None:
            raise item.refusal(f"the population '{view}' is unknown.", "See catalog/populations.")
        if view.endswith(HISTORY) and schema.kind is PopulationKind.EVENT:
            raise item.refusal(f"'{view}': events have no daily states.", f"Read {schema.name}.")
    return fields["populations"].words()


def population_of(view: str) -> str:
    """The population that a view shows: ``accounts`` for ``accounts`` and ``accounts_history``."""
    return view.removesuffix(HISTORY)


def _required(entry: Entry | None, views: tuple[str, ...]) -> tuple[str, ...]:
    for item, view in zip(entry.items(), entry.words(), strict=True) if entry else ():
        if view not in views:
            raise item.refusal(f"'{view}' is not among the test's populations.", f"Declared: {', '.join(views)}.")
    return entry.words() if entry else ()


def _parameters(entry: Entry | None, taken: Collection[str] = _TAKEN) -> dict[str, ParameterValue]:
    found: dict[str, ParameterValue] = {}
    for name, value in entry.members().items() if entry else ():
        if not _PARAMETER.fullmatch(name) or name in taken:
            raise value.refusal(
                f"'{name}' is no name for a parameter.", "Use a-z, 0-9 and _; the window's and due_tiers are taken."
            )
        found[name] = _parameter(value)
    return found


def _parameter(entry: Entry) -> ParameterValue:
    value = entry.value()
    if isinstance(value, dict):
        return _parameter(entry.fields(_CHARTERED)["default"])
    if isinstance(value, list):
        return tuple(item.word() for item in entry.items())
    if value is None:
        remedy = "Write it flat, or as {charter: KEY, default: VALUE}."
        raise entry.refusal("a parameter is text, a number, true, false or a list of words.", remedy)
    return value


def _chartered(entry: Entry | None, charter: Charter) -> dict[str, CharterValue]:
    """The parameters whose values stand in the charter."""
    found = {}
    for name, value in entry.members().items() if entry else ():
        if isinstance(value.value(), dict):
            fields = value.fields(_CHARTERED)
            found[name] = charter.value(fields["charter"].text(), _parameter(fields["default"]), value)
    return found


def _procedure(entry: Entry, parameters: Mapping[str, ParameterValue]) -> str:
    for name in _PLACEHOLDER.findall(entry.text()):
        if name not in parameters:
            raise entry.refusal(f"the procedure names {{{name}}}, which is no parameter.", "Declare it in parameters.")
    return entry.text()


def _sql(entry: Entry | None, views: tuple[str, ...], parameters: Mapping[str, ParameterValue]) -> str | None:
    if entry is None:
        return None
    return read_select(entry.text(), views, tuple(parameters), where=entry.where).text


def _tolerance(entry: Entry | None) -> float:
    share = entry.number() if entry else 0.0
    if entry and not 0 <= share < 1:
        raise entry.refusal(f"tolerance is {share:g}.", "It is a share of the tested items, from 0 to below 1.")
    return share


def _cases(
    entry: Entry | None, views: tuple[str, ...], parameters: Mapping[str, ParameterValue], schemas: Schemas
) -> Iterator[Case]:
    seen: set[str] = set()
    for item in entry.items() if entry else ():
        case = _case(item, views, parameters, schemas)
        if case.name in seen:
            raise item.refusal(f"two cases are named '{case.name}'.", "Rename one.")
        seen.add(case.name)
        yield case


def _case(entry: Entry, views: tuple[str, ...], parameters: Mapping[str, ParameterValue], schemas: Schemas) -> Case:
    optional = ("deviations", "population", "tested", "day", "parameters", "inconclusive")
    fields = entry.fields(("name", "given"), optional)
    inconclusive = fields["inconclusive"].flag() if "inconclusive" in fields else False
    deviations = fields["deviations"].items() if "deviations" in fields else ()
    if inconclusive == bool(deviations) and (inconclusive or "deviations" not in fields):
        raise entry.refusal("a case says 'deviations' or 'inconclusive: true'.", "Write 'deviations: []' for none.")
    return Case(
        name=fields["name"].text(),
        given=_given(fields["given"], views, schemas),
        deviations=tuple(_row(item) for item in deviations),
        population=fields["population"].count() if "population" in fields else None,
        tested=fields["tested"].count() if "tested" in fields else None,
        **({"day": fields["day"].day()} if "day" in fields else {}),
        parameters=_overrides(fields.get("parameters"), parameters),
        inconclusive=inconclusive,
    )


def _given(entry: Entry, views: tuple[str, ...], schemas: Schemas) -> dict[str, tuple[Row, ...]]:
    given = {}
    for view, rows in entry.members().items():
        if view not in views:
            raise rows.refusal(f"'{view}' is not among the test's populations.", f"Declared: {', '.join(views)}.")
        columns = {*schemas[population_of(view)].column_names, "_source", *(["_day"] * view.endswith(HISTORY))}
        given[view] = tuple(_given_row(row, columns) for row in rows.items())
    return given


def _given_row(entry: Entry, columns: set[str]) -> Row:
    for name, cell in entry.members().items():
        if name not in columns:
            raise cell.refusal(f"the population has no column '{name}'.", f"Columns: {', '.join(sorted(columns))}.")
    return _row(entry)


def _row(entry: Entry) -> Row:
    return {name: cell.value() for name, cell in entry.members().items()}


def _overrides(entry: Entry | None, declared: Mapping[str, ParameterValue]) -> dict[str, ParameterValue]:
    overrides = _parameters(entry, _TAKEN - set(declared))
    if entry and (unknown := sorted(set(overrides) - set(declared))):
        raise entry.refusal(f"'{unknown[0]}' is no parameter of the test.", f"Declared: {', '.join(declared)}.")
    return overrides
