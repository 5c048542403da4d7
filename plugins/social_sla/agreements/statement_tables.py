"""The tables of schema `config` about what the public is told: statements and promises."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from social_sla.agreements.config import Config
from social_sla.agreements.local_time import day_start, local_date
from social_sla.agreements.promises import Promise, promises
from social_sla.agreements.statements import StatementText, statements_of

Row = dict[str, Any]


def statements_at(config: Config, as_of: datetime, *, ahead: bool = False) -> list[StatementText]:
    """Every channel's statements by the promise in force at `as_of` (aware), by channel; the main one first.

    Args:
        ahead: a channel whose promise begins later has the words of that one.
    """
    found: list[StatementText] = []
    by_channel: dict[str, list[Promise]] = {}
    for promise in promises(config):
        if promise.span.to_at is None or as_of < promise.span.to_at:
            by_channel.setdefault(promise.channel_id, []).append(promise)
    for channel_id, coming in sorted(by_channel.items()):
        promise = coming[0]
        if promise.span.from_at > as_of and not ahead:
            continue
        schedule = config.schedule(promise.schedule_id) if promise.schedule_id else None
        today = local_date(promise.agreement.timezone, as_of)
        found += statements_of(promise, config.channel(channel_id), schedule, today)
    return found


def statement_rows(config: Config, as_of: datetime) -> dict[str, list[Row]]:
    """Rows of `public_statements`, `channel_promises` and `tolerance_tags`."""
    return {
        "public_statements": [
            _statement_row(item, number) for number, item in enumerate(statements_at(config, as_of), start=1)
        ],
        "channel_promises": [_promise_row(promise) for promise in promises(config)],
        "tolerance_tags": _tolerance_rows(config),
    }


def _tolerance_rows(config: Config) -> list[Row]:
    """The tags that break a channel's rules (D8), in lower case, while the version that says so is in force."""
    rows = [
        {
            "channel_id": channel_id,
            "tag": tag.casefold(),
            "rule": rule.rule,
            "agreement_key": item.agreement_key,
            "from_at": span.from_at,
            "to_at": span.to_at,
        }
        for agreement_id in sorted({agreement.agreement_id for agreement in config.agreements})
        for item, span in config.in_force(agreement_id)
        for channel_id in item.channels
        for rule in item.tolerance
        for tag in rule.tags
    ]
    return sorted(rows, key=lambda row: (row["channel_id"], row["agreement_key"], row["tag"], row["from_at"]))


def _statement_row(item: StatementText, number: int) -> Row:
    agreement = item.promise.agreement
    return {
        "channel_id": item.channel_id,
        "statement_number": number,
        "is_main": item.is_main,
        "agreement_key": agreement.agreement_key,
        "goal_key": item.promise.goal.goal_key,
        "language": item.language,
        "statement_text": item.text,
        "character_count": item.character_count,
        "character_limit": item.character_limit,
        "reading_ease_score": item.reading.score,
        "is_written_by_hand": item.is_written_by_hand,
        "placement": item.placement.value if item.placement else None,
        "statement_url": item.url,
        "verified_at": day_start(agreement.timezone, item.verified_date) if item.verified_date else None,
        "problem": ", ".join(item.problems) or None,
    }


def _promise_row(promise: Promise) -> Row:
    target = promise.target
    return {
        "channel_id": promise.channel_id,
        "agreement_key": promise.agreement.agreement_key,
        "goal_key": promise.goal.goal_key,
        "timezone": promise.agreement.timezone,
        "schedule_id": promise.schedule_id,
        "basis": promise.goal.basis,
        "responder": promise.goal.responder,
        "target_value": target.value,
        "target_unit": target.unit,
        "target_seconds": target.seconds,
        "from_at": promise.span.from_at,
        "to_at": promise.span.to_at,
    }
