"""Git's mapping: what landed on the branch, with the approvals that its trailers tell."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

Mapped = Callable[..., list[dict[str, Any]]]


def commit(sha: str, mainline: bool = True, trailers: Any = (), **changes: Any) -> dict[str, Any]:
    return {
        "sha": sha,
        "parents": [],
        "mainline": mainline,
        "author": {"name": "Alice", "email": "Alice@example.com", "time": "2026-09-01T00:00:00Z"},
        "committer": {"name": "Carol", "email": "carol@example.com", "time": "2026-09-14T10:00:00Z"},
        "message": "Raise the limit\n\nAt last.",
        "trailers": [{"key": key, "value": value} for key, value in trailers],
        **changes,
    }


def changes(mapped: Mapped, *commits: dict[str, Any]) -> list[dict[str, Any]]:
    return mapped("git/commits_as_changes", "changes", commits=commits)


def test_only_what_landed_on_the_branch_is_a_change(mapped: Mapped) -> None:
    rows = changes(mapped, commit("a1"), commit("b2", mainline=False))
    assert [row["change_id"] for row in rows] == ["a1"]
    row = rows[0]
    assert (row["title"], row["implemented_at"]) == ("Raise the limit", "2026-09-14T10:00:00")
    assert (row["requested_by"], row["implemented_by"]) == ("alice@example.com", "carol@example.com")
    assert (row["approved_by"], row["security_impact"], row["rollback_plan"]) == (None, "not-assessed", False)


def test_a_review_by_another_approves_and_ones_own_does_not(mapped: Mapped) -> None:
    own, others = "Alice <alice@example.com>", "Bob <Bob@example.com>"
    rows = changes(
        mapped,
        commit("a", trailers=[("Reviewed-by", own)]),
        commit("b", trailers=[("Reviewed-by", own), ("Acked-By", others)]),
        commit("c", trailers=[("Signed-off-by", others)]),
        commit("d", trailers=[("Reviewed-by", "somebody")]),
    )
    assert {row["change_id"]: row["approved_by"] for row in rows} == {
        "a": None,
        "b": "bob@example.com",
        "c": None,
        "d": None,
    }


def test_nameless_people_are_data(mapped: Mapped) -> None:
    nobody = {"name": "", "email": "", "time": None}
    row = changes(mapped, commit("a", author=nobody, message=""))[0]
    assert (row["requested_by"], row["title"]) == ("unknown", "")


def test_the_changes_of_a_real_history_are_its_first_parents(mapped: Mapped, realdata: Path) -> None:
    with gzip.open(realdata / "changes-git-history" / "auditree-framework_log.tsv.gz", "rt", encoding="utf-8") as text:
        frame = pd.DataFrame(csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE))
    parents = dict(zip(frame["sha"], frame["parents"], strict=True))
    mainline, onward = set(), str(frame["sha"].iloc[0])
    while onward:
        mainline.add(onward)
        onward = (parents.get(onward) or "").split(" ")[0]
    commits = [
        commit(
            row.sha,
            mainline=row.sha in mainline,
            message=row.subject,
            author={"name": row.author, "email": "", "time": row.author_date},
            committer={"name": row.committer, "email": "", "time": row.commit_date},
        )
        for row in frame.itertuples()
    ]
    rows = changes(mapped, *commits)
    assert {row["change_id"] for row in rows} == mainline
    assert 0 < len(rows) <= 90
    last = pd.to_datetime(frame["commit_date"], utc=True).max().tz_localize(None).isoformat()
    assert max(row["implemented_at"] for row in rows) == last
