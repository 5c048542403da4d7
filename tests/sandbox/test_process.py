"""`python -m sandbox` as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import requests

PROJECT = Path(__file__).parents[2]


def test_it_says_where_it_is_and_serves(tmp_path: Path) -> None:
    messages = tmp_path / "m.csv"
    messages.write_text(
        "tweet_id,author_id,inbound,created_at,text\n1,RailCo,False,2017-10-31T22:11:00Z,hello\n", encoding="utf-8"
    )
    rules = tmp_path / "faults.json"
    rules.write_text('[{"path": "/x/*", "kind": "500", "status": 503}]', encoding="utf-8")
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--messages", str(messages)]
    command += ["--state", str(tmp_path / "state"), "--faults", str(rules)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            assert told == json.loads((tmp_path / "state/sandbox.json").read_text(encoding="utf-8"))
            assert set(told) == {"url", "port", "pid", "x", "zendesk", "first_at", "end_at"}
            assert told["pid"] == process.pid
            url = f"{told['x']['base_url']}/2/users/by?usernames=RailCo"
            headers = {"Authorization": f"Bearer {told['x']['token']}"}
            codes = [requests.get(url, headers=headers, timeout=10).status_code for _ in range(2)]
            assert codes == [503, 200]
        finally:
            process.terminate()
            process.wait(10)


def test_what_cannot_be_used_is_one_line_and_status_2(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "--messages", str(tmp_path / "none.csv")]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("sandbox: ")
    assert "no such file" in done.stderr
    assert done.stderr.count("\n") == 1
