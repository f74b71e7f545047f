"""What happened here and does not follow from the store: acts of people, alerts given, verifications made.

Times come from the caller's clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, RowMapping

from airtight.publish.database import Database
from airtight.publish.tables import ALERT_STATES, BUNDLES, JOURNAL, VERIFICATIONS
from airtight.wire import Json


@dataclass(frozen=True)
class Act:
    """One thing that a person did: ``who`` did ``act`` to ``subject``."""

    at: datetime
    who: str
    act: str
    subject: str
    detail: Mapping[str, Json]


@dataclass(frozen=True)
class Entered:
    """An act as the journal keeps it; numbers grow with time and are never used twice."""

    number: int
    act: Act


class Journal:
    """Acts of people. Entries are added and read; the database itself refuses to change or remove one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, act: Act) -> int:
        """Keep an act; its number is returned."""
        row = {"at": act.at, "who": act.who, "act": act.act, "subject": act.subject, "detail": _dumped(act.detail)}
        with self._database.writing() as connection:
            return int(connection.execute(sa.insert(JOURNAL).returning(JOURNAL.c.id), row).scalar_one())

    def acts(self, *, after: int = 0, subject: str | None = None) -> tuple[Entered, ...]:
        """Entries with a number above ``after``, oldest first; of one subject where it is given."""
        query = sa.select(JOURNAL).where(JOURNAL.c.id > after).order_by(JOURNAL.c.id)
        if subject is not None:
            query = query.where(JOURNAL.c.subject == subject)
        with self._database.reading() as connection:
            return tuple(_entered(row) for row in connection.execute(query).mappings())


def _dumped(detail: Mapping[str, Json]) -> str:
    return json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _entered(row: RowMapping) -> Entered:
    return Entered(row["id"], Act(row["at"], row["who"], row["act"], row["subject"], json.loads(row["detail"])))


@dataclass(frozen=True)
class AlertState:
    """The state of a subject that was last told to people, and since when it holds."""

    subject: str
    state: str
    since: datetime
    root_cause: str | None


class Alerts:
    """States last alerted: an alert is due only when one changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self, told: AlertState) -> tuple[bool, AlertState | None]:
        """Note a subject's state.

        Returns:
            whether state or root cause differ from what was noted before, and what that was (None: nothing).
            Of several processes that note the same change, one is told True.
        """
        with self._database.writing(lock=f"airtight/alert/{told.subject}") as connection:
            before = _alert_state(connection, told.subject)
            if before and (before.state, before.root_cause) == (told.state, told.root_cause):
                return False, before
            _put_alert_state(connection, told)
            return True, before

    def states(self) -> dict[str, AlertState]:
        """Subject -> the state noted last."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(ALERT_STATES).order_by(ALERT_STATES.c.subject)).mappings()
            return {row["subject"]: AlertState(**row) for row in rows}


def _alert_state(connection: Connection, subject: str) -> AlertState | None:
    query = sa.select(ALERT_STATES).where(ALERT_STATES.c.subject == subject)
    row = connection.execute(query).mappings().first()
    return AlertState(**row) if row else None


def _put_alert_state(connection: Connection, told: AlertState) -> None:
    row = {"state": told.state, "since": told.since, "root_cause": told.root_cause}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(ALERT_STATES).values(subject=told.subject, **row)
    connection.execute(insert.on_conflict_do_update(index_elements=["subject"], set_=row))


@dataclass(frozen=True)
class Verified:
    """One verification of a stored bundle: the verdict's word, and what differed."""

    digest: str
    verified_at: datetime
    verdict: str
    detail: str = ""


class Verifications:
    """When which bundle was verified."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, verified: Verified) -> None:
        """Keep a verification; earlier ones stay."""
        row = {name: getattr(verified, name) for name in Verified.__dataclass_fields__}
        with self._database.writing() as connection:
            connection.execute(sa.insert(VERIFICATIONS), row)

    def of(self, digest: str) -> tuple[Verified, ...]:
        """Every verification of a bundle, oldest first."""
        query = sa.select(VERIFICATIONS).where(VERIFICATIONS.c.digest == digest).order_by(VERIFICATIONS.c.id)
        with self._database.reading() as connection:
            return tuple(_verified(row) for row in connection.execute(query).mappings())

    def due(self, limit: int) -> tuple[str, ...]:
        """Digests of indexed bundles: every one that was never verified, then up to ``limit`` of the longest ago."""
        last = (
            sa.select(BUNDLES.c.digest, sa.func.max(VERIFICATIONS.c.verified_at).label("last"))
            .join(VERIFICATIONS, VERIFICATIONS.c.digest == BUNDLES.c.digest, isouter=True)
            .group_by(BUNDLES.c.digest)
            .subquery()
        )
        never = sa.select(last.c.digest).where(last.c.last.is_(None)).order_by(last.c.digest)
        oldest = sa.select(last.c.digest).where(last.c.last.is_not(None)).order_by(last.c.last, last.c.digest)
        with self._database.reading() as connection:
            return (*connection.execute(never).scalars(), *connection.execute(oldest.limit(limit)).scalars())


def _verified(row: RowMapping) -> Verified:
    return Verified(row["digest"], row["verified_at"], row["verdict"], row["detail"])
