"""Crash safety: whatever step publishing dies at, readers have the old release or the new one, whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from social_sla.settings import PROJECT_DIR, Settings
from social_sla.warehouse.publish import publish
from social_sla.warehouse.releases import current_release, list_releases

from tests.unit.warehouse.publish_builds import AS_OF, build, passing, settings_of

# Opens the served file over and over, as BI does, in a process of its own; any half file or mixed version is an error.
READER = """
import sys, time, duckdb
path, stop = sys.argv[1], sys.argv[2]
import os
reads, seen = 0, set()
while not os.path.exists(stop):
    with duckdb.connect(path, read_only=True) as connection:
        clocks = "select min(version), max(version), count(*) from fct_sla_clock"
        low, high, rows = connection.execute(clocks).fetchone()
        (decided,) = connection.execute("select decided_count from agreement_goal_monthly").fetchone()
    assert low == high == decided - 100 and rows == 50, (low, high, rows, decided)
    reads += 1
    seen.add(low)
    time.sleep(0.01)
print(reads, *sorted(seen))
"""

PUBLISHER = """
import sys
from pathlib import Path
from social_sla.warehouse.publish import publish
from tests.unit.warehouse.publish_builds import AS_OF, passing, settings_of
settings = settings_of(Path(sys.argv[1]))
gate = passing(settings)
print("ready", flush=True)
publish(settings, gate=gate, as_of=AS_OF, keep=2)
"""


class Crash(BaseException):
    """Not an Exception: nothing may handle it, as nothing handles a power cut."""


class _Faults:
    """Raises at the n-th file operation under a folder. Audit hooks see every os, pathlib and shutil call."""

    def __init__(self) -> None:
        self.folder: str | None = None
        self.left = -1
        self.steps: list[str] = []
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.folder is None or event not in (
            "open",
            "os.rename",
            "os.link",
            "os.mkdir",
            "os.remove",
            "os.rmdir",
            "os.chmod",
        ):
            return
        if any(isinstance(one, str | os.PathLike) and str(one).startswith(self.folder) for one in arguments):
            self.step(f"{event} {Path(str(arguments[0])).suffix}")

    def step(self, label: str) -> None:
        self.steps.append(label)
        self.left -= 1
        if self.left == 0:
            self.folder = None
            raise Crash

    @contextmanager
    def after(self, steps: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        self.steps, self.left, self.folder = [], steps, str(folder)
        fsync = os.fsync

        def faulty(descriptor: int) -> None:
            if self.folder is not None:
                self.step(f"fsync after {self.steps[-1]}")
            fsync(descriptor)

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", faulty)
            try:
                yield
            finally:
                self.folder = None


FAULTS = _Faults()


@contextmanager
def reading(settings: Settings) -> Iterator[list[int]]:
    """A reader all the while; on leaving, what it saw: [number of reads, versions...]."""
    stop = settings.home / "stop"
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(settings.marts_path), str(stop)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    seen: list[int] = []
    try:
        yield seen
    finally:
        stop.touch()
        output, errors = reader.communicate(timeout=60)
        stop.unlink()
    assert reader.returncode == 0, errors
    seen += [int(word) for word in output.split()]


def served_version(settings: Settings) -> int:
    found = current_release(settings)
    assert found is not None
    return found.marts["agreement_goal_monthly"].rows and _version(found.marts_path)


def _version(path: Path) -> int:
    import duckdb

    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{path}' as served (read_only)")
        low, high = connection.execute("select min(version), max(version) from served.main.fct_sla_clock").fetchone()  # type: ignore[misc]
    assert low == high
    return int(low)


def test_a_fault_at_every_step_leaves_the_old_release_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path / "home")
    build(settings, 1)
    publish(settings, gate=passing(settings), as_of=AS_OF, keep=1)
    build(settings, 2)
    with FAULTS.after(-1, settings.published_dir, monkeypatch):
        publish(settings, gate=passing(settings), as_of=AS_OF, keep=1)
    # Of steps that are alike (every Parquet file is opened, synced, sealed and hashed) the first three are enough.
    taken = [number for number, label in enumerate(FAULTS.steps, 1) if FAULTS.steps[:number].count(label) <= 3]
    assert len(taken) > 25

    outcomes = []
    with reading(settings) as seen:
        for step in taken:
            old, new = served_version(settings), 2 + step
            # Records of removed releases are read while publishing: without this every try would take more steps.
            shutil.rmtree(settings.releases_dir / ".removed")
            build(settings, new)
            gate = passing(settings)
            with FAULTS.after(step, settings.published_dir, monkeypatch), pytest.raises(Crash):
                publish(settings, gate=gate, as_of=AS_OF, keep=1)
            outcomes.append(served_version(settings) - old)
            assert outcomes[-1] in (0, new - old)
            # The next try succeeds, whatever the crash left behind.
            publish(settings, gate=gate, as_of=AS_OF, keep=1)
            assert served_version(settings) == new
            assert len(list_releases(settings)) == 1
            assert not list(settings.releases_dir.glob(".writing-*"))
    assert 0 in outcomes
    assert any(outcomes)
    assert seen[0] > 20


def test_kill_9_leaves_the_old_release_or_the_new_one(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "home")
    build(settings, 1)
    publish(settings, gate=passing(settings), as_of=AS_OF, keep=2)
    environment = {**os.environ, "PYTHONPATH": f"{PROJECT_DIR / 'plugins'}:{PROJECT_DIR}"}
    with reading(settings) as seen:
        for attempt in range(6):
            old, new = served_version(settings), 2 + attempt
            build(settings, new)
            publisher = subprocess.Popen(
                [sys.executable, "-c", PUBLISHER, str(settings.home)],
                stdout=subprocess.PIPE,
                env=environment,
                text=True,
            )
            assert publisher.stdout is not None
            assert publisher.stdout.readline() == "ready\n"
            time.sleep(0.03 * attempt)
            publisher.send_signal(signal.SIGKILL)
            publisher.wait(timeout=30)
            publisher.stdout.close()
            assert served_version(settings) in (old, new)
    assert seen[0] > 5
    publish(settings, gate=passing(settings), as_of=AS_OF, keep=2)
    assert served_version(settings) == 7
    assert not list(settings.releases_dir.glob(".writing-*"))


def test_an_error_of_the_file_system_leaves_readers_alone_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path / "home")
    build(settings, 1)
    publish(settings, gate=passing(settings), as_of=AS_OF)
    build(settings, 2)

    def full(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", full)
        with pytest.raises(OSError, match="No space left"):
            publish(settings, gate=passing(settings), as_of=AS_OF)
    assert served_version(settings) == 1
    publish(settings, gate=passing(settings), as_of=AS_OF)
    assert served_version(settings) == 2
