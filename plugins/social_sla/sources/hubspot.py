"""HubSpot Service Hub, declared. Shapes, permissions, limits and oddities: docs/sources/hubspot.md."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from social_sla.sources.auth import BearerAuth
from social_sla.sources.base import ApiVersion, Deletion, JsonObject, ReadContext, Request, Source, Stream, WindowKind
from social_sla.sources.client import RestClient
from social_sla.sources.errors import AccountNotFoundError
from social_sla.sources.instants import instant_of
from social_sla.sources.paging import CursorPager, SinglePage
from social_sla.sources.readers import children, epoch_millis, iso_millis, keyset, listing

_TICKETS = "/crm/v3/objects/tickets"
_THREADS = "/conversations/v3/conversations/threads"

# What changes of a ticket and is kept with its history.
HISTORY = (
    "hs_pipeline_stage",
    "hs_ticket_priority",
    "hubspot_owner_id",
    "hubspot_team_id",
    "hs_merged_object_ids",
)
PROPERTIES = (
    *HISTORY,
    "hs_pipeline",
    "subject",
    "source_type",
    "createdate",
    "closed_date",
    "hs_lastmodifieddate",
    "hs_tag_ids",
    "first_agent_reply_date",
    "time_to_first_agent_reply",
    "time_to_close",
    "hs_time_to_first_response_in_operating_hours",
    "hs_time_to_first_response_sla_at",
    "hs_time_to_first_response_sla_status",
    "hs_time_to_next_response_sla_at",
    "hs_time_to_next_response_sla_status",
    "hs_time_to_close_sla_at",
    "hs_time_to_close_sla_status",
)
_HISTORIES_AT_ONCE = 50
# Closing a thread moves it in no list: how long after its last message it is looked for.
CLOSING_LOOKBACK = timedelta(days=30)


def _cursor(in_body: bool = False) -> CursorPager:
    return CursorPager("results", "paging.next.after", "after", in_body=in_body)


def _changed(context: ReadContext, start: datetime) -> Request:
    found = {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": epoch_millis(start)}
    order = {"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}
    return Request(
        f"{_TICKETS}/search",
        json={"filterGroups": [{"filters": [found]}], "sorts": [order], "properties": list(PROPERTIES), "limit": 200},
    )


def _histories(context: ReadContext) -> Iterator[JsonObject]:
    """The search tells no history; reading by id does, a batch at a time."""
    batch: list[str] = []
    for ticket in context.landed("tickets"):
        batch.append(str(ticket["id"]))
        if len(batch) == _HISTORIES_AT_ONCE:
            yield from context.rows(_batch(batch), gone_is_empty=True)
            batch = []
    if batch:
        yield from context.rows(_batch(batch), gone_is_empty=True)


def _batch(ids: list[str]) -> Request:
    inputs = [{"id": found} for found in ids]
    return Request(
        f"{_TICKETS}/batch/read", json={"inputs": inputs, "properties": [], "propertiesWithHistory": list(HISTORY)}
    )


def _threads(context: ReadContext) -> Iterator[JsonObject]:
    """Each thread with when it changed last, of which the vendor has the parts."""
    params = {"association": "TICKET", "sort": "latestMessageTimestamp", "limit": "100"}
    since = "latestMessageTimestampAfter"
    for thread in listing(params, since=since, clock=iso_millis, overlap=CLOSING_LOOKBACK)(context):
        yield {"changed_at": _changed_at(thread), **thread}


def _changed_at(thread: JsonObject) -> Any:
    times = [thread.get(name) for name in ("createdAt", "latestMessageTimestamp", "closedAt") if thread.get(name)]
    try:
        return max(times, key=instant_of, default=None)
    except ValueError:
        return None


def _probe(client: RestClient, account: str) -> list[str]:
    details = client.get("/account-info/v3/details")
    portal = str(details.get("portalId"))
    if portal != account:
        raise AccountNotFoundError(
            f"The token of connection {client.connection_id!r} is of the account {portal}, not of {account}: "
            "channels.yaml names the account's number (Hub ID), the connection holds its token."
        )
    return [f"Logged in to account {portal} ({details.get('accountType')})."]


HUBSPOT = Source(
    name="hubspot",
    title="HubSpot Service Hub",
    default_base_url="https://api.hubapi.com",
    auth=lambda credentials: BearerAuth(credentials.token),
    probe=_probe,
    version=ApiVersion("v3"),
    # The index of the search lags behind.
    settle=timedelta(seconds=120),
    # Searches have a limit of their own, and tell nothing of it.
    limit_bucket=lambda path: "search" if path.endswith("/search") else "",
    streams=(
        Stream(
            name="tickets",
            endpoint=f"{_TICKETS}/search",
            pager=_cursor(in_body=True),
            reader=keyset(request=_changed),
            updated_path="updatedAt",
            required=("id", "createdAt", "updatedAt", "properties.hs_pipeline_stage"),
        ),
        Stream(
            name="ticket_histories",
            endpoint=f"{_TICKETS}/batch/read",
            pager=SinglePage("results"),
            reader=_histories,
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="updatedAt",
            required=("id", "updatedAt", "propertiesWithHistory"),
            depends_on=("tickets",),
        ),
        # The bin, for 90 days.
        Stream(
            name="archived_tickets",
            endpoint=_TICKETS,
            pager=_cursor(),
            reader=listing({"archived": "true", "limit": "100"}),
            updated_path="archivedAt",
            required=("id", "archivedAt"),
        ),
        Stream(
            name="threads",
            endpoint=_THREADS,
            pager=_cursor(),
            reader=_threads,
            updated_path="changed_at",
            required=("id", "changed_at", "createdAt", "inboxId", "status"),
        ),
        Stream(
            name="thread_messages",
            endpoint=f"{_THREADS}/{{id}}/messages",
            pager=_cursor(),
            reader=children("threads", f"{_THREADS}/{{id}}/messages", key="thread_id", params={"limit": "100"}),
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="createdAt",
            required=("id", "createdAt", "type"),
            depends_on=("threads",),
            deletion=Deletion.by_value("archived", True, required=("id", "createdAt")),
        ),
        # The bin, for 30 days; nothing says since when.
        Stream(
            name="archived_threads",
            endpoint=_THREADS,
            pager=_cursor(),
            reader=listing({"archived": "true", "limit": "100"}),
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
        ),
        Stream(
            name="pipelines",
            endpoint="/crm/v3/pipelines/tickets",
            pager=SinglePage("results"),
            reader=listing(),
            window_kind=WindowKind.SNAPSHOT,
            updated_path="updatedAt",
            required=("id", "stages"),
        ),
        Stream(
            name="owners",
            endpoint="/crm/v3/owners",
            pager=_cursor(),
            reader=listing({"limit": "100"}),
            window_kind=WindowKind.SNAPSHOT,
            updated_path="updatedAt",
            required=("id", "updatedAt"),
            deletion=Deletion.by_absence(),
        ),
        Stream(
            name="inboxes",
            endpoint="/conversations/v3/conversations/inboxes",
            pager=_cursor(),
            reader=listing({"limit": "100"}),
            window_kind=WindowKind.SNAPSHOT,
            updated_path="updatedAt",
            required=("id", "name"),
            deletion=Deletion.by_absence(),
        ),
    ),
)
