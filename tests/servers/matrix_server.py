"""A real Synapse (Matrix), in a folder of its own on 127.0.0.1, with low limits: it refuses, and says for how long."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from tests.servers.processes import INSTALLED, ServerError, child, free_port, wait_until

PYTHON = INSTALLED / "synapse" / "bin" / "python"
NAME = "synapse.test"
PASSWORD = "password-of-these-tests"
REGISTRATION_SECRET = "registration-of-these-tests"

_LINE = re.compile(
    r"^(?P<at>\S+ \S+) .*Processed request: (?P<taken>[\d.]+)sec.* (?P<status>\d{3}) "
    r'"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/[\d.]+" "(?P<agent>[^"]*)"'
)


@dataclass(frozen=True)
class Call:
    """One line of the server's access log. `at` is when it was answered, an epoch."""

    at: float
    status: int
    method: str
    path: str

    @property
    def is_refused(self) -> bool:
        return self.status == 429


@dataclass
class Synapse:
    """One running server."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def register(self, user: str) -> str:
        """A new user (`name`, without the server's); gives an access token."""
        address = f"{self.url}/_synapse/admin/v1/register"
        nonce = requests.get(address, timeout=30).json()["nonce"]
        text = "\0".join((nonce, user, PASSWORD, "notadmin"))
        mac = hmac.new(REGISTRATION_SECRET.encode(), text.encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": user, "password": PASSWORD, "admin": False, "mac": mac}
        answer = requests.post(address, json=body, timeout=30)
        if answer.status_code != 200:
            raise ServerError(f"Synapse does not register {user}: {answer.status_code} {answer.text[:300]}")
        return str(answer.json()["access_token"])

    def calls(self, path: str, *, since: float = 0.0) -> list[Call]:
        """What clients of ours have called below `path` since an epoch, in order, as the server has logged it."""
        found = []
        for line in self.log.read_text(errors="replace").splitlines():
            match = _LINE.match(line)
            if match is None or not match["path"].startswith(path) or not match["agent"].startswith("social-sla"):
                continue
            at = datetime.strptime(match["at"], "%Y-%m-%d %H:%M:%S,%f").replace(tzinfo=UTC).timestamp()
            if at >= since:
                found.append(Call(at, int(match["status"]), match["method"], match["path"]))
        return found


def missing() -> str | None:
    """Why Synapse cannot be run here; None where it can."""
    if not PYTHON.exists():
        return "Synapse is not installed (.run/servers/synapse): `make test-servers` installs it where it can"
    return None


@contextmanager
def running(folder: Path, limits: Mapping[str, Any]) -> Iterator[Synapse]:
    """Synapse with these `rc_` limits, while the block runs."""
    folder.mkdir(parents=True)
    server = Synapse(folder, free_port())
    # JSON is YAML.
    (folder / "log.json").write_text(json.dumps(_logging()))
    (folder / "server.json").write_text(json.dumps({**_configuration(server), **limits}))
    start: list[str | Path] = [PYTHON, "-m", "synapse.app.homeserver", "--config-path", folder / "server.json"]
    made = subprocess.run([*start, "--generate-keys"], capture_output=True, text=True, cwd=folder, timeout=120)
    if made.returncode:
        raise ServerError(f"Synapse does not take its configuration:\n{made.stderr[-3000:]}")
    with child(start, server.log, env={"TZ": "UTC"}, cwd=folder) as process:
        wait_until(lambda: _is_up(server), "Synapse", process, server.log)
        yield server


def _is_up(server: Synapse) -> bool:
    try:
        return requests.get(f"{server.url}/_matrix/client/versions", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def _configuration(server: Synapse) -> dict[str, Any]:
    return {
        "server_name": NAME,
        "report_stats": False,
        "pid_file": str(server.folder / "server.pid"),
        "signing_key_path": str(server.folder / "signing.key"),
        "log_config": str(server.folder / "log.json"),
        "media_store_path": str(server.folder / "media"),
        "listeners": [
            {
                "port": server.port,
                "bind_addresses": ["127.0.0.1"],
                "type": "http",
                "resources": [{"names": ["client"]}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": str(server.folder / "homeserver.db")}},
        "registration_shared_secret": REGISTRATION_SECRET,
        "macaroon_secret_key": "macaroons-of-these-tests",
        "form_secret": "forms-of-these-tests",
        "bcrypt_rounds": 4,
        "trusted_key_servers": [],
        "user_directory": {"search_all_users": True},
        "rc_registration": {"per_second": 1000, "burst_count": 1000},
    }


def _logging() -> dict[str, Any]:
    return {
        "version": 1,
        "formatters": {"plain": {"format": "%(asctime)s - %(name)s - %(levelname)s - %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "root": {"level": "WARNING", "handlers": ["console"]},
        "loggers": {"synapse.access": {"level": "INFO"}},
        "disable_existing_loggers": False,
    }
