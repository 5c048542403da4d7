"""Servers as child processes: started with a log, waited for, stopped by their own process group."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
INSTALLED = PROJECT / ".run" / "servers"
"""Where `install_*` put what is not a package of the distribution."""

STOP_SECONDS = 20


class ServerError(RuntimeError):
    """A server did not come up, or refused what a test needs; the message holds its last words."""


def skip_unless_installed(missing: Callable[[], str | None]) -> None:
    """Skips where nobody asked for real servers, or where `missing` says what is not there."""
    if not os.environ.get("SOCIAL_SLA_TEST_SERVERS"):
        pytest.skip("real servers are for `make test-servers`")
    if reason := missing():
        pytest.skip(reason)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def child(
    command: Sequence[str | Path], log: Path, *, env: Mapping[str, str] | None = None, **more: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """`command` while the block runs, in a process group of its own; its output goes to `log`.

    `more` is for Popen: a working directory, another user, pipes.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            env={**os.environ, **(env or {})},
            start_new_session=True,
            **{"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output, **more},
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a child and what it has started: its group holds nobody else."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


def wait_until(
    is_up: Callable[[], bool], what: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 60
) -> None:
    """Waits for `is_up`.

    Raises:
        ServerError: the process ended, or the time is over; with the end of its log.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        if is_up():
            return
        time.sleep(0.2)
    raise ServerError(f"{what} did not come up:\n{log.read_text(errors='replace')[-3000:]}")
