"""Which sealed populations a control test rests on, and whether it may rest on them. Pure: nothing is read.

An event view needs every day of the window from every source that owes the population; a snapshot or register the last
day; a history every day. Whatever is missing, unreliable or not provable is trouble with a reason that names source,
population and day, and the test is then not judged. A population that no source provides is *not-collected*.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from airtight.domain.bundle import SealedPopulation
from airtight.domain.collection import Completeness
from airtight.domain.control import ControlTest
from airtight.domain.period import Window, parse_day
from airtight.domain.population import PopulationKind, PopulationSchema
from airtight.domain.result import Input, ResultState
from airtight.errors import EvaluationError
from airtight.evaluate.job import HISTORY


@dataclass(frozen=True)
class SelectedView:
    """One view of a test and the sealed files that make it up, by day and source."""

    name: str
    schema: PopulationSchema
    history: bool
    members: tuple[SealedPopulation, ...]

    @property
    def rows(self) -> int:
        return sum(member.rows for member in self.members)


@dataclass(frozen=True)
class Trouble:
    """Why a test cannot be judged: not-collected or inconclusive, in a sentence, and the sources at fault."""

    state: ResultState
    reason: str
    causes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selection:
    """What a test rests on."""

    views: tuple[SelectedView, ...]
    trouble: Trouble | None = None

    @property
    def members(self) -> tuple[SealedPopulation, ...]:
        """The sealed populations whose files the test reads, each once."""
        return tuple(dict.fromkeys(member for view in self.views for member in view.members))

    @property
    def unproven_events(self) -> tuple[SealedPopulation, ...]:
        """Event inputs whose completeness is not proven: an empty population over them proves nothing."""
        events = (view for view in self.views if view.schema.kind is PopulationKind.EVENT)
        return tuple(m for view in events for m in view.members if m.completeness is not Completeness.PROVEN)

    def inputs(self) -> tuple[Input, ...]:
        """The inputs as a result names them, in a fixed order."""
        found = (
            Input(m.population, m.partition, m.source, m.bundle, m.sha256, m.rows) for m in self.members if m.sha256
        )
        return tuple(sorted(found, key=lambda item: (item.population, item.partition, item.source)))


def select(
    test: ControlTest,
    window: Window,
    schemas: Mapping[str, PopulationSchema],
    sealed: Sequence[SealedPopulation],
    expected: Collection[tuple[str, str]],
) -> Selection:
    """The sealed populations that a test over a window needs.

    Args:
        sealed: the latest, non-superseded record of each source, population and day; others are passed over.
        expected: (source, population) for all that the declared sources owe each day.

    Raises:
        EvaluationError: the test lists a population that has no schema, or ``sealed`` holds the same source,
            population and day twice.
    """
    known = _by_place(sealed)
    views = []
    trouble: list[Trouble] = []
    for name in test.populations:
        schema = _schema(name, schemas, test)
        history = name not in schemas
        days = tuple(window.days()) if history or schema.kind is PopulationKind.EVENT else (window.last_day,)
        sources = _sources(schema.name, days, known, expected)
        view = SelectedView(name, schema, history, tuple(_members(schema.name, days, sources, known)))
        views.append(view)
        trouble += _troubles(view, days, expected, known)
    return Selection(tuple(views), _worst(trouble))


_Place = tuple[str, str, date]


def _by_place(sealed: Sequence[SealedPopulation]) -> dict[_Place, SealedPopulation]:
    known: dict[_Place, SealedPopulation] = {}
    for record in sealed:
        place = (record.population, record.source, parse_day(record.partition))
        if place in known:
            raise EvaluationError(f"{_of(*place)} is given twice", remedy="Give the latest bundle of each day only.")
        known[place] = record
    return known


def _schema(view: str, schemas: Mapping[str, PopulationSchema], test: ControlTest) -> PopulationSchema:
    schema = schemas.get(view) or schemas.get(view.removesuffix(HISTORY))
    if schema is None:
        raise EvaluationError(f"the test lists '{view}', which is no population", where=test.id)
    return schema


def _sources(
    population: str,
    days: tuple[date, ...],
    known: Mapping[_Place, SealedPopulation],
    expected: Collection[tuple[str, str]],
) -> tuple[str, ...]:
    declared = {source for source, owed in expected if owed == population}
    delivered = {source for name, source, day in known if name == population and day in days}
    return tuple(sorted(declared | delivered))


def _members(
    population: str, days: tuple[date, ...], sources: tuple[str, ...], known: Mapping[_Place, SealedPopulation]
) -> Iterator[SealedPopulation]:
    for day in days:
        for source in sources:
            record = known.get((population, source, day))
            if record is not None and record.collected and record.member is not None:
                yield record


def _troubles(
    view: SelectedView,
    days: tuple[date, ...],
    expected: Collection[tuple[str, str]],
    known: Mapping[_Place, SealedPopulation],
) -> Iterator[Trouble]:
    population = view.schema.name
    sources = _sources(population, days, known, expected)
    if not sources:
        yield Trouble(ResultState.NOT_COLLECTED, f"no source provides {population}")
        return
    for day in days:
        for source in sources:
            reason = _fault(known.get((population, source, day)), owed=(source, population) in expected)
            if reason:
                yield Trouble(ResultState.INCONCLUSIVE, f"{_of(population, source, day)} {reason}", (source,))
    doubtful = [member for member in view.members if member.completeness is not Completeness.PROVEN]
    if view.members and not view.rows and doubtful:
        first = doubtful[0]
        place = _of(population, first.source, parse_day(first.partition))
        yield Trouble(
            ResultState.INCONCLUSIVE, f"{place} is empty, and nothing proves that it should be", (first.source,)
        )


def _fault(record: SealedPopulation | None, *, owed: bool) -> str | None:
    """What is wrong with one day of one source, or None. A source no longer declared owes nothing.

    What was collected by backfill counts: station 1 refuses a snapshot of a past day unless its source keeps history.
    """
    if record is None:
        return "is missing" if owed else None
    if not record.collected or record.member is None:
        return f"was not collected: {record.trouble or 'no reason was recorded'}"
    if record.trouble:
        return f"cannot be relied on: {record.trouble}"
    return None


def _worst(trouble: list[Trouble]) -> Trouble | None:
    """One trouble for the test: not-collected before inconclusive; the first reason, and how many more there are."""
    for state in (ResultState.NOT_COLLECTED, ResultState.INCONCLUSIVE):
        found = [each for each in trouble if each.state is state]
        if found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            causes = {cause for each in found for cause in each.causes}
            return Trouble(state, found[0].reason + more, tuple(sorted(causes)))
    return None


def _of(population: str, source: str, day: date) -> str:
    return f"{population} of {source} for {day.isoformat()}"
