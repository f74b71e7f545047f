"""A framework of one's own is one file; controls answer it from their own files, or from one beside it."""

from __future__ import annotations

import pytest
from sound_catalog import CONNECTORS, CONTROL

from airtight.definitions.catalog import load_catalog
from airtight.definitions.texts import load_texts
from airtight.errors import DefinitionError

OWN = """\
id: nist-ai-rmf
name: NIST AI Risk Management Framework
edition: "1.0"
requirements:
  - {id: GOVERN-1, kind: category, assessable: false, title: Policies and practices}
  - {id: GOVERN-1.1, parent: GOVERN-1, kind: subcategory, title: Legal requirements are understood}
  - {id: GOVERN-1.2, parent: GOVERN-1, kind: subcategory, title: Characteristics of trustworthy AI are in the policies}
  - {id: MEASURE-2.7, kind: subcategory, title: Security and resilience are evaluated}
"""
ANSWERS = "organisation/catalog/requirements/nist-ai-rmf.yaml"


@pytest.fixture
def own(place):
    place.write("organisation/catalog/frameworks/nist-ai-rmf.yaml", OWN)
    return place


def load(place):
    return load_catalog(place.home, place.overlay, CONNECTORS)


def test_existing_control_answers_it_without_being_copied(own):
    own.write(ANSWERS, "direct: {AC-01: [MEASURE-2.7]}\nsupports: {AC-01: [GOVERN-1.1]}\n")
    control = load(own).controls["AC-01"]
    assert dict(control.requirements) == {"soc2": ("CC6.1",), "nist-ai-rmf": ("MEASURE-2.7",)}
    assert dict(control.supports) == {"soc2": ("CC6.2",), "nist-ai-rmf": ("GOVERN-1.1",)}


def test_control_of_the_organisation_answers_it_from_its_own_file(own):
    text = CONTROL.replace("AC-01", "XR-01").replace("  soc2: [CC6.1]\n", "  nist-ai-rmf: [GOVERN-1.2]\n")
    own.write("organisation/catalog/controls/XR-01.yaml", text)
    assert dict(load(own).controls["XR-01"].requirements) == {"nist-ai-rmf": ("GOVERN-1.2",)}


def test_answers_add_to_those_of_a_shipped_framework(place):
    place.replace(
        "home/include/catalog/controls/AC-01.yaml", "  soc2: [CC6.1]\n  supports: {soc2: [CC6.2]}", "  soc2: [CC6.1]"
    )
    place.write("organisation/catalog/requirements/soc2.yaml", "direct: {AC-01: [CC6.2]}\n")
    assert load(place).controls["AC-01"].requirements["soc2"] == ("CC6.1", "CC6.2")


def test_answers_are_part_of_what_a_result_names_as_its_catalog(own):
    before = load(own).digest
    own.write(ANSWERS, "direct: {AC-01: [MEASURE-2.7]}\n")
    assert load(own).digest != before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("direct: {ZZ-01: [MEASURE-2.7]}", "nist-ai-rmf.yaml:1 direct.ZZ-01: there is no control 'ZZ-01'."),
        ("direct: {AC-01: [GOVERN-1]}", "GOVERN-1 is a label in nist-ai-rmf (Policies and practices)"),
        ("direct: {AC-01: [MEASURE-9]}", "nist-ai-rmf has no requirement MEASURE-9."),
        (
            "direct: {AC-01: [MEASURE-2.7]}\nsupports: {AC-01: [MEASURE-2.7]}",
            "AC-01 maps to MEASURE-2.7 already.",
        ),
        ("indirect: {AC-01: [MEASURE-2.7]}", "unknown key 'indirect'."),
        ("direct: [AC-01]", "It must be a mapping"),
    ],
)
def test_wrong_answers_are_refused_with_their_place(own, text, message):
    own.write(ANSWERS, text)
    with pytest.raises(DefinitionError) as refused:
        load(own)
    assert message in str(refused.value)


def test_answers_to_an_unknown_framework_are_refused(place):
    place.write("organisation/catalog/requirements/iso9001.yaml", "direct: {AC-01: ['8.1']}\n")
    with pytest.raises(DefinitionError, match="there is no framework 'iso9001'"):
        load(place)


def test_licensed_texts_are_read_from_the_folder_of_the_organisation(own):
    own.write("organisation/texts/nist-ai-rmf/GOVERN-1.1.md", "\ufeffLegal requirements ...\n")
    own.write("organisation/texts/nist-ai-rmf/.DS_Store", "x")
    assert load_texts(own.overlay, load(own).frameworks) == {("nist-ai-rmf", "GOVERN-1.1"): "Legal requirements ..."}
    assert load_texts(own.home, load(own).frameworks) == {}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("texts/nist/GOVERN-1.1.md", "there is no framework 'nist'"),
        ("texts/nist-ai-rmf/GOVERN-9.md", "nist-ai-rmf has no requirement GOVERN-9."),
    ],
)
def test_text_of_nothing_is_refused(own, path, message):
    own.write(f"organisation/{path}", "text")
    with pytest.raises(DefinitionError, match=message):
        load_texts(own.overlay, load(own).frameworks)


def test_texts_are_no_part_of_the_catalog(own):
    before = load(own).digest
    own.write("organisation/texts/nist-ai-rmf/GOVERN-1.1.md", "Legal requirements ...")
    assert load(own).digest == before
