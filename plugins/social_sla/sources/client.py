"""The one HTTP client of all sources: time-outs, retries, limits, paging, and secrets that stay secret.

Why not dlt's RESTClient: docs/adr/0003-rest-client.md.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from social_sla.landing.model import LoadStats
from social_sla.sources.auth import SessionAuth
from social_sla.sources.base import Credentials, JsonObject, Request, Source
from social_sla.sources.errors import (
    AuthenticationError,
    PagingError,
    RequestError,
    SourceError,
    VendorUnavailableError,
    WaitNeeded,
)
from social_sla.sources.limits import Budget, Limiter
from social_sla.sources.paging import Next, Page, Pager, Params, path_and_params
from social_sla.sources.paths import put
from social_sla.sources.progress import Progress, fingerprint
from social_sla.sources.retry import RETRIED_STATUSES, Again, ClientOptions, Refusal, asked_wait, backoff
from social_sla.sources.wire import (
    SCRUBBED,
    SECRET_PARAMETERS,
    SHOWN_PARAMETERS,
    NoAuth,
    Redactor,
    hide_queries,
    kind_of,
    not_json,
    refused,
    words_of,
)

log = logging.getLogger(__name__)

_LONGEST_MESSAGE = 300
# Refusals that a run which goes on later need not hear again: what is gone stays gone.
_KEPT_REFUSALS = frozenset({404, 410})


def limiter_of(credentials: Credentials, options: ClientOptions) -> Limiter:
    """The limits of one connection, with the budget of its extra."""
    budget = Budget.of(credentials.extra, credentials.connection_id)
    return Limiter(credentials.connection_id, budget, options.limits_dir)


def open_client(
    source: Source,
    credentials: Credentials,
    account: str,
    *,
    stats: LoadStats | None = None,
    options: ClientOptions | None = None,
    limiter: Limiter | None = None,
    progress: Progress | None = None,
) -> RestClient:
    """The client of a declared source for one account."""
    return RestClient(
        credentials,
        source.base_url(credentials, account),
        source.auth(credentials),
        stats=stats,
        options=options,
        limiter=limiter,
        progress=progress,
        source=source,
    )


class _Again(Exception):
    """This try failed in a way that may pass. Internal."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


