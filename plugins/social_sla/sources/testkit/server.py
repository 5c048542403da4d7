"""A vendor on 127.0.0.1: scripted answers, faults, a rate limit, and a log of every call."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Call:
    """One request as it came: path without query, decoded parameters (the last of a name), headers (lower-case names).

    `json` is a POSTed JSON object, `form` a POSTed form; `query` has every parameter in its order. `at` is the vendor's
    clock, `refused` whether the rate limit or a fault answered.
    """

    path: str
    params: dict[str, str]
    headers: dict[str, str]
    method: str = "GET"
    json: Any = None
    form: dict[str, str] = field(default_factory=dict)
    query: list[tuple[str, str]] = field(default_factory=list)
    at: float = 0.0
    refused: bool = False


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


@dataclass
class Fault:
    """Played on calls to `path` (glob): the first `after` of them pass, then it is played `times` times (0 = always).

    `answer` takes the place of the true answer; null = the true answer, with `cut` or `delay`. `hold` keeps the call
    without an answer until `FakeVendor.let_go` is set.
    """

    path: str
    answer: Answer | None = None
    times: int = 1
    after: int = 0
    cut: bool = False
    delay: float = 0.0
    hold: bool = False
    seen: int = 0
    hits: int = 0

    def takes(self, path: str) -> bool:
        if not fnmatchcase(path, self.path):
            return False
        self.seen += 1
        if self.seen <= self.after or (self.times and self.hits >= self.times):
            return False
        self.hits += 1
        return True


@dataclass
class RateLimit:
    """`calls` in every `seconds`, by the vendor's clock. `headers` writes what is left and when it is renewed."""

    calls: int
    seconds: float
    headers: Callable[[int, float, float], dict[str, str]]
    refusal: Callable[[float], Answer]
    begun: float = float("-inf")
    used: int = 0


class FakeVendor:
    """A route is a list of answers (the last one stays) or a function of the call; `default` answers the rest.

    A route's path may be a glob; the first that fits is taken.
    """

    def __init__(self) -> None:
        self.routes: dict[str, list[Answer] | Handler] = {}
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.limit: RateLimit | None = None
        self.clock: Callable[[], float] = time.time
        self.held = threading.Event()
        self.let_go = threading.Event()
        self.default = Answer({"error": "RecordNotFound", "description": "Not found"}, status=404)
        self.url = ""
        self._lock = threading.Lock()

    def on(self, path: str, *answers: Answer | Handler) -> None:
        first = answers[0]
        self.routes[path] = first if callable(first) else [answer for answer in answers if isinstance(answer, Answer)]

    def calls_to(self, path: str) -> list[Call]:
        return [call for call in self.calls if fnmatchcase(call.path, path)]

    def answer(self, call: Call) -> Answer:
        with self._lock:
            call.at = self.clock()
            self.calls.append(call)
            refusal, headers = self._limited(call)
            if refusal is not None:
                call.refused = True
                return refusal
            fault = next((fault for fault in self.faults if fault.takes(call.path)), None)
        if fault is not None and fault.hold:
            self.held.set()
            self.let_go.wait(60)
        if fault is not None and fault.answer is not None:
            call.refused = True
            return fault.answer
        with self._lock:
            answer = self._route(call)
        answer.headers = {**headers, **answer.headers}
        if fault is not None:
            answer.cut, answer.delay, answer.drop = fault.cut, fault.delay, fault.hold
        return answer

    def _route(self, call: Call) -> Answer:
        route = self.routes.get(call.path)
        if route is None:
            route = next((found for path, found in self.routes.items() if fnmatchcase(call.path, path)), None)
        if route is None:
            return Answer(self.default.body, self.default.status, dict(self.default.headers))
        if callable(route):
            return route(call)
        return route.pop(0) if len(route) > 1 else route[0]

    def _limited(self, call: Call) -> tuple[Answer | None, dict[str, str]]:
        limit = self.limit
        if limit is None:
            return None, {}
        if call.at >= limit.begun + limit.seconds:
            limit.begun, limit.used = call.at, 0
        reset = limit.begun + limit.seconds
        if limit.used >= limit.calls:
            return limit.refusal(reset - call.at), {}
        limit.used += 1
        return None, limit.headers(limit.calls - limit.used, reset, call.at)


def _handler(vendor: FakeVendor) -> type[BaseHTTPRequestHandler]:
    class VendorHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # One packet an answer: two would wait for each other (Nagle, delayed acknowledgement).
        wbufsize = 1 << 16
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def _serve(self, method: str) -> None:
            parts = urlsplit(self.path)
            query = parse_qsl(parts.query, keep_blank_values=True)
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(parts.path, dict(query), headers, method, query=query)
            content = self.rfile.read(int(headers.get("content-length", "0")))
            if content and "json" in headers.get("content-type", ""):
                call.json = json.loads(content)
            elif content:
                call.form = dict(parse_qsl(content.decode()))
            self._send(vendor.answer(call))

        def _send(self, answer: Answer) -> None:
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

    return VendorHandler


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up (time-out) is part of the tests."""


@contextmanager
def running_vendor(vendor: FakeVendor | None = None) -> Iterator[FakeVendor]:
    """A vendor on a free port of 127.0.0.1, in a thread of this process."""
    vendor = vendor or FakeVendor()
    server = _QuietServer(("127.0.0.1", 0), _handler(vendor))
    vendor.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        vendor.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
