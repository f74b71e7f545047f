"""The locked-down process: what a control's SQL can reach, and that nothing it does stops the next test."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from evaluate_samples import ACCOUNTS, DAY, LOGINS, logins, parquet

from airtight.domain.control import ParameterValue
from airtight.domain.period import day_window
from airtight.domain.population import PopulationSchema
from airtight.errors import EvaluationError
from airtight.evaluate.engine import lock, opened
from airtight.evaluate.job import Job, Limits, View, ViewFile
from airtight.evaluate.runner import Answer, Runner
from airtight.wire import to_json


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as started:
        yield started


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Log-ins a (with mfa), b (without) and c (unknown)."""
    stamp = "2026-06-30 10:00:00"
    return logins(tmp_path, "three", [("a", stamp, True, 1.0), ("b", stamp, False, 2.0), ("c", stamp, None, None)])


def view(schema: PopulationSchema, *files: Path, distinct: bool = False, source: str = "idp") -> View:
    columns = tuple((column.name, column.sql_type) for column in schema.columns)
    held = tuple(ViewFile(file, source, DAY) for file in files)
    return View(schema.name, columns, held, distinct_by=schema.key if distinct else ())


def job(
    *views: View,
    deviations: str = "SELECT login_id FROM logins WHERE NOT mfa",
    population: str = "SELECT login_id FROM logins",
    tested: str | None = None,
    limits: Limits | None = None,
    parameters: dict[str, ParameterValue] | None = None,
    requires: tuple[str, ...] = (),
) -> Job:
    return Job(
        views, requires, population, tested, None, deviations, parameters or {}, day_window(DAY), limits or Limits()
    )


def refusal(runner: Runner, wanted: Job) -> str:
    with pytest.raises(EvaluationError) as caught:
        runner.run(wanted)
    return str(caught.value)


def keys(answer: Answer) -> list[str]:
    return ["/".join(finding.key) for finding in answer.deviations]


def test_all_rows_are_counted_and_the_deviations_come_back(runner: Runner, three: Path) -> None:
    answer = runner.run(
        job(view(LOGINS, three), deviations="SELECT login_id, score, seen_at FROM logins WHERE NOT mfa")
    )
    assert (answer.head.population_n, answer.head.tested_n, answer.head.deviating_n) == (3, 3, 1)
    assert answer.deviations[0].key == ("b",)
    assert answer.deviations[0].details == (("score", 2.0), ("seen_at", "2026-06-30T10:00:00Z"))


def test_what_was_not_tested_is_listed(runner: Runner, three: Path) -> None:
    tested = "SELECT login_id FROM logins WHERE mfa IS NOT NULL"
    answer = runner.run(job(view(LOGINS, three), tested=tested))
    assert answer.untested == (("c",),)
    assert (answer.head.tested_n, answer.head.untested_n) == (2, 1)


def test_window_and_parameters_are_bound(runner: Runner, three: Path) -> None:
    sql = """SELECT login_id FROM logins WHERE seen_at >= $window_start AND seen_at < $window_end
        AND score > $most AND list_contains($names, login_id) AND $strict"""
    bound: dict[str, ParameterValue] = {"most": 1.5, "names": ("a", "b"), "strict": True}
    assert keys(runner.run(job(view(LOGINS, three), deviations=sql, parameters=bound))) == ["b"]


def test_a_value_to_bind_cannot_become_sql(runner: Runner, three: Path) -> None:
    wanted = job(
        view(LOGINS, three),
        deviations="SELECT login_id FROM logins WHERE login_id = $name",
        parameters={"name": "' OR 1=1 --"},
    )
    assert keys(runner.run(wanted)) == []


def test_required_views_without_rows_are_named(runner: Runner, tmp_path: Path, three: Path) -> None:
    empty = parquet(tmp_path, "none", "SELECT 'x' AS account_id WHERE FALSE")
    answer = runner.run(job(view(LOGINS, three), view(ACCOUNTS, empty), requires=("logins", "accounts")))
    assert answer.head.lacking == ("accounts",)


def test_a_column_that_an_older_file_lacks_is_null(runner: Runner, tmp_path: Path) -> None:
    old = parquet(tmp_path, "old", "SELECT 'a' AS login_id, 'ignored' AS colour")
    answer = runner.run(job(view(LOGINS, old), deviations="SELECT login_id FROM logins WHERE mfa IS NULL"))
    assert keys(answer) == ["a"]


