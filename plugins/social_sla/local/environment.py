"""The environment variables of every local process: one home, loopback only, nothing sent to anybody."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from social_sla.local.secrets import fernet_key, local_secret
from social_sla.settings import Settings

LOOPBACK = "127.0.0.1"
ADMIN = "admin"

QUIET = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
}
"""Switches off what the tools would otherwise report to their makers."""


def free_port(preferred: int | None = None) -> int:
    """A TCP port on the loopback that nobody listens on: `preferred` if it is free, else any."""
    for port in ([preferred] if preferred else []) + [0]:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free TCP port on 127.0.0.1")


def base_environment(settings: Settings) -> dict[str, str]:
    """Variables for any of the project's own commands run as a process in this home."""
    loopback_only = ",".join(filter(None, [os.environ.get("no_proxy", ""), LOOPBACK, "localhost"]))
    # Another Airflow's settings in the user's shell must not reach this one.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
    return {
        **inherited,
        **QUIET,
        "no_proxy": loopback_only,
        "NO_PROXY": loopback_only,
        "PYTHONPATH": os.pathsep.join(
            filter(None, [str(settings.project_dir / "plugins"), os.environ.get("PYTHONPATH", "")])
        ),
        "PYTHONUNBUFFERED": "1",
        "SOCIAL_SLA_HOME": str(settings.home),
        "SOCIAL_SLA_CONFIG_DIR": str(settings.config_dir),
        "SOCIAL_SLA_LANDING_URL": settings.landing_url,
        "SOCIAL_SLA_WAREHOUSE": str(settings.warehouse_path),
        "SOCIAL_SLA_PUBLISHED_DIR": str(settings.published_dir),
        "SOCIAL_SLA_PSEUDONYM_KEY": os.environ.get("SOCIAL_SLA_PSEUDONYM_KEY")
        or local_secret(settings.home / "secrets", "pseudonym_key"),
    }


def airflow_environment(
    settings: Settings, port: int, connections: Mapping[str, Mapping[str, object]]
) -> dict[str, str]:
    """Variables for Airflow's processes: SQLite metadata, LocalExecutor, one admin with a password of its own.

    Args:
        port: where the api-server will listen on 127.0.0.1.
        connections: Airflow connections by id, as the JSON form of `AIRFLOW_CONN_…`.
    """
    home = airflow_home(settings)
    url = f"http://{LOOPBACK}:{port}"
    options: dict[str, dict[str, object]] = {
        "core": {
            "dags_folder": settings.project_dir / "dags",
            "plugins_folder": settings.project_dir / "plugins",
            "load_examples": False,
            "executor": "LocalExecutor",
            "parallelism": 4,
            "dags_are_paused_at_creation": False,
            "default_task_retry_delay": 2,
            "fernet_key": fernet_key(settings.home / "secrets"),
            "execution_api_server_url": f"{url}/execution/",
            "simple_auth_manager_users": f"{ADMIN}:admin",
            "simple_auth_manager_all_admins": False,
            "simple_auth_manager_passwords_file": password_file(settings),
        },
        "database": {"sql_alchemy_conn": f"sqlite:///{home / 'airflow.db'}?timeout=30"},
        "api": {
            "base_url": url,
            "host": LOOPBACK,
            "port": port,
            "workers": 1,
            "worker_timeout": 30,
            "secret_key": local_secret(settings.home / "secrets", "api_secret_key"),
        },
        "api_auth": {"jwt_secret": local_secret(settings.home / "secrets", "jwt_secret")},
        "logging": {"base_log_folder": home / "logs"},
        "scheduler": {
            "scheduler_idle_sleep_time": 0.3,
            "scheduler_heartbeat_sec": 1,
            "task_instance_heartbeat_timeout": 60,
            "task_instance_heartbeat_timeout_detection_interval": 5,
            "enable_health_check": False,
        },
        "dag_processor": {"refresh_interval": 60},
        # The demonstration's data are of their own time: a run for today's date would find nothing.
        # `make run` starts no triggerer: tasks sleep through every wait.
        "social_sla": {"timed_runs": False, "longest_sleep_seconds": 0},
    }
    return {
        **base_environment(settings),
        "AIRFLOW_HOME": str(home),
        **{
            f"AIRFLOW__{section.upper()}__{key.upper()}": str(value)
            for section, keys in options.items()
            for key, value in keys.items()
        },
        **{f"AIRFLOW_CONN_{name.upper()}": json.dumps(dict(fields)) for name, fields in connections.items()},
    }


def airflow_home(settings: Settings) -> Path:
    """Airflow's own folder: metadata, password, logs."""
    return settings.home / "airflow"


def password_file(settings: Settings) -> Path:
    """Where the generated admin password lies, as JSON by user name."""
    return airflow_home(settings) / "admin_password.json"


def admin_password(settings: Settings) -> str:
    """The admin's password; made here if there is none yet, so that Airflow never prints one into a log."""
    path = password_file(settings)
    password = local_secret(settings.home / "secrets", "admin_password")[:20]
    if not path.exists() or ADMIN not in path.read_text():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({ADMIN: password}) + "\n")
    return str(json.loads(path.read_text())[ADMIN])
