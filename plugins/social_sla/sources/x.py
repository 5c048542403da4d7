"""X (API v2), declared. Shapes, permissions, limits and oddities: docs/sources/x.md."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from requests.auth import AuthBase

from social_sla.sources.auth import BearerAuth
from social_sla.sources.base import (
    Credentials,
    JsonObject,
    ReadContext,
    Reader,
    Request,
    Source,
    Stream,
    WindowKind,
)
from social_sla.sources.client import RestClient
from social_sla.sources.errors import AccessDeniedError, AccountNotFoundError, IncompleteListingError
from social_sla.sources.paging import TokenPager

log = logging.getLogger(__name__)

TWEET_FIELDS = (
    "id",
    "text",
    "author_id",
    "created_at",
    "conversation_id",
    "in_reply_to_user_id",
    "referenced_tweets",
    "entities",
    "lang",
    "edit_history_tweet_ids",
    "public_metrics",
)
USER_FIELDS = ("created_at", "description", "verified")
RECENT, ARCHIVE = "/2/tweets/search/recent", "/2/tweets/search/all"
# Most recent tweets that a timeline gives, however far its start_time lies back.
TIMELINE_CAPS = {"mentions": 800, "tweets": 3_200}
# Deleted and protected tweets count towards the cap and are not shown: this near to it, a listing may be cut.
_CAP_MARGIN = 0.9
_RECENT_REACH = timedelta(days=7)
# A search's start is compared with the vendor's clock when the request arrives: stay clear of the edge.
_RECENT_MARGIN = timedelta(minutes=10)
_QUERY_LIMITS = {RECENT: 512, ARCHIVE: 1_024}
_PAGE_SIZES = {RECENT: "100", ARCHIVE: "500"}
# How long a thread is asked for again after its last mention or own tweet.
CONVERSATION_LOOKBACK = timedelta(days=2)
_SEARCH_PAGER = TokenPager("next_token")
_RETWEETED = "retweeted"


def _auth(credentials: Credentials) -> AuthBase:
    return BearerAuth(credentials.token)


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _look_up(client: RestClient, handle: str) -> JsonObject:
    """The account of a handle. Status is 200 also when there is none."""
    body = client.get("/2/users/by", {"usernames": handle, "user.fields": ",".join(USER_FIELDS)})
    for user in body.get("data") or []:
        if str(user.get("username", "")).casefold() == handle.casefold():
            found: JsonObject = user
            return found
    detail = "; ".join(str(error.get("detail") or error.get("title")) for error in body.get("errors") or [])
    raise AccountNotFoundError(
        f"X does not know the account @{handle}, or does not show it to connection {client.connection_id!r} "
        f"({detail or 'no reason given'}). Check the handle in channels.yaml (without @)."
    )


def _accounts(context: ReadContext) -> Iterator[JsonObject]:
    yield _look_up(context.client, context.account)


def _is_recent(context: ReadContext) -> bool:
    return context.window.start >= context.now - _RECENT_REACH + _RECENT_MARGIN


def _search(context: ReadContext, query: str) -> Iterator[JsonObject]:
    endpoint = RECENT if _is_recent(context) else ARCHIVE
    params = {
        "query": query,
        "start_time": _rfc3339(context.window.start),
        "end_time": _rfc3339(context.window.end),
        "max_results": _PAGE_SIZES[endpoint],
        "tweet.fields": ",".join(TWEET_FIELDS),
    }
    try:
        for page in context.pages(Request(endpoint, params), _SEARCH_PAGER):
            yield from page
    except AccessDeniedError as error:
        if endpoint == RECENT:
            raise
        raise AccessDeniedError(
            f"{error} The window begins more than 7 days ago, which only the full-archive search reaches: it needs a "
            "plan that includes it. Without it, extract daily and begin with the last 6 days."
        ) from error


def _is_retweet(tweet: JsonObject) -> bool:
    return any(reference.get("type") == _RETWEETED for reference in tweet.get("referenced_tweets") or [])


def _timeline(context: ReadContext) -> list[JsonObject] | None:
    """All tweets of a timeline since the window's start, or None where the cap may have cut it off.

    It is asked without an end. The cap counts from now backwards: with an end, a listing that the cap cut short would
    look complete. Retweets are left out, as the search does, so that either way gives the same partition.
    """
    user = _look_up(context.client, context.account)
    params = {
        "max_results": "100",
        "start_time": _rfc3339(context.window.start),
        "tweet.fields": ",".join(TWEET_FIELDS),
    }
    if context.stream.name == "tweets":
        params["exclude"] = "retweets"
    cap = TIMELINE_CAPS[context.stream.name]
    found: list[JsonObject] = []
    for page in context.pages(Request(context.stream.endpoint.format(id=user["id"]), params)):
        found.extend(page)
        if len(found) >= cap * _CAP_MARGIN:
            log.info(
                "x: the %s of @%s reach the cap of %d; searching instead.", context.stream.name, context.account, cap
            )
            return None
    return [tweet for tweet in found if not _is_retweet(tweet)]


def _listing(query: str) -> Reader:
    def read(context: ReadContext) -> Iterator[JsonObject]:
        """A recent window by the timeline where it is whole, else by search: no tweet may be missed."""
        tweets = _timeline(context) if _is_recent(context) else None
        if tweets is not None:
            yield from tweets
            return
        try:
            yield from _search(context, query.format(account=context.account))
        except AccessDeniedError as error:
            raise IncompleteListingError(
                f"The {context.stream.name} of @{context.account} cannot be listed completely: the timeline is out of "
                f"reach or ends at its cap, and the search is not allowed. Nothing was replaced. {error}"
            ) from error

    return read


def conversation_queries(ids: Iterable[str], limit: int) -> Iterator[str]:
    """`(conversation_id:1 OR conversation_id:2 …) -is:retweet`, as many ids as fit into `limit` characters."""
    suffix = " -is:retweet"
    room = limit - len(suffix) - 2
    terms: list[str] = []
    length = 0
    for conversation in sorted(ids):
        term = f"conversation_id:{conversation}"
        if terms and length + len(" OR ") + len(term) > room:
            yield f"({' OR '.join(terms)}){suffix}"
            terms, length = [], 0
        length += len(term) + (len(" OR ") if terms else 0)
        terms.append(term)
    if terms:
        yield f"({' OR '.join(terms)}){suffix}"


def _conversation_ids(context: ReadContext) -> set[str]:
    """Threads with a mention or an own tweet in the window, or shortly before it, as far as they are landed."""
    window, since = context.window, context.window.start - CONVERSATION_LOOKBACK
    found: set[str] = set()
    for stream in ("mentions", "tweets"):
        for manifest in context.landing.stream_manifests(context.source.name, context.account, stream):
            if manifest.partition_start >= window.end or manifest.partition_end <= since:
                continue
            for record in context.landing.read(manifest.key):
                if since <= record.record_updated_at < window.end:
                    conversation = json.loads(record.payload).get("conversation_id")
                    if conversation and str(conversation).isdecimal():
                        found.add(str(conversation))
    return found


def _conversations(context: ReadContext) -> Iterator[JsonObject]:
    endpoint = RECENT if _is_recent(context) else ARCHIVE
    for query in conversation_queries(_conversation_ids(context), _QUERY_LIMITS[endpoint]):
        yield from _search(context, query)


def _probe(client: RestClient, account: str) -> list[str]:
    user = _look_up(client, account)
    return [f"Found @{user['username']} (id {user['id']})."]


_REQUIRED = ("id", "created_at", "author_id", "conversation_id", "text")

X = Source(
    name="x",
    title="X",
    default_base_url="https://api.x.com",
    auth=_auth,
    probe=_probe,
    # Limits are per endpoint: ids in paths stand for one.
    limit_bucket=lambda path: re.sub(r"/\d+", "/{id}", path),
    # A search's end_time must lie at least 10 seconds back; the index needs a little longer.
    settle=timedelta(seconds=30),
    streams=(
        Stream(
            name="accounts",
            endpoint="/2/users/by",
            pager=TokenPager(may_lack_meta=True),
            reader=_accounts,
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id", "username"),
        ),
        Stream(
            name="mentions",
            endpoint="/2/users/{id}/mentions",
            pager=TokenPager(),
            reader=_listing("@{account} -is:retweet"),
            updated_path="created_at",
            required=_REQUIRED,
        ),
        Stream(
            name="tweets",
            endpoint="/2/users/{id}/tweets",
            pager=TokenPager(),
            reader=_listing("from:{account} -is:retweet"),
            updated_path="created_at",
            required=_REQUIRED,
        ),
        Stream(
            name="conversations",
            endpoint=ARCHIVE,
            pager=_SEARCH_PAGER,
            reader=_conversations,
            updated_path="created_at",
            required=_REQUIRED,
            depends_on=("mentions", "tweets"),
        ),
    ),
)
