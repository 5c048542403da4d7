"""The generated company's tickets, events and people in Zendesk's shapes (docs/sources/zendesk.md).

Records are rendered when they are asked for; only their order is kept. `base` is the address that links point to.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.company.people import DAY
from sandbox.company.world import Comment, FieldChange, Group, Membership, Person, Step, Ticket, World
from sandbox.zendesk_metric_events import MetricBook
from sandbox.zendesk_rules import iso

BRAND_ID, FORM_ID, FIELD_ID, TRIGGER_ID = 9_600_000_000_001, 9_500_000_000_001, 9_300_000_000_001, 9_700_000_000_003
CUSTOM_STATUS = {"new": 1, "open": 2, "pending": 3, "hold": 4, "solved": 5, "closed": 5, "deleted": 5}
LABELS = {
    "email": "Mail",
    "web": "Web form",
    "chat": "Chat",
    "native_messaging": "Messaging",
    "rule": "Rule",
    "merge": "Web form",
    "batch": "Batch",
    "api": "Web service",
}
EVENT_STRIDE = 64
FIRST_EVENT_ID = 30_000_000_000_128
OLD_ROWS_UNTIL = int(datetime(2025, 6, 15, tzinfo=UTC).timestamp())
"""Some comments before this carry the label of their channel instead of a `via` object, as old rows do."""


@dataclass(slots=True)
class EventRow:
    """One update of one ticket and its place in the stream."""

    event_id: int
    ticket: Ticket
    step: Step


class ZendeskStore:
    """Ordered records of the account; every `*_json` renders one."""

    def __init__(self, world: World | None) -> None:
        self.world = world
        people = world.people if world else []
        self.people_by_id = {person.person_id: person for person in people}
        self.users = sorted(people, key=lambda p: (p.updated_at, p.person_id))
        self.tickets = sorted(world.tickets if world else [], key=lambda t: (t.touched_at, t.ticket_id))
        rows = [(step.at, t.ticket_id, n, t, step) for t in self.tickets for n, step in enumerate(t.steps)]
        rows.sort(key=lambda row: row[:3])
        self.events = [EventRow(FIRST_EVENT_ID + EVENT_STRIDE * n, row[3], row[4]) for n, row in enumerate(rows)]
        self.groups: list[Group] = world.groups if world else []
        self.memberships: list[Membership] = world.memberships if world else []
        self._rated: list[tuple[int, Ticket]] | None = None
        self.metrics = MetricBook(self.tickets, self.people_by_id, world.end_at if world else 0)

    def ticket_json(self, ticket: Ticket, base: str, has_metrics: bool = False) -> dict[str, Any]:
        """A ticket as it is at the end of the data; `has_metrics` is the sideload `metric_sets`."""
        values = ticket.values
        status = values["status"]
        subject = "SCRUBBED" if ticket.scrubbed else ticket.subject
        first = ticket.steps[0].comment
        booking = f"AU{ticket.ticket_id % 9000 + 1000}" if ticket.ticket_id % 4 == 0 else None
        fields = [{"id": FIELD_ID, "value": booking}]
        # A deleted ticket has no metrics.
        metrics = (
            {"metric_set": self.metrics.metric_set_json(ticket, base)} if has_metrics and status != "deleted" else {}
        )
        return {
            "url": f"{base}/api/v2/tickets/{ticket.ticket_id}.json",
            "id": ticket.ticket_id,
            "external_id": None,
            "via": self._via(ticket.via, ticket.submitter_id),
            "created_at": iso(ticket.created_at),
            "updated_at": iso(ticket.updated_at),
            "generated_timestamp": ticket.touched_at,
            "type": (None, "question", "incident", "problem", "task")[ticket.ticket_id % 7 % 5],
            "subject": subject,
            "raw_subject": subject,
            "description": "SCRUBBED" if ticket.scrubbed or first is None else first.body,
            "priority": values["priority"],
            "status": status,
            "recipient": "help@auroraair.example" if ticket.via == "email" else None,
            "requester_id": ticket.requester_id,
            "submitter_id": ticket.submitter_id,
            "assignee_id": values["assignee_id"],
            "organization_id": None,
            "group_id": values["group_id"],
            "collaborator_ids": [],
            "follower_ids": [],
            "email_cc_ids": [],
            "forum_topic_id": None,
            "problem_id": None,
            "has_incidents": False,
            "is_public": True,
            "due_at": None,
            "tags": values["tags"],
            "custom_fields": fields,
            "satisfaction_rating": _rating(ticket),
            "sharing_agreement_ids": [],
            "custom_status_id": 9_400_000_000_000 + CUSTOM_STATUS[status],
            "fields": fields,
            "followup_ids": [],
            "ticket_form_id": FORM_ID,
            "brand_id": BRAND_ID,
            "allow_channelback": False,
            "allow_attachments": True,
            "from_messaging_channel": ticket.via == "native_messaging",
            **metrics,
        }

    def ratings(self, base: str, first: int, last: int) -> list[dict[str, Any]]:
        """Ratings that were offered or given in [first, last], oldest first."""
        if self._rated is None:
            made = ((at, ticket) for ticket in self.tickets if (at := self._rated_at(ticket)) is not None)
            self._rated = sorted(made, key=lambda row: (row[0], row[1].ticket_id))
        return [self._rating_json(ticket, at, base) for at, ticket in self._rated if first <= at <= last]

    def _rated_at(self, ticket: Ticket) -> int | None:
        """When a ticket's rating was made: a day after it was solved last; None where none was offered."""
        solved_at = self.metrics.figures[ticket.ticket_id].last_solved_at
        if _rating(ticket)["score"] == "unoffered" or solved_at is None or self.world is None:
            return None
        return min(solved_at + DAY, self.world.end_at - 1)

    def _rating_json(self, ticket: Ticket, made_at: int, base: str) -> dict[str, Any]:
        """A rating: given some hours after it was offered, if it was."""
        rating = _rating(ticket)
        given_at = made_at if rating["score"] == "offered" else made_at + ticket.ticket_id % 9 * 3600
        number = 9_650_000_000_000 + ticket.ticket_id
        return {
            "id": number,
            "url": f"{base}/api/v2/satisfaction_ratings/{number}.json",
            "ticket_id": ticket.ticket_id,
            "requester_id": ticket.requester_id,
            "assignee_id": ticket.values["assignee_id"],
            "group_id": ticket.values["group_id"],
            "score": rating["score"],
            "comment": rating.get("comment") or None,
            "reason": "No reason provided" if rating["score"] == "bad" else None,
            "reason_id": None,
            "reason_code": 0 if rating["score"] == "bad" else None,
            "created_at": iso(made_at),
            "updated_at": iso(min(given_at, self.world.end_at - 1 if self.world else given_at)),
        }

    def deleted_tickets(self, until: int) -> list[dict[str, Any]]:
        """Tickets deleted in the last 30 days that were not scrubbed, in the order of their creation."""
        found = []
        for ticket in sorted(self.tickets, key=lambda ticket: ticket.ticket_id):
            last = ticket.steps[-1]
            if ticket.values["status"] != "deleted" or ticket.scrubbed or last.at < until - 30 * DAY:
                continue
            change = next(change for change in last.changes if change.name == "status")
            actor = self.people_by_id[last.actor_id]
            found.append(
                {
                    "id": ticket.ticket_id,
                    "subject": ticket.subject,
                    "description": ticket.steps[0].comment.body if ticket.steps[0].comment else "",
                    "actor": {"id": actor.person_id, "name": actor.name},
                    "deleted_at": iso(last.at),
                    "previous_state": change.previous,
                }
            )
        return found

    def _via(self, via: str, author_id: int) -> dict[str, Any]:
        """The `via` object of a ticket or of a comment."""
        author = self.people_by_id.get(author_id)
        source: dict[str, Any] = {"from": {}, "to": {}, "rel": None}
        if via == "email" and author is not None:
            source["from"] = {"address": author.email, "name": author.name}
            source["to"] = {"name": "Aurora Air", "address": "help@auroraair.example"}
        elif via == "merge":
            source["rel"] = "merge"
        return {"channel": via, "source": source}

    def event_json(self, row: EventRow, has_comments: bool) -> dict[str, Any]:
        """One update with its child events; `has_comments` is the sideload `comment_events`."""
        ticket, step = row.ticket, row.step
        label = LABELS[step.via]
        children: list[dict[str, Any]] = []
        if step.comment is not None:
            children.append(self._comment(row, step.comment, label, has_comments))
        if step.is_creation:
            extra = {"type": None, "brand_id": str(BRAND_ID), "ticket_form_id": str(FORM_ID)}
            for change in [*step.changes, *(FieldChange(name, value) for name, value in extra.items())]:
                rule = {"via": "Rule", "via_reference_id": TRIGGER_ID} if change.by_rule else {}
                children.append(
                    {"via": label, "via_reference_id": None, **rule, "event_type": "Create", **_field(change)}
                )
        else:
            merged = {"via": "Merge", "via_reference_id": step.other_ticket.ticket_id} if step.other_ticket else {}
            for change in step.changes:
                found = {"via": label, "via_reference_id": None, **merged, "event_type": "Change", **_field(change)}
                if change.name == "tags":
                    found["added_tags"] = [t for t in change.value if t not in (change.previous or [])]
                    found["removed_tags"] = [t for t in change.previous or [] if t not in change.value]
                children.append({**found, "previous_value": _shown(change.name, change.previous)})
        for subject in step.notifications:
            children.append(
                {
                    "via": "Rule",
                    "via_reference_id": TRIGGER_ID + 1,
                    "event_type": "Notification",
                    "subject": subject,
                    "body": "This is an automated message.",
                    "recipients": [ticket.requester_id],
                }
            )
            if row.event_id // EVENT_STRIDE % 211 == 0:
                children.append(
                    {
                        "via": "Rule",
                        "via_reference_id": TRIGGER_ID + 1,
                        "event_type": "Error",
                        "message": "Mail was refused",
                    }
                )
        if step.comment is not None and not step.comment.is_public and row.event_id // EVENT_STRIDE % 9 == 0:
            children.append(
                {
                    "via": label,
                    "via_reference_id": None,
                    "event_type": "AgentMacroReference",
                    "macro_id": "9777",
                    "macro_title": "Hand over",
                }
            )
        for number, child in enumerate(children, start=1):
            child["id"] = row.event_id + number
        return {
            "id": row.event_id,
            "ticket_id": ticket.ticket_id,
            "timestamp": step.at,
            "created_at": iso(step.at),
            "updater_id": step.actor_id,
            "via": label,
            "system": {"client": "Sandbox", "ip_address": "192.0.2.10", "location": "Oslo, 03, Norway"}
            if step.actor_id > 0
            else {},
            "metadata": {},
            "event_type": "Audit",
            "child_events": children,
        }

    def _comment(self, row: EventRow, comment: Comment, label: str, has_comments: bool) -> dict[str, Any]:
        step, ticket = row.step, row.ticket
        reference = step.other_ticket.ticket_id if step.other_ticket else None
        if not has_comments:
            shown = {"event_type": "Comment", "via": label, "via_reference_id": reference}
            return shown | {"comment_present": True, "comment_public": comment.is_public}
        body = comment.body
        if step.other_ticket is not None:
            body = _merge_words(ticket, step.other_ticket)
        via: Any = self._via(step.via, comment.author_id)
        if step.at < OLD_ROWS_UNTIL and row.event_id // EVENT_STRIDE % 7 == 0:
            via = "Merge" if step.via == "merge" else label
        escaped = html.escape(body, quote=False).replace("\n", "<br>")
        return {
            "event_type": "Comment",
            "type": "Comment",
            "via": via,
            "via_reference_id": reference,
            "author_id": comment.author_id,
            "public": comment.is_public,
            "body": body,
            "html_body": f'<div class="zd-comment" dir="auto"><p dir="auto">{escaped}</p></div>',
            "plain_body": body,
            "attachments": [],
            "audit_id": row.event_id,
            "created_at": iso(step.at),
        }

    def user_json(self, person: Person, base: str) -> dict[str, Any]:
        """A user in the role held at the end of the data."""
        is_staff = person.role != "end-user"
        since = None
        if is_staff:
            since = datetime.fromtimestamp(person.became_agent_at or person.created_at, UTC).date().isoformat()
        return {
            "id": person.person_id,
            "url": f"{base}/api/v2/users/{person.person_id}.json",
            "name": person.name,
            "email": person.email,
            "created_at": iso(person.created_at),
            "updated_at": iso(person.updated_at),
            "time_zone": "Eastern Time (US & Canada)" if person.timezone == "America/New_York" else person.timezone,
            "iana_time_zone": person.timezone,
            "phone": None,
            "shared_phone_number": None,
            "photo": None,
            "locale_id": 1,
            "locale": person.locale,
            "organization_id": None,
            "role": person.role,
            "role_type": {"agent": 0, "admin": 4}.get(person.role),
            "custom_role_id": 9_800_000_000_001 if is_staff else None,
            "verified": is_staff,
            "external_id": None,
            "tags": list(person.tags),
            "alias": None,
            "active": person.person_id % 97 != 0 or is_staff,
            "shared": False,
            "shared_agent": False,
            "last_login_at": iso(person.updated_at) if is_staff else None,
            "two_factor_auth_enabled": is_staff,
            "signature": None,
            "details": None,
            "notes": None,
            "moderator": False,
            "ticket_restriction": None if is_staff else "requested",
            "only_private_comments": False,
            "restricted_agent": not is_staff,
            "suspended": person.is_suspended,
            "default_group_id": person.default_group_id,
            "report_csv": False,
            "user_fields": {"agent_since": since},
        }


