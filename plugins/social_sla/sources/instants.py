"""Vendors' times as UTC."""

from __future__ import annotations

from datetime import UTC, datetime

_LOOKS_LIKE_MILLISECONDS = 100_000_000_000


def instant_of(value: object) -> datetime:
    """An epoch (seconds or milliseconds) or an ISO 8601 time as UTC; a time without a zone is UTC.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("an update time is neither text nor a number")
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("an update time is not ISO 8601") from None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.fromtimestamp(value / 1_000 if abs(value) >= _LOOKS_LIKE_MILLISECONDS else value, UTC)
