"""Commands say what they found, with exit code 0 it holds, 1 it does not, 2 it could not be judged."""

from __future__ import annotations

import json

import pytest

from .conftest import DAY


def test_bundles_are_listed_with_their_identity(run):
    listed = json.loads(run("bundles", "--json").stdout)
    assert [(bundle["slot"]["kind"], bundle["slot"]["name"]) for bundle in listed] == [
        ("collection", "access_reviews"),
        ("register", "day"),
        ("results", "controls"),
    ]
    assert all(len(bundle["digest"]) == 64 for bundle in listed)


def test_result_is_shown_with_each_deviation(run):
    shown = run("show", "AC-01")
    assert shown.returncode == 0
    assert "AC-01.T1: fail" in shown.stdout
    assert "account_id=a2" in shown.stdout


def test_bundle_holds_with_the_key_and_not_without(run, sealed):
    bundle = str(next(sealed.state.joinpath("bundles/bundles/results").rglob("*.zip")))
    key = str(sealed.state / "keys" / "signing.pub")
    assert run("verify", "--key", key, bundle).returncode == 0
    unsure = run("verify", bundle)
    assert (unsure.returncode, "SIGNER NOT ESTABLISHED" in unsure.stdout) == (2, True)


def test_falsified_bundle_does_not_hold(run, sealed, tmp_path):
    bundle = next(sealed.state.joinpath("bundles/bundles/results").rglob("*.zip"))
    altered = tmp_path / "altered.zip"
    altered.write_bytes(bundle.read_bytes().replace(b'"state":"fail"', b'"state":"pass"', 1))
    found = run("verify", "--key", str(sealed.state / "keys" / "signing.pub"), str(altered))
    assert found.returncode == 1
    assert "data/results.json" in found.stdout


def test_package_verifies_with_its_own_script(run, sealed, tmp_path):
    import subprocess

    folder = tmp_path / "package"
    assert run("package", str(folder), "--control", "AC-01").returncode == 0
    checked = subprocess.run(["bash", "verify-all.sh"], cwd=folder, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    chain = run("verify", "--register", str(folder / "bundles"), "--key", str(folder / "signing.pub"))
    assert (chain.returncode, "0 findings" in chain.stdout) == (0, True)
    next(folder.joinpath("bundles").glob("*.results.*")).unlink()
    gone = run("verify", "--register", str(folder / "bundles"), "--key", str(folder / "signing.pub"))
    assert (gone.returncode, "is gone" in gone.stdout) == (1, True)


@pytest.mark.parametrize(("framework", "count"), [("soc2", 61), ("iso42001", 70)])
def test_coverage_lists_every_requirement(run, framework, count):
    covered = json.loads(run("coverage", "--framework", framework, "--json").stdout)
    assert len(covered) == count


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "ZZ-99"), "there is no result of ZZ-99"),
        (("collect", "nothing", "--partition", DAY), "no source belongs to the collection 'nothing'"),
        (("collect", "access_reviews", "--partition", "yesterday"), "'yesterday' is not a day"),
        (("collect", "access_reviews", "--partition", DAY, "--again"), "only by a person, for a reason"),
        (("coverage", "--framework", "iso27001"), "there is no framework 'iso27001'"),
        (("bundles", "--kind", "screenshot"), "there is no kind 'screenshot'"),
        (("verify", "/nowhere.zip"), "/nowhere.zip"),
        (("verify",), "name at least one bundle"),
        (("control", "try", "ZZ-99"), "there is no control 'ZZ-99'"),
        (("source", "test", "nobody", "--partition", DAY), "there is no source 'nobody'"),
        (("mapping", "try", "hr", "accounts", "--partition", DAY), "hr gives no 'accounts'"),
        (("retention", "--delete"), "deleting needs a person"),
        (("keys", "new"), "a key is never overwritten"),
    ],
)
def test_mistake_is_one_sentence_and_exit_code_2(run, arguments, sentence):
    found = run(*arguments)
    assert found.returncode == 2, found.stdout + found.stderr
    assert sentence in found.stderr
    assert "Traceback" not in found.stderr


def test_missing_settings_are_named(run, tmp_path):
    found = run("bundles", AIRTIGHT_ORGANISATION=str(tmp_path))
    assert (found.returncode, "airtight.yaml" in found.stderr) == (2, True)


def test_signing_key_that_others_may_read_is_refused(run, sealed):
    key = sealed.state / "keys" / "signing.pem"
    key.chmod(0o644)
    try:
        found = run("evaluate", "--partition", "2026-06-29")
    finally:
        key.chmod(0o600)
    assert (found.returncode, "chmod 600" in found.stderr) == (2, True)


def test_mapping_is_tried_without_sealing(run):
    tried = json.loads(run("mapping", "try", "directory", "accounts", "--partition", DAY, "--json").stdout)
    assert (tried["count"], tried["trouble"]) == (2, None)
    assert len(json.loads(run("bundles", "--json").stdout)) == 3


def test_check_counts_what_there_is(run):
    found = run("check", "--json")
    assert found.returncode == 0
    assert json.loads(found.stdout)["counts"]["controls"] >= 20


def test_credentials_come_from_the_environment_as_airflow_writes_them(monkeypatch):
    from datetime import timedelta

    from airtight.cli.opening import credentials_of
    from airtight.domain.source import Source
    from airtight.errors import SourceRefused

    source = Source("s", "c", "x", "sql", "db_main", {}, timedelta(), timedelta(), {})
    monkeypatch.setenv("AIRFLOW_CONN_DB_MAIN", '{"host": "h", "password": "p w", "extra": {"sslmode": "require"}}')
    found = credentials_of(source)
    assert (found.host, found.password, found.extra) == ("h", "p w", {"sslmode": "require"})
    monkeypatch.delenv("AIRFLOW_CONN_DB_MAIN")
    with pytest.raises(SourceRefused, match="AIRFLOW_CONN_DB_MAIN"):
        credentials_of(source)


def test_definitions_of_a_date_that_is_none_are_refused(run):
    done = run("evaluate", "--partition", DAY, "--catalog-at", "yesterday")
    assert done.returncode == 2
    assert "'yesterday' is not a day" in done.stderr
