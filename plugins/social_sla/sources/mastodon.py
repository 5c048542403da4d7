"""Mastodon, declared. Shapes, permissions, limits and oddities: docs/sources/mastodon.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from social_sla.sources.auth import BearerAuth
from social_sla.sources.base import (
    DELETED,
    Deletion,
    JsonObject,
    ReadContext,
    Request,
    Scopes,
    Source,
    Stream,
    WindowKind,
)
from social_sla.sources.client import RestClient
from social_sla.sources.errors import AccountNotFoundError, RequestError
from social_sla.sources.paging import LinkHeaderPager, SinglePage
from social_sla.sources.paths import at
from social_sla.sources.readers import Order, iso, listing

_ME = "/api/v1/accounts/verify_credentials"
_CONTEXT = "/api/v1/statuses/{id}/context"
_SCOPES = ("read:accounts", "read:notifications", "read:statuses")
# How long a thread is asked for again after its last mention or own status.
LOOKBACK = timedelta(days=2)


def _account(client: RestClient, account: str) -> JsonObject:
    """The account of the token, which has to be the one that is asked for: notifications are their owner's."""
    me = client.get(_ME)
    name = account.partition("@")[0]
    if str(me.get("username", "")).casefold() != name.casefold():
        raise AccountNotFoundError(
            f"Connection {client.connection_id!r} logs in as {me.get('username')} at {client.base_url}, not as "
            f"{account}. Make a token while logged in as {name} on its own server, and put that server's address into "
            "the connection's host."
        )
    return me


def _accounts(context: ReadContext) -> Iterator[JsonObject]:
    yield _account(context.client, context.account)


def _own_statuses(context: ReadContext, start: datetime) -> Request:
    me = _account(context.client, context.account)
    return Request(context.stream.endpoint.format(id=me["id"]), {"limit": "40", "exclude_reblogs": "true"})


def _landed_statuses(context: ReadContext) -> dict[int, JsonObject]:
    """Statuses that landed for the window or shortly before it, by their number, which rises with time."""
    window, since = context.window, context.window.start - LOOKBACK
    found: dict[int, JsonObject] = {}
    for stream, path in (("notifications", "status"), ("statuses", "")):
        for manifest in context.landing.stream_manifests(context.source.name, context.account, stream):
            if manifest.partition_start < window.end and manifest.partition_end > since:
                for record in context.landing.read(manifest.key):
                    status = at(json.loads(record.payload), path)
                    if status and since <= record.record_updated_at < window.end:
                        found[int(status["id"])] = status
    return found


def _contexts(context: ReadContext) -> Iterator[JsonObject]:
    """Every status of the threads that were touched, however old; and of those seen before, which are gone now."""
    seen: set[str] = set()
    for _, status in sorted(_landed_statuses(context).items()):
        if status["id"] in seen:
            continue
        found = _context(context, status["id"])
        if found is None:
            # Of a window of long ago nobody can tell when a status went.
            if context.now < context.window.end + LOOKBACK:
                gone_at = iso(context.window.end - timedelta(seconds=1))
                yield {DELETED: True, "id": status["id"], "created_at": gone_at}
            continue
        above, below = found
        if above:
            # Only from its beginning is a thread seen whole.
            whole = _context(context, above[0]["id"])
            below = [*above, *(whole[1] if whole else below)]
        seen |= {status["id"], *(str(other.get("id")) for other in below)}
        yield from below


def _context(context: ReadContext, status_id: str) -> tuple[list[JsonObject], list[JsonObject]] | None:
    """What is above and below a status; null where it is gone."""
    try:
        body = context.client.get(_CONTEXT.format(id=status_id))
    except RequestError as error:
        if error.status not in (404, 410):
            raise
        return None
    return SinglePage("ancestors").items(body), SinglePage("descendants").items(body)


def _probe(client: RestClient, account: str) -> list[str]:
    me = _account(client, account)
    return [f"Logged in as {me['username']} ({me.get('url')})."]


def _scopes(client: RestClient, account: str) -> Scopes:
    """What the app may ask for; servers before 4.3 do not tell."""
    granted = client.get("/api/v1/apps/verify_credentials").get("scopes")
    if not isinstance(granted, list):
        return Scopes(None)
    missing = tuple(scope for scope in _SCOPES if scope not in granted and "read" not in granted)
    return Scopes(tuple(granted), missing)


_REQUIRED = ("id", "created_at", "account.id", "account.url", "visibility")

MASTODON = Source(
    name="mastodon",
    title="Mastodon",
    default_base_url="https://mastodon.social",
    auth=lambda credentials: BearerAuth(credentials.token),
    probe=_probe,
    scopes=_scopes,
    # What other servers send takes a while to be worked off.
    settle=timedelta(seconds=60),
    streams=(
        Stream(
            name="accounts",
            endpoint=_ME,
            pager=SinglePage(),
            reader=_accounts,
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id", "username", "url"),
        ),
        Stream(
            name="notifications",
            endpoint="/api/v1/notifications",
            pager=LinkHeaderPager(),
            # Without include_filtered the account's own policy leaves out who it does not know.
            reader=listing(
                {"types[]": ("mention",), "include_filtered": "true", "limit": "80"}, order=Order.NEWEST_FIRST
            ),
            updated_path="created_at",
            required=("id", "created_at", "type", *(f"status.{path}" for path in _REQUIRED)),
        ),
        Stream(
            name="statuses",
            endpoint="/api/v1/accounts/{id}/statuses",
            pager=LinkHeaderPager(),
            reader=listing(order=Order.NEWEST_FIRST, request=_own_statuses),
            updated_path="created_at",
            required=_REQUIRED,
        ),
        Stream(
            name="contexts",
            endpoint=_CONTEXT,
            pager=SinglePage("descendants"),
            reader=_contexts,
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="created_at",
            required=_REQUIRED,
            depends_on=("notifications", "statuses"),
            deletion=Deletion.by_value(DELETED, True, required=("id", "created_at")),
        ),
    ),
)
