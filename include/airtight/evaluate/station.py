"""Station 3: judges controls on sealed populations. One result for each control that is due, whatever happens.

A deviation is data; an error is not knowing; unknown is never *pass*. A test whose inputs are missing or unreliable,
whose SQL fails or does not end, or that examined nothing, is *inconclusive* or *not-collected* with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from airtight.domain.control import DUE_TIERS, Authorship, Control, ControlTest, LifeCycle, ParameterValue, Stage
from airtight.domain.period import Window, parse_day, test_window
from airtight.domain.population import PopulationKind
from airtight.domain.result import ControlResult, Deviation, ResultState, TestResult, Untested, roll_up
from airtight.errors import DefinitionError, EvaluationError
from airtight.evaluate.attestations import POPULATION, attested, read_attestations
from airtight.evaluate.inputs import SelectedView, Selection, Trouble
from airtight.evaluate.job import Job, Limits, View, ViewFile
from airtight.evaluate.runner import Answer, Finding, Runner
from airtight.evaluate.shape import drawn_from_all, keys_unique, left_out, narrows
from airtight.evaluate.verdict import reach, unwaived
from airtight.evaluate.waivers import Coverage, Waiver, coverage, record_reference
from airtight.sql import Select, read_select

Files = Mapping[str, Path]
_UNSELECTED = Selection((), Trouble(ResultState.INCONCLUSIVE, "its inputs were not looked for"))


def due_on(control: Control, day: date) -> bool:
    """Whether a control owes a result on the evidence that ends with ``day``: retired ones owe none."""
    stage = control.stage_on(day)
    return control.is_due(day) and not (stage and stage.state is LifeCycle.RETIRED)


def evaluate_control(
    control: Control,
    day: date,
    selections: Mapping[str, Selection],
    files: Files,
    waivers: Sequence[Waiver],
    runner: Runner,
    authorship: Authorship,
    owners: Collection[str] = (),
) -> ControlResult | None:
    """The result of one control on one day; None where it owes none (``due_on``).

    Args:
        day: the last day of evidence.
        selections: test id -> what it rests on, over ``test_window(test.window, day)``.
        files: SHA-256 of a sealed population -> its local file.
        waivers: all waivers known.
        owners: ids of the persons who own the control, whose answers to its attestations do not count.

    Raises:
        DefinitionError: a test's window has no known form.
    """
    if not due_on(control, day):
        return None
    stage = control.stage_on(day)
    aside = _set_aside(control, stage)
    tests = tuple(
        _result(control, test, window, aside)
        if aside
        else evaluate_test(test, control, window, selections.get(test.id, _UNSELECTED), files, waivers, runner, owners)
        for test, window in ((as_run_on(test, control, day), test_window(test.window, day)) for test in control.tests)
    )
    state = aside.state if aside else roll_up(result.state for result in tests)
    return ControlResult(
        control=control.id,
        title=control.title,
        owner=control.owner,
        partition=day.isoformat(),
        state=state,
        reason=aside.reason if aside else _rolled_up(state, tests),
        tests=tests,
        definition_sha256=control.digest,
        authorship=authorship,
        requirements=tuple(sorted(control.requirements.items())),
        planned=stage is None or stage.state is LifeCycle.PLANNED,
    )


def as_run_on(test: ControlTest, control: Control, day: date) -> ControlTest:
    """The test as it runs on a day: bound to the charter in force, and to the tiers that are due where that differs."""
    bound: dict[str, ParameterValue] = {name: value.on(day) for name, value in test.chartered.items()}
    if DUE_TIERS in test.parameters:
        bound[DUE_TIERS] = control.due_tiers(day)
    return replace(test, parameters={**test.parameters, **bound}) if bound else test


def evaluate_test(
    test: ControlTest,
    control: Control,
    window: Window,
    selection: Selection,
    files: Files,
    waivers: Sequence[Waiver],
    runner: Runner,
    owners: Collection[str] = (),
) -> TestResult:
    """What one test finds over one window. Never raises for what the evidence or the SQL does: that is a result."""
    aside = _awaited(test) or selection.trouble
    if aside:
        return _result(control, test, window, aside, selection)
    waived = coverage(waivers, control.id, test.id, window.end)
    try:
        if test.kind == "attestation":
            return _attested(control, test, window, selection, files, waived, owners)
        answer = runner.run(prepare(test, window, selection, files, runner.limits))
    except (EvaluationError, DefinitionError) as error:
        return _result(control, test, window, Trouble(ResultState.INCONCLUSIVE, str(error)), selection)
    return _judged(control, test, window, selection, answer, waived)


def prepare(test: ControlTest, window: Window, selection: Selection, files: Files, limits: Limits) -> Job:
    """The job that runs a test on local files.

    Raises:
        DefinitionError: the SQL does not pass the gate.
        EvaluationError: a file that the selection needs is not among ``files``.
    """
    population, tested, deviations = _gated(test)
    views = tuple(_view(view, files) for view in selection.views)
    unique = {view.name: view.schema.key for view in selection.views if _holds_each_key_once(view)}
    rest = left_out(population.tree, tested.tree) if tested else None
    population_unique = keys_unique(population.tree, unique)
    return Job(
        views=views,
        requires=test.requires,
        population=population.text,
        tested=tested.text if tested else None,
        untested=rest.sql(dialect="duckdb") if rest and population_unique else None,
        deviations=deviations.text,
        parameters=test.parameters,
        window=window,
        limits=limits,
        population_unique=population_unique,
        tested_unique=keys_unique(tested.tree, unique) if tested else False,
        tested_within=rest is not None,
        deviations_within=narrows(deviations.tree, (tested or population).tree)
        or (tested is None and drawn_from_all(deviations.tree, population.tree)),
    )


def _gated(test: ControlTest) -> tuple[Select, Select | None, Select]:
    def gate(part: str, sql: str) -> Select:
        return read_select(sql, test.populations, test.parameters, where=f"{test.id}.{part}")

    tested = gate("tested", test.tested) if test.tested else None
    return gate("population", test.population), tested, gate("deviations", test.deviations)


def _view(view: SelectedView, files: Files) -> View:
    event = view.schema.kind is PopulationKind.EVENT
    return View(
        name=view.name,
        columns=tuple((column.name, column.sql_type) for column in view.schema.columns),
        files=tuple(ViewFile(_local(m.sha256, files), m.source, parse_day(m.partition)) for m in view.members),
        history=view.history,
        distinct_by=view.schema.key if event and not view.history else (),
    )


def _local(sha256: str | None, files: Files) -> Path:
    try:
        return files[sha256 or ""].resolve()
    except KeyError:
        raise EvaluationError(f"the sealed file {sha256} was not fetched") from None


def _holds_each_key_once(view: SelectedView) -> bool:
    # In one file the quality station vouches for unique keys; over several files only events are de-duplicated.
    return not view.history and (view.schema.kind is PopulationKind.EVENT or len(view.members) <= 1)


def _awaited(test: ControlTest) -> Trouble | None:
    if test.awaits:
        return Trouble(ResultState.NOT_COLLECTED, test.awaits)
    return None


def _set_aside(control: Control, stage: Stage | None) -> Trouble | None:
    """Why a control is not tested at this point of its life."""
    if stage is None or stage.state is LifeCycle.PLANNED:
        later = [
            each.since
            for each in control.life
            if each.state is LifeCycle.ACTIVE and (not stage or each.since > stage.since)
        ]
        return Trouble(ResultState.NOT_COLLECTED, f"planned, from {min(later)}" if later else "planned, no date set")
    if stage.state is LifeCycle.NOT_APPLICABLE:
        reason = f"not applicable since {stage.since}: {stage.reason} (approved by {stage.approver})"
        return Trouble(ResultState.NOT_APPLICABLE, reason)
    return None


def _result(
    control: Control, test: ControlTest, window: Window, trouble: Trouble, selection: Selection | None = None
) -> TestResult:
    """A result without a verdict."""
    return TestResult(
        control=control.id,
        test=test.id,
        state=trouble.state,
        reason=trouble.reason,
        window=window,
        population_n=None,
        tested_n=None,
        deviations=(),
        untested=(),
        inputs=selection.inputs() if selection else (),
        parameters=tuple(sorted(test.parameters.items())),
        definition_sha256=control.digest,
        causes=trouble.causes,
    )


def _judged(
    control: Control, test: ControlTest, window: Window, selection: Selection, answer: Answer, waived: Coverage
) -> TestResult:
    head = answer.head
    deviations = tuple(_deviation(test, head.keys, finding, waived) for finding in answer.deviations)
    verdict = reach(test, selection, head, unwaived(head, deviations, waived))
    blank = _result(control, test, window, Trouble(verdict.state, verdict.reason), selection)
    if head.lacking:
        return blank
    reason = test.untested_reason or "the test's SQL does not examine it"
    return replace(
        blank,
        reason=verdict.reason + _cut(head.deviation_n, len(deviations)),
        population_n=head.population_n,
        tested_n=head.tested_n,
        deviations=deviations,
        untested=tuple(Untested(_named(head.keys, key), reason) for key in answer.untested),
        no_occurrence=verdict.no_occurrence,
        deviations_omitted=head.deviation_n - len(deviations),
        untested_omitted=head.untested_n - len(answer.untested),
    )


def _attested(
    control: Control,
    test: ControlTest,
    window: Window,
    selection: Selection,
    files: Files,
    waived: Coverage,
    owners: Collection[str],
) -> TestResult:
    """What the answer of a person makes of a test."""
    members = (member for member in selection.members if member.population == POPULATION)
    answers = read_attestations(_local(member.sha256, files) for member in members)
    found = attested(control, test, window, answers, owners)
    blank = _result(control, test, window, Trouble(found.state, found.reason), selection)
    if not found.answered:
        return blank
    blank = replace(blank, population_n=1, tested_n=1)
    if found.deviation is None:
        return blank
    waiver = waived.of(record_reference(test.id, [value for _, value in found.deviation.key]))
    state = ResultState.EXCEPTIONS if waiver else found.state
    return replace(blank, state=state, deviations=(replace(found.deviation, waiver=waiver),))


def _deviation(test: ControlTest, keys: tuple[str, ...], finding: Finding, waived: Coverage) -> Deviation:
    waiver = waived.of(record_reference(test.id, finding.key))
    return Deviation(_named(keys, finding.key), finding.details, waiver)


def _named(keys: tuple[str, ...], values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(zip(keys, values, strict=True))


def _cut(total: int, shown: int) -> str:
    return f"; {total} deviation rows, of which the first {shown} by key are listed" if total > shown else ""


def _rolled_up(state: ResultState, tests: tuple[TestResult, ...]) -> str:
    """The reasons of the tests that gave the control its state."""
    if not tests:
        return "the control has no test"
    decisive = {state}
    if state is ResultState.INCONCLUSIVE:
        decisive.add(ResultState.NOT_COLLECTED)
    return "; ".join(f"{test.test}: {test.reason}" for test in tests if test.state in decisive)
