"""Publish a build that the gate let through: a new immutable release, put in readers' hands by one rename.

Order of steps, so that a crash at any of them leaves readers with the old release or the new one, whole:

1. everything is written into a folder with a temporary name and fsynced;
2. the folder is renamed to the release's id (the release exists, nobody reads it yet);
3. a hard link to its marts.duckdb replaces the served file by rename (readers that open from now on see it; those
   that have the old file open keep it);
4. what retention no longer keeps is removed.

A crash after 2 leaves a release that is not served; publishing the same build again finds it and goes on at 3.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from social_sla.quality.report import GateError, GateFailedError, GateReport, now
from social_sla.settings import Settings
from social_sla.warehouse import snapshot
from social_sla.warehouse.content import content_sha256, release_id_of
from social_sla.warehouse.releases import (
    MANIFEST_FILE,
    MARTS_FILE,
    REMOVED_FOLDER,
    Release,
    ReleaseError,
    current_release,
    get_release,
    list_releases,
    read_release,
)

log = logging.getLogger(__name__)

_TEMPORARY = ".writing-"
_TRASH = ".trash-"


def publish(settings: Settings, *, gate: GateReport, as_of: datetime, signed: bool = False, keep: int = 10) -> Release:
    """Publish the warehouse's marts as a release and serve it.

    Args:
        settings: where the warehouse and the releases are.
        gate: the report of a gate run that passed on exactly this build.
        as_of: the instant that the caller means to publish; a build of another one is refused.
        signed: a review stands on this release, so it is kept for ever. It is never taken back.
        keep: how many unsigned releases are kept, the served one included; at least 1.

    Returns:
        The release that is now served. Publishing the same content again returns the release that already holds it.

    Raises:
        GateFailedError: the gate did not pass; nothing has changed for readers.
        ReleaseError: the warehouse is not the build that the gate saw; nothing has changed for readers.
    """
    if keep < 1:
        raise ReleaseError("keep must be at least 1: the served release is one of those that are kept.")
    if not gate.success:
        raise GateFailedError(gate.text())
    settings.releases_dir.mkdir(parents=True, exist_ok=True)
    with _one_publisher(settings.published_dir):
        _remove_leftovers(settings)
        release = _existing(settings, gate, as_of) or _write_release(settings, gate, as_of, signed=signed)
        if signed and not release.is_signed:
            release = _sign(release)
        _serve(settings, release)
        _retain(settings, release, keep)
    return release


def keep_for_ever(settings: Settings, release_id: str) -> Release:
    """Mark a release that figures were signed on: no number of newer ones removes it. Never taken back.

    Raises:
        ReleaseError: there is no such release.
    """
    with _one_publisher(settings.published_dir):
        release = get_release(settings, release_id)
        return release if release.is_signed else _sign(release)


@contextmanager
def _one_publisher(folder: Path) -> Iterator[None]:
    """Publishers wait for one another; the lock goes with the process, so a crash never leaves it behind."""
    with (folder / ".publish.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _remove_leftovers(settings: Settings) -> None:
    """What a publisher that crashed left behind: nobody else writes now, and no reader knows these names."""
    for leftover in [
        *settings.releases_dir.glob(f"{_TEMPORARY}*"),
        *settings.releases_dir.glob(f"{_TRASH}*"),
        *settings.published_dir.glob(f".{MARTS_FILE}.*"),
    ]:
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def _check_build(build: snapshot.Build, gate: GateReport, as_of: datetime) -> None:
    built_as_of, asked = _utc(build.as_of), _utc(as_of)
    if built_as_of != asked:
        raise ReleaseError(
            f"The warehouse is built as of {built_as_of}, not {asked}: build it as of that instant first."
        )
    if content_sha256(build.digests) != gate.content_sha256 or built_as_of != _utc(gate.as_of):
        changed = sorted(
            name for name in {*build.digests, *gate.digests} if build.digests.get(name) != gate.digests.get(name)
        )
        raise ReleaseError(
            f"The warehouse has changed since gate run {gate.gate_run_id} looked at it "
            f"({', '.join(changed) or 'as_of'}): run the gate on this build, then publish."
        )


def _existing(settings: Settings, gate: GateReport, as_of: datetime) -> Release | None:
    """The release that already holds this build, when there is one."""
    folder = settings.releases_dir / gate.release_id
    if not (folder / MANIFEST_FILE).exists():
        return None
    with duckdb.connect(":memory:") as connection:
        _check_build(snapshot.BuildSource(connection, settings.warehouse_path).build(), gate, as_of)
    release = read_release(folder)
    if release.content_sha256 != gate.content_sha256:
        raise ReleaseError(f"{folder} holds other content under the same id; move it away and publish again.")
    return release


def _write_release(settings: Settings, gate: GateReport, as_of: datetime, *, signed: bool) -> Release:
    served = _parent(settings)
    folder = settings.releases_dir / f"{_TEMPORARY}{gate.release_id}"
    folder.mkdir()
    with duckdb.connect(str(folder / MARTS_FILE)) as connection:
        source = snapshot.BuildSource(connection, settings.warehouse_path)
        build = source.build()
        _check_build(build, gate, as_of)
        content = content_sha256(build.digests)
        release_id = release_id_of(build.as_of, content)
        release = Release(
            release_id=release_id,
            published_at=_after(served),
            as_of=_utc(build.as_of),
            gate_run_id=gate.gate_run_id,
            gate_status=gate.status,
            content_sha256=content,
            is_signed=signed,
            parent_release_id=None if served is None else served.release_id,
            config_sha256=build.config_sha256,
            marts=build.digests,
            path=settings.releases_dir / release_id,
        )
        names = sorted(build.digests)
        source.copy_marts(names)
        snapshot.write_bookkeeping(
            connection, [*list_releases(settings, with_removed=True), release], stored_reports(settings, gate)
        )
        snapshot.write_parquet(connection, folder / "parquet", names)
        connection.execute(f'detach "{source.name}"')
        connection.execute("checkpoint")
    files = {str(file.relative_to(folder)): _seal(file) for file in sorted(folder.rglob("*")) if file.is_file()}
    _write_durably(folder / MANIFEST_FILE, snapshot.manifest_text(release, files))
    _fsync(folder / "parquet")
    _fsync(folder)
    # A folder of that name without a manifest is no release: it is what an interrupted removal left.
    if release.path.exists():
        _remove(release.path)
    folder.rename(release.path)
    _fsync(settings.releases_dir)
    log.info("Release %s is written (%s rows, parent %s).", release.release_id, release.rows, release.parent_release_id)
    return release


def _parent(settings: Settings) -> Release | None:
    try:
        return current_release(settings)
    except ReleaseError:
        log.warning(
            "The served snapshot's release is not there any more; the new release has no parent.", exc_info=True
        )
        return None


def stored_reports(settings: Settings, gate: GateReport | None = None) -> list[GateReport]:
    """Every stored gate run, oldest first; `gate` is counted among them also when its file is elsewhere."""
    reports = {}
    for file in sorted((settings.home / "gate").glob("*.json")):
        try:
            report = GateReport.load(file)
        except (GateError, ValueError, KeyError, TypeError):
            log.warning("%s is not a readable gate report and is left out of fct_quality_result.", file)
            continue
        # An earlier run under the same id is kept as `<id>~<n>` and told apart by that name.
        reports[file.stem] = report if file.stem == report.gate_run_id else replace(report, gate_run_id=file.stem)
    if gate is not None:
        reports[gate.gate_run_id] = gate
    return sorted(reports.values(), key=lambda report: (report.run_at, report.gate_run_id))


def _after(served: Release | None) -> datetime:
    """The publication instant: the newest row of fct_release is the snapshot's own, also when the clock went back."""
    instant = now()
    if served is None or instant > served.published_at:
        return instant
    return datetime.fromtimestamp(served.published_at.timestamp() + 1, UTC)


