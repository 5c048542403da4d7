"""What goes over the wire and what may be said about it: refusals as errors, messages without secrets."""

from __future__ import annotations

import base64
import logging
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from social_sla.sources.base import Credentials
from social_sla.sources.errors import AccessDeniedError, AuthenticationError, RequestError, SourceError

# Parameters whose values may be shown; all others are left out of messages.
SHOWN_PARAMETERS = frozenset(
    {
        "start_time",
        "end_time",
        "since",
        "until",
        "updated_since",
        "page",
        "per_page",
        "page[size]",
        "limit",
        "max_results",
        "maxResults",
        "include",
        "exclude",
        "order_by",
        "order_type",
        "sort",
        "tweet.fields",
        "user.fields",
    }
)
# Parameters that next-page URLs repeat although the auth puts them in.
SECRET_PARAMETERS = frozenset({"access_token", "appsecret_proof"})
SCRUBBED = "***"
# A secret this short is no real one, and would be found in innocent words.
_SHORTEST_SCRUBBED = 12


class NoAuth(AuthBase):
    """Sends no secret, and keeps requests from looking into ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def refused(status: int, where: str, connection_id: str, location: str, said: str) -> SourceError:
    """The error of a status that no retry cures. `said` is what the vendor says, without secrets."""
    said = f" The vendor says: {said}"
    if status == 401:
        return AuthenticationError(
            f"{where}: the secret of connection {connection_id!r} is not accepted (wrong, expired or "
            "revoked). Make a new token at the vendor and put it into that connection "
            f"(Airflow: Admin > Connections).{said}"
        )
    if status == 403:
        return AccessDeniedError(
            f"{where}: connection {connection_id!r} may not read this. Give its user or app the permissions "
            f"listed in docs/sources, or check that the plan includes this endpoint.{said}"
        )
    if status < 400:
        host = urlsplit(location).hostname or "another address"
        return RequestError(
            f"{where}: the vendor redirects to {host}. Secrets do not follow redirects: put that host into "
            f"connection {connection_id!r} if it is right.",
            status=status,
        )
    return RequestError(f"{where}: the vendor refuses the request.{said}", status=status)


def not_json(constant: str) -> float:
    """Python's parser takes NaN and Infinity; no reader of the landing would."""
    raise ValueError(constant)


class Redactor:
    """Takes a connection's secrets out of whatever is shown or kept, also those that a login gives while it runs."""

    def __init__(self, credentials: Credentials, auth: AuthBase) -> None:
        pairs = [f"{credentials.login}/token:{credentials.token}", f"{credentials.login}:{credentials.token}"]
        encoded = [base64.b64encode(pair.encode()).decode() for pair in pairs]
        self._known = [secret for secret in [*encoded, *credentials.secrets()] if secret]
        self._auth = auth

    def _secrets(self) -> list[str]:
        held: list[str] = self._auth.secrets() if hasattr(self._auth, "secrets") else []
        return sorted({*self._known, *held}, key=len, reverse=True)

    def text(self, text: str) -> str:
        """A message without them."""
        for secret in self._secrets():
            text = text.replace(secret, SCRUBBED)
        return text

    def body(self, content: bytes) -> bytes:
        """An answer without them: some vendors put the token into their next-page URLs."""
        for secret in self._secrets():
            if len(secret) >= _SHORTEST_SCRUBBED and secret.encode() in content:
                content = content.replace(secret.encode(), SCRUBBED.encode())
        return content


def kind_of(error: requests.RequestException) -> str:
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


def words_of(body: Any) -> list[str]:
    """Titles and messages of an error body of any of the vendors."""
    if isinstance(body, str):
        return [body]
    if isinstance(body, list):
        return [word for item in body[:3] for word in words_of(item)]
    if not isinstance(body, dict):
        return []
    found: list[str] = []
    for name in ("title", "error", "errors", "detail", "description", "error_description", "message", "reason"):
        found.extend(word for word in words_of(body.get(name)) if word not in found)
    return found


class HideQueries(logging.Filter):
    """urllib3 writes every path with its query at level DEBUG; a query may hold a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                f"{value.partition('?')[0]}?…" if isinstance(value, str) and "?" in value else value
                for value in record.args
            )
        return True


def hide_queries() -> None:
    """Puts the filter before urllib3's logger, once."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logger = logging.getLogger(name)
        if not any(isinstance(found, HideQueries) for found in logger.filters):
            logger.addFilter(HideQueries())
