"""How a clock came to its figure, in plain lines that a person can check by hand (every rule is named)."""

from __future__ import annotations

from datetime import datetime

import duckdb

from social_sla.review import words
from social_sla.review.store import ReviewError, Row, fetch, release

STARTED_BY = {
    "first_inbound": "the customer's first message (M1)",
    "inbound_turn": "the customer's message that opened this turn (M2)",
    "reopened": "the conversation was reopened (M3)",
    "moved_by_merge": "the customer's message that came over with a merge, at its own time (D9)",
}
STOPPED_BY = {
    "response": "a response to the customer (R1)",
    "solved": "the conversation was solved (M3)",
    "closed": "the conversation was closed, which counts as solved (M3)",
    "closed_without_reply": "the conversation was closed without a reply (D15)",
    "merged": "the conversation was merged into another (D9)",
}
CAUSES = {
    "first_inbound": "the first message",
    "inbound_turn": "the message that opened the turn",
    "reopened": "the reopening",
    "moved_by_merge": "the message that came over",
    "response": "the response",
    "solved": "the solving",
    "closed": "the closing",
    "closed_without_reply": "the closing without a reply",
    "merged": "the merge",
    "as_of": "the end of the data",
}
EXCLUDED_BECAUSE = {
    "spam": "spam (D8)",
    "test": "a test (D8)",
    "tolerance": "the message breaks the channel's tolerance rules (D8)",
    "deleted": "deleted at the source (D8, D16)",
    "force_majeure": "force majeure (D8)",
    "agreed_closure": "an agreed closure (D8)",
    "caused_by_customer": "caused by the customer (D8)",
    "merged": "merged into another conversation before it stopped (D9)",
    "closed_without_reply": "closed without a reply before it was due (D15)",
    "automated_inbound": "an automatic message of the customer's mailbox (D15)",
    "other_customer": "another customer's message in the thread (D15)",
    "no_target": "the goal has no target for its priority (D19)",
    "no_agreement": "no version of the agreement was in force (D18)",
}


def explain_clock(con: duckdb.DuckDBPyConnection, clock_id: str) -> list[str]:
    """One line each: the promise, the start, every stretch, priority changes, due, stop, result, period.

    Args:
        con: a published release (or the warehouse's marts), read-only.
        clock_id: fct_sla_clock.clock_id.

    Returns:
        Plain text without markup; times are local to the agreement with UTC beside them, durations exact.

    Raises:
        ReviewError: there is no such clock.
    """
    clocks = fetch(con, "select * from fct_sla_clock where clock_id = ?", clock_id)
    if not clocks:
        raise ReviewError(f"No clock {clock_id!r} in this release: take the id from fct_sla_clock.clock_id.")
    clock = clocks[0]
    agreement = _first(con, "select * from dim_agreement where agreement_key = ?", clock["agreement_key"])
    goal = _first(con, "select * from dim_goal where goal_key = ?", clock["goal_key"])
    channel = _first(con, "select * from dim_channel where channel_id = ?", clock["channel_id"])
    segments = fetch(
        con, "select * from fct_sla_clock_segment where clock_id = ? order by segment_number, began_at", clock_id
    )
    zone = agreement.get("timezone") or channel.get("timezone") or "UTC"
    as_of = release(con).as_of
    lines = [_promise(clock, agreement, goal), _start(clock, channel, zone)]
    lines += [_stretch(segment, zone) for segment in segments]
    lines += _retargeted(clock)
    if clock["outcome"] == "excluded":
        return [*lines, _excluded(clock)]
    lines += [_due(clock, zone), _stop(clock, zone, as_of), _outcome(clock), *_period(clock, zone)]
    return [line for line in lines if line]


def clock_heading(clock: Row) -> str:
    """What a list of clocks calls one: the conversation's own number at its source, and which turn or cycle."""
    number = clock.get("cycle_number")
    source = {"x": "X conversation", "zendesk": "Zendesk ticket"}.get(
        clock["source"], f"{clock['source']} conversation"
    )
    nth = f", {_turn_word(clock['metric'])} {number}" if number and number > 1 else ""
    return f"{source} {clock['source_conversation_id']}{nth}"


def target_words(seconds: int | None, basis: str) -> str:
    return f"{words.duration(seconds, basis)} {'of business time' if basis == 'business' else 'around the clock'}"


def _first(con: duckdb.DuckDBPyConnection, sql: str, key: str | None) -> Row:
    rows = fetch(con, sql, key)
    return rows[0] if rows else {}


def _turn_word(metric: str) -> str:
    return "turn" if metric in ("first_response", "next_response") else "cycle"


def _text(code: str | None) -> str:
    return (code or "").replace("_", " ")


def _promise(clock: Row, agreement: Row, goal: Row) -> str:
    title = agreement.get("title") or clock["agreement_id"]
    since, until = agreement.get("valid_from_date"), agreement.get("valid_to_date")
    span = f"in force from {words.day(since)}" + (f" to {words.day(until)}" if until else "") if since else ""
    name = goal.get("title") or clock["goal_id"]
    source = goal.get("inherited_from")
    inherited = f", inherited from {source}" if source and source != clock["agreement_key"] else ""
    if clock["agreement_version"] is None:
        return f"{title}: no version was in force at the start (D18)."
    return (
        f"Decided by {title}, version {clock['agreement_version']}"
        + (f" ({span})" if span else "")
        + f": the version in force at the start (D4, D18). Goal: {name} ({_text(clock['metric'])}){inherited}, "
        + f"target {_target(clock)}."
    )


