"""What the marts were built from, so that a build only does what its inputs have changed.

The fingerprints of the last complete build lie in the warehouse itself. They are taken away before a build begins and
come back when it has succeeded: after a crash or a failure the next build is a whole one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import duckdb

from social_sla.settings import Settings, pseudonym_key
from social_sla.warehouse.content import content_sha256, digest_marts

_IGNORED_FOLDERS = frozenset({"target", "logs", "dbt_packages", "__pycache__"})


class NotLoadedError(RuntimeError):
    """The warehouse was never loaded."""


@dataclass(frozen=True)
class Inputs:
    """Fingerprints of everything that a build depends on. `landing` has one for each landing table."""

    project: str
    config: str
    landing: Mapping[str, str]


@dataclass(frozen=True)
class Selection:
    """What to build. `select` is dbt's; None is everything, an empty list nothing."""

    select: list[str] | None
    full_refresh: bool
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
        config=content_sha256(digest_marts(lambda sql: connection.execute(sql).fetchall(), schema="config")),
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


def selection(now: Inputs, built: Inputs | None) -> Selection:
    """What has to be built: the descendants of what has changed since the last complete build."""
    if built is None:
        return Selection(None, False, "no complete build yet")
    if now.project != built.project:
        # An incremental model whose SQL (or the key of whose pseudonyms) changed would keep its old rows.
        return Selection(None, True, "the dbt project, its tools or the pseudonym key changed")
    if now.config != built.config:
        return Selection(None, False, "the configuration or as_of changed")
    changed = sorted(
        table for table in {*now.landing, *built.landing} if now.landing.get(table) != built.landing.get(table)
    )
    why = f"changed: {', '.join(changed)}" if changed else "nothing has changed since the last complete build"
    return Selection([f"source:landing.{table}+" for table in changed], False, why)


def recall(connection: duckdb.DuckDBPyConnection) -> Inputs | None:
    """The inputs of the last complete build; None when there is none."""
    try:
        row = connection.execute("select inputs from operations.last_build").fetchone()
    except duckdb.CatalogException:
        return None
    return None if row is None else Inputs(**json.loads(row[0]))


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """A build begins: until it has succeeded there is no complete one."""
    connection.execute("create schema if not exists operations")
    connection.execute("create table if not exists operations.last_build (inputs VARCHAR)")
    connection.execute("delete from operations.last_build")


def remember(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """A build of `inputs` is complete."""
    forget(connection)
    text = json.dumps({"project": inputs.project, "config": inputs.config, "landing": dict(inputs.landing)})
    connection.execute("insert into operations.last_build values (?)", [text])


def _project_fingerprint(project: Path) -> str:
    lines = [f"{package} {metadata.version(package)}" for package in ("dbt-core", "dbt-duckdb", "duckdb")]
    # A new key gives every customer a new pseudonym; its hash tells that without telling the key.
    lines.append(hashlib.sha256(b"fingerprint of the pseudonym key:" + pseudonym_key()).hexdigest())
    for path in sorted(project.rglob("*")):
        relative = path.relative_to(project)
        if path.is_file() and not _IGNORED_FOLDERS.intersection(relative.parts):
            lines.append(f"{relative.as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}")
    return _sha256("\n".join(lines))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
