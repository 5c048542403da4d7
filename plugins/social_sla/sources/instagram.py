"""Instagram (Graph API), declared. Shapes, permissions, limits and oddities: docs/sources/instagram.md."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from social_sla.sources.base import JsonObject, ReadContext, Source, Stream, WindowKind
from social_sla.sources.client import RestClient
from social_sla.sources.graph import (
    BASE_URL,
    REACH,
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
from social_sla.sources.readers import Order, listing

# A comment moves nothing of its post: how old a post may be to be asked for comments.
MEDIA_REACH = timedelta(days=90)

_ACCOUNT = ("id", "username", "name")
_MEDIA = (
    "id",
    "caption",
    "timestamp",
    "media_type",
    "media_product_type",
    "permalink",
    "comments_count",
    "username",
)
_COMMENT = ("id", "text", "timestamp", "username", "from", "hidden")
_REPLIES = f"replies.limit(50){{{','.join(_COMMENT)}}}"


def _commented(context: ReadContext) -> Iterator[JsonObject]:
    """Posts of the account that have comments."""
    return (media for media in context.landed("media") if media.get("comments_count") != 0)


def _probe(client: RestClient, account: str) -> list[str]:
    user = account_of(client, account, *_ACCOUNT)
    return [f"Found @{user.get('username')} ({user['id']})."]


INSTAGRAM = Source(
    name="instagram",
    title="Instagram",
    default_base_url=BASE_URL,
    auth=auth,
    probe=_probe,
    refusal=refusal,
    version=VERSION,
    scopes=scopes_by_trying(
        {
            "instagram_basic": ("/{account}/media", {"fields": "id"}),
            "instagram_manage_comments": ("/{account}/tags", {"fields": "id"}),
            "instagram_manage_messages": ("/me/conversations", {"platform": "instagram", "fields": "id"}),
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
            required=("id", "username"),
        ),
        # As they are now, as far back as one can have new comments.
        Stream(
            name="media",
            endpoint="/{account}/media",
            pager=graph_edge(),
            reader=listing(fields(*_MEDIA), order=Order.NEWEST_FIRST, overlap=MEDIA_REACH),
            window_kind=WindowKind.SNAPSHOT,
            updated_path="timestamp",
            required=("id", "timestamp"),
        ),
        # A new answer can stand below an old comment: every comment is looked at.
        Stream(
            name="comments",
            endpoint="/{id}/comments",
            pager=graph_edge(),
            reader=below(
                "/{id}/comments",
                key="media_id",
                parents=_commented,
                params={**fields(*_COMMENT, _REPLIES), "limit": "50"},
                time="timestamp",
                nested=("replies",),
            ),
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="timestamp",
            required=("id", "timestamp"),
            depends_on=("media",),
        ),
        Stream(
            name="tags",
            endpoint="/{account}/tags",
            pager=graph_edge(),
            # By the time of the tag, which is not told, and mostly by that of the post.
            reader=listing(fields(*_MEDIA), order=Order.NEWEST_FIRST, overlap=REACH, patience=3),
            updated_path="timestamp",
            required=("id", "timestamp"),
        ),
        *private_streams("/me/conversations", "instagram"),
    ),
)
