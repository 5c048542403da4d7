"""Zammad, declared. Shapes, permissions, limits and oddities: docs/sources/zammad.md."""

from __future__ import annotations

from datetime import timedelta

from social_sla.sources.auth import HeaderAuth
from social_sla.sources.base import Deletion, Source, Stream, WindowKind
from social_sla.sources.client import RestClient
from social_sla.sources.errors import AccessDeniedError
from social_sla.sources.paging import PageNumberPager, SinglePage
from social_sla.sources.readers import children, keyset, listing

# A condition without a query is answered by the database, not by the search index: nothing lags, and it needs none.
_CHANGED = "condition[ticket.updated_at]"
_LIST = {"per_page": "100", "expand": "true"}


def _probe(client: RestClient, account: str) -> list[str]:
    me = client.get("/api/v1/users/me", {"expand": "true"})
    lines = [f"Logged in to {account} as user {me.get('id')}."]
    if "Agent" not in (me.get("roles") or ["Agent"]):
        raise AccessDeniedError(
            f"User {me.get('id')} of connection {client.connection_id!r} is no agent: Zammad shows it its own tickets "
            "only. Give it the role Agent with read access to every group (docs/sources/zammad.md)."
        )
    groups = me.get("groups")
    if isinstance(groups, dict):
        lines.append(f"It sees the tickets of {len(groups)} groups: are these all?")
    return lines


ZAMMAD = Source(
    name="zammad",
    title="Zammad",
    default_base_url="https://{account}.zammad.com",
    auth=lambda credentials: HeaderAuth("Authorization", f"Token token={credentials.token}"),
    probe=_probe,
    settle=timedelta(seconds=10),
    streams=(
        Stream(
            name="tickets",
            endpoint="/api/v1/tickets/search",
            pager=PageNumberPager(),
            reader=keyset(
                {
                    f"{_CHANGED}[operator]": "after (absolute)",
                    "sort_by": "updated_at",
                    "order_by": "asc",
                    "per_page": "200",
                    "expand": "true",
                },
                since=f"{_CHANGED}[value]",
            ),
            required=("id", "updated_at", "created_at", "state_id", "group_id", "customer_id"),
        ),
        Stream(
            name="ticket_articles",
            endpoint="/api/v1/ticket_articles/by_ticket/{id}",
            pager=SinglePage(),
            reader=children("tickets", "/api/v1/ticket_articles/by_ticket/{id}", key="ticket_id"),
            window_kind=WindowKind.WITH_PARENTS,
            required=("id", "ticket_id", "created_at", "sender", "type", "internal"),
            depends_on=("tickets",),
        ),
        Stream(
            name="ticket_history",
            endpoint="/api/v1/ticket_history/{id}",
            pager=SinglePage("history"),
            reader=children("tickets", "/api/v1/ticket_history/{id}", key="ticket_id"),
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="created_at",
            required=("id", "created_at", "object", "type"),
            depends_on=("tickets",),
        ),
        Stream(
            name="groups",
            endpoint="/api/v1/groups",
            pager=PageNumberPager(),
            reader=listing(_LIST),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "name"),
            deletion=Deletion.by_absence(),
        ),
        Stream(
            name="ticket_states",
            endpoint="/api/v1/ticket_states",
            pager=PageNumberPager(),
            reader=listing(_LIST),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "name", "state_type"),
        ),
        Stream(
            name="ticket_priorities",
            endpoint="/api/v1/ticket_priorities",
            pager=PageNumberPager(),
            reader=listing(_LIST),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "name"),
        ),
    ),
)
