"""Writing a release's files: the marts as one DuckDB file and as Parquet, and the two marts that publishing adds."""

# ruff: noqa: S608 - what is put into SQL here are names out of the declarations and the catalogue, never input.

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from social_sla.quality.report import GateReport
from social_sla.warehouse.content import BOOKKEEPING_MARTS, MartDigest, Query, digest_marts, quoted
from social_sla.warehouse.releases import Release

_RELEASE_COLUMNS = {
    "release_id": (pa.string(), "The release: its as_of and the first 12 hex digits of its content hash."),
    "published_at": (pa.timestamp("us"), "When it was published, UTC."),
    "as_of": (pa.timestamp("us"), "The instant up to which its figures look, UTC."),
    "gate_status": (pa.string(), "What the gate said: passed or passed_with_warnings."),
    "rows": (pa.int64(), "Rows of all its marts but fct_release and fct_quality_result."),
    "sha256": (pa.string(), "The content hash over those rows."),
    "is_signed": (pa.bool_(), "Whether a review signed figures on it when this snapshot was written."),
    "parent_release_id": (pa.string(), "The release that was served before it; null for the first one."),
    "config_sha256": (pa.string(), "The hash of the configuration that it was built with."),
}
_QUALITY_COLUMNS = {
    "release_id": (pa.string(), "The release that the gate run let through; null where it let nothing through."),
    "gate_run_id": (pa.string(), "The gate run."),
    "suite": (pa.string(), "The suite of expectations, named after what it looks at."),
    "expectation": (pa.string(), "The rule's id."),
    "mart": (pa.string(), "The table that the rule is about."),
    "column_name": (pa.string(), "The columns that the rule is about, comma-separated; null where it is about rows."),
    "severity": (pa.string(), "critical stops publishing, warning publishes and says so."),
    "success": (pa.bool_(), "Whether the rule held."),
    "unexpected_count": (pa.int64(), "Rows that broke the rule; null where it could not be evaluated."),
    "observed_value": (pa.string(), "What was observed."),
    "message": (pa.string(), "The rule in words and the first row that broke it."),
    "run_at": (pa.timestamp("us"), "When the gate ran, UTC."),
}
_DESCRIPTIONS = {
    "fct_release": "One row a published release. The newest row is the release of this snapshot.",
    "fct_quality_result": "One row an expectation and gate run, failed runs included.",
}


@dataclass(frozen=True)
class Build:
    """What the warehouse holds: its instant, its configuration and its marts' hashes."""

    as_of: datetime
    config_sha256: str | None
    digests: dict[str, MartDigest]


