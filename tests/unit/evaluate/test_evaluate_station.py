"""Verdicts: which state a control gets, and that not knowing is never a pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from evaluate_samples import AUTHORSHIP, CONTROL, DAY, SCHEMAS, files_of, logins, sealed, test_like
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airtight.domain.bundle import SealedPopulation
from airtight.domain.collection import Completeness
from airtight.domain.control import Control, ControlTest, LifeCycle, Stage
from airtight.domain.period import Frequency, day_window
from airtight.domain.result import ControlResult, ResultState, TestResult
from airtight.evaluate.inputs import select
from airtight.evaluate.job import Limits
from airtight.evaluate.runner import Runner
from airtight.evaluate.station import due_on, evaluate_control, evaluate_test
from airtight.evaluate.waivers import Waiver, read_waivers, record_reference

END = datetime(2026, 7, 1, tzinfo=UTC)
OWED = {("idp", "logins")}


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner(Limits(seconds=20)) as started:
        yield started


def rows(passing: int, deviating: int) -> list[tuple[object, ...]]:
    good = [(f"g{n}", "2026-06-30 10:00:00", True, None) for n in range(passing)]
    return good + [(f"b{n}", "2026-06-30 10:00:00", False, None) for n in range(deviating)]


def judged(
    runner: Runner, test: ControlTest, file: Path, waivers: Sequence[Waiver] = (), **changes: object
) -> TestResult:
    record = sealed(file, **changes)  # type: ignore[arg-type]
    selection = select(test, day_window(DAY), SCHEMAS, [record], OWED)
    return evaluate_test(test, CONTROL, day_window(DAY), selection, files_of({record: file}), waivers, runner)


@pytest.mark.parametrize(
    ("tolerance", "deviating", "state"),
    [
        (0, 0, ResultState.PASS),
        (0, 1, ResultState.FAIL),
        (0.1, 0, ResultState.PASS),
        (0.1, 1, ResultState.EXCEPTIONS),
        (0.1, 2, ResultState.FAIL),
    ],
)
def test_tolerance_is_a_share_of_the_tested(
    runner: Runner, tmp_path: Path, tolerance: float, deviating: int, state: ResultState
) -> None:
    file = logins(tmp_path, "l", rows(10 - deviating, deviating))
    result = judged(runner, test_like(tolerance=tolerance), file)
    assert (result.state, result.population_n, result.tested_n, result.deviation_n) == (state, 10, 10, deviating)


def test_a_result_names_what_it_rests_on(runner: Runner, tmp_path: Path) -> None:
    file = logins(tmp_path, "l", rows(1, 1))
    result = judged(runner, test_like(parameters={"unused": 1}), file)
    assert [(i.population, i.partition, i.source, i.rows) for i in result.inputs] == [
        ("logins", "2026-06-30", "idp", 2)
    ]
    assert result.definition_sha256 == CONTROL.digest
    assert result.parameters == (("unused", 1),)
    assert result.deviations[0].key == (("login_id", "b0"),)
    assert result.deviations[0].details == (("observed", False),)


def test_items_that_are_not_tested_are_listed_with_the_reason(runner: Runner, tmp_path: Path) -> None:
    test = test_like(
        tested="SELECT login_id FROM logins WHERE mfa", deviations="SELECT login_id FROM logins WHERE FALSE"
    )
    result = judged(runner, replace(test, untested_reason="not yet due"), logins(tmp_path, "l", rows(2, 1)))
    assert result.state is ResultState.PASS
    assert [(item.key, item.reason) for item in result.untested] == [((("login_id", "b0"),), "not yet due")]


NO_MATCH = "SELECT login_id FROM logins WHERE FALSE"


@pytest.mark.parametrize(
    ("changes", "grade", "state"),
    [
        ({"empty_ok": True}, Completeness.PROVEN, ResultState.PASS),
        ({"empty_ok": True}, Completeness.EXHAUSTED, ResultState.INCONCLUSIVE),
        ({"empty_ok": True}, Completeness.UNPROVEN, ResultState.INCONCLUSIVE),
        ({"empty_ok": False}, Completeness.PROVEN, ResultState.INCONCLUSIVE),
    ],
)
def test_an_empty_population_passes_only_where_that_is_allowed_and_proven(
    runner: Runner, tmp_path: Path, changes: dict[str, object], grade: Completeness, state: ResultState
) -> None:
    test = test_like(population=NO_MATCH, deviations=NO_MATCH, **changes)
    result = judged(runner, test, logins(tmp_path, "l", rows(3, 0)), completeness=grade)
    assert (result.state, result.no_occurrence) == (state, state is ResultState.PASS)


def test_a_required_view_without_rows_is_inconclusive(runner: Runner, tmp_path: Path) -> None:
    result = judged(runner, test_like(requires=("logins",), empty_ok=True), logins(tmp_path, "l", []))
    assert (result.state, result.reason) == (
        ResultState.INCONCLUSIVE,
        "logins holds no rows, and the test requires some",
    )


def test_a_population_of_which_nothing_was_tested_is_inconclusive(runner: Runner, tmp_path: Path) -> None:
    result = judged(runner, test_like(tested=NO_MATCH, deviations=NO_MATCH), logins(tmp_path, "l", rows(3, 0)))
    assert (result.state, result.reason) == (ResultState.INCONCLUSIVE, "none of the 3 items was tested")


BAD_SQL = {
    "no select": ("DROP TABLE logins", "not a SELECT"),
    "two statements": ("SELECT login_id FROM logins; SELECT login_id FROM logins", "2 statements"),
    "reads a file": ("SELECT * FROM read_csv('/etc/passwd')", "read_csv"),
    "lists a folder": ("SELECT file AS login_id FROM glob('/*')", "glob"),
    "copies": ("COPY logins TO '/tmp/x'", "not a SELECT"),
    "reads another view": ("SELECT account_id AS login_id FROM accounts", "not among its populations"),
    "asks the clock": ("SELECT login_id FROM logins WHERE seen_at < now()", "now()"),
    "throws dice": ("SELECT login_id FROM logins WHERE random() < 0.5", "random()"),
    "unknown column": ("SELECT login_id FROM logins WHERE colour = 'red'", "the SQL failed"),
    "unknown parameter": ("SELECT login_id FROM logins WHERE score > $most", "$most"),
    "division by zero": ("SELECT login_id FROM logins WHERE 1 % 0 = 1", "Division by zero"),
    "outside tested": ("SELECT 'stranger' AS login_id FROM logins", "login_id=stranger"),
    "null key": ("SELECT CAST(NULL AS VARCHAR) AS login_id FROM logins", "NULL in login_id"),
    "no key": ("SELECT mfa FROM logins", "lacks the key column login_id"),
}


@pytest.mark.parametrize("kind", BAD_SQL)
@pytest.mark.filterwarnings("error")
def test_sql_that_cannot_be_relied_on_is_inconclusive_with_the_reason(
    runner: Runner, tmp_path: Path, kind: str
) -> None:
    sql, told = BAD_SQL[kind]
    result = judged(runner, test_like(deviations=sql), logins(tmp_path, "l", rows(2, 0)))
    assert result.state is ResultState.INCONCLUSIVE
    assert told in result.reason
    assert result.deviations == ()


def test_sql_that_never_ends_is_inconclusive(tmp_path: Path) -> None:
    endless = """WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)
        SELECT login_id FROM logins WHERE login_id IN (SELECT n::VARCHAR FROM r)"""
    with Runner(Limits(seconds=0.5)) as impatient:
        result = judged(impatient, test_like(deviations=endless), logins(tmp_path, "l", rows(2, 0)))
    assert (result.state, result.reason) == (ResultState.INCONCLUSIVE, "the SQL took longer than 0.5 seconds")


def test_nan_in_a_rule_does_not_break_the_result(runner: Runner, tmp_path: Path) -> None:
    file = logins(tmp_path, "l", [("a", None, True, float("nan")), ("b", None, True, 1.0)])
    test = test_like(deviations="SELECT login_id, score FROM logins WHERE NOT (score <= 1)")
    result = judged(runner, test, file)
    assert [deviation.details for deviation in result.deviations] == [(("score", "nan"),)]


def test_more_deviations_than_are_listed_fail_and_say_so(tmp_path: Path) -> None:
    with Runner(Limits(deviations=3)) as short:
        result = judged(short, test_like(), logins(tmp_path, "l", rows(0, 10)))
    assert result.state is ResultState.FAIL
    assert (len(result.deviations), result.deviations_omitted, result.deviation_n) == (3, 7, 10)
    assert "the first 3 by key are listed" in result.reason


def test_a_file_that_was_not_fetched_is_inconclusive(runner: Runner, tmp_path: Path) -> None:
    record = sealed(logins(tmp_path, "l", rows(1, 0)))
    selection = select(test_like(), day_window(DAY), SCHEMAS, [record], OWED)
    result = evaluate_test(test_like(), CONTROL, day_window(DAY), selection, {}, (), runner)
    assert result.state is ResultState.INCONCLUSIVE
    assert "was not fetched" in result.reason


def test_trouble_with_the_inputs_is_told_with_its_cause(runner: Runner) -> None:
    selection = select(test_like(), day_window(DAY), SCHEMAS, [], OWED)
    result = evaluate_test(test_like(), CONTROL, day_window(DAY), selection, {}, (), runner)
    assert (result.state, result.reason, result.causes) == (
        ResultState.INCONCLUSIVE,
        "logins of idp for 2026-06-30 is missing",
        ("idp",),
    )


@pytest.mark.parametrize(
    "changes", [{"awaits": "a register of approvals"}, {"kind": "attestation", "population": "", "deviations": ""}]
)
def test_what_awaits_something_is_not_collected(runner: Runner, tmp_path: Path, changes: dict[str, object]) -> None:
    result = judged(runner, test_like(**changes), logins(tmp_path, "l", rows(1, 0)))
    assert result.state is ResultState.NOT_COLLECTED
    assert result.reason.startswith(("a register of approvals", "awaits the answer of a named person"))


# waivers


def waiver(kind: str, reference: str, **changes: object) -> Waiver:
    sample = Waiver("W-1", kind, reference, "active", END - timedelta(days=5), END + timedelta(days=5))
    return replace(sample, **changes)  # type: ignore[arg-type]


RECORD = record_reference("XX-01.T1", ("b0",))


@pytest.mark.parametrize(("kind", "reference"), [("control", "XX-01"), ("test", "XX-01.T1"), ("record", RECORD)])
def test_a_waived_deviation_stays_listed_and_makes_exceptions(
    runner: Runner, tmp_path: Path, kind: str, reference: str
) -> None:
    result = judged(runner, test_like(), logins(tmp_path, "l", rows(1, 1)), [waiver(kind, reference)])
    assert (result.state, result.waived_n) == (ResultState.EXCEPTIONS, 1)
    assert result.deviations[0].waiver == "W-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"approved_at": END + timedelta(microseconds=1)},
        {"expires_at": END},
        {"status": "requested"},
        {"status": "revoked"},
        {"scope_ref": "XX-02"},
        {"scope_kind": "policy"},
    ],
    ids=["approved later", "expired at the end", "requested", "revoked", "another control", "a policy"],
)
def test_a_waiver_not_in_force_or_for_something_else_waives_nothing(
    runner: Runner, tmp_path: Path, changes: dict[str, object]
) -> None:
    result = judged(runner, test_like(), logins(tmp_path, "l", rows(1, 1)), [waiver("control", "XX-01", **changes)])
    assert (result.state, result.waived_n) == (ResultState.FAIL, 0)


def test_a_waiver_counts_from_the_very_moment_of_its_approval(runner: Runner, tmp_path: Path) -> None:
    given_late = waiver("control", "XX-01", approved_at=END)
    result = judged(runner, test_like(), logins(tmp_path, "l", rows(1, 1)), [given_late])
    assert result.state is ResultState.EXCEPTIONS


def test_a_waiver_for_one_record_leaves_the_others(runner: Runner, tmp_path: Path) -> None:
    file = logins(tmp_path, "l", rows(8, 2))
    assert judged(runner, test_like(), file, [waiver("record", RECORD)]).state is ResultState.FAIL
    within = judged(runner, test_like(tolerance=0.1), file, [waiver("record", RECORD)])
    assert within.state is ResultState.EXCEPTIONS
    assert within.reason.startswith("2 of 10 tested deviate, 1 of them under a waiver")


def test_waivers_are_read_from_their_population(tmp_path: Path) -> None:
    file = tmp_path / "waivers.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (SELECT * FROM (VALUES
                ('W-1', 'control', 'XX-01', 'active', TIMESTAMP '2026-01-01', TIMESTAMP '2026-12-31', 'x'),
                ('W-2', 'test', 'XX-01.T1', 'requested', NULL, NULL, 'x')
            ) t(waiver_id, scope_kind, scope_ref, status, approved_at, expires_at, reason)
            ) TO '{file}' (FORMAT parquet)"""
        )
    (found,) = read_waivers([file])
    assert (found.id, found.approved_at, found.in_force(END)) == ("W-1", datetime(2026, 1, 1, tzinfo=UTC), True)


