"""The small parts of the local run."""

from __future__ import annotations

import io
import json
import socket
import stat
from pathlib import Path

import pytest
from rich.console import Console
from social_sla import cli
from social_sla.local.airflow_api import TaskState
from social_sla.local.dag_runs import DagRun, _progress_words
from social_sla.local.environment import admin_password, airflow_environment, free_port
from social_sla.local.lock import HomeBusyError, only_one
from social_sla.local.progress import Progress
from social_sla.local.secrets import fernet_key, local_secret
from social_sla.local.task_logs import task_log_path, task_log_tail
from social_sla.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path / "home")})


def test_secrets_are_kept_and_nobody_elses_to_read(tmp_path: Path) -> None:
    first = local_secret(tmp_path / "secrets", "jwt")
    assert local_secret(tmp_path / "secrets", "jwt") == first
    assert len(first) == 64
    assert fernet_key(tmp_path / "secrets") == fernet_key(tmp_path / "secrets")
    assert stat.S_IMODE((tmp_path / "secrets" / "jwt").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_a_secret_that_a_killed_run_left_empty_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "jwt").write_text("")
    assert len(local_secret(tmp_path, "jwt")) == 64


def test_airflow_listens_on_the_loopback_only_and_reports_to_nobody(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "SomebodyElsesExecutor")
    environment = airflow_environment(settings, 12345, {"x_default": {"conn_type": "http", "password": "token"}})
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] == "False"
    assert environment["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] == "False"
    assert environment["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert json.loads(environment["AIRFLOW_CONN_X_DEFAULT"])["password"] == "token"
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith(f"sqlite:///{settings.home}")
    assert "127.0.0.1" in environment["no_proxy"]


def test_the_admin_password_is_made_once_and_differs_between_homes(tmp_path: Path) -> None:
    homes = [Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path / name)}) for name in ("a", "b")]
    passwords = [admin_password(settings) for settings in homes]
    assert len(set(passwords)) == 2
    assert admin_password(homes[0]) == passwords[0]


def test_a_taken_port_is_not_used(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert free_port(taken.getsockname()[1]) != taken.getsockname()[1]


def test_one_home_one_run(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(HomeBusyError, match="wait for it to end"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_a_failed_tasks_log_says_its_exception(tmp_path: Path) -> None:
    path = task_log_path(tmp_path, "d", "r", "t", 2, 1)
    assert path == tmp_path / "dag_id=d" / "run_id=r" / "task_id=t" / "map_index=2" / "attempt=1.log"
    path.parent.mkdir(parents=True)
    error = {"exc_type": "AirflowFailException", "exc_value": "renew the token", "frames": []}
    lines = [{"event": "began"}, {"event": "Task failed", "error_detail": [error, {"exc_value": "cause"}]}]
    path.write_text("\n".join([*(json.dumps(line) for line in lines), "not json"]))
    assert task_log_tail(path).splitlines()[0] == "renew the token"
    path.write_text('{"event": "only this"}\n')
    assert task_log_tail(path).splitlines()[0] == "only this"
    assert "never began" in task_log_tail(tmp_path / "nothing.log")


def test_progress_is_plain_lines_in_a_file() -> None:
    out = io.StringIO()
    progress = Progress(Console(file=out, width=100))
    with progress.step("Extracted"):
        progress.under_way("1 of 2 tasks done")
        progress.under_way("1 of 2 tasks done")
    text = out.getvalue()
    assert text.count("1 of 2 tasks done") == 1
    assert "✓ Extracted" in text
    assert "\x1b" not in text


def test_a_run_in_words() -> None:
    tasks = [
        TaskState("extract_x_default", number, state, 1, None, None)
        for number, state in enumerate(["success", "running", "up_for_retry", None])
    ]
    words = _progress_words(DagRun("extract_x", "r"), tasks)
    assert words == "extract_x: 1 of 4 tasks done, now extract_x_default (again)"


def test_our_own_errors_become_one_message_and_exit_code_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOCIAL_SLA_HOME", str(tmp_path))
    assert cli.main(["summary"]) == 1
    assert "make run" in capsys.readouterr().err
