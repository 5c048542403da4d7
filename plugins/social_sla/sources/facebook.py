"""Facebook Pages (Graph API), declared. Shapes, permissions, limits and oddities: docs/sources/facebook.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

from social_sla.sources.base import JsonObject, ReadContext, Source, Stream, WindowKind
from social_sla.sources.client import RestClient
from social_sla.sources.graph import (
    BASE_URL,
    VERSION,
    account_of,
    account_reader,
    auth,
    below,
    fields,
    private_streams,
    refusal,
    scopes_by_trying,
)
from social_sla.sources.paging import graph_edge
from social_sla.sources.paths import at
from social_sla.sources.readers import epoch, listing

# A comment moves the time of change of its post. How old a post may be to be found by that.
POST_REACH = timedelta(days=90)
# And how long the comments of a post are read again after that time, should an answer to a comment not move it.
COMMENT_LOOKBACK = timedelta(days=7)
# A review has no time of change: how long it is looked at for an answer.
REVIEW_LOOKBACK = timedelta(days=30)

_ACCOUNT = ("id", "name", "username", "link")
_POST = (
    "id",
    "from",
    "message",
    "story",
    "created_time",
    "updated_time",
    "status_type",
    "permalink_url",
    "message_tags",
    "is_hidden",
)
_COMMENT = (
    "id",
    "from",
    "message",
    "created_time",
    "parent{id}",
    "message_tags",
    "comment_count",
    "is_hidden",
    "is_private",
)
_REVIEW = (
    "created_time",
    "has_rating",
    "has_review",
    "rating",
    "recommendation_type",
    "review_text",
    "reviewer{id,name}",
    "open_graph_story{id}",
)


def _review_id(review: JsonObject) -> str:
    """The story's id; a bare rating may have none."""
    return str(at(review, "open_graph_story.id") or f"{at(review, 'reviewer.id')}/{review['created_time']}")


def _landed_before(*streams: str, lookback: timedelta) -> Callable[[ReadContext], Iterator[JsonObject]]:
    """What these streams have landed for the window or, as far as it is there, for the time shortly before it."""

    def read(context: ReadContext) -> Iterator[JsonObject]:
        window, since = context.window, context.window.start - lookback
        found: dict[str, JsonObject] = {}
        for stream in streams:
            for manifest in context.landing.stream_manifests(context.source.name, context.account, stream):
                if manifest.partition_start < window.end and manifest.partition_end > since:
                    for record in context.landing.read(manifest.key):
                        if since <= record.record_updated_at < window.end:
                            found[record.record_id] = json.loads(record.payload)
        yield from (found[record_id] for record_id in sorted(found))

    return read


def _reviews_with_story(context: ReadContext) -> Iterator[JsonObject]:
    reviews = _landed_before("reviews", lookback=REVIEW_LOOKBACK)
    return (review for review in reviews(context) if at(review, "open_graph_story.id"))


def _posts(name: str) -> Stream:
    """Posts by their time of change. The list is by creation: it is read as far as a post can be found."""
    return Stream(
        name=name,
        endpoint=f"/{{account}}/{'feed' if name == 'posts' else name}",
        pager=graph_edge(),
        reader=listing(fields(*_POST), since="since", clock=epoch, overlap=POST_REACH),
        updated_path="updated_time",
        required=("id", "created_time", "updated_time"),
    )


def _probe(client: RestClient, account: str) -> list[str]:
    page = account_of(client, account, *_ACCOUNT)
    return [f"Found the Page {page.get('name')!r} ({page['id']})."]


FACEBOOK = Source(
    name="facebook",
    title="Facebook Pages",
    default_base_url=BASE_URL,
    auth=auth,
    probe=_probe,
    refusal=refusal,
    version=VERSION,
    scopes=scopes_by_trying(
        {
            "pages_read_engagement": ("/{account}/feed", {"fields": "id"}),
            "pages_read_user_content": ("/{account}/ratings", {"fields": "created_time"}),
            "pages_messaging": ("/{account}/conversations", {"platform": "messenger", "fields": "id"}),
        }
    ),
    settle=timedelta(seconds=60),
    streams=(
        Stream(
            name="accounts",
            endpoint="/{account}",
            pager=graph_edge(),
            reader=account_reader(*_ACCOUNT),
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id", "name"),
        ),
        _posts("posts"),
        _posts("tagged"),
        Stream(
            name="comments",
            endpoint="/{id}/comments",
            pager=graph_edge(),
            reader=below(
                "/{id}/comments",
                key="post_id",
                parents=_landed_before("posts", "tagged", lookback=COMMENT_LOOKBACK),
                params={"filter": "stream", "order": "reverse_chronological", **fields(*_COMMENT)},
                time="created_time",
                newest_first=True,
            ),
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="created_time",
            required=("id", "created_time"),
            depends_on=("posts", "tagged"),
        ),
        *private_streams("/{account}/conversations", "messenger", "tags", "sticker", "attachments{id,mime_type,name}"),
        Stream(
            name="reviews",
            endpoint="/{account}/ratings",
            pager=graph_edge(),
            reader=listing(fields(*_REVIEW)),
            record_id=_review_id,
            updated_path="created_time",
            required=("created_time", "reviewer.id"),
        ),
        Stream(
            name="review_comments",
            endpoint="/{id}/comments",
            pager=graph_edge(),
            reader=below(
                "/{id}/comments",
                key="review_id",
                of="open_graph_story.id",
                parents=_reviews_with_story,
                params={"filter": "stream", "order": "reverse_chronological", **fields(*_COMMENT)},
                time="created_time",
                newest_first=True,
            ),
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="created_time",
            required=("id", "created_time"),
            depends_on=("reviews",),
        ),
    ),
)
