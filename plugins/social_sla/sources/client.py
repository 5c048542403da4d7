"""The one HTTP client of all sources: time-outs, retries, limits, paging, and secrets that stay secret.

Why not dlt's RESTClient: docs/adr/0003-rest-client.md.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from social_sla.landing.model import LoadStats
from social_sla.sources.base import Credentials, JsonObject, Request
from social_sla.sources.errors import (
    AccessDeniedError,
    AuthenticationError,
    PagingError,
    RequestError,
    SourceError,
    VendorUnavailableError,
)
from social_sla.sources.paging import Next, Pager, path_and_params
from social_sla.sources.retry import RETRIED_STATUSES, ClientOptions, asked_wait, backoff

log = logging.getLogger(__name__)

_SHOWN_PARAMETERS = frozenset(
    {
        "start_time",
        "end_time",
        "per_page",
        "page[size]",
        "max_results",
        "include",
        "exclude",
        "tweet.fields",
        "user.fields",
    }
)
_LONGEST_MESSAGE = 300


class BearerAuth(AuthBase):
    """`Authorization: Bearer <token>`."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class BasicAuth(AuthBase):
    """`Authorization: Basic <user:password in base 64>`."""

    def __init__(self, user: str, password: str) -> None:
        self._value = base64.b64encode(f"{user}:{password}".encode()).decode()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Basic {self._value}"
        return request