class RestClient:
    """Reads JSON from one vendor with one connection. Not for use by several threads at once.

    `stats` is counted into as calls are made, so that a load's manifest can say what it cost. `limiter` holds what the
    connection may still call; `progress` keeps answers, so that a run that ends early need not ask again.
    """

    def __init__(
        self,
        credentials: Credentials,
        base_url: str,
        auth: AuthBase,
        *,
        stats: LoadStats | None = None,
        options: ClientOptions | None = None,
        limiter: Limiter | None = None,
        progress: Progress | None = None,
        source: Source | None = None,
    ) -> None:
        self.connection_id = credentials.connection_id
        self.credentials = credentials
        self.base_url = base_url.rstrip("/")
        self.stats = stats or LoadStats()
        self.options = options or ClientOptions()
        self.limiter = limiter or limiter_of(credentials, self.options)
        self.last_headers: Mapping[str, str] = {}
        self.live_replies = 0
        self._progress = progress
        self._source = source
        self._auth = auth
        self._redactor = Redactor(credentials, auth)
        hide_queries()
        self._session = requests.Session()
        # An auth of our own also keeps requests from looking into ~/.netrc.
        self._session.auth = auth
        self._session.headers.update({"Accept": "application/json", "User-Agent": "social-sla/1"})
        if source is not None:
            self._session.headers.update(source.headers)

    def __repr__(self) -> str:
        return f"RestClient({self.base_url!r}, connection={self.connection_id!r})"

    def close(self) -> None:
        self._session.close()

    def pages(self, request: Request, pager: Pager) -> Iterator[list[JsonObject]]:
        """The records of a list, page by page, until the API says that it is the end.

        Raises:
            PagingError: a page points to one that was read already.
            SourceError: as `get`.
        """
        for rows, _ in self.marked_pages(request, pager):
            yield rows

    def marked_pages(self, request: Request, pager: Pager) -> Iterator[tuple[list[JsonObject], bool]]:
        """As `pages`, each page with whether it is the last."""
        seen: set[bytes] = set()
        kinds = (list,) if getattr(pager, "rows", None) == "" else (dict,)
        current: Request | None = request
        while current is not None:
            mark = fingerprint(current)
            if mark in seen:
                raise PagingError(
                    f"{self._shown(current)}: the list points back to a page that was read already, so it would never "
                    "end. Nothing was replaced; try again later, and report it to the vendor if it stays."
                )
            seen.add(mark)
            body, headers = self._ask(current, kinds)
            rows = pager.items(body)
            following = pager.following(Page(body, headers, current, len(rows)))
            yield rows, following is None
            current = None if following is None else self.request_of(following, current)

    def get(self, path: str, params: Params | None = None) -> JsonObject:
        """One JSON object. Passing trouble is retried: connection errors, time-outs, 408, 425, 429, 5xx, a cut-off
        body, something that is not JSON.

        Raises:
            AuthenticationError, AccessDeniedError: 401, 403.
            RequestError: another 4xx, or a redirect.
            VendorUnavailableError: it did not pass within the tries and the waiting time of the options.
            WaitNeeded: the vendor asks for a longer pause than the options let this process sleep.
            BudgetSpentError: the calls that the user allows are made.
        """
        body: JsonObject = self.ask(Request(path, dict(params or {})))
        return body

    def ask(self, request: Request, kinds: tuple[type, ...] = (dict,)) -> Any:
        """The JSON answer to any request; `kinds` are the types that it may have. Raises as `get`."""
        return self._ask(request, kinds)[0]

    def sign_in(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        auth: AuthBase | None = None,
    ) -> JsonObject:
        """A login: gives the answer's JSON, which is kept nowhere. `url` may be another host's (OAuth).

        POSTs `form` or `json`; with `params` it is a GET (Graph API: a page's token from a user's).

        Raises:
            AuthenticationError: 400, 401 or 403.
        """
        shown = Request(urlsplit(url).path)
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._sign_in(shown, url, {"data": form, "json": json, "params": params}, auth or NoAuth())
            except _Again as again:
                self._wait(shown, again, attempt)

    def _sign_in(self, shown: Request, url: str, sent: Mapping[str, Any], auth: AuthBase) -> JsonObject:
        self._take_turn(shown, "sign in")
        response = self._send("GET" if sent["params"] is not None else "POST", self._url(url), auth=auth, **sent)
        if response.status_code in (400, 401, 403):
            raise AuthenticationError(
                f"HTTP {response.status_code} at {self._shown(shown)}: the login of connection "
                f"{self.connection_id!r} is not accepted (wrong, expired or revoked). Put a new one into that "
                f"connection (Airflow: Admin > Connections). The vendor says: {self._message(response)}"
            )
        if response.status_code >= 300:
            self._refuse(shown, response)
        body: JsonObject = self._json(response, response.content, (dict,))
        return body

    def _ask(self, request: Request, kinds: tuple[type, ...]) -> tuple[Any, Mapping[str, str]]:
        stored = self._progress.replay(request) if self._progress is not None else None
        if stored is not None:
            return json.loads(stored.content), stored.headers
        attempt = 0
        renewed = False
        while True:
            attempt += 1
            try:
                if isinstance(self._auth, SessionAuth) and not self._auth.is_fresh:
                    self._auth.renew(self)
                    renewed = True
                response = self._try(request)
                content = self._redactor.body(response.content)
                body = self._json(response, content, kinds)
            except _Again as again:
                self._wait(request, again, attempt)
            except AuthenticationError:
                if renewed or not isinstance(self._auth, SessionAuth):
                    raise
                self._auth.renew(self)
                renewed = True
            except RequestError as error:
                if self._progress is not None and error.status in _KEPT_REFUSALS and self.live_replies:
                    self._progress.keep(request, str(error).encode(), {}, status=error.status)
                raise
            else:
                self.live_replies += 1
                if self._progress is not None:
                    self._progress.keep(request, content, response.headers)
                return body, response.headers

    def _try(self, request: Request) -> requests.Response:
        bucket = self._source.limit_bucket(request.path) if self._source is not None else ""
        self._take_turn(request, bucket)
        params = {name: list(value) if isinstance(value, tuple) else value for name, value in request.params.items()}
        method, url = "GET" if request.json is None else "POST", self._url(request.path)
        # A link that an answer gave (an export's file) may lead to another host: no secret goes there.
        auth = NoAuth() if url == request.path else self._auth
        response = self._send(method, url, params=params, json=request.json, auth=auth)
        self.last_headers = response.headers
        if response.status_code != 429:  # a refusal says itself how long to wait
            self.limiter.learn(bucket, response.headers, self.options.clock())
        if response.status_code >= 300:
            self._refuse(request, response)
        return response

    def _take_turn(self, request: Request, bucket: str) -> None:
        """Waits until the limits let one more call through, and counts it."""
        while True:
            wait, reason = self.limiter.wait_for(bucket, self.options.clock())
            if wait <= 0:
                return
            self._pause(request, wait, reason)
            self.limiter.waited(bucket)

    def _send(self, method: str, url: str, **more: Any) -> requests.Response:
        self.stats.call_count += 1
        timeouts = (self.options.connect_timeout, self.options.read_timeout)
        try:
            return self._session.request(method, url, timeout=timeouts, allow_redirects=False, **more)
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
            # requests puts the header's value, which is the secret, into its message.
            raise SourceError(
                f"The connection {self.connection_id!r} cannot be used: its host or its secret has a form that HTTP "
                "does not allow. Enter both again."
            ) from None
        except requests.RequestException as error:
            raise _Again(f"{type(error).__name__}: {kind_of(error)}") from None

    def _json(self, response: requests.Response, content: bytes, kinds: tuple[type, ...]) -> Any:
        try:
            body = json.loads(content, parse_constant=not_json)
        except (ValueError, RecursionError):
            kind = response.headers.get("Content-Type", "no type").split(";")[0]
            raise _Again(f"the answer is not valid JSON ({kind}, {len(response.content)} bytes)") from None
        if not isinstance(body, kinds):
            wanted = " or ".join("an object" if kind is dict else "a list" for kind in kinds)
            raise _Again(f"the answer is a JSON {type(body).__name__}, not {wanted}")
        return body

    def _refuse(self, request: Request, response: requests.Response) -> None:
        status = response.status_code
        own = self._own_words(response)
        if isinstance(own, Again):
            raise _Again(own.reason, own.seconds)
        if isinstance(own, SourceError):
            raise own
        if status in RETRIED_STATUSES or status >= 500:
            words = f" ({self._message(response)})" if status == 429 else ""
            raise _Again(f"HTTP {status}{words}", asked_wait(response.headers, self.options.clock))
        where, location = f"HTTP {status} at {self._shown(request)}", response.headers.get("Location", "")
        raise refused(status, where, self.connection_id, location, self._message(response))

    def _own_words(self, response: requests.Response) -> Again | SourceError | None:
        if self._source is None or self._source.refusal is None:
            return None
        try:
            body = json.loads(self._redactor.body(response.content))
        except ValueError:
            body = None
        return self._source.refusal(Refusal(response.status_code, response.headers, body, self.options.clock()))

    def _wait(self, request: Request, again: _Again, attempt: int) -> None:
        options = self.options
        if attempt >= options.max_attempts:
            raise VendorUnavailableError(
                f"{self._shown(request)} failed {attempt} times, the last time with: {again.reason}. Nothing was "
                "replaced. Look at the vendor's status page and run it again."
            )
        # What the vendor asks for is never shortened; a little on top, so that many runs do not return at once.
        seconds = backoff(attempt, options) if again.wait is None else again.wait + options.jitter()
        self._pause(request, seconds, f"{again.reason}; try {attempt + 1} follows")

    def _pause(self, request: Request, seconds: float, reason: str) -> None:
        """Sleeps, or says until when to come back. Logged and counted either way."""
        options = self.options
        if self.stats.wait_seconds + seconds > options.max_wait_seconds:
            raise VendorUnavailableError(
                f"{self._shown(request)}: {reason}, and waiting {seconds:.0f} s more would pass the "
                f"{options.max_wait_seconds:.0f} s that a run may wait ({self.stats.wait_seconds:.0f} s were used). "
                "Nothing was replaced. Run it again later, over a shorter window, or raise max_wait_seconds."
            )
        waited = self.stats.wait_seconds
        self.stats.wait_seconds += seconds
        if seconds > options.longest_sleep_seconds:
            until = datetime.fromtimestamp(options.clock() + seconds, UTC)
            message = (
                f"{self._shown(request)}: {reason}. Goes on at {until.isoformat(timespec='seconds')} "
                f"({seconds:.0f} s) where it stopped."
            )
            log.info("%s", message)
            raise WaitNeeded(message, until=until)
        log.info("%s: %s; waiting %.1f s (waited %.1f s so far).", self._shown(request), reason, seconds, waited)
        options.sleep(seconds)

    def request_of(self, following: Next, current: Request) -> Request:
        """The request of a next page."""
        if following.url is not None:
            path, params = path_and_params(following.url)
            base_path = urlsplit(self.base_url).path
            clean = {
                name: value for name, value in params.items() if name not in SECRET_PARAMETERS and value != SCRUBBED
            }
            return Request(path.removeprefix(base_path) if base_path else path, clean)
        body = current.json
        for name, value in (following.body or {}).items():
            body = put(body or {}, name, value)
        return Request(current.path, {**current.params, **(following.params or {})}, body)

    def _url(self, path: str) -> str:
        return path if "://" in path else f"{self.base_url}/{path.lstrip('/')}"

    def _shown(self, request: Request) -> str:
        """The request for people: values of parameters are left out unless they are known to be harmless."""
        shown = "&".join(
            f"{name}={value if name in SHOWN_PARAMETERS and isinstance(value, str) and len(value) < 40 else '…'}"
            for name, value in request.params.items()
        )
        return self.redact(f"{self._url(request.path)}{'?' + shown if shown else ''}")

    def _message(self, response: requests.Response) -> str:
        """The vendor's own words, without secrets and without a page of HTML."""
        try:
            body = json.loads(response.content)
        except ValueError:
            return f"({response.headers.get('Content-Type', 'no type').split(';')[0]}, no JSON)"
        words = words_of(body)
        return self.redact(" – ".join(words)[:_LONGEST_MESSAGE]) or "(nothing)"

    def redact(self, text: str) -> str:
        """`text` without this connection's secrets."""
        return self._redactor.text(text)
