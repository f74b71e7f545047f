"""The statement of applicability (ISO/IEC 42001, 6.1.3): one row for every Annex A control, 38 in all.

A row joins the decision in force (register ``soa``), the controls that answer it (catalog), their last results, and
the risks that ask for it with their treatments. *Problems* keep a statement from being issued, each by name: a control
without decision, an id that is none, a decision without reason or approval, an included one that no control answers.
*Notes* are for the reader: what does not fit together, and people may have a reason for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from airtight.domain.control import Control, LifeCycle
from airtight.domain.framework import Framework, Requirement
from airtight.domain.result import ResultState
from airtight.review.decisions import in_force, is_approved
from airtight.review.registers import Decision, Risk, Treatment

ANNEX = "annex-control"
_GONE = (LifeCycle.RETIRED, LifeCycle.NOT_APPLICABLE)
_IMPLEMENTED, _NONE = "implemented", "none"


@dataclass(frozen=True)
class Answer:
    """A control that answers an Annex A control, and its last result; None: not judged so far."""

    control: str
    title: str
    state: ResultState | None


@dataclass(frozen=True)
class StatementRow:
    """One Annex A control: what was decided, why, by whom, and what stands behind it.

    Attributes:
        area: the control objective that it belongs to.
        applicable: None where nothing was decided.
        answers: controls that answer it directly; ``supporting``: ids of those that only help.
        risks: ids of the risks that the decision or a shared control names; ``treatments``: theirs.
    """

    annex_id: str
    title: str
    area: str
    applicable: bool | None
    justification: str
    implementation: str
    answers: tuple[Answer, ...]
    supporting: tuple[str, ...]
    risks: tuple[str, ...]
    treatments: tuple[str, ...]
    version: str
    approved_by: str | None
    approved_at: datetime | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """The whole statement as of a day.

    Attributes:
        problems: why it cannot be issued, one sentence each; empty: it can.
        pending: decisions on file that nobody approved so far, where an approved one is in force.
        bundles: population -> identities of the sealed bundles that it rests on.
    """

    organisation: str
    framework: str
    day: date
    rows: tuple[StatementRow, ...]
    problems: tuple[str, ...]
    pending: tuple[str, ...]
    bundles: Mapping[str, tuple[str, ...]]

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that the decisions in force stand in."""
        return tuple(sorted({row.version for row in self.rows if row.version}))

    @property
    def approvals(self) -> tuple[tuple[str, datetime], ...]:
        """Who approved decisions in force, and when, oldest first."""
        found = {(row.approved_by, row.approved_at) for row in self.rows}
        return tuple(sorted(((by, at) for by, at in found if by and at), key=lambda approval: approval[1]))


@dataclass(frozen=True)
class Evidence:
    """What a statement is made from; ``risks`` and ``treatments`` are None where none are sealed."""

    decisions: Sequence[Decision]
    risks: Sequence[Risk] | None
    treatments: Sequence[Treatment] | None
    states: Mapping[str, ResultState]
    bundles: Mapping[str, tuple[str, ...]]


def statement_of(
    organisation: str, framework: Framework, controls: Mapping[str, Control], evidence: Evidence, day: date
) -> Statement:
    """The statement of an organisation as of the end of a day.

    Args:
        framework: ISO/IEC 42001, or another whose annex controls have the kind ``annex-control``.
        controls: the catalog's, by id.
        evidence: what was sealed for the day.
    """
    annex = {node.id: node for node in framework.assessable() if node.kind == ANNEX}
    decided, pending = in_force(evidence.decisions, day)
    alive = {name: control for name, control in controls.items() if not _gone(control, day)}
    context = _Context(framework.id, day, alive, controls, evidence)
    areas = {node.id: f"{node.id} {node.title}" for node in framework.requirements}
    rows = [
        _row(node, areas.get(node.parent or "", ""), decided.get(node.id, Decision()), context)
        for node in annex.values()
    ]
    problems = [*_strangers(decided, annex), *(problem for row in rows for problem in _problems(row, decided, context))]
    return Statement(
        organisation=organisation,
        framework=framework.name,
        day=day,
        rows=tuple(rows),
        problems=tuple(problems),
        pending=tuple(pending),
        bundles=evidence.bundles,
    )


@dataclass(frozen=True)
class _Context:
    framework: str
    day: date
    alive: Mapping[str, Control]
    controls: Mapping[str, Control]
    evidence: Evidence


