"""The connector against a real Request Tracker: everything lands, and means what it says."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from social_sla.landing import Landing
from social_sla.sources.base import Credentials, Window
from social_sla.sources.check import check_source

from tests.servers.conftest import Measured, extract
from tests.servers.request_tracker import PASSWORD
from tests.servers.service_levels import ACCOUNT
from tests.servers.stories import LEVELS

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture
def number(measured: Measured) -> dict[str, int]:
    """Tickets by what happened to them."""
    return measured.played.others


def rows(measured: Measured, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return measured.warehouse.execute(sql, list(values)).fetchall()


def messages(measured: Measured, ticket: int) -> list[tuple[Any, ...]]:
    """Who wrote a ticket's messages, in order, and what they are."""
    return rows(
        measured,
        """
        select messages.author_role, messages.direction, messages.kind, messages.excluded_reason
        from intermediate.int_request_tracker_messages as messages
        inner join intermediate.int_request_tracker_tickets as tickets using (conversation_key)
        where tickets.source_conversation_id = ?
        order by messages.source_order
        """,
        str(ticket),
    )


def test_the_connection_is_good(measured: Measured) -> None:
    credentials = Credentials("request_tracker_live", measured.played.server.url, "warehouse", PASSWORD)
    report = check_source("request_tracker", ACCOUNT, credentials)
    assert report.ok, str(report)
    assert PASSWORD not in str(report)


def test_a_second_run_lands_the_same(measured: Measured, tmp_path: Path) -> None:
    """The server gives its keys in another order each time. The last tickets are enough to see it."""
    few = Window(measured.window.end - timedelta(seconds=20), measured.window.end)
    runs = [extract(measured.played.server, Landing(f"file://{tmp_path}/{number}"), few) for number in range(2)]
    first, again = ({name: (found.row_count, found.sha256) for name, found in run.items()} for run in runs)
    assert again == first
    assert 0 < first["tickets"][0] < len(measured.played.tickets)


def test_every_ticket_and_every_transaction_lands(measured: Measured) -> None:
    """As many as its own database has; nobody's login is told so."""
    played = measured.played
    expected = played.server.count("Tickets"), played.server.count("Transactions", "ObjectType = 'RT::Ticket'")
    landed = {name: found.row_count for name, found in measured.manifests.items()}
    assert landed["tickets"] == expected[0] == len(played.tickets) + len(played.others)
    assert landed["transactions"] == expected[1]
    assert all(found.quarantined_count == 0 for found in measured.manifests.values())


def test_only_the_companys_people_land(measured: Measured) -> None:
    names = {json.loads(row.payload)["Name"] for row in measured.landing.read(measured.manifests["staff"].key)}
    assert names == {"root", "mia", "warehouse", "Nobody", "RT_System"}
    assert len(rows(measured, "select * from marts.dim_team_member")) == 3


def test_a_conversation_with_everybody(measured: Measured, number: dict[str, int]) -> None:
    """The customer, RT's automatic answer, a note, another customer, the customer's comment (R3), an answer."""
    assert messages(measured, number["talk"]) == [
        ("customer", "inbound", "email", None),
        ("auto_reply", "outbound", "email", None),
        ("person", "internal", "note", None),
        ("other_customer", "inbound", "email", "other_customer"),
        ("customer", "inbound", "note", None),
        ("person", "outbound", "email", None),
    ]


def test_what_the_staff_opens_is_no_request(measured: Measured, number: dict[str, int]) -> None:
    assert messages(measured, number["by_staff"])[0][:2] == ("person", "outbound")


def test_a_merged_ticket_keeps_its_message_and_names_its_parent(measured: Measured, number: dict[str, int]) -> None:
    found = rows(
        measured,
        "select merged_into_conversation_id, merged_at is not null, has_status from "
        "intermediate.int_request_tracker_conversations where source_conversation_id = ?",
        str(number["merged"]),
    )
    assert found == [(f"request_tracker:{ACCOUNT}:{number['parent']}", True, True)]
    for name in ("merged", "parent"):
        assert ("customer", "inbound", "email", None) in messages(measured, number[name])


def test_what_is_out_of_every_goal(measured: Measured, number: dict[str, int]) -> None:
    found = dict(
        rows(
            measured,
            "select source_conversation_id, excluded_reason from intermediate.int_request_tracker_conversations "
            "where excluded_reason is not null",
        )
    )
    assert found == {str(number["deleted"]): "deleted", str(number["spam"]): "spam"}


def history(measured: Measured, model: str, column: str, ticket: int) -> list[Any]:
    """The values of one column in a ticket's history."""
    found = rows(
        measured,
        f"select {column} from intermediate.int_request_tracker_{model} as changes "
        "inner join intermediate.int_request_tracker_tickets as tickets using (conversation_key) "
        "where tickets.source_conversation_id = ? order by changes.source_order",
        str(ticket),
    )
    return [value for (value,) in found]


def test_histories_begin_with_what_the_ticket_was_created_with(measured: Measured, number: dict[str, int]) -> None:
    talk, moved = number["talk"], number["moved"]
    statuses = history(measured, "status_changes", "status", talk)
    assert (statuses[0], statuses[-1]) == ("new", "solved")
    assert history(measured, "status_changes", "status", number["rejected"]) == ["new", "closed"]
    assert history(measured, "priority_changes", "priority", talk) == ["low", "high"]
    members = history(measured, "assignments", "source_team_member_id", talk)
    assert members[0] is None
    assert members[-1] is not None
    queues = measured.played.server.queues
    teams = history(measured, "assignments", "source_team_id", moved)
    assert (teams[0], teams[-1]) == (str(queues[LEVELS[0].queue]), str(queues[LEVELS[1].queue]))
    (channel,) = rows(
        measured,
        "select channel_id from intermediate.int_request_tracker_conversations where source_conversation_id = ?",
        str(moved),
    )
    assert channel == (LEVELS[0].id,)


def test_no_status_is_unknown(measured: Measured) -> None:
    assert rows(measured, "select * from intermediate.int_unmapped_statuses") == []
