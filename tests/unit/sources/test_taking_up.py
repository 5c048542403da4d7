"""What an unfinished run has done is not done again; and what throws it away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from social_sla.extraction import extract_groups
from social_sla.landing import Landing, Manifest, ShrinkError
from social_sla.settings import Settings
from social_sla.sources.base import DELETED, Credentials, Request, Source
from social_sla.sources.errors import BudgetSpentError, VendorUnavailableError
from social_sla.sources.extract import extract_stream
from social_sla.sources.readers import listing
from social_sla.sources.retry import ClientOptions

from tests.support.example_sources import DESK
from tests.support.http_stub import Answer, Call, HttpStub
from tests.support.vendor_shapes import iso, ticket
from tests.unit.sources.conftest import SECRET, Waits

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = START + 3 * DAY
AT = int(START.timestamp()) + 60
EVENTS = "/api/events/search"


def event(number: int) -> dict[str, Any]:
    return {"id": f"e{number}", "at": AT + number}


def events(pages: int = 4, broken: int = -1) -> Callable[[Call], Answer]:
    """Pages of two events by cursor; page `broken` fails."""

    def answer(call: Call) -> Answer:
        page = int((call.json.get("pagination") or {}).get("starting_after") or 0)
        if page == broken:
            return Answer({}, status=503)
        following = {"next": {"starting_after": str(page + 1)}} if page < pages - 1 else {}
        return Answer({"data": [event(2 * page), event(2 * page + 1)], "pages": following})

    return answer


Extract = Callable[..., Manifest]


@pytest.fixture
def extract(landing: Landing, stub: HttpStub, options: ClientOptions) -> Extract:
    def run(stream: str = "events", *, source: Source = DESK, **other: Any) -> Manifest:
        credentials = Credentials("desk", stub.url, "", SECRET, other.pop("extra", {}))
        given = {"now": NOW, "client_options": options, **other}
        window = given.pop("window", (START, START + DAY))
        return extract_stream(source, stream, "a", credentials, window, landing, given.pop("run_id", "r"), **given)

    return run


def break_off(extract: Extract, stub: HttpStub, at: int = 2) -> None:
    """A run that reads `at` pages and then meets an outage."""
    stub.on(EVENTS, events(broken=at))
    with pytest.raises(VendorUnavailableError):
        extract()
    stub.calls.clear()
    stub.on(EVENTS, events())


def test_the_next_run_asks_for_the_rest_and_counts_all(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    break_off(extract, stub)
    assert landing.manifests() == []
    manifest = extract()
    assert len(stub.calls) == 2
    assert manifest.row_count == 8
    assert manifest.call_count == 2 + 4 + 2  # two pages, four tries of the third, two pages
    assert landing.files.list("progress") == []


def test_a_half_written_answer_is_asked_for_again_and_the_rest_still_counts(
    extract: Extract, stub: HttpStub, landing: Landing
) -> None:
    break_off(extract, stub)
    (part,) = [path for path in landing.files.list("progress") if "/parts/" in path]
    path = Path(landing.files.absolute(part))
    path.write_bytes(path.read_bytes()[:-7])
    stub.on(EVENTS, events(broken=3))
    with pytest.raises(VendorUnavailableError):
        extract()
    stub.calls.clear()
    stub.on(EVENTS, events())
    assert extract().row_count == 8
    assert len(stub.calls) == 1


def test_other_questions_throw_the_rest_away(extract: Extract, stub: HttpStub) -> None:
    break_off(extract, stub)
    found = next(stream for stream in DESK.streams if stream.name == "events")
    ask = Request(EVENTS, json={"pagination": {"per_page": 50}})
    changed = replace(found, reader=listing(request=lambda context, start: ask))
    assert extract(source=DESK.with_streams(changed)).row_count == 8
    assert len(stub.calls) == 4


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_cursor_that_has_expired_begins_anew(extract: Extract, stub: HttpStub, status: int) -> None:
    break_off(extract, stub)
    good = events()

    def answer(call: Call) -> Answer:
        return Answer({"error": "expired cursor"}, status=status) if len(stub.calls) == 1 else good(call)

    stub.on(EVENTS, answer)
    assert extract().row_count == 8
    assert len(stub.calls) == 5


def test_what_was_refused_to_land_is_read_anew(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    """A shrunken partition is the vendor's trouble of the hour: the next run must not see the same answers."""
    stub.on(EVENTS, events(pages=30))
    extract()
    stub.on(EVENTS, events(pages=1))
    with pytest.raises(ShrinkError):
        extract()
    assert landing.files.list("progress") == []


