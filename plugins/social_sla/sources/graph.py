"""What Facebook Pages and Instagram share: the Graph API's version, log-in, refusals and conversations."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

import requests
from requests.auth import AuthBase

from social_sla.sources.auth import QueryAuth
from social_sla.sources.base import (
    ApiVersion,
    Credentials,
    JsonObject,
    ReadContext,
    Reader,
    Request,
    Scopes,
    Stream,
    WindowKind,
)
from social_sla.sources.client import RestClient
from social_sla.sources.errors import (
    AccessDeniedError,
    AccountNotFoundError,
    AuthenticationError,
    RequestError,
    SourceError,
)
from social_sla.sources.instants import instant_of
from social_sla.sources.paging import graph_edge
from social_sla.sources.paths import at
from social_sla.sources.readers import Order, listing
from social_sla.sources.retry import Again, Refusal, asked_wait

VERSION = ApiVersion(
    "v25.0",
    expires_on=date(2028, 7, 29),
    header="facebook-api-version",
    announced_at="https://developers.facebook.com/docs/graph-api/changelog/versions",
)
BASE_URL = f"https://graph.facebook.com/{VERSION.name}"
PAGE_SIZE = "100"
# How far behind a window what lies below a parent may be: longer than an outage that delays the extraction.
REACH = timedelta(days=30)

_TOKEN = 190
_TRANSIENT = frozenset({1, 2})
_LIMITS = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})
_PERMISSIONS = frozenset({3, 10, *range(200, 300)})
_GONE = frozenset({(100, 33), (803, None)})
_RETIRED_VERSION = frozenset({12, 2635})


class GraphAuth(QueryAuth):
    """A token in the query, and the proof that the app's own secret is known where the connection has that."""

    def __init__(self, token: str, app_secret: str = "") -> None:
        super().__init__("access_token", token)
        proof = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        self._proof = QueryAuth("appsecret_proof", proof) if app_secret else None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request = super().__call__(request)
        return self._proof(request) if self._proof else request

    def secrets(self) -> list[str]:
        return [*super().secrets(), *(self._proof.secrets() if self._proof else [])]


def auth(credentials: Credentials) -> AuthBase:
    """The connection's password is a Page's token; its extra may hold `app_secret`."""
    return GraphAuth(credentials.token, str(credentials.extra.get("app_secret") or ""))


def refusal(refusal: Refusal) -> Again | SourceError | None:
    """The Graph API says with a code what it means; its status is 400 for most of it."""
    error = at(refusal.body, "error")
    if not isinstance(error, dict):
        return None
    code, subcode, words = error.get("code"), error.get("error_subcode"), str(error.get("message"))[:200]
    if code in _LIMITS:
        return Again(f"the limit is reached (code {code})", asked_wait(refusal.headers, lambda: refusal.now))
    if code in _TRANSIENT:
        return Again(f"a passing fault (code {code})")
    if code == _TOKEN:
        return AuthenticationError(f"The Page's token is not accepted: {words} Make a new one (docs/sources).")
    if code in _PERMISSIONS:
        return AccessDeniedError(f"The app or its token lacks a permission (docs/sources): {words}")
    if code in _RETIRED_VERSION:
        return SourceError(f"The Graph API does not answer in {VERSION.name} any more: update this connector. {words}")
    if (code, subcode) in _GONE or (code, None) in _GONE:
        return RequestError(f"It is gone, or not shown to this token: {words}", status=404)
    return None


def fields(*names: str) -> dict[str, str]:
    """The parameters of a list with these fields: only what is asked for comes."""
    return {"fields": ",".join(names), "limit": PAGE_SIZE}


def account_reader(*names: str) -> Reader:
    """The account itself, as one record."""

    def read(context: ReadContext) -> Iterator[JsonObject]:
        yield account_of(context.client, context.account, *names)

    return read


def account_of(client: RestClient, account: str, *names: str) -> JsonObject:
    """The account's own node.

    Raises:
        AccountNotFoundError: it answers as another one.
    """
    found = client.get(f"/{account}", {"fields": ",".join(names)})
    if str(found.get("id")) != account:
        raise AccountNotFoundError(
            f"The Graph API answers for {account} as {found.get('id')}: put that number into channels.yaml."
        )
    return found


def scopes_by_trying(permissions: Mapping[str, tuple[str, Mapping[str, str]]]) -> Callable[[RestClient, str], Scopes]:
    """A Page's token does not tell its permissions: each is tried with one record of a list that needs it."""

    def scopes(client: RestClient, account: str) -> Scopes:
        granted, missing = [], []
        for permission, (path, params) in permissions.items():
            try:
                client.get(path.format(account=account), {**params, "limit": "1"})
            except AccessDeniedError:
                missing.append(permission)
            else:
                granted.append(permission)
        return Scopes(tuple(granted), tuple(missing))

    return scopes


def below(
    path: str,
    *,
    key: str,
    parents: Callable[[ReadContext], Iterator[JsonObject]],
    params: Mapping[str, str],
    time: str,
    of: str = "id",
    nested: tuple[str, ...] = (),
    newest_first: bool = False,
) -> Reader:
    """One list a parent, of records not older than REACH before the window: an old thread is not landed again whole.

    Each record gets `key`, the parent's id, in front; those of the `nested` lists also `parent_id`, the record's id.
    `newest_first`: the list is read only as far.
    """

    def read(context: ReadContext) -> Iterator[JsonObject]:
        since = context.window.start - REACH
        for parent in parents(context):
            value = str(at(parent, of))
            request = Request(path.format(id=value), dict(params))
            for page in context.pages(request, gone_is_empty=True):
                times = [found for found in (_time(record, time) for record in page) if found is not None]
                for record in page:
                    if (_time(record, time) or since) >= since:
                        yield {key: value, **record}
                    for name in nested:
                        for inner in context.nested(record.get(name), graph_edge()):
                            if (_time(inner, time) or since) >= since:
                                yield {key: value, "parent_id": record["id"], **inner}
                if newest_first and times and max(times) < since:
                    break

    return read


def _time(record: JsonObject, path: str) -> datetime | None:
    """When a record was made; None where it does not say, or not in words of time."""
    try:
        return instant_of(at(record, path))
    except (ValueError, OverflowError, OSError):
        return None


def private_streams(path: str, platform: str, *message_fields: str) -> tuple[Stream, Stream]:
    """Conversations of a platform and their messages. Both come newest first.

    Of a conversation's messages, only the newest 20 have more than an id and a time: those without are landed, so that
    they are seen to be missing, and left out in staging.
    """
    conversations = Stream(
        name="conversations",
        endpoint=path,
        pager=graph_edge(),
        reader=listing(
            {"platform": platform, **fields("id", "updated_time", "participants", "message_count", "unread_count")},
            order=Order.NEWEST_FIRST,
        ),
        updated_path="updated_time",
        required=("id", "updated_time"),
    )
    names = ("id", "created_time", "from", "to", "message", *message_fields)
    messages = Stream(
        name="messages",
        endpoint="/{id}/messages",
        pager=graph_edge(),
        reader=below(
            "/{id}/messages",
            key="conversation_id",
            parents=lambda context: context.landed("conversations"),
            params=fields(*names),
            time="created_time",
            newest_first=True,
        ),
        window_kind=WindowKind.WITH_PARENTS,
        updated_path="created_time",
        required=("id", "created_time"),
        depends_on=("conversations",),
    )
    return conversations, messages
