"""A world as Arrow tables: what the warehouse's clock models read, made without its code.

`config_tables(world)` gives the tables of schema `config` (docs/architecture.md), `canonical_tables(world)` those of
the canonical models: only what `as_of` sees, instants as naive UTC timestamps.
"""

from __future__ import annotations

import pyarrow as pa

from tests.oracle.frames_config import ACCOUNT, SOURCE, Row, config_tables, goal_key, instant, make_table, seconds
from tests.oracle.model import EXCLUSION_ORDER, Message, PriorityChange, StatusChange, World

__all__ = ["CANONICAL_SCHEMAS", "canonical_tables", "config_tables", "goal_key", "instant", "seconds"]

_TEXT, _INSTANT, _COUNT, _FLAG = pa.string(), pa.timestamp("us"), pa.int64(), pa.bool_()
CANONICAL_SCHEMAS: dict[str, pa.Schema] = {
    "int_messages": pa.schema(
        [
            *((name, _TEXT) for name in ("message_id", "source", "account", "channel_id", "conversation_id")),
            *((name, _TEXT) for name in ("source_conversation_id", "source_message_id", "customer_key", "author_key")),
            *((name, _TEXT) for name in ("author_role", "direction", "kind", "intent")),
            *((name, _FLAG) for name in ("is_public", "is_delivered")),
            ("in_reply_to_message_id", _TEXT),
            *((name, _INSTANT) for name in ("published_at", "received_at")),
            ("source_order", _COUNT),
            ("deleted_at", _INSTANT),
            *((name, _TEXT) for name in ("excluded_reason", "team_id", "team_member_id")),
        ]
    ),
    "int_conversations": pa.schema(
        [
            *((name, _TEXT) for name in ("conversation_id", "source", "account", "channel_id")),
            *((name, _TEXT) for name in ("source_conversation_id", "customer_key")),
            ("created_at", _INSTANT),
            ("has_status", _FLAG),
            ("merged_into_conversation_id", _TEXT),
            ("merged_at", _INSTANT),
            ("deleted_at", _INSTANT),
            *((name, _TEXT) for name in ("excluded_reason", "excluded_evidence")),
        ]
    ),
    "int_status_changes": pa.schema(
        [
            ("conversation_id", _TEXT),
            ("changed_at", _INSTANT),
            ("source_order", _COUNT),
            ("from_status", _TEXT),
            ("status", _TEXT),
        ]
    ),
    "int_priority_changes": pa.schema(
        [
            ("conversation_id", _TEXT),
            ("changed_at", _INSTANT),
            ("source_order", _COUNT),
            ("from_priority", _TEXT),
            ("priority", _TEXT),
        ]
    ),
    "int_assignments": pa.schema(
        [
            ("conversation_id", _TEXT),
            ("changed_at", _INSTANT),
            ("source_order", _COUNT),
            ("team_id", _TEXT),
            ("team_member_id", _TEXT),
        ]
    ),
}
"""Table name → columns of the canonical models."""


def canonical_tables(world: World) -> dict[str, pa.Table]:
    """The canonical models: only what `as_of` sees."""
    seen = [m for messages in world.messages_of.values() for m in messages]
    rows = {
        "int_messages": [_message(world, m) for m in seen],
        "int_conversations": [_conversation(world, name) for name in world.conversations],
        "int_status_changes": _changes(world.statuses_of, "status"),
        "int_priority_changes": _changes(world.priorities_of, "priority"),
        "int_assignments": [
            {
                "conversation_id": a.conversation_id,
                "changed_at": instant(a.at),
                "source_order": a.source_order,
                "team_id": a.team_id,
                "team_member_id": a.team_member_id,
            }
            for a in world.assignments
            if a.at <= world.as_of
        ],
    }
    return {name: make_table(rows[name], schema) for name, schema in CANONICAL_SCHEMAS.items()}


def _place(world: World, conversation_id: str) -> Row:
    channel_id = world.conversations[conversation_id].channel_id
    return {
        "source": SOURCE,
        "account": ACCOUNT,
        "channel_id": channel_id,
        "conversation_id": conversation_id,
        "source_conversation_id": conversation_id,
        "customer_key": f"customer-{conversation_id}",
    }


def _message(world: World, message: Message) -> Row:
    is_note = message.direction == "internal"
    is_company = message.author_role not in ("customer", "other_customer")
    return {
        **_place(world, message.conversation_id),
        "message_id": message.message_id,
        "source_message_id": message.message_id,
        "author_key": None if is_company else f"author-{message.author_role}-{message.conversation_id}",
        "author_role": message.author_role,
        "direction": "inbound" if message.is_inbound else message.direction,
        "kind": "note" if is_note else "email",
        "is_public": message.is_public,
        "is_delivered": message.is_delivered,
        "in_reply_to_message_id": message.replies_to,
        "published_at": instant(message.published_at),
        "received_at": instant(message.received_at),
        "source_order": message.source_order,
        "deleted_at": instant(_if_seen(world, message.deleted_at)),
        "excluded_reason": message.own_exclusion,
        "team_id": "a" if is_company and not message.is_inbound else None,
    }


def _if_seen(world: World, at: int | None) -> int | None:
    return at if at is not None and at <= world.as_of else None


def _conversation(world: World, conversation_id: str) -> Row:
    conversation = world.conversations[conversation_id]
    merge = world.merge_of.get(conversation_id)
    deleted_at = _if_seen(world, conversation.deleted_at)
    reasons = conversation.flags | ({"deleted"} if deleted_at is not None else set())
    reason = min(reasons, key=EXCLUSION_ORDER.index, default=None)
    return {
        **_place(world, conversation_id),
        "created_at": instant(conversation.created_at),
        "has_status": conversation.has_status,
        "merged_into_conversation_id": merge.parent if merge else None,
        "merged_at": instant(merge.at) if merge else None,
        "deleted_at": instant(deleted_at),
        "excluded_reason": reason,
        "excluded_evidence": reason,
    }


def _changes(by_conversation: dict[str, list[StatusChange]] | dict[str, list[PriorityChange]], name: str) -> list[Row]:
    rows = []
    for conversation_id, changes in by_conversation.items():
        before = None
        for change in changes:
            value = getattr(change, f"to_{name}")
            rows.append(
                {
                    "conversation_id": conversation_id,
                    "changed_at": instant(change.at),
                    "source_order": change.source_order,
                    f"from_{name}": before,
                    name: value,
                }
            )
            before = value
    return rows