# the control as a whole


def outcome(runner: Runner, control: Control, *, day: date = DAY, file: Path | None = None) -> ControlResult | None:
    records = [sealed(file, day=day)] if file else []
    selections = {test.id: select(test, day_window(day), SCHEMAS, records, OWED) for test in control.tests}
    files = files_of({records[0]: file}) if file else {}
    return evaluate_control(control, day, selections, files, (), runner, AUTHORSHIP)


def with_life(*stages: tuple[LifeCycle, date]) -> Control:
    return replace(CONTROL, life=tuple(Stage(state, since, "Ada", "because") for state, since in stages))


def test_an_active_control_is_judged(runner: Runner, tmp_path: Path) -> None:
    result = outcome(runner, CONTROL, file=logins(tmp_path, "l", rows(3, 1)))
    assert result is not None
    assert (result.state, result.reason) == (ResultState.FAIL, "XX-01.T1: 1 of 4 tested deviate")
    assert (result.partition, result.authorship, result.planned) == ("2026-06-30", AUTHORSHIP, False)
    assert result.requirements == (("soc2", ("CC6.1",)),)


def test_the_reasons_of_a_control_are_those_of_the_tests_that_decided(runner: Runner, tmp_path: Path) -> None:
    awaiting = test_like(id="XX-01.T2", awaits="a register")
    failing = outcome(runner, replace(CONTROL, tests=(test_like(), awaiting)), file=logins(tmp_path, "l", rows(3, 1)))
    passing = outcome(runner, replace(CONTROL, tests=(test_like(), awaiting)), file=logins(tmp_path, "m", rows(3, 0)))
    assert failing is not None
    assert (failing.state, failing.reason) == (ResultState.FAIL, "XX-01.T1: 1 of 4 tested deviate")
    assert passing is not None
    assert (passing.state, passing.reason) == (ResultState.INCONCLUSIVE, "XX-01.T2: a register")


