"""The index's tables.

*Derived* tables follow from the store alone and hold nothing else: no times of recording, no counters, so that
``reindex`` gives the same rows again. *Kept* tables hold what happened here: acts of people, states that were
alerted, verifications.

Text never fails to be stored: a null character becomes U+FFFD, half a surrogate pair ``?``.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

#: The revision of ``migrations`` that these tables are.
SCHEMA = "0001"
VERSION_TABLE = "airtight_version"


class PlainText(TypeDecorator[str]):
    """Text of any origin."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        return dialect.type_descriptor(String(collation="C") if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC, to the microsecond."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


METADATA = MetaData()

BUNDLES = Table(
    "bundles",
    METADATA,
    Column("digest", PlainText, primary_key=True),
    Column("kind", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("partition", PlainText, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("supersedes", PlainText),
    Column("environment", PlainText, nullable=False),
    Column("key", PlainText, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("version", PlainText),
    Column("dag_id", PlainText),
    Column("run_id", PlainText),
    Column("trigger", PlainText, nullable=False),
    Column("triggered_by", PlainText),
    Column("reason", PlainText),
    Column("code_commit", PlainText, nullable=False),
    Column("lock_sha256", PlainText, nullable=False),
    Column("catalog_sha256", PlainText, nullable=False),
    UniqueConstraint("kind", "name", "partition", "revision", name="one_bundle_a_slot"),
)

POPULATIONS = Table(
    "populations",
    METADATA,
    Column("digest", ForeignKey("bundles.digest"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("population", PlainText, nullable=False),
    Column("source", PlainText, nullable=False),
    Column("partition", PlainText, nullable=False),
    Column("member", PlainText),
    Column("sha256", PlainText),
    Column("rows", BigInteger, nullable=False),
    Column("completeness", PlainText, nullable=False),
    Column("retrospective", Boolean, nullable=False),
    Column("collected", Boolean, nullable=False),
    Column("trouble", PlainText),
    Index("populations_by_day", "population", "partition"),
)

RESULTS = Table(
    "results",
    METADATA,
    Column("digest", ForeignKey("bundles.digest"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("control", PlainText, nullable=False),
    Column("test", PlainText, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("population_n", BigInteger),
    Column("tested_n", BigInteger),
    Column("deviation_n", BigInteger, nullable=False),
    Column("waived_n", BigInteger, nullable=False),
    Column("owner", PlainText, nullable=False),
    Column("title", PlainText, nullable=False),
    Column("no_occurrence", Boolean, nullable=False),
    Column("definition_sha256", PlainText, nullable=False),
    Column("window_start", PlainText, nullable=False),
    Column("window_end", PlainText, nullable=False),
    Column("causes", PlainText, nullable=False),
    Column("planned", Boolean, nullable=False),
    Index("results_by_control", "control", "test"),
)

JOURNAL = Table(
    "journal",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", PlainText, nullable=False),
    Column("act", PlainText, nullable=False),
    Column("subject", PlainText, nullable=False),
    Column("detail", PlainText, nullable=False),
    Index("journal_by_subject", "subject"),
)

ALERT_STATES = Table(
    "alert_states",
    METADATA,
    Column("subject", PlainText, primary_key=True),
    Column("state", PlainText, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("root_cause", PlainText),
)

VERIFICATIONS = Table(
    "verifications",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("digest", PlainText, nullable=False),
    Column("verified_at", UtcTime, nullable=False),
    Column("verdict", PlainText, nullable=False),
    Column("detail", PlainText, nullable=False),
    Index("verifications_by_bundle", "digest", "verified_at"),
)

#: In the order in which rows may be inserted.
DERIVED = (BUNDLES, POPULATIONS, RESULTS)
KEPT = (JOURNAL, ALERT_STATES, VERIFICATIONS)
