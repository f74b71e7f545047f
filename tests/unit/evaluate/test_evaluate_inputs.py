"""Which sealed populations a test rests on, and every reason why it may not rest on them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from evaluate_samples import DAY, SCHEMAS, sealed, test_like

from airtight.domain.bundle import SealedPopulation
from airtight.domain.collection import Completeness
from airtight.domain.control import ControlTest
from airtight.domain.period import Window, day_window
from airtight.domain.period import test_window as window_of
from airtight.domain.result import ResultState
from airtight.errors import EvaluationError
from airtight.evaluate.inputs import Selection, select

OWED = {("idp", "logins"), ("hr", "accounts")}
DAYS = [DAY - timedelta(days=n) for n in range(3)]


def chosen(
    test: ControlTest,
    *records: SealedPopulation,
    window: Window | None = None,
    owed: set[tuple[str, str]] | None = None,
) -> Selection:
    expected = OWED if owed is None else owed
    return select(test, window or window_of(test.window, DAY), SCHEMAS, records, expected)


def trouble(selection: Selection) -> tuple[ResultState, str]:
    assert selection.trouble is not None
    return selection.trouble.state, selection.trouble.reason


def test_events_take_every_day_of_the_window() -> None:
    records = [sealed(day=day) for day in [*DAYS, DAY - timedelta(days=9), DAY + timedelta(days=1)]]
    selection = chosen(test_like(window="P3D"), *records)
    assert selection.trouble is None
    assert {member.partition for member in selection.members} == {str(day) for day in DAYS}


def test_a_snapshot_takes_the_last_day_only() -> None:
    records = [sealed(population="accounts", source="hr", day=day) for day in DAYS]
    selection = chosen(test_like(window="P3D", populations=("accounts",)), *records)
    assert selection.trouble is None
    assert [member.partition for member in selection.members] == [str(DAY)]


def test_a_history_takes_every_day() -> None:
    records = [sealed(population="accounts", source="hr", day=day) for day in DAYS]
    selection = chosen(test_like(window="P3D", populations=("accounts_history",)), *records)
    assert selection.trouble is None
    assert len(selection.members) == 3


def test_every_source_of_a_population_is_needed() -> None:
    state, reason = trouble(chosen(test_like(), sealed(), owed={*OWED, ("github", "logins")}))
    assert state is ResultState.INCONCLUSIVE
    assert reason == "logins of github for 2026-06-30 is missing"


def test_a_source_no_longer_declared_counts_where_it_delivered() -> None:
    old = sealed(source="old-idp", day=DAYS[2])
    records = [*(sealed(day=day) for day in DAYS), old]
    selection = chosen(test_like(window="P3D"), *records)
    assert selection.trouble is None
    assert old in selection.members


def test_a_missing_day_is_named_with_source_and_population() -> None:
    selection = chosen(test_like(window="P3D"), sealed(day=DAYS[0]))
    assert trouble(selection) == (
        ResultState.INCONCLUSIVE,
        "logins of idp for 2026-06-28 is missing (and 1 more)",
    )
    assert selection.trouble is not None
    assert selection.trouble.causes == ("idp",)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"collected": False, "member": None, "trouble": "log-in refused"}, "was not collected: log-in refused"),
        ({"collected": False, "member": None}, "was not collected: no reason was recorded"),
        ({"trouble": "login_id is not unique"}, "cannot be relied on: login_id is not unique"),
        ({"rows": 0, "completeness": Completeness.UNPROVEN}, "is empty, and nothing proves that it should be"),
        ({"rows": 0, "completeness": Completeness.EXHAUSTED}, "is empty, and nothing proves that it should be"),
    ],
)
def test_unreliable_inputs_make_the_test_inconclusive(changes: dict[str, object], told: str) -> None:
    assert trouble(chosen(test_like(), sealed(**changes))) == (  # type: ignore[arg-type]
        ResultState.INCONCLUSIVE,
        f"logins of idp for 2026-06-30 {told}",
    )


def test_an_empty_population_that_is_proven_is_no_trouble() -> None:
    assert chosen(test_like(), sealed(rows=0)).trouble is None


def test_one_empty_day_among_others_is_no_trouble() -> None:
    records = [
        sealed(day=DAYS[0]),
        sealed(day=DAYS[1]),
        sealed(day=DAYS[2], rows=0, completeness=Completeness.EXHAUSTED),
    ]
    assert chosen(test_like(window="P3D"), *records).trouble is None


def test_what_was_collected_by_backfill_counts() -> None:
    assert chosen(test_like(), sealed(retrospective=True)).trouble is None
    snapshot = sealed(population="accounts", source="hr", retrospective=True)
    assert chosen(test_like(populations=("accounts",)), snapshot).trouble is None


def test_a_population_that_no_source_provides_is_not_collected_whatever_else_is_wrong() -> None:
    selection = chosen(test_like(populations=("logins", "accounts")), owed={("idp", "logins")})
    assert trouble(selection) == (ResultState.NOT_COLLECTED, "no source provides accounts")


def test_two_records_for_one_place_are_refused() -> None:
    with pytest.raises(EvaluationError, match="given twice"):
        chosen(test_like(), sealed(), sealed(bundle="another"))


def test_a_population_without_a_schema_is_refused() -> None:
    with pytest.raises(EvaluationError, match="'nothing'"):
        chosen(test_like(populations=("nothing",)))


def test_inputs_are_named_in_a_fixed_order() -> None:
    records = [sealed(day=day, source=source) for day in DAYS for source in ("z", "a")]
    owed = {("a", "logins"), ("z", "logins")}
    one = chosen(test_like(window="P3D"), *records, owed=owed).inputs()
    other = chosen(test_like(window="P3D"), *reversed(records), owed=owed).inputs()
    assert one == other
    assert [(item.partition, item.source) for item in one][:2] == [("2026-06-28", "a"), ("2026-06-28", "z")]


def test_the_day_of_a_window_is_its_own() -> None:
    selection = chosen(test_like(), sealed(day=date(2026, 1, 1)), window=day_window(date(2026, 1, 1)))
    assert selection.trouble is None
