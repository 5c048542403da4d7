"""Zendesk Support, declared. Shapes, permissions, limits and oddities: docs/sources/zendesk.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from requests.auth import AuthBase

from social_sla.landing import PartitionKey
from social_sla.sources.auth import BasicAuth, BearerAuth
from social_sla.sources.base import (
    Credentials,
    Deletion,
    JsonObject,
    ReadContext,
    Reader,
    Request,
    Source,
    Stream,
    WindowKind,
)
from social_sla.sources.client import RestClient
from social_sla.sources.errors import AuthenticationError
from social_sla.sources.paging import (
    Next,
    NextUrlPager,
    Page,
    cursor_export,
    cursor_links,
    next_page,
    rows_at,
    time_export,
)
from social_sla.sources.readers import epoch, listing

_EXPORT_PAGE = "1000"
_LIST_PAGE = "100"
# Seconds. The exports leave out what changed within the last minute; a start in it is refused.
_SETTLE = timedelta(seconds=60)
# A rating can be given, and changed, until its ticket closes; no ticket stays solved for longer than 28 days.
_RATING_MAY_CHANGE = timedelta(days=35)
METRIC_SET = "metric_set"


def _auth(credentials: Credentials) -> AuthBase:
    """An API token goes with its user's e-mail address; a token without a login is an OAuth access token."""
    if credentials.login:
        login = credentials.login.removesuffix("/token")
        return BasicAuth(f"{login}/token", credentials.token)
    return BearerAuth(credentials.token)


@dataclass(frozen=True)
class _TicketsPager(NextUrlPager):
    """The tickets' export by cursor with their metrics (`include=metric_sets`), which come inside each ticket or as a
    list beside the tickets: either way they land inside their ticket."""

    def items(self, body: Any) -> list[JsonObject]:
        tickets = super().items(body)
        if "metric_sets" not in body:
            return tickets
        beside = {metrics.get("ticket_id"): metrics for metrics in rows_at(body, "metric_sets")}
        return [
            {**ticket, METRIC_SET: beside[ticket["id"]]} if ticket.get("id") in beside else ticket for ticket in tickets
        ]


@dataclass(frozen=True)
class _MetricEventsPager(NextUrlPager):
    """The metric events' export by time. `end_of_stream` is not promised for it: where it is missing, the last page is
    the one whose next page would begin where it began itself, so that nothing new can follow."""

    def following(self, page: Page) -> Next | None:
        if not isinstance(page.body, Mapping) or page.body.get("end_of_stream") is not None:
            return super().following(page)
        if str(page.body.get("end_time")) == page.param("start_time"):
            return None
        return NextUrlPager(self.rows, self.url).following(page)


def _export(updated: Callable[[JsonObject], float | None], **params: str) -> Reader:
    """Reads an incremental export from the window's start and stops after the first page that lies wholly past its end.

    The exports take no end. Rows come in the order of `updated`, so nothing of the window can follow such a page.
    """

    def read(context: ReadContext) -> Iterator[JsonObject]:
        start = 0 if _carries_older(context) else int(context.window.start.timestamp())
        request = Request(context.stream.endpoint, {"start_time": str(start), "per_page": _EXPORT_PAGE, **params})
        end = context.window.end.timestamp()
        for page in context.pages(request):
            yield from page
            times = [moment for moment in map(updated, page) if moment is not None]
            if times and min(times) >= end:
                return

    return read


def _carries_older(context: ReadContext) -> bool:
    if not context.stream.carries_older:
        return False
    landed = context.landing.stream_manifests(context.source.name, context.account, context.stream.name)
    return not any(manifest.partition_start < context.window.start for manifest in landed)


def _epoch(name: str) -> Callable[[JsonObject], float | None]:
    def read(record: JsonObject) -> float | None:
        value = record.get(name)
        return float(value) if isinstance(value, int | float) else None

    return read


def _iso(name: str) -> Callable[[JsonObject], float | None]:
    def read(record: JsonObject) -> float | None:
        try:
            moment = datetime.fromisoformat(record[name])
        except (KeyError, TypeError, ValueError):
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    return read


def _list(**params: str) -> Reader:
    def read(context: ReadContext) -> Iterator[JsonObject]:
        for page in context.pages(Request(context.stream.endpoint, params)):
            yield from page

    return read


SCHEDULE_KEY = "schedule_id"


def _holidays(context: ReadContext) -> Iterator[JsonObject]:
    """The holidays of every schedule that was landed for the same window, each with its schedule's id."""
    window = context.window
    schedules = PartitionKey(context.source.name, context.account, "schedules", window.start, window.end)
    for schedule in context.landing.read(schedules):
        request = Request(context.stream.endpoint.format(id=quote(schedule.record_id, safe="")))
        for page in context.pages(request):
            for holiday in page:
                yield {SCHEDULE_KEY: json.loads(schedule.payload)["id"], **holiday}


