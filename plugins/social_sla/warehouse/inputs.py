"""What the marts were built from, so that a build only does what its inputs have changed.

The fingerprints of the last complete build lie in the warehouse itself. They are taken away before a build begins and
come back when it has succeeded: after a crash or a failure the next build is a full one. What loads have changed since
then is in `landing.changed_records` (docs/architecture.md, "Full and incremental builds").
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib import metadata
from pathlib import Path

import duckdb

from social_sla.settings import Settings, pseudonym_key

_IGNORED_FOLDERS = frozenset({"target", "logs", "dbt_packages", "__pycache__"})
_PACKAGE = Path(__file__).resolve().parents[1]
_CODE_IN_THE_ROWS = ("agreements", "warehouse/pseudonym.py")
"""Python that rows come from: what expands the configuration, and the function that models call."""


class NotLoadedError(RuntimeError):
    """The warehouse was never loaded."""


LARGEST_CHANGED_SHARE = 0.2
"""Of the landed records: where a load has changed more, a full build is the cheaper way to the same rows."""


class BuildKind(StrEnum):
    """How much a build computes."""

    NOTHING = "nothing"
    INCREMENTAL = "incremental"
    FULL = "full"


@dataclass(frozen=True)
class Inputs:
    """What a build depends on: fingerprints (`landing` has one for each landing table), and `as_of`, UTC."""

    project: str
    config: str
    as_of: datetime
    landing: Mapping[str, str]


@dataclass(frozen=True)
class Selection:
    """What to build."""

    kind: BuildKind
    why: str


def read_inputs(settings: Settings, connection: duckdb.DuckDBPyConnection) -> Inputs:
    """The present fingerprints.

    Raises:
        NotLoadedError: the landing was never loaded.
    """
    try:
        rows = connection.execute(
            "select table_name, partition_key, sha256 from landing.manifest order by table_name, partition_key"
        ).fetchall()
    except duckdb.CatalogException:
        raise NotLoadedError("The warehouse is empty: load the landing first (`social_sla load`).") from None
    by_table: dict[str, list[str]] = {}
    for table, key, sha256 in rows:
        by_table.setdefault(table, []).append(f"{key} {sha256}")
    return Inputs(
        project=_project_fingerprint(settings.dbt_project_dir),
        config=_config_fingerprint(connection),
        as_of=loaded_as_of(connection),
        landing={table: _sha256("\n".join(lines)) for table, lines in by_table.items()},
    )


def loaded_as_of(connection: duckdb.DuckDBPyConnection) -> datetime:
    """The instant up to which the loaded configuration looks, UTC.

    Raises:
        NotLoadedError: the configuration was never loaded.
    """
    try:
        row = connection.execute("select as_of from config.load").fetchone()
    except duckdb.CatalogException:
        row = None
    if row is None:
        raise NotLoadedError("The warehouse has no configuration: load it first (`social_sla load`).")
    moment: datetime = row[0]
    return moment.replace(tzinfo=UTC)


def selection(now: Inputs, built: Inputs | None, *, changed_share: float = 0.0) -> Selection:
    """What has to be built since the last complete build.

    Args:
        changed_share: of the landed records, how many loads have changed since then (0 to 1).
    """
    if built is None:
        return Selection(BuildKind.FULL, "no complete build yet")
    if now.project != built.project:
        # A table that stays would keep what other SQL, or another key of the pseudonyms, made.
        return Selection(BuildKind.FULL, "the dbt project, its tools or the pseudonym key changed")
    if now.config != built.config:
        return Selection(BuildKind.FULL, "the configuration changed")
    if now.as_of < built.as_of:
        return Selection(BuildKind.FULL, f"as_of went back from {built.as_of:%Y-%m-%d %H:%M:%S}")
    changed = sorted(
        table for table in {*now.landing, *built.landing} if now.landing.get(table) != built.landing.get(table)
    )
    reasons = [f"changed: {', '.join(changed)}"] if changed else []
    if now.as_of > built.as_of:
        reasons.append(f"as_of went on from {built.as_of:%Y-%m-%d %H:%M:%S}")
    if not reasons:
        return Selection(BuildKind.NOTHING, "nothing has changed since the last complete build")
    if changed_share > LARGEST_CHANGED_SHARE:
        return Selection(BuildKind.FULL, f"{changed_share:.0%} of the records have changed")
    return Selection(BuildKind.INCREMENTAL, "; ".join(reasons))


def changed_share(connection: duckdb.DuckDBPyConnection) -> float:
    """The share of the landed records that loads have changed since the last complete build."""
    row = connection.execute(
        "select (select count(*) from (select distinct * from landing.changed_records)) / greatest(sum(row_count), 1) "
        "from landing.manifest"
    ).fetchone()
    return float(row[0] or 0) if row else 0.0


def recall(connection: duckdb.DuckDBPyConnection) -> Inputs | None:
    """The inputs of the last complete build; None when there is none."""
    try:
        row = connection.execute("select inputs from operations.last_build").fetchone()
    except duckdb.CatalogException:
        return None
    if row is None:
        return None
    try:
        stored = json.loads(row[0])
        return Inputs(**{**stored, "as_of": datetime.fromisoformat(stored["as_of"])})
    except (KeyError, TypeError, ValueError):
        # Written by another version: its build says nothing to this one.
        return None


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """A build begins: until it has succeeded there is no complete one."""
    connection.execute("create schema if not exists operations")
    connection.execute("create table if not exists operations.last_build (inputs VARCHAR)")
    connection.execute("create table if not exists operations.touched_conversations (conversation_key BIGINT)")
    connection.execute("create table if not exists operations.touched_people (account VARCHAR, user_id VARCHAR)")
    connection.execute(
        "create table if not exists operations.conversation_digests (conversation_key BIGINT, digest HUGEINT)"
    )
    connection.execute("create table if not exists operations.built_as_of (as_of TIMESTAMP)")
    connection.execute("delete from operations.last_build")


def remember(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """A build of `inputs` is complete, in one transaction with what the next incremental one starts from."""
    forget(connection)
    stored = {
        "project": inputs.project,
        "config": inputs.config,
        "as_of": inputs.as_of.isoformat(),
        "landing": dict(inputs.landing),
    }
    connection.execute("begin transaction")
    try:
        connection.execute("delete from operations.touched_conversations")
        connection.execute("delete from operations.touched_people")
        if _exists(connection, "landing", "changed_records"):
            connection.execute("delete from landing.changed_records")
        if _exists(connection, "intermediate", "int_conversation_digests"):
            connection.execute(
                "create or replace table operations.conversation_digests as "
                "select conversation_key, digest from intermediate.int_conversation_digests"
            )
        if _exists(connection, "marts", "fct_conversation"):
            connection.execute(
                "create or replace view operations.built_conversations as "
                "select conversation_key, source, status, merged_into_conversation_id from marts.fct_conversation"
            )
        if _exists(connection, "marts", "fct_sla_clock"):
            connection.execute(
                "create or replace view operations.built_clocks as "
                "select conversation_key, stopped_at from marts.fct_sla_clock"
            )
        connection.execute("delete from operations.built_as_of")
        connection.execute(
            "insert into operations.built_as_of values (?)", [inputs.as_of.astimezone(UTC).replace(tzinfo=None)]
        )
        connection.execute("insert into operations.last_build values (?)", [json.dumps(stored)])
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _exists(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    return (
        connection.execute(
            "select 1 from information_schema.tables where table_schema = ? and table_name = ?", [schema, table]
        ).fetchone()
        is not None
    )


def _config_fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    """The edited files, and the tables that follow from them at any as_of: not the calendars, which grow with it."""
    row = connection.execute("select config_sha256, calendar_from_date from config.load").fetchone()
    if row is None:
        raise NotLoadedError("The warehouse has no configuration: load it first (`social_sla load`).")
    versions = " ".join(f"{package} {metadata.version(package)}" for package in ("holidays", "tzdata"))
    return _sha256(f"{row[0]} {row[1]} {versions}")


def _project_fingerprint(project: Path) -> str:
    lines = [f"{package} {metadata.version(package)}" for package in ("dbt-core", "dbt-duckdb", "duckdb")]
    # A new key gives every customer a new pseudonym; its hash tells that without telling the key.
    lines.append(hashlib.sha256(b"fingerprint of the pseudonym key:" + pseudonym_key()).hexdigest())
    lines += _file_lines(project, project.rglob("*"))
    for name in _CODE_IN_THE_ROWS:
        path = _PACKAGE / name
        lines += _file_lines(_PACKAGE, path.rglob("*.py") if path.is_dir() else [path])
    return _sha256("\n".join(lines))


def _file_lines(folder: Path, paths: Iterable[Path]) -> list[str]:
    found = {path.relative_to(folder): path for path in paths if path.is_file()}
    return [
        f"{relative.as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for relative, path in sorted(found.items())
        if not _IGNORED_FOLDERS.intersection(relative.parts)
    ]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
