"""Opening warehouse.duckdb as its one writer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

WAIT_SECONDS = 30.0


class WarehouseBusyError(RuntimeError):
    """Another process has the warehouse open for writing; the message says which."""


@contextmanager
def open_warehouse(path: Path, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, writable and with its session in UTC; closed at the end, which frees it for other processes.

    Args:
        wait_seconds: how long to wait for a writer that is about to end, for instance one that was just stopped.

    Raises:
        WarehouseBusyError: somebody else still has it open after that.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            # The same format as dbt's profile: DuckDB takes it when the file is made.
            connection = duckdb.connect(str(path), config={"storage_compatibility_version": "latest"})
            break
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            if time.monotonic() > deadline:
                raise WarehouseBusyError(
                    f"{path} is open in another process ({error}). Only tasks of the pool duckdb_writer may open it; "
                    "BI tools open published/marts.duckdb."
                ) from error
            time.sleep(0.5)
    try:
        # Not a connect option: that one is ignored for values that are read before it is applied.
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()
