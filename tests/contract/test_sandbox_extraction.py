"""The sandbox's vendors, read with our code: everything that is there lands, whatever happens on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from social_sla.landing import Landing, Manifest
from social_sla.sources.base import Credentials, Window
from social_sla.sources.check import check_source
from social_sla.sources.errors import AuthenticationError
from social_sla.sources.extract import extract_stream
from social_sla.sources.registry import streams
from social_sla.sources.retry import ClientOptions

from tests.support.sandbox_server import SandboxInfo, running_sandbox

START, END = datetime(2025, 5, 1, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
HISTORY = Window(START, END)
DAY = timedelta(days=1)
QUICK = ClientOptions(read_timeout=0.5, backoff_seconds=0.05, max_backoff_seconds=0.1, sleep=lambda _: None)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxInfo]:
    with running_sandbox() as info:
        yield info


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(f"file://{tmp_path}/landing")


def extract(info: SandboxInfo, landing: Landing, source: str, stream: str, account: str, window: Window) -> Manifest:
    if source == "x":
        credentials = Credentials("x_default", info.x_base_url, "", info.x_token)
    else:
        credentials = Credentials("zendesk_default", info.zendesk_base_url, info.zendesk_email, info.zendesk_token)
    options = ClientOptions() if not info.sandbox.faults.rules else QUICK
    return extract_stream(source, stream, account, credentials, window, landing, "r", now=END, client_options=options)


def ids_of(landing: Landing, manifest: Manifest) -> set[str]:
    return {record.record_id for record in landing.read(manifest.key)}


def seconds(window: Window) -> range:
    return range(int(window.start.timestamp()), int(window.end.timestamp()))


def test_the_history_of_zendesk(sandbox: SandboxInfo, landing: Landing) -> None:
    """Every stream over the whole history, but the events of half a year: they are many and all alike."""
    store, span = sandbox.sandbox.zendesk.store, seconds(HISTORY)
    half_a_year = Window(END - 180 * DAY, END)
    landed = {
        stream.name: extract(
            sandbox,
            landing,
            "zendesk",
            stream.name,
            "auroraair",
            half_a_year if stream.name in ("ticket_events", "ticket_metric_events") else HISTORY,
        )
        for stream in streams("zendesk")
    }
    assert landed["tickets"].row_count == sum(ticket.touched_at in span for ticket in store.tickets) > 8_000
    events = sum(event.step.at in seconds(half_a_year) for event in store.events)
    assert landed["ticket_events"].row_count == events > 10_000
    metric_events = sum(event.at in seconds(half_a_year) for event in store.metrics.events)
    assert landed["ticket_metric_events"].row_count == metric_events > 50_000
    assert landed["satisfaction_ratings"].row_count > 1_000
    assert landed["deleted_tickets"].row_count == len(store.deleted_tickets(span.stop)) > 0
    # People who were there before the history belong to its first partition.
    assert landed["users"].row_count == sum(user.updated_at < span.stop for user in store.users)
    assert landed["groups"].row_count == len(store.groups)
    assert landed["group_memberships"].row_count == len(store.memberships)
    assert landed["schedules"].row_count == 2
    assert landed["holidays"].row_count > 10
    assert all(manifest.quarantined_count == 0 for manifest in landed.values())
    # One request a page of 1,000 (lists: of 100), not one a record.
    pages = sum(manifest.row_count for manifest in landed.values()) / 1_000
    assert sum(manifest.call_count for manifest in landed.values()) < 1.1 * pages + 80


def test_the_whole_history_of_an_account_of_x(sandbox: SandboxInfo, landing: Landing) -> None:
    """What names the account, what it wrote, and the threads of both in full: no tweet is missed."""
    store, span = sandbox.sandbox.x.store, seconds(HISTORY)
    found: set[str] = set()
    for stream in streams("x"):
        manifest = extract(sandbox, landing, "x", stream.name, "AuroraAirAU", HISTORY)
        if stream.is_incremental:
            found |= ids_of(landing, manifest)
    account = store.by_name["auroraairau"]
    own = [*store.mentions_of(account), *store.by_author[account.user_id]]
    threads = {store.tweets[position].conversation_id for position in own if position not in store.reposts}
    positions = {position for thread in threads for position in store.by_conversation[thread]} | set(own)
    expected = {
        store.tweets[position].tweet_id for position in positions - store.reposts if store.tweets[position].at in span
    }
    assert found == expected
    assert len(found) > 6_000


def test_days_add_up_to_the_history(sandbox: SandboxInfo, landing: Landing, tmp_path: Path) -> None:
    """The last days by the timelines (as a daily run asks) hold what the archive search holds of them."""
    days = [Window(END - (n + 1) * DAY, END - n * DAY) for n in reversed(range(3))]
    whole = Landing(f"file://{tmp_path}/whole")
    for stream in ("mentions", "tweets"):
        by_day = [
            (record.record_id, record.payload)
            for window in days
            for record in landing.read(extract(sandbox, landing, "x", stream, "AuroraAir", window).key)
        ]
        window = Window(END - 9 * DAY, END)
        history = [
            (record.record_id, record.payload)
            for record in whole.read(extract(sandbox, whole, "x", stream, "AuroraAir", window).key)
            if record.record_updated_at >= days[0].start
        ]
        assert sorted(by_day) == sorted(history)
        assert by_day
    assert landing.landed_through("x", "AuroraAir", "tweets") == END


MONTH = Window(END - 33 * DAY, END)
FAULTS: list[dict[str, Any]] = [
    {"path": "*", "kind": "429", "retry_after": 3},
    {"path": "*", "kind": "500", "times": 2},
    {"path": "*", "kind": "truncate"},
    {"path": "*", "kind": "html"},
    {"path": "*", "kind": "timeout", "seconds": 1},
    {"path": "*", "kind": "duplicate_page", "times": 0},
]


@pytest.mark.parametrize(
    ("source", "stream", "account"),
    [
        ("zendesk", "tickets", "auroraair"),
        ("zendesk", "ticket_events", "auroraair"),
        ("x", "mentions", "AuroraAir"),
        ("x", "tweets", "AuroraAir"),
    ],
)
def test_faults_change_nothing(sandbox: SandboxInfo, landing: Landing, source: str, stream: str, account: str) -> None:
    calm = extract(sandbox, landing, source, stream, account, MONTH)
    faults = sandbox.sandbox.faults
    faults.add(FAULTS)
    try:
        manifest = extract(sandbox, landing, source, stream, account, MONTH)
        played = {rule.kind for rule in faults.rules if rule.hits}
    finally:
        faults.clear()
    assert manifest.sha256 == calm.sha256
    assert {"429", "500", "truncate", "html", "timeout"} <= played
    assert manifest.wait_seconds >= 3
    assert manifest.call_count > calm.call_count


def test_an_item_that_changes_under_the_export_keeps_both_versions(sandbox: SandboxInfo, landing: Landing) -> None:
    window = Window(END - 120 * DAY, END)
    calm = extract(sandbox, landing, "zendesk", "tickets", "auroraair", window)
    faults = [{"path": "*/tickets/cursor.json", "kind": "changing_item", "times": 1, "after": 1}]
    with running_sandbox(faults=faults) as info:
        manifest = extract(info, landing, "zendesk", "tickets", "auroraair", window)
    assert manifest.row_count == calm.row_count + 1
    assert len(ids_of(landing, manifest)) == calm.row_count


def test_a_token_that_expires_leaves_the_partition(sandbox: SandboxInfo, landing: Landing) -> None:
    before = extract(sandbox, landing, "zendesk", "ticket_events", "auroraair", MONTH)
    with (
        running_sandbox(faults=[{"path": "*", "kind": "expired_token", "times": 0, "after": 2}]) as info,
        pytest.raises(AuthenticationError, match="zendesk_default"),
    ):
        extract(info, landing, "zendesk", "ticket_events", "auroraair", MONTH)
    assert landing.manifests() == [before]
    assert len(list(landing.read(before.key))) == before.row_count


def test_merges_read_as_documented(sandbox: SandboxInfo, landing: Landing) -> None:
    """docs/sources/zendesk.md, "A merge": both tickets name each other in `via_reference_id`."""
    manifest = extract(sandbox, landing, "zendesk", "ticket_events", "auroraair", MONTH)
    pairs = set()
    for record in landing.read(manifest.key):
        event = json.loads(record.payload)
        for child in event["child_events"]:
            via = child.get("via")
            label = via.get("channel") if isinstance(via, dict) else via
            if child["event_type"] == "Comment" and str(label).lower() == "merge":
                pairs.add((event["ticket_id"], child["via_reference_id"]))
    assert pairs
    assert {(other, ticket) for ticket, other in pairs} == pairs


def test_the_connections_are_good(sandbox: SandboxInfo) -> None:
    good = Credentials("zendesk_default", sandbox.zendesk_base_url, sandbox.zendesk_email, sandbox.zendesk_token)
    assert check_source("zendesk", "auroraair", good, now=END).ok
    bad = Credentials("x_default", sandbox.x_base_url, "", "wrong")
    report = check_source("x", "AuroraAir", bad, now=END)
    assert not report.ok
    assert "x_default" in str(report)
