"""Bluesky (AT protocol), declared. Shapes, permissions, limits and oddities: docs/sources/bluesky.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from social_sla.sources.auth import atproto_session
from social_sla.sources.base import (
    Deletion,
    JsonObject,
    ReadContext,
    Request,
    Source,
    Stream,
    Window,
    WindowKind,
)
from social_sla.sources.client import RestClient
from social_sla.sources.errors import AccountNotFoundError, AuthenticationError, RequestError, SourceError
from social_sla.sources.instants import instant_of
from social_sla.sources.paging import CursorPager, Page, SinglePage
from social_sla.sources.paths import at
from social_sla.sources.readers import Order, iso, iso_millis, listing
from social_sla.sources.retry import Again, Refusal

_SESSION = "/xrpc/com.atproto.server.getSession"
_PROFILE = "/xrpc/app.bsky.actor.getProfile"
_NOTIFICATIONS = "/xrpc/app.bsky.notification.listNotifications"
_FEED = "/xrpc/app.bsky.feed.getAuthorFeed"
_SEARCH = "/xrpc/app.bsky.feed.searchPosts"
_THREAD = "/xrpc/app.bsky.feed.getPostThread"
_POSTS = "/xrpc/app.bsky.feed.getPosts"
_POSTS_AT_ONCE = 25
# Lists are ordered by the time that a post claims, and an AppView can lag for hours: how far back they are read again,
# and how long a thread is asked for after its last post.
LOOKBACK = timedelta(days=2)
_DEEPEST = "1000"


@dataclass(frozen=True)
class AuthorFeedPager(CursorPager):
    """An author's own posts. Reposts stand at the time of the repost, not of the post, and are no messages."""

    def items(self, body: Any) -> list[JsonObject]:
        return [item for item in super().items(body) if not item.get("reason")]


@dataclass(frozen=True)
class ThreadPager:
    """A thread's tree as a list of its nodes, each without those below it."""

    def items(self, body: Any) -> list[JsonObject]:
        found: list[JsonObject] = []
        below = [at(body, "thread")]
        while below:
            node = below.pop()
            if isinstance(node, dict):
                below.extend(reversed(node.get("replies") or []))
                found.append({name: value for name, value in node.items() if name not in ("parent", "replies")})
                # At the depth that a server allows, it does not say what lies below.
                if "replies" not in node and at(node, "post.replyCount"):
                    found[-1]["is_cut"] = True
        return found

    def following(self, page: Page) -> None:
        return None


def _refusal(refusal: Refusal) -> Again | SourceError | None:
    """Old tokens and posts that are gone are both said with 400."""
    error = at(refusal.body, "error")
    if refusal.status == 400 and error in ("ExpiredToken", "InvalidToken"):
        return AuthenticationError(f"Bluesky does not accept the session any more ({error}).")
    if refusal.status == 400 and error == "NotFound":
        return RequestError("Bluesky does not have, or does not show, the post any more.", status=404)
    return None


def _account(client: RestClient, account: str) -> JsonObject:
    """The account's profile. Notifications are those of whoever logs in: it has to be the account itself."""
    session = client.get(_SESSION)
    try:
        profile = client.get(_PROFILE, {"actor": account})
    except RequestError as error:
        if error.status != 400:
            raise
        raise AccountNotFoundError(
            f"Bluesky does not know the account {account} (HTTP {error.status}). Check the handle in channels.yaml "
            "(without @, with its domain)."
        ) from error
    if profile.get("did") != session.get("did"):
        raise AccountNotFoundError(
            f"Connection {client.connection_id!r} logs in as {session.get('handle')}, not as {account}: notifications "
            "are shown to their owner only. Put that account's handle and an app password of it into the connection."
        )
    return profile


def _accounts(context: ReadContext) -> Iterator[JsonObject]:
    yield _account(context.client, context.account)


NOTIFICATIONS = Stream(
    name="notifications",
    endpoint=_NOTIFICATIONS,
    pager=CursorPager("notifications"),
    # Without `priority` the account's own setting may leave out who it does not follow.
    reader=listing(
        {"reasons": ("mention", "reply", "quote"), "limit": "100", "priority": "false"}, order=Order.NEWEST_FIRST
    ),
    record_id="uri",
    updated_path="indexedAt",
    required=("uri", "indexedAt", "author.did", "record.createdAt", "reason"),
)

POSTS = Stream(
    name="posts",
    endpoint=_FEED,
    pager=AuthorFeedPager("feed"),
    reader=listing(
        {"actor": "{account}", "filter": "posts_with_replies", "limit": "100"},
        order=Order.NEWEST_FIRST,
        overlap=LOOKBACK,
    ),
    record_id="post.uri",
    updated_path="post.indexedAt",
    required=("post.uri", "post.indexedAt", "post.author.did", "post.record.createdAt"),
)

