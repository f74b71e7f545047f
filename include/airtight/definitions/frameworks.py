"""Frameworks from ``catalog/frameworks/<id>.yaml``: the requirements that controls answer.

Only ids and short titles stand there; the standards' texts are copyrighted. ``requirements_of`` refuses a mapping
to an id that does not exist or that is only a label for several (``CC1``, ``A.6.1``), and says which ids are real.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from airtight.definitions.folders import Refuse, at_once, layered, read_each
from airtight.document import Entry, read_document
from airtight.domain.framework import Alias, Framework, Requirement
from airtight.errors import DefinitionError

#: File of the names under which requirements are known elsewhere.
CROSSWALK = "crosswalk.yaml"
#: How a name stands to the ids that it means.
RELATIONS = ("exact", "broader", "partial", "wrong-id")


def load_frameworks(*folders: Path, refuse: Refuse = at_once) -> dict[str, Framework]:
    """Every framework by id; a later folder's file wins.

    Raises:
        DefinitionError: a file is refused.
    """
    files = {name: file for name, file in layered("*.yaml", *folders).items() if name != CROSSWALK}
    return read_each(files, _read, refuse)


def load_crosswalk(file: Path, frameworks: Mapping[str, Framework]) -> tuple[Alias, ...]:
    """The names under which requirements are known elsewhere, with the ids that they really mean.

    Raises:
        DefinitionError: the file is refused, or an id does not exist.
    """
    aliases = read_document(file).fields(("aliases",))["aliases"].items()
    return tuple(_alias(entry, frameworks) for entry in aliases)


def requirements_of(entry: Entry, framework: Framework) -> tuple[str, ...]:
    """The requirement ids that a list names.

    Raises:
        DefinitionError: an id does not exist, is a label for several, or stands twice.
    """
    real = {node.id for node in framework.assessable()}
    for item, name in zip(entry.items(), entry.words(), strict=True):
        if name not in real:
            raise _refuse_mapping(item, name, framework)
    return entry.words()


def _read(file: Path) -> Framework:
    fields = read_document(file).fields(("id", "name", "edition", "requirements"), ("note", "sources", "complete"))
    name = fields["id"].word()
    if name != file.stem:
        raise fields["id"].refusal(f"the framework '{name}' stands in {file.name}.", f"Call the file {name}.yaml.")
    for key in ("note",) if "note" in fields else ():
        fields[key].text()
    nodes: dict[str, Requirement] = {}
    for entry in fields["requirements"].items():
        node = _requirement(entry, name)
        if node.id in nodes:
            raise entry.refusal(f"requirement '{node.id}' stands twice.", "Remove one of them.")
        if node.parent is not None and node.parent not in nodes:
            raise entry.refusal(f"parent '{node.parent}' does not stand above '{node.id}'.", "Add it before.")
        nodes[node.id] = node
    complete = fields["complete"].flag() if "complete" in fields else False
    return Framework(name, fields["name"].text(), fields["edition"].text(), tuple(nodes.values()), complete)


def _requirement(entry: Entry, framework: str) -> Requirement:
    fields = entry.fields(("id", "title", "kind"), ("parent", "assessable"))
    return Requirement(
        framework=framework,
        id=fields["id"].word(),
        title=fields["title"].text(),
        kind=fields["kind"].word(),
        parent=fields["parent"].word() if "parent" in fields else None,
        assessable=fields["assessable"].flag() if "assessable" in fields else True,
    )


def _alias(entry: Entry, frameworks: Mapping[str, Framework]) -> Alias:
    fields = entry.fields(("label", "relation", "means", "note"), ("controls",))
    means = fields["means"].fields(optional=tuple(frameworks))
    return Alias(
        label=fields["label"].text(),
        relation=_relation(fields["relation"]),
        means={name: requirements_of(ids, frameworks[name]) for name, ids in means.items()},
        note=fields["note"].text(),
        controls=fields["controls"].words() if "controls" in fields else (),
    )


def _relation(entry: Entry) -> str:
    if entry.word() not in RELATIONS:
        raise entry.refusal(f"relation '{entry.word()}' is unknown.", f"Use: {', '.join(RELATIONS)}.")
    return entry.word()


def _refuse_mapping(entry: Entry, name: str, framework: Framework) -> DefinitionError:
    nodes = {node.id: node for node in framework.requirements}
    label = _label_of(name, nodes)
    below = list(_leaves(label, framework)) if label else []
    if name in nodes:
        message = f"{name} is a label in {framework.id} ({nodes[name].title}), no requirement of its own."
    else:
        message = f"{framework.id} has no requirement {name}."
    near = below or difflib.get_close_matches(name, [node.id for node in framework.assessable()], n=5, cutoff=0.5)
    return entry.refusal(message, f"Real ids: {', '.join(near)}." if near else f"See {framework.id}.yaml.")


def _label_of(name: str, nodes: Mapping[str, Requirement]) -> str | None:
    """The closest node to look below: the name itself, or what stands before its last dot (``CC1.0``: ``CC1``)."""
    while name and name not in nodes:
        name = name.rpartition(".")[0]
    return name or None


def _leaves(label: str, framework: Framework) -> Iterator[str]:
    for node in framework.requirements:
        if node.parent == label:
            if node.assessable:
                yield node.id
            yield from _leaves(node.id, framework)
