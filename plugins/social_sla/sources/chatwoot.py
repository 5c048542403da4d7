"""Chatwoot, declared. Shapes, permissions, limits and oddities: docs/sources/chatwoot.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from social_sla.sources.auth import HeaderAuth
from social_sla.sources.base import Deletion, JsonObject, Source, Stream, WindowKind
from social_sla.sources.client import RestClient
from social_sla.sources.errors import AccessDeniedError, AccountNotFoundError
from social_sla.sources.paging import Next, Page, PageNumberPager, SinglePage, rows_at
from social_sla.sources.readers import Order, children, listing

_ACCOUNT = "/api/v1/accounts/{account}"
_CONVERSATION = f"{_ACCOUNT}/conversations/{{id}}"


@dataclass(frozen=True)
class AfterIdPager:
    """Messages behind an id, oldest first, until there are none: no answer says whether there are more."""

    rows: str = "payload"
    parameter: str = "after"

    def items(self, body: Any) -> list[JsonObject]:
        return rows_at(body, self.rows)

    def following(self, page: Page) -> Next | None:
        ids = [int(row["id"]) for row in self.items(page.body)]
        return Next(params={self.parameter: str(max(ids))}) if ids else None


def _probe(client: RestClient, account: str) -> list[str]:
    me = client.get("/api/v1/profile")
    roles = {str(found.get("id")): found.get("role") for found in me.get("accounts") or []}
    if account not in roles:
        raise AccountNotFoundError(
            f"User {me.get('id')} of connection {client.connection_id!r} is not in account {account} "
            f"(it is in: {', '.join(roles) or 'none'}). The account is the number in Chatwoot's address."
        )
    if roles[account] != "administrator":
        raise AccessDeniedError(
            f"User {me.get('id')} of connection {client.connection_id!r} is no administrator of account {account}: "
            "agents see the conversations of their own inboxes only, and the list says nothing of the rest."
        )
    return [f"Logged in to account {account} as an administrator."]


ZERO = {"after": "0"}

CHATWOOT = Source(
    name="chatwoot",
    title="Chatwoot",
    default_base_url="https://app.chatwoot.com",
    auth=lambda credentials: HeaderAuth("api_access_token", credentials.token),
    probe=_probe,
    settle=timedelta(seconds=60),
    streams=(
        # By last activity, newest first: whatever changes a conversation leaves a message in it, if only of the system.
        Stream(
            name="conversations",
            endpoint=f"{_ACCOUNT}/conversations",
            pager=PageNumberPager("data.payload"),
            reader=listing({"status": "all", "assignee_type": "all"}, order=Order.NEWEST_FIRST),
            updated_path="last_activity_at",
            required=("id", "created_at", "last_activity_at", "status", "inbox_id"),
        ),
        Stream(
            name="messages",
            endpoint=f"{_CONVERSATION}/messages",
            pager=AfterIdPager(),
            reader=children("conversations", f"{_CONVERSATION}/messages", key="conversation_id", params=ZERO),
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="created_at",
            required=("id", "created_at", "message_type"),
            depends_on=("conversations",),
            deletion=Deletion.by_value("content_attributes.deleted", True, required=("id", "created_at")),
        ),
        # The account's own list of these names conversations by another number. Servers before 4.9 have neither.
        Stream(
            name="reporting_events",
            endpoint=f"{_CONVERSATION}/reporting_events",
            pager=SinglePage(),
            reader=children("conversations", f"{_CONVERSATION}/reporting_events", key="of_conversation_id"),
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="created_at",
            required=("id", "name", "created_at"),
            depends_on=("conversations",),
        ),
        Stream(
            name="inboxes",
            endpoint=f"{_ACCOUNT}/inboxes",
            pager=SinglePage("payload"),
            reader=listing(),
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id", "name", "channel_type"),
            deletion=Deletion.by_absence(),
        ),
        Stream(
            name="teams",
            endpoint=f"{_ACCOUNT}/teams",
            pager=SinglePage(),
            reader=listing(),
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id", "name"),
            deletion=Deletion.by_absence(),
        ),
        Stream(
            name="team_members",
            endpoint=f"{_ACCOUNT}/teams/{{id}}/team_members",
            pager=SinglePage(),
            reader=children("teams", f"{_ACCOUNT}/teams/{{id}}/team_members", key="team_id", gone_is_empty=False),
            window_kind=WindowKind.SNAPSHOT,
            record_id=lambda record: f"{record['team_id']}/{record['id']}",
            updated_path=None,
            depends_on=("teams",),
            deletion=Deletion.by_absence(),
        ),
        Stream(
            name="agents",
            endpoint=f"{_ACCOUNT}/agents",
            pager=SinglePage(),
            reader=listing(),
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id", "role"),
            deletion=Deletion.by_absence(),
        ),
    ),
)
