"""A configuration for accounts on Bluesky: each is a channel, and one public promise of an hour is laid over all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

TARGET_SECONDS = 3_600


def write_social_config(folder: Path, handles: Iterable[str], valid_from: date) -> None:
    """Channels, hours and the agreement: first and next response in calendar time, around the clock."""
    (folder / "agreements").mkdir(parents=True)
    channels = [_channel(handle) for handle in handles]
    schedule = {"schedule_id": "always", "title": "Around the clock", "timezone": "UTC", "weekly": "24x7"}
    agreement = {
        "agreement_id": "public-response",
        "version": 1,
        "title": "Public response",
        "kind": "ssla",
        "level": "service",
        "overview": "An hour, in public.",
        "provider": "The companies",
        "customer": "Everybody who writes to them",
        "timezone": "UTC",
        "valid_from": valid_from.isoformat(),
        "change_reason": "First edition.",
        "parties": [{"party_id": "desk", "name": "Desk", "role": "provider"}],
        "channels": [channel["channel_id"] for channel in channels],
        "hours": "always",
        "goals": [_goal("first_response"), _goal("next_response")],
    }
    # JSON is YAML.
    (folder / "channels.yaml").write_text(json.dumps({"channels": channels}))
    (folder / "calendars.yaml").write_text(json.dumps({"schedules": [schedule]}))
    (folder / "agreements" / "public-response.yaml").write_text(json.dumps(agreement))


def _channel(handle: str) -> dict[str, Any]:
    return {
        "channel_id": handle.replace(".", "-"),
        "name": f"@{handle}",
        "source": "bluesky",
        "account": handle,
        "kind": "social",
        "strategic_objective": "Answer in public the customers who write in public.",
        "timezone": "UTC",
        "languages": ["en"],
    }


def _goal(metric: str) -> dict[str, Any]:
    return {
        "goal_id": metric.replace("_", "-"),
        "title": metric,
        "metric": metric,
        "target": f"{TARGET_SECONDS}s",
        "basis": "calendar",
        "goal_rate": 0.9,
    }