SEARCH = Stream(
    name="search",
    endpoint=_SEARCH,
    pager=CursorPager("posts"),
    reader=listing(
        {"q": "{account}", "sort": "latest", "limit": "100"},
        since="since",
        until="until",
        clock=iso_millis,
        overlap=LOOKBACK,
        order=Order.NEWEST_FIRST,
    ),
    record_id="uri",
    updated_path="indexedAt",
    required=("uri", "indexedAt", "author.did", "record.createdAt"),
)


def _root(view: JsonObject) -> str | None:
    """The post that began a post's thread."""
    return at(view, "record.reply.root.uri") or view.get("uri")


def _recent_roots(context: ReadContext) -> set[str]:
    """Threads that were touched in the window or shortly before it: asked anew, so that none is missed because it
    showed up late."""
    window = Window(context.window.start - LOOKBACK, context.window.end)
    roots: set[str] = set()
    for stream, path in ((NOTIFICATIONS, ""), (POSTS, "post"), (SEARCH, "")):
        for record in stream.reader(replace(context, stream=stream, window=window)):
            view = at(record, path)
            moment, root = at(view, "indexedAt"), _root(view or {})
            if root and moment and window.start <= instant_of(moment) < window.end:
                roots.add(root)
    return roots


def _landed_posts(context: ReadContext) -> dict[str, str]:
    """Customers' posts that landed for the window or shortly before it, with the roots of their threads."""
    window, since = context.window, context.window.start - LOOKBACK
    found: dict[str, str] = {}
    for stream in (NOTIFICATIONS.name, SEARCH.name):
        for manifest in context.landing.stream_manifests(context.source.name, context.account, stream):
            if manifest.partition_start < window.end and manifest.partition_end > since:
                for record in context.landing.read(manifest.key):
                    if since <= record.record_updated_at < window.end:
                        found[record.record_id] = _root(json.loads(record.payload)) or record.record_id
    return found


def _threads(context: ReadContext) -> Iterator[JsonObject]:
    """Every post of the threads; and of the posts that were seen before, which are gone now."""
    landed = _landed_posts(context)
    seen: set[str] = set()
    for root in sorted({*_recent_roots(context), *landed.values()}):
        for post in _thread(context, root):
            if post.get("notFound"):
                post = _gone(context, post["uri"])
            seen.add(str(post.get("uri")))
            yield post
    # Of a window of long ago nobody can tell when a post went.
    if context.now < context.window.end + LOOKBACK:
        missing = sorted(set(landed) - seen)
        for begin in range(0, len(missing), _POSTS_AT_ONCE):
            some = missing[begin : begin + _POSTS_AT_ONCE]
            there = {
                post.get("uri") for post in context.rows(Request(_POSTS, {"uris": tuple(some)}), SinglePage("posts"))
            }
            yield from (_gone(context, uri) for uri in some if uri not in there)


def _thread(context: ReadContext, root: str) -> Iterator[JsonObject]:
    asked = {root}
    waiting = [root]
    while waiting:
        anchor = waiting.pop()
        request = Request(_THREAD, {"uri": anchor, "depth": _DEEPEST, "parentHeight": "0"})
        for node in context.rows(request, gone_is_empty=True):
            if node.get("notFound"):
                yield node
            elif "post" in node:
                yield node["post"]
            uri = at(node, "post.uri")
            if node.get("is_cut") and uri not in asked:
                asked.add(uri)
                waiting.append(uri)


def _gone(context: ReadContext, uri: str) -> JsonObject:
    """A tombstone. When exactly it went is unknown: by the end of the window at the latest."""
    return {"uri": uri, "notFound": True, "indexedAt": iso(context.window.end - timedelta(seconds=1))}


def _probe(client: RestClient, account: str) -> list[str]:
    profile = _account(client, account)
    return [f"Logged in as {profile.get('handle')} ({profile.get('did')})."]


BLUESKY = Source(
    name="bluesky",
    title="Bluesky",
    default_base_url="https://bsky.social",
    auth=lambda credentials: atproto_session(credentials.login, credentials.token),
    probe=_probe,
    refusal=_refusal,
    # Notifications are held back for some seconds; posts reach the AppView by way of the relay.
    settle=timedelta(seconds=60),
    streams=(
        Stream(
            name="accounts",
            endpoint=_PROFILE,
            pager=SinglePage(),
            reader=_accounts,
            window_kind=WindowKind.SNAPSHOT,
            record_id="did",
            updated_path=None,
            required=("did", "handle"),
        ),
        NOTIFICATIONS,
        POSTS,
        SEARCH,
        Stream(
            name="threads",
            endpoint=_THREAD,
            pager=ThreadPager(),
            reader=_threads,
            window_kind=WindowKind.WITH_PARENTS,
            record_id="uri",
            updated_path="indexedAt",
            required=("uri", "indexedAt", "author.did", "record.createdAt"),
            depends_on=("notifications", "search"),
            deletion=Deletion.by_value("notFound", True, required=("uri", "indexedAt")),
        ),
    ),
)
