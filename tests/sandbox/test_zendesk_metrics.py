"""Zendesk's figures of tickets that are written out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.company.ticketlog import TicketLog
from sandbox.company.world import SYSTEM_ID, Person, Ticket
from sandbox.zendesk_metric_events import MetricBook

CUSTOMER, AGENT, BOT = 71, 4, 9
UNTIL = int(datetime(2026, 3, 31, tzinfo=UTC).timestamp())


def at(text: str) -> int:
    """March 2026, UTC: `2 14:30`."""
    day, clock = text.split()
    return int(datetime.fromisoformat(f"2026-03-{int(day):02}T{clock}+00:00").timestamp())


def person(person_id: int, role: str) -> Person:
    return Person(person_id, f"Person {person_id}", None, role, 0, 0, "Etc/UTC", "en")


PEOPLE = {p.person_id: p for p in (person(CUSTOMER, "end-user"), person(AGENT, "agent"), person(BOT, "agent"))}


def opened(by: int = CUSTOMER, priority: str | None = "normal", status: str = "new") -> TicketLog:
    """A ticket of Monday 2 March 2026, 15:00 UTC: 10:00 in New York."""
    ticket = Ticket("zd_email", "email", CUSTOMER, by, "Bag", "en", at("2 15:00"), ticket_id=1)
    log = TicketLog(ticket)
    log.create(by, "Where is my bag?", {"status": status, "priority": priority})
    return log


def events(log: TicketLog, metric: str) -> list[tuple[int, int, str, dict[str, Any]]]:
    book = MetricBook([log.ticket], PEOPLE, UNTIL)
    return [(e.number, e.at, e.type, dict(e.more)) for e in book.events if e.metric == metric]


def lives(log: TicketLog, metric: str) -> list[tuple[int, int, str]]:
    return [event[:3] for event in events(log, metric) if event[2] in ("activate", "pause", "fulfill")]


def metrics(log: TicketLog) -> dict[str, Any]:
    return MetricBook([log.ticket], PEOPLE, UNTIL).metric_set_json(log.ticket, "")


def test_an_agent_user_that_is_a_bot_replies_like_any_agent() -> None:
    log = opened()
    log.step(at("2 15:00:30"), BOT, "A colleague will join you.")
    log.step(at("2 16:00"), AGENT, "Here I am.")
    assert lives(log, "reply_time") == [(1, at("2 15:00"), "activate"), (1, at("2 15:00:30"), "fulfill")]
    assert metrics(log)["reply_time_in_minutes"] == {"calendar": 0, "business": 0}
    assert metrics(log)["replies"] == 2


def test_solving_without_an_answer_fulfils_and_is_no_reply() -> None:
    log = opened()
    log.step(at("2 17:30:59"), AGENT, status="solved")
    (status,) = [more for *_, kind, more in events(log, "reply_time") if kind == "update_status"]
    assert status == {"status": {"calendar": 150, "business": 150}}
    assert metrics(log)["reply_time_in_minutes"] == {"calendar": None, "business": None}
    assert metrics(log)["full_resolution_time_in_minutes"] == {"calendar": 150, "business": 150}


def test_a_ticket_that_an_agent_opened() -> None:
    log = opened(by=AGENT, status="pending")
    log.inbound(at("3 15:00"), "That does not suit me.")
    log.step(at("3 16:00"), AGENT, "We move you.")
    # The counters wait for the customer, the native duration does not.
    assert lives(log, "reply_time") == [(1, at("3 15:00"), "activate"), (1, at("3 16:00"), "fulfill")]
    assert metrics(log)["reply_time_in_minutes"] == {"calendar": 25 * 60, "business": 9 * 60}
    assert metrics(log)["replies"] == 1


def test_waits_and_works_by_status_and_again_after_a_reopening() -> None:
    log = opened()
    log.step(at("2 16:00"), AGENT, "Which bag?", status="pending")
    log.inbound(at("2 17:00"), "The green one.")
    log.step(at("2 18:00"), AGENT, status="hold")
    log.step(at("2 19:00"), AGENT, "Found.", status="solved")
    log.inbound(at("2 20:00"), "It is broken.")
    log.step(at("2 21:00"), AGENT, "Sorry.", status="solved")
    found = metrics(log)
    assert found["requester_wait_time_in_minutes"]["calendar"] == 4 * 60
    assert found["agent_wait_time_in_minutes"]["calendar"] == 60
    assert found["on_hold_time_in_minutes"]["calendar"] == 60
    assert found["first_resolution_time_in_minutes"]["calendar"] == 4 * 60
    assert found["full_resolution_time_in_minutes"]["calendar"] == 6 * 60
    assert found["reopens"] == 1
    last = {
        metric: events(log, metric)[-1][3]["status"]["calendar"] for metric in ("agent_work_time", "resolution_time")
    }
    assert last == {"agent_work_time": 3 * 60, "resolution_time": 5 * 60}


def test_updates_run_from_one_public_answer_to_the_next_or_to_solved() -> None:
    log = opened()
    log.step(at("2 16:00"), AGENT, "Which bag?", status="pending")
    log.step(at("2 16:30"), AGENT, "A note.", is_public=False)
    log.inbound(at("2 17:00"), "The green one.")
    log.step(at("2 18:00"), AGENT, "We look for it.", status="open")
    log.step(at("2 20:00"), AGENT, status="solved")
    assert lives(log, "periodic_update_time") == [
        (1, at("2 16:00"), "activate"),
        (1, at("2 18:00"), "fulfill"),
        (2, at("2 18:00"), "activate"),
        (2, at("2 20:00"), "fulfill"),
    ]
    spent = [
        more["status"]["calendar"] for *_, kind, more in events(log, "pausable_update_time") if kind == "update_status"
    ]
    assert spent == [60, 120]


def test_a_longer_target_takes_a_breach_back() -> None:
    log = opened(priority="urgent")
    log.step(at("2 16:30"), AGENT, priority="low")
    log.step(at("2 17:00"), AGENT, "Here it is.")
    shown = [(when, kind, more) for _, when, kind, more in events(log, "reply_time") if kind in ("apply_sla", "breach")]
    assert [(when, more["sla"]["target"]) for when, kind, more in shown if kind == "apply_sla"] == [
        (at("2 15:00"), 60),
        (at("2 16:30"), 480),
    ]
    assert [(when, more) for when, kind, more in shown if kind == "breach"] == [(at("2 16:00"), {"deleted": True})]


def test_business_minutes_know_the_weekend_and_a_holiday_that_nobody_entered() -> None:
    ticket = Ticket("zd_email", "email", CUSTOMER, CUSTOMER, "Bag", "en", 0, ticket_id=1)
    # In New York from Friday 16:00 to Tuesday 10:00: Saturday has four hours, Monday is Columbus Day.
    ticket.created_at = int(datetime(2025, 10, 10, 20, tzinfo=UTC).timestamp())
    log = TicketLog(ticket)
    log.create(CUSTOMER, "Where is my bag?", {"status": "new", "priority": "normal"})
    log.step(int(datetime(2025, 10, 14, 14, tzinfo=UTC).timestamp()), AGENT, "Here.")
    assert metrics(log)["reply_time_in_minutes"] == {"calendar": 90 * 60, "business": (1 + 4 + 8 + 1) * 60}


def test_a_deleted_ticket_ends_without_a_word() -> None:
    log = opened()
    log.step(at("2 16:00"), SYSTEM_ID, status="deleted", via="rule")
    assert lives(log, "resolution_time") == [(1, at("2 15:00"), "activate")]
