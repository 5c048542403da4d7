"""The landing: what is written is read, is committed in one step, and costs no memory."""

from __future__ import annotations

import json
import multiprocessing
import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from multiprocessing.connection import Connection
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from social_sla.landing import (
    Landing,
    LandingRecord,
    LoadStats,
    ManifestError,
    PartitionBusyError,
    PartitionKey,
    PartitionMissingError,
    ShrinkError,
)
from social_sla.landing.digest import SeenDigests, row_digest
from social_sla.landing.model import safe_name

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = PartitionKey("zendesk", "auroraair", "tickets", START, START + DAY)


def records(count: int, first: int = 0) -> list[LandingRecord]:
    return [
        LandingRecord(str(number), START + timedelta(seconds=number), json.dumps({"id": number, "text": "Grüße 🧳"}))
        for number in range(first, first + count)
    ]


def put(landing: Landing, rows: list[LandingRecord], key: PartitionKey = KEY, **options: object) -> object:
    return landing.replace_partition(key, rows, run_id="run 1", extracted_at=START + DAY, **options)  # type: ignore[arg-type]


@pytest.fixture(params=["file", "memory"])
def landing(request: pytest.FixtureRequest, tmp_path: Path) -> Landing:
    if request.param == "file":
        return Landing(f"file://{tmp_path}/landing")
    return Landing(f"memory://landing-{tmp_path.name}")


def test_what_is_written_is_read_back(landing: Landing) -> None:
    stats = LoadStats(call_count=3, wait_seconds=1.5, quarantined_count=1)
    manifest = put(landing, records(7), stats=stats, quarantine=lambda: b'{"reason":"x"}\n')
    assert sorted(landing.read(KEY)) == sorted(records(7))
    assert landing.manifests() == landing.manifests("zendesk") == [manifest]
    assert landing.manifests("x") == []
    assert manifest.row_count == 7
    assert (manifest.call_count, manifest.wait_seconds, manifest.quarantined_count) == (3, 1.5, 1)
    assert (manifest.first_updated_at, manifest.last_updated_at) == (START, START + timedelta(seconds=6))
    assert manifest.byte_count == landing.files.size(manifest.files[0])
    assert manifest.partition_key == "zendesk/auroraair/tickets/20260301T000000Z_20260302T000000Z"
    assert landing.files.read(manifest.quarantine_file) == b'{"reason":"x"}\n'


def test_columns_are_those_of_the_contract(tmp_path: Path) -> None:
    landing = Landing(f"file://{tmp_path}")
    manifest = put(landing, records(2))
    (url,) = landing.data_urls(manifest)
    table = pq.read_table(url.removeprefix("file://"), partitioning=None)
    assert {field.name: str(field.type) for field in table.schema} == {
        "source": "string",
        "account": "string",
        "stream": "string",
        "record_id": "string",
        "record_updated_at": "timestamp[us, tz=UTC]",
        "extracted_at": "timestamp[us, tz=UTC]",
        "run_id": "string",
        "payload": "string",
    }
    assert table.to_pylist()[0]["run_id"] == "run 1"
    assert list((tmp_path / "manifest/zendesk/auroraair/tickets").iterdir()) == [
        tmp_path / "manifest/zendesk/auroraair/tickets/20260301T000000Z_20260302T000000Z.json"
    ]


def test_an_empty_partition_is_a_partition(landing: Landing) -> None:
    manifest = put(landing, [])
    assert (manifest.row_count, manifest.first_updated_at) == (0, None)
    assert list(landing.read(KEY)) == []


def test_the_hash_is_of_the_set_of_rows(landing: Landing) -> None:
    first = put(landing, records(50))
    again = put(landing, [*reversed(records(50)), *records(3)])
    assert again.sha256 == first.sha256
    assert (again.row_count, again.duplicate_count) == (50, 3)
    changed = records(50)
    changed[7] = changed[7]._replace(payload='{"id":7}')
    assert put(landing, changed).sha256 != first.sha256
    assert put(landing, records(49)).sha256 != first.sha256


def test_rows_cannot_be_confused_by_moving_text_between_fields() -> None:
    assert row_digest(LandingRecord("a", START, "bc")) != row_digest(LandingRecord("ab", START, "c"))
    other_zone = START.astimezone(timezone(timedelta(hours=5)))
    assert row_digest(LandingRecord("a", START, "b")) == row_digest(LandingRecord("a", other_zone, "b"))


def test_a_changed_record_is_another_row_an_identical_one_is_not(landing: Landing) -> None:
    first, second = records(1)[0], records(1)[0]._replace(payload='{"id":0,"status":"solved"}')
    manifest = put(landing, [first, second, first])
    assert (manifest.row_count, manifest.duplicate_count) == (2, 1)


def test_duplicates_are_found_after_the_memory_is_full() -> None:
    digests = [row_digest(record) for record in records(100)]
    with SeenDigests(memory_limit=10) as seen:
        assert all(seen.add(digest) for digest in digests)
        assert not any(seen.add(digest) for digest in digests)


def test_replacing_leaves_one_version(landing: Landing) -> None:
    put(landing, records(5))
    manifest = put(landing, records(6), quarantine=lambda: b"x\n")
    assert landing.files.list("data") == list(manifest.files)
    manifest = put(landing, records(6))
    assert landing.files.list("data") == list(manifest.files)
    assert landing.files.list("quarantine") == []


