"""Each thing that the loader refuses, once: what it says, and that it names file, line and key."""

from __future__ import annotations

import pytest

from airtight.errors import DefinitionError

CONTROL = "home/include/catalog/controls/AC-01.yaml"
PEOPLE = "home/include/catalog/populations/people.yaml"
ACCOUNTS = "home/include/catalog/populations/accounts.yaml"
CHANGES = "home/include/catalog/populations/changes.yaml"
FRAMEWORK = "home/include/catalog/frameworks/soc2.yaml"
SOURCES = "organisation/sources.yaml"
LIVES = "organisation/controls.yaml"

CASES = [
    # populations
    (PEOPLE, "name: people", "name: persons", "people.yaml:1 name", "stands in people.yaml"),
    (PEOPLE, "kind: snapshot", "kind: table", "people.yaml:3 kind", "'table' is not known"),
    (PEOPLE, "key: [person_id]", "key: [nobody]", "people.yaml:5 key", "'nobody' does not exist"),
    (PEOPLE, "key: [person_id]", "key: [left_at]", "people.yaml:5 key", "'left_at' can be null"),
    (PEOPLE, "key: [person_id]", "key: []", "people.yaml:5 key", "the key is empty"),
    (PEOPLE, "{type: id}", "{type: uuid}", "people.yaml:7 columns.person_id.type", "'uuid' is not known"),
    (PEOPLE, ", values: [active, terminated]", "", "people.yaml:8 columns.status", "every enum needs some"),
    (PEOPLE, "{type: id}", "{type: id, nulable: true}", "people.yaml:7 columns.person_id.nulable", "unknown key"),
    (PEOPLE, "internal-pii", "secret", "people.yaml:4 sensitivity", "sensitivity is 'secret'"),
    (PEOPLE, "nullable: true", "nullable: yes", "people.yaml:9 columns.left_at.nullable", "true or false"),
    (PEOPLE, "  left_at:", "  Left At:", "people.yaml:9 columns.Left At", "no name for a column"),
    (CHANGES, "event_time: done_at\n", "", "changes.yaml:1", "every event needs one"),
    (CHANGES, "event_time: done_at", "event_time: change_id", "changes.yaml:6 event_time", "type ts or date"),
    (ACCOUNTS, "people.person_id", "persons.person_id", "accounts.yaml:10 columns.person_id.references", "'persons'"),
    (ACCOUNTS, "people.person_id", "people.id", "accounts.yaml:10 columns.person_id.references", "no such column"),
    (ACCOUNTS, "redact: pseudonym", "redact: hash", "accounts.yaml:9 columns.login.redact", "'hash' is not known"),
    # frameworks
    (FRAMEWORK, "id: soc2", "id: soc3", "soc2.yaml:1 id", "stands in soc2.yaml"),
    (FRAMEWORK, "id: CC6.2", "id: CC6.1", "soc2.yaml:7 requirements[2]", "stands twice"),
    (FRAMEWORK, "{id: CC6.1, parent: CC6,", "{id: CC6.1, parent: CC9,", "soc2.yaml:6 requirements[1]", "'CC9'"),
    # controls
    (CONTROL, "id: AC-01\n", "id: AC-02\n", "AC-01.yaml:1 id", "stands in AC-01.yaml"),
    (CONTROL, "id: AC-01\n", "id: access\n", "AC-01.yaml:1 id", "no id for a control"),
    (CONTROL, "title: Leavers lose access\n", "title: 5\n", "AC-01.yaml:2 title", "title is a whole number"),
    (CONTROL, "owner: IT operations\n", "owner: ''\n", "AC-01.yaml:4 owner", "It must be text"),
    (CONTROL, "frequency: daily", "frequency: hourly", "AC-01.yaml:5 frequency", "'hourly' is not known"),
    (CONTROL, "tiers: [entity]", "tiers: [all]", "AC-01.yaml:6 tiers[0]", "tier 'all' is unknown"),
    (CONTROL, "owner: IT operations", "ovner: IT", "AC-01.yaml:4 ovner", "unknown key 'ovner'"),
    (CONTROL, "owner: IT operations\n", "", "AC-01.yaml:1", "key 'owner' is missing"),
    (CONTROL, "owner: IT operations", "title: again", "AC-01.yaml:4", "key 'title' stands twice"),
    (CONTROL, "soc2: [CC6.1]", "soc2: [CC6.9]", "AC-01.yaml:8 requirements.soc2[0]", "Real ids: CC6.1, CC6.2."),
    (CONTROL, "soc2: [CC6.1]", "soc2: [CC6]", "AC-01.yaml:8 requirements.soc2[0]", "Real ids: CC6.1, CC6.2."),
    (CONTROL, "soc2: [CC6.1]", "soc2: [CC6.0]", "AC-01.yaml:8 requirements.soc2[0]", "Real ids: CC6.1, CC6.2."),
    (CONTROL, "soc2: [CC6.1]", "soc2: [CC6.2]", "AC-01.yaml:9 requirements.supports.soc2", "answered directly"),
    (CONTROL, "  soc2: [CC6.1]", "  sox: [A]", "AC-01.yaml:8 requirements.sox", "unknown key 'sox'"),
    (CONTROL, "id: AC-01.T1", "id: AC-02.T1", "AC-01.yaml:11 tests[0].id", "no id for a test of AC-01"),
    (CONTROL, "id: AC-01.T2", "id: AC-01.T1", "AC-01.yaml:39 tests[1]", "two tests are called AC-01.T1"),
    (CONTROL, "window: day", "window: daily", "AC-01.yaml:14 tests[0].window", "'daily' is not a window"),
    (CONTROL, "window: P90D", "window: P0D", "AC-01.yaml:46 tests[2].window", "'P0D' is not a window"),
    (CONTROL, "window: P90D", "window: P99999999D", "AC-01.yaml:46 tests[2].window", "is not a window"),
    (CONTROL, "{hours} hours", "{days} days", "AC-01.yaml:13 tests[0].procedure", "{days}, which is no parameter"),
    (CONTROL, "[people, accounts, acc", "[persons, accounts, acc", "AC-01.yaml:15 tests[0].populations[0]", "unknown"),
    (CONTROL, "accounts_history]", "changes_history]", "AC-01.yaml:15 tests[0].populations[2]", "no daily states"),
    (CONTROL, "requires: [people]", "requires: [changes]", "AC-01.yaml:16 tests[0].requires[0]", "not among"),
    (
        CONTROL,
        "    population: SELECT account_id FROM accounts\n",
        "",
        "AC-01.yaml:11 tests[0]",
        "'population' is miss",
    ),
    (CONTROL, "    untested_reason: accounts without an owner are AC-01.T2's\n", "", "AC-01.yaml:11", "go together"),
    (CONTROL, "hours: 24, kinds", "hours: ~, kinds", "AC-01.yaml:20 tests[0].parameters.hours", "a parameter is"),
    (CONTROL, "{hours: 24, kinds", "{hours: 24, window_end: x, kinds", "AC-01.yaml:20", "no name for a parameter"),
    (CONTROL, "* $hours", "* $minutes", "AC-01.yaml:21 tests[0].deviations", "$minutes, not declared"),
    (CONTROL, "JOIN people p", "JOIN changes p", "AC-01.yaml:21 tests[0].deviations", "reads 'changes'"),
    (CONTROL, "tolerance: 0.05", "tolerance: 5", "AC-01.yaml:25 tests[0].tolerance", "tolerance is 5"),
    (CONTROL, "empty_ok: true", "empty_ok: 1", "AC-01.yaml:26 tests[0].empty_ok", "true or false"),
    (CONTROL, "{person_id: p1,", "{person: p1,", "AC-01.yaml:30 tests[0].cases[0].given.people[0].person", "no column"),
    (
        CONTROL,
        "          people: [{",
        "          changes: [{",
        "AC-01.yaml:30 tests[0].cases[0].given.changes",
        "not among",
    ),
    (CONTROL, "name: nobody known", "name: left two days ago", "AC-01.yaml:36 tests[0].cases[1]", "two cases"),
    (CONTROL, "        inconclusive: true\n", "", "AC-01.yaml:36 tests[0].cases[1]", "'deviations' or 'inconclusive"),
    (CONTROL, "parameters: {hours: 1}", "parameters: {h: 1}", "tests[0].cases[0].parameters", "'h' is no parameter"),
    (CONTROL, "population: 1", "population: -1", "tests[0].cases[0].population", "a whole number from 0 on"),
    (CONTROL, "day: 2026-06-30\n        p", "day: 30 June\n        p", "tests[0].cases[0].day", "a day such as"),
    (CONTROL, "kind: attestation", "kind: manual", "AC-01.yaml:40 tests[1].kind", "kind is 'manual'"),
    (
        CONTROL,
        "window: quarter",
        "window: quarter\n    deviations: SELECT 1",
        "tests[1].deviations",
        "an attestation has",
    ),
    # sources
    (
        SOURCES,
        "connector: files\n  connection",
        "connector: ftp\n  connection",
        "sources.yaml:4 [0].connector",
        "'ftp'",
    ),
    (SOURCES, "- id: hr", "- id: okta-users", "sources.yaml:10 [1]", "two sources are called"),
    (SOURCES, "- id: hr", "- id: Human Resources", "sources.yaml:10 [1].id", "no id for a source"),
    (
        SOURCES,
        "collection: access_reviews\n  system: hr",
        "collection: reviews\n  system: hr",
        ":11 [1].coll",
        "'reviews'",
    ),
    (SOURCES, "PT6H", "6 hours", "sources.yaml:7 [0].settles_after", "'6 hours' is not a duration"),
    (SOURCES, "{accounts: m", "{users: m", "sources.yaml:9 [0].populations.users", "'users' is unknown"),
    (SOURCES, "mappings/hr/people.sql", "mappings/hr/none.sql", "sources.yaml:10 [1]", "'mappings/hr/none.sql' of hr"),
    (SOURCES, "mappings/hr/people.sql", "../people.sql", "sources.yaml:14 [1].populations.people", "is no mapping"),
    (SOURCES, "mappings/hr/people.sql", "/etc/passwd", "sources.yaml:14 [1].populations.people", "is no mapping"),
    (SOURCES, "{people: mappings/hr/people.sql}", "{}", "sources.yaml:14 [1].populations", "gives no population"),
    (SOURCES, "connection: okta_default", "connection: 'https://x'", "sources.yaml:5 [0].connection", "not the id"),
    # life cycle
    (LIVES, "state: planned", "state: paused", "controls.yaml:4 controls.AC-01[0].state", "'paused' is not known"),
    (LIVES, "  AC-01:", "  AC-09:", "controls.yaml:4 controls.AC-09", "'AC-09' is unknown"),
    (LIVES, "2026-03-01", "2026-01-01", "controls.yaml:5 controls.AC-01[1]", "not in the order"),
    (LIVES, ", approver: CRO, reason: built", ", reason: built", "controls.yaml:5 controls.AC-01[1]", "'approver' is"),
    (LIVES, "2026-03-01", "spring", "controls.yaml:5 controls.AC-01[1].since", "a day such as 2026-09-14"),
]


