"""Request Tracker 5 (REST 2), declared. Shapes, permissions, limits and oddities: docs/sources/request_tracker.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from requests.auth import AuthBase

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
from social_sla.sources.errors import AccessDeniedError, IncompleteListingError, RequestError
from social_sla.sources.paging import Next, Page, rows_at
from social_sla.sources.paths import at
from social_sla.sources.readers import children, listing

_API = "/REST/2.0"
# Times in a search are read in the zone of the login (UTC-12 to UTC+14), and no way of writing them is safe from that.
_WEST, _EAST = timedelta(hours=13), timedelta(hours=15)
# A deleted ticket may be touched once more before its window is extracted.
_DELETION_OVERLAP = timedelta(days=1)
_NAMES_AT_ONCE = 50
_BY_ID = {"orderby": "id", "order": "ASC", "per_page": "100"}

# Ids, not names: RT's ids of people are their names, which change and are often e-mail addresses.
_PEOPLE = {"fields[Creator]": "id", "fields[Owner]": "id", "fields[Requestor]": "id", "fields[Queue]": "id,Name"}
_TICKET = {
    **_BY_ID,
    **_PEOPLE,
    "fields": "Type,Subject,Status,Queue,Owner,Creator,Requestor,Priority,InitialPriority,SLA,Due,Starts,Started,"
    "Resolved,Told,Created,LastUpdated,EffectiveId",
}
_TRANSACTION = {**_BY_ID, "fields": "Type,Field,OldValue,NewValue,ObjectId,Creator,Created", "fields[Creator]": "id"}
# Texts and the heads of mails; not pictures and files. Two conditions on one field are alternatives.
_TEXTS = [{"field": "ContentType", "operator": "STARTSWITH", "value": kind} for kind in ("text/", "multipart/")]
_ATTACHMENT = {
    **_BY_ID,
    "fields": "TransactionId,ContentType,Filename,Subject,Headers,Content,Created",
    "query": json.dumps(_TEXTS),
}
_QUEUE = {
    "fields": "Name,Description,Disabled,Lifecycle,SLADisabled,SLA,Created,LastUpdated",
    "find_disabled_rows": "1",
    "per_page": "100",
}
_USER = {"fields": "id,Name,RealName,Organization", "find_disabled_rows": "1", "per_page": "100"}

SYSTEM_USERS = ("Nobody", "RT_System")
"""RT's own users, by the names that cannot change: nobody's ticket, and what RT does by itself."""


@dataclass(frozen=True)
class RtPager:
    """`next_page` until there is none.

    RT tells `total`, and with it `next_page`, only to a login that may see all that there is; to others both are
    missing on every page. Then a list is refused (its pages are cut before what may not be seen is taken out, so an
    empty page can lie in the middle), or, with `may_count`, read by number to the first empty page.
    """

    may_count: bool = False
    rows: str = "items"

    def items(self, body: Any) -> list[JsonObject]:
        return rows_at(body, self.rows)

    def following(self, page: Page) -> Next | None:
        pointer = at(page.body, "next_page")
        if isinstance(pointer, str) and pointer:
            return Next(url=pointer)
        if at(page.body, "total") is not None:
            return None
        if not self.may_count:
            raise IncompleteListingError(
                f"Request Tracker does not say how many there are at {page.request.path if page.request else ''}: the "
                "login may not see all of them. Nothing was replaced. Give it the rights that "
                "docs/sources/request_tracker.md lists, for the whole system and not for single queues."
            )
        return Next(params={"page": str(int(page.param("page") or 1) + 1)}) if page.rows else None


_COUNTED = RtPager(may_count=True)


def _auth(credentials: Credentials) -> AuthBase:
    """Login and password; without a login, a token of RT's own."""
    if credentials.login:
        return BasicAuth(credentials.login, credentials.token)
    return BearerAuth(credentials.token, scheme="token")


def _steady(reader: Reader) -> Reader:
    """Keys in one order: RT's come in another one in every answer, and the same record must stay the same text."""

    def read(context: ReadContext) -> Iterator[JsonObject]:
        for record in reader(context):
            yield json.loads(json.dumps(record, sort_keys=True))

    return read


def _sql_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _effective_id(ticket: JsonObject) -> str:
    """The ticket that this one was merged into; its own id where it was not."""
    value = ticket.get("EffectiveId")
    return str(value.get("id") if isinstance(value, dict) else value)


def _tickets(context: ReadContext) -> Iterator[JsonObject]:
    """Changed tickets, in the order of their ids, and the deleted ones, which no search shows.

    Each question begins behind the last id, so a ticket that changes meanwhile moves no other. The search is wider
    than the window, because RT reads its times in a zone that we do not know.
    """
    window = context.window
    since, until = _sql_time(window.start - _WEST), _sql_time(window.end + _EAST)
    last, goes_on = 0, True
    while goes_on:
        # EffectiveId makes the search show tickets that were merged into others.
        query = f"EffectiveId > 0 AND id > {last} AND LastUpdated >= '{since}' AND LastUpdated < '{until}'"
        request = Request(context.stream.endpoint, {**_TICKET, "query": query})
        rows, is_last = next(context.client.marked_pages(request, context.stream.pager))
        yield from rows
        goes_on = not is_last and bool(rows)
        last = max([last, *(int(row["id"]) for row in rows)])
    yield from _deleted(context)