@pytest.mark.parametrize(
    ("before", "after", "refused"), [(100, 49, True), (100, 50, False), (40, 19, True), (40, 20, False), (20, 0, False)]
)
def test_a_much_shorter_partition_is_refused(landing: Landing, before: int, after: int, refused: bool) -> None:
    old = put(landing, records(before))
    if refused:
        with pytest.raises(ShrinkError, match=r"Nothing was replaced.*allow_shrink"):
            put(landing, records(after))
        assert landing.manifests() == [old]
        assert len(list(landing.read(KEY))) == before
        assert landing.files.list("data") == list(old.files)
    manifest = put(landing, records(after), allow_shrink=refused)
    assert manifest.row_count == after


def test_a_failing_source_leaves_the_partition(landing: Landing) -> None:
    old = put(landing, records(5))

    def failing() -> Iterator[LandingRecord]:
        yield from records(3)
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        put(landing, failing())  # type: ignore[arg-type]
    assert landing.manifests() == [old]
    assert landing.files.list("data") == list(old.files)


def test_coverage_ends_at_the_first_hole(landing: Landing) -> None:
    def day(number: int, days: int = 1, account: str = "a") -> PartitionKey:
        return PartitionKey("x", account, "tweets", START + number * DAY, START + (number + days) * DAY)

    assert landing.landed_through("x", "a", "tweets") is None
    for key in (day(1), day(0), day(4), day(1, 2)):
        put(landing, records(1), key)
    assert landing.landed_through("x", "a", "tweets") == START + 3 * DAY
    put(landing, records(1), day(3))
    assert landing.landed_through("x", "a", "tweets") == START + 5 * DAY
    assert landing.landed_through("x", "ab", "tweets") is None


NAMES = ["a/b", "..", ".hidden", "ü", "a b", "A", "~2e", "%2F", "k=v", "*", "a" * 300, "a" * 299 + "b", "x" * 120]


def test_names_are_safe_and_stay_apart(landing: Landing) -> None:
    assert len({safe_name(name) for name in NAMES}) == len(NAMES)
    for name in NAMES:
        assert not set(safe_name(name)) & set("/\\=*?[]%: ")
        assert not safe_name(name).startswith(".")
        key = PartitionKey("zendesk", name, "tickets", START, START + DAY)
        put(landing, records(1), key)
        assert landing.landed_through("zendesk", name, "tickets") == START + DAY
    assert [manifest.account for manifest in landing.manifests()] == sorted(NAMES)


@pytest.mark.parametrize(
    "bad",
    [
        ("", "a", "s", START, START + DAY),
        ("x", "", "s", START, START + DAY),
        ("x", "a", "s", START, START),
        ("x", "a", "s", START + DAY, START),
        ("x", "a", "s", START.replace(tzinfo=None), START + DAY),
        ("x", "a", "s", START + timedelta(microseconds=1), START + DAY),
    ],
)
def test_a_bad_key_is_refused(bad: tuple[str, str, str, datetime, datetime]) -> None:
    with pytest.raises(ValueError, match=r"must|zone|ends"):
        PartitionKey(*bad)


def test_what_is_missing_is_said(landing: Landing) -> None:
    with pytest.raises(PartitionMissingError, match="never landed"):
        next(landing.read(KEY))
    manifest = put(landing, records(1))
    landing.files.remove(manifest.files[0])
    with pytest.raises(ManifestError, match="land the partition again"):
        next(landing.read(KEY))
    path = "manifest/zendesk/auroraair/tickets/20260301T000000Z_20260302T000000Z.json"
    landing.files.write_bytes(path, b'{"source": "zend')
    with pytest.raises(ManifestError, match="cannot be read"):
        landing.manifests()
    with pytest.raises(ManifestError, match="cannot be read"):
        put(landing, records(1))
    assert put(landing, records(1), allow_shrink=True).row_count == 1


def test_a_manifest_of_a_newer_version_is_read(landing: Landing) -> None:
    manifest = put(landing, records(1))
    path = f"manifest/{KEY.partition_key}.json"
    landing.files.write_bytes(path, json.dumps({**manifest.to_dict(), "new_field": 1}).encode())
    assert landing.manifests() == [manifest]


def test_two_writers_of_one_partition_one_is_refused(tmp_path: Path) -> None:
    one, other = Landing(f"file://{tmp_path}"), Landing(f"file://{tmp_path}")

    def during() -> Iterator[LandingRecord]:
        with pytest.raises(PartitionBusyError, match="Another run"):
            put(other, records(3))
        yield from records(2)

    assert put(one, during()).row_count == 2  # type: ignore[arg-type]


def _write_many(url: str, account: str) -> None:
    landing = Landing(url)
    for day in range(4):
        key = PartitionKey("x", account, "tweets", START + day * DAY, START + (day + 1) * DAY)
        for _ in range(2):
            put(landing, records(30), key)


def test_writers_of_different_partitions_do_not_disturb_each_other(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/landing"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(url, account)) for account in ("a", "b", "c")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    manifests = Landing(url).manifests()
    assert len(manifests) == 12
    assert {manifest.row_count for manifest in manifests} == {30}
    assert len(Landing(url).files.list("data")) == 12


def _grown_megabytes(url: str, count: int, pipe: Connection) -> None:
    payload = json.dumps({"text": "x" * 400})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stream = (LandingRecord(str(number), START, payload) for number in range(count))
    put(Landing(url), stream)  # type: ignore[arg-type]
    pipe.send((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


def test_memory_is_flat(tmp_path: Path) -> None:
    """Four times the rows (90 MB of payload) take the same memory."""
    context = multiprocessing.get_context("fork")
    grown = []
    for count in (50_000, 200_000):
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=_grown_megabytes, args=(f"file://{tmp_path}/{count}", count, sender))
        child.start()
        grown.append(receiver.recv())
        child.join(60)
    small, large = grown
    assert large < 90
    assert large < small + 25
