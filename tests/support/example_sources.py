"""Invented vendors, declared: between them every way of paging and logging in that the shared client knows."""

from __future__ import annotations

from datetime import timedelta

from social_sla.sources.auth import HeaderAuth, QueryAuth, atproto_session, oauth2
from social_sla.sources.base import Credentials, Deletion, Request, Source, Stream, WindowKind
from social_sla.sources.client import RestClient
from social_sla.sources.errors import AccountNotFoundError
from social_sla.sources.paging import (
    CursorPager,
    LinkHeaderPager,
    OffsetPager,
    PageNumberPager,
    SinglePage,
    graph_edge,
)
from social_sla.sources.readers import Order, children, epoch, in_body, iso, keyset, listing


def probe(client: RestClient, account: str) -> list[str]:
    """Asks who we are."""
    if client.get("/me").get("id") is None:
        raise AccountNotFoundError(f"There is no account {account}.")
    return [f"Found {account}."]


DESK = Source(
    name="desk",
    title="Example Desk",
    default_base_url="https://{account}.desk.example",
    auth=lambda credentials: HeaderAuth("api_access_token", credentials.token),
    probe=probe,
    streams=(
        # Numbered pages over records that move when they change: asked anew from the last time.
        Stream(
            name="tickets",
            endpoint="/api/tickets",
            pager=LinkHeaderPager(),
            reader=keyset({"per_page": "100", "order": "asc"}, since="updated_since"),
            required=("id", "updated_at", "status"),
            deletion=Deletion.by_time("deleted_at", required=("id", "updated_at")),
        ),
        Stream(
            name="replies",
            endpoint="/api/tickets/{id}/replies",
            pager=PageNumberPager("replies"),
            reader=children("tickets", "/api/tickets/{id}/replies", key="ticket_id", params={"per_page": "50"}),
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="created_at",
            required=("id", "created_at", "author"),
            depends_on=("tickets",),
        ),
        Stream(
            name="agents",
            endpoint="/api/agents",
            pager=OffsetPager("agents", total="meta.total"),
            reader=listing(),
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id", "name"),
            deletion=Deletion.by_absence(),
        ),
        # A search by POST, with the cursor in the JSON that is sent.
        Stream(
            name="events",
            endpoint="/api/events/search",
            pager=CursorPager("data", "pages.next.starting_after", "pagination.starting_after", in_body=True),
            reader=listing(
                request=lambda context, start: in_body(
                    Request(context.stream.endpoint, json={"pagination": {"per_page": 150}}),
                    "query",
                    {"field": "at", "operator": ">", "value": int(start.timestamp()) - 1},
                ),
                overlap=timedelta(minutes=5),
            ),
            updated_path="at",
            required=("id", "at"),
        ),
    ),
)


SOCIAL = Source(
    name="social",
    title="Example Social",
    default_base_url="https://social.example",
    auth=lambda credentials: atproto_session(credentials.login, credentials.token),
    probe=probe,
    streams=(
        Stream(
            name="notifications",
            endpoint="/xrpc/notifications",
            pager=CursorPager("notifications"),
            reader=listing({"limit": "100"}, order=Order.NEWEST_FIRST),
            record_id="uri",
            updated_path="indexedAt",
            required=("uri", "indexedAt", "author.did"),
        ),
        Stream(
            name="posts",
            endpoint="/{account}/feed",
            pager=graph_edge(),
            reader=listing(since="since", until="until", clock=epoch),
            updated_path="created_time",
            required=("id", "created_time"),
        ),
        Stream(
            name="comments",
            endpoint="/{id}/comments",
            pager=graph_edge(),
            reader=children("posts", "/{id}/comments", key="post_id", nested={"replies": graph_edge()}),
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="created_time",
            required=("id", "created_time"),
            depends_on=("posts",),
        ),
    ),
)


def _oauth(credentials: Credentials) -> object:
    form = {"grant_type": "refresh_token", "refresh_token": credentials.option("refresh_token")}
    return oauth2("/api/v1/access_token", credentials.login, credentials.token, form)


VIDEO = Source(
    name="video",
    title="Example Video",
    default_base_url="https://video.example",
    auth=lambda credentials: QueryAuth("key", credentials.token),
    probe=probe,
    streams=(
        Stream(
            name="threads",
            endpoint="/v3/commentThreads",
            pager=CursorPager("items", "nextPageToken", "pageToken"),
            reader=listing({"part": "snippet", "channel": "{account}"}, since="after", clock=iso),
            updated_path="snippet.updatedAt",
            required=("id", "snippet.updatedAt"),
        ),
        Stream(
            name="channel",
            endpoint="/v3/channels",
            pager=SinglePage("items"),
            reader=listing({"part": "snippet"}),
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id", "title"),
        ),
    ),
)

BOARD = Source(
    name="board",
    title="Example Board",
    default_base_url="https://oauth.board.example",
    auth=_oauth,  # type: ignore[arg-type]
    probe=probe,
    headers={"User-Agent": "social-sla/1 (by the example)"},
    streams=(
        Stream(
            name="inbox",
            endpoint="/message/inbox",
            pager=CursorPager("data.children", "data.after", "after"),
            reader=listing({"limit": "100", "raw_json": "1"}, order=Order.NEWEST_FIRST),
            record_id="data.name",
            updated_path="data.created_utc",
            required=("data.name", "data.created_utc"),
        ),
    ),
)
