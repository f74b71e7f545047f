"""Lay the ground: bundles with what is in them, the journal, alerted states, verifications.

The journal refuses UPDATE and DELETE in the database itself.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    _derived()
    _kept()
    _seal_journal()


def _text(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=nullable, primary_key=key)


def _member_of_bundle() -> tuple[sa.Column[str], sa.Column[int]]:
    return (
        sa.Column("digest", TEXT, sa.ForeignKey("bundles.digest"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    )


def _derived() -> None:
    op.create_table(
        "bundles",
        _text("digest", key=True),
        _text("kind"),
        _text("name"),
        _text("partition"),
        sa.Column("revision", sa.Integer, nullable=False),
        _text("supersedes", nullable=True),
        _text("environment"),
        _text("key"),
        sa.Column("size", sa.BigInteger, nullable=False),
        _text("version", nullable=True),
        _text("dag_id", nullable=True),
        _text("run_id", nullable=True),
        _text("trigger"),
        _text("triggered_by", nullable=True),
        _text("reason", nullable=True),
        _text("code_commit"),
        _text("lock_sha256"),
        _text("catalog_sha256"),
        sa.UniqueConstraint("kind", "name", "partition", "revision", name="one_bundle_a_slot"),
    )
    op.create_table(
        "populations",
        *_member_of_bundle(),
        _text("population"),
        _text("source"),
        _text("partition"),
        _text("member", nullable=True),
        _text("sha256", nullable=True),
        sa.Column("rows", sa.BigInteger, nullable=False),
        _text("completeness"),
        sa.Column("retrospective", sa.Boolean, nullable=False),
        sa.Column("collected", sa.Boolean, nullable=False),
        _text("trouble", nullable=True),
    )
    op.create_index("populations_by_day", "populations", ["population", "partition"])
    op.create_table(
        "results",
        *_member_of_bundle(),
        _text("control"),
        _text("test"),
        _text("state"),
        _text("reason"),
        sa.Column("population_n", sa.BigInteger),
        sa.Column("tested_n", sa.BigInteger),
        sa.Column("deviation_n", sa.BigInteger, nullable=False),
        sa.Column("waived_n", sa.BigInteger, nullable=False),
        _text("owner"),
        _text("title"),
        sa.Column("no_occurrence", sa.Boolean, nullable=False),
        _text("definition_sha256"),
        _text("window_start"),
        _text("window_end"),
        _text("causes"),
        sa.Column("planned", sa.Boolean, nullable=False),
    )
    op.create_index("results_by_control", "results", ["control", "test"])


def _kept() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        _text("who"),
        _text("act"),
        _text("subject"),
        _text("detail"),
    )
    op.create_index("journal_by_subject", "journal", ["subject"])
    op.create_table(
        "alert_states",
        _text("subject", key=True),
        _text("state"),
        sa.Column("since", sa.DateTime, nullable=False),
        _text("root_cause", nullable=True),
    )
    op.create_table(
        "verifications",
        sa.Column("id", sa.Integer, primary_key=True),
        _text("digest"),
        sa.Column("verified_at", sa.DateTime, nullable=False),
        _text("verdict"),
        _text("detail"),
    )
    op.create_index("verifications_by_bundle", "verifications", ["digest", "verified_at"])


def _seal_journal() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
            "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER journal_refuses_{act.lower()} BEFORE {act} ON journal "
            "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
        )
