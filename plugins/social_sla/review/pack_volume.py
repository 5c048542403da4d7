"""What came in on each channel in the month, and what nobody answered or opened (M7 to M11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import duckdb

from social_sla.review.store import fetch, has_table


@dataclass(frozen=True)
class ChannelVolume:
    """A channel's month; shares are 0 to 1, None without a denominator or where nobody can know."""

    channel_name: str
    listened_count: int
    assistance_count: int | None
    unknown_intent_count: int
    answered_count: int
    never_answered_count: int
    never_answered_rate: float | None
    pending_count: int
    never_viewed_count: int | None
    never_viewed_rate: float | None
    peak_attainment_rate: float | None
    other_attainment_rate: float | None
    headroom: str | None


def channel_volumes(con: duckdb.DuckDBPyConnection, period: date) -> tuple[tuple[ChannelVolume, ...], tuple[str, ...]]:
    """The channels on which something came in, by name, and the names of those on which nothing did.

    Both are empty where the release knows no volumes.
    """
    if not has_table(con, "channel_volume_monthly"):
        return (), ()
    rows = fetch(
        con,
        """
        select channels.name as channel_name, months.*
        from dim_channel as channels
        left join channel_volume_monthly as months on channels.channel_id = months.channel_id and months.period = ?
        order by channels.name, channels.channel_id
        """,
        period,
    )
    volumes = tuple(
        ChannelVolume(
            channel_name=row["channel_name"],
            listened_count=row["listened_count"],
            assistance_count=row["assistance_count"],
            unknown_intent_count=row["unknown_intent_count"],
            answered_count=row["answered_count"],
            never_answered_count=row["never_answered_count"],
            never_answered_rate=row["never_answered_rate"],
            pending_count=row["pending_count"],
            never_viewed_count=row["never_viewed_count"],
            never_viewed_rate=_share(row["never_viewed_count"], row["measurable_count"]),
            peak_attainment_rate=row["peak_attainment_rate"],
            other_attainment_rate=row["other_attainment_rate"],
            headroom=_ratio(row["headroom_ratio"]),
        )
        for row in rows
        if row["listened_count"]
    )
    return volumes, tuple(row["channel_name"] for row in rows if not row["listened_count"])


def _share(part: int | None, whole: int) -> float | None:
    return None if part is None or not whole else part / whole


def _ratio(value: float | None) -> str | None:
    """To one decimal, rounded down: a ratio under 1 never looks like 1."""
    return None if value is None else f"{int(Fraction(value) * 10) / 10:.1f}"
