"""Records in the vendors' shapes (docs/sources), with invented values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def epoch(text: str) -> int:
    """`2026-03-02T08:15:00` (UTC) as epoch seconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ticket(number: int, changed: int, **other: Any) -> dict[str, Any]:
    return {
        "url": f"https://auroraair.zendesk.com/api/v2/tickets/{number}.json",
        "id": number,
        "external_id": None,
        "via": {"channel": "email", "source": {"from": {}, "to": {}, "rel": None}},
        "created_at": iso(changed - 600),
        "updated_at": iso(changed - 1),
        "generated_timestamp": changed,
        "subject": f"Suitcase {number}",
        "description": "Wo ist mein Koffer? 🧳",
        "priority": None,
        "status": "open",
        "requester_id": 9100000000071,
        "assignee_id": None,
        "group_id": 9200000000001,
        "tags": ["baggage"],
        "custom_fields": [],
        **other,
    }


def ticket_event(number: int, at: int, ticket_id: int = 10421, **other: Any) -> dict[str, Any]:
    return {
        "id": number,
        "ticket_id": ticket_id,
        "timestamp": at,
        "created_at": iso(at),
        "updater_id": 9100000000071,
        "via": "Mail",
        "system": {},
        "metadata": {},
        "event_type": "Audit",
        "child_events": [
            {
                "id": number + 1,
                "event_type": "Comment",
                "type": "Comment",
                "via": {"channel": "email", "source": {"from": {}, "to": {}, "rel": None}},
                "via_reference_id": None,
                "author_id": 9100000000071,
                "public": True,
                "body": "My suitcase did not arrive.",
                "attachments": [],
                "audit_id": number,
                "created_at": iso(at),
            },
            {"id": number + 2, "event_type": "Create", "via": "Mail", "via_reference_id": None, "status": "new"},
        ],
        **other,
    }


def user(number: int, updated: int, role: str = "agent") -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Person {number}",
        "email": f"person{number}@example.com",
        "created_at": iso(updated - 1000),
        "updated_at": iso(updated),
        "time_zone": "America/New_York",
        "role": role,
        "active": True,
        "suspended": False,
        "default_group_id": None,
        "tags": [],
        "user_fields": {},
    }


def tweet(number: int, created: int, conversation: int | None = None, **other: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "text": f"@AuroraAir where is flight {number}? ✈",
        "author_id": "4400000000000000123",
        "created_at": iso(created).replace("Z", ".000Z"),
        "conversation_id": str(conversation or number),
        "lang": "en",
        "edit_history_tweet_ids": [str(number)],
        "entities": {"mentions": [{"start": 0, "end": 10, "username": "AuroraAir", "id": "3100000000000000001"}]},
        "public_metrics": {"retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0},
        **other,
    }


X_ACCOUNT = {
    "id": "3100000000000000001",
    "username": "AuroraAir",
    "name": "Aurora Air",
    "created_at": "2019-04-02T10:11:12.000Z",
    "verified": True,
}
