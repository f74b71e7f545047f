"""Which controls answer a framework of one's own: ``catalog/requirements/<framework>.yaml``.

So that nobody has to copy a control to map it: the file names controls, and what each answers beside that which its
own file says. Refused: an unknown framework or control, an id that is not real, a pair that stands already.

::

    direct:
      MO-03: [MEASURE-2.11]
    supports:
      AC-01: [GOVERN-1.4]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from airtight.definitions.folders import Refuse
from airtight.definitions.frameworks import requirements_of
from airtight.document import Entry, read_document
from airtight.domain.control import Control
from airtight.domain.framework import Framework
from airtight.errors import DefinitionError


def with_answers(
    controls: Mapping[str, Control], files: Mapping[str, Path], frameworks: Mapping[str, Framework], refuse: Refuse
) -> dict[str, Control]:
    """The controls, with what the files say that they answer as well; a file that is refused adds nothing."""
    extended = dict(controls)
    for file in files.values():
        try:
            extended = _extended(extended, file, frameworks)
        except DefinitionError as error:
            refuse(error)
    return extended


def _extended(controls: Mapping[str, Control], file: Path, frameworks: Mapping[str, Framework]) -> dict[str, Control]:
    root = read_document(file)
    if file.stem not in frameworks:
        raise root.refusal(f"there is no framework '{file.stem}'.", f"Write frameworks/{file.stem}.yaml.")
    fields = root.fields((), ("direct", "supports"))
    extended = dict(controls)
    for key, entry in fields.items():
        for name, ids in entry.members().items():
            if name not in extended:
                raise ids.refusal(f"there is no control '{name}'.", "See catalog/controls.")
            extended[name] = _added(extended[name], key, ids, frameworks[file.stem])
    return extended


def _added(control: Control, key: str, entry: Entry, framework: Framework) -> Control:
    ids = requirements_of(entry, framework)
    direct, supports = control.requirements.get(framework.id, ()), control.supports.get(framework.id, ())
    if twice := [name for name in ids if name in (*direct, *supports)]:
        raise entry.refusal(f"{control.id} maps to {twice[0]} already.", "Name the pair once.")
    if key == "direct":
        return replace(control, requirements={**control.requirements, framework.id: (*direct, *ids)})
    return replace(control, supports={**control.supports, framework.id: (*supports, *ids)})
