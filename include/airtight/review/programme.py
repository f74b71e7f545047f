"""Parallel programmes, manual collection and uniform depth: signs from definitions, runs, results and registers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from airtight.domain.control import Control, LifeCycle
from airtight.domain.result import ResultState
from airtight.domain.source import Source
from airtight.review.failures import (
    SHARE_BY_HAND,
    SHARE_OF_AUTOMATED,
    SHARE_OF_SHARED,
    Failure,
    Sign,
    failure,
    share,
)
from airtight.review.registers import AiSystem, Risk, Vendor

_TIERS = frozenset({"high", "medium", "low"})


@dataclass(frozen=True)
class Subjects:
    """What depth should follow; None where nothing is sealed."""

    systems: Sequence[AiSystem] | None
    vendors: Sequence[Vendor] | None
    risks: Sequence[Risk] | None


def parallel_programmes(controls: Mapping[str, Control], sources: Iterable[Source]) -> Failure:
    """Whether each framework has controls, tests and collections of its own."""
    signs = (_shared(controls), _twins(controls), _collected_twice(sources))
    remedy = "Let one control answer every framework that asks for it, and collect each record once."
    return failure("parallel-programmes", "Parallel programmes", signs, remedy)


def manual_collection(
    controls: Iterable[Control], states: Mapping[str, ResultState], triggers: Sequence[str], day: date
) -> Failure:
    """Whether evidence is gathered by people.

    Args:
        states: control -> its last state.
        triggers: how each collection of the last month came about: scheduled, asset, backfill or manual.
    """
    remedy = "Declare a source for what people gather, and let the schedule collect it."
    signs = (_automated(controls, states, day), _by_hand(triggers))
    return failure("manual-collection", "Manual collection", signs, remedy)


def uniform_depth(controls: Iterable[Control], subjects: Subjects) -> Failure:
    """Whether everything is examined alike, whatever is at stake."""
    signs = (
        _depths(controls),
        _alike("AI systems", "tier", _tiers(subjects.systems)),
        _alike("suppliers", "tier", None if subjects.vendors is None else [each.tier for each in subjects.vendors]),
        _alike("open risks", "inherent score", _scores(subjects.risks)),
    )
    remedy = "Tier systems and suppliers by what they can do to people, and examine the high tier more often."
    return failure("uniform-depth", "Uniform depth", signs, remedy)


def _shared(controls: Mapping[str, Control]) -> Sign:
    """Of two frameworks' controls the smaller number, and how many of those answer the other too."""
    answering: defaultdict[str, set[str]] = defaultdict(set)
    for name, control in controls.items():
        for framework, ids in control.requirements.items():
            answering[framework] |= {name} if ids else set()
    known = sorted(framework for framework, names in answering.items() if names)
    if len(known) < 2:
        return Sign("The controls answer fewer than two frameworks, so there is nothing to share.", False)
    told, apart = [], False
    for pair in combinations(known, 2):
        smaller, larger = sorted(pair, key=lambda framework: (len(answering[framework]), framework))
        both = len(answering[smaller] & answering[larger])
        told.append(f"{share(both, len(answering[smaller]))} of the controls for {smaller} answer {larger} too")
        apart = apart or both / len(answering[smaller]) < SHARE_OF_SHARED
    return Sign("; ".join(told) + ".", apart)


def _twins(controls: Mapping[str, Control]) -> Sign:
    """Controls that say or test the same."""
    alike: defaultdict[str, set[str]] = defaultdict(set)
    for name, control in controls.items():
        alike[_words(control.title)].add(name)
        for test in control.tests:
            if test.deviations:
                alike[_words(f"{test.population} {test.tested} {test.deviations}")].add(name)
    pairs = sorted({" and ".join(sorted(names)) for names in alike.values() if len(names) > 1})
    fact = f"These controls say or test the same: {'; '.join(pairs)}." if pairs else "No two controls test the same."
    return Sign(fact, bool(pairs))


def _words(text: str) -> str:
    return " ".join(text.casefold().split())


def _collected_twice(sources: Iterable[Source]) -> Sign:
    """The same population taken twice from one system, by two sources."""
    taken: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for source in sources:
        for population in source.populations:
            taken[(source.system, population)].add(source.id)
    twice = [
        f"{population} of {system} by {', '.join(sorted(ids))}"
        for (system, population), ids in sorted(taken.items())
        if len(ids) > 1
    ]
    fact = f"Collected more than once: {'; '.join(twice)}." if twice else "No population is collected twice."
    return Sign(fact, bool(twice))


def _automated(controls: Iterable[Control], states: Mapping[str, ResultState], day: date) -> Sign:
    counted = [control for control in controls if _applies(control, day)]
    if not counted:
        return Sign("No control applies, so there is nothing to automate.", None)
    manual = [control.id for control in counted if any(test.kind == "attestation" for test in control.tests)]
    blind = [each.id for each in counted if states.get(each.id) is ResultState.NOT_COLLECTED]
    unjudged = [control.id for control in counted if control.id not in states]
    machine = len(counted) - len({*manual, *blind, *unjudged})
    fact = f"{share(machine, len(counted))} of the controls are judged from collected data alone."
    fact += f" People attest for {', '.join(manual)}." if manual else ""
    fact += f" Nothing is collected for {', '.join(blind)}." if blind else ""
    fact += f" {len(unjudged)} were not judged so far." if unjudged else ""
    return Sign(fact, _too_few(machine, machine + len(set(unjudged) - set(manual)), len(counted)))


def _too_few(least: int, most: int, whole: int) -> bool | None:
    """Whether too few are automated, where somewhere between ``least`` and ``most`` of them are."""
    if least / whole >= SHARE_OF_AUTOMATED:
        return False
    return True if most / whole < SHARE_OF_AUTOMATED else None


def _applies(control: Control, day: date) -> bool:
    stage = control.stage_on(day)
    return stage is None or stage.state not in (LifeCycle.RETIRED, LifeCycle.NOT_APPLICABLE)


def _by_hand(triggers: Sequence[str]) -> Sign:
    if not triggers:
        return Sign("Nothing was collected in the last month.", None)
    count = sum(trigger == "manual" for trigger in triggers)
    fact = f"{share(count, len(triggers))} of the collections of the last month were started by hand."
    return Sign(fact, count / len(triggers) > SHARE_BY_HAND)


def _depths(controls: Iterable[Control]) -> Sign:
    deeper = [control.id for control in controls if _differs(control)]
    if deeper:
        return Sign(f"These controls examine tiers differently: {', '.join(sorted(deeper))}.", False)
    return Sign("Every control examines all tiers alike.", True)


def _differs(control: Control) -> bool:
    tiers = _TIERS.intersection(control.tiers)
    return len(set(control.depth.values())) > 1 or (bool(tiers) and tiers != _TIERS)


def _tiers(systems: Sequence[AiSystem] | None) -> list[str | None] | None:
    if systems is None:
        return None
    return [system.risk_tier for system in systems if system.lifecycle != "retired"]


def _scores(risks: Sequence[Risk] | None) -> list[str | None] | None:
    if risks is None:
        return None
    return [None if risk.inherent is None else str(risk.inherent) for risk in risks if risk.closed_at is None]


def _alike(things: str, measure: str, found: Sequence[str | None] | None) -> Sign:
    if found is None:
        return Sign(f"No {things} are sealed, so their {measure} is not known.", None)
    counted = Counter(each or "unknown" for each in found)
    if len(found) < 2:
        return Sign(f"There are {len(found)} {things}: too few to differ.", False)
    told = ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))
    return Sign(f"{len(found)} {things} by {measure}: {told}.", len(counted) == 1)
