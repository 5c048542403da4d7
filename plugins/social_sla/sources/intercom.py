"""Intercom, declared. Shapes, permissions, limits and oddities: docs/sources/intercom.md."""

from __future__ import annotations

from datetime import datetime, timedelta

from social_sla.sources.auth import BearerAuth
from social_sla.sources.base import ApiVersion, Deletion, ReadContext, Request, Source, Stream, WindowKind
from social_sla.sources.client import RestClient
from social_sla.sources.errors import AccountNotFoundError
from social_sla.sources.paging import CursorPager, SinglePage
from social_sla.sources.readers import MakeRequest, children, listing

VERSION = "2.15"

# Searches may take times as days of the workspace's own zone: one day for that, one for the zone. The rest is left out.
_COARSE = timedelta(days=2)
CUSTOMER = "Customer"


def _changed(path: str) -> MakeRequest:
    """A search for what changed from some time on until the window's end, both generously."""

    def make(context: ReadContext, start: datetime) -> Request:
        bounds = ((">", start), ("<", context.window.end + _COARSE))
        filters = [
            {"field": "updated_at", "operator": operator, "value": int(moment.timestamp())}
            for operator, moment in bounds
        ]
        return Request(path, json={"query": {"operator": "AND", "value": filters}, "pagination": {"per_page": 150}})

    return make


def _search(rows: str) -> CursorPager:
    return CursorPager(rows, "pages.next.starting_after", "pagination.starting_after", in_body=True)


def _probe(client: RestClient, account: str) -> list[str]:
    me = client.get("/me")
    workspace = (me.get("app") or {}).get("id_code")
    if workspace != account:
        raise AccountNotFoundError(
            f"The token of connection {client.connection_id!r} is of the workspace {workspace}, not of {account}: "
            "channels.yaml names the workspace's id (Settings > General), the connection holds its token."
        )
    return [f"Logged in to workspace {workspace}."]


INTERCOM = Source(
    name="intercom",
    title="Intercom",
    default_base_url="https://api.intercom.io",
    auth=lambda credentials: BearerAuth(credentials.token),
    probe=_probe,
    headers={"Intercom-Version": VERSION},
    version=ApiVersion(VERSION, header="Intercom-Version"),
    settle=timedelta(seconds=60),
    streams=(
        Stream(
            name="conversations",
            endpoint="/conversations/search",
            pager=_search("conversations"),
            reader=listing(request=_changed("/conversations/search"), overlap=_COARSE),
            required=("id", "created_at", "updated_at", "state"),
        ),
        Stream(
            name="conversation_parts",
            endpoint="/conversations/{id}",
            pager=SinglePage("conversation_parts.conversation_parts"),
            reader=children(
                "conversations", "/conversations/{id}", key="conversation_id", params={"display_as": "plaintext"}
            ),
            window_kind=WindowKind.WITH_PARENTS,
            required=("id", "part_type", "created_at", "updated_at"),
            depends_on=("conversations",),
        ),
        Stream(
            name="tickets",
            endpoint="/tickets/search",
            pager=_search("tickets"),
            reader=listing(request=_changed("/tickets/search"), overlap=_COARSE),
            required=("id", "created_at", "updated_at", "category"),
        ),
        # Back-office and tracker tickets are among colleagues.
        Stream(
            name="ticket_parts",
            endpoint="/tickets/{id}",
            pager=SinglePage("ticket_parts.ticket_parts"),
            reader=children(
                "tickets", "/tickets/{id}", key="ticket_id", only=lambda ticket: ticket.get("category") == CUSTOMER
            ),
            window_kind=WindowKind.WITH_PARENTS,
            required=("id", "part_type", "created_at", "updated_at"),
            depends_on=("tickets",),
        ),
        Stream(
            name="admins",
            endpoint="/admins",
            pager=SinglePage("admins"),
            reader=listing(),
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id",),
            deletion=Deletion.by_absence(),
        ),
        Stream(
            name="teams",
            endpoint="/teams",
            pager=SinglePage("teams"),
            reader=listing(),
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id", "name"),
            deletion=Deletion.by_absence(),
        ),
    ),
)
