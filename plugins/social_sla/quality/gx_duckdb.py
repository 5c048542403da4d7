"""Great Expectations on DuckDB: the one place that knows what GX 1.24 does not.

GX resolves metrics in bundles and closes the connection before it reads their result, unless the dialect is one of
those that it keeps connected. duckdb-engine's cursor is empty by then, so every metric ends as "list index out of
range" (GX issue 11579). Counting DuckDB among the dialects that stay connected is enough.
`tests/unit/quality/test_gx_duckdb.py` fails on the day that GX no longer needs this.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

from social_sla.warehouse.content import Query


class _Dialect(StrEnum):
    # GX compares the members with strings and reads `.value`: exactly what its own GXSqlDialect offers.
    DUCKDB = "duckdb"


def silence_analytics() -> None:
    """No usage statistics leave the machine. To be called before great_expectations is imported."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"


def keep_duckdb_connected() -> None:
    """Count DuckDB among GX's persisted-connection dialects; calling it again changes nothing."""
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine_module

    dialects = tuple(engine_module._PERSISTED_CONNECTION_DIALECTS)
    if "duckdb" not in dialects:
        engine_module._PERSISTED_CONNECTION_DIALECTS = (*dialects, _Dialect.DUCKDB)  # type: ignore[assignment]


def read_only_url(warehouse_path: Path) -> str:
    """The SQLAlchemy URL that opens a DuckDB file without being able to write it."""
    # SQLAlchemy takes what stands before the question mark as it is: no quoting.
    return f"duckdb:///{warehouse_path}?access_mode=read_only"


@contextmanager
def connections_prepared(prepare: Callable[[Query], None]) -> Iterator[None]:
    """Prepare every DuckDB connection that opens meanwhile, and close them all at the end.

    GX builds its engine anew whenever it reads a data source from its store, so no single engine can be prepared; and
    DuckDB gives its lock on the file back only when the last connection is closed.
    """
    from sqlalchemy import Connection, event
    from sqlalchemy.engine import Engine

    checked_out: list[Connection] = []

    def on_connect(connection: Any, _record: object) -> None:
        def query(sql: str) -> Sequence[Sequence[Any]]:
            cursor = connection.cursor()
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

        prepare(query)

    def on_engine_connect(connection: Connection) -> None:
        checked_out.append(connection)

    event.listen(Engine, "connect", on_connect)
    event.listen(Engine, "engine_connect", on_engine_connect)
    try:
        yield
    finally:
        event.remove(Engine, "connect", on_connect)
        event.remove(Engine, "engine_connect", on_engine_connect)
        # GX keeps one checked out for as long as it lives: back into its pool first, then the pool is emptied.
        for connection in checked_out:
            connection.close()
        for engine in {connection.engine for connection in checked_out}:
            engine.dispose()
