"""A file that people write, as entries that know where they stand: definitions and registers.

Every value of a YAML file is an ``Entry`` with file, line and key, so that each refusal can name them:
``AC-01.yaml:17 tests[0].window``. Refused: malformed YAML, duplicate keys, unknown keys, missing keys, wrong types,
values that contain themselves. Scalars follow YAML 1.2: only ``true`` and ``false`` are truth values, so ``no``
stays a word, and times stay text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TypeVar

import yaml

from airtight.domain.source import OptionValue
from airtight.errors import DefinitionError

_Parser: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_MOST_NODES = 1_000_000
_DEEPEST = 50
E = TypeVar("E", bound=Enum)
T = TypeVar("T")


class _Loader(_Parser):  # type: ignore[misc]
    """Composes nodes with the scalars of YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  PyYAML's own attribute


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    # longer numerals than a BIGINT holds stay text, so that no digit is lost
    ("int", r"[-+]?[0-9]{1,18}", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,2})?", "-+.0123456789"),
    ("null", r"~|null|", ["~", "n", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))

_WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "null": "nothing"}


@dataclass(frozen=True)
class Entry:
    """One value of a file, with its place.

    Attributes:
        file: name of the file, without folders: messages are the same on every machine.
        key: path inside the file, ``tests[0].window``; empty for the whole file.
    """

    node: yaml.Node
    file: str
    key: str = ""

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line} {self.key}".rstrip()

    def refusal(self, message: str, remedy: str | None = None) -> DefinitionError:
        """The error to raise about this value."""
        return DefinitionError(message, where=self.where, remedy=remedy)

    def checked(self, read: Callable[[], T]) -> T:
        """What ``read`` returns; its DefinitionError gets this place, where it names none."""
        try:
            return read()
        except DefinitionError as error:
            raise DefinitionError(error.message, where=error.where or self.where, remedy=error.remedy) from None

    def fields(self, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> dict[str, Entry]:
        """The entries of a mapping whose keys are fixed; a null optional value counts as absent."""
        found = self.members()
        known = (*required, *optional)
        if unknown := [key for key in found if key not in known]:
            remedy = f"Known keys: {', '.join(known)}."
            raise found[unknown[0]].refusal(f"unknown key '{unknown[0]}'.", remedy)
        present = {key: entry for key, entry in found.items() if not entry.is_null}
        if missing := [key for key in required if key not in present]:
            raise self.refusal(f"key '{missing[0]}' is missing.", f"Add '{missing[0]}:' here.")
        return present

    def members(self) -> dict[str, Entry]:
        """The entries of a mapping whose keys are names chosen by the author."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self._wrong_type("a mapping (key: value)")
        return {
            key.value: Entry(value, self.file, f"{self.key}.{key.value}".lstrip(".")) for key, value in self.node.value
        }

    def items(self) -> tuple[Entry, ...]:
        """The entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self._wrong_type("a list")
        return tuple(Entry(node, self.file, f"{self.key}[{index}]") for index, node in enumerate(self.node.value))

    def text(self) -> str:
        """A text that is not empty."""
        if self._scalar != "str" or not str(self.node.value).strip():
            raise self._wrong_type("text; quote what YAML would take for a number")
        return str(self.node.value)

    def word(self) -> str:
        """An identifier: text, or a number as it is written (``8.1`` is the clause, not the number)."""
        if self._scalar not in ("str", "int", "float") or not str(self.node.value).strip():
            raise self._wrong_type("an identifier")
        return str(self.node.value)

    def words(self) -> tuple[str, ...]:
        """A list of identifiers, none twice."""
        found: list[str] = []
        for entry in self.items():
            if entry.word() in found:
                raise entry.refusal(f"'{entry.word()}' stands twice.", "Remove one of them.")
            found.append(entry.word())
        return tuple(found)

    def flag(self) -> bool:
        if self._scalar != "bool":
            raise self._wrong_type("true or false")
        return bool(self.node.value == "true")

    def number(self) -> float:
        if self._scalar not in ("int", "float"):
            raise self._wrong_type("a number")
        return float(self.node.value)

    def count(self) -> int:
        """A whole number from zero on."""
        if self._scalar != "int" or int(self.node.value) < 0:
            raise self._wrong_type("a whole number from 0 on")
        return int(self.node.value)

    def day(self) -> date:
        try:
            return date.fromisoformat(self.word())
        except ValueError:
            raise self._wrong_type("a day such as 2026-09-14") from None

    def one_of(self, kind: type[E]) -> E:
        """A member of an enumeration, by its value."""
        try:
            return kind(self.word())
        except ValueError:
            known = ", ".join(str(member.value) for member in kind)
            raise self.refusal(f"'{self.word()}' is not known here.", f"Use one of: {known}.") from None

    def value(self) -> OptionValue:
        """Whatever YAML holds here, as plain values; times and dates stay text."""
        if isinstance(self.node, yaml.MappingNode):
            return {key: entry.value() for key, entry in self.members().items()}
        if isinstance(self.node, yaml.SequenceNode):
            return [entry.value() for entry in self.items()]
        scalars: Mapping[str, Callable[[], OptionValue]] = {
            "null": lambda: None,
            "bool": self.flag,
            "int": lambda: int(self.node.value),
            "float": self.number,
        }
        return scalars.get(self._scalar, lambda: str(self.node.value))()

    @property
    def is_null(self) -> bool:
        return self._scalar == "null"

    @property
    def _scalar(self) -> str:
        is_scalar = isinstance(self.node, yaml.ScalarNode)
        return str(self.node.tag).removeprefix("tag:yaml.org,2002:") if is_scalar else ""

    def _wrong_type(self, wanted: str) -> DefinitionError:
        containers = {"MappingNode": "a mapping", "SequenceNode": "a list"}
        found = containers.get(type(self.node).__name__) or _WORDS.get(self._scalar, self._scalar)
        return self.refusal(f"{self.key.rsplit('.')[-1] or 'the file'} is {found}.", f"It must be {wanted}.")


def read_document(file: Path) -> Entry:
    """The whole of a YAML file, checked for form.

    Raises:
        DefinitionError: the file is missing, or is refused by ``parse_document``.
    """
    try:
        content = file.read_bytes()
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise DefinitionError(f"the file cannot be read: {error.strerror}.", where=file.name) from None
    return parse_document(content, file.name)


def parse_document(content: bytes, name: str) -> Entry:
    """The whole of a YAML document; JSON is YAML too.

    Args:
        name: how messages call the file.

    Raises:
        DefinitionError: the content is not UTF-8 or not YAML, is empty, holds more than one document, a key twice, a
            tag, or a value inside itself.
    """
    node = _compose(content, name)
    if node is None:
        raise DefinitionError("the file is empty.", where=name, remedy="Write what belongs here, or remove the file.")
    root = Entry(node, name)
    for count, entry in enumerate(_walk(root, ())):
        _refuse_form(entry)
        if count > _MOST_NODES:
            raise root.refusal("the file unfolds to more than a million values.", "Use fewer aliases.")
    return root


def front_matter(content: bytes, name: str) -> Entry:
    """The front matter of a Markdown file: YAML between a first line ``---`` and the next.

    Raises:
        DefinitionError: there is none, or it is refused by ``parse_document``.
    """
    lines, end = split_front_matter(content)
    if not end:
        raise DefinitionError(
            "the file has no front matter.", where=f"{name}:1", remedy="Begin it with YAML between two lines ---."
        )
    return parse_document(b"\n".join(lines[:end]), name)


def split_front_matter(content: bytes) -> tuple[list[bytes], int]:
    """The lines of a Markdown file, and the number of the line that ends its front matter; 0: it has none."""
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines()
    ends = [number for number, line in enumerate(lines) if line.rstrip() == b"---"]
    return lines, ends[1] if ends[1:] and ends[0] == 0 else 0


def _compose(content: bytes, name: str) -> yaml.Node | None:
    try:
        text = content.decode("utf-8-sig")
        if name.endswith(".json"):
            text = _json_as_yaml(text)
        _refuse_depth(text, name)
        return yaml.compose(text, Loader=_Loader)
    except (UnicodeDecodeError, yaml.reader.ReaderError):
        raise DefinitionError("the file is not UTF-8 text.", where=name, remedy="Save it as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        raise DefinitionError(
            f"not YAML: {error.problem}.", where=where, remedy="Mind indentation and quotes."
        ) from None


def _json_as_yaml(text: str) -> str:
    """JSON as YAML reads it: without tabs between tokens and without characters that are two escapes."""
    return _PAIR.sub(lambda pair: json.loads(f'"{pair[0]}"'), text.replace("\t", " "))


def _refuse_depth(text: str, name: str) -> None:
    # Composing recurses in C, where too deep a file ends the process; events do not recurse.
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise DefinitionError("the file is nested too deeply.", where=name, remedy="Write it flatter.")


def _walk(entry: Entry, above: tuple[yaml.Node, ...]) -> Iterator[Entry]:
    if any(entry.node is node for node in above):
        raise entry.refusal("the value contains itself.", "Remove the alias.")
    yield entry
    if isinstance(entry.node, yaml.MappingNode):
        _refuse_keys(entry)
        children = tuple(entry.members().values())
    else:
        children = entry.items() if isinstance(entry.node, yaml.SequenceNode) else ()
    for child in children:
        yield from _walk(child, (*above, entry.node))


def _refuse_keys(entry: Entry) -> None:
    seen: set[str] = set()
    for key, _ in entry.node.value:
        place = Entry(key, entry.file, entry.key)
        if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
            raise place.refusal("a key must be a plain word.", "Write each key as text; merge keys are not read.")
        if key.value in seen:
            raise place.refusal(f"key '{key.value}' stands twice.", "Remove one of them.")
        seen.add(key.value)


def _refuse_form(entry: Entry) -> None:
    known = {*_WORDS, "map", "seq"}
    if str(entry.node.tag).removeprefix("tag:yaml.org,2002:") not in known:
        raise entry.refusal("a tag stands here.", "Write the plain value.")