def _sign(release: Release) -> Release:
    """Mark a release as signed, in its manifest; its figures stay as they are."""
    manifest = release.path / MANIFEST_FILE
    data = json.loads(manifest.read_text("utf-8")) | {"is_signed": True}
    temporary = manifest.with_name(f".{MANIFEST_FILE}.{os.getpid()}")
    _write_durably(temporary, json.dumps(data, indent=2, sort_keys=True) + "\n")
    temporary.replace(manifest)
    _fsync(release.path)
    return replace(release, is_signed=True)


def _serve(settings: Settings, release: Release) -> None:
    """Swap the served snapshot: a reader that opens sees the old file or the new one, never a part."""
    served = settings.marts_path
    if served.exists() and served.samefile(release.marts_path):
        return
    incoming = served.with_name(f".{MARTS_FILE}.{release.release_id}")
    try:
        incoming.hardlink_to(release.marts_path)
    except OSError:
        # Another file system, or one without links (some network shares).
        shutil.copyfile(release.marts_path, incoming)
        _fsync(incoming)
    incoming.replace(served)
    _fsync(served.parent)
    log.info("Release %s is served.", release.release_id)


def _retain(settings: Settings, served: Release, keep: int) -> None:
    """Remove unsigned releases beyond `keep`. The new release is served by now, so a fault here is only told."""
    unsigned = [release for release in list_releases(settings) if not release.is_signed]
    others = [release for release in unsigned if release.release_id != served.release_id]
    kept = keep if served.is_signed else keep - 1
    for release in others[: max(len(others) - kept, 0)]:
        try:
            record = settings.releases_dir / REMOVED_FOLDER / f"{release.release_id}.json"
            record.parent.mkdir(exist_ok=True)
            shutil.copyfile(release.path / MANIFEST_FILE, record)
            _remove(release.path)
        except OSError:
            log.exception("Release %s could not be removed; the next publication tries again.", release.release_id)


def _remove(folder: Path) -> None:
    """Take a folder's name away first, so that what is half removed is no release."""
    trash = folder.with_name(f"{_TRASH}{folder.name}")
    shutil.rmtree(trash, ignore_errors=True)
    folder.rename(trash)
    shutil.rmtree(trash)


def _seal(file: Path) -> dict[str, object]:
    """Make a file durable and read-only, and give its size and hash."""
    _fsync(file)
    file.chmod(0o444)
    with file.open("rb") as handle:
        return {"bytes": file.stat().st_size, "sha256": hashlib.file_digest(handle, "sha256").hexdigest()}


def _write_durably(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