def _target(clock: Row) -> str:
    seconds = clock.get("target_seconds_at_start")
    seconds = clock["target_seconds"] if seconds is None else seconds
    if seconds is None:
        return "none"
    text = target_words(seconds, clock["basis"])
    priority = clock["priority"]
    return f"{text} at priority {priority}" if priority else text


def _start(clock: Row, channel: Row, zone: str) -> str:
    by = STARTED_BY.get(clock.get("started_by") or "", _text(clock.get("started_by")))
    where = channel.get("name") or clock["channel_id"]
    rule = (
        "D10: when the company's system had it"
        if clock.get("subject") in ("team", "member")
        else "D10: when it was posted"
    )
    return f"Started {words.local(clock['started_at'], zone)} on {where}: {by}; {rule}."


def _stretch(segment: Row, zone: str) -> str:
    state = "Ran" if segment["state"] == "running" else "Paused"
    return (
        f"{state} {words.local(segment['began_at'], zone)} → {words.local(segment['ended_at'], zone)}: "
        f"{words.duration(segment['business_seconds'])} of business time, "
        f"{words.duration(segment['calendar_seconds'], 'calendar')} on the calendar "
        f"(from {_cause(segment['began_by'])} to {_cause(segment['ended_by'])})."
    )


def _cause(code: str | None) -> str:
    if not code:
        return "an unnamed event"
    kind, _, value = code.partition(":")
    if kind == "status" and value:
        return f"status {_text(value)}"
    return CAUSES.get(code) or f"{_text(kind)} {_text(value)}".strip()


def _retargeted(clock: Row) -> list[str]:
    before, after = clock.get("target_seconds_at_start"), clock["target_seconds"]
    was, became = clock["priority"], clock.get("priority_at_decision")
    if became == "default":
        # The name of a target, not a priority: the goal has none of its own for the clock's priority (D19).
        became = None if before == after else "one with the default target"
    if before is not None and before != after:
        return [
            f"Priority changed from {was or 'none'} to {became or 'none'}: target "
            f"{words.duration(before, clock['basis'])} became {words.duration(after, clock['basis'])}; "
            "start and pauses stay (D4, D19)."
        ]
    if was != became and became:
        return [
            f"Priority changed from {was or 'none'} to {became}; "
            f"the target stays {words.duration(after, clock['basis'])} (D19)."
        ]
    return []


def _due(clock: Row, zone: str) -> str:
    if clock["due_at"] is None:
        return "No due time: the clock was paused before its target was used up (D17)."
    rule = "D2, D19" if clock.get("target_seconds_at_start") not in (None, clock["target_seconds"]) else "D2"
    return f"Due {words.local(clock['due_at'], zone)}: the first instant at which the target is used up ({rule})."


def _stop(clock: Row, zone: str, as_of: datetime) -> str:
    if clock["stopped_at"] is None:
        return f"Nothing stopped it up to the end of the data, {words.utc(as_of)}: silence is counted, once (D6, D17)."
    why = STOPPED_BY.get(clock["stop_reason"] or "", _text(clock["stop_reason"]))
    skew = " The stop lay before the start and was put at it (D14)." if clock.get("is_clock_skewed") else ""
    return f"Stopped {words.local(clock['stopped_at'], zone)}: {why}.{skew}"


def _outcome(clock: Row) -> str:
    basis = clock["basis"]
    elapsed, target = clock["elapsed_seconds"], clock["target_seconds"]
    paused = clock.get("paused_business_seconds") if basis == "business" else clock["paused_seconds"]
    without = f", {words.duration(paused, basis)} of pauses left out (D1)" if paused else ""
    other_basis = "calendar" if basis == "business" else "business"
    other = words.duration(clock[f"elapsed_{other_basis}_seconds"], other_basis)
    used = (
        f"{words.duration(elapsed, basis)} elapsed of {target_words(target, basis)}{without} "
        f"({other} by the {other_basis} basis)"
    )
    outcome = clock["outcome"]
    if outcome == "met":
        room = target - elapsed
        return (
            f"Met: {used}; {words.duration(room, basis)} to spare (D2)."
            if room
            else f"Met: {used}; to the second (D2)."
        )
    if outcome == "missed":
        over = elapsed - target
        return (
            f"Missed: {used}; {words.duration(over, basis)} over (D2, D6)."
            if over > 0
            else f"Missed: {used} (D15, D19)."
        )
    if outcome == "paused":
        return f"Paused, not decided: {used} (D17)."
    return f"Running, not decided: {used} (D6)."


def _excluded(clock: Row) -> str:
    reason = clock["excluded_reason"]
    evidence = clock.get("excluded_evidence")
    because = EXCLUDED_BECAUSE.get(reason or "", f"{_text(reason)} (D8)")
    return f"Excluded, in no rate: {because}" + (f"; evidence: {evidence}" if evidence else "") + "."


def _period(clock: Row, zone: str) -> list[str]:
    if clock["decided_at"] is None:
        return []
    return [
        f"Counts in {words.month(clock['decided_period'])}, which holds {words.local(clock['decided_at'], zone)}: "
        "the earlier of stop and due (D7)."
    ]
