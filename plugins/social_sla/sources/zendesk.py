"""Zendesk Support, declared. Shapes, permissions, limits and oddities: docs/sources/zendesk.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from requests.auth import AuthBase

from social_sla.landing import PartitionKey
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
from social_sla.sources.client import BasicAuth, BearerAuth, RestClient
from social_sla.sources.errors import AuthenticationError
from social_sla.sources.paging import CursorExportPager, LinksPager, NextPagePager, TimeExportPager

_EXPORT_PAGE = "1000"
_LIST_PAGE = "100"
# Seconds. The exports leave out what changed within the last minute; a start in it is refused.
_SETTLE = timedelta(seconds=60)


def _auth(credentials: Credentials) -> AuthBase:
    """An API token goes with its user's e-mail address; a token without a login is an OAuth access token."""
    if credentials.login:
        login = credentials.login.removesuffix("/token")
        return BasicAuth(f"{login}/token", credentials.token)
    return BearerAuth(credentials.token)


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
            pager=CursorExportPager("tickets"),
            reader=_export(_epoch("generated_timestamp")),
            updated_path="generated_timestamp",
            required=("id", "generated_timestamp", "created_at", "status"),
        ),
        Stream(
            name="ticket_events",
            endpoint="/api/v2/incremental/ticket_events.json",
            pager=TimeExportPager("ticket_events"),
            reader=_export(_epoch("timestamp"), include="comment_events"),
            updated_path="timestamp",
            required=("id", "ticket_id", "timestamp", "child_events"),
        ),
        Stream(
            name="users",
            endpoint="/api/v2/incremental/users/cursor.json",
            pager=CursorExportPager("users"),
            reader=_export(_iso("updated_at")),
            required=("id", "updated_at", "role"),
            carries_older=True,
        ),
        Stream(
            name="groups",
            endpoint="/api/v2/groups.json",
            pager=LinksPager("groups"),
            reader=_list(**{"page[size]": _LIST_PAGE}),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "name"),
        ),
        Stream(
            name="group_memberships",
            endpoint="/api/v2/group_memberships.json",
            pager=LinksPager("group_memberships"),
            reader=_list(**{"page[size]": _LIST_PAGE}),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "user_id", "group_id"),
        ),
        Stream(
            name="sla_policies",
            endpoint="/api/v2/slas/policies.json",
            pager=NextPagePager("sla_policies"),
            reader=_list(),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "title"),
        ),
        Stream(
            name="schedules",
            endpoint="/api/v2/business_hours/schedules.json",
            pager=NextPagePager("schedules"),
            reader=_list(),
            window_kind=WindowKind.SNAPSHOT,
            required=("id", "time_zone", "intervals"),
        ),
        Stream(
            name="holidays",
            endpoint="/api/v2/business_hours/schedules/{id}/holidays.json",
            pager=NextPagePager("holidays"),
            reader=_holidays,
            window_kind=WindowKind.SNAPSHOT,
            record_id=_holiday_id,
            updated_path=None,
            required=("id", "start_date", "end_date"),
            depends_on=("schedules",),
        ),
    ),
)