@pytest.mark.parametrize(("path", "old", "new", "where", "message"), CASES, ids=lambda value: str(value)[-40:])
def test_a_wrong_definition_is_refused_with_its_place(place, path, old, new, where, message):
    place.load()
    place.replace(path, old, new)
    with pytest.raises(DefinitionError) as caught:
        place.load()
    assert where in str(caught.value.where)
    assert message in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "line",
    [
        "password: hunter2-hunter2",
        "api_key: hunter2-hunter2",
        "auth: {client_secret: hunter2-hunter2}",
        "auth: {token: {value: hunter2-hunter2}}",
        "url: 'https://bob:hunter2-hunter2@example.org/export'",
        "headers: ['Authorization: Bearer hunter2-hunter2']",
        "query: AKIAHUNTER2HUNTER2XX",
    ],
)
def test_a_secret_in_a_source_is_refused_and_not_repeated(place, line):
    place.replace(SOURCES, 'path: "exports/{partition}.csv"', line)
    with pytest.raises(DefinitionError, match=r"sources.yaml:6 \[0\].options.* a secret must not stand") as caught:
        place.load()
    assert "hunter2" not in str(caught.value).lower()


def test_words_that_only_remind_of_secrets_are_no_secrets(place):
    new = "token_url: https://example.org/a@b, secretary: bob, keys: [1], url: 'https://example.org:8080/x@y'"
    place.replace(SOURCES, 'path: "exports/{partition}.csv"', new)
    assert place.load().sources["okta-users"].options["secretary"] == "bob"


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("a: [1", "people.yaml:2", "not YAML"),
        ("a: b: c", "people.yaml:1", "not YAML"),
        ("", "people.yaml", "the file is empty"),
        ("# nothing\n", "people.yaml", "the file is empty"),
        ("- a\n", "people.yaml:1", "the file is a list"),
        ("a: 1\n---\nb: 2\n", "people.yaml", "another document"),
        ("a: !!python/object:os.system x\n", "people.yaml:1 a", "a tag stands here"),
        ("a: &x [*x]\n", "people.yaml:1 a[0]", "contains itself"),
        ("a: &b {c: 1}\nd: {<<: *b}\n", "people.yaml:2 d", "merge keys are not read"),
        ("? [1]\n: 2\n", "people.yaml:1", "a key must be a plain word"),
        ("[" * 100_000, "people.yaml", "nested too deeply"),
        ("a: \x07\n", "people.yaml", "not UTF-8 text"),
        (
            "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40)),
            "people.yaml:1",
            "more than a million values",
        ),
    ],
    ids=range(13),
)
def test_a_malformed_file_is_one_clear_refusal(place, text, where, message):
    place.write(PEOPLE, text)
    with pytest.raises(DefinitionError) as caught:
        place.load()
    assert where in str(caught.value.where)
    assert message in str(caught.value)


def test_bytes_that_are_not_utf8_are_refused(place):
    (place.root / PEOPLE).write_bytes(b"title: caf\xe9\n")
    with pytest.raises(DefinitionError, match=r"people.yaml: the file is not UTF-8 text"):
        place.load()


def test_a_missing_sources_file_is_refused(place):
    (place.root / SOURCES).unlink()
    with pytest.raises(DefinitionError, match=r"sources.yaml: the file cannot be read"):
        place.load()


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("COPY raw TO 'x'", "not a SELECT"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("SELECT * FROM read_csv('/etc/passwd')", "the function read_csv()"),
        ("SELECT $hours FROM raw", "$hours, not declared"),
    ],
)
def test_a_mapping_that_is_not_one_select_is_refused(place, sql, message):
    place.write("home/include/catalog/mappings/hr/people.sql", sql)
    with pytest.raises(DefinitionError) as caught:
        place.load()
    assert caught.value.where == "mappings/hr/people.sql"
    assert message in str(caught.value)


def test_a_suite_that_is_not_json_is_refused(place):
    place.write("home/expectations/people.json", '{\n "name": }')
    with pytest.raises(DefinitionError, match=r"people.json:2: not JSON"):
        place.load()
