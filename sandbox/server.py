"""The HTTP server: both vendors' APIs and the sandbox's own controls on one loopback port.

`/x/2/…` X, `/zendesk/api/v2/…` Zendesk, `/_sandbox/faults`, `/_sandbox/calls`, `/_sandbox/health`.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import X_TOKEN, ZENDESK_EMAIL, ZENDESK_TOKEN, Answer
from sandbox.company import build_company
from sandbox.faults import FaultError, Faults, Rule
from sandbox.messages import load_messages
from sandbox.x_api import XApi, unauthorized
from sandbox.x_store import store_of_world
from sandbox.zendesk_api import ZendeskApi
from sandbox.zendesk_store import ZendeskStore

HOST = "127.0.0.1"
MAINTENANCE = (
    "<!DOCTYPE html><html><head><title>Down for maintenance</title></head><body><h1>Back soon</h1></body></html>"
)


@dataclass
class Sandbox:
    """The data behind the endpoints and the faults that are switched on."""

    x: XApi
    zendesk: ZendeskApi
    faults: Faults
    first_at: int
    end_at: int


def build_sandbox(messages: Path | None = None) -> Sandbox:
    """Load a CSV of real messages (then Zendesk is an empty account), or generate the company."""
    faults = Faults()
    if messages is not None:
        store = load_messages(messages)
        return Sandbox(XApi(store), ZendeskApi(ZendeskStore(None), store.end_at), faults, store.first_at, store.end_at)
    world = build_company()
    zendesk = ZendeskApi(ZendeskStore(world), world.end_at)
    return Sandbox(XApi(store_of_world(world)), zendesk, faults, world.first_at, world.end_at)


def _render(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, media_type="application/json; charset=utf-8")


class Endpoints:
    """Starlette endpoints over a Sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/_sandbox/health", self.health),
                Route("/_sandbox/calls", self.calls, methods=["GET", "DELETE"]),
                Route("/_sandbox/faults", self.fault_rules, methods=["GET", "POST", "DELETE"]),
                Route("/x/{rest:path}", self.vendor),
                Route("/zendesk/{rest:path}", self.vendor),
            ]
        )

    async def health(self, request: Request) -> Response:
        """Says that the server is up."""
        return _render(200, {"status": "ok"})

    async def calls(self, request: Request) -> Response:
        """Counts of the calls per path; DELETE forgets them."""
        if request.method == "DELETE":
            self.sandbox.faults.calls.clear()
        return _render(200, {"calls": self.sandbox.faults.calls})

    async def fault_rules(self, request: Request) -> Response:
        """List, add or clear the fault rules."""
        faults = self.sandbox.faults
        if request.method == "POST":
            try:
                faults.add(json.loads(await request.body()))
            except (ValueError, FaultError) as error:
                return _render(400, {"error": str(error)})
        elif request.method == "DELETE":
            faults.clear()
        return _render(200, {"faults": faults.listed()})

    def _answer(self, request: Request) -> Answer:
        """The vendor's true answer to a call."""
        path = request.url.path
        query = dict(request.query_params)
        if path.startswith("/x/"):
            return self.sandbox.x.call(path.removeprefix("/x"), query, request.headers)
        base = f"{request.url.scheme}://{request.headers['host']}/zendesk"
        return self.sandbox.zendesk.call(path.removeprefix("/zendesk"), query, request.headers, base)

    async def vendor(self, request: Request) -> Response:
        """Answer a vendor call, with the fault that is due on it."""
        path = request.url.path
        faults = self.sandbox.faults
        faults.count(path)
        rule = faults.pick(path)
        if rule is not None and rule.kind in ("429", "500", "html", "timeout", "expired_token"):
            return await _failure(rule, path.startswith("/x/"))
        if rule is not None and rule.kind == "slow":
            await asyncio.sleep(1 if rule.seconds is None else rule.seconds)
        answer = self._answer(request)
        rows = list(answer.body.get(answer.rows_key, []))
        if rule is not None and rule.kind in ("duplicate_page", "changing_item"):
            faults.alter_rows(rule, path, answer)
        faults.remember(path, Answer(answer.status, {answer.rows_key: rows}, rows_key=answer.rows_key))
        response = _render(answer.status, answer.body, answer.headers)
        if rule is not None and rule.kind == "truncate":
            return Response(
                response.body[: len(response.body) // 2],
                answer.status,
                answer.headers,
                "application/json; charset=utf-8",
            )
        return response


async def _failure(rule: Rule, is_x: bool) -> Response:
    """The answer of a fault that hides the true one."""
    if rule.kind == "timeout":
        await asyncio.sleep(60 if rule.seconds is None else rule.seconds)
        return Response(b"", 504)
    if rule.kind == "html":
        return Response(MAINTENANCE, int(rule.status or 200), media_type="text/html; charset=utf-8")
    if rule.kind == "expired_token":
        return _render(401, unauthorized().body if is_x else {"error": "Couldn't authenticate you"})
    status = int(rule.status or rule.kind)
    if status == 429:
        if is_x:
            body = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
            reset = str(int(time.time() + rule.retry_after + 0.999))
            return _render(
                429, body, {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
            )
        body = {"error": "APIRateLimitExceeded", "description": "Number of allowed API requests per minute exceeded"}
        wait = f"{rule.retry_after:g}"
        headers = {"retry-after": wait, "x-rate-limit": "700", "x-rate-limit-remaining": "0", "ratelimit-reset": wait}
        return _render(429, body, headers)
    if is_x:
        title = {502: "Bad Gateway", 503: "Service Unavailable"}.get(status, "Internal Server Error")
        return _render(status, {"title": title, "detail": title, "type": "about:blank", "status": status})
    return _render(status, {"error": "InternalError", "description": "Something went wrong"})


def description(sandbox: Sandbox, port: int) -> dict[str, Any]:
    """What a client needs to know of a running sandbox: the content of `sandbox.json`."""
    url = f"http://{HOST}:{port}"
    return {
        "url": url,
        "port": port,
        "pid": os.getpid(),
        "x": {"base_url": f"{url}/x", "token": X_TOKEN},
        "zendesk": {"base_url": f"{url}/zendesk", "email": ZENDESK_EMAIL, "token": ZENDESK_TOKEN},
        "first_at": _iso(sandbox.first_at),
        "end_at": _iso(sandbox.end_at),
    }


def _iso(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def listen(port: int) -> socket.socket:
    """A socket on the loopback interface; port 0 takes a free one. Raises OSError when the port is taken."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind((HOST, port))
    found.listen(128)
    return found


def server_of(sandbox: Sandbox) -> uvicorn.Server:
    """A uvicorn server, to be run on a socket made by `listen`."""
    config = uvicorn.Config(Endpoints(sandbox).app(), log_level="warning", access_log=False, lifespan="off")
    return uvicorn.Server(config)
