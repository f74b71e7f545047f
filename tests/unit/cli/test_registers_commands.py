"""``airtight registers``: every fault with its place, schemas for editors, exit code 2 for what cannot be used."""

from __future__ import annotations

import json


def test_faults_are_printed_with_file_line_and_key(run, tmp_path):
    tmp_path.joinpath("concerns.yaml").write_text("# kept by people\n- {concern: 1}\n")
    checked = run("registers", "check", str(tmp_path))
    assert checked.returncode == 2
    assert "concerns.yaml:2 [0].concern: unknown key 'concern'." in checked.stdout
    assert checked.stderr == ""


def test_a_sound_folder_passes_and_an_empty_one_does_not(run, tmp_path):
    assert run("registers", "check", str(tmp_path)).returncode == 2
    tmp_path.joinpath("concerns.yaml").write_text("[]\n")
    checked = run("registers", "check", str(tmp_path), "--json")
    assert (checked.returncode, json.loads(checked.stdout)["rows"]) == (0, {"concerns": 0})


def test_a_folder_that_is_not_there_is_no_traceback(run, tmp_path):
    gone = run("registers", "check", str(tmp_path / "gone"))
    assert (gone.returncode, "Traceback" in gone.stderr, "there is no folder" in gone.stderr) == (2, False, True)


def test_a_register_is_shown_as_it_was_sealed(run):
    shown = run("registers", "show", "hr_roster", "--on", "2026-06-30")
    assert (shown.returncode, "2 rows" in shown.stdout) == (0, True)
    assert run("registers", "show", "hr_roster", "--on", "2026-06-29").returncode == 2
    assert run("registers", "show", "hr_roster", "--on", "yesterday").returncode == 2
    told = run("registers", "versions", "hr_roster", "--from", "2026-06-30", "--to", "2026-06-30", "--json")
    assert (told.returncode, json.loads(told.stdout)[0]["source"]) == (0, "hr")
    assert run("registers", "versions", "hr_roster", "--from", "2026-06-29", "--to", "2026-06-30").returncode == 2
