"""The Zendesk part of the sandbox over real HTTP."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Client

BULK_AT = 1773813600  # 2026-03-18T06:00:00Z


@pytest.fixture(scope="module")
def tickets(client: Client) -> list[dict[str, Any]]:
    return client.exported("tickets")


@pytest.fixture(scope="module")
def events(client: Client) -> list[dict[str, Any]]:
    return client.events()


def test_tickets_come_once_in_the_order_of_their_generated_timestamp(tickets: list[dict[str, Any]]) -> None:
    keys = [(ticket["generated_timestamp"], ticket["id"]) for ticket in tickets]
    assert keys == sorted(set(keys))
    assert 8500 < len(tickets) < 9500
    assert Counter(ticket["status"] for ticket in tickets)["deleted"] > 50
    assert {ticket["via"]["channel"] for ticket in tickets} == {"email", "web", "chat", "native_messaging"}
    assert any(ticket["subject"] == "SCRUBBED" for ticket in tickets)


def test_a_small_page_continues_where_it_ended(client: Client, tickets: list[dict[str, Any]]) -> None:
    start = tickets[-50]["generated_timestamp"]
    expected = [ticket["id"] for ticket in tickets if ticket["generated_timestamp"] >= start]
    assert [ticket["id"] for ticket in client.exported("tickets", start, per_page=7)] == expected
    last = client.get_zendesk("incremental/tickets/cursor.json", start_time=start).json()
    assert last["end_of_stream"] is True
    after = client.get_zendesk(last["after_url"]).json()
    assert (after["tickets"], after["end_of_stream"], after["after_cursor"]) == ([], True, last["after_cursor"])
    assert last["after_url"].startswith(client.info.zendesk_base_url)


def test_events_repeat_at_page_starts_and_none_is_lost(client: Client, events: list[dict[str, Any]]) -> None:
    ids = [event["id"] for event in events]
    unique = {event["id"]: event for event in events}
    assert len(ids) > len(unique)
    times = [event["timestamp"] for event in unique.values()]
    assert times == sorted(times)
    assert all(event["event_type"] == "Audit" for event in unique.values())
    child_ids = Counter(child["id"] for event in unique.values() for child in event["child_events"])
    assert max(child_ids.values()) == 1
    assert not child_ids.keys() & unique.keys()


def test_rows_of_one_second_stay_together_even_when_they_are_more_than_a_page(client: Client) -> None:
    params = {"start_time": BULK_AT, "per_page": 1000}
    body = client.get_zendesk("incremental/ticket_events.json", **params).json()
    assert sum(event["timestamp"] == BULK_AT for event in body["ticket_events"]) == 1250
    assert body["count"] == len(body["ticket_events"]) > 1250
    assert body["end_time"] > BULK_AT
    assert f"start_time={body['end_time']}" in body["next_page"]


def test_the_last_page_of_events_still_names_a_next_one(client: Client) -> None:
    body = client.get_zendesk("incremental/ticket_events.json", start_time=1793577600).json()
    assert body["end_of_stream"] is True
    assert body["next_page"].startswith(client.info.zendesk_base_url)


def test_comments_need_the_sideload(client: Client) -> None:
    params = {"start_time": 1793000000, "per_page": 50}
    bare = client.get_zendesk("incremental/ticket_events.json", **params).json()["ticket_events"]
    full = client.get_zendesk("incremental/ticket_events.json", include="comment_events", **params).json()[
        "ticket_events"
    ]
    for plain, rich in zip(bare, full, strict=True):
        for one, two in zip(plain["child_events"], rich["child_events"], strict=True):
            if two["event_type"] == "Comment":
                assert "body" not in one
                assert (one["comment_present"], one["comment_public"]) == (True, two["public"])
                assert two["audit_id"] == rich["id"]


def test_every_history_leads_to_the_ticket_as_it_is(
    tickets: list[dict[str, Any]], events: list[dict[str, Any]]
) -> None:
    values: dict[int, dict[str, Any]] = {}
    for event in {event["id"]: event for event in events}.values():
        for child in event["child_events"]:
            for name in ("status", "priority", "assignee_id", "group_id", "tags"):
                if child["event_type"] in ("Create", "Change") and name in child:
                    if child["event_type"] == "Change":
                        assert values[event["ticket_id"]][name] == child["previous_value"]
                    values.setdefault(event["ticket_id"], {})[name] = child[name]
    for ticket in tickets:
        shown = {name: ticket[name] for name in ("status", "priority", "tags")}
        shown |= {n: None if ticket[n] is None else str(ticket[n]) for n in ("assignee_id", "group_id")}
        assert values[ticket["id"]] == shown


def test_a_merge_is_two_updates_that_name_each_other(
    tickets: list[dict[str, Any]], events: list[dict[str, Any]]
) -> None:
    merged = {ticket["id"] for ticket in tickets if "closed_by_merge" in ticket["tags"]}
    assert len(merged) >= 50
    links: dict[int, tuple[int, int]] = {}
    for event in events:
        for child in event["child_events"]:
            via = child["via"]
            if child["event_type"] == "Comment" and (
                via == "Merge" or (isinstance(via, dict) and via["channel"] == "merge")
            ):
                links[event["ticket_id"]] = (child["via_reference_id"], event["timestamp"])
    for child_id in merged:
        parent_id, at = links[child_id]
        assert links[parent_id] == (child_id, at)


@pytest.fixture(scope="module")
def metric_events(client: Client) -> list[dict[str, Any]]:
    """All pages: the end is where the next page would be the same, for `end_of_stream` is not promised."""
    found: dict[int, dict[str, Any]] = {}
    url, asked = "incremental/ticket_metric_events.json?start_time=0&per_page=1000", 0
    while True:
        body = client.get_zendesk(url).json()
        assert "end_of_stream" not in body
        assert body["count"] == len(body["ticket_metric_events"])
        found |= {row["id"]: row for row in body["ticket_metric_events"]}
        if body["end_time"] == asked:
            return list(found.values())
        url, asked = body["next_page"], body["end_time"]


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def test_metric_events_are_the_life_of_each_instance(metric_events: list[dict[str, Any]]) -> None:
    assert [row["time"] for row in metric_events] == sorted(row["time"] for row in metric_events)
    metrics = {row["metric"] for row in metric_events}
    assert metrics == {
        *("reply_time", "agent_work_time", "requester_wait_time", "resolution_time"),
        *("periodic_update_time", "pausable_update_time"),
    }
    lives: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in metric_events:
        lives[row["ticket_id"], row["metric"], row["instance_id"]].append(row)
    for (_, metric, number), rows in lives.items():
        running, spent, began = False, 0, 0
        assert rows[0]["type"] == "activate", rows[0]
        assert number == 1 or metric.endswith(("reply_time", "update_time"))
        for row in rows:
            at = seconds(row["time"])
            if row["type"] == "activate":
                assert not running, row
                running, began = True, at
            elif row["type"] in ("pause", "fulfill"):
                spent += at - began if running else 0
                running = False
            elif row["type"] == "update_status":
                assert row["status"]["calendar"] == spent // 60
                assert 0 <= row["status"]["business"] <= row["status"]["calendar"]
            elif row["type"] == "apply_sla":
                assert row["sla"]["target_in_seconds"] == row["sla"]["target"] * 60
            else:
                assert (row["type"], row["deleted"]) == ("breach", False)


def test_metrics_come_inside_the_tickets_that_are_asked_for_them(
    client: Client, tickets: list[dict[str, Any]], events: list[dict[str, Any]]
) -> None:
    body = client.get_zendesk(
        "incremental/tickets/cursor.json", start_time=1790000000, per_page=500, include="metric_sets"
    ).json()
    assert "include=metric_sets" in body["after_url"]
    assert "metric_set" not in tickets[-1]
    by_ticket: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in {event["id"]: event for event in events}.values():
        by_ticket[event["ticket_id"]].append(event)
    seen = Counter[str]()
    for ticket in body["tickets"]:
        metrics = ticket.get("metric_set")
        if ticket["status"] == "deleted":
            assert metrics is None
            continue
        created = seconds(ticket["created_at"])
        solved = [
            event["timestamp"]
            for event in by_ticket[ticket["id"]]
            for child in event["child_events"]
            if child.get("status") in ("solved", "closed") and child.get("previous_value") not in ("solved", "closed")
        ]
        for name, at in (("first", solved[:1]), ("full", solved[-1:])):
            value = metrics[f"{name}_resolution_time_in_minutes"]["calendar"]
            assert value == ((at[0] - created) // 60 if at else None), ticket["id"]
        answers = [
            event["timestamp"]
            for event in by_ticket[ticket["id"]][1:]
            for child in event["child_events"]
            if child["event_type"] == "Comment" and child["public"] and child["author_id"] != ticket["requester_id"]
        ]
        reply = metrics["reply_time_in_minutes"]
        assert reply["calendar"] == ((answers[0] - created) // 60 if answers else None)
        assert metrics["replies"] == len(answers)
        exact = metrics["reply_time_in_seconds"]["calendar"]
        assert (exact is not None) is (ticket["via"]["channel"] == "native_messaging" and bool(answers))
        for name, value in metrics.items():
            if isinstance(value, dict) and value.get("business") is not None:
                assert 0 <= value["business"] <= value["calendar"], name
        seen[ticket["via"]["channel"]] += 1
    assert min(seen.values()) > 20


def test_ratings_and_deleted_tickets(client: Client, tickets: list[dict[str, Any]]) -> None:
    by_id = {ticket["id"]: ticket for ticket in tickets}
    params = {"start_time": 1790000000, "page[size]": 40}
    first = client.get_zendesk("satisfaction_ratings.json", **params).json()
    second = client.get_zendesk(first["links"]["next"]).json()
    rows = first["satisfaction_ratings"] + second["satisfaction_ratings"]
    assert len({row["id"] for row in rows}) == 80
    assert all(seconds(row["created_at"]) >= 1790000000 for row in rows)
    assert {row["score"] for row in rows} == {"offered", "good", "bad"}
    for row in rows:
        assert by_id[row["ticket_id"]]["satisfaction_rating"]["score"] == row["score"]
        assert by_id[row["ticket_id"]]["requester_id"] == row["requester_id"]
    assert client.get_zendesk("satisfaction_ratings.json", start_time="yesterday").status_code == 422
    deleted = client.get_zendesk("deleted_tickets.json", **{"page[size]": 100}).json()["deleted_tickets"]
    assert deleted
    for row in deleted:
        assert by_id[row["id"]]["status"] == "deleted"
        assert by_id[row["id"]]["updated_at"] == row["deleted_at"]
        assert row["actor"]["name"] == "Ada Admin"


def test_users_with_their_roles(client: Client) -> None:
    users = client.exported("users")
    assert len({user["id"] for user in users}) == len(users) > 5000
    roles = Counter(user["role"] for user in users)
    assert (roles["agent"], roles["admin"]) == (15, 2)
    assert sum(user["suspended"] for user in users) > 100
    assert any(user["email"] is None for user in users)
    vera = next(user for user in users if user["name"] == "Vera Castell" and user["role"] == "agent")
    assert vera["user_fields"] == {"agent_since": "2025-11-10"}


def test_groups_by_cursor_and_by_page(client: Client) -> None:
    first = client.get_zendesk("groups.json", **{"page[size]": 3}).json()
    second = client.get_zendesk(first["links"]["next"]).json()
    assert (first["meta"]["has_more"], second["meta"]["has_more"], second["links"]["next"]) == (True, False, None)
    assert [g["name"] for g in first["groups"] + second["groups"]] == [
        "Email Care",
        "Chat Care",
        "Escalations",
        "Old desk",
    ]
    offset = client.get_zendesk("groups.json", per_page=3).json()
    assert offset["count"] == 4
    assert len(client.get_zendesk(offset["next_page"]).json()["groups"]) == 1
    members = client.get_zendesk("group_memberships.json", **{"page[size]": 100}).json()
    assert len(members["group_memberships"]) == 15


def test_policies_and_schedules_mirror_the_goals(client: Client) -> None:
    policies = client.get_zendesk("slas/policies.json").json()
    assert policies["next_page"] is None
    first = [m for m in policies["sla_policies"][0]["policy_metrics"] if m["metric"] == "first_reply_time"]
    assert {m["priority"]: m["target"] for m in first} == {"urgent": 60, "high": 120, "normal": 240, "low": 480}
    schedules = client.get_zendesk("business_hours/schedules.json").json()["schedules"]
    open_minutes = [sum(i["end_time"] - i["start_time"] for i in s["intervals"]) for s in schedules]
    assert open_minutes == [5 * 480 + 240, 5 * 480 + 7 * 480]
    assert all(i["end_time"] <= 7 * 1440 for s in schedules for i in s["intervals"])
    holidays = client.get_zendesk(f"business_hours/schedules/{schedules[0]['id']}/holidays.json").json()["holidays"]
    dates = {holiday["start_date"] for holiday in holidays}
    assert {"2026-07-03", "2025-12-25"} <= dates
    # Nobody entered Columbus Day: Zendesk's business minutes of that day differ from ours.
    assert "2026-10-12" not in dates
    assert client.get_zendesk("business_hours/schedules/9/holidays.json").status_code == 404


def test_refusals(client: Client) -> None:
    wrong = requests.get(f"{client.info.zendesk_base_url}/api/v2/groups.json", auth=("a/token", "b"), timeout=10)
    assert (wrong.status_code, wrong.json()) == (401, {"error": "Couldn't authenticate you"})
    anonymous = requests.get(f"{client.info.zendesk_base_url}/api/v2/users/me.json", timeout=10).json()["user"]
    assert (anonymous["id"], anonymous["email"]) == (None, "invalid@example.com")
    assert client.get_zendesk("users/me.json").json()["user"]["role"] == "admin"
    recent = client.get_zendesk("incremental/tickets/cursor.json", start_time=1893577600)
    assert (recent.status_code, recent.json()["error"]) == (400, "StartTimeTooRecent")
    assert client.get_zendesk("incremental/tickets/cursor.json").status_code == 422
    assert client.get_zendesk("incremental/tickets/cursor.json", cursor="x").status_code == 422
    assert client.get_zendesk("nothing.json").json() == {"error": "RecordNotFound", "description": "Not found"}
    assert client.get_zendesk("groups.json").headers["x-rate-limit"] == "700"
