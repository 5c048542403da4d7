"""A real Request Tracker.

The connector: everything lands, and means what it says. Due times: Request Tracker computes its own, and ours are the
same but for what a named rule explains.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from social_sla.landing import Landing
from social_sla.sources.base import Credentials, Window
from social_sla.sources.check import check_source

from tests.servers.conftest import Measured, Played, extract
from tests.servers.counting import Rule
from tests.servers.promises import expected, open_turn, seconds, words
from tests.servers.request_tracker import PASSWORD
from tests.servers.service_levels import ACCOUNT
from tests.servers.stories import LEVELS, STORIES, Story

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


# --- Due times


@pytest.fixture(scope="session")
def rt_due(played: Played) -> dict[int, int | None]:
    """RT's own due times."""
    shown = {number: played.server.call("GET", f"ticket/{number}")["Due"] for number in played.tickets}
    return {number: seconds(datetime.fromisoformat(text)) for number, text in shown.items()}


@pytest.fixture(scope="session")
def our_due(measured: Measured) -> dict[int, int | None]:
    """Ours, of the one clock that is still without a stop; tickets without such a clock are missing."""
    rows = measured.warehouse.execute(
        """
        select cast(source_conversation_id as integer), due_at
        from marts.fct_sla_clock
        where stopped_at is null and outcome <> 'excluded'
        """
    ).fetchall()
    assert len({number for number, _ in rows}) == len(rows), "a ticket has two clocks without a stop"
    return {number: seconds(moment) for number, moment in rows if number in measured.played.tickets}


def of_each(played: Played) -> Iterator[tuple[int, Story]]:
    yield from played.tickets.items()


def test_there_is_enough_to_compare() -> None:
    assert len(STORIES) >= 80
    assert {story.level.id for story in STORIES} == {level.id for level in LEVELS}
    assert {rule for story in STORIES for rule in story.differs} == set(Rule)
    assert sum(not story.differs for story in STORIES) >= 60


def test_ours_are_those_of_the_definitions(played: Played, our_due: dict[int, int | None]) -> None:
    for number, story in of_each(played):
        if open_turn(story) is None:
            assert number not in our_due, words(story)
        else:
            assert number in our_due, words(story)
            assert our_due[number] == expected(story), words(story)


def test_every_difference_has_a_named_reason(
    played: Played, rt_due: dict[int, int | None], our_due: dict[int, int | None]
) -> None:
    """RT's due time is ours where nothing is named, and else what exactly the named rules make of it."""
    for number, story in of_each(played):
        theirs = rt_due[number]
        if not story.differs:
            assert our_due.get(number) == theirs, words(story)
            continue
        assert our_due[number] != theirs, f"no difference, but one is named: {words(story)}"
        assert theirs == expected(story, story.differs), words(story)
        for rule in story.differs:
            others = tuple(other for other in story.differs if other is not rule)
            assert theirs != expected(story, others), f"{rule.name} explains nothing: {words(story)}"


def test_the_vendors_own_figures_land(measured: Measured, rt_due: dict[int, int | None]) -> None:
    rows = measured.warehouse.execute(
        "select cast(ticket_id as integer), sla_level, due_at from staging.stg_request_tracker__tickets"
    ).fetchall()
    landed = {number: (level, seconds(moment)) for number, level, moment in rows}
    for number, story in of_each(measured.played):
        assert landed[number] == (story.level.id, rt_due[number]), words(story)
