"""A file over ranges reads like a file, and reads little."""

from __future__ import annotations

import io
import os
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airtight.publish.ranges import open_ranges


class Fetched:
    """Bytes that count what is fetched of them."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.ranges: list[tuple[int, int]] = []

    def __call__(self, start: int, end: int) -> bytes:
        assert 0 <= start < end <= len(self.content)
        self.ranges.append((start, end))
        return self.content[start:end]

    @property
    def total(self) -> int:
        return sum(end - start for start, end in self.ranges)


STEP = st.one_of(
    st.tuples(st.just("read"), st.integers(-1, 300_000), st.just(0)),
    st.tuples(st.just("seek"), st.integers(-200_000, 300_000), st.sampled_from([0, 1, 2])),
)


@given(size=st.integers(0, 250_000), steps=st.lists(STEP, max_size=12))
def test_it_behaves_like_a_file_in_memory(size: int, steps: list[tuple[str, int, int]]) -> None:
    content = bytes(index * 7 % 251 for index in range(size))
    ours, theirs = open_ranges(size, Fetched(content)), io.BytesIO(content)
    for act, number, whence in steps:
        if act == "read":
            assert ours.read(number) == theirs.read(number)
        elif {0: 0, 1: theirs.tell(), 2: size}[whence] + number >= 0:
            assert ours.seek(number, whence) == theirs.seek(number, whence)
        else:
            with pytest.raises(OSError, match="Invalid"):
                ours.seek(number, whence)
        assert ours.tell() == theirs.tell()


def _archive(members: int, size: int) -> tuple[bytes, dict[str, bytes]]:
    contents = {f"data/{number:03d}": os.urandom(size) for number in range(members)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue(), contents


def test_one_member_of_a_zip_costs_little_more_than_its_own_bytes() -> None:
    content, members = _archive(40, 1 << 20)
    fetched = Fetched(content)
    with zipfile.ZipFile(open_ranges(len(content), fetched)) as archive:
        assert archive.read("data/020") == members["data/020"]
    assert fetched.total < 2.2 * (1 << 20)
    assert len(fetched.ranges) < 12


def test_small_members_do_not_fetch_the_archive() -> None:
    content, members = _archive(200, 200_000)
    fetched = Fetched(content)
    with zipfile.ZipFile(open_ranges(len(content), fetched)) as archive, archive.open("data/100") as member:
        assert member.read(10) == members["data/100"][:10]
    assert fetched.total < 300_000


def test_reading_on_takes_few_requests() -> None:
    fetched = Fetched(os.urandom(64 << 20))
    file = open_ranges(64 << 20, fetched)
    while file.read(64 << 10):
        pass
    assert len(fetched.ranges) < 30
    assert fetched.total == 64 << 20