def test_a_view_without_files_is_empty(runner: Runner) -> None:
    assert runner.run(job(view(LOGINS))).head.population_n == 0


def test_odd_paths_are_read(runner: Runner, tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s [a] "test" ü'
    folder.mkdir()
    file = logins(tmp_path, "plain", [("a", None, False, None)]).rename(folder / "x.parquet")
    assert keys(runner.run(job(view(LOGINS, file)))) == ["a"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT content AS login_id FROM read_text('/etc/passwd')",
        "SELECT column0 AS login_id FROM read_csv('/etc/passwd', header = false)",
        "SELECT file AS login_id FROM glob('/etc/*')",
        "SELECT login_id FROM read_parquet('{other}')",
        "SELECT login_id FROM '{other}'",
        "SELECT 'x' AS login_id FROM read_text('https://example.com/')",
        "SELECT getenv('HOME') AS login_id",
    ],
)
def test_nothing_but_its_views_can_be_read(runner: Runner, tmp_path: Path, three: Path, sql: str) -> None:
    other = logins(tmp_path, "other", [("z", None, False, None)])
    assert "the SQL failed" in refusal(runner, job(view(LOGINS, three), deviations=sql.format(other=other)))


@pytest.mark.parametrize("setting", ["enable_external_access = true", "allowed_paths = ['/etc/passwd']", "threads = 9"])
def test_settings_are_locked(tmp_path: Path, setting: str) -> None:
    with opened() as connection:
        lock(connection, [], Limits(), tmp_path / "spill")
        with pytest.raises(duckdb.Error):
            connection.execute(f"SET {setting}")


@pytest.mark.parametrize("target", ["COPY logins TO '{file}'", "ATTACH '{file}'", "INSTALL httpfs", "LOAD httpfs"])
def test_nothing_can_be_written_or_loaded(tmp_path: Path, target: str) -> None:
    with opened() as connection:
        lock(connection, [], Limits(), tmp_path / "spill")
        connection.execute("CREATE TABLE logins AS SELECT 1 AS x")
        with pytest.raises(duckdb.Error):
            connection.execute(target.format(file=tmp_path / "out"))
    assert not (tmp_path / "out").exists()


ENDLESS = {
    "recursion": "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n::VARCHAR AS login_id FROM r",
    "cross join": """SELECT a.login_id FROM generate_series(1, 10000000) x, generate_series(1, 10000000) y, logins a
        WHERE hash(x) = hash(y) + 1""",
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_sql_that_never_ends_is_stopped_and_the_next_test_runs(runner: Runner, three: Path, kind: str) -> None:
    limits = Limits(seconds=0.5, memory="256MiB")
    told = refusal(runner, job(view(LOGINS, three), deviations=ENDLESS[kind], limits=limits))
    assert "longer than 0.5 seconds" in told
    assert keys(runner.run(job(view(LOGINS, three)))) == ["b"]


def test_sql_that_needs_too_much_memory_is_stopped(runner: Runner, three: Path) -> None:
    greedy = "SELECT string_agg(x::VARCHAR, '') AS login_id FROM generate_series(1, 100000000) t(x)"
    limits = Limits(memory="64MiB", spill="64MiB", seconds=60)
    assert "needs more than 64MiB of memory" in refusal(
        runner, job(view(LOGINS, three), deviations=greedy, limits=limits)
    )


def test_a_process_that_dies_takes_only_its_own_test_along(three: Path) -> None:
    with Runner(limits=Limits()) as runner:
        runner.run(job(view(LOGINS, three)))
        server = runner._server
        assert server is not None
        server.kill()
        server.wait()
        assert keys(runner.run(job(view(LOGINS, three)))) == ["b"]


def test_the_server_ends_with_its_runner(three: Path) -> None:
    with Runner() as runner:
        runner.run(job(view(LOGINS, three)))
        assert runner._server is not None
        pid = runner._server.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_callers_environment_stays_with_the_caller(monkeypatch: pytest.MonkeyPatch, three: Path) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_OKTA", "token-in-the-clear")
    with Runner() as runner:
        runner.run(job(view(LOGINS, three)))
        assert runner._server is not None
        environment = Path(f"/proc/{runner._server.pid}/environ")
        if not environment.exists():
            pytest.skip("this system has no /proc")
        assert b"token-in-the-clear" not in environment.read_bytes()


def test_nothing_is_left_in_the_scratch_folder(tmp_path: Path, three: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with Runner(scratch=scratch) as runner:
        runner.run(job(view(LOGINS, three)))
        refusal(runner, job(view(LOGINS, three), deviations="SELECT nothing FROM logins"))
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"deviations": "SELECT 'z' AS login_id"}, "deviations has the key login_id=z, which tested does not have"),
        ({"tested": "SELECT 'z' AS login_id"}, "tested has the key login_id=z, which population does not have"),
        ({"tested": "SELECT login_id FROM logins WHERE mfa", "deviations": "SELECT 'b' AS login_id"}, "login_id=b"),
        ({"population": "SELECT NULL::VARCHAR AS login_id FROM logins"}, "3 keys with a NULL in login_id"),
        ({"deviations": "SELECT NULL::VARCHAR AS login_id"}, "deviations has 1 keys with a NULL"),
        ({"deviations": "SELECT mfa FROM logins"}, "deviations lacks the key column login_id"),
        ({"tested": "SELECT mfa FROM logins"}, "tested lacks the key column login_id"),
        ({"deviations": "SELECT login_id, 1 % 0 FROM logins"}, "Division by zero"),
    ],
)
def test_keys_that_do_not_add_up_are_refused(runner: Runner, three: Path, changes: dict[str, str], told: str) -> None:
    assert told in refusal(runner, job(view(LOGINS, three), **changes))  # type: ignore[arg-type]


