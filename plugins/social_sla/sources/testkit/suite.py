"""The tests that every connector passes. A class of them per connector, each test once a stream.

class TestFreshdesk(ConnectorSuite):
    case = KitCase("social_sla.sources.freshdesk:FRESHDESK", streams=(…))
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from social_sla.landing import LandingRecord, Manifest
from social_sla.sources.base import DELETED, Stream, Window, WindowKind
from social_sla.sources.check import check_source
from social_sla.sources.errors import (
    AccessDeniedError,
    AuthenticationError,
    IncompleteListingError,
    QuarantineError,
    RequestError,
    SourceError,
    VendorUnavailableError,
    WaitNeeded,
)
from social_sla.sources.extract import record_of
from social_sla.sources.registry import stream_of
from social_sla.sources.testkit.case import END, SECRET, START, KitCase, required_of, without
from social_sla.sources.testkit.pages import Serving
from social_sla.sources.testkit.server import Answer, Fault, RateLimit
from social_sla.sources.testkit.world import NOW, PAGE, World, running_world

ROWS = 7
DAY = timedelta(days=1)
HTML = Answer("<html><body>Back soon</body></html>", headers={"Content-Type": "text/html"})
PASSING: dict[str, Callable[[str], Fault]] = {
    "429": lambda path: Fault(path, Answer({"error": "slow down"}, 429, {"Retry-After": "7"}), after=1),
    "500": lambda path: Fault(path, Answer({"error": "oops"}, 500), after=1),
    "time-out": lambda path: Fault(path, delay=0.9, after=1),
    "cut off": lambda path: Fault(path, cut=True, after=1),
    "html": lambda path: Fault(path, HTML, after=1),
}


class ConnectorSuite:
    """Subclass it as `Test…` and set `case`."""

    case: ClassVar[KitCase]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Each test with a parameter `stream` runs for every stream of the case."""
        if "stream" in metafunc.fixturenames:
            metafunc.parametrize("stream", [stream.stream for stream in self.case.streams])

    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[World]:
        """The connector's vendor and an empty landing."""
        with running_world(self.case, tmp_path) as world:
            yield world

    def declared(self, stream: str) -> Stream:
        """A stream's declaration."""
        return stream_of(self.case.declared, stream)

    def test_every_stream_has_a_case(self) -> None:
        assert {case.stream for case in self.case.streams} == {stream.name for stream in self.case.declared.streams}

    def test_recorded_records_are_read(self, stream: str) -> None:
        """What the vendor really sent has all that we require."""
        recorded = self.case.of(stream).recorded
        if recorded is None:
            pytest.skip("no recording of this stream is known")
        found = [record_of(self.declared(stream), raw, Window(START, END)) for raw in recorded()]
        assert found
        assert all(record.record_id not in ("", "None") for record in found)

    @pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, 2 * PAGE, 2 * PAGE + 1, 3 * PAGE])
    def test_every_record_of_every_page_lands_once(self, world: World, stream: str, count: int) -> None:
        """No page, one, an exact multiple of the page's size, three and more."""
        if world.count(stream, count) != count:
            pytest.skip("a look-up gives one record")
        rows = world.prepare(stream, count)
        manifest = world.extract(stream)
        landed = world.read(manifest)
        assert numbers_of(world, stream, landed) == [row.number for row in rows]
        assert manifest.row_count == count
        assert manifest.quarantined_count == 0

    def test_an_empty_last_page_is_no_trouble(self, world: World, stream: str) -> None:
        if not self.case.of(stream).ends_empty:
            pytest.skip("this API does not end with an empty page")
        rows = world.prepare(stream, world.count(stream, 2 * PAGE))
        world.serving = Serving(PAGE, ends_empty=True)
        assert world.extract(stream).row_count == len(rows)

    def test_a_second_run_changes_nothing(self, world: World, stream: str) -> None:
        world.prepare(stream, world.count(stream, ROWS))
        first = world.extract(stream)
        world.serving = Serving(PAGE + 1)
        again = world.extract(stream)
        assert (again.sha256, again.row_count) == (first.sha256, first.row_count)

    @pytest.mark.parametrize("trouble", PASSING)
    def test_passing_trouble_changes_nothing(self, world: World, stream: str, trouble: str) -> None:
        world.prepare(stream, world.count(stream, ROWS))
        calm = world.extract(stream)
        fault = PASSING[trouble](self.case.of(stream).path)
        if world.needs_one_call(stream):
            fault.after = 0
        world.vendor.faults.append(fault)
        manifest = world.extract(stream)
        assert fault.hits == 1
        assert manifest.sha256 == calm.sha256
        assert manifest.call_count > calm.call_count
        assert manifest.wait_seconds > 0
        if trouble == "429":
            assert manifest.wait_seconds >= 7

    @pytest.mark.parametrize(
        ("status", "errors"),
        [
            (401, (AuthenticationError,)),
            (403, (AccessDeniedError, IncompleteListingError)),
            (404, (RequestError,)),
        ],
        ids=["401", "403", "404"],
    )
    def test_a_refusal_leaves_what_is_landed(
        self, world: World, stream: str, status: int, errors: tuple[type[SourceError], ...]
    ) -> None:
        world.prepare(stream, world.count(stream, ROWS))
        world.extract(stream)
        before = world.landing.manifests()
        body = self.case.error(status)
        world.vendor.faults.append(Fault(self.case.of(stream).path, Answer(body, status), times=0))
        if status == 404 and self.declared(stream).window_kind is WindowKind.WITH_PARENTS:
            world.extract(stream, allow_shrink=True)  # what lies below a deleted parent is gone
            return
        with pytest.raises(errors) as caught:
            world.extract(stream)
        assert world.landing.manifests() == before
        assert SECRET not in str(caught.value)

    def test_an_outage_ends_in_words_and_is_taken_up(self, world: World, stream: str) -> None:
        world.prepare(stream, world.count(stream, ROWS))
        path = self.case.of(stream).path
        world.vendor.faults.append(Fault(path, Answer({}, 503), after=1, times=0))
        begun = len(world.list_calls(stream))
        if world.needs_one_call(stream):
            world.vendor.faults[0].after = 0
        with pytest.raises(VendorUnavailableError, match="503"):
            world.extract(stream)
        world.vendor.faults.clear()
        failed = len(world.list_calls(stream))
        assert world.extract(stream).row_count == len(world.lists[stream])
        first, answered = world.list_calls(stream)[begun], world.list_calls(stream)[failed:]
        if not first.refused:
            assert all(signature(call) != signature(first) for call in answered), "a page was asked for twice"

    def test_a_killed_run_is_taken_up(self, world: World, stream: str) -> None:
        """SIGKILL in the middle: the next run asks only for the rest, and lands the same."""
        world.prepare(stream, world.count(stream, ROWS))
        calm = world.extract(stream, landing=_other(world))
        calls = [signature(call) for call in world.list_calls(stream)]
        if len(calls) < 2:
            pytest.skip("one page only: nothing to interrupt")
        world.vendor.calls.clear()
        world.pages_served.clear()
        world.vendor.faults.append(Fault(self.case.of(stream).path, after=len(calls) - 1, times=1, hold=True))
        world.run_until_killed(stream, len(calls) - 1)
        world.vendor.faults.clear()
        before = [signature(call) for call in world.list_calls(stream)]
        assert before == calls
        manifest = world.extract(stream)
        asked = [signature(call) for call in world.list_calls(stream)][len(before) :]
        assert asked == calls[-1:]
        assert manifest.sha256 == calm.sha256
        assert world.landing.files.list("progress") == []

    def test_a_record_that_changes_while_paging_hides_no_other(self, world: World, stream: str) -> None:
        """After the first page a record of it changes, and moves in lists by change: every other record lands, once."""
        rows = world.prepare(stream, world.count(stream, 3 * PAGE))
        first = max if self.case.of(stream).newest_first else min
        changed = first(rows, key=lambda row: row.at).number

        def change(served: str, number: int) -> None:
            if served == stream and number == 1:
                world.change(stream, changed, NOW - timedelta(seconds=30))

        world.pages_served.clear()
        world.on_page = change
        landed = world.read(world.extract(stream))
        assert set(numbers_of(world, stream, landed)) >= {row.number for row in rows} - {changed}
        versions = [(record.record_id, record.record_updated_at) for record in landed]
        assert len(set(versions)) == len(versions)

    def test_the_rate_limit_is_respected(self, world: World, stream: str) -> None:
        """No call into a limit that was told, one refusal a window where it was not; every wait is counted."""
        world.prepare(stream, world.count(stream, ROWS))
        path = self.case.of(stream).path
        begun = len(world.vendor.calls)
        limit = RateLimit(2, 30.0, self.case.rate_headers, self.case.too_many)
        world.vendor.limit = limit
        manifest = world.extract(stream)
        calls = world.vendor.calls[begun:]
        answered = [call for call in calls if not call.refused]
        assert manifest.row_count == len(world.lists[stream])
        for call in answered:
            inside = [other for other in answered if call.at <= other.at < call.at + 30.0]
            assert len(inside) <= 2 * limit.calls
        windows = -(-len(answered) // limit.calls)
        told = self.case.rate_headers(0, NOW.timestamp() + 9, NOW.timestamp())
        refused = [call for call in calls if call.refused]
        assert len(refused) <= (0 if told else windows - 1), f"{len(refused)} calls to {path} into the limit"
        if windows > 1:
            assert manifest.wait_seconds > 0

    def test_a_users_budget_is_kept(self, world: World, stream: str) -> None:
        world.prepare(stream, world.count(stream, ROWS))
        begun = len(world.vendor.calls)
        world.waits.now += 120
        world.extract(stream, credentials=world.credentials(max_calls_per_minute=2))
        times = [call.at for call in world.vendor.calls[begun:]]
        for moment in times:
            assert sum(moment <= other < moment + 60 for other in times) <= 2

    def test_a_long_wait_frees_the_worker_and_goes_on_where_it_stopped(self, world: World, stream: str) -> None:
        world.prepare(stream, world.count(stream, ROWS))
        calm = world.extract(stream, landing=_other(world))
        pages = [signature(call) for call in world.list_calls(stream)]
        world.vendor.calls.clear()
        path = self.case.of(stream).path
        refusal = Answer({"error": "later"}, 429, {"Retry-After": "3000"})
        world.vendor.faults.append(Fault(path, refusal, after=len(pages) - 1))
        options = world.options(longest_sleep_seconds=60)
        with pytest.raises(WaitNeeded) as caught:
            world.extract(stream, client_options=options)
        assert caught.value.until >= datetime.fromtimestamp(world.waits.now + 3000, UTC)
        world.waits.now = caught.value.until.timestamp()
        world.vendor.calls.clear()
        manifest = world.extract(stream, client_options=options)
        assert [signature(call) for call in world.list_calls(stream)] == pages[-1:]
        assert manifest.sha256 == calm.sha256
        assert manifest.wait_seconds >= 3000

    def test_a_new_field_changes_nothing(self, world: World, stream: str) -> None:
        rows = world.prepare(stream, world.count(stream, ROWS))
        for row in rows:
            world.edit(stream, row.number, lambda record: {**record, "a_new_field": {"of": ["the", "vendor"]}})
        manifest = world.extract(stream)
        assert (manifest.row_count, manifest.quarantined_count) == (len(rows), 0)
        for record in world.read(manifest):
            assert '"a_new_field":{"of":["the","vendor"]}' in record.payload

    def test_a_record_without_a_required_field_is_set_aside(self, world: World, stream: str) -> None:
        path = required_of(self.case, stream)
        if not path:
            pytest.skip("this stream requires its id only")
        world.prepare(stream, world.count(stream, ROWS))
        before = world.extract(stream)
        is_look_up = self.case.of(stream).is_look_up
        if not is_look_up:
            world.edit(stream, 3, lambda record: without(record, path[-1]))
            before = world.extract(stream)
            assert (before.row_count, before.quarantined_count) == (ROWS - 1, 1)
            assert before.quarantine_file is not None
            (line,) = world.landing.files.read(before.quarantine_file).splitlines()
            assert json.loads(line)["reason"] == f"{path[-1]} is missing"
        for row in list(world.lists[stream]):
            world.edit(stream, row.number, lambda record: without(record, path[-1]))
        expected = SourceError if is_look_up else QuarantineError
        with pytest.raises(expected, match=None if is_look_up else f"{path[-1]} is missing"):
            world.extract(stream)
        assert world.landing.manifest(before.key) == before

    def test_a_deletion_lands_as_a_tombstone(self, world: World, stream: str) -> None:
        tombstone = self.case.of(stream).tombstone
        deletion = self.declared(stream).deletion
        if deletion is None or deletion.is_absence:
            pytest.skip("no field of this stream's records shows a deletion")
        assert tombstone is not None, f"{stream} declares a deletion: give its case a tombstone"
        rows = world.prepare(stream, world.count(stream, ROWS))
        world.edit(stream, 2, lambda record: tombstone(2, rows[2].at))
        manifest = world.extract(stream)
        shown = [deletion.shows_in(json.loads(record.payload)) for record in world.read(manifest)]
        assert (manifest.row_count, sum(shown)) == (len(rows), 1)

    def test_what_is_gone_from_a_whole_list_lands_as_gone(self, world: World, stream: str) -> None:
        """Its last version lands once more, with `social_sla_deleted` in front; the day after it is not there."""
        declared = self.declared(stream)
        if declared.deletion is None or not declared.deletion.is_absence:
            pytest.skip("deletions do not show as absence here")
        rows = world.prepare(stream, ROWS)
        earlier, later = (START - DAY, START), (END, END + DAY)
        for needed in world.needed(stream):
            for window in (earlier, later):
                world.extract(needed, window=window, now=NOW + DAY)
        before = _payloads(world, world.extract(stream, window=earlier))
        rows.pop(1)
        manifest = world.extract(stream)
        landed = _payloads(world, manifest)
        marked = {record_id: payload for record_id, payload in landed.items() if payload.get(DELETED) is True}
        assert len(landed) == ROWS
        assert [{DELETED: True, **before[record_id]} for record_id in marked] == list(marked.values())
        assert len(marked) == 1
        again = world.extract(stream)
        assert (again.sha256, again.row_count) == (manifest.sha256, manifest.row_count)
        assert world.extract(stream, window=later, now=NOW + DAY).row_count == ROWS - 1

    def test_no_secret_is_seen(self, world: World, stream: str, caplog: pytest.LogCaptureFixture) -> None:
        """Not in a log line of any level, an error, a file of the landing or of the progress."""
        caplog.set_level(logging.DEBUG)
        world.prepare(stream, world.count(stream, ROWS))
        texts = []
        path = self.case.of(stream).path
        for status in (400, 401, 403, 429):
            echo = Answer({"error": f"bad {SECRET}", "message": SECRET}, status)
            world.vendor.faults[:] = [Fault(path, echo, times=0, after=1), Fault(path, HTML, times=1)]
            try:
                world.extract(stream)
            except SourceError as error:
                texts += [str(error), repr(error)]
        files = world.landing.files
        progress = [files.read(name) for name in files.list("progress") + files.list("manifest")]
        world.vendor.faults.clear()
        manifest = world.extract(stream)
        texts += [record.getMessage() for record in caplog.records] + [
            record.payload for record in world.read(manifest)
        ]
        texts += [str(record.exc_info) for record in caplog.records]
        texts += [repr(world.credentials()), repr(manifest)]
        for secret in (SECRET, *world.credentials().secrets()):
            assert all(secret not in text for text in texts)
            assert all(secret.encode() not in content for content in progress)

    def test_requests_are_the_vendors(self, world: World, stream: str) -> None:
        """Every path and parameter exists in the vendor's own specification."""
        if self.case.spec is None:
            pytest.skip("the vendor publishes no specification that is at hand")
        world.prepare(stream, world.count(stream, ROWS))
        world.extract(stream)
        assert world.vendor.calls
        for call in world.vendor.calls:
            self.case.spec.check(call)

    def test_the_check_says_that_all_is_well(self, world: World) -> None:
        for case in self.case.streams:
            world.fill(case.stream, world.count(case.stream, ROWS))
        report = check_source(
            self.case.declared,
            self.case.account,
            world.credentials(),
            now=NOW,
            client_options=world.options(),
        )
        assert report.ok, str(report)
        assert SECRET not in str(report)

    def test_the_check_says_what_is_wrong(self, world: World) -> None:
        world.vendor.faults.append(Fault("*", Answer(self.case.error(401), 401), times=0))
        credentials = world.credentials()
        report = check_source(
            self.case.declared, self.case.account, credentials, now=NOW, client_options=world.options()
        )
        assert not report.ok
        assert credentials.connection_id in str(report)
        assert SECRET not in str(report)


def signature(call: Any) -> tuple[str, str, str]:
    """A call without what only repeats it."""
    return call.path, json.dumps(sorted(call.query)), json.dumps(call.json, sort_keys=True)


def _payloads(world: World, manifest: Manifest) -> dict[str, dict[str, Any]]:
    return {record.record_id: json.loads(record.payload) for record in world.read(manifest)}


def numbers_of(world: World, stream: str, landed: list[LandingRecord]) -> list[int]:
    """The vendor's numbers of the records that landed, in order."""
    declared = stream_of(world.case.declared, stream)
    case = world.case.of(stream)
    ids: dict[str, int] = {}
    for record in landed:
        payload = json.loads(record.payload)
        ids[record.record_id] = next(
            row.number
            for row in world.lists[stream]
            if _id_of(declared, case.record(row.number, row.at), payload) == record.record_id
        )
    return sorted(ids.values())


def _id_of(declared: Stream, record: dict[str, Any], payload: dict[str, Any]) -> str:
    """The id that a record gets, with the keys that its reader puts in front."""
    return record_of(declared, {**payload, **record}, Window(START, END)).record_id


def _other(world: World) -> Any:
    """Another landing, with the same parents."""
    from social_sla.landing import Landing

    other = Landing(f"{world.landing.url}-other")
    for name in {manifest.stream for manifest in world.landing.manifests()}:
        world.extract(name, landing=other)
    return other
