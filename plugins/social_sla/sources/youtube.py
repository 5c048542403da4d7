"""YouTube (Data API v3), declared. Shapes, permissions, limits and oddities: docs/sources/youtube.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from social_sla.sources.auth import QueryAuth
from social_sla.sources.base import JsonObject, ReadContext, Request, Source, Stream, WindowKind
from social_sla.sources.client import RestClient
from social_sla.sources.errors import AccountNotFoundError, AuthenticationError, SourceError
from social_sla.sources.instants import instant_of
from social_sla.sources.paging import CursorPager, SinglePage
from social_sla.sources.paths import at
from social_sla.sources.readers import Order, listing
from social_sla.sources.retry import Again, Refusal, asked_wait

_CHANNELS, _THREADS, _COMMENTS = "/youtube/v3/channels", "/youtube/v3/commentThreads", "/youtube/v3/comments"
# An answer changes nothing about its thread but the count: how old a thread may be to be looked at for new ones.
REACH = timedelta(days=30)
# Answers that are older than this before the window were landed with theirs.
LOOKBACK = timedelta(days=2)
_QUOTA_ZONE = ZoneInfo("America/Los_Angeles")
_DAY_IS_SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_WRONG_KEY = frozenset({"keyInvalid", "keyExpired", "API_KEY_INVALID"})


def _refusal(refusal: Refusal) -> Again | SourceError | None:
    """Limits are said with 403, a wrong key with 400; the reason tells them apart."""
    errors = at(refusal.body, "error.errors") or []
    details = at(refusal.body, "error.details") or []
    reasons = {item.get("reason") for item in [*errors, *details] if isinstance(item, dict)}
    if reasons & _DAY_IS_SPENT:
        return Again("the quota of the day is used up", _until_midnight(refusal.now))
    if reasons & _TOO_FAST:
        return Again("the limit of a minute is reached", asked_wait(refusal.headers, lambda: refusal.now) or 60.0)
    if reasons & _WRONG_KEY:
        return AuthenticationError("Google does not accept the API key of the connection (wrong, expired, deleted).")
    return None


def _until_midnight(now: float) -> float:
    """Seconds until the day of the quota ends: at midnight in California."""
    moment = datetime.fromtimestamp(now, UTC).astimezone(_QUOTA_ZONE)
    midnight = datetime.combine(moment.date() + timedelta(days=1), datetime.min.time(), _QUOTA_ZONE)
    return (midnight.astimezone(UTC) - datetime.fromtimestamp(now, UTC)).total_seconds()


def _channel(client: RestClient, account: str) -> JsonObject:
    found = SinglePage("items").items({"items": [], **client.get(_CHANNELS, {"part": "snippet", "id": account})})
    if not found:
        raise AccountNotFoundError(
            f"YouTube does not know the channel {account}. Check it in channels.yaml: the id that begins with UC "
            "(Studio: Settings > Channel > Advanced settings), not the handle."
        )
    return found[0]


def _accounts(context: ReadContext) -> Iterator[JsonObject]:
    yield _channel(context.client, context.account)


THREADS = Stream(
    name="threads",
    endpoint=_THREADS,
    pager=CursorPager("items", "nextPageToken", "pageToken"),
    # Ordered by creation: read as far as an edited one can be.
    reader=listing(
        {
            "part": "snippet,replies",
            "allThreadsRelatedToChannelId": "{account}",
            "order": "time",
            "textFormat": "plainText",
            "maxResults": "100",
        },
        order=Order.NEWEST_FIRST,
        overlap=REACH,
    ),
    updated_path="snippet.topLevelComment.snippet.updatedAt",
    required=(
        "id",
        "snippet.topLevelComment.snippet.publishedAt",
        "snippet.topLevelComment.snippet.updatedAt",
        "snippet.totalReplyCount",
    ),
)


def _replies(context: ReadContext) -> Iterator[JsonObject]:
    """The answers of all threads within reach. A thread brings up to five: the others are asked for."""
    since = context.window.start - LOOKBACK
    for thread in THREADS.reader(replace(context, stream=THREADS)):
        count = at(thread, "snippet.totalReplyCount")
        if not count or not thread.get("id"):
            continue
        replies = at(thread, "replies.comments") or []
        if len(replies) < count:
            params = {"part": "snippet", "parentId": thread["id"], "textFormat": "plainText", "maxResults": "100"}
            replies = context.rows(Request(_COMMENTS, params), gone_is_empty=True)
        for reply in replies:
            updated = at(reply, "snippet.updatedAt")
            if updated is None or instant_of(updated) >= since:
                yield reply


def _probe(client: RestClient, account: str) -> list[str]:
    channel = _channel(client, account)
    return [f"Found the channel {at(channel, 'snippet.title')!r} ({channel['id']})."]


YOUTUBE = Source(
    name="youtube",
    title="YouTube",
    default_base_url="https://youtube.googleapis.com",
    auth=lambda credentials: QueryAuth("key", credentials.token),
    probe=_probe,
    refusal=_refusal,
    settle=timedelta(seconds=120),
    streams=(
        Stream(
            name="accounts",
            endpoint=_CHANNELS,
            pager=SinglePage("items"),
            reader=_accounts,
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id", "snippet.title"),
        ),
        THREADS,
        Stream(
            name="replies",
            endpoint=_COMMENTS,
            pager=CursorPager("items", "nextPageToken", "pageToken"),
            reader=_replies,
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="snippet.updatedAt",
            required=("id", "snippet.parentId", "snippet.publishedAt", "snippet.updatedAt"),
            depends_on=("threads",),
        ),
    ),
)
