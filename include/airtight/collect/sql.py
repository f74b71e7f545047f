"""Connector ``sql``: PostgreSQL and SQLite through SQLAlchemy, by a server-side cursor in a read-only transaction.

Options: ``query`` (for the stream ``raw``) or ``queries`` (name -> SELECT); ``count`` (one SELECT of the number of
rows that all queries together must give), which is asked in the same transaction and proves completeness.
``keeps_history`` says that the rows tell any day.
``:window_start``, ``:window_end`` and ``:partition`` are bound, never pasted. The database stands in the connection
alone: as a URI, or as host, port, schema, login and password. A pull that breaks off is not taken up again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from airtight.collect import options
from airtight.collect.connector import CollectionRequest, Probe, Pulled, RawFile
from airtight.collect.sql_guard import PARAMETERS, fault_of, tables_of
from airtight.collect.sql_rows import ROWS, write_rows
from airtight.domain.source import Credentials, Source
from airtight.errors import (
    AirtightError,
    ConfigurationError,
    DefinitionError,
    SourceChanged,
    SourceError,
    SourceIncomplete,
    SourceRefused,
    SourceUnreachable,
)

_CONNECT_SECONDS = 15
_REFUSED_LOGIN = (
    "authentication failed",
    "no pg_hba.conf entry",
    "no password supplied",
    "is not permitted to log in",
    "permission denied",
)
_NO_ROLE = 'FATAL:  role "'
_WRITE_RIGHTS = "INSERT, UPDATE, DELETE, TRUNCATE"


class SqlConnector:
    """Reads rows of a database."""

    def check(self, source: Source) -> None:
        several = "queries" in source.options
        options.check_keys(
            source, required=("queries",) if several else ("query",), optional=("count", "keeps_history")
        )
        for stream, query in _queries(source).items():
            if fault := fault_of(query):
                raise options.refuse(source, f"queries.{stream}" if several else "query", f"the query {fault}")
        count = options.text(source, "count")
        if count and (fault := fault_of(count)):
            raise options.refuse(source, "count", f"the query {fault}")

    def keeps_history(self, source: Source) -> bool:
        return options.flag(source, "keeps_history", default=False)

    def pull(self, request: CollectionRequest) -> Pulled:
        source = request.source
        with _connected(request) as connection:
            identity, can_write = _rights(connection, source)
            expected = _count(connection, request)
            files: list[RawFile] = []
            for stream, query in _queries(source).items():
                files += _read(connection, stream, query, request)
        return Pulled(
            files=tuple(files),
            query=_described(request),
            identity=identity,
            can_write=can_write,
            pages=len(files),
            source_count=expected,
            count_method=options.text(source, "count"),
            exhausted=True,
        )

    def probe(self, request: CollectionRequest) -> Probe:
        with _connected(request) as connection:
            identity, can_write = _rights(connection, request.source)
            records = _count(connection, request)
            for query in _queries(request.source).values():
                limited = f"SELECT * FROM (\n{query.strip().rstrip(';')}\n) AS probed LIMIT 1"  # noqa: S608
                connection.execute(text(limited), _bound(connection, query, request)).fetchall()
        return Probe(identity, can_write, records, None)


def _queries(source: Source) -> dict[str, str]:
    if "queries" not in source.options:
        return {"raw": options.required_text(source, "query")}
    if "query" in source.options:
        raise options.refuse(source, "query", "stands beside queries.", "Write query or queries.")
    queries = options.mapping(source, "queries")
    for name, query in queries.items():
        if not isinstance(query, str) or not str(name).isidentifier():
            raise options.refuse(source, f"queries.{name}", "must be a name with a SELECT.")
    return {str(name): str(query) for name, query in queries.items()}


@contextmanager
def _connected(request: CollectionRequest) -> Iterator[Connection]:
    """A read-only transaction that sees one state of the database."""
    engine = _engine(request.credentials, request.source)
    try:
        with _plain_errors(request.source, "connecting"), engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def _engine(credentials: Credentials, source: Source) -> Engine:
    url = _url(credentials, source)
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        if not path.is_file():
            raise SourceUnreachable("the database file of the connection is not there.", where=source.id)
        address = f"sqlite:///file:{path}?mode=ro&uri=true"
        return create_engine(address, isolation_level="AUTOCOMMIT")
    if url.get_backend_name() != "postgresql":
        raise ConfigurationError(
            f"connector sql does not know '{url.get_backend_name()}'.",
            where=f"{source.file}: {source.id}.connection",
            remedy="It reads PostgreSQL and SQLite.",
        )
    engine = create_engine(
        url.set(drivername="postgresql+psycopg2"),
        connect_args={"connect_timeout": _CONNECT_SECONDS, "options": "-c timezone=UTC"},
    )
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _url(credentials: Credentials, source: Source) -> URL:
    where = f"{source.file}: {source.id}.connection"
    if credentials.uri:
        try:
            return make_url(credentials.uri.replace("postgres://", "postgresql://", 1))
        except ArgumentError:
            raise ConfigurationError("the connection's URI cannot be read.", where=where) from None
    if not credentials.host:
        raise ConfigurationError("the source names no database.", where=where, remedy="Name a connection.")
    query = {key: value for key, value in credentials.extra.items() if key.startswith("ssl")}
    return URL.create(
        "postgresql",
        credentials.login,
        credentials.password,
        credentials.host,
        credentials.port,
        credentials.schema,
        query,
    )


def _rights(connection: Connection, source: Source) -> tuple[str, bool | None]:
    if connection.dialect.name == "sqlite":
        return "reader of the database file", None
    identity = str(connection.execute(text("SELECT current_user")).scalar_one())
    tables = [table for query in _queries(source).values() for table in tables_of(query, "postgres")]
    allowed = [
        connection.execute(
            text("SELECT has_table_privilege(to_regclass(:name), :rights)"), {"name": table, "rights": _WRITE_RIGHTS}
        ).scalar_one()
        for table in tables
    ]
    return identity, None if not allowed or None in allowed else any(allowed)


def _count(connection: Connection, request: CollectionRequest) -> int | None:
    query = options.text(request.source, "count")
    if query is None:
        return None
    with _plain_errors(request.source, "counting"):
        counted = connection.execute(text(query), _bound(connection, query, request)).scalar()
    if not isinstance(counted, int):
        raise options.refuse(request.source, "count", "the query does not give a number.")
    return counted


def _read(connection: Connection, stream: str, query: str, request: CollectionRequest) -> list[RawFile]:
    with _plain_errors(request.source, f"reading stream {stream}"):
        result = connection.execution_options(stream_results=True, yield_per=ROWS).execute(
            text(query), _bound(connection, query, request)
        )
        columns = list(result.keys())
        if len({name.lower() for name in columns}) < len(columns):
            raise SourceChanged("two columns of the query have one name.", where=request.source.id)
        return write_rows(request.folder, stream, columns, _batches(result.partitions(ROWS), request.sample))


def _batches(
    partitions: Iterator[Sequence[Sequence[object]]], sample: int | None
) -> Iterator[Sequence[Sequence[object]]]:
    seen = 0
    for batch in partitions:
        yield batch
        seen += len(batch)
        if sample is not None and seen >= sample:
            return


def _values(request: CollectionRequest) -> Mapping[str, object]:
    return {
        "window_start": request.window.start.replace(tzinfo=None),
        "window_end": request.window.end.replace(tzinfo=None),
        "partition": request.partition,
    }


def _bound(connection: Connection, query: str, request: CollectionRequest) -> dict[str, object]:
    named = text(query).compile().params
    as_text = connection.dialect.name == "sqlite"  # which has no type for times
    return {name: str(value) if as_text else value for name, value in _values(request).items() if name in named}


def _described(request: CollectionRequest) -> str:
    queries = "; ".join(f"{stream}: {' '.join(query.split())}" for stream, query in _queries(request.source).items())
    bound = ", ".join(f"{name}={_values(request)[name]}" for name in PARAMETERS)
    return f"{queries} [{bound}]"


@contextmanager
def _plain_errors(source: Source, doing: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _translated(error, source, doing) from None
    except (SQLAlchemyError, OverflowError, ValueError) as error:
        raise SourceChanged(f"{doing} failed ({type(error).__name__}).", where=source.id) from None


def _translated(error: DBAPIError, source: Source, doing: str) -> AirtightError:
    message = (str(error.orig).splitlines() or [""])[0]
    code = str(getattr(error.orig, "pgcode", None) or "")
    if code == "42501" or code.startswith("28") or any(sign in message for sign in (*_REFUSED_LOGIN, _NO_ROLE)):
        return SourceRefused(f"the database refused: {message}.", where=source.id, remedy="Check log-in and rights.")
    if code in ("42703", "42P01", "3F000") or message.startswith(("no such column", "no such table")):
        return SourceChanged(f"the database has another shape: {message}.", where=source.id)
    if code.startswith("42") or "syntax error" in message:
        return DefinitionError(f"the query does not run: {message}.", where=f"{source.file}: {source.id}.options")
    if code.startswith("22"):
        # the message would quote the value
        return SourceChanged(f"{doing} failed: a value does not fit (SQLSTATE {code}).", where=source.id)
    if doing == "connecting":
        return SourceUnreachable("the database cannot be reached.", where=source.id, remedy="Check host and port.")
    return _broken_off(source, doing)


def _broken_off(source: Source, doing: str) -> SourceError:
    return SourceIncomplete(f"the database broke off while {doing}.", where=source.id, remedy="Collect it again.")
