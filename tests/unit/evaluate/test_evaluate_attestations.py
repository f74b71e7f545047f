"""Attestation tests: whose answer counts for which period, and what it makes of the test."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from evaluate_samples import AUTHORSHIP, CONTROL, SCHEMAS, files_of, sealed, test_like

from airtight.domain.control import Control
from airtight.domain.period import test_window as window_of
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema
from airtight.domain.result import ResultState, TestResult
from airtight.evaluate.attestations import Attestation, attested, select_answers
from airtight.evaluate.runner import Runner
from airtight.evaluate.station import evaluate_control
from airtight.evaluate.waivers import Waiver

SUNDAY = date(2026, 6, 28)
OWNERS = {"E1"}
WEEKLY = test_like(kind="attestation", window="P7D", populations=(), population="", deviations="", attester="Auditor")
ANSWER = Attestation(
    attested_at=datetime(2026, 6, 29, 9, tzinfo=UTC),
    id="ATT-1",
    control="XX-01",
    test="XX-01.T1",
    first=date(2026, 6, 22),
    last=SUNDAY,
    answer="holds",
    statement="I read the log.",
    by="E2",
)
SCHEMA = PopulationSchema(
    name="attestations",
    title="Attestations",
    kind=PopulationKind.EVENT,
    sensitivity="internal-pii",
    key=("attestation_id",),
    columns=(Column("attestation_id", ColumnType.ID), Column("period_end", ColumnType.DATE)),
    event_time="period_end",
)


def verdict(*answers: Attestation, window: str = "P7D", day: date = SUNDAY, owners: set[str] = OWNERS):
    test = replace(WEEKLY, window=window)
    return attested(CONTROL, test, window_of(window, day), answers, owners)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("holds", ResultState.PASS),
        ("exceptions", ResultState.EXCEPTIONS),
        ("does-not-hold", ResultState.FAIL),
    ],
)
def test_an_answer_decides(answer: str, state: ResultState) -> None:
    found = verdict(replace(ANSWER, answer=answer))
    assert (found.state, found.answered) == (state, True)
    assert (found.deviation is None) == (answer == "holds")


def test_nobodys_answer_is_not_collected_and_says_who_is_awaited() -> None:
    found = verdict()
    assert found.state is ResultState.NOT_COLLECTED
    assert found.reason == "awaits the answer of Auditor for 2026-06-22 to 2026-06-28"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"by": "E1"}, "they own the control"),
        ({"control": "XX-02"}, "names XX-02"),
        ({"answer": None}, "does not say whether the control holds"),
        ({"answer": "perhaps"}, "does not say whether the control holds"),
        ({"statement": "  "}, "states nothing"),
        ({"attested_at": datetime(2026, 6, 27, 23, 59, tzinfo=UTC)}, "before the period had ended"),
    ],
)
def test_an_answer_that_does_not_count_leaves_it_open(change: dict[str, object], reason: str) -> None:
    found = verdict(replace(ANSWER, **change))
    assert (found.state, found.answered) == (ResultState.INCONCLUSIVE, False)
    assert reason in found.reason


def test_nobody_answers_where_it_is_not_known_who_owns_the_control() -> None:
    assert verdict(ANSWER, owners=set()).state is ResultState.INCONCLUSIVE


def test_the_last_instant_before_the_last_day_is_too_early_and_the_day_itself_is_not() -> None:
    assert verdict(replace(ANSWER, attested_at=datetime(2026, 6, 28, tzinfo=UTC))).state is ResultState.PASS


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [
        (date(2026, 6, 22), date(2026, 6, 28), True),
        (date(2026, 6, 1), date(2026, 6, 28), True),  # longer than asked
        (date(2026, 6, 16), date(2026, 6, 22), True),  # ended within the last seven days
        (date(2026, 6, 15), date(2026, 6, 21), False),  # the week before
        (date(2026, 6, 23), date(2026, 6, 28), False),  # a day too short
        (date(2026, 6, 23), date(2026, 6, 29), False),  # ends after the window
    ],
)
def test_the_period_must_reach(first: date, last: date, counts: bool) -> None:
    told = replace(ANSWER, first=first, last=last, attested_at=datetime(2026, 7, 2, tzinfo=UTC))
    assert verdict(told).answered is counts


@pytest.mark.parametrize(
    ("first", "counts"), [(date(2026, 4, 1), True), (date(2026, 3, 31), False), (date(2026, 4, 2), False)]
)
def test_a_quarter_is_answered_for_as_a_quarter(first: date, counts: bool) -> None:
    end = date(2026, 6, 30)
    told = replace(ANSWER, first=first, last=end, attested_at=datetime(2026, 7, 2, tzinfo=UTC))
    assert verdict(told, window="quarter", day=end).answered is counts


def test_the_latest_answer_counts_and_one_that_does_not_count_hides_none() -> None:
    later = replace(ANSWER, id="ATT-2", answer="does-not-hold", attested_at=datetime(2026, 6, 30, tzinfo=UTC))
    by_owner = replace(ANSWER, id="ATT-3", by="E1", attested_at=datetime(2026, 7, 1, tzinfo=UTC))
    assert verdict(ANSWER, later, by_owner).state is ResultState.FAIL


def test_an_answer_to_another_test_is_none() -> None:
    assert verdict(replace(ANSWER, test="XX-01.T2")).state is ResultState.NOT_COLLECTED


# ---- through the station --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory):
    with Runner(scratch=tmp_path_factory.mktemp("runner")) as started:
        yield started


def kept(folder: Path, *answers: Attestation, name: str = "a") -> Path:
    file = folder / f"{name}.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t (attested_at TIMESTAMP, attestation_id VARCHAR, control_id VARCHAR, test_id VARCHAR,"
            " period_start DATE, period_end DATE, answer VARCHAR, statement VARCHAR, attested_by VARCHAR)"
        )
        for each in answers:
            row = [each.attested_at.replace(tzinfo=None), each.id, each.control, each.test, each.first, each.last]
            connection.execute(
                "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [*row, each.answer, each.statement, each.by]
            )
        connection.execute(f"COPY t TO '{file}' (FORMAT parquet)")
    return file


def judged(runner: Runner, folder: Path, *answers: Attestation, waivers: tuple[Waiver, ...] = ()) -> TestResult:
    file = kept(folder, *answers)
    record = sealed(file, population="attestations", source="form", day=SUNDAY)
    window = window_of("P7D", SUNDAY)
    selection = select_answers({**SCHEMAS, "attestations": SCHEMA}, [record], window, {("form", "attestations")})
    control: Control = replace(CONTROL, tests=(WEEKLY,))
    result = evaluate_control(
        control, SUNDAY, {WEEKLY.id: selection}, files_of({record: file}), waivers, runner, AUTHORSHIP, OWNERS
    )
    assert result
    return result.tests[0]


def test_the_result_names_the_sealed_answer_that_it_rests_on(runner: Runner, tmp_path: Path) -> None:
    result = judged(runner, tmp_path, replace(ANSWER, answer="does-not-hold", statement="Nobody read it."))
    assert (result.state, result.population_n, result.tested_n, result.deviation_n) == (ResultState.FAIL, 1, 1, 1)
    assert dict(result.deviations[0].key) == {"attestation_id": "ATT-1"}
    assert dict(result.deviations[0].details)["observed"] == "does-not-hold: Nobody read it."
    digest = hashlib.sha256((tmp_path / "a.parquet").read_bytes()).hexdigest()
    assert [each.sha256 for each in result.inputs] == [digest]


def test_a_waiver_marks_an_answer_and_makes_it_an_exception(runner: Runner, tmp_path: Path) -> None:
    year = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    waiver = Waiver("W-1", "record", "XX-01.T1:ATT-1", "active", *year)
    result = judged(runner, tmp_path, replace(ANSWER, answer="does-not-hold"), waivers=(waiver,))
    assert (result.state, result.waived_n) == (ResultState.EXCEPTIONS, 1)


def test_an_empty_population_of_answers_is_nobodys_answer(runner: Runner, tmp_path: Path) -> None:
    assert judged(runner, tmp_path).state is ResultState.NOT_COLLECTED


def test_without_a_source_of_answers_the_test_is_not_collected() -> None:
    selection = select_answers({**SCHEMAS, "attestations": SCHEMA}, [], window_of("P7D", SUNDAY), set())
    assert selection.trouble
    assert selection.trouble.state is ResultState.NOT_COLLECTED


def test_answers_are_looked_for_on_all_days_of_the_window_and_nowhere_else(tmp_path: Path) -> None:
    file = kept(tmp_path, ANSWER)
    days = {day: sealed(file, population="attestations", day=date(2026, 6, day)) for day in (21, 22, 28, 29)}
    broken = sealed(file, population="attestations", source="other", day=SUNDAY, trouble="not unique")
    empty = sealed(file, population="attestations", source="third", day=SUNDAY, rows=0)
    records = [*days.values(), broken, empty]
    found = select_answers({**SCHEMAS, "attestations": SCHEMA}, records, window_of("P7D", SUNDAY), set())
    assert found.members == (days[22], days[28])
