"""The statement: what is signed. An in-toto Statement v1 whose only subject is the bundle's manifest.

The manifest vouches for every file under ``data/``; ``predicate.bag`` for the rest that is known before signing
(``VERIFY.txt``, ``bagit.txt``, the signer's key, the archive's directory of those files). The JSON is canonical, so the
statement begins and ends with bytes that a shell can compare without parsing. Times are the signer's claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from airtight.domain.bundle import BundleKind, Environment, RunFacts, Slot
from airtight.domain.period import Window
from airtight.errors import EvidenceError
from airtight.seal.canonical import canonical_json, parse_json
from airtight.seal.digest import check_digest
from airtight.seal.layout import BAGIT, MANIFEST, PAE, SIGNER, VERIFY
from airtight.wire import Json, from_json, to_json

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
FORMAT_VERSION = 1

#: The predicate type of each kind of bundle; a new version of a format gets a new URI beside these.
PREDICATE_TYPES: Mapping[BundleKind, str] = {
    kind: f"https://airtight.dev/evidence/{kind.value}/v{FORMAT_VERSION}" for kind in BundleKind
}


@dataclass(frozen=True)
class Bag:
    """SHA-256 of what lies outside ``data/`` and is known before signing.

    Attributes:
        verify, bagit, signer: of the files ``VERIFY.txt``, ``bagit.txt`` and ``proof/signer.pub``.
        directory: of the archive's central directory records that sort before the manifest: sizes, CRCs, places.
    """

    verify: str
    bagit: str
    directory: str
    signer: str


@dataclass(frozen=True)
class Statement:
    """What the signer says of a bundle.

    Attributes:
        manifest: SHA-256 of ``manifest-sha256.txt``.
        rests_on: identities of the bundles that this one was made from, sorted.
        supersedes: identity of the bundle of the same slot that this one corrects, or None.
        summary: the states that it holds, by kind; see ``contents``.
    """

    slot: Slot
    environment: Environment
    organisation: str
    window: Window
    facts: RunFacts
    software_version: str
    rests_on: tuple[str, ...]
    supersedes: str | None
    summary: Mapping[str, Json]
    bag: Bag
    manifest: str

    def to_bytes(self) -> bytes:
        """The statement as canonical JSON.

        Raises:
            EvidenceError: a value has no canonical form.
        """
        return canonical_json(
            {
                "_type": STATEMENT_TYPE,
                "predicate": self._predicate(),
                "predicateType": PREDICATE_TYPES[self.slot.kind],
                "subject": [{"digest": {"sha256": self.manifest}, "name": MANIFEST}],
            }
        )

    def _predicate(self) -> Json:
        return {
            "bag": {
                VERIFY: self.bag.verify,
                BAGIT: self.bag.bagit,
                "directory": self.bag.directory,
                SIGNER: self.bag.signer,
            },
            "environment": self.environment.value,
            "formatVersion": FORMAT_VERSION,
            "organisation": self.organisation,
            "restsOn": list(self.rests_on),
            "run": {_camel(name): value for name, value in _members(to_json(self.facts)).items()},
            "slot": to_json(self.slot),
            "software": {"name": "airtight", "version": self.software_version},
            "summary": dict(self.summary),
            "supersedes": self.supersedes,
            "window": to_json(self.window),
        }


def parse_statement(content: bytes) -> Statement:
    """The statement in signed bytes. It says what the signer said, nothing about whether that is true.

    Raises:
        EvidenceError: it is not what ``Statement.to_bytes`` writes: other type, other or further subjects or members.
    """
    try:
        statement = _build(_members(parse_json(content, PAE)))
    except (KeyError, IndexError, TypeError, ValueError):
        raise EvidenceError("is not a statement about a bundle.", where=PAE) from None
    if statement.to_bytes() != content:
        raise EvidenceError("holds something besides a statement about a bundle, in its canonical form.", where=PAE)
    return statement


def _build(document: dict[str, Json]) -> Statement:
    predicate = _members(document["predicate"])
    slot = from_json(Slot, predicate["slot"])
    if document["predicateType"] != PREDICATE_TYPES[slot.kind]:
        raise EvidenceError(f"its predicate type is not that of a {slot.kind.value} bundle.", where=PAE)
    bag = {name: check_digest(str(value), PAE) for name, value in _members(predicate["bag"]).items()}
    supersedes = predicate["supersedes"]
    return Statement(
        slot=slot,
        environment=Environment(str(predicate["environment"])),
        organisation=str(predicate["organisation"]),
        window=from_json(Window, predicate["window"]),
        facts=_parse_facts(_members(predicate["run"])),
        software_version=str(_members(predicate["software"])["version"]),
        rests_on=tuple(check_digest(str(digest), PAE) for digest in _items(predicate["restsOn"])),
        supersedes=None if supersedes is None else check_digest(str(supersedes), PAE),
        summary=_members(predicate["summary"]),
        bag=Bag(bag[VERIFY], bag[BAGIT], bag["directory"], bag[SIGNER]),
        manifest=check_digest(_subject(document), PAE),
    )


def _subject(document: dict[str, Json]) -> str:
    subjects = _items(document["subject"])
    if len(subjects) != 1:
        raise EvidenceError(f"names {len(subjects)} subjects; a bundle has one, its manifest.", where=PAE)
    return str(_members(_members(subjects[0])["digest"])["sha256"])


def _parse_facts(run: Mapping[str, Json]) -> RunFacts:
    return from_json(RunFacts, {field.name: run[_camel(field.name)] for field in fields(RunFacts)})


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _members(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _items(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value