def _holiday_id(record: JsonObject) -> str:
    return f"{record[SCHEDULE_KEY]}/{record['id']}"


def _probe(client: RestClient, account: str) -> list[str]:
    user: dict[str, Any] = client.get("/api/v2/users/me.json").get("user") or {}
    if not user.get("id"):
        raise AuthenticationError(
            f"Zendesk took us for an anonymous visitor of {account}: connection {client.connection_id!r} needs the "
            "user's e-mail address as login and an API token (not the password of the user) as password."
        )
    role = str(user.get("role"))
    lines = [f"Logged in to {account} as a user with the role {role}."]
    if role != "admin":
        lines.append("The exports are for admins only: give this user the admin role.")
    return lines


ZENDESK = Source(
    name="zendesk",
    title="Zendesk Support",
    default_base_url="https://{account}.zendesk.com",
    auth=_auth,
    probe=_probe,
    settle=_SETTLE,
    streams=(
        Stream(
            name="tickets",
            endpoint="/api/v2/incremental/tickets/cursor.json",
            pager=_TicketsPager("tickets", "after_url", more="end_of_stream", more_means_end=True),
            reader=_export(_epoch("generated_timestamp"), include="metric_sets"),
            updated_path="generated_timestamp",
            required=("id", "generated_timestamp", "created_at", "status"),
            deletion=Deletion.by_value("status", "deleted", required=("id", "generated_timestamp", "created_at")),
        ),
        Stream(
            name="ticket_events",
            endpoint="/api/v2/incremental/ticket_events.json",
            pager=time_export("ticket_events"),
            reader=_export(_epoch("timestamp"), include="comment_events"),
            updated_path="timestamp",
            required=("id", "ticket_id", "timestamp", "child_events"),
        ),
        Stream(
            name="ticket_metric_events",
            endpoint="/api/v2/incremental/ticket_metric_events.json",
            pager=_MetricEventsPager("ticket_metric_events", "next_page", more="end_of_stream", more_means_end=True),
            reader=_export(_iso("time")),
            updated_path="time",
            required=("id", "ticket_id", "metric", "instance_id", "type", "time"),
            deletion=Deletion.by_value("deleted", True, required=("id", "ticket_id", "time")),
        ),
        Stream(
            name="satisfaction_ratings",
            endpoint="/api/v2/satisfaction_ratings.json",
            pager=cursor_links("satisfaction_ratings"),
            reader=listing({"page[size]": _LIST_PAGE}, since="start_time", clock=epoch, overlap=_RATING_MAY_CHANGE),
            required=("id", "ticket_id", "score", "updated_at"),
        ),
        Stream(
            name="users",
            endpoint="/api/v2/incremental/users/cursor.json",
            pager=cursor_export("users"),
            reader=_export(_iso("updated_at")),
            required=("id", "updated_at", "role"),
            carries_older=True,
        ),
        # Those of the last 30 days, in the order of their creation.
        Stream(
            name="deleted_tickets",
            endpoint="/api/v2/deleted_tickets.json",
            pager=cursor_links("deleted_tickets"),
            reader=listing({"page[size]": _LIST_PAGE}),
            window_kind=WindowKind.SNAPSHOT,
            updated_path="deleted_at",
            required=("id", "deleted_at"),
        ),
        Stream(
            name="groups",
            endpoint="/api/v2/groups.json",
            pager=cursor_links("groups"),
            reader=_list(**{"page[size]": _LIST_PAGE}),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "name"),
        ),
        Stream(
            name="group_memberships",
            endpoint="/api/v2/group_memberships.json",
            pager=cursor_links("group_memberships"),
            reader=_list(**{"page[size]": _LIST_PAGE}),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "user_id", "group_id"),
        ),
        Stream(
            name="sla_policies",
            endpoint="/api/v2/slas/policies.json",
            pager=next_page("sla_policies"),
            reader=_list(),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "title"),
        ),
        Stream(
            name="schedules",
            endpoint="/api/v2/business_hours/schedules.json",
            pager=next_page("schedules"),
            reader=_list(),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "time_zone", "intervals"),
        ),
        Stream(
            name="holidays",
            endpoint="/api/v2/business_hours/schedules/{id}/holidays.json",
            pager=next_page("holidays"),
            reader=_holidays,
            window_kind=WindowKind.SNAPSHOT,
            record_id=_holiday_id,
            updated_path=None,
            required=("id", "start_date", "end_date"),
            depends_on=("schedules",),
        ),
    ),
)
