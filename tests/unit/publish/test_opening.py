"""Whose store it is, and that nobody else's evidence enters it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from airtight.domain.bundle import Environment
from airtight.errors import ConfigurationError, StorageError, StoreUnwritable
from airtight.publish.opening import Locking, open_store

OURS = "Meridian Lending"


def test_a_store_says_whose_it_is(place: Path) -> None:
    open_store(str(place), Environment.SAMPLE, OURS)
    assert (place / "store.json").read_text() == (
        '{"environment": "sample", "format": 1, "organisation": "Meridian Lending"}\n'
    )


def test_sample_evidence_aimed_at_a_production_store_is_refused(place: Path) -> None:
    open_store(str(place), Environment.PRODUCTION, OURS)
    with pytest.raises(ConfigurationError, match="holds production evidence of 'Meridian Lending', not sample"):
        open_store(str(place), Environment.SAMPLE, OURS)


def test_another_organisation_is_refused(place: Path) -> None:
    open_store(str(place), Environment.SAMPLE, OURS)
    with pytest.raises(ConfigurationError, match="'Other'"):
        open_store(str(place), Environment.SAMPLE, "Other")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "null", '{"environment": "test", "format": 1, "organisation": "x"}', "\x00\xff"]
)
def test_a_damaged_marker_is_no_invitation(place: Path, content: str) -> None:
    place.mkdir()
    (place / "store.json").write_text(content)
    with pytest.raises(StorageError, match="damaged"):
        open_store(str(place), Environment.SAMPLE, OURS)


def test_a_store_of_a_newer_version_is_refused(place: Path) -> None:
    place.mkdir()
    (place / "store.json").write_text('{"environment": "sample", "format": 2, "organisation": "Meridian Lending"}')
    with pytest.raises(ConfigurationError, match="newer"):
        open_store(str(place), Environment.SAMPLE, OURS)


def test_a_folder_with_other_things_in_it_is_no_store(place: Path) -> None:
    (place / "photos").mkdir(parents=True)
    (place / "photos/cat.jpg").write_bytes(b"cat")
    with pytest.raises(ConfigurationError, match=r"no store\.json"):
        open_store(str(place), Environment.SAMPLE, OURS)
    assert not (place / "store.json").exists()


def test_a_file_is_no_store(place: Path) -> None:
    place.write_bytes(b"")
    with pytest.raises(ConfigurationError, match="no folder"):
        open_store(str(place), Environment.SAMPLE, OURS)
    with pytest.raises(StoreUnwritable, match="cannot be made"):
        open_store(str(place / "below"), Environment.SAMPLE, OURS)


def test_a_folder_cannot_lock_what_it_holds(place: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot lock"):
        open_store(str(place), Environment.SAMPLE, OURS, locking=Locking(days=400))
    assert not place.exists()


@pytest.mark.parametrize("uri", ["s3://", "s3://UPPER/x", "s3://bucket/../x", "s3://b/x", "s3://bucket/a b"])
def test_a_place_in_s3_is_written_properly(uri: str) -> None:
    with pytest.raises(ConfigurationError, match="no place in S3"):
        open_store(uri, Environment.SAMPLE, OURS)


def test_many_may_open_a_store_for_the_first_time_at_once(place: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        stores = list(pool.map(lambda _: open_store(str(place), Environment.SAMPLE, OURS), range(64)))
    assert {store.owner.organisation for store in stores} == {OURS}
