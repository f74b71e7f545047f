"""Controls from ``catalog/controls/<ID>.yaml``, and the stages of their life from ``controls.yaml``.

One file is one control: what must be true, whom it serves, and the tests that examine it. Refused: a file not named
after its control, a mapping to a requirement that does not exist, two tests of one id, and whatever a test refuses.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from airtight.definitions.charter import Charter
from airtight.definitions.control_tests import NO_CHARTER, Schemas, read_test
from airtight.definitions.frameworks import requirements_of
from airtight.document import Entry, read_document
from airtight.domain.control import Control, ControlTest, Design, LifeCycle, Nature, Operation, Stage
from airtight.domain.framework import Framework
from airtight.domain.period import Frequency

_ID = re.compile(r"[A-Z]{2,4}-[0-9]{2,3}")
_TIERS = ("entity", "high", "medium", "low")
_FIELDS = ("id", "title", "objective", "owner", "frequency", "tiers", "requirements", "tests")
_SUPPORTS = "supports"
_DESIGN = ("risk", "nature", "operation", "precision", "evaluator")


def load_control(
    file: Path,
    schemas: Schemas,
    frameworks: Mapping[str, Framework],
    life: tuple[Stage, ...] = (),
    charter: Charter = NO_CHARTER,
) -> Control:
    """The control that a file defines.

    Args:
        schemas: population name -> schema, for the views that tests read.
        frameworks: framework id -> framework, for the requirements that the control answers.
        life: its stages; see ``load_lives``.
        charter: holds the values of parameters that name it.

    Raises:
        DefinitionError: the file is refused.
    """
    root = read_document(file)
    fields = root.fields(_FIELDS, ("design", "depth"))
    name, title = _id(fields["id"], file), fields["title"].text()
    direct, supports = _requirements(fields["requirements"], frameworks)
    frequency, tiers = fields["frequency"].one_of(Frequency), _tiers(fields["tiers"])
    depth = _depth(fields["depth"], tiers, frequency) if "depth" in fields else {}
    tests = _tests(fields["tests"], name, title, schemas, tuple(depth), charter)
    _refuse_own_answers(fields["tests"], tests, fields["owner"].text())
    return Control(
        id=name,
        title=title,
        objective=fields["objective"].text(),
        owner=fields["owner"].text(),
        frequency=frequency,
        tiers=tiers,
        requirements=direct,
        supports=supports,
        tests=tests,
        life=life,
        file=str(file),
        digest=hashlib.sha256(file.read_bytes()).hexdigest(),
        design=_design(fields["design"]) if "design" in fields else None,
        depth=depth,
    )


def load_lives(file: Path, controls: Collection[str]) -> dict[str, tuple[Stage, ...]]:
    """Control id -> its stages in order, for every control, from ``controls.yaml``.

    ``default`` holds the one stage of every control that is not named under ``controls``. Without the file every
    control is planned.

    Raises:
        DefinitionError: the file is refused, names an unknown control, or stages are out of order.
    """
    if not file.exists():
        return {}
    fields = read_document(file).fields(("default",), ("controls",))
    default = _stage(fields["default"])
    lives: dict[str, tuple[Stage, ...]] = dict.fromkeys(controls, (default,))
    for name, stages in fields["controls"].members().items() if "controls" in fields else ():
        if name not in lives:
            raise stages.refusal(f"the control '{name}' is unknown.", "See catalog/controls.")
        lives[name] = _stages(stages)
    return lives


def _id(entry: Entry, file: Path) -> str:
    if not _ID.fullmatch(entry.word()):
        raise entry.refusal(f"'{entry.word()}' is no id for a control.", "Write it as AC-01.")
    if entry.word() != file.stem:
        raise entry.refusal(f"the control {entry.word()} stands in {file.name}.", f"Call the file {entry.word()}.yaml.")
    return entry.word()


def _tiers(entry: Entry) -> tuple[str, ...]:
    for item, tier in zip(entry.items(), entry.words(), strict=True):
        if tier not in _TIERS:
            raise item.refusal(f"tier '{tier}' is unknown.", f"Use: {', '.join(_TIERS)}.")
    return entry.words()


def _depth(entry: Entry, tiers: tuple[str, ...], frequency: Frequency) -> dict[str, Frequency]:
    fields = entry.fields(optional=tiers)
    depth = {tier: fields[tier].one_of(Frequency) for tier in tiers if tier in fields}
    if missing := [tier for tier in tiers if tier not in depth and tier != "entity"]:
        raise entry.refusal(f"the tier '{missing[0]}' has no frequency.", "Give each of the control's tiers one.")
    order = tuple(Frequency)
    if order.index(frequency) > min(order.index(each) for each in depth.values()):
        raise entry.refusal("a tier is examined more often than the control.", "Set 'frequency' to the most frequent.")
    return depth


def _design(entry: Entry) -> Design:
    fields = entry.fields(_DESIGN)
    return Design(
        risk=fields["risk"].text(),
        nature=fields["nature"].one_of(Nature),
        operation=fields["operation"].one_of(Operation),
        precision=fields["precision"].text(),
        evaluator=fields["evaluator"].text(),
    )


Mapped = dict[str, tuple[str, ...]]


def _requirements(entry: Entry, frameworks: Mapping[str, Framework]) -> tuple[Mapped, Mapped]:
    fields = entry.fields(optional=(*frameworks, _SUPPORTS))
    supported = fields[_SUPPORTS].fields(optional=tuple(frameworks)) if _SUPPORTS in fields else {}
    direct = {name: requirements_of(fields[name], frameworks[name]) for name in frameworks if name in fields}
    supports = {name: requirements_of(ids, frameworks[name]) for name, ids in supported.items()}
    for name, ids in supports.items():
        if twice := sorted(set(ids) & set(direct.get(name, ()))):
            raise supported[name].refusal(f"{twice[0]} is answered directly already.", "Name it once.")
    return direct, supports


def _refuse_own_answers(entry: Entry, tests: tuple[ControlTest, ...], owner: str) -> None:
    for item, test in zip(entry.items(), tests, strict=True):
        if test.attester == owner:
            message = f"{owner} owns the control; nobody answers for a control that they own."
            raise item.members()["attester"].refusal(message, "Name another role.")


def _tests(
    entry: Entry, control: str, title: str, schemas: Schemas, depth: tuple[str, ...], charter: Charter
) -> tuple[ControlTest, ...]:
    tests: dict[str, ControlTest] = {}
    for item in entry.items():
        test = read_test(item, control, title, schemas, depth, charter)
        if test.id in tests:
            raise item.refusal(f"two tests are called {test.id}.", "Give each its own number.")
        tests[test.id] = test
    if not tests:
        raise entry.refusal("the control has no test.", "Add one; a test may await a mechanism, with the reason.")
    return tuple(tests.values())


def _stages(entry: Entry) -> tuple[Stage, ...]:
    stages = tuple(_stage(item) for item in entry.items())
    for item, before, after in zip(entry.items()[1:], stages, stages[1:], strict=False):
        if after.since <= before.since:
            raise item.refusal("stages are not in the order of their days.", "Put the earlier first.")
    if not stages:
        raise entry.refusal("no stage is given.", "Remove the control here, or give its stages.")
    return stages


def _stage(entry: Entry) -> Stage:
    fields = entry.fields(("state", "since", "approver", "reason"))
    return Stage(
        state=fields["state"].one_of(LifeCycle),
        since=fields["since"].day(),
        approver=fields["approver"].text(),
        reason=fields["reason"].text(),
    )
