"""Who and what Lumen Lending is: its people, systems, repositories and AI systems.

A pure function of seed and timeline. Everything here is in order; what is out of order is planted, in the module of
its field, and written into the answer key there.

Which field writes a population, and the folders of its vendors (each is one ``Export`` a day, so nobody shares one):

* access: hr_roster (``hr``), accounts (``okta``, ``aws-iam``, ``iga``), entitlements, access_requests and
  access_reviews (``iga``), credentials (``aws-iam``, ``vault``), systems, roles and disposals (``grc``),
  training_completions, policies and policy_acknowledgements (``lms``).
* changes: pull_requests, branch_protections and deployments (``github``), changes (``jira``).
* operations and governance: everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from samples.timeline import Timeline, at, dice

_NAMES = """
Ada Becker|Aylin Demir|Ben Okafor|Carla Rossi|Chen Wei|Clara Novák|Daniel Weiß|Elif Kaya|Emma Lindqvist|Farid Haddad
Felix Brandt|Grace Mensah|Hana Suzuki|Ines Duarte|Jakub Zieliński|Jonas Møller|Katja Vogel|Leo Fontaine|Lina Petrova
Luca Moretti|Maja Horvat|Marta Ruiz|Mei Tanaka|Milan Jovanović|Nadia Rahman|Nils Eriksson|Noor Aziz|Olga Ivanova
Omar Said|Paula Schmidt|Priya Nair|Rafael Costa|Rosa Álvarez|Samir Patel|Sofia Conti|Tarek Mansour|Tessa de Vries
Theo Laurent|Uma Krishnan|Viktor Hahn|Wanjiru Kamau|Yara Silva|Zoë Martin|Igor Kowalski
"""

_DEPARTMENTS = (
    ("Executive", "Managing director", 2),
    ("Security", "Security engineer", 4),
    ("IT operations", "System administrator", 4),
    ("Platform", "Platform engineer", 6),
    ("Machine learning", "Machine learning engineer", 8),
    ("Lending products", "Software engineer", 10),
    ("Risk", "Model validator", 3),
    ("Compliance", "Compliance manager", 3),
    ("People", "People partner", 2),
    ("Operations", "Loan officer", 2),
)


@dataclass(frozen=True)
class Person:
    """Somebody on the roster; ``leaves`` is the moment that employment ends."""

    id: str
    name: str
    email: str
    department: str
    title: str
    manager: str | None
    worker_type: str
    hired: date
    leaves: datetime | None = None
    leave_kind: str | None = None

    @property
    def login(self) -> str:
        return self.email.partition("@")[0]

    def employed_on(self, day: date) -> bool:
        """Whether the person works here at the end of a day."""
        return self.hired <= day and (self.leaves is None or self.leaves >= at(day + timedelta(days=1)))


@dataclass(frozen=True)
class System:
    """A system in scope."""

    id: str
    name: str
    owner: str
    criticality: str
    hosting: str


@dataclass(frozen=True)
class AiSystem:
    """An AI system of the inventory."""

    id: str
    name: str
    kind: str
    tier: str
    owner: str
    endpoint: str


class World:
    """Lumen Lending over a timeline."""

    def __init__(self, timeline: Timeline, seed: int = 7) -> None:
        self.timeline = timeline
        self.seed = seed

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Forty-four people: three join and four leave in order within the timeline."""
        names = [name for line in _NAMES.strip().splitlines() for name in line.split("|")]
        posts = [(department, title) for department, title, count in _DEPARTMENTS for _ in range(count)]
        return tuple(self._person(number, name, *posts[number]) for number, name in enumerate(names))

    def _person(self, number: int, name: str, department: str, title: str) -> Person:
        roll = dice(self.seed, "person", number)
        leaves = _LEAVERS.get(number)
        ascii_name = name.translate(_PLAIN).lower().replace(" ", ".").replace("de.", "de-")
        return Person(
            id=f"E{1000 + number}",
            name=name,
            email=f"{ascii_name}@lumen.example",
            department=department,
            title=title,
            manager=None if number == 0 else f"E{1000 + number // 6}",
            worker_type="contractor" if number in (20, 31) else "employee",
            hired=self.timeline.day(_JOINERS[number])
            if number in _JOINERS
            else self.timeline.first - timedelta(days=roll.randrange(60, 2400)),
            leaves=at(self.timeline.day(leaves[0]), "16:00:00") if leaves else None,
            leave_kind=leaves[1] if leaves else None,
        )

    def employed(self, day: date) -> tuple[Person, ...]:
        """Everyone who works here at the end of a day."""
        return tuple(person for person in self.people if person.employed_on(day))

    @property
    def systems(self) -> tuple[System, ...]:
        """The systems in scope, by id."""
        return (
            System("aws", "AWS production account", "E1007", "high", "cloud"),
            System("core", "Core lending application", "E1018", "high", "cloud"),
            System("gateway", "Model gateway", "E1011", "high", "cloud"),
            System("github", "Source code", "E1010", "high", "saas"),
            System("okta", "Identity provider", "E1006", "high", "saas"),
        )

    @property
    def repositories(self) -> tuple[str, ...]:
        return ("core", "ml-platform", "credit-models", "infrastructure")

    @property
    def ai_systems(self) -> tuple[AiSystem, ...]:
        """The AI inventory, by id."""
        return (
            AiSystem("credit-scoring", "Credit scoring", "model", "high", "E1016", "/v1/score"),
            AiSystem("document-reader", "Document reader", "model", "low", "E1018", "/v1/read"),
            AiSystem("fraud-screening", "Fraud screening", "model", "high", "E1017", "/v1/screen"),
            AiSystem("support-assistant", "Support assistant", "genai-app", "medium", "E1019", "/v1/chat"),
        )


#: number of the person -> day of the timeline on which they join, or leave and how; all handled in order
_JOINERS = {22: 20, 25: 75, 33: 130}
_LEAVERS = {
    24: (40, "voluntary"),
    29: (90, "voluntary"),
    31: (120, "contract-end"),
    35: (-30, "involuntary"),
}
_PLAIN = str.maketrans("áèéëíïłńóøöúüýžććčřšťÁßçñ", "aeeeiilnooouuyzcccrstAscn")
