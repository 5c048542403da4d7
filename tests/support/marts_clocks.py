"""The fixture release's clocks of a month, with their stretches and messages: every figure follows from the hours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.marts_company import (
    AROUND_THE_CLOCK,
    AS_OF,
    CHANNELS,
    GOALS,
    LAST_PERIOD,
    AgreementSpec,
    GoalSpec,
    hours_of,
)

Row = dict[str, Any]
PAUSE_SECONDS = 3600
STOPS = {"ownership_time": "handed_over", "full_resolution": "solved", "requester_wait": "solved"}


@dataclass(frozen=True)
class MonthRows:
    """Rows of fct_sla_clock, fct_sla_clock_segment and fct_message."""

    clocks: list[Row]
    segments: list[Row]
    messages: list[Row]


def month_rows(spec: AgreementSpec, goal: GoalSpec, period: date, named: Callable[[str], str]) -> MonthRows:
    """Morning clocks: the misses first, then two that were just in time, one excluded, one never stopped."""
    rows = MonthRows([], [], [])
    decided = 0 if period == LAST_PERIOD else goal.decided
    for number in range(decided + 1):
        _add(rows, spec, goal, period, number, decided, named)
    return rows


def _add(
    rows: MonthRows,
    spec: AgreementSpec,
    goal: GoalSpec,
    period: date,
    number: int,
    decided: int,
    named: Callable[[str], str],
) -> None:
    open_hours = hours_of(spec.channel_id)
    hours = open_hours if goal.basis == "business" else AROUND_THE_CLOCK
    misses, target = goal.misses.get(f"{period:%Y-%m}", goal.usual_misses), goal.target_seconds
    is_running, is_excluded = decided == 0, number == decided > 0
    is_missed, is_silent = number < misses, number == 0 and misses > 3
    pause = PAUSE_SECONDS if goal.is_paused else 0
    if is_running:
        start = hours.instant(hours.reading(AS_OF) - target * 3 // 10 - pause)
    else:
        zone = ZoneInfo(spec.timezone)
        local = datetime(period.year, period.month, 1 + number % 20, 9, number % 60, 11, tzinfo=zone)
        start = local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
    began = hours.reading(start)
    if is_silent or is_excluded or is_running:
        stop, elapsed = None, hours.reading(AS_OF) - began - pause
    else:
        elapsed = (
            target + (1 if number == 1 else 60 * number + 7) if is_missed else target * _share(number, misses) // 100
        )
        stop = hours.instant(began + elapsed + pause)
    end = stop or AS_OF
    is_retargeted = number == 2 and bool(goal.targets)
    cuts = _cuts(hours, start, end, began, elapsed, pause, is_retargeted)
    due = hours.instant(began + target + pause)
    outcome = "excluded" if is_excluded else "running" if is_running else "missed" if is_missed else "met"
    is_decided = outcome in ("met", "missed")
    decided_at = min(due, stop or due) if is_decided else None
    clock_id = f"{goal.agreement_id}-{goal.goal_id}-{period:%Y%m}-{number:03d}"
    serial = period.toordinal() * 10_000 + GOALS.index(goal) * 100 + number
    prefix = f"{spec.source}:{CHANNELS[spec.channel_id][0]}:"
    stop_reason = STOPS.get(goal.metric, "response") if stop else None
    segments = [
        {"clock_id": clock_id, "conversation_key": serial, "segment_number": position, "state": state,
         "began_at": since, "began_by": by, "ended_at": until, "ended_by": ended_by or stop_reason or "as_of",
         "business_seconds": open_hours.reading(until) - open_hours.reading(since),
         "calendar_seconds": int((until - since).total_seconds())}
        for position, (state, since, by, until, ended_by) in enumerate(cuts, start=1)
    ]  # fmt: skip

    def total(state: str, basis: str) -> int:
        return sum(one[f"{basis}_seconds"] for one in segments if one["state"] == state)

    rows.segments.extend(segments)
    message, response = f"{prefix}m{serial}", f"{prefix}r{serial}" if stop_reason == "response" else None
    rows.clocks.append(
        {"clock_id": clock_id, "goal_key": f"{spec.key}:{goal.goal_id}",
         "agreement_id": goal.agreement_id, "agreement_version": spec.version, "goal_id": goal.goal_id,
         "metric": goal.metric, "source": spec.source, "channel_id": spec.channel_id, "conversation_key": serial,
         "conversation_id": f"{prefix}{serial}", "source_conversation_id": named(str(serial)),
         "message_id": message, "response_message_id": response,
         "cycle_number": 1 + number % 3 if goal.metric == "next_response" else 1,
         "team_id": "zendesk:auroraair:7" if goal.teams else None, "team_member_id": None,
         "priority": "low" if is_retargeted else "normal",
         "priority_at_decision": "high" if is_retargeted else "default",
         "schedule_id": f"{spec.channel_id}-hours", "basis": goal.basis, "target_seconds": target,
         "target_seconds_at_start": target * 2 if is_retargeted else target, "goal_rate": Decimal(goal.goal_rate),
         "started_at": start, "started_by": "inbound_turn" if goal.metric == "next_response" else "first_inbound",
         "stopped_at": stop, "stop_reason": stop_reason, "due_at": due, "elapsed_seconds": elapsed,
         "elapsed_business_seconds": total("running", "business"),
         "elapsed_calendar_seconds": total("running", "calendar"),
         "paused_seconds": total("paused", "calendar"), "paused_business_seconds": total("paused", "business"),
         "outcome": outcome, "excluded_reason": "spam" if is_excluded else None,
         "excluded_evidence": named("tag spam") if is_excluded else None, "is_clock_skewed": False,
         "decided_at": decided_at, "decided_period": period if is_decided else None, "started_period": period}
    )  # fmt: skip
    # A team's clock starts when the company had the message; the customer wrote it five minutes before.
    written = start - timedelta(seconds=300) if goal.subject == "team" else start
    of_conversation = {
        "source": spec.source, "account": CHANNELS[spec.channel_id][0], "channel_id": spec.channel_id,
        "conversation_key": serial, "conversation_id": f"{prefix}{serial}",
        "source_conversation_id": named(str(serial)), "customer_key": "c" * 16, "deleted_at": None,
    }  # fmt: skip
    rows.messages.append(
        {**of_conversation, "message_id": message, "source_message_id": f"m{serial}", "author_role": "customer",
         "direction": "inbound", "published_at": written, "received_at": start}
    )  # fmt: skip
    if response:
        rows.messages.append(
            {**of_conversation, "message_id": response, "source_message_id": f"r{serial}", "author_role": "person",
             "direction": "outbound", "published_at": stop, "received_at": stop}
        )  # fmt: skip


def _share(number: int, misses: int) -> int:
    return 97 if number < misses + 2 else 30


def _cuts(
    hours: Any, start: datetime, end: datetime, began: int, elapsed: int, pause: int, is_retargeted: bool
) -> list[tuple[str, datetime, str, datetime, str | None]]:
    """Stretches: state, begin, by what, end, by what the next one begins."""
    marks: list[tuple[str, datetime, str]] = [("running", start, "first_inbound")]
    if is_retargeted:
        marks.append(("running", hours.instant(began + elapsed // 3), "priority:high"))
    if pause:
        marks.append(("paused", hours.instant(began + elapsed // 2), "status:pending"))
        marks.append(("running", hours.instant(began + elapsed // 2 + pause), "status:open"))
    following = [*marks[1:], ("", end, None)]
    return [(state, at, by, after[1], after[2]) for (state, at, by), after in zip(marks, following, strict=True)]
