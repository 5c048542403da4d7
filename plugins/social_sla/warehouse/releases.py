"""Published releases: which there are, which one is served, and what changed between two.

A release is the folder `releases/<release_id>/` with `marts.duckdb`, one Parquet file a mart and `manifest.json`. Only
a folder whose name is a release id and which holds a manifest is one: whatever a crash left behind is not.
"""

# ruff: noqa: S608 - what is put into SQL here are names out of the declarations and the catalogue, never input.

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from social_sla.settings import Settings
from social_sla.warehouse.content import MartDigest

MARTS_FILE = "marts.duckdb"
MANIFEST_FILE = "manifest.json"
REMOVED_FOLDER = ".removed"
_RELEASE_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{12}")


class ReleaseError(RuntimeError):
    """A release cannot be read or made; the message says what to do."""


@dataclass(frozen=True)
class Release:
    """A published release, as its manifest says. Instants are aware UTC; `rows` counts all marts but the bookkeeping.

    `is_available` is False for a release whose data were removed by retention and of which only the record is kept.
    """

    release_id: str
    published_at: datetime
    as_of: datetime
    gate_run_id: str
    gate_status: str
    content_sha256: str
    is_signed: bool
    parent_release_id: str | None
    config_sha256: str | None
    marts: Mapping[str, MartDigest]
    path: Path
    is_available: bool = True

    @property
    def rows(self) -> int:
        return sum(digest.rows for digest in self.marts.values())

    @property
    def marts_path(self) -> Path:
        return self.path / MARTS_FILE


@dataclass(frozen=True)
class AttainmentChange:
    """A figure of agreement_goal_monthly that differs between two releases; None where a release has no such row."""

    agreement_id: str
    goal_id: str
    period: str
    before_rate: Decimal | None
    after_rate: Decimal | None
    before_decided_count: int | None
    after_decided_count: int | None


@dataclass(frozen=True)
class ReleaseDiff:
    """What changed from one release to another: marts' row counts (before, after) and attainment."""

    before: str
    after: str
    rows: Mapping[str, tuple[int | None, int | None]]
    attainment: Sequence[AttainmentChange]


def is_release_id(name: str) -> bool:
    return _RELEASE_ID.fullmatch(name) is not None


def list_releases(settings: Settings, *, with_removed: bool = False) -> list[Release]:
    """The releases, oldest first (by publication).

    Args:
        settings: where they are.
        with_removed: also those of which retention has left only the record.
    """
    folder = settings.releases_dir
    folders = [manifest.parent for manifest in folder.glob(f"*/{MANIFEST_FILE}")]
    found = [read_release(one) for one in folders if is_release_id(one.name)]
    if with_removed:
        kept = {release.release_id for release in found}
        found += [
            replace(_parse(file, folder / file.stem), is_available=False)
            for file in (folder / REMOVED_FOLDER).glob("*.json")
            if is_release_id(file.stem) and file.stem not in kept
        ]
    return sorted(found, key=lambda release: (release.published_at, release.release_id))


def read_release(folder: Path) -> Release:
    """The release in a folder.

    Raises:
        ReleaseError: there is none, or its manifest cannot be read.
    """
    return _parse(folder / MANIFEST_FILE, folder)


def get_release(settings: Settings, release_id: str) -> Release:
    """A release by id.

    Raises:
        ReleaseError: there is none of that id; the message names those that there are.
    """
    folder = settings.releases_dir / release_id
    if not is_release_id(release_id) or not (folder / MANIFEST_FILE).exists():
        known = ", ".join(release.release_id for release in list_releases(settings)) or "none yet"
        raise ReleaseError(f"There is no release {release_id} in {settings.releases_dir} (known: {known}).")
    return read_release(folder)


def _parse(manifest: Path, folder: Path) -> Release:
    try:
        data: dict[str, Any] = json.loads(manifest.read_text("utf-8"))
        return Release(
            release_id=data["release_id"],
            published_at=datetime.fromisoformat(data["published_at"]).astimezone(UTC),
            as_of=datetime.fromisoformat(data["as_of"]).astimezone(UTC),
            gate_run_id=data["gate_run_id"],
            gate_status=data["gate_status"],
            content_sha256=data["content_sha256"],
            is_signed=data["is_signed"],
            parent_release_id=data["parent_release_id"],
            config_sha256=data["config_sha256"],
            marts={name: MartDigest(rows=mart["rows"], sha256=mart["sha256"]) for name, mart in data["marts"].items()},
            path=folder,
        )
    except (OSError, ValueError, KeyError) as error:
        raise ReleaseError(f"{manifest} cannot be read as a release's manifest: {error}") from error


def current_release(settings: Settings) -> Release | None:
    """The release that readers have now, None before the first one.

    Raises:
        ReleaseError: the served snapshot names a release that is not there any more.
    """
    served = settings.marts_path
    if not served.exists():
        return None
    # The served file is a hard link to its release's; where links are not possible it is a copy that says whose.
    for release in reversed(list_releases(settings)):
        if release.marts_path.exists() and release.marts_path.samefile(served):
            return release
    return get_release(settings, _served_id(served))


def _served_id(served: Path) -> str:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{_literal(served)}' as served (read_only)")
        row = connection.execute(
            "select release_id from served.main.fct_release order by published_at desc, release_id desc limit 1"
        ).fetchone()
    if row is None:
        raise ReleaseError(f"{served} does not say which release it is: publish again.")
    return str(row[0])


def diff_releases(before: Release, after: Release) -> ReleaseDiff:
    """Row counts and attainment that differ between two releases; equal ones are left out."""
    names = sorted({*before.marts, *after.marts})
    counts = {name: (_rows(before, name), _rows(after, name)) for name in names}
    changed = {name: pair for name, pair in counts.items() if pair[0] != pair[1]}
    return ReleaseDiff(before.release_id, after.release_id, changed, _attainment_changes(before, after))


def _rows(release: Release, mart: str) -> int | None:
    digest = release.marts.get(mart)
    return None if digest is None else digest.rows


def _attainment_changes(before: Release, after: Release) -> list[AttainmentChange]:
    mart = "agreement_goal_monthly"
    if mart not in before.marts or mart not in after.marts or before.release_id == after.release_id:
        return []
    columns = "agreement_id, goal_id, period, attainment_rate, decided_count"
    with duckdb.connect(":memory:") as connection:
        for alias, release in (("before_release", before), ("after_release", after)):
            connection.execute(f"attach '{_literal(release.marts_path)}' as {alias} (read_only)")
        rows = connection.execute(f"""
            select agreement_id, goal_id, period::varchar,
                   b.attainment_rate, a.attainment_rate, b.decided_count, a.decided_count
            from (select {columns} from before_release.main.{mart}) as b
            full join (select {columns} from after_release.main.{mart}) as a using (agreement_id, goal_id, period)
            where b.attainment_rate is distinct from a.attainment_rate
               or b.decided_count is distinct from a.decided_count
            order by 1, 2, 3
        """).fetchall()
    return [
        AttainmentChange(agreement, goal, period, _decimal(b_rate), _decimal(a_rate), b_count, a_count)
        for agreement, goal, period, b_rate, a_rate, b_count, a_count in rows
    ]


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")