def test_a_message_holds_no_value_of_the_evidence(runner: Runner, tmp_path: Path) -> None:
    file = logins(tmp_path, "secret", [("ada@example.org", None, True, None)])
    told = refusal(runner, job(view(LOGINS, file), deviations="SELECT login_id FROM logins WHERE login_id::INT > 1"))
    assert "Could not convert string" in told
    assert "ada" not in told


def test_a_key_that_comes_twice_counts_once(runner: Runner, three: Path) -> None:
    twice = "SELECT login_id FROM logins UNION ALL SELECT login_id FROM logins"
    answer = runner.run(job(view(LOGINS, three), population=twice, deviations=twice))
    assert (answer.head.population_n, answer.head.deviating_n, answer.head.deviation_n) == (3, 3, 6)


def test_events_of_several_files_are_de_duplicated_by_key(runner: Runner, tmp_path: Path) -> None:
    early = logins(tmp_path, "early", [("a", None, False, 1.0), ("b", None, False, 1.0)])
    late = logins(tmp_path, "late", [("a", None, True, 2.0), ("c", None, True, 2.0)])
    several = view(LOGINS, early, late, distinct=True)
    later = [ViewFile(file.path, file.source, DAY.replace(day=20 + n)) for n, file in enumerate(several.files)]
    several = View(several.name, several.columns, tuple(later), distinct_by=several.distinct_by)
    answer = runner.run(job(several, deviations="SELECT login_id, score FROM logins WHERE score = 2"))
    assert answer.head.population_n == 3
    assert keys(answer) == ["a", "c"], "the latest day's row of a is the one that counts"


def test_a_history_gives_each_state_with_its_day_and_source(runner: Runner, tmp_path: Path) -> None:
    file = parquet(tmp_path, "accounts", "SELECT 'x' AS account_id, 'active' AS status")
    days = tuple(ViewFile(file, f"s{n}", DAY.replace(day=n)) for n in (1, 2))
    columns = tuple((column.name, column.sql_type) for column in ACCOUNTS.columns)
    answer = runner.run(
        job(
            View("accounts_history", columns, days, history=True),
            population="SELECT account_id, _day FROM accounts_history",
            deviations="SELECT account_id, _day, _source FROM accounts_history WHERE _day = DATE '2026-06-02'",
        )
    )
    assert answer.head.population_n == 2
    assert keys(answer) == ["x/2026-06-02"]
    assert answer.deviations[0].details == (("_source", "s2"),)