@pytest.mark.parametrize(
    ("control", "reason"),
    [
        (with_life(), "planned, no date set"),
        (with_life((LifeCycle.ACTIVE, DAY + timedelta(days=1))), "planned, from 2026-07-01"),
        (
            with_life((LifeCycle.PLANNED, date(2026, 1, 1)), (LifeCycle.ACTIVE, date(2026, 10, 1))),
            "planned, from 2026-10-01",
        ),
    ],
)
def test_a_planned_control_stays_in_the_denominator(runner: Runner, control: Control, reason: str) -> None:
    result = outcome(runner, control)
    assert result is not None
    assert (result.state, result.reason, result.planned) == (ResultState.NOT_COLLECTED, reason, True)
    assert [test.state for test in result.tests] == [ResultState.NOT_COLLECTED]


def test_a_control_that_does_not_apply_says_why_and_who_decided(runner: Runner) -> None:
    result = outcome(runner, with_life((LifeCycle.NOT_APPLICABLE, date(2026, 1, 1))))
    assert result is not None
    assert result.state is ResultState.NOT_APPLICABLE
    assert "because" in result.reason
    assert "Ada" in result.reason


def test_a_retired_control_owes_no_result(runner: Runner) -> None:
    assert outcome(runner, with_life((LifeCycle.RETIRED, date(2026, 1, 1)))) is None


