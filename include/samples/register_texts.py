"""The committed registers as texts whose dates are moved to another last day; digests follow their documents."""

from __future__ import annotations

import hashlib
import re
from datetime import date, timedelta
from pathlib import Path

#: the last day of the world that the committed registers speak of
WRITTEN_FOR = date(2026, 6, 30)
_DATE = re.compile(r"(?<![0-9])(20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))(?![0-9])")


def moved(text: str, by: timedelta) -> str:
    """The text with every day in it, as 2026-06-30, so much later."""

    def later(match: re.Match[str]) -> str:
        try:
            return (date.fromisoformat(match[1]) + by).isoformat()
        except ValueError:  # the 31st of a short month is no day
            return match[1]

    return _DATE.sub(later, text)


def moved_value(value: object, by: timedelta) -> object:
    """A plain value with every day in its texts moved."""
    if isinstance(value, dict):
        return {key: moved_value(each, by) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [moved_value(each, by) for each in value]
    return moved(value, by) if isinstance(value, str) else value


class Texts:
    """Every file of a folder as text, moved from ``WRITTEN_FOR`` to another last day."""

    def __init__(self, folder: Path, last: date) -> None:
        self.days = last - WRITTEN_FOR
        kept = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}
        contents = {name: file.read_bytes() for name, file in kept.items() if file.suffix in (".md", ".yaml")}
        self._texts = {name: moved(content.decode("utf-8"), self.days) for name, content in contents.items()}
        self._digests = {_digest(content): _digest(self._texts[name].encode()) for name, content in contents.items()}
        self.names = frozenset(self._texts)

    def text(self, name: str) -> str:
        """One file; digests of files as committed are those of the moved files."""
        text = self._texts[name]
        for before, after in self._digests.items():
            text = text.replace(before, after)
        return text

    def below(self, folder: str) -> tuple[str, ...]:
        """The files directly in a folder, in order."""
        return tuple(sorted(name for name in self.names if name.rpartition("/")[0] == folder))

    def parts(self, name: str) -> tuple[str, str]:
        """Front matter and body of a Markdown file; a YAML file has no body."""
        text = self.text(name)
        if not name.endswith(".md"):
            return text, ""
        _, front, body = re.split(r"^---[ ]*\n", text, maxsplit=2, flags=re.MULTILINE)
        return front, body


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