def group_json(group: Group, base: str) -> dict[str, Any]:
    """A group."""
    return {
        "id": group.group_id,
        "url": f"{base}/api/v2/groups/{group.group_id}.json",
        "name": group.name,
        "description": group.description,
        "default": group.name == "Email Care",
        "is_public": True,
        "deleted": group.is_deleted,
        "created_at": iso(group.created_at),
        "updated_at": iso(group.created_at + DAY),
    }


def membership_json(row: Membership, base: str) -> dict[str, Any]:
    """A group membership."""
    return {
        "id": row.membership_id,
        "url": f"{base}/api/v2/group_memberships/{row.membership_id}.json",
        "user_id": row.person_id,
        "group_id": row.group_id,
        "default": row.is_default,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.created_at),
    }


def _rating(ticket: Ticket) -> dict[str, Any]:
    number = ticket.ticket_id % 20
    if ticket.values["status"] not in ("solved", "closed") or number > 12:
        return {"score": "unoffered"}
    if number > 5:
        return {"score": "offered"}
    words = "=1+1 great <b>service</b>" if number == 0 else ""
    return {"score": "bad" if number == 5 else "good", "id": 9_650_000_000_000 + ticket.ticket_id, "comment": words}


def _field(change: FieldChange) -> dict[str, Any]:
    return {change.name: _shown(change.name, change.value)}


def _shown(name: str, value: Any) -> Any:
    """Ids come as text in some child events and as numbers in others."""
    if name in ("requester_id", "assignee_id", "group_id") and value is not None:
        return str(value)
    return value


def _merge_words(ticket: Ticket, other: Ticket) -> str:
    if ticket.story == "merged":
        return f"This request was closed and merged into request #{other.ticket_id}."
    last = other.steps[0].comment
    words = last.body if last else ""
    closed = f"Request #{other.ticket_id} was closed and merged into this request."
    return f"{closed} Last comment in request #{other.ticket_id}:\n\n{words}"
