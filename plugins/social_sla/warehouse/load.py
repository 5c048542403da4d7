"""Landing and configuration into the warehouse (docs/architecture.md, "Load")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow.parquet as pq

from social_sla.extraction import accounts_in_use, instant
from social_sla.landing import Landing, Manifest
from social_sla.settings import Settings
from social_sla.warehouse.connection import open_warehouse
from social_sla.warehouse.inputs import recall

REVIEW_STREAMS = {"review": ("signed_figures", "openings", "decisions")}
"""Streams that no vendor sends: what people signed, were asked and decided comes back through the landing, too."""

COLUMNS = {
    "source": "VARCHAR",
    "account": "VARCHAR",
    "stream": "VARCHAR",
    "record_id": "VARCHAR",
    "record_updated_at": "TIMESTAMP",
    "extracted_at": "TIMESTAMP",
    "run_id": "VARCHAR",
    "payload": "VARCHAR",
}
"""A landing table's columns but `partition_key`; instants become UTC timestamps without a zone."""

MANIFEST_COLUMNS = {
    "partition_key": "VARCHAR",
    "table_name": "VARCHAR",
    "source": "VARCHAR",
    "account": "VARCHAR",
    "stream": "VARCHAR",
    "partition_start": "TIMESTAMP",
    "partition_end": "TIMESTAMP",
    "run_id": "VARCHAR",
    "row_count": "BIGINT",
    "byte_count": "BIGINT",
    "sha256": "VARCHAR",
    "first_updated_at": "TIMESTAMP",
    "last_updated_at": "TIMESTAMP",
    "call_count": "BIGINT",
    "wait_seconds": "DOUBLE",
    "committed_at": "TIMESTAMP",
    "quarantined_count": "BIGINT",
    "duplicate_count": "BIGINT",
}


class LoadError(RuntimeError):
    """The warehouse cannot be loaded; the message says what is missing and what to run."""


@dataclass(frozen=True)
class LandingReport:
    """What a load changed: partition counts, and rows now in each landing table."""

    new: int
    changed: int
    unchanged: int
    removed: int
    rows: dict[str, int]
    tables_changed: tuple[str, ...]


@dataclass(frozen=True)
class LoadReport:
    """A whole load. `landed_from` and `as_of` are UTC instants."""

    as_of: datetime
    landed_from: datetime
    landing: LandingReport
    behind: dict[str, str] = field(default_factory=dict)

    def summary(self) -> str:
        """One line for a log."""
        landing = self.landing
        text = (
            f"Loaded as of {self.as_of:%Y-%m-%d %H:%M:%S} UTC: {sum(landing.rows.values())} rows in "
            f"{len(landing.rows)} tables; partitions: {landing.new} new, {landing.changed} changed, "
            f"{landing.unchanged} unchanged, {landing.removed} removed."
        )
        return "\n".join([text, *(f"{stream} reaches {end} only." for stream, end in self.behind.items())])

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "as_of": self.as_of.isoformat(),
            "landed_from": self.landed_from.isoformat(),
            "rows": self.landing.rows,
            "tables_changed": list(self.landing.tables_changed),
        }


def declared_tables() -> dict[str, tuple[str, str]]:
    """`<source>__<stream>` of every stream that any registered source declares, and of the review's, by name."""
    from social_sla.sources.registry import SOURCES

    pairs = [(source.name, stream.name) for source in SOURCES.values() for stream in source.streams]
    pairs += [(source, stream) for source, names in REVIEW_STREAMS.items() for stream in names]
    return {table_name(source, stream): (source, stream) for source, stream in pairs}


def table_name(source: str, stream: str) -> str:
    """The landing table of a stream."""
    return f"{source}__{stream}"


def load(settings: Settings, *, as_of: str | None = None) -> LoadReport:
    """Load landing and configuration; the step before dbt.

    Args:
        as_of: ISO 8601 instant; None takes the earliest end that the streams of all sources have reached.

    Raises:
        LoadError: a stream was never landed.
        social_sla.agreements.ConfigError: the configuration is not valid.
    """
    from social_sla.agreements import load_config

    config = load_config(settings.config_dir)
    landing = Landing(settings.landing_url)
    reached = reached_ends(settings, landing)
    until = instant(as_of, "as_of") if as_of else min(reached.values())
    starts = [item.partition_start for item in landing.manifests() if item.source not in REVIEW_STREAMS]
    with open_warehouse(settings.warehouse_path) as connection:
        report = load_landing(landing, connection)
        load_config_tables(config, connection, as_of=until, first_at=min(starts))
    # Whoever waits for newer figures sees which stream holds them back.
    behind = {name: f"{end:%Y-%m-%d %H:%M}" for name, end in reached.items() if end < max(reached.values())}
    return LoadReport(until, min(starts), report, behind)


def reached_ends(settings: Settings, landing: Landing) -> dict[str, datetime]:
    """How far each stream of each account in use has landed without a hole, by `source/account/stream`.

    Raises:
        LoadError: a stream was never landed.
    """
    from social_sla.sources.registry import streams

    reached: dict[str, datetime] = {}
    missing = []
    for account in accounts_in_use(settings.config_dir):
        for stream in streams(account.source):
            end = landing.landed_through(account.source, account.account, stream.name)
            name = f"{account.source}/{account.account}/{stream.name}"
            if end is None:
                missing.append(name)
            else:
                reached[name] = end
    if missing:
        dags = ", ".join(sorted({f"extract_{name.split('/')[0]}" for name in missing}))
        raise LoadError(f"Never landed: {', '.join(missing)}. Run {dags} first (params start and end for history).")
    return reached