def test_an_answer_from_before_the_commit_is_of_no_use(extract: Extract, stub: HttpStub, landing: Landing) -> None:
    """The process died between the commit and the tidying: the next run reads everything."""
    break_off(extract, stub)
    kept = {path: landing.files.read(path) for path in landing.files.list("progress")}
    extract()
    for path, content in kept.items():
        landing.files.write_bytes(path, content)
    stub.calls.clear()
    extract()
    assert len(stub.calls) == 4


def test_a_budget_for_a_run_ends_it_and_the_next_run_goes_on(extract: Extract, stub: HttpStub) -> None:
    stub.on(EVENTS, events(pages=5))
    extra = {"max_calls_per_run": 2}
    for run_id in ("monday", "tuesday"):
        with pytest.raises(BudgetSpentError, match="the 2 calls that its extra max_calls_per_run allows"):
            extract(extra=extra, run_id=run_id)
        with pytest.raises(BudgetSpentError):
            extract(extra=extra, run_id=run_id)  # the same run again has no more to spend
    assert extract(extra=extra, run_id="wednesday").row_count == 10
    assert len(stub.calls) == 5


def test_processes_share_a_budget(stub: HttpStub, options: ClientOptions, tmp_path: Path, waits: Waits) -> None:
    stub.on(EVENTS, events(pages=2))
    shared = replace(options, limits_dir=tmp_path / "limits")
    for number in range(2):  # each with a limiter of its own
        credentials = Credentials("desk", stub.url, "", SECRET, {"max_calls_per_minute": "3"})
        landing = Landing(f"file://{tmp_path}/{number}")
        window = (START, START + DAY)
        extract_stream(DESK, "events", "a", credentials, window, landing, "r", now=NOW, client_options=shared)
    assert waits.seconds == [60.0]


def test_what_a_snapshot_no_longer_holds_lands_once_more_as_deleted(
    extract: Extract, stub: HttpStub, landing: Landing
) -> None:
    def agents(*numbers: int) -> Answer:
        rows = [{"id": number, "name": f"Agent {number}"} for number in numbers]
        return Answer({"agents": rows, "meta": {"total": len(rows)}})

    def day(number: int) -> dict[str, str]:
        window = (START + number * DAY, START + (number + 1) * DAY)
        return {record.record_id: record.payload for record in landing.read(extract("agents", window=window).key)}

    stub.on("/api/agents", agents(1, 2))
    assert set(day(0)) == {"1", "2"}
    stub.on("/api/agents", agents(1))
    second = day(1)
    assert second["2"] == f'{{"{DELETED}":true,"id":2,"name":"Agent 2"}}'
    assert DELETED not in second["1"]
    assert day(1) == second
    assert set(day(2)) == {"1"}


def test_a_task_that_ended_early_leaves_its_landed_streams_alone(stub: HttpStub, tmp_path: Path) -> None:
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path)})
    credentials = Credentials("zendesk", stub.url, "robot@example.com", SECRET)
    groups = [{"account": "aurora", "streams": ["tickets", "users"]}]
    tickets, users = "/api/v2/incremental/tickets/cursor.json", "/api/v2/incremental/users/cursor.json"
    stub.on(tickets, Answer({"tickets": [ticket(1, AT)], "end_of_stream": True, "after_url": None}))
    stub.on(users, Answer({"error": "Forbidden"}, status=403))

    def run(run_id: str) -> list[Manifest]:
        window = (START, START + DAY)
        return extract_groups(settings, "zendesk", groups, credentials, window, run_id, now=NOW)

    for _ in range(2):
        with pytest.raises(Exception, match="403"):
            run("r1")
    assert len(stub.calls_to(tickets)) == 1
    person = {"id": 1, "role": "agent", "updated_at": iso(AT)}
    stub.on(users, Answer({"users": [person], "end_of_stream": True, "after_url": None}))
    assert [manifest.stream for manifest in run("r1")] == ["tickets", "users"]
    assert len(stub.calls_to(tickets)) == 1
    run("r1")  # cleared by hand after it was done: everything anew
    assert len(stub.calls_to(tickets)) == 2
