"""A configuration for a set of real X messages of which only the brands' handles are known."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from social_sla.agreements.config import Config
from social_sla.agreements.loader import AGREEMENTS_FOLDER, CALENDARS_FILE, CHANNELS_FILE, load_config
from social_sla.agreements.vocabulary import TRAITS, Source

AGREEMENT_ID = "public-first-response"
SCHEDULE_ID = "always-open"


def write_config(
    directory: Path | str,
    accounts: Sequence[str],
    first_at: datetime,
    *,
    target: str = "60m",
    goal_rate: str = "0.75",
    connection: str = "x_default",
) -> Config:
    """Writes a configuration folder in which every handle is a channel under one public agreement, and loads it.

    The agreement is an `ssla` that raises no flags, in force from `first_at`'s date (UTC), with a first and a next
    response goal in calendar time, around the clock.

    Args:
        directory: where to write; files of an earlier call are replaced.
        accounts: the brands' handles, with or without @; one that is given twice counts once.
        first_at: the instant of the first message, aware.
        target: the target of both goals, like 60m.
        goal_rate: the share to be met, like 0.75.
        connection: the Airflow connection that every channel names.

    Raises:
        ValueError: no handle, one that X does not allow, or an instant without a time zone.
        ConfigError: the target or the rate cannot be read.
    """
    handles = sorted({_handle(account).casefold(): _handle(account) for account in accounts}.items())
    if not handles:
        raise ValueError("accounts is empty: name at least one handle")
    if first_at.tzinfo is None:
        raise ValueError(f"first_at {first_at} has no time zone; pass an aware instant, like datetime(…, tzinfo=UTC)")
    folder = Path(directory)
    (folder / AGREEMENTS_FOLDER).mkdir(parents=True, exist_ok=True)
    channels = [_channel(channel_key, handle, connection) for channel_key, handle in handles]
    _write(folder / CHANNELS_FILE, {"channels": channels})
    schedule = {"schedule_id": SCHEDULE_ID, "title": "Around the clock", "timezone": "UTC", "weekly": "24x7"}
    _write(folder / CALENDARS_FILE, {"schedules": [schedule]})
    agreement = _agreement([channel["channel_id"] for channel in channels], first_at, target, goal_rate)
    _write(folder / AGREEMENTS_FOLDER / f"{AGREEMENT_ID}.yaml", agreement)
    return load_config(folder)


def _handle(account: str) -> str:
    handle = account.strip().removeprefix("@")
    traits = TRAITS[Source.X]
    if not re.fullmatch(traits.account_pattern, handle):
        raise ValueError(f"'{account}' is no account of x; write {traits.account_help}")
    return handle


def _channel(channel_key: str, handle: str, connection: str) -> dict[str, Any]:
    return {
        "channel_id": f"x_{channel_key}",
        "name": f"@{handle} on X",
        "source": "x",
        "account": handle,
        "connection": connection,
        "kind": "social",
        "strategic_objective": "Answer in public the customers who write in public.",
        "timezone": "UTC",
        "languages": ["en"],
    }


def _agreement(channel_ids: list[str], first_at: datetime, target: str, goal_rate: str) -> dict[str, Any]:
    def goal(goal_id: str, metric: str, title: str) -> dict[str, Any]:
        return {
            "goal_id": goal_id,
            "title": title,
            "metric": metric,
            "target": target,
            "basis": "calendar",
            "goal_rate": goal_rate,
        }

    return {
        "agreement_id": AGREEMENT_ID,
        "version": 1,
        "title": "Public first response",
        "kind": "ssla",
        "level": "service",
        "overview": "A yardstick laid over public conversations; nobody has promised it.",
        "provider": "The brands",
        "customer": "Everybody who writes to them",
        "timezone": "UTC",
        "valid_from": first_at.astimezone(UTC).date().isoformat(),
        "change_reason": "Made from the messages.",
        "parties": [{"party_id": "brands", "name": "The brands", "role": "provider"}],
        "channels": channel_ids,
        "hours": SCHEDULE_ID,
        "goals": [
            goal("first-response", "first_response", "First response"),
            goal("next-response", "next_response", "Next response"),
        ],
        "review": {"raises_flags": False},
        "measures_people": False,
    }


def _write(path: Path, data: dict[str, Any]) -> None:
    # JSON is YAML, and it quotes whatever YAML might read in another way.
    text = json.dumps(data, indent=2, ensure_ascii=False)
    path.write_text(f"# Made from messages by social_sla.agreements.from_messages.\n{text}\n", encoding="utf-8")
