"""Populations: all the items that a control should have covered, and the shape each must have.

A population is of one of three kinds. An *event* population is collected by window. A *snapshot* tells the
state of one day only. A *register* keeps its versions: the one in force on each day can be told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class PopulationKind(StrEnum):
    """What a population can be asked about the past."""

    EVENT = "event"
    SNAPSHOT = "snapshot"
    REGISTER = "register"


class ColumnType(StrEnum):
    """Types of a population's columns; ``ts`` is a naive timestamp in UTC."""

    ID = "id"
    STR = "str"
    TEXT = "text"
    URL = "url"
    SHA256 = "sha256"
    ENUM = "enum"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    TS = "ts"
    DATE = "date"
    LIST = "list"
    JSON = "json"


#: The type that each column type has in DuckDB, and so in the Parquet file.
SQL_TYPE: dict[ColumnType, str] = {
    ColumnType.INT: "BIGINT",
    ColumnType.FLOAT: "DOUBLE",
    ColumnType.BOOL: "BOOLEAN",
    ColumnType.TS: "TIMESTAMP",
    ColumnType.DATE: "DATE",
    ColumnType.LIST: "VARCHAR[]",
}


class Redaction(StrEnum):
    """What happens to a column before it is sealed."""

    DROP = "drop"
    """The value is replaced by null."""
    RESTRICT = "restrict"
    """The value is replaced by null; the rows with it are kept for a while as a raw object of their own."""
    MASK = "mask"
    """The value is replaced by asterisks; null stays null. IP addresses keep their first 24 (or 48) bits."""
    PSEUDONYM = "pseudonym"
    """The value is replaced by a keyed hash that is the same in every population of the installation."""


@dataclass(frozen=True)
class Column:
    """One column of a population."""

    name: str
    type: ColumnType
    nullable: bool = False
    values: tuple[str, ...] = ()
    personal: bool = False
    redaction: Redaction | None = None
    references: str | None = None
    """``population.column`` that holds every non-null value of this one."""

    @property
    def is_emptied(self) -> bool:
        """Whether the sealed population holds null here, whatever the source gave."""
        return self.redaction in (Redaction.DROP, Redaction.RESTRICT)

    @property
    def sql_type(self) -> str:
        return SQL_TYPE.get(self.type, "VARCHAR")


#: Streams of raw objects that hold a population's rows with their restricted columns begin so; its name follows.
RESTRICTED = "restricted/"


@dataclass(frozen=True)
class PopulationSchema:
    """The shape that a collected population must have, whatever the source.

    Attributes:
        key: columns that identify an item, never null, unique together.
        event_time: for events, the column that places an item in a window.
    """

    name: str
    title: str
    kind: PopulationKind
    sensitivity: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    event_time: str | None = None
    sources: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def unrestricted(self) -> PopulationSchema | None:
        """The same schema with its restricted columns left as they are; None where it has none."""
        if not any(column.redaction is Redaction.RESTRICT for column in self.columns):
            return None
        kept = (replace(c, redaction=None) if c.redaction is Redaction.RESTRICT else c for c in self.columns)
        return replace(self, columns=tuple(kept))
