"""A tiny HTTP server for tests: answers are scripted, requests are kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Call:
    """One request as it came: path without query, decoded parameters, headers (lower-case names)."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]


@dataclass
class Answer:
    """What to answer. `body` is dumped as JSON unless it is text or bytes.

    `cut` closes the connection after half of the body; `delay` waits first (seconds); `drop` closes without answering.
    """

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    delay: float = 0.0
    drop: bool = False


Handler = Callable[[Call], Answer]


class HttpStub:
    """A route is a list of answers (the last one stays) or a function of the call; `default` answers the rest."""

    def __init__(self) -> None:
        self.routes: dict[str, list[Answer] | Handler] = {}
        self.calls: list[Call] = []
        self.default = Answer({"error": "RecordNotFound", "description": "Not found"}, status=404)
        self.url = ""

    def on(self, path: str, *answers: Answer | Handler) -> None:
        first = answers[0]
        self.routes[path] = first if callable(first) else [answer for answer in answers if isinstance(answer, Answer)]

    def calls_to(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]

    def answer(self, call: Call) -> Answer:
        self.calls.append(call)
        route = self.routes.get(call.path)
        if route is None:
            return self.default
        if callable(route):
            return route(call)
        return route.pop(0) if len(route) > 1 else route[0]


def _handler(stub: HttpStub) -> type[BaseHTTPRequestHandler]:
    class StubHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            params = dict(parse_qsl(parts.query, keep_blank_values=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = stub.answer(Call(parts.path, params, headers))
            sleep(answer.delay)
            if answer.drop:
                self.close_connection = True
                return
            body = answer.body if isinstance(answer.body, str | bytes) else json.dumps(answer.body)
            content = body.encode() if isinstance(body, str) else body
            self.send_response_only(answer.status)
            sent = {
                "Date": self.date_time_string(),
                "Content-Type": "application/json; charset=utf-8",
                "Content-Length": str(len(content)),
            }
            for name, value in {**sent, **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if answer.cut else content)
            if answer.cut:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return StubHandler


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up (time-out) is part of the tests."""


@contextmanager
def running_stub() -> Iterator[HttpStub]:
    """A stub on a free port of 127.0.0.1, in a thread of this process."""
    stub = HttpStub()
    server = _QuietServer(("127.0.0.1", 0), _handler(stub))
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
