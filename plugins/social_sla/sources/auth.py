"""How to log in: strategies that put a secret into a request. Those that fetch a session renew it by themselves."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests
from requests.auth import AuthBase

from social_sla.sources.errors import AuthenticationError
from social_sla.sources.paths import at

if TYPE_CHECKING:
    from social_sla.sources.client import RestClient


class HeaderAuth(AuthBase):
    """A header of the vendor's own: Chatwoot `api_access_token: …`, Zammad `Authorization: Token token=…`."""

    def __init__(self, name: str, value: str) -> None:
        self._name = name
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self._name] = self._value
        return request

    def secrets(self) -> list[str]:
        """Texts that must be in no message."""
        return [self._value]


class BearerAuth(HeaderAuth):
    """`Authorization: Bearer <token>`."""

    def __init__(self, token: str, scheme: str = "Bearer") -> None:
        super().__init__("Authorization", f"{scheme} {token}")


class BasicAuth(HeaderAuth):
    """`Authorization: Basic <user:password in base 64>`."""

    def __init__(self, user: str, password: str) -> None:
        self._encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
        super().__init__("Authorization", f"Basic {self._encoded}")

    def secrets(self) -> list[str]:
        return [self._encoded]


class QueryAuth(AuthBase):
    """A secret in the query, for APIs that know no header (YouTube `key`). It is added when the request is sent, so
    that neither a message nor the progress of an extraction ever holds it."""

    def __init__(self, name: str, token: str) -> None:
        self._name = name
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        parts = urlsplit(request.url or "")
        query = "&".join(filter(None, [parts.query, urlencode({self._name: self._token})]))
        request.url = urlunsplit(parts._replace(query=query))
        return request

    def secrets(self) -> list[str]:
        return [self._token]


class SessionAuth(AuthBase):
    """A login that gives a token for a while. The client calls `renew` before the first request and once after a 401.

    `log_in` asks for a token and gives the answer's JSON; `refresh`, where the vendor has it, does so with the answer
    before. `token` is the path of the token in the answer.
    """

    def __init__(
        self,
        log_in: Callable[[RestClient], Mapping[str, Any]],
        *,
        refresh: Callable[[RestClient, Mapping[str, Any]], Mapping[str, Any]] | None = None,
        token: str = "access_token",  # noqa: S107 - a path, no password
        scheme: str = "Bearer",
    ) -> None:
        self._log_in = log_in
        self._refresh = refresh
        self._path = token
        self._scheme = scheme
        self.session: Mapping[str, Any] = {}

    @property
    def is_fresh(self) -> bool:
        """Whether there is a token to send."""
        return bool(at(self.session, self._path))

    def renew(self, client: RestClient) -> None:
        """Gets a token: by refreshing where that works, else by logging in.

        Raises:
            AuthenticationError: the vendor does not accept the login, or gives no token.
        """
        session: Mapping[str, Any] = {}
        if self._refresh is not None and self.session:
            try:
                session = self._refresh(client, self.session)
            except AuthenticationError:
                session = {}
        if not at(session, self._path):
            self.session = {}
            session = self._log_in(client)
        if not at(session, self._path):
            raise AuthenticationError(
                f"The vendor accepts the login of connection {client.connection_id!r} but gives no token "
                f"({self._path!r} is missing in its answer)."
            )
        self.session = session

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"{self._scheme} {at(self.session, self._path)}"
        return request

    def secrets(self) -> list[str]:
        # Not everything in a session is a secret: the account's id, say, is in every record.
        words = ("token", "jwt", "secret", "password")
        named = [value for name, value in self.session.items() if any(word in name.lower() for word in words)]
        found = [value for value in named if isinstance(value, str) and len(value) >= 16]
        return [str(at(self.session, self._path)), *found] if self.session else []


def oauth2(
    token_url: str, client_id: str, client_secret: str, form: Mapping[str, str], *, scheme: str = "Bearer"
) -> SessionAuth:
    """OAuth 2 at `token_url`, the client's id and secret as Basic. `form` says which grant: `grant_type` =
    `client_credentials`, `refresh_token` (with `refresh_token`), `password` (with `username`, `password`)."""

    def log_in(client: RestClient) -> Mapping[str, Any]:
        return client.sign_in(token_url, form=form, auth=BasicAuth(client_id, client_secret))

    return SessionAuth(log_in, scheme=scheme)


def atproto_session(identifier: str, password: str) -> SessionAuth:
    """Bluesky and every other PDS: `createSession` with an app password, `refreshSession` while that lasts."""

    def log_in(client: RestClient) -> Mapping[str, Any]:
        body = {"identifier": identifier, "password": password}
        return client.sign_in("/xrpc/com.atproto.server.createSession", json=body)

    def refresh(client: RestClient, session: Mapping[str, Any]) -> Mapping[str, Any]:
        token = BearerAuth(str(session.get("refreshJwt")))
        return client.sign_in("/xrpc/com.atproto.server.refreshSession", auth=token)

    return SessionAuth(log_in, refresh=refresh, token="accessJwt")  # noqa: S106 - a path, no password
