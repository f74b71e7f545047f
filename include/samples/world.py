"""Who and what Lumen Lending is: its people, systems, repositories and AI systems.

A pure function of seed and timeline. Everything here is in order; what is out of order is planted, in the module of
its field, and written into the answer key there.

Which field writes a population, and the folders of its vendors (each is one ``Export`` a day and one
source: a counts file speaks of its whole folder):

* access: hr_roster (``hr``), accounts (``okta``, ``aws-iam``, ``iga``), entitlements, access_requests and
  access_reviews (``iga``), credentials (``aws-iam``, ``vault``), systems and roles (``grc``),
  disposals (``disposals``), training_completions, policies and policy_acknowledgements (``lms``).
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
class Act:
    """A planted act: an audit event that operations writes into the log of a system, with this very id and time.

    Attributes:
        account: account id in the system, as ``Act`` events name their actor.
        actor_kind: ``human``, ``service`` or ``ai-agent``.
        activity: ``login``, ``read`` or ``write``; all of them succeed, in production.
    """

    event_id: str
    at: datetime
    system: str
    account: str
    actor_kind: str
    activity: str
    action: str
    target: str


@dataclass(frozen=True)
class SystemChange:
    """What the register of systems says of one field from day to day, other than it should."""

    system: str
    field: str
    value: str | int | bool | None
    first: date
    last: date


@dataclass(frozen=True)
class Waiver:
    """A waiver that access or changes needs in the register of waivers, which governance writes."""

    id: str
    reference: str
    reason: str
    approved: datetime
    expires: datetime


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
        """Forty-four people: three join and six leave within the timeline."""
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
    def system_changes(self) -> tuple[SystemChange, ...]:
        """What operations plants in the register of systems, which access writes."""
        day = self.timeline.day
        stale = (at(day(66), "12:00:00") - timedelta(days=365)).isoformat()
        return (
            SystemChange("core", "pentested_at", stale, day(0), day(79)),
            SystemChange("github", "log_retention_days", 180, day(18), day(21)),
            SystemChange("gateway", "log_write_once", False, day(-11), day(-9)),
            SystemChange("okta", "log_retention_days", 365, day(22), day(23)),
        )

    def account_id(self, system: str, person: Person) -> str:
        """The id of a person's account in a system, as accounts and audit events name it."""
        return {
            "aws": f"{AWS_USER}{person.login}",
            "core": f"u{person.id[1:]}",
            "gateway": f"gw-{person.id.lower()}",
            "github": person.login.replace(".", "-"),
            "okta": f"00u{person.id.lower()}lumen",
        }[system]

    def person(self, number: int) -> Person:
        """A person by number."""
        return self.people[number]

    @cached_property
    def leaver_logins(self) -> tuple[Act, ...]:
        """Acts by accounts of people who have left."""
        who, day = self.account_id("aws", self.person(31)), self.timeline.day(123)
        return (
            Act("act-leaver-1", at(day, "07:12:09"), "aws", who, "human", "login", "ConsoleLogin", "aws"),
            Act("act-leaver-2", at(day, "07:15:40"), "aws", who, "human", "read", "GetObject", "lumen-reports"),
        )

    @cached_property
    def break_glass_uses(self) -> tuple[Act, ...]:
        """Every use of the emergency account; nobody else may act through it."""
        return tuple(
            Act(f"act-glass-{n}", at(self.timeline.day(n), "10:00:00"), "aws", BREAK_GLASS, "human", "write",
                "UpdateSecurityGroup", "lumen-core")
            for n in BREAK_GLASS_DAYS
        )  # fmt: skip

    @cached_property
    def agent_writes(self) -> tuple[Act, ...]:
        """Writes to production by AI agents, which must not do so."""
        return tuple(
            Act(f"act-agent-{n}", at(self.timeline.day(n), "13:20:00"), "gateway", TRIAGE_AGENT, "ai-agent", "write",
                "config.update", "support-assistant")
            for n in (63, -12)
        )  # fmt: skip

    @cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """Waivers of single records that access and changes count on."""
        first, last = at(self.timeline.first), at(self.timeline.last) + timedelta(days=90)
        restored = self.account_id("gateway", self.person(13))
        return (
            Waiver("W-101", f"AC-04.T2:{DEPLOYER}/access-key-1", "A role replaces the key this quarter", first, last),
            Waiver("W-102", f"AC-02.T1:{restored}/gateway/invoke", "Restored by hand after an outage", first, last),
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


#: prefix of the accounts in AWS
AWS_USER = "arn:aws:iam::210987654321:user/"
BREAK_GLASS = f"{AWS_USER}break-glass"
DEPLOYER = f"{AWS_USER}deployer"
BACKUP = f"{AWS_USER}backup"
#: AI agents and services by the ids of their accounts; lumen-coder writes code, gw-triage answers tickets
CODER_AGENT = "lumen-coder"
TRIAGE_AGENT = "gw-triage"
PIPELINE = "lumen-ci"
ROUTER = "gw-router"
BATCH = "core-batch"
#: days on which somebody used the emergency account
BREAK_GLASS_DAYS = (25, 80, 140)
#: number of the person -> day of the timeline on which they join, or leave and how; all handled in order
_JOINERS = {22: 20, 25: 75, 33: 130}
_LEAVERS = {
    24: (40, "voluntary"),
    29: (90, "voluntary"),
    31: (120, "contract-end"),
    35: (-30, "involuntary"),
    27: (60, "involuntary"),
    38: (-4, "voluntary"),
}
_PLAIN = str.maketrans("áèéëíïłńóøöúüýžććčřšťÁßçñ", "aeeeiilnooouuyzcccrstAscn")