class BuildSource:
    """The warehouse attached read-only to a new snapshot; the same rows are hashed and copied."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, warehouse_path: Path) -> None:
        # Views inside the warehouse name it by its file's stem, so it is attached under that very name.
        self.name = warehouse_path.stem
        self.connection = connection
        path = str(warehouse_path).replace("'", "''")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{path}' as {quoted(self.name)} (read_only)")

    @property
    def query(self) -> Query:
        return lambda sql: self.connection.execute(sql).fetchall()

    def build(self) -> Build:
        rows = self.query(f"select as_of, config_sha256 from {quoted(self.name)}.config.load")
        as_of, config_sha256 = rows[0]
        return Build(as_of, config_sha256, digest_marts(self.query, database=self.name))

    def copy_marts(self, names: Sequence[str]) -> None:
        """Every mart into schema main, in the order of its values, with its descriptions."""
        for name in names:
            source = f"{quoted(self.name)}.marts.{quoted(name)}"
            self.connection.execute(f"create table main.{quoted(name)} as select * from {source} order by all")
        self._copy_comments(names)

    def _copy_comments(self, names: Sequence[str]) -> None:
        comments = self.query(f"""
            with comments as (
                select 'table' as kind, database_name, schema_name, table_name, null as column_name, comment
                from duckdb_tables()
                union all
                select 'table', database_name, schema_name, view_name, null, comment from duckdb_views()
                union all
                select 'column', database_name, schema_name, table_name, column_name, comment from duckdb_columns()
            )
            select kind, table_name, column_name, comment
            from comments
            where database_name = '{self.name}' and schema_name = 'marts'
        """)
        for kind, table, column, comment in comments:
            if comment is not None and table in names:
                subject = f"main.{quoted(table)}" + (f".{quoted(column)}" if column else "")
                self.connection.execute(f"comment on {kind} {subject} is {_text(comment)}")


def write_bookkeeping(
    connection: duckdb.DuckDBPyConnection, releases: Sequence[Release], reports: Sequence[GateReport]
) -> None:
    """Write fct_release and fct_quality_result into a snapshot.

    Args:
        connection: the snapshot, open for writing.
        releases: every release, the snapshot's own included.
        reports: every stored gate run.
    """
    known = {release.release_id for release in releases}
    release_rows = [
        {
            "release_id": release.release_id,
            "published_at": _naive(release.published_at),
            "as_of": _naive(release.as_of),
            "gate_status": release.gate_status,
            "rows": release.rows,
            "sha256": release.content_sha256,
            "is_signed": release.is_signed,
            "parent_release_id": release.parent_release_id,
            "config_sha256": release.config_sha256,
        }
        for release in releases
    ]
    quality_rows = [
        {
            "release_id": report.release_id if report.success and report.release_id in known else None,
            "gate_run_id": report.gate_run_id,
            "suite": result.suite,
            "expectation": result.expectation,
            "mart": result.mart,
            "column_name": result.column_name,
            "severity": result.severity,
            "success": result.success,
            "unexpected_count": result.unexpected_count,
            "observed_value": result.observed_value,
            "message": result.message,
            "run_at": _naive(report.run_at),
        }
        for report in reports
        for result in report.results
    ]
    _write(connection, "fct_release", _RELEASE_COLUMNS, release_rows, "published_at, release_id")
    _write(connection, "fct_quality_result", _QUALITY_COLUMNS, quality_rows, "run_at, gate_run_id, expectation")


def _write(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: dict[str, tuple[pa.DataType, str]],
    rows: Sequence[Mapping[str, object]],
    order: str,
) -> None:
    schema = pa.schema([(column, kind) for column, (kind, _description) in columns.items()])
    connection.register("bookkeeping_rows", pa.Table.from_pylist([dict(row) for row in rows], schema=schema))
    connection.execute(f"create table main.{name} as select * from bookkeeping_rows order by {order}")
    connection.unregister("bookkeeping_rows")
    connection.execute(f"comment on table main.{name} is {_text(_DESCRIPTIONS[name])}")
    for column, (_kind, description) in columns.items():
        connection.execute(f"comment on column main.{name}.{quoted(column)} is {_text(description)}")


def write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path, names: Sequence[str]) -> list[Path]:
    """One Parquet file a mart, in the table's order."""
    folder.mkdir()
    written = []
    for name in [*names, *sorted(BOOKKEEPING_MARTS)]:
        file = folder / f"{name}.parquet"
        path = str(file).replace("'", "''")
        connection.execute(f"copy main.{quoted(name)} to '{path}' (format parquet, compression zstd)")
        written.append(file)
    return written


def manifest_text(release: Release, files: dict[str, dict[str, object]]) -> str:
    """The manifest of a release: what it is, rows and sha256 a mart, bytes and sha256 a file."""
    return (
        json.dumps(
            {
                "release_id": release.release_id,
                "published_at": release.published_at.isoformat(),
                "as_of": release.as_of.isoformat(),
                "gate_run_id": release.gate_run_id,
                "gate_status": release.gate_status,
                "content_sha256": release.content_sha256,
                "is_signed": release.is_signed,
                "parent_release_id": release.parent_release_id,
                "config_sha256": release.config_sha256,
                "rows": release.rows,
                "marts": {name: {"rows": mart.rows, "sha256": mart.sha256} for name, mart in release.marts.items()},
                "files": files,
            },
            indent=2,
            sort_keys=True,
        )
        + "\n"
    )


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
