"""What the public is told on each channel, and how far it was kept in the month (M13)."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import duckdb
from markupsafe import Markup

from social_sla.agreements.statements import PROBLEM_WORDS
from social_sla.review import charts, words
from social_sla.review.store import Row, fetch, has_table


@dataclass(frozen=True)
class Wording:
    """One statement in one place and language; `address` is without its scheme, for the page links nowhere."""

    place: str
    language: str
    text: str
    count: str
    address: str | None
    verified: str
    problems: str | None


@dataclass(frozen=True)
class Kept:
    """The month's promise (M13) in figures; rates are shares, None without a denominator."""

    promised_count: int
    kept_count: int
    kept_rate: float | None
    outside_hours_rate: float | None
    calendar_kept_rate: float | None
    hardest: str | None
    arrivals_chart: Markup | None
    answers_chart: Markup | None


@dataclass(frozen=True)
class ChannelStatement:
    """A channel, what it says in public, and what came of it. No wordings: it says nothing."""

    channel_name: str
    agreement_name: str | None
    wordings: tuple[Wording, ...]
    kept: Kept | None


def channel_statements(con: duckdb.DuckDBPyConnection, period: date) -> tuple[ChannelStatement, ...]:
    """Every channel, those that say nothing last; empty where the release has no statements."""
    if not has_table(con, "public_statement"):
        return ()
    kept = _kept(con, period)
    rows = fetch(
        con,
        """
        select channels.name as channel_name, channels.channel_id, agreements.title as agreement_name,
            agreements.timezone, statements.statements
        from public_statement as statements
        join dim_channel as channels using (channel_id)
        left join dim_agreement as agreements using (agreement_key)
        order by statements.statement_text is null, channels.name
        """,
    )
    return tuple(
        ChannelStatement(
            channel_name=row["channel_name"],
            agreement_name=row["agreement_name"],
            wordings=tuple(_wording(item, row["timezone"]) for item in json.loads(row["statements"])),
            kept=kept.get(row["channel_id"]),
        )
        for row in rows
    )


def _wording(item: Row, zone: str) -> Wording:
    limit = f" of {item['character_limit']}" if item["character_limit"] else ""
    problems = [PROBLEM_WORDS.get(name, name) for name in (item["problem"] or "").split(", ") if name]
    address = item["statement_url"]
    verified = item["verified_at"]
    return Wording(
        place=(item["placement"] or "no place named").replace("_", " "),
        language=item["language"],
        text=item["statement_text"],
        count=f"{item['character_count']}{limit}",
        address=address.partition("://")[2] if address else None,
        verified=words.day(_local_date(verified, zone)) if verified else "never",
        problems="; ".join(problems) or None,
    )


def _local_date(instant: str, zone: str) -> date:
    """The date that a person wrote: a mart has its first instant, in UTC."""
    return datetime.fromisoformat(instant).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def _kept(con: duckdb.DuckDBPyConnection, period: date) -> dict[str, Kept]:
    if not has_table(con, "channel_promise_hourly"):
        return {}
    rows = fetch(
        con,
        """
        select channel_id, sum(promised_count) as promised, sum(kept_count) as kept, sum(message_count) as messages,
            sum(outside_hours_count) as outside, sum(calendar_decided_count) as calendar_decided,
            sum(calendar_kept_count) as calendar_kept,
            max_by(hour_of_week, promised_count - kept_count) as hardest_hour,
            max(promised_count - kept_count) as hardest_count
        from (select * from channel_promise_hourly where period = ? order by hour_of_week desc)
        group by channel_id
        """,
        period,
    )
    weeks = _weeks(con, period)
    return {
        row["channel_id"]: Kept(
            promised_count=row["promised"],
            kept_count=row["kept"],
            kept_rate=_share(row["kept"], row["promised"]),
            outside_hours_rate=_share(row["outside"], row["messages"]),
            calendar_kept_rate=_share(row["calendar_kept"], row["calendar_decided"]),
            hardest=_hour(row["hardest_hour"], row["hardest_count"]),
            arrivals_chart=_chart(row["channel_id"], weeks, is_share=False),
            answers_chart=_chart(row["channel_id"], weeks, is_share=True),
        )
        for row in rows
    }


Weeks = dict[str, list[tuple[int, int, float | None]]]


def _weeks(con: duckdb.DuckDBPyConnection, period: date) -> Weeks:
    """By channel: hour of the week, messages, share answered in the stated time with every second counted."""
    rows = fetch(
        con,
        """
        select channel_id, hour_of_week, message_count, calendar_kept_count, calendar_decided_count
        from channel_promise_hourly where period = ? and message_count > 0 order by channel_id, hour_of_week
        """,
        period,
    )
    weeks: Weeks = defaultdict(list)
    for row in rows:
        share = _share(row["calendar_kept_count"], row["calendar_decided_count"])
        weeks[row["channel_id"]].append((row["hour_of_week"], row["message_count"], share))
    return weeks


def _chart(channel_id: str, weeks: Weeks, *, is_share: bool) -> Markup | None:
    hours = [(hour, share if is_share else float(count)) for hour, count, share in weeks.get(channel_id, [])]
    known = [(hour, figure) for hour, figure in hours if figure is not None]
    if not known:
        return None
    title, description = (charts.answers_text if is_share else charts.arrivals_text)(known)
    return charts.draw(
        charts.week_spec(known, is_share=is_share),
        key=f"{'wa' if is_share else 'wm'}-{re.sub(r'[^a-z0-9]+', '-', channel_id.lower())}",
        title=title,
        description=description,
        css_class="chart week",
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _hour(hour_of_week: int, missed_count: int) -> str | None:
    if not missed_count:
        return None
    return f"{charts.hour_words(hour_of_week)} ({missed_count} not kept)"


def silent(statements: Iterable[ChannelStatement]) -> tuple[str, ...]:
    """The channels that say nothing in public."""
    return tuple(item.channel_name for item in statements if not item.wordings)
