"""The process dies at any step of a commit: a reader sees the old partition or the new one, never a mixture."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from social_sla.landing import Landing, LandingRecord, PartitionKey
from social_sla.landing.files import Files

START = datetime(2026, 3, 1, tzinfo=UTC)
KEY = PartitionKey("x", "AuroraAir", "tweets", START, START + timedelta(days=1))
OLD = [LandingRecord(str(number), START, '{"version":"old"}') for number in range(30)]
NEW = [LandingRecord(str(number), START, '{"version":"new"}') for number in range(40)]
STEPS = ("open_write", "write", "finish", "publish", "size", "write_bytes", "list", "remove")


class Crash(BaseException):
    """The process ends here."""


class DyingFiles(Files):
    """Ends the process before or after the n-th step. A dead process cleans nothing up: every later step fails too."""

    def __init__(self, url: str, die_at: int, *, after: bool, hard: bool = False) -> None:
        super().__init__(url)
        self.die_at = die_at
        self.after = after
        self.hard = hard
        self.step = 0
        self.dead = False
        self.nested = 0

    def _die(self) -> None:
        if self.hard:
            os._exit(9)
        self.dead = True
        raise Crash

    def count(self, action: Any, *args: Any) -> Any:
        if self.dead:
            raise Crash
        self.step += 1
        mine = self.step
        if mine == self.die_at and not self.after:
            self._die()
        result = action(*args)
        if mine == self.die_at and self.after:
            self._die()
        return result

    def open_write(self, path: str) -> IO[Any]:
        return Writing(self, self.count(super().open_write, path))  # type: ignore[return-value]

    def finish(self, handle: Any) -> None:
        self.count(super().finish, handle)

    def publish(self, staged: str, path: str) -> None:
        self.count(super().publish, staged, path)

    def write_bytes(self, path: str, content: bytes) -> None:
        if not self.is_local:
            self.count(super().write_bytes, path, content)
        else:  # its parts are counted
            super().write_bytes(path, content)

    def size(self, path: str) -> int:
        return int(self.count(super().size, path))

    def list(self, folder: str) -> list[str]:
        found: list[str] = self.count(super().list, folder)
        return found

    def remove(self, path: str) -> None:
        self.count(super().remove, path)

    def abandon(self, handle: Any, path: str) -> None:
        if not self.dead:
            super().abandon(handle, path)


class Writing:
    """A file handle whose writes are steps. Dying in a write leaves half of it."""

    def __init__(self, files: DyingFiles, handle: IO[Any]) -> None:
        self.files = files
        self.handle = handle

    def write(self, content: Any) -> int:
        data = bytes(content)
        if self.files.step + 1 == self.files.die_at and not self.files.after:
            self.handle.write(data[: len(data) // 2])
            self.handle.flush()
        return int(self.files.count(self.handle.write, data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.handle, name)


def write(landing: Landing, rows: list[LandingRecord]) -> None:
    landing.replace_partition(
        KEY, rows, run_id="run", extracted_at=START, quarantine=lambda: b"{}\n" if rows is NEW else b""
    )


def steps_of(url: str) -> int:
    """How many steps a commit over an older version has."""
    write(Landing(url), OLD)
    files = DyingFiles(url, 0, after=False)
    write(Landing(url, files=files), NEW)
    return files.step


def content(url: str) -> set[str]:
    landing = Landing(url)
    manifest = landing.manifest(KEY)
    assert manifest is not None
    rows = list(landing.read(KEY))
    assert len(rows) == manifest.row_count
    return {row.payload for row in rows}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("scheme", ["file", "memory"])
def test_old_or_new_whatever_the_step(tmp_path: Path, scheme: str, after: bool) -> None:
    base = f"file://{tmp_path}" if scheme == "file" else f"memory://crash-{tmp_path.name}"
    total = steps_of(f"{base}/count")
    assert total > 12
    outcomes = []
    for step in range(1, total + 1):
        url = f"{base}/{after}-{step}"
        write(Landing(url), OLD)
        with pytest.raises(Crash):
            write(Landing(url, files=DyingFiles(url, step, after=after)), NEW)
        found = content(url)
        assert len(found) == 1, f"step {step}: a mixture"
        outcomes.append(next(iter(found)))
        # The next write finds its way, whatever was left, and tidies up.
        write(Landing(url), NEW)
        assert content(url) == {'{"version":"new"}'}
        landing = Landing(url)
        manifest = landing.manifests()[0]
        kept = landing.files.list("data") + landing.files.list("quarantine") + landing.files.list("manifest")
        assert kept == [*manifest.files, manifest.quarantine_file, f"manifest/{KEY.partition_key}.json"]
    # Once new, it stays new: one step is the commit.
    assert outcomes == sorted(outcomes, reverse=True)
    assert {'{"version":"old"}', '{"version":"new"}'} == set(outcomes)


def test_a_first_write_that_dies_leaves_nothing_for_readers(tmp_path: Path) -> None:
    for step in range(1, 8):
        url = f"file://{tmp_path}/{step}"
        with pytest.raises(Crash):
            write(Landing(url, files=DyingFiles(url, step, after=True)), NEW)
        assert Landing(url).manifests() == []


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/landing"
    write(Landing(url), OLD)
    child = os.fork()
    if child == 0:
        write(Landing(url, files=DyingFiles(url, 5, after=True, hard=True)), NEW)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 9
    assert content(url) == {'{"version":"old"}'}
    write(Landing(url), NEW)
    assert content(url) == {'{"version":"new"}'}
