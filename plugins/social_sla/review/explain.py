"""How a clock came to its figure, in plain lines that a person can check by hand (every rule is named)."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from social_sla.review import words
from social_sla.review.clock_words import (
    EXCLUDED_BECAUSE,
    STOPPED_BY,
    conversation_words,
    measure,
    pause_words,
    spaced,
    started_by_words,
)
from social_sla.review.counted_hours import day_lines
from social_sla.review.explain_reads import Facts, read_facts
from social_sla.review.store import ReviewError, Row
from social_sla.review.targets import DEFAULT, of_basis, target_line

# Of a clock with more pauses the first and the last are told, and what lies between as one sum.
MOST_PAUSES = 6
PAUSES_AT_AN_END = 2


def explain_clock(con: duckdb.DuckDBPyConnection, clock_id: str) -> list[str]:
    """One line each: promise, target, start, pauses, the hours that counted by local date, due, stop, result, period.

    Args:
        con: a published release (or the warehouse's marts as the current schema), read-only.
        clock_id: fct_sla_clock.clock_id.

    Returns:
        Plain text without markup; times are local to the agreement with UTC beside them, durations exact. The lines of
        single days are indented; their dates and times are those of the hours that the goal counts.

    Raises:
        ReviewError: there is no such clock, or its days do not add up to its figure.
    """
    return explain_clocks(con, [clock_id])[clock_id]


def explain_clocks(con: duckdb.DuckDBPyConnection, clock_ids: Sequence[str]) -> dict[str, list[str]]:
    """The same for several clocks, by clock_id in the order asked for."""
    facts = read_facts(con, clock_ids)
    for clock_id in clock_ids:
        if clock_id not in facts:
            raise ReviewError(f"No clock {clock_id!r} in this release: take the id from fct_sla_clock.clock_id.")
    return {clock_id: _lines(facts[clock_id]) for clock_id in clock_ids}


def _lines(facts: Facts) -> list[str]:
    clock = facts.clock
    if clock["outcome"] != "excluded":
        last = [*_hours(facts), _due(facts), _stop(facts), _outcome(facts), _period(facts)]
    elif clock["stopped_at"]:
        last = [*_hours(facts), _stop(facts), _excluded(clock)]
    else:
        # What nothing stopped and nobody counts has no figure that a day could add to.
        last = [_excluded(clock)]
    lines = [
        _promise(facts),
        target_line(clock, facts.goal),
        _start(facts),
        *_pauses(facts),
        *_priorities(facts),
        *last,
    ]
    return [line for line in lines if line]


def clock_heading(clock: Row) -> str:
    """What a list of clocks calls one: the conversation's own number at its source, and which turn, cycle or gap."""
    number = clock.get("cycle_number")
    nth = f", {measure(clock['metric']).run} {number}" if number and number > 1 else ""
    return f"{conversation_words(clock['source'], clock['source_conversation_id'])}{nth}"


def _promise(facts: Facts) -> str:
    clock, agreement, goal = facts.clock, facts.agreement, facts.goal
    title = agreement.get("title") or clock["agreement_id"]
    name = f"{goal.get('title') or clock['goal_id']} ({measure(clock['metric']).name})"
    if clock["agreement_version"] is None:
        return f"{title}: no version was in force at the start (D18). Goal of the nearest version: {name}."
    since, until = agreement.get("valid_from_date"), agreement.get("valid_to_date")
    span = f" (in force from {words.day(since)}{f' to {words.day(until)}' if until else ''})" if since else ""
    source = goal.get("inherited_from")
    inherited = f", inherited from {source}" if source and source != goal.get("agreement_key") else ""
    return (
        f"Decided by {title}, version {clock['agreement_version']}{span}: the version in force at the start (D4, D18). "
        f"Goal: {name}{inherited}."
    )


def _start(facts: Facts) -> str:
    clock, message, zone = facts.clock, facts.message, facts.zone
    where = facts.channel.get("name") or clock["channel_id"]
    by = started_by_words(clock["started_by"] or "", clock["metric"])
    if clock["started_by"] == "moved_by_merge" and message:
        by += f", from {conversation_words(message['source'], message['source_conversation_id'])}"
    text = f"Started {words.local(clock['started_at'], zone)} on {where}: {by}{_named(message)}."
    if clock["metric"] == "ownership_time" and clock["team_id"]:
        text += f" The team: {facts.team.get('name') or clock['team_id']}."
    text += _deleted(facts)
    if not message or clock["started_by"] == "update":
        return text
    is_customers = facts.goal.get("subject") == "customer"
    counts = (
        "what counts is when it was posted, as for every goal on the customer (D10)."
        if is_customers
        else "what counts is when the company's system had it, as for every goal on a team or a person (D10)."
    )
    published, received = message["published_at"], message["received_at"]
    if published == received:
        return f"{text} Posted and received in the same second; {counts}"
    delay = words.duration(abs((received - published).total_seconds()), "calendar")
    order = "later" if received > published else "earlier"
    times = f"Posted {words.local(published, zone)}, received {words.local(received, zone)}, {delay} {order}"
    return f"{text} {times}; {counts}"


def _deleted(facts: Facts) -> str:
    """What a deletion at the source did to the start (D16): an older message that left, or nothing."""
    clock, message = facts.clock, facts.message
    text = ""
    if message.get("deleted_at") and clock["excluded_reason"] != "deleted" and clock["started_by"] != "update":
        when = words.local(message["deleted_at"], facts.zone)
        text += f" It was deleted on {when}, which changed nothing: the clock had stopped or was past due (D16)."
    if clock["started_by"] != "first_inbound" or clock["metric"] == "ownership_time" or not message:
        return text
    for older in facts.deleted:
        if older["message_id"] != message["message_id"] and older["published_at"] <= message["published_at"]:
            text += f" The older message {older['message_id']} was deleted on "
            text += f"{words.local(older['deleted_at'], facts.zone)}, while the clock was open, and left it (D16)."
    return text


def _named(message: Row) -> str:
    return f", message {message['message_id']}" if message else ""


def _pauses(facts: Facts) -> list[str]:
    paused = facts.paused
    lines = [_pause(facts, segment) for segment in paused]
    if len(paused) <= MOST_PAUSES:
        return lines
    between = paused[PAUSES_AT_AN_END:-PAUSES_AT_AN_END]
    business, calendar = (sum(one[f"{basis}_seconds"] for one in between) for basis in ("business", "calendar"))
    middle = f"Paused {words.count(len(between))} more times: {_both_bases(business, calendar)}."
    return [*lines[:PAUSES_AT_AN_END], middle, *lines[-PAUSES_AT_AN_END:]]


def _pause(facts: Facts, segment: Row) -> str:
    own = [status for status in (facts.goal.get("pause_statuses") or "").split(", ") if status]
    why = pause_words(_value(segment["began_by"], "status"), own, facts.clock["metric"])
    after = _value(segment["ended_by"], "status")
    until = f", until status {spaced(after)}" if after else ""
    return (
        f"Paused {words.local(segment['began_at'], facts.zone)} → {words.local(segment['ended_at'], facts.zone)}: {why}"
        f"{until}; {_both_bases(segment['business_seconds'], segment['calendar_seconds'])} left out (D1)."
    )


def _both_bases(business: int, calendar: int) -> str:
    return f"{words.duration(business)} of business time, {words.duration(calendar, 'calendar')} on the calendar"


def _value(cause: str | None, kind: str) -> str:
    """`status:pending` of the kind `status` → `pending`; empty for another kind."""
    found, _, value = (cause or "").partition(":")
    return value if found == kind else ""


def _priorities(facts: Facts) -> list[str]:
    """Every change of priority that the open clock saw, and what it did to the target (D4, D19)."""
    clock, basis = facts.clock, facts.clock["basis"]
    changes = [
        (_value(segment["began_by"], "priority"), segment["began_at"])
        for segment in facts.segments
        if _value(segment["began_by"], "priority")
    ]
    before, after = clock.get("target_seconds_at_start"), clock["target_seconds"]
    was, became = clock["priority"] or "none", clock.get("priority_at_decision")
    told = ", then ".join(f"{name} on {words.local(at, facts.zone)}" for name, at in changes)
    if before != after:
        if became == DEFAULT:
            # The name of a target, not a priority: the goal has none of its own for the clock's priority (D19).
            became = "one with the default target"
        text = f"Priority changed from {was} to {told or became}: target {words.duration(before, basis)} became "
        decided = f", that of {became}" if len(changes) > 1 else ""
        return [f"{text}{words.duration(after, basis)}{decided}; start and pauses stay (D4, D19)."]
    if told:
        return [f"Priority changed from {was} to {told}; the target that decides stays (D19)."]
    return []


def _hours(facts: Facts) -> list[str]:
    clock, basis, zone = facts.clock, facts.clock["basis"], facts.days_zone
    if not facts.has_hours:
        return ["Its hours by day are not told: this release was published before releases held their business hours."]
    counted = f"the open hours of {clock['schedule_id']} ({zone})" if facts.hours else f"every second ({zone})"
    less = " without the pauses" if facts.paused else ""
    rules = "D1, D3" if facts.hours else "D1"
    days = facts.days()
    if not days:
        return [f"Counted {counted}{less} ({rules}): none between start and end."]
    return [
        f"Counted {counted}{less}, day by day ({rules}):",
        *(f"  {line}" for line in day_lines(days, basis, zone)),
        f"Together {words.duration(clock['elapsed_seconds'], basis)} on {words.plural(len(days), 'day')}.",
    ]


def _due(facts: Facts) -> str:
    clock = facts.clock
    if clock["due_at"] is None:
        return "No due time: the clock was paused before its target was used up (D17)."
    due = f"Due {words.local(clock['due_at'], facts.zone)}: the first instant at which the target is used up"
    if clock.get("target_seconds_at_start") in (None, clock["target_seconds"]):
        return f"{due} (D2)."
    return f"{due}, and not before the change of target (D2, D19)."


def _stop(facts: Facts) -> str:
    clock, zone = facts.clock, facts.zone
    if clock["stopped_at"] is None:
        text = f"Nothing stopped it up to the end of the data, {words.utc(facts.as_of)}"
        if clock["outcome"] == "paused":
            return f"{text}; it stands still then (D17)."
        is_silence = clock["metric"] in ("first_response", "next_response")
        return f"{text}: {'silence is counted, once' if is_silence else 'it is measured to then'} (D6, D17)."
    reason = clock["stop_reason"] or ""
    why = STOPPED_BY.get(reason, spaced(reason))
    if reason == "response":
        why += " by anybody (R2)" if facts.goal.get("responder") == "any" else " by a person (R1)"
    text = f"Stopped {words.local(clock['stopped_at'], zone)}: {why}{_named(facts.response)}."
    if not clock.get("is_clock_skewed"):
        return text
    own = facts.response.get("published_at")
    written = f", {words.local(own, zone)}," if own else ""
    return (
        f"{text} By its own time{written} the stop lay before the start, or before the message that it answers: "
        "it was put at the later of these and marked (D14)."
    )


def _outcome(facts: Facts) -> str:
    clock, basis = facts.clock, facts.clock["basis"]
    elapsed, target = clock["elapsed_seconds"], clock["target_seconds"]
    paused = clock.get("paused_business_seconds") if basis == "business" else clock["paused_seconds"]
    without = f", {words.duration(paused, basis)} of pauses left out (D1)" if paused else ""
    other_basis = "calendar" if basis == "business" else "business"
    other = words.duration(clock[f"elapsed_{other_basis}_seconds"], other_basis)
    used = f"{words.duration(elapsed, basis)} elapsed of {of_basis(target, basis)}{without}"
    used += f" ({other} by the {other_basis} basis)"
    room = words.duration(abs(target - elapsed), basis)
    outcome = clock["outcome"]
    if outcome == "met":
        return f"Met: {used}; {room} to spare (D2)." if elapsed < target else f"Met: {used}; to the second (D2)."
    if outcome == "missed":
        return f"Missed: {used}; {room} over (D2, D6)."
    if outcome == "paused":
        status = _value(facts.paused[-1]["began_by"], "status") if facts.paused else ""
        still = f" in status {spaced(status)}" if status else ""
        return f"Paused{still}, not decided: {used}; {room} left (D17)."
    return f"Running, not decided: {used}; {room} left (D6)."


def _excluded(clock: Row) -> str:
    reason = clock["excluded_reason"]
    evidence = clock.get("excluded_evidence")
    because = EXCLUDED_BECAUSE.get(reason or "", f"{spaced(reason)} (D8)")
    if reason == "closed_without_reply":
        basis = clock["basis"]
        used = words.duration(clock["elapsed_seconds"], basis)
        because += f"; {used} elapsed of {of_basis(clock['target_seconds'], basis)}"
    return (
        f"Excluded, in no rate: {because}"
        + (f"; evidence: {evidence}" if evidence and evidence != reason else "")
        + "."
    )


def _period(facts: Facts) -> str:
    clock = facts.clock
    if clock["decided_at"] is None:
        return ""
    decided = words.local(clock["decided_at"], facts.zone)
    return f"Counts in {words.month(clock['decided_period'])}, which holds {decided}: the earlier of stop and due (D7)."
