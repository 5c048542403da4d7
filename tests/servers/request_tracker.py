"""A real Request Tracker 5 from Debian's packages, in a folder of its own, on 127.0.0.1.

Its database is a private SQLite file, so that a test can put events into the past: RT itself writes the present.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from tests.servers.processes import ServerError, child, free_port, wait_until

SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
SETUP = "rt-setup-database-5"
PASSWORD = "password-of-these-tests"

USERS = """
our @Users = (
  { Name => 'ana@example.com', EmailAddress => 'ana@example.com', Password => '%(password)s', Privileged => 0 },
  { Name => 'ben@example.com', EmailAddress => 'ben@example.com', Password => '%(password)s', Privileged => 0 },
  { Name => 'mia', EmailAddress => 'mia@aurora.example', Password => '%(password)s', Privileged => 1 },
  { Name => 'warehouse', EmailAddress => 'warehouse@aurora.example', Password => '%(password)s', Privileged => 1,
    Timezone => 'America/New_York' },
);
our @Queues = (%(queues)s);
our @ACL = (
  (map { { GroupDomain => 'SystemInternal', GroupType => 'Everyone', Right => $_ } }
    qw(SeeQueue CreateTicket ReplyToTicket CommentOnTicket ShowTicket)),
  (map { { GroupDomain => 'SystemInternal', GroupType => 'Privileged', Right => $_ } }
    qw(OwnTicket ModifyTicket DeleteTicket ShowTicketComments)),
  # What docs/sources/request_tracker.md asks for, and no more.
  (map { { UserId => 'warehouse', Right => $_ } }
    qw(SeeQueue ShowTicket ShowTicketComments ShowOutgoingEmail SeeGroup SeeCustomField)),
);
1;
"""

SITE = """
Set($rtname, 'aurora.example'); Set($Organization, 'aurora.example'); Set($Timezone, 'UTC');
Set($WebDomain, '127.0.0.1'); Set($WebPort, %(port)d); Set($WebPath, ''); Set($WebBaseURL, 'http://127.0.0.1:%(port)d');
Set($DatabaseType, 'SQLite'); Set($DatabaseName, '%(database)s'); Set($MailCommand, 'testfile');
Set($LogToSTDERR, 'warning'); Set($LogToFile, undef); Set($LogToSyslog, undef);
Set(%%ServiceAgreements, %(agreements)s);
Set(%%ServiceBusinessHours, %(hours)s);
1;
"""


def missing() -> str | None:
    """Why RT cannot be run here; None where it can."""
    if not SERVER.exists():
        return f"Request Tracker 5 is not installed ({SERVER} is missing): `make test-servers` installs it where it can"
    if shutil.which(SETUP) is None:
        return f"Request Tracker 5 is not complete: {SETUP} is missing"
    return None


def perl(value: Any) -> str:
    """A value as Perl writes it; a mapping at the top is a list of pairs (`Set(%Name, …)`)."""
    if value is None:
        return "undef"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{perl(str(name))} => {perl(item)}" for name, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[ " + ", ".join(perl(item) for item in value) + " ]"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def _pairs(values: Mapping[str, Any]) -> str:
    return perl(values)[1:-1]


@dataclass
class RequestTracker:
    """One running server. `queues` gives each queue's number by its name."""

    folder: Path
    port: int
    queues: dict[str, int] = field(default_factory=dict)
    _last: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / "rtdb"

    def call(self, method: str, path: str, body: Any = None, *, user: str = "root", **params: str) -> Any:
        """One request of REST 2 as `user`.

        Raises:
            ServerError: anything but 2xx.
        """
        password = "password" if user == "root" else PASSWORD
        answer = requests.request(
            method, f"{self.url}/REST/2.0/{path}", json=body, params=params, auth=(user, password), timeout=60
        )
        if answer.status_code >= 300:
            raise ServerError(f"{method} {path} as {user}: {answer.status_code} {answer.text[:500]}")
        return answer.json()

    def put_into_past(self, ticket: int, moment: datetime) -> None:
        """What has happened to a ticket since the last call happened at `moment`, a whole UTC second."""
        when = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        with closing(sqlite3.connect(self.database, timeout=30)) as connection, connection:
            connection.execute(
                "update Transactions set Created = ? where ObjectType = 'RT::Ticket' and ObjectId = ? and id > ?",
                (when, ticket, self._last),
            )
            (self._last,) = connection.execute("select max(id) from Transactions").fetchone()

    def count(self, table: str, condition: str = "1 = 1") -> int:
        """How many rows its database has."""
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            (number,) = connection.execute(f"select count(*) from {table} where {condition}").fetchone()
        return int(number)


@contextmanager
def running(
    folder: Path, agreements: Mapping[str, Any], hours: Mapping[str, Any], queues: list[str]
) -> Iterator[RequestTracker]:
    """RT with these service agreements, business hours and queues, while the block runs."""
    folder.mkdir(parents=True)
    server = RequestTracker(folder, free_port())
    (folder / "conf.d").mkdir()
    site = folder / "RT_SiteConfig.pm"
    site.write_text(
        SITE
        % {
            "port": server.port,
            "database": server.database,
            "agreements": _pairs(agreements),
            "hours": _pairs(hours),
        }
    )
    env = {"RT_SITE_CONFIG": str(site), "RT_SITE_CONFIG_DIR": str(folder / "conf.d"), "TZ": "UTC"}
    data = folder / "initialdata.pl"
    rows = ", ".join(perl({"Name": name, "SLADisabled": 0}) for name in queues)
    data.write_text(USERS % {"password": PASSWORD, "queues": rows})
    _set_up(env, folder, "--action", "init")
    _set_up(env, folder, "--action", "insert", "--datafile", str(data))
    log = folder / "server.log"
    command: list[str | Path] = [SERVER, "--port", str(server.port), "--host", "127.0.0.1"]
    with child(command, log, env=env, cwd=folder) as process:
        wait_until(lambda: _is_up(server), "Request Tracker", process, log)
        found = server.call("GET", "queues/all", fields="Name", per_page="100")["items"]
        server.queues = {queue["Name"]: int(queue["id"]) for queue in found}
        yield server


def _set_up(env: Mapping[str, str], folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [SETUP, *arguments, "--skip-create"],
        env={**os.environ, **env},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
    )
    if done.returncode:
        raise ServerError(f"{SETUP} {' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def _is_up(server: RequestTracker) -> bool:
    try:
        server.call("GET", "rt")
    except (requests.RequestException, ServerError):
        return False
    return True
