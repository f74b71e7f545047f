"""The journey over data that nobody here wrote: the verdicts equal counts made independently with pandas.

CloudTrail recordings of attack simulations and the pull requests of a public repository, through collection, quality,
sealing and evaluation; the deviations are read back from the sealed bundles.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from airtight import pipeline, queries
from airtight.installation import Installation, Trigger, open_installation
from airtight.seal.signers import new_key
from airtight.settings import load_settings

pytestmark = pytest.mark.slow
REPOSITORY_NAME = "bitcoin-core/secp256k1"
SOURCES = """\
- id: cloudtrail
  collection: audit_logs
  system: aws/stratus
  connector: files
  options:
    path: exports/cloudtrail/*.json.gz
    counts: exports/cloudtrail/counts.json
    keeps_history: true
  populations: {audit_events: mappings/aws/cloudtrail.sql}
- id: github
  collection: change_records
  system: github/secp256k1
  connector: files
  options:
    streams: {pull_requests: exports/github/pull_requests.jsonl}
    counts: exports/github/counts.json
    keeps_history: true
  populations: {pull_requests: mappings/github/pull_requests.sql}
"""


def _lines(file: Path) -> list[dict]:
    with gzip.open(file, "rt") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def events(realdata: Path) -> pd.DataFrame:
    files = sorted((realdata / "audit-cloudtrail-stratus").glob("*.json.gz"))
    return pd.json_normalize([event for file in files for event in json.loads(gzip.decompress(file.read_bytes()))])


@pytest.fixture(scope="module")
def pulls(realdata: Path) -> pd.DataFrame:
    frame = pd.json_normalize(_lines(realdata / "changes-github-secp256k1" / "pulls.jsonl.gz"))
    return frame[frame["merged_at"].notna()]


@pytest.fixture(scope="module")
def opened(realdata: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation whose sources are the real files."""
    root = tmp_path_factory.mktemp("real")
    shutil.copytree(Path(__file__).parent / "real_organisation", root / "organisation")
    (root / "organisation" / "sources.yaml").write_text(SOURCES)
    _copy_cloudtrail(realdata, root / "var" / "exports" / "cloudtrail")
    _join_pull_requests(realdata, root / "var" / "exports" / "github")
    (root / "var" / "keys").mkdir()
    new_key(root / "var" / "keys" / "signing.pem")
    pseudonyms = root / "var" / "keys" / "pseudonym.key"
    pseudonyms.write_text("cd" * 32)
    pseudonyms.chmod(0o600)
    environ = {
        "AIRTIGHT_HOME": repository,
        "AIRTIGHT_ORGANISATION": root / "organisation",
        "AIRTIGHT_STATE": root / "var",
    }
    return open_installation(load_settings({name: str(place) for name, place in environ.items()}))


def _copy_cloudtrail(realdata: Path, into: Path) -> None:
    shutil.copytree(realdata / "audit-cloudtrail-stratus", into, ignore=shutil.ignore_patterns("*.md"))
    counts = {file.name: len(json.loads(gzip.decompress(file.read_bytes()))) for file in into.glob("*.gz")}
    (into / "counts.json").write_text(json.dumps(counts))


def _join_pull_requests(realdata: Path, into: Path) -> None:
    """One record a pull request with its reviews and commits, as the GitHub connector writes them."""
    folder = realdata / "changes-github-secp256k1"
    reviews, commits = (_lines(folder / f"{name}.jsonl.gz") for name in ("reviews", "commits"))
    records = [
        {
            "repository": REPOSITORY_NAME,
            "pull": pull,
            "reviews": [each for each in reviews if each["pull_number"] == pull["number"]],
            "commits": [
                {"sha": each["sha"], "commit": {"author": each["author"], "message": each["message"]}, "author": None}
                for each in commits
                if each["pull_number"] == pull["number"]
            ],
        }
        for pull in _lines(folder / "pulls.jsonl.gz")
        if pull.get("merged_at")
    ]
    into.mkdir(parents=True)
    (into / "pull_requests.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (into / "counts.json").write_text(json.dumps({"pull_requests.jsonl": len(records)}))


def _deviations(opened: Installation, day: str, test: str) -> set[tuple[str, ...]]:
    if queries.latest_partition(opened) is None or not queries.results_of_day(opened, day):
        moment = datetime(2026, 11, 1, tzinfo=UTC)
        pipeline.run_day(opened, day, trigger=Trigger(kind="scheduled"), clock=lambda: moment)
    result, _ = queries.control_result(opened, test[:5], day)
    found = next(each for each in result.tests if each.test == test)
    assert found.state.value in ("pass", "fail"), found.reason
    return {tuple(value for _, value in deviation.key) for deviation in found.deviations}


@pytest.mark.parametrize("day", ["2024-07-31", "2024-08-01", "2024-08-02"])
def test_console_logins_without_a_second_factor_are_those_that_pandas_counts(opened, events, day):
    logins = events[(events["eventName"] == "ConsoleLogin") & events["eventTime"].str.startswith(day)]
    without = logins[logins["additionalEventData.MFAUsed"] != "Yes"]
    assert {key[0] for key in _deviations(opened, day, "RD-01.T1")} == set(without["eventID"])


@pytest.mark.parametrize("day", ["2024-07-31", "2024-08-02"])
def test_stopped_trails_are_those_that_pandas_counts(opened, events, day):
    stopped = events[events["eventName"].isin(["StopLogging", "DeleteTrail"]) & events["eventTime"].str.startswith(day)]
    assert {key[0] for key in _deviations(opened, day, "RD-01.T2")} == set(stopped["eventID"])


def test_the_attack_days_hold_both_kinds(opened, events):
    assert len(_deviations(opened, "2024-08-02", "RD-01.T1")) == 1
    assert len(_deviations(opened, "2024-07-31", "RD-01.T2")) == 2


def test_events_of_odd_identities_are_data(opened, events):
    day = events[events["eventTime"].str.startswith("2024-08-01")]
    _deviations(opened, "2024-08-01", "RD-01.T2")
    (sealed,) = opened.index.sealed_populations(["audit_events"], "2024-08-01", "2024-08-01")
    assert sealed.rows == day["eventID"].nunique()


def test_busiest_days_have_the_self_merged_pull_requests_that_pandas_counts(opened, pulls):
    days = [day for day, _ in Counter(pulls["merged_at"].str[:10]).most_common(6)]
    for day in days:
        merged = pulls[pulls["merged_at"].str.startswith(day)]
        own = merged[merged["merged_by.login"].isna() | (merged["user.login"] == merged["merged_by.login"])]
        found = {int(key[1]) for key in _deviations(opened, day, "RD-01.T3")}
        assert found == set(own["number"]), day


def test_unreviewed_pull_requests_are_those_that_pandas_counts(opened, pulls, realdata):
    reviews = pd.json_normalize(_lines(realdata / "changes-github-secp256k1" / "reviews.jsonl.gz"))
    joined = pulls.merge(reviews, left_on="number", right_on="pull_number", suffixes=("", "_review"))
    good = joined[
        (joined["state_review"] == "APPROVED")
        & (joined["user.login_review"] != joined["user.login"])
        & (joined["commit_id"] == joined["head.sha"])
    ]
    for day in [day for day, _ in Counter(pulls["merged_at"].str[:10]).most_common(6)]:
        merged = set(pulls[pulls["merged_at"].str.startswith(day)]["number"])
        found = {int(key[1]) for key in _deviations(opened, day, "RD-01.T4")}
        assert found == merged - set(good["number"]), day


def test_who_pushed_last_is_not_known_here_so_no_approval_counts(opened, pulls):
    """These recordings name no author of a commit; unknown is never pass, so DV-04.T1 finds every pull request."""
    for day in [day for day, _ in Counter(pulls["merged_at"].str[:10]).most_common(3)]:
        merged = pulls[pulls["merged_at"].str.startswith(day)]
        found = {int(key[1]) for key in _deviations(opened, day, "DV-04.T1")}
        assert found == set(merged["number"]), day
