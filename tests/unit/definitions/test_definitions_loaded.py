"""What a sound catalog becomes, how an organisation overlays it, and that loading is deterministic."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sound_catalog import CONTROL, FILES, Place

from airtight.definitions.controls import load_control
from airtight.definitions.frameworks import load_frameworks
from airtight.definitions.populations import load_populations
from airtight.domain.control import LifeCycle
from airtight.domain.period import Frequency
from airtight.domain.population import Redaction


def test_a_control_is_read_whole(place):
    control = place.load().controls["AC-01"]
    first, second, third = control.tests
    assert (control.frequency, control.tiers) == (Frequency.DAILY, ("entity",))
    assert control.requirements == {"soc2": ("CC6.1",)}
    assert control.supports == {"soc2": ("CC6.2",)}
    assert control.digest == hashlib.sha256(CONTROL.encode()).hexdigest()
    assert first.populations == ("people", "accounts", "accounts_history")
    assert first.parameters == {"hours": 24, "kinds": ("human", "shared")}
    assert (first.tolerance, first.empty_ok, first.requires) == (0.05, True, ("people",))
    assert (second.kind, second.title, second.population) == ("attestation", "Leavers lose access", "")
    assert third.awaits == "the connector of the identity governance tool"


def test_cases_keep_times_as_text_and_numbers_as_numbers(place):
    first, second = place.load().controls["AC-01"].tests[0].cases
    assert first.given["people"][0]["left_at"] == "2026-06-28T00:00:00Z"
    assert first.given["accounts_history"] == ({"account_id": "a1", "_day": "2026-06-30", "_source": "okta"},)
    assert (first.population, first.tested, first.day, first.parameters) == (1, None, date(2026, 6, 30), {"hours": 1})
    assert (first.deviations, second.inconclusive) == (({"account_id": "a1"},), True)


def test_words_that_yaml_1_1_would_change_stay_words(place):
    place.replace("home/include/catalog/populations/people.yaml", "[active, terminated]", "[no, on, n/a, 2026-01-01]")
    column = place.load().populations["people"].column("status")
    assert column.values == ("no", "on", "n/a", "2026-01-01")


def test_an_unquoted_clause_number_is_an_id(place):
    place.replace("home/include/catalog/frameworks/soc2.yaml", "id: CC6.1", "id: 8.10")
    place.replace("home/include/catalog/controls/AC-01.yaml", "[CC6.1]", "[8.10]")
    assert place.load().controls["AC-01"].requirements["soc2"] == ("8.10",)


def test_populations_carry_redaction_and_references(place):
    accounts = place.load().populations["accounts"]
    assert accounts.column("login").redaction is Redaction.PSEUDONYM
    assert accounts.column("person_id").references == "people.person_id"
    assert accounts.column_names == ("account_id", "login", "person_id")


def test_sources_are_read_with_their_defaults(place):
    catalog = place.load()
    okta, hr = catalog.sources["okta-users"], catalog.sources["hr"]
    assert (okta.settles_after, okta.max_lag) == (timedelta(hours=6), timedelta(days=1))
    assert (hr.settles_after, hr.max_lag, hr.connection, hr.options) == (timedelta(0), timedelta(days=1), None, {})
    assert okta.options == {"path": "exports/{partition}.csv", "keeps_history": True}
    assert set(catalog.mappings) == {"mappings/hr/people.sql", "mappings/okta/accounts.sql"}


def test_a_named_control_has_its_own_stages_and_others_the_default(place):
    place.write("home/include/catalog/controls/AC-02.yaml", CONTROL.replace("AC-01", "AC-02"))
    controls = place.load().controls
    assert [stage.state for stage in controls["AC-01"].life] == [LifeCycle.PLANNED, LifeCycle.ACTIVE]
    assert [stage.since for stage in controls["AC-02"].life] == [date(2026, 1, 1)]


def test_without_a_life_cycle_every_control_is_planned(place):
    (place.overlay / "controls.yaml").unlink()
    assert place.load().controls["AC-01"].life == ()


def test_the_organisation_overlays_every_kind_of_file(place):
    before = place.load()
    place.write("organisation/catalog/controls/AC-01.yaml", CONTROL.replace("IT operations", "Identity team"))
    place.write("organisation/catalog/populations/sites.yaml", FILES[PEOPLE].replace("people", "sites"))
    place.write("organisation/catalog/mappings/hr/people.sql", "SELECT 1 AS person_id FROM raw")
    place.write("organisation/expectations/people.json", "{}")
    after = place.load()
    assert (before.controls["AC-01"].owner, after.controls["AC-01"].owner) == ("IT operations", "Identity team")
    assert set(after.populations) - set(before.populations) == {"sites"}
    assert after.mappings["mappings/hr/people.sql"] == "SELECT 1 AS person_id FROM raw"
    assert after.suites["people"] == place.overlay / "expectations" / "people.json"
    assert after.digest != before.digest


PEOPLE = "home/include/catalog/populations/people.yaml"


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(sorted(FILES)))
def test_loading_does_not_depend_on_the_order_of_files_or_on_their_place(order):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        catalogs = [_loaded(Path(one), sorted(FILES)), _loaded(Path(other), order)]
        assert catalogs[0].digest == catalogs[1].digest
        for part in ("frameworks", "populations", "sources", "mappings"):
            assert list(getattr(catalogs[0], part).items()) == list(getattr(catalogs[1], part).items())
        tests = [[test for control in catalog.controls.values() for test in control.tests] for catalog in catalogs]
        assert tests[0] == tests[1]


def _loaded(root, order):
    place = Place(root)
    for path in order:
        place.write(path, FILES[path])
    return place.load()


@settings(max_examples=len(FILES), deadline=None)
@given(path=st.sampled_from(sorted(FILES)))
def test_the_digest_changes_with_every_file(path):
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        before = _loaded(Path(folder), sorted(FILES)).digest
        place.write(path, FILES[path] + "\n")
        assert place.load().digest != before


def test_the_digest_is_that_of_sha256sum(place):
    files = {f"catalog/{path.split('catalog/')[1]}" if "catalog/" in path else path: path for path in FILES}
    named = {name.removeprefix("home/"): path for name, path in files.items()}
    lines = [f"{hashlib.sha256(FILES[path].encode()).hexdigest()}  {name}\n" for name, path in sorted(named.items())]
    assert place.load().digest == hashlib.sha256("".join(lines).encode()).hexdigest()


def test_the_catalog_holds_every_requirement_of_both_frameworks(repository):
    frameworks = load_frameworks(repository / "include" / "catalog" / "frameworks")
    counts = {}
    for framework in frameworks.values():
        for node in framework.assessable():
            counts[framework.id, node.kind] = counts.get((framework.id, node.kind), 0) + 1
    assert counts == {("soc2", "criterion"): 61, ("iso42001", "clause"): 32, ("iso42001", "annex-control"): 38}


def test_no_label_of_the_frameworks_is_assessable(repository):
    for framework in load_frameworks(repository / "include" / "catalog" / "frameworks").values():
        parents = {node.parent for node in framework.requirements if node.kind != "input"}
        assert not [node.id for node in framework.assessable() if node.id in parents]


def test_every_population_of_the_catalog_loads(repository):
    assert len(load_populations(repository / "include" / "catalog" / "populations")) >= 38


def test_every_control_of_the_catalog_loads(repository):
    catalog = repository / "include" / "catalog"
    schemas, frameworks = load_populations(catalog / "populations"), load_frameworks(catalog / "frameworks")
    for file in sorted((catalog / "controls").glob("*.yaml")):
        assert load_control(file, schemas, frameworks).id == file.stem
