"""Whatever was started is stopped: also grandchildren, also those of a run that was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from social_sla.local.processes import ProcessFailedError, ProcessTable

# A leader that starts a child in a process group of its own, as a task does, and tells its number.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], process_group=0)
print(child.pid, flush=True)
time.sleep(300)
"""


def start(table: ProcessTable, log: Path, code: str = PARENT) -> int:
    process = table.start("leader", [sys.executable, "-c", code], dict(os.environ), log, log.parent)
    return process.record.pid


def child_of(log: Path) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if log.exists() and log.read_text().strip().isdigit():
            return int(log.read_text())
        time.sleep(0.05)
    raise AssertionError("the child did not start")


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def wait_gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(pid)


def test_stopping_ends_the_leader_and_what_it_has_started(tmp_path: Path) -> None:
    table = ProcessTable(tmp_path / "table")
    leader, child = start(table, tmp_path / "log"), child_of(tmp_path / "log")
    assert table.stop_all() >= 2
    assert wait_gone(leader)
    assert wait_gone(child)
    assert table.records() == []


def test_a_later_table_stops_what_a_killed_leader_left_behind(tmp_path: Path) -> None:
    leader, child = start(ProcessTable(tmp_path / "table"), tmp_path / "log"), child_of(tmp_path / "log")
    os.kill(leader, signal.SIGKILL)
    assert is_alive(child)
    ProcessTable(tmp_path / "table").stop_all()
    assert wait_gone(child)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_processes_end_with_the_program_that_started_them(tmp_path: Path) -> None:
    code = f"""
import os, sys, time
from pathlib import Path
from social_sla.local.processes import ProcessTable
table = ProcessTable(Path({str(tmp_path / "table")!r}))
process = table.start("leader", [sys.executable, "-c", "import time; time.sleep(300)"], dict(os.environ),
                      Path({str(tmp_path / "log")!r}), Path({str(tmp_path)!r}))
print(process.record.pid, flush=True)
time.sleep(300)
"""
    plugins = str(Path(__file__).resolve().parents[3] / "plugins")
    program = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": plugins}
    )
    assert program.stdout is not None
    pid = int(program.stdout.readline())
    assert is_alive(pid)
    program.kill()
    program.wait()
    assert wait_gone(pid)


def test_a_process_that_only_has_the_same_number_is_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
    try:
        folder = tmp_path / "table"
        table = ProcessTable(folder)
        (folder / "processes.json").write_text(f'[{{"name": "old", "pid": {other.pid}, "created": 1.0, "log": ""}}]')
        table.stop_all()
        assert is_alive(other.pid)
    finally:
        other.kill()
        other.wait()


def test_a_process_that_ends_is_noticed_with_its_log(tmp_path: Path) -> None:
    table = ProcessTable(tmp_path / "table")
    assert wait_gone(start(table, tmp_path / "log", "import sys; sys.exit('no such file')"))
    with pytest.raises(ProcessFailedError, match="no such file"):
        table.check()
    table.stop_all()


def test_an_unreadable_table_counts_as_empty(tmp_path: Path) -> None:
    table = ProcessTable(tmp_path)
    (tmp_path / "processes.json").write_text("{half")
    assert table.records() == []
    assert table.stop_all() == 0
