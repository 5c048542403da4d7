"""A connector, its fake vendor and an empty landing, put together for one test."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from social_sla.landing import Landing, LandingRecord, Manifest
from social_sla.sources.base import Credentials
from social_sla.sources.extract import extract_stream
from social_sla.sources.registry import ordered_streams
from social_sla.sources.retry import ClientOptions
from social_sla.sources.testkit.case import END, START, KitCase, StreamCase
from social_sla.sources.testkit.pages import Row, Serving, WholePage
from social_sla.sources.testkit.server import Answer, Call, FakeVendor, running_vendor

NOW = END + timedelta(minutes=5)
PAGE = 3


@dataclass
class Waits:
    """Stands for `time.sleep`, and moves the clock."""

    now: float = NOW.timestamp()
    seconds: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


@dataclass
class World:
    """What a kit's test works with. `lists` are the vendor's records by stream; tests change them."""

    case: KitCase
    vendor: FakeVendor
    landing: Landing
    waits: Waits = field(default_factory=Waits)
    lists: dict[str, list[Row]] = field(default_factory=dict)
    serving: Serving = field(default_factory=lambda: Serving(PAGE))
    owners: dict[str, str] = field(default_factory=dict)
    pages_served: dict[str, int] = field(default_factory=dict)
    on_page: Callable[[str, int], None] = lambda stream, number: None

    def options(self, **other: Any) -> ClientOptions:
        """Patience for tests: short time-outs, and waits that only move a clock."""
        few: dict[str, Any] = {
            "connect_timeout": 5,
            "read_timeout": 0.5,
            "max_attempts": 4,
            "sleep": self.waits.sleep,
            "clock": self.waits.clock,
            "jitter": lambda: 0.0,
        }
        return ClientOptions(**{**few, **other})

    def fill(self, stream: str, count: int, step: timedelta = timedelta(minutes=7)) -> list[Row]:
        """The vendor now has `count` records in this stream, one a `step` from the window's second hour on."""
        case = self.case.of(stream)
        self.lists[stream] = [
            Row(number, at, case.record(number, at))
            for number, at in ((number, START + timedelta(hours=1) + number * step) for number in range(count))
        ]
        return self.lists[stream]

    def change(self, stream: str, number: int, at: datetime) -> None:
        """Record `number` is changed at `at`."""
        rows = self.lists[stream]
        case = self.case.of(stream)
        position = next(index for index, row in enumerate(rows) if row.number == number)
        moved = at if case.moves else rows[position].at
        rows[position] = Row(number, moved, case.record(number, at if case.moves else moved))

    def edit(self, stream: str, number: int, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Changes one record's JSON in place."""
        rows = self.lists[stream]
        position = next(index for index, row in enumerate(rows) if row.number == number)
        rows[position] = replace(rows[position], record=change(rows[position].record))

    def extract(self, stream: str, *, landing: Landing | None = None, **other: Any) -> Manifest:
        """One extraction of one stream, as Airflow's task does it."""
        credentials = other.pop("credentials", None) or self.credentials()
        window = other.pop("window", None) or (START, END)
        options = other.pop("client_options", None) or self.options()
        return extract_stream(
            self.case.declared,
            stream,
            self.case.account,
            credentials,
            window,
            landing or self.landing,
            "kit",
            **{"now": NOW, "client_options": options, **other},
        )

    def prepare(self, stream: str, count: int, *, landing: Landing | None = None) -> list[Row]:
        """Fills a stream, and lands what it depends on: one parent each."""
        for needed in self.needed(stream):
            if needed not in self.lists:
                self.fill(needed, 1)
            self.extract(needed, landing=landing)
        return self.fill(stream, count)

    def needed(self, stream: str) -> list[str]:
        """The streams that must be landed before, in their order."""
        by_name = {found.name: found for found in self.case.declared.streams}
        wanted: set[str] = set()

        def add(name: str) -> None:
            for needed in by_name[name].depends_on:
                wanted.add(needed)
                add(needed)

        add(stream)
        return [found.name for found in ordered_streams(self.case.declared) if found.name in wanted]

    def credentials(self, **extra: Any) -> Credentials:
        """The connection."""
        return self.case.credentials(self.vendor.url, **extra)

    def read(self, manifest: Manifest, *, landing: Landing | None = None) -> list[LandingRecord]:
        """What landed."""
        return list((landing or self.landing).read(manifest.key))

    def list_calls(self, stream: str) -> list[Call]:
        """Calls to a stream's list."""
        return self.vendor.calls_to(self.case.of(stream).path)

    def count(self, stream: str, wanted: int) -> int:
        """How many records the vendor has where `wanted` are asked for: a look-up has one."""
        return 1 if self.case.of(stream).is_look_up else wanted

    def needs_one_call(self, stream: str) -> bool:
        """Whether the whole list comes in one page."""
        return isinstance(self.case.of(stream).pages, WholePage)

    def install(self) -> None:
        """Puts the case's lists and routes into the fake."""
        self.vendor.clock = self.waits.clock
        self.case.routes(self.vendor)
        for stream in self.case.streams:
            stream.routes(self.vendor)
            self.vendor.on(stream.path, self._server(stream))
            if stream.is_look_up:
                self.fill(stream.stream, 1)

    def _server(self, case: StreamCase) -> Callable[[Call], Answer]:
        sharing = [other for other in self.case.streams if other.path == case.path]

        def answer(call: Call) -> Answer:
            # Streams may share a list's path (one search for several): the one that was filled last answers.
            stream = next((other for name in reversed(self.lists) for other in sharing if other.stream == name), case)
            owner = self.owners.setdefault(stream.stream, call.path) if "*" in stream.path else call.path
            rows = self.lists.get(stream.stream, []) if owner == call.path else []
            served = self.pages_served[stream.stream] = self.pages_served.get(stream.stream, 0) + 1
            serving = replace(self.serving, newest_first=stream.newest_first, url=self.vendor.url)
            found = stream.pages.answer(call, stream.visible(call, rows), serving)
            self.on_page(stream.stream, served)
            return found

        return answer

    def run_until_killed(self, stream: str, pages: int) -> None:
        """Extracts in a process of its own, which is killed (SIGKILL) while it waits for page `pages` + 1."""
        credentials = self.credentials()
        told = {
            "source": self.case.source,
            "stream": stream,
            "account": self.case.account,
            "connection": credentials.connection_id,
            "base_url": credentials.base_url,
            "login": credentials.login,
            "token": credentials.token,
            "extra": dict(credentials.extra),
            "landing": self.landing.url,
            "window": [START.isoformat(), END.isoformat()],
            "now": NOW.isoformat(),
            "path": [entry for entry in sys.path if entry],
        }
        command = [sys.executable, str(Path(__file__).with_name("child.py"))]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 - our own file
        assert child.stdin is not None
        assert child.stderr is not None
        try:
            child.stdin.write(json.dumps(told).encode())
            child.stdin.close()
            waiting = 60.0
            while not self.vendor.held.wait(0.05):
                waiting -= 0.05
                if child.poll() is not None or waiting < 0:
                    raise AssertionError(f"the extraction ended by itself: {child.stderr.read().decode()[-2000:]}")
        finally:
            child.kill()
            child.wait(10)
            child.stderr.close()
            self.vendor.let_go.set()


@contextmanager
def running_world(case: KitCase, folder: Path) -> Iterator[World]:
    """The vendor answers while the block runs."""
    with running_vendor() as vendor:
        world = World(case, vendor, Landing(f"file://{folder}/landing"))
        world.install()
        yield world
