"""The lineage catalogue: sources, training sets, model versions, deployments, owners, policy, risk and controls."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from samples.answers import Plant
from samples.governance_data import LATER_DATA
from samples.lifecycle_outputs import outputs
from samples.operations_models import model_version
from samples.timeline import at, iso
from samples.world import AiSystem, World

#: AI system -> the data asset that its training set comes from
_SOURCES = {
    "credit-scoring": "credit-features",
    "document-reader": "payslip-scans",
    "fraud-screening": "loan-applications",
    "support-assistant": "support-transcripts",
}
_POLICY = "ai-policy"
#: AI system -> a risk of the register that it is exposed to, and controls that mitigate it
_RISKS = {
    "credit-scoring": ("R-02", ("MO-01", "MO-02")),
    "document-reader": ("R-14", ("MO-05", "DV-04")),
    "fraud-screening": ("R-05", ("MO-03", "DV-04")),
    "support-assistant": ("R-11", ("MO-07", "OP-03")),
}


@dataclass(frozen=True)
class Edge:
    """From one node to another, each ``kind/name``; a name may hold slashes."""

    start: str
    relation: str
    end: str

    def key(self) -> dict[str, str]:
        """As the control tests name it."""
        (src_kind, _, src), (dst_kind, _, dst) = self.start.partition("/"), self.end.partition("/")
        return {"src_kind": src_kind, "src_id": src, "rel": self.relation, "dst_kind": dst_kind, "dst_id": dst}


#: predictions that IN-02.T3 draws
_SAMPLE = 25
#: first and last day, the edge that is there, and what is wrong with it
_STRAY = (
    (
        44,
        51,
        Edge("source/bureau", "feeds", "dataset/bureau-scores"),
        "Edges name a training set that is in no catalogue",
    ),
    (104, 111, Edge("feature/income-ratio", "derived-from", "feature/income"), "Features derive from each other"),
    (104, 111, Edge("feature/income", "derived-from", "feature/income-ratio"), "Features derive from each other"),
)
#: first and last day, AI system, relation that is missing
_MISSING = (
    (30, 37, "fraud-screening", "governed-by", "A system is linked to no policy"),
    (67, 74, "support-assistant", "served-by", "The deployment of the assistant is not linked"),
    (-23, -16, "credit-scoring", "trained-on", "The training of a model was not recorded"),
)


def edges(world: World, day: date) -> list[dict[str, object]]:
    """The edges of a day."""
    seen = iso(at(day, "03:00:00"))
    return [_record(edge, seen) for edge in _edges(world, day)]


def _edges(world: World, day: date) -> Iterator[Edge]:
    for system in world.ai_systems:
        yield from _of_system(world, system, day)
    for risk, controls in _RISKS.values():
        yield from (Edge(f"control/{control}", "mitigates", f"risk/{risk}") for control in controls)
    yield Edge("feature/income-ratio", "derived-from", "source/credit-features")
    for first, last, edge, _ in _STRAY:
        if world.timeline.day(first) <= day <= world.timeline.day(last):
            yield edge


def _of_system(world: World, system: AiSystem, day: date) -> Iterator[Edge]:
    version, node = model_version(world, system.id, day), f"ai-system/{system.id}"
    before = f"{system.id}:{int(version.rpartition(':')[2]) - 1}"
    missing = {
        relation
        for first, last, name, relation, _ in _MISSING
        if name == system.id and world.timeline.day(first) <= day <= world.timeline.day(last)
    }
    own = (
        Edge(f"source/{_SOURCES[system.id]}", "feeds", f"dataset/{system.id}-training@2"),
        Edge(f"model/{version}", "trained-on", f"dataset/{system.id}-training@2"),
        Edge(f"model/{version}", "derived-from", f"model/{before}"),
        Edge(f"model/{version}", "served-by", f"deployment/gateway{system.endpoint}"),
        Edge(node, "owned-by", f"person/{system.owner}"),
        Edge(node, "governed-by", f"policy/{_POLICY}"),
        Edge(node, "exposed-to", f"risk/{_RISKS[system.id][0]}"),
    )
    yield from (edge for edge in own if edge.relation not in missing)
    if system.kind == "genai-app":
        yield Edge(node, "supplied-by", "vendor/V-03")


def _record(edge: Edge, seen: str | None) -> dict[str, object]:
    key = edge.key()
    return {
        "from": {"type": key["src_kind"].upper(), "name": key["src_id"]},
        "relation": edge.relation,
        "to": {"type": key["dst_kind"].upper(), "name": key["dst_id"]},
        "seen": seen,
    }


def plants(world: World) -> list[Plant]:
    """Links that are missing, loose ends and circles."""
    day = world.timeline.day
    found = [Plant(story, "IN-02.T2", edge.key(), day(first), day(last)) for first, last, edge, story in _STRAY]
    for first, last, system, _, story in _MISSING:
        for number in range((day(last) - day(first)).days + 1):
            on = day(first) + timedelta(days=number)
            key = {"model_version_id": model_version(world, system, on)}
            found.append(Plant(story, "IN-02.T1", key, on, on))
    return [*found, *_untraced(world)]


def _untraced(world: World) -> Iterator[Plant]:
    """The predictions of the document reader in the sample that is drawn while its data seems younger than it."""
    first, last = (world.timeline.day(number) for number in LATER_DATA)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() == 6:
            start = day - timedelta(days=6)
            drawn = sorted((_place(one, start), one) for one in _made(world, day))[:_SAMPLE]
            for _, prediction in drawn:
                if prediction.startswith("document-reader-"):
                    yield Plant("Data came after the training", "IN-02.T3", {"prediction_id": prediction}, day, day)


def _made(world: World, day: date) -> Iterator[str]:
    for back in range(7):
        for system in world.ai_systems:
            yield from (output.id for output in outputs(world, system.id, day - timedelta(days=back)))


def _place(prediction: str, start: date) -> str:
    """What orders the predictions of a week for the draw, as IN-02.T3 does."""
    return hashlib.md5(f"{prediction}{start} 00:00:00".encode(), usedforsecurity=False).hexdigest()
