"""A running sandbox for tests: real HTTP on a free loopback port, in a thread of the test process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.answers import X_TOKEN, ZENDESK_EMAIL, ZENDESK_TOKEN
from sandbox.faults import Faults
from sandbox.server import Sandbox, build_sandbox, description, listen, server_of
from sandbox.x_api import XApi
from sandbox.zendesk_api import ZendeskApi

START_SECONDS = 20.0


@dataclass(frozen=True)
class SandboxInfo:
    """Where a running sandbox is and how to get in; `sandbox` is the object behind it (calls, faults)."""

    url: str
    x_base_url: str
    x_token: str
    zendesk_base_url: str
    zendesk_email: str
    zendesk_token: str
    first_at: str
    end_at: str
    sandbox: Sandbox


@cache
def company() -> Sandbox:
    """The generated company, built once for all tests of a process."""
    return build_sandbox()


@contextmanager
def running_sandbox(
    messages: Path | None = None, faults: Sequence[dict[str, Any]] = (), *, sandbox: Sandbox | None = None
) -> Iterator[SandboxInfo]:
    """Serve the company (or a CSV, or a given Sandbox) while the block runs; each has its own faults and call log.

    Raises:
        RuntimeError: the server did not get ready.
    """
    data = sandbox or (company() if messages is None else build_sandbox(messages))
    fresh = Sandbox(
        XApi(data.x.store), ZendeskApi(data.zendesk.store, data.end_at), Faults(), data.first_at, data.end_at
    )
    fresh.faults.add(list(faults))
    sock = listen(0)
    server = server_of(fresh)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise RuntimeError("the sandbox did not get ready")
            time.sleep(0.01)
        told = description(fresh, sock.getsockname()[1])
        yield SandboxInfo(
            url=told["url"],
            x_base_url=told["x"]["base_url"],
            x_token=X_TOKEN,
            zendesk_base_url=told["zendesk"]["base_url"],
            zendesk_email=ZENDESK_EMAIL,
            zendesk_token=ZENDESK_TOKEN,
            first_at=told["first_at"],
            end_at=told["end_at"],
            sandbox=fresh,
        )
    finally:
        server.should_exit = True
        thread.join(10)
        sock.close()