def _deleted(context: ReadContext) -> Iterator[JsonObject]:
    since = _sql_time(context.window.start - _DELETION_OVERLAP)
    conditions = {"ObjectType": "RT::Ticket", "Type": "Status", "NewValue": "deleted"}
    # Here RT compares times as its database holds them: in UTC.
    query = [
        *({"field": field, "value": value} for field, value in conditions.items()),
        {"field": "Created", "operator": ">=", "value": since},
    ]
    found = context.rows(Request(f"{_API}/transactions", {**_TRANSACTION, "query": json.dumps(query)}), _COUNTED)
    for number in sorted({int(row["ObjectId"]) for row in found}):
        try:
            ticket = context.client.get(f"{_API}/ticket/{number}", _PEOPLE)
        except RequestError as error:
            if error.status not in (404, 410):
                raise
            continue
        if ticket.get("Status") == "deleted":
            yield ticket


def _below(path: str, params: dict[str, str]) -> Reader:
    """One list a ticket that was not merged away: a parent's lists hold those of its children."""
    return _steady(
        children(
            "tickets",
            f"{_API}/ticket/{{id}}/{path}",
            key="effective_ticket_id",
            params=params,
            only=lambda ticket: _effective_id(ticket) == str(ticket["id"]),
        )
    )


def _privileged(client: RestClient, pager: RtPager) -> list[str]:
    """Names of the users whom RT calls privileged: the company's people."""
    query = [{"field": "Domain", "value": "SystemInternal"}, {"field": "Name", "value": "Privileged"}]
    groups = client.pages(Request(f"{_API}/groups", {"query": json.dumps(query)}), pager)
    ids = [str(group["id"]) for page in groups for group in page]
    if len(ids) != 1:
        raise AccessDeniedError(
            "Request Tracker does not show its group Privileged, so nobody can be told from a customer: give the "
            f"login of connection {client.connection_id!r} the right SeeGroup, for the whole system."
        )
    members = client.get(f"{_API}/group/{quote(ids[0], safe='')}").get("Members") or []
    return sorted(member["id"] for member in members if member.get("type") == "user")


def _staff(context: ReadContext) -> Iterator[JsonObject]:
    """The company's people and RT's own two users, with their numbers."""
    names = [*SYSTEM_USERS, *_privileged(context.client, RtPager())]
    for begin in range(0, len(names), _NAMES_AT_ONCE):
        asked = names[begin : begin + _NAMES_AT_ONCE]
        query = json.dumps([{"field": "Name", "value": name} for name in asked])
        for user in context.rows(Request(context.stream.endpoint, {**_USER, "query": query})):
            # A login without the condition's right gets everybody.
            if user.get("Name") is None or user["Name"] in asked:
                yield user


def _probe(client: RestClient, account: str) -> list[str]:
    version = client.get(f"{_API}/rt").get("Version")
    queues = sum(len(page) for page in client.pages(Request(f"{_API}/queues/all", _QUEUE), RtPager()))
    people = len(_privileged(client, RtPager()))
    return [f"Request Tracker {version} at {account}: {queues} queues, {people} privileged users."]


REQUEST_TRACKER = Source(
    name="request_tracker",
    title="Request Tracker",
    default_base_url="https://{account}",
    auth=_auth,
    probe=_probe,
    # A change is seen when its transaction is committed; its time is that of its beginning.
    settle=timedelta(seconds=60),
    streams=(
        Stream(
            name="tickets",
            endpoint=f"{_API}/tickets",
            pager=RtPager(),
            reader=_steady(_tickets),
            updated_path="LastUpdated",
            required=("id", "LastUpdated", "Created", "Status", "Queue.id", "EffectiveId"),
            deletion=Deletion.by_value("Status", "deleted", required=("id", "LastUpdated")),
        ),
        Stream(
            name="transactions",
            endpoint=f"{_API}/ticket/{{id}}/history",
            pager=_COUNTED,
            reader=_below("history", _TRANSACTION),
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="Created",
            required=("id", "Created", "ObjectId", "Creator.id", "Type"),
            depends_on=("tickets",),
        ),
        Stream(
            name="attachments",
            endpoint=f"{_API}/ticket/{{id}}/attachments",
            pager=_COUNTED,
            reader=_below("attachments", _ATTACHMENT),
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="Created",
            required=("id", "Created", "TransactionId"),
            depends_on=("tickets",),
        ),
        Stream(
            name="queues",
            endpoint=f"{_API}/queues/all",
            pager=RtPager(),
            reader=_steady(listing(_QUEUE)),
            window_kind=WindowKind.SNAPSHOT,
            updated_path="LastUpdated",
            required=("id", "Name"),
            deletion=Deletion.by_absence(),
        ),
        Stream(
            name="staff",
            endpoint=f"{_API}/users",
            pager=RtPager(),
            reader=_steady(_staff),
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id", "Name"),
            deletion=Deletion.by_absence(),
        ),
    ),
)