class _Again(Exception):
    """This try failed in a way that may pass. Internal."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


class RestClient:
    """GETs JSON objects from one vendor with one connection. Not for use by several threads at once.

    `stats` is counted into as calls are made, so that a load's manifest can say what it cost.
    """

    def __init__(
        self,
        credentials: Credentials,
        base_url: str,
        auth: AuthBase,
        *,
        stats: LoadStats | None = None,
        options: ClientOptions | None = None,
    ) -> None:
        self.connection_id = credentials.connection_id
        self.base_url = base_url.rstrip("/")
        self.stats = stats or LoadStats()
        self.options = options or ClientOptions()
        self.last_headers: Mapping[str, str] = {}
        self._secrets = _secrets_of(credentials)
        self._session = requests.Session()
        # An auth of our own also keeps requests from looking into ~/.netrc.
        self._session.auth = auth
        self._session.headers.update({"Accept": "application/json", "User-Agent": "social-sla/1"})

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
        seen: set[int] = set()
        following: Next | None = Next()
        current = request
        while following is not None:
            fingerprint = hash((current.path, frozenset(current.params.items())))
            if fingerprint in seen:
                raise PagingError(
                    f"{self._shown(current)}: the list points back to a page that was read already, so it would never "
                    "end. Nothing was replaced; try again later, and report it to the vendor if it stays."
                )
            seen.add(fingerprint)
            body = self.get(current.path, current.params)
            yield pager.items(body)
            following = pager.following(body)
            if following is not None:
                current = self._request_of(following, current)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> JsonObject:
        """One JSON object. Passing trouble is retried: connection errors, time-outs, 408, 425, 429, 5xx, a cut-off
        body, something that is not JSON.

        Raises:
            AuthenticationError, AccessDeniedError: 401, 403.
            RequestError: another 4xx, or a redirect.
            VendorUnavailableError: it did not pass within the tries and the waiting time of the options.
        """
        request = Request(path, dict(params or {}))
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._try(request)
            except _Again as again:
                self._wait(request, again, attempt)

    def _try(self, request: Request) -> JsonObject:
        self.stats.call_count += 1
        timeouts = (self.options.connect_timeout, self.options.read_timeout)
        try:
            response = self._session.get(
                self._url(request.path), params=dict(request.params), timeout=timeouts, allow_redirects=False
            )
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
            # requests puts the header's value, which is the secret, into its message.
            raise SourceError(
                f"The connection {self.connection_id!r} cannot be used: its host or its secret has a form that HTTP "
                "does not allow. Enter both again."
            ) from None
        except requests.RequestException as error:
            raise _Again(f"{type(error).__name__}: {_kind_of(error)}") from None
        self.last_headers = response.headers
        if response.status_code >= 300:
            self._refuse(request, response)
        return self._json(response)

    def _json(self, response: requests.Response) -> JsonObject:
        try:
            body = json.loads(response.content, parse_constant=_not_json)
        except (ValueError, RecursionError):
            kind = response.headers.get("Content-Type", "no type").split(";")[0]
            raise _Again(f"the answer is not valid JSON ({kind}, {len(response.content)} bytes)") from None
        if not isinstance(body, dict):
            raise _Again(f"the answer is a JSON {type(body).__name__}, not an object")
        return body

    def _refuse(self, request: Request, response: requests.Response) -> None:
        status = response.status_code
        if status in RETRIED_STATUSES or status >= 500:
            words = f" ({self._message(response)})" if status == 429 else ""
            raise _Again(f"HTTP {status}{words}", asked_wait(response.headers, self.options.clock))
        where = f"HTTP {status} at {self._shown(request)}"
        said = f" The vendor says: {self._message(response)}"
        if status == 401:
            raise AuthenticationError(
                f"{where}: the secret of connection {self.connection_id!r} is not accepted (wrong, expired or "
                "revoked). Make a new token at the vendor and put it into that connection "
                f"(Airflow: Admin > Connections).{said}"
            )
        if status == 403:
            raise AccessDeniedError(
                f"{where}: connection {self.connection_id!r} may not read this. Give its user or app the permissions "
                f"listed in docs/sources, or check that the plan includes this endpoint.{said}"
            )
        if status < 400:
            host = urlsplit(response.headers.get("Location", "")).hostname or "another address"
            raise RequestError(
                f"{where}: the vendor redirects to {host}. Secrets do not follow redirects: put that host into "
                f"connection {self.connection_id!r} if it is right.",
                status=status,
            )
        raise RequestError(f"{where}: the vendor refuses the request.{said}", status=status)

    def _wait(self, request: Request, again: _Again, attempt: int) -> None:
        options = self.options
        if attempt >= options.max_attempts:
            raise VendorUnavailableError(
                f"{self._shown(request)} failed {attempt} times, the last time with: {again.reason}. Nothing was "
                "replaced. Look at the vendor's status page and run it again."
            )
        # What the vendor asks for is never shortened; a little on top, so that many runs do not return at once.
        seconds = backoff(attempt, options) if again.wait is None else again.wait + options.jitter()
        if self.stats.wait_seconds + seconds > options.max_wait_seconds:
            raise VendorUnavailableError(
                f"{self._shown(request)}: {again.reason}, and waiting {seconds:.0f} s more would pass the "
                f"{options.max_wait_seconds:.0f} s that a run may wait ({self.stats.wait_seconds:.0f} s were used). "
                "Nothing was replaced. Run it again later, over a shorter window, or raise max_wait_seconds."
            )
        log.info(
            "%s: %s; waiting %.1f s before try %d (waited %.1f s so far).",
            self._shown(request),
            again.reason,
            seconds,
            attempt + 1,
            self.stats.wait_seconds,
        )
        self.stats.wait_seconds += seconds
        options.sleep(seconds)

    def _request_of(self, following: Next, current: Request) -> Request:
        if following.url is not None:
            path, params = path_and_params(following.url)
            base_path = urlsplit(self.base_url).path
            return Request(path.removeprefix(base_path) if base_path else path, params)
        return Request(current.path, {**current.params, **(following.params or {})})

    def _url(self, path: str) -> str:
        return f"{self.base_url}/{path.lstrip('/')}"

    def _shown(self, request: Request) -> str:
        """The request for people: values of parameters are left out unless they are known to be harmless."""
        shown = "&".join(
            f"{name}={value if name in _SHOWN_PARAMETERS and len(value) < 40 else '…'}"
            for name, value in request.params.items()
        )
        return self.redact(f"{self._url(request.path)}{'?' + shown if shown else ''}")

    def _message(self, response: requests.Response) -> str:
        """The vendor's own words, without secrets and without a page of HTML."""
        try:
            body = json.loads(response.content)
        except ValueError:
            return f"({response.headers.get('Content-Type', 'no type').split(';')[0]}, no JSON)"
        words = _words(body)
        return self.redact(" – ".join(words)[:_LONGEST_MESSAGE]) or "(nothing)"

    def redact(self, text: str) -> str:
        """`text` without this connection's secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _not_json(constant: str) -> float:
    """Python's parser takes NaN and Infinity; no reader of the landing would."""
    raise ValueError(constant)


def _secrets_of(credentials: Credentials) -> list[str]:
    pairs = [f"{credentials.login}/token:{credentials.token}", f"{credentials.login}:{credentials.token}"]
    encoded = [base64.b64encode(pair.encode()).decode() for pair in pairs]
    return [secret for secret in [*encoded, credentials.token] if secret]


def _kind_of(error: requests.RequestException) -> str:
    """What happened, without the message: it holds the URL with its parameters."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "the TLS certificate is not accepted"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not let it through"
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return "the body was cut off"
    return "no connection, or it broke"


def _words(body: Any) -> list[str]:
    """Titles and messages of an error body of any of the vendors."""
    if isinstance(body, str):
        return [body]
    if isinstance(body, list):
        return [word for item in body[:3] for word in _words(item)]
    if not isinstance(body, dict):
        return []
    found: list[str] = []
    for name in ("title", "error", "errors", "detail", "description", "message", "reason"):
        found.extend(word for word in _words(body.get(name)) if word not in found)
    return found
