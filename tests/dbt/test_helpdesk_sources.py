"""From the helpdesks' JSON to clocks: what staging reads is where the vendors write it.

Every helpdesk gets the same story: Ana asks at 09:00, an agent writes a note at 09:02, answers at 09:05 and solves at
10:00. Shapes are those of docs/sources, values are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.contract import test_kit_chatwoot as woot
from tests.contract import test_kit_freshdesk as fresh
from tests.contract import test_kit_hubspot as hub
from tests.contract import test_kit_intercom as inter
from tests.contract import test_kit_request_tracker as rt
from tests.contract import test_kit_zammad as zam
from tests.support.landed_stories import START, Streams, built_stories

ASKED, NOTED, ANSWERED, SOLVED = (START + timedelta(hours=9, minutes=minutes) for minutes in (0, 2, 5, 60))


def freshdesk() -> Streams:
    asked = fresh.ticket(0, ASKED, status=4, created_at=fresh.iso(ASKED), updated_at=fresh.iso(SOLVED))
    asked["stats"] = {
        "status_updated_at": fresh.iso(SOLVED),
        "resolved_at": fresh.iso(SOLVED),
        "closed_at": None,
        "first_responded_at": fresh.iso(ANSWERED),
    }
    note = {**fresh.conversation(0, NOTED), "private": True, "source": 2}
    return {
        "tickets": [asked],
        "conversations": [note, fresh.conversation(1, ANSWERED)],
        "ticket_activities": [],
        "agents": [{**fresh.reference()(0, START), "id": 6_010_396_333, "group_ids": [7]}],
        "groups": [{**fresh.reference()(0, START), "id": 7}],
        "ticket_fields": [],
        "sla_policies": [],
    }


def zammad() -> Streams:
    def article(number: int, at: datetime, **other: Any) -> dict[str, Any]:
        return {**zam.article(number, at), **other}

    asked = {**zam.ticket(0, SOLVED), "created_at": zam.iso(ASKED), "state": "closed", "state_id": 4}
    changes = [
        {**zam.history(0, ASKED), "type": "created", "attribute": None, "value_from": "", "value_to": ""},
        {**zam.history(1, ANSWERED), "value_from": "new", "value_to": "open"},
        {**zam.history(2, SOLVED), "value_from": "open", "value_to": "closed", "id_from": 2, "id_to": 4},
    ]
    return {
        "tickets": [asked],
        "ticket_articles": [
            article(0, ASKED, sender="Customer", created_by_id=71),
            article(1, NOTED, type="note", internal=True),
            article(2, ANSWERED),
        ],
        "ticket_history": [{"ticket_id": 100, **change} for change in changes],
        "groups": [zam.reference(user_ids=[3])(0, START)],
        "ticket_states": [
            {**zam.reference(state_type=kind)(number, START), "name": name}
            for number, (name, kind) in enumerate(
                [("new", "new"), ("open", "open"), ("x", "open"), ("closed", "closed")]
            )
        ],
        "ticket_priorities": [{**zam.reference()(1, START), "name": "2 normal"}],
    }


def chatwoot() -> Streams:
    asked = {**woot.conversation(0, SOLVED), "created_at": woot.seconds(ASKED), "status": "resolved"}
    ana = {"sender": {"id": 71, "type": "contact"}, "message_type": 0}
    return {
        "conversations": [asked],
        "messages": [
            woot.message(0, ASKED, **ana),
            woot.message(1, NOTED, private=True),
            woot.message(2, ANSWERED),
        ],
        "reporting_events": [{**woot.event(0, SOLVED), "conversation_id": 500, "display_id": 500}],
        "inboxes": [{**woot.reference(channel_type="Channel::Email")(6, START)}],
        "teams": [],
        "team_members": [],
        "agents": [{**woot.reference(role="agent")(7, START)}],
    }


def intercom() -> Streams:
    asked = {**inter.conversation(0, SOLVED), "created_at": inter.seconds(ASKED), "state": "closed", "open": False}
    part = inter.part("conversation_part")

    def of(number: int, at: datetime, kind: str, body: str | None = "On its way.") -> dict[str, Any]:
        return {"conversation_id": "500", **part(number, at), "part_type": kind, "body": body}

    return {
        "conversations": [asked],
        "conversation_parts": [of(0, NOTED, "note"), of(1, ANSWERED, "comment"), of(2, SOLVED, "close", None)],
        "tickets": [],
        "ticket_parts": [],
        "admins": [{**inter.reference(team_ids=[4])(7, START)}],
        "teams": [],
    }


def hubspot() -> Streams:
    ticket = hub.ticket(0, SOLVED, createdAt=hub.iso(ASKED))
    ticket["properties"] = {**ticket["properties"], "hs_pipeline_stage": "4"}
    history = hub.history(0, SOLVED)
    stage = {"sourceType": "CRM_UI", "updatedByUserId": 8}
    history["propertiesWithHistory"] = {
        "hs_pipeline_stage": [
            {"value": "4", "timestamp": hub.iso(SOLVED), **stage},
            {"value": "1", "timestamp": hub.iso(ASKED), **stage},
        ]
    }
    thread = {**hub.thread(0, ANSWERED), "createdAt": hub.iso(ASKED), "changed_at": hub.iso(ANSWERED)}
    below = {"thread_id": "700"}
    return {
        "tickets": [ticket],
        "ticket_histories": [history],
        "archived_tickets": [],
        "threads": [thread],
        "thread_messages": [
            below | hub.message(0, ASKED, direction="INCOMING", createdBy="V-71"),
            below | hub.message(1, NOTED, type="COMMENT"),
            below | hub.message(2, ANSWERED),
        ],
        "archived_threads": [],
        "pipelines": [
            {
                **hub.reference()(0, START),
                "stages": [
                    {"id": "1", "label": "New", "metadata": {"ticketState": "OPEN"}},
                    {"id": "4", "label": "Closed", "metadata": {"ticketState": "CLOSED"}},
                ],
            }
        ],
        "owners": [{**hub.reference(userId=8, teams=[])(7, START)}],
        "inboxes": [],
    }


def request_tracker() -> Streams:
    asked = rt.ticket(0, SOLVED, Status="resolved", Created=rt.iso(ASKED), Resolved=rt.iso(SOLVED))
    below = {"ticket_id": "100"}

    def change(number: int, at: datetime, by: int, **other: Any) -> dict[str, Any]:
        return {**below, **rt.transaction(number, at), "Creator": rt.ref("user", by), **other}

    return {
        "tickets": [asked],
        "transactions": [
            change(0, ASKED, 27, Type="Create"),
            change(1, NOTED, 29, Type="Comment"),
            change(2, ANSWERED, 29),
            change(3, SOLVED, 29, Type="Status", Field="Status", OldValue="open", NewValue="resolved"),
        ],
        "attachments": [below | rt.attachment(number, at) for number, at in enumerate((ASKED, NOTED, ANSWERED))],
        "queues": [rt.queue(0, START)],
        "staff": [{**rt.user(0, START), "id": 29}],
    }


STORIES: dict[str, tuple[str, Streams]] = {
    "freshdesk": ("auroraair", freshdesk()),
    "zammad": ("auroraair", zammad()),
    "chatwoot": ("1", chatwoot()),
    "intercom": ("ecahpwf5", intercom()),
    "hubspot": ("44556677", hubspot()),
    "request_tracker": ("rt.aurora.example", request_tracker()),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home = Path(tmp_path_factory.mktemp("helpdesks"))
    with built_stories(home, STORIES, ["fct_sla_clock", "fct_message"]) as connection:
        yield connection


@pytest.mark.parametrize("source", STORIES)
def test_clocks_run_as_the_story_says(built: duckdb.DuckDBPyConnection, source: str) -> None:
    clocks = built.execute(
        "select goal_id, outcome, elapsed_seconds, stop_reason, strftime(started_at, '%H:%M:%S')"
        " from marts.fct_sla_clock where source = ? order by goal_id",
        [source],
    ).fetchall()
    assert clocks == [
        ("first", "met", 300, "response", "09:00:00"),
        ("full", "met", 3_600, "closed" if source in ("zammad", "hubspot") else "solved", "09:00:00"),
    ]


@pytest.mark.parametrize("source", STORIES)
def test_messages_are_whose_they_are(built: duckdb.DuckDBPyConnection, source: str) -> None:
    told = built.execute(
        "select strftime(published_at, '%H:%M'), direction, author_role, is_public from marts.fct_message"
        " where source = ? order by published_at",
        [source],
    ).fetchall()
    assert told == [
        ("09:00", "inbound", "customer", True),
        ("09:02", "internal", "person", False),
        ("09:05", "outbound", "person", True),
    ]
