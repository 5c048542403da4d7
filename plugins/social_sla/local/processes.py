"""Starting and surely stopping the local processes.

Every process is started as the leader of a session of its own. Whatever it forks stays in that session, also
after its leader has died, so a session's members are exactly what is left to stop: by process id, never by name.
A record of the sessions on disk lets the next run stop what a killed run has left behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 4.0
CLOCK_TOLERANCE_SECONDS = 2.0
"""psutil derives start times from the boot time, which may shift a little between two readings."""


class ProcessFailedError(RuntimeError):
    """A local process ended although it should serve; the message holds the tail of its log."""


@dataclass(frozen=True)
class ProcessRecord:
    """One started process: its id (also its session's id) and when it began, in seconds since 1970."""

    name: str
    pid: int
    created: float
    log: str


@dataclass
class LocalProcess:
    """A running process that this program started."""

    record: ProcessRecord
    popen: subprocess.Popen[bytes]

    @property
    def name(self) -> str:
        return self.record.name

    def check(self) -> None:
        """Raise ProcessFailedError if the process has ended."""
        code = self.popen.poll()
        if code is not None:
            tail = log_tail(Path(self.record.log))
            raise ProcessFailedError(f"{self.name} ended with exit code {code}. Its log, {self.record.log}:\n{tail}")


class ProcessTable:
    """The processes of one home, on disk in `<folder>/processes.json`.

    Args:
        folder: where the table and nothing else of value lives.
        tied: whether the processes end with this program, also when it is killed (Linux).
    """

    def __init__(self, folder: Path, *, tied: bool = True) -> None:
        self._path = folder / "processes.json"
        self._tied = tied
        self._running: list[LocalProcess] = []
        folder.mkdir(parents=True, exist_ok=True)

    def records(self) -> list[ProcessRecord]:
        """What the table on disk says; an unreadable table counts as empty."""
        try:
            return [ProcessRecord(**row) for row in json.loads(self._path.read_text())]
        except (FileNotFoundError, ValueError, TypeError):
            return []

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path) -> LocalProcess:
        """Start `command` in a session of its own with its output in `log`, and record it."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            popen = subprocess.Popen(
                list(command),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent if self._tied and sys.platform == "linux" else None,
            )
        record = ProcessRecord(name, popen.pid, _created(popen.pid), str(log))
        process = LocalProcess(record, popen)
        self._running.append(process)
        self._write([*self.records(), record])
        return process

    def check(self) -> None:
        """Raise ProcessFailedError if any process started here has ended."""
        for process in self._running:
            process.check()

    def alive(self) -> list[ProcessRecord]:
        """Recorded processes whose leader still runs."""
        return [record for record in self.records() if _is_same(record)]

    def stop_all(self) -> int:
        """Stop every recorded session, politely first; gives how many processes had to be ended."""
        records = self.records()
        members = {pid for record in records for pid in _session_members(record)}
        leaders = [record.pid for record in records if _is_same(record)]
        for pid in leaders:
            _signal(pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and any(_is_running(pid) for pid in leaders):
            self._reap()
            time.sleep(0.05)
        for record in records:
            for pid in _session_members(record):
                members.add(pid)
                _signal(pid, signal.SIGKILL)
        for process in self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.popen.wait(timeout=5)
        self._running.clear()
        self._path.unlink(missing_ok=True)
        return len(members)

    def _reap(self) -> None:
        for process in self._running:
            process.popen.poll()

    def _write(self, records: Sequence[ProcessRecord]) -> None:
        temporary = self._path.with_suffix(".tmp")
        temporary.write_text(json.dumps([asdict(record) for record in records]))
        temporary.replace(self._path)


def log_tail(path: Path, lines: int = 25) -> str:
    """The last lines of a log file; empty when there is none."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def _end_with_parent() -> None:
    """In the child, before exec: ask the kernel for SIGTERM when the program that started it is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _created(pid: int) -> float:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return time.time()


def _is_same(record: ProcessRecord) -> bool:
    """Whether the recorded process runs: the same id and the same start, so not a later process with its number."""
    try:
        process = psutil.Process(record.pid)
        return (
            abs(process.create_time() - record.created) < CLOCK_TOLERANCE_SECONDS
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.Error:
        return False


def _is_running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _session_members(record: ProcessRecord) -> list[int]:
    """Processes of the recorded session.

    The kernel gives a session's number to nobody else while one member lives. So a living process that has the
    number but another start means that the recorded session is over.
    """
    if psutil.pid_exists(record.pid) and not _is_same(record) and not _is_zombie(record.pid):
        return []
    members = []
    for pid in psutil.pids():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(pid) == record.pid and _created(pid) >= record.created - CLOCK_TOLERANCE_SECONDS:
                members.append(pid)
    return members


def _is_zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