def _gone(control: Control, day: date) -> bool:
    stage = control.stage_on(day)
    return stage is not None and stage.state in _GONE


def _row(node: Requirement, area: str, decision: Decision, context: _Context) -> StatementRow:
    mapped = [each for each in context.alive.values() if node.id in each.requirements.get(context.framework, ())]
    named = [context.alive[name] for name in decision.control_ids or () if name in context.alive]
    answers = {each.id: Answer(each.id, each.title, context.evidence.states.get(each.id)) for each in (*mapped, *named)}
    helping = [each.id for each in context.alive.values() if node.id in each.supports.get(context.framework, ())]
    risks = _risks(decision, tuple(answers), context.evidence.risks)
    row = StatementRow(
        annex_id=node.id,
        title=node.title,
        area=area,
        applicable=decision.applicable,
        justification=(decision.justification or "").strip(),
        implementation=decision.implementation or "",
        answers=tuple(answers[name] for name in sorted(answers)),
        supporting=tuple(sorted(set(helping) - set(answers))),
        risks=risks,
        treatments=_treatments(risks, context.evidence.treatments),
        version=decision.version or "",
        approved_by=decision.approved_by,
        approved_at=decision.approved_at,
    )
    return replace(row, notes=tuple(_notes(row, {each.id for each in mapped}, decision, context.evidence)))


def _risks(decision: Decision, answers: tuple[str, ...], risks: Sequence[Risk] | None) -> tuple[str, ...]:
    """Risks that the decision names, and those whose treatment relies on one of the controls."""
    relying = {risk.risk_id for risk in risks or () if set(risk.control_ids or ()) & set(answers)}
    return tuple(sorted({name for name in (*relying, *(decision.risk_ids or ())) if name}))


def _treatments(risks: tuple[str, ...], treatments: Sequence[Treatment] | None) -> tuple[str, ...]:
    found = {each.treatment_id for each in treatments or () if each.risk_id in risks}
    return tuple(sorted(name for name in found if name))


def _notes(row: StatementRow, mapped: set[str], decision: Decision, evidence: Evidence) -> Iterable[str]:
    only_named = [each.control for each in row.answers if each.control not in mapped]
    if only_named:
        yield f"the decision names {', '.join(only_named)}; the catalog does not map it to {row.annex_id}"
    if row.applicable is False and row.risks:
        yield f"excluded, and the treatment of {', '.join(row.risks)} relies on a control that answers it"
    if row.applicable is False and row.implementation not in ("", _NONE):
        yield f"excluded, and said to be {row.implementation}"
    if (
        row.applicable
        and row.implementation == _IMPLEMENTED
        and not any(a.state is ResultState.PASS for a in row.answers)
    ):
        yield "said to be implemented, and no control that answers it passed when last judged"
    known = {risk.risk_id for risk in evidence.risks or ()}
    if evidence.risks is not None and (unknown := sorted(set(decision.risk_ids or ()) - known)):
        yield f"the decision names {', '.join(unknown)}, which the risk register does not hold"


def _strangers(decided: Mapping[str, Decision], annex: Mapping[str, Requirement]) -> Iterable[str]:
    for name in decided:
        if name not in annex:
            yield f"{name or 'a decision without id'} is no Annex A control.{_meant(name, annex)}"


def _meant(name: str, annex: Mapping[str, Requirement]) -> str:
    twin = f"A.{name[2:]}"
    if name.startswith("B.") and twin in annex:
        return f" Annex B is guidance to {twin}, not a list of controls."
    below = [node for node in annex if node.startswith(f"{name}.")]
    return f" It is a label for {', '.join(below)}." if name and below else ""


def _problems(row: StatementRow, decided: Mapping[str, Decision], context: _Context) -> Iterable[str]:
    name = row.annex_id
    if name not in decided:
        yield f"{name} ({row.title}) has no decision."
        return
    decision = decided[name]
    if row.applicable is None:
        yield f"{name} is neither included nor excluded."
    if not row.justification:
        yield f"{name} is {'included' if row.applicable else 'excluded'} without justification."
    if row.applicable and not row.answers:
        yield f"{name} is included, and no control answers it."
    if unknown := sorted(set(decision.control_ids or ()) - set(context.controls)):
        yield f"{name} names {', '.join(unknown)}, which the catalog does not hold."
    if not is_approved(decision, context.day):
        yield f"{name} is not approved."