def load_config_tables(
    config: Any, connection: duckdb.DuckDBPyConnection, *, as_of: datetime, first_at: datetime
) -> None:
    """Replace the tables of schema `config` by those of a validated configuration, in one transaction."""
    from social_sla.agreements import config_tables, write_config

    write_config(config_tables(config, as_of=as_of, first_at=first_at), connection)


def load_landing(landing: Landing, connection: duckdb.DuckDBPyConnection) -> LandingReport:
    """Make schema `landing` equal to the committed partitions, in one transaction.

    A partition is copied when its key is new or its sha256 differs; one that is no longer in the landing leaves the
    warehouse. A crash leaves the state before.
    """
    manifests = {manifest.partition_key: manifest for manifest in landing.manifests()}
    connection.execute("begin transaction")
    try:
        tables = declared_tables()
        _create_tables(connection, tables)
        loaded: dict[str, tuple[str, str]] = {
            key: (table, sha)
            for key, table, sha in connection.execute(
                "select partition_key, table_name, sha256 from landing.manifest"
            ).fetchall()
        }
        wanted = {key: manifest for key, manifest in manifests.items() if _table_of(manifest) in tables}
        removed = [key for key in loaded if key not in wanted]
        changed = [key for key, manifest in wanted.items() if loaded.get(key, ("", None))[1] != manifest.sha256]
        touched = {loaded[key][0] for key in removed} | {_table_of(wanted[key]) for key in changed}
        replaced = {key: loaded[key][0] for key in [*removed, *changed] if key in loaded}
        # Without a complete build the next one takes up everything: nothing needs to be noted.
        notes = recall(connection) is not None
        if notes:
            _note_records(connection, replaced)
        _delete_partitions(connection, replaced)
        for key in changed:
            _copy_partition(connection, landing, wanted[key])
        if notes:
            _note_records(connection, {key: _table_of(wanted[key]) for key in changed})
        rows = {
            name: _one(connection, f'select count(*) from landing."{name}"')  # noqa: S608 - a declared table's name
            for name in tables
        }
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    kinds = Counter("changed" if key in loaded else "new" for key in changed)
    return LandingReport(
        new=kinds["new"],
        changed=kinds["changed"],
        unchanged=len(wanted) - len(changed),
        removed=len(removed),
        rows=rows,
        tables_changed=tuple(sorted(touched)),
    )


def _create_tables(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    connection.execute("create schema if not exists landing")
    columns = ", ".join(f"{name} {kind}" for name, kind in {**COLUMNS, "partition_key": "VARCHAR"}.items())
    for name in tables:
        connection.execute(f'create table if not exists landing."{name}" ({columns})')
    connection.execute(
        "create table if not exists landing.changed_records (table_name VARCHAR, account VARCHAR, record_id VARCHAR)"
    )
    manifest = ", ".join(f"{name} {kind}" for name, kind in MANIFEST_COLUMNS.items())
    connection.execute(f"create table if not exists landing.manifest ({manifest})")


def _delete_partitions(connection: duckdb.DuckDBPyConnection, table_of: dict[str, str]) -> None:
    for table in sorted(set(table_of.values())):
        keys = [key for key, name in table_of.items() if name == table]
        connection.execute(
            f'delete from landing."{table}" where partition_key in (select unnest(?))',  # noqa: S608
            [keys],
        )
    connection.execute("delete from landing.manifest where partition_key in (select unnest(?))", [list(table_of)])


def _note_records(connection: duckdb.DuckDBPyConnection, table_of: dict[str, str]) -> None:
    """The records of these partitions, as they stand, for the next incremental build."""
    for table in sorted(set(table_of.values())):
        keys = [key for key, name in table_of.items() if name == table]
        # The name is a declared table's, never anything that came from outside.
        sql = f'select distinct ?, account, record_id from landing."{table}" where partition_key in (select unnest(?))'  # noqa: S608
        connection.execute(f"insert into landing.changed_records {sql}", [table, keys])


def _copy_partition(connection: duckdb.DuckDBPyConnection, landing: Landing, manifest: Manifest) -> None:
    """One partition's rows and its manifest row.

    Raises:
        LoadError: the files hold another number of rows than their manifest says.
    """
    table, key = _table_of(manifest), manifest.partition_key
    columns = ", ".join(
        f"cast({name} at time zone 'UTC' as timestamp)" if kind == "TIMESTAMP" else name
        for name, kind in COLUMNS.items()
    )
    into = f'insert into landing."{table}" select {columns}, ? from'
    if landing.files.is_local:
        paths = [landing.files.absolute(path) for path in manifest.files]
        connection.execute(f"{into} read_parquet(?, hive_partitioning = false)", [key, paths])
    else:
        for path in manifest.files:
            # DuckDB would need an extension to read an object store; fsspec and Arrow read any.
            with landing.files.open_read(path) as handle:
                batch = pq.ParquetFile(handle).read()
            connection.register("partition_rows", batch)
            connection.execute(f"{into} partition_rows", [key])
            connection.unregister("partition_rows")
    copied = _one(connection, f'select count(*) from landing."{table}" where partition_key = ?', [key])  # noqa: S608
    if copied != manifest.row_count:
        raise LoadError(
            f"The partition {key} has {copied} rows, its manifest says {manifest.row_count}: its files were changed "
            "by hand. Land it again (same window)."
        )
    values = [_manifest_value(manifest, name, table) for name in MANIFEST_COLUMNS]
    marks = ", ".join("?" for _ in values)
    connection.execute(f"insert into landing.manifest values ({marks})", values)  # noqa: S608


def _manifest_value(manifest: Manifest, name: str, table: str) -> Any:
    value = table if name == "table_name" else getattr(manifest, name)
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def _table_of(manifest: Manifest) -> str:
    return table_name(manifest.source, manifest.stream)


def _one(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> int:
    row = connection.execute(sql, list(parameters)).fetchone()
    assert row is not None
    return int(row[0])