def test_a_control_without_tests_is_not_collected(runner: Runner) -> None:
    result = outcome(runner, replace(CONTROL, tests=()))
    assert result is not None
    assert result.state is ResultState.NOT_COLLECTED


def test_a_control_is_judged_when_it_is_due_only(runner: Runner) -> None:
    weekly = replace(CONTROL, frequency=Frequency.WEEKLY)
    assert [day for day in range(1, 15) if due_on(weekly, date(2026, 6, day))] == [7, 14], "the Sundays"
    assert outcome(runner, weekly, day=DAY) is None


def test_a_control_with_a_depth_is_judged_when_some_tier_is_due() -> None:
    control = replace(
        CONTROL, frequency=Frequency.WEEKLY, depth={"high": Frequency.WEEKLY, "medium": Frequency.MONTHLY}
    )
    due = {day: control.due_tiers(date(2026, 6, day)) for day in range(21, 31) if due_on(control, date(2026, 6, day))}
    assert due == {21: ("high",), 28: ("high",), 30: ("medium",)}


# what holds whatever the evidence is

GRADES = st.sampled_from(list(Completeness))
RECORDS = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"collected": st.booleans(), "completeness": GRADES, "trouble": st.sampled_from([None, "late", "not unique"])}
    ),
)
LIVES = st.lists(st.sampled_from([state for state in LifeCycle if state is not LifeCycle.RETIRED]), max_size=2)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    record=RECORDS,
    good=st.integers(0, 3),
    bad=st.integers(0, 3),
    empty_ok=st.booleans(),
    awaits=st.sampled_from([None, "a register"]),
    life=LIVES,
)
def test_every_control_has_one_result_and_not_knowing_is_never_a_pass(
    runner: Runner,
    tmp_path: Path,
    record: dict[str, object] | None,
    good: int,
    bad: int,
    empty_ok: bool,
    awaits: str | None,
    life: list[LifeCycle],
) -> None:
    file = logins(tmp_path, "l", rows(good, bad))
    sound = test_like(empty_ok=empty_ok)
    second = test_like(id="XX-01.T2", awaits=awaits)
    control = replace(
        with_life(*((state, date(2026, 1, n + 1)) for n, state in enumerate(life))), tests=(sound, second)
    )
    records: list[SealedPopulation] = [] if record is None else [sealed(file, **record)]  # type: ignore[arg-type]
    selections = {test.id: select(test, day_window(DAY), SCHEMAS, records, OWED) for test in control.tests}
    files = files_of(dict.fromkeys(records, file))
    result = evaluate_control(control, DAY, selections, files, (), runner, AUTHORSHIP)
    assert result is not None
    assert [test.test for test in result.tests] == ["XX-01.T1", "XX-01.T2"], "no test is skipped"
    known = record is not None and record["collected"] and not record["trouble"] and good + bad > 0
    if result.state is ResultState.PASS:
        assert life
        assert life[-1] is LifeCycle.ACTIVE
        assert awaits is None
        assert bad == 0
        assert known or all(test.no_occurrence for test in result.tests)
    for test in result.tests:
        if test.state in (ResultState.PASS, ResultState.EXCEPTIONS, ResultState.FAIL):
            assert test.population_n == good + bad, "the denominator is the whole population"