def test_more_deviations_than_can_be_listed_are_all_counted(runner: Runner, tmp_path: Path) -> None:
    file = parquet(tmp_path, "many", "SELECT lpad(i::VARCHAR, 7, '0') AS login_id, FALSE AS mfa FROM range(50000) t(i)")
    answer = runner.run(job(view(LOGINS, file), limits=Limits(deviations=10)))
    assert answer.head.deviation_n == 50000
    assert keys(answer) == [f"{n:07}" for n in range(10)]


def test_odd_values_travel_unharmed(runner: Runner, three: Path) -> None:
    sql = """SELECT login_id, 'ü\n"''🎉' AS text, 9007199254740993 AS huge, 'nan'::DOUBLE AS nan, [1, NULL] AS list,
        {'a': 1.5::DECIMAL(5, 2)} AS struct, DATE '2026-01-01' AS day, NULL AS nothing
        FROM logins WHERE login_id = 'a'"""
    (found,) = runner.run(job(view(LOGINS, three), deviations=sql)).deviations
    assert dict(found.details) == {
        "text": "ü\n\"'🎉",
        "huge": "9007199254740993",
        "nan": "nan",
        "list": [1, None],
        "struct": {"a": "1.50"},
        "day": "2026-01-01",
        "nothing": None,
    }


def test_the_answer_is_the_same_every_time(runner: Runner, tmp_path: Path) -> None:
    file = parquet(tmp_path, "many", "SELECT hash(i)::VARCHAR AS login_id, FALSE AS mfa FROM range(20000) t(i)")
    assert runner.run(job(view(LOGINS, file))) == runner.run(job(view(LOGINS, file)))


def test_a_file_that_is_no_parquet_is_refused_without_its_path(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and then nothing of the kind")
    told = refusal(runner, job(view(LOGINS, tmp_path / "broken.parquet")))
    assert "the SQL failed" in told
    assert str(tmp_path) not in told


def test_a_caller_that_dies_leaves_no_process_behind(tmp_path: Path, three: Path) -> None:
    """The server's child is killed when the server's caller goes away in the middle of a test."""
    runner = Runner()
    runner.run(job(view(LOGINS, three)))
    server = runner._server
    assert server is not None
    assert server.stdin is not None
    (tmp_path / "job.json").write_text(_endless_job(three))
    server.stdin.write(f'["{tmp_path / "job.json"}", "{tmp_path / "answer"}", 600]\n')
    server.stdin.flush()
    deadline = time.monotonic() + 20
    while not (tmp_path / "answer").exists():  # the child is at work
        assert time.monotonic() < deadline
    server.stdin.close()
    assert server.wait(timeout=20) == 0
    assert server.stdout is not None
    assert "-9" in server.stdout.read()


def _endless_job(file: Path) -> str:
    return json.dumps(to_json(job(view(LOGINS, file), deviations=ENDLESS["recursion"])))


def test_a_state_that_did_not_change_stands_for_each_of_its_days(runner: Runner, tmp_path: Path) -> None:
    file = parquet(tmp_path, "same", "SELECT 'x' AS account_id, 'active' AS status")
    days = tuple(ViewFile(file, "hr", DAY.replace(day=n)) for n in (1, 2, 3))
    columns = tuple((column.name, column.sql_type) for column in ACCOUNTS.columns)
    history = View("accounts_history", columns, days, history=True)
    wanted = job(
        history,
        population="SELECT account_id, _day FROM accounts_history",
        deviations="SELECT account_id, _day FROM accounts_history WHERE _day > DATE '2026-06-01'",
    )
    answer = runner.run(wanted)
    assert answer.head.population_n == 3
    assert keys(answer) == ["x/2026-06-02", "x/2026-06-03"]


def test_each_row_tells_its_source(runner: Runner, tmp_path: Path) -> None:
    files = [logins(tmp_path, name, [(name, None, False, None)]) for name in ("a", "b")]
    both = tuple(ViewFile(file, f"source-{file.stem}", DAY) for file in files)
    columns = tuple((column.name, column.sql_type) for column in LOGINS.columns)
    answer = runner.run(
        job(View("logins", columns, both, distinct_by=("login_id",)), deviations="SELECT login_id, _source FROM logins")
    )
    assert [dict(found.details)["_source"] for found in answer.deviations] == ["source-a", "source-b"]
