"""A local server, a landing in a temporary folder, and a client that does not really wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from social_sla.landing import Landing
from social_sla.sources.base import Credentials
from social_sla.sources.retry import ClientOptions

from tests.support.http_stub import HttpStub, running_stub

SECRET = "s3cr3t-Token-0815"


@dataclass
class Waits:
    """Stands for `time.sleep`, and moves the clock."""

    now: float = 1_790_000_000.0
    seconds: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


@pytest.fixture
def stub() -> Iterator[HttpStub]:
    with running_stub() as server:
        yield server


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def options(waits: Waits) -> ClientOptions:
    return ClientOptions(
        connect_timeout=2, read_timeout=0.3, max_attempts=4, sleep=waits.sleep, clock=waits.clock, jitter=lambda: 0.0
    )


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(f"file://{tmp_path}/landing")


@pytest.fixture
def credentials(stub: HttpStub) -> Credentials:
    return Credentials("zendesk_test", stub.url, "robot@example.com", SECRET)
