"""A register of risks with a column of every type, for the tests of registers."""

from __future__ import annotations

from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema

RISKS = PopulationSchema(
    name="risks",
    title="Risks",
    kind=PopulationKind.REGISTER,
    sensitivity="internal",
    key=("risk_id",),
    columns=(
        Column("risk_id", ColumnType.ID),
        Column("version", ColumnType.STR, nullable=True),
        Column("impact", ColumnType.INT),
        Column("weight", ColumnType.FLOAT, nullable=True),
        Column("treatment", ColumnType.ENUM, values=("accept", "mitigate")),
        Column("open", ColumnType.BOOL, nullable=True),
        Column("seen_at", ColumnType.TS, nullable=True),
        Column("review", ColumnType.DATE, nullable=True),
        Column("clauses", ColumnType.LIST, nullable=True),
        Column("appetite", ColumnType.JSON, nullable=True),
        Column("content_sha256", ColumnType.SHA256, nullable=True),
        Column("published_sha256", ColumnType.SHA256, nullable=True),
        Column("sections", ColumnType.LIST, nullable=True),
    ),
)
RISK = "- {risk_id: R-1, impact: 3, treatment: accept}\n"
