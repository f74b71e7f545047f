"""Runs the steps on the connection that ``database`` hands over, inside its transaction and under its lock."""

from __future__ import annotations

from alembic import context

from airtight.publish.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
