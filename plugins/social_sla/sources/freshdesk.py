"""Freshdesk, declared. Shapes, permissions, limits and oddities: docs/sources/freshdesk.md."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from social_sla.sources.auth import BasicAuth
from social_sla.sources.base import ApiVersion, Deletion, JsonObject, ReadContext, Request, Source, Stream, WindowKind
from social_sla.sources.client import RestClient
from social_sla.sources.errors import AccessDeniedError, IncompleteListingError
from social_sla.sources.paging import LinkHeaderPager, SinglePage, path_and_params, rows_at
from social_sla.sources.readers import children, day, keyset, listing, when_asked

ACTIVITIES = "ticket_activities"
"""Stream, and option of the connection's extra: the daily export of activities is part of the larger plans only."""

_PAGE = {"per_page": "100"}
_EXPORT = "/api/v2/export/ticket_activities"
# Files of activities older than this are gone.
_KEPT = timedelta(days=30)
_GLOBAL_ACCESS = 1


def _probe(client: RestClient, account: str) -> list[str]:
    me: dict[str, Any] = client.get("/api/v2/agents/me")
    lines = [f"Logged in to {account} as agent {me.get('id')}."]
    if me.get("ticket_scope") not in (None, _GLOBAL_ACCESS):
        lines.append("This agent sees only some of the tickets: give it global access, or tickets will be missing.")
    return lines


def _tickets(context: ReadContext) -> Iterator[JsonObject]:
    """The list of tickets leaves out spam and what is in the bin: these have lists of their own."""
    for name in ("", "spam", "deleted"):
        params = {"order_by": "updated_at", "order_type": "asc", "include": "stats,description", **_PAGE}
        yield from keyset({**params, "filter": name} if name else params, since="updated_since")(context)


def _activities(context: ReadContext) -> Iterator[JsonObject]:
    """The file of the day before each day of the window: its day is the account's own, and is over by then."""
    moment = datetime.combine(context.window.start.astimezone(UTC).date(), time(), UTC)
    if moment < context.window.start:
        moment += timedelta(days=1)
    while moment < context.window.end:
        if moment - timedelta(days=1) >= context.now - _KEPT:
            yield from _file(context, moment)
        moment += timedelta(days=1)


def _file(context: ReadContext, over_at: datetime) -> Iterator[JsonObject]:
    """One file's rows, each with when the file was over, its place in it, and which of several equal rows it is."""
    name = day(over_at - timedelta(days=1))
    export = context.client.get(_EXPORT, {"created_at": name}).get("export") or []
    links = [str(found["url"]) for found in ([export] if isinstance(export, dict) else export) if found.get("url")]
    if not links:
        raise IncompleteListingError(
            f"Freshdesk has no file of the activities of {name}. Nothing was replaced. Is the export on (Admin "
            f"> Ticket activities export)? Else take {ACTIVITIES!r} out of connection {context.client.connection_id!r}."
        )
    equal: Counter[str] = Counter()
    number = 0
    for link in links:
        for row in rows_at(_behind(context, link, name), "activities_data"):
            number += 1
            equal[_digest(row)] += 1
            yield {"file_over_at": over_at.isoformat(), "file_row": number, "equal_row": equal[_digest(row)], **row}


def _digest(row: JsonObject) -> str:
    own = {name: value for name, value in row.items() if name not in ("file_over_at", "file_row", "equal_row")}
    return hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:24]


def _activity_id(row: JsonObject) -> str:
    """Rows have no id of the vendor's."""
    return f"{_digest(row)}-{row['equal_row']}"


def _behind(context: ReadContext, link: str, name: str) -> Any:
    _, params = path_and_params(link)
    try:
        return context.client.ask(Request(link.partition("?")[0], params))
    except AccessDeniedError as error:
        raise IncompleteListingError(
            f"The link to Freshdesk's file of the activities of {name} is not accepted: such links last for minutes. "
            f"Nothing was replaced: run it again. {error}"
        ) from error


FRESHDESK = Source(
    name="freshdesk",
    title="Freshdesk",
    default_base_url="https://{account}.freshdesk.com",
    # The key is the user name; what stands as password does not count.
    auth=lambda credentials: BasicAuth(credentials.token, "X"),
    probe=_probe,
    settle=timedelta(seconds=60),
    version=ApiVersion("v2"),
    streams=(
        Stream(
            name="tickets",
            endpoint="/api/v2/tickets",
            pager=LinkHeaderPager(),
            reader=_tickets,
            required=("id", "updated_at", "created_at", "status", "requester_id"),
            deletion=Deletion.by_value("deleted", True, required=("id", "updated_at")),
        ),
        Stream(
            name="conversations",
            endpoint="/api/v2/tickets/{id}/conversations",
            pager=LinkHeaderPager(),
            reader=children("tickets", "/api/v2/tickets/{id}/conversations", key="ticket_id", params=_PAGE),
            window_kind=WindowKind.WITH_PARENTS,
            required=("id", "ticket_id", "created_at", "updated_at", "incoming", "private"),
            depends_on=("tickets",),
        ),
        Stream(
            name=ACTIVITIES,
            endpoint=_EXPORT,
            pager=SinglePage("activities_data"),
            reader=when_asked(ACTIVITIES, _activities),
            record_id=_activity_id,
            updated_path="file_over_at",
            required=("ticket_id", "performed_at", "activity"),
        ),
        Stream(
            name="agents",
            endpoint="/api/v2/agents",
            pager=LinkHeaderPager(),
            reader=listing(_PAGE),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "updated_at"),
            deletion=Deletion.by_absence(),
        ),
        Stream(
            name="groups",
            endpoint="/api/v2/groups",
            pager=LinkHeaderPager(),
            reader=listing(_PAGE),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "name"),
            deletion=Deletion.by_absence(),
        ),
        Stream(
            name="ticket_fields",
            endpoint="/api/v2/ticket_fields",
            pager=LinkHeaderPager(),
            reader=listing(),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "name"),
        ),
        Stream(
            name="sla_policies",
            endpoint="/api/v2/sla_policies",
            pager=LinkHeaderPager(),
            reader=listing(_PAGE),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "name"),
        ),
    ),
)
