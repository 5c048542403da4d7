"""What the expectations find on the gate's connection beside the warehouse: the last release, attached read-only.

Rules compare a build with what readers have now as `released.main.fct_message`. Before the first release that is an
empty table with the same columns, so that a rule needs no two forms.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from social_sla.quality.report import GateError
from social_sla.warehouse.content import Query

# What rules read of the last release. A release that lacks one of them is too old to be compared with.
RELEASED_COLUMNS = {
    "message_id": "varchar",
    "source": "varchar",
    "channel_id": "varchar",
    "direction": "varchar",
    "published_at": "timestamp",
    "received_at": "timestamp",
}


def prepare(query: Query, marts_path: Path) -> None:
    """Set a connection to UTC and attach the last release as `released`; connections of one process share it.

    Args:
        query: runs SQL on the connection that GX uses.
        marts_path: the served snapshot; it need not exist.
    """
    query("set TimeZone = 'UTC'")
    # DuckDB underestimates filtered clocks and then compares each with every stretch of the calendars: 20 times slower.
    query("set asof_loop_join_threshold = 0")
    if marts_path.exists() and _comparable(marts_path):
        query(f"attach if not exists '{_literal(marts_path)}' as released (read_only)")
        return
    columns = ", ".join(f"{name} {kind}" for name, kind in RELEASED_COLUMNS.items())
    # The connection is read-only by default, an attached memory has to say that it is not.
    query("attach if not exists ':memory:' as released (read_write)")
    query(f"create table if not exists released.main.fct_message ({columns})")


def tables_of(warehouse_path: Path) -> set[str]:
    """The tables and views of the warehouse as `schema.name`.

    Raises:
        GateError: the file is being written, or is no DuckDB database.
    """
    try:
        with duckdb.connect(str(warehouse_path), read_only=True) as connection:
            rows = connection.execute("select table_schema || '.' || table_name from information_schema.tables")
            return {name for (name,) in rows.fetchall()}
    except duckdb.Error as error:
        raise GateError(
            f"The warehouse {warehouse_path} cannot be opened read-only: {error}. "
            "Only one task may have it open for writing (pool duckdb_writer); wait for it to end."
        ) from error


def _comparable(marts_path: Path) -> bool:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{_literal(marts_path)}' as released (read_only)")
        rows = connection.execute(
            "select column_name from information_schema.columns "
            "where table_catalog = 'released' and table_name = 'fct_message'"
        ).fetchall()
    return set(RELEASED_COLUMNS) <= {name for (name,) in rows}


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")
