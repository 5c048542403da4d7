"""Dropped files: whatever people and exports do to them, good rows land, bad ones are named, nothing is lost."""

from __future__ import annotations

import datetime as clock
import decimal
import io
import json
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from social_sla.landing import Landing
from social_sla.landing.files import Files
from social_sla.sources import file_drop, file_formats
from social_sla.sources.base import Credentials
from social_sla.sources.errors import (
    AccountNotFoundError,
    CredentialsError,
    QuarantineError,
    VendorUnavailableError,
)
from social_sla.sources.extract import extract_stream
from social_sla.sources.file_drop import Folder
from social_sla.sources.file_formats import FORMATS, Row, Unreadable
from social_sla.sources.file_layout import LAYOUTS, BadValue

from tests.support.dropped import ACCOUNT, NOW, Drop, content, csv_text, message, window

HEADER = "message_id,conversation_id,created_at,author_type"
GOOD = "2026-03-01T09:00:00Z,customer"
MANY = [message(number) for number in range(1_000)]
"""So many good rows that a few bad ones do not stop a run."""


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    return Drop(tmp_path / "drop", Landing(f"file://{tmp_path}/landing"))


# Text: encodings, delimiters, quotes, ends of lines.


@pytest.mark.parametrize(
    "body",
    [
        csv_text([message(1)]).encode("utf-8-sig"),
        csv_text([message(1)], delimiter=";").encode(),
        csv_text([message(1)], delimiter="\t").encode(),
        csv_text([message(1)], line_end="\r\n").encode(),
        csv_text([message(1)], line_end="\r\n").encode("utf-8-sig") + b"\r\n\r\n",
        b"\n" + csv_text([message(1)]).encode().rstrip(b"\n"),
    ],
    ids=["byte-order mark", "semicolon", "tab", "CRLF", "BOM, CRLF, blank lines", "no line end"],
)
def test_csv_comes_in_many_dresses(drop: Drop, body: bytes) -> None:
    drop.put("messages.csv", body)
    assert drop.extract().quarantined_count == 0
    (payload,) = drop.payloads()
    assert {name: payload[name] for name in message(1)} == message(1)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_quotes_delimiters_and_line_breaks_stay_in_their_field(drop: Drop, line_end: str) -> None:
    text = f'She said: "no, never; ever"{line_end}{line_end}ünïcödé 🧳\ttab'
    drop.put("messages.csv", csv_text([message(1, text=text), message(2)], line_end=line_end))
    assert drop.extract().row_count == 2
    first, second = drop.payloads()
    assert first["text"] == text
    assert (first["social_sla_line"], second["social_sla_line"]) == (2, 5)


def test_unknown_columns_are_kept_and_empty_fields_are_null(drop: Drop) -> None:
    drop.put("messages.csv", f",{HEADER},mood,team_id\n0,m1,c1,{GOOD},angry,\n")
    drop.extract()
    (payload,) = drop.payloads()
    assert (payload["mood"], payload["team_id"]) == ("angry", None)
    assert "" not in payload


@pytest.mark.parametrize(
    ("name", "body"),
    [("messages.csv", b""), ("messages.csv", f"{HEADER}\n".encode()), ("messages.csv", b"\xef\xbb\xbf"),
     ("messages.csv", b"\r\n"), ("messages.ndjson", b""), ("messages.ndjson", b"\n\n"),
     ("messages.parquet", content([message(1)], "parquet"))],
    ids=["empty", "header only", "BOM only", "blank", "empty NDJSON", "blank NDJSON", "one row"],
)  # fmt: skip
def test_a_file_without_rows_is_no_trouble(drop: Drop, name: str, body: bytes) -> None:
    if name.endswith("parquet"):
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist([message(1)]).slice(0, 0), sink)
        body = sink.getvalue().to_pybytes()
    drop.put(name, body)
    manifest = drop.extract()
    assert (manifest.row_count, manifest.quarantined_count) == (0, 0)
    assert not (drop.folder / "rejects").exists()


# Rows that are bad one by one.

BAD_LINES = {
    "naive": ("x1,c1,2026-03-01T09:00:00,customer", "created_at", "has no offset: it could be any hour of that day"),
    "a day": ("x1,c1,2026-03-01,customer", "created_at", "is not an ISO 8601 instant"),
    "no such day": ("x1,c1,2026-02-30T09:00:00Z,customer", "created_at", "is no date or time that exists"),
    "the future": ("x1,c1,2062-03-01T09:00:00Z,customer", "created_at", "lies before 1990 or in the future"),
    "zero": ("x1,c1,0001-01-01T00:00:00+14:00,customer", "created_at", "is no date or time that exists"),
    "epoch": ("x1,c1,1772355600,customer", "created_at", "is not an ISO 8601 instant"),
    "no id": (f",c1,{GOOD}", "message_id", "is missing"),
    "blank id": (f"  ,c1,{GOOD}", "message_id", "is missing"),
    "author": ("x1,c1,2026-03-01T09:00:00Z,Customer", "author_type", "is not one of its words"),
    "too few": ("x1,c1,2026-03-01T09:00:00Z", "row", "has another number of fields than the header"),
    "too many": (f"x1,c1,{GOOD},more", "row", "has another number of fields than the header"),
    "open quote": (f'x1,"c1"2,{GOOD}', "row", "is not CSV (',' expected after '\"')"),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_a_bad_line_is_named_and_the_others_land(drop: Drop, case: str) -> None:
    line, field, reason = BAD_LINES[case]
    good = "".join(f"m{number},c{number},{GOOD}\n" for number in range(1_000))
    drop.put("messages.csv", f"{HEADER}\nm-first,c,{GOOD}\n{line}\n{good}")
    manifest = drop.extract()
    assert (manifest.row_count, manifest.quarantined_count) == (1_001, 1)
    (reject,) = drop.rejects("messages.csv")
    assert (reject["file"], reject["line"], reject["field"], reject["reason"]) == ("messages.csv", 3, field, reason)
    assert reject["advice"].endswith(".")
    assert "c1" in json.dumps(reject["row"])
    (aside,) = drop.quarantine(manifest)
    assert aside == {"reason": f"{field} {reason}", "record": {"social_sla_rejected": reject}}


def test_a_field_that_is_not_utf_8_is_rejected_with_its_row(drop: Drop) -> None:
    rows = csv_text(MANY).encode() + csv_text([message(1_000, text="Gr\xfc\xdfe")]).encode("latin-1").split(b"\n")[1]
    drop.put("messages.csv", rows)
    assert drop.extract().quarantined_count == 1
    (reject,) = drop.rejects("messages.csv")
    assert (reject["line"], reject["field"], reject["reason"]) == (1_002, "text", "is not UTF-8")


def test_a_quote_that_is_never_closed_ends_with_the_file(drop: Drop) -> None:
    drop.put("messages.csv", csv_text(MANY) + '"x","c","2026-03-01T09:00:00Z","customer","ana","never closed\nand on\n')
    manifest = drop.extract()
    assert (manifest.row_count, manifest.quarantined_count) == (1_000, 1)
    assert drop.rejects("messages.csv")[0]["reason"] == "is not CSV (unexpected end of data)"


def test_a_field_without_an_end_does_not_fill_the_memory() -> None:
    layout, huge = LAYOUTS["messages"], b'"' + b"x" * 3_000_000 + b"\n"
    body = f"{HEADER}\n".encode() + huge + f"m1,c1,{GOOD}\n".encode()
    found = list(FORMATS["csv"](io.BytesIO(body), layout))
    assert isinstance(found[0], Unreadable)
    assert len(found[0].raw) <= 2_000
    assert found[1:] == [Row(3, dict(zip(HEADER.split(","), ("m1", "c1", *GOOD.split(",")), strict=True)))]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"message_id": "x1",', "is not valid JSON"),
        (b"not json at all", "is not valid JSON"),
        (b'{"message_id": NaN}', "is not valid JSON"),
        (b"[1, 2]", "is JSON, but not an object"),
        (b'{"message_id": "\xfc"}', "is not UTF-8"),
        (b"[" * 100_000, "is not valid JSON"),
        (b'{"message_id": 1.5, "conversation_id": "c"}', "is neither text nor a whole number"),
        (b'{"message_id": true, "conversation_id": "c"}', "is neither text nor a whole number"),
        (
            b'{"message_id": "a\\tb", "conversation_id": "c"}',
            "is longer than 200 characters or holds a line break or tab",
        ),
        (b"{}", "is missing"),
    ],
)
def test_a_bad_line_of_ndjson_is_named(drop: Drop, line: bytes, reason: str) -> None:
    drop.put(
        "messages.ndjson",
        b"\xef\xbb\xbf" + content(MANY[:500], "ndjson") + line + b"\n" + content(MANY[500:], "ndjson"),
    )
    manifest = drop.extract()
    assert (manifest.row_count, manifest.quarantined_count) == (1_000, 1)
    (reject,) = drop.rejects("messages.ndjson")
    assert (reject["line"], reject["reason"]) == (501, reason)


def test_a_last_line_without_an_end_counts(drop: Drop) -> None:
    drop.put("messages.jsonl", content([message(1), message(2)], "ndjson").rstrip(b"\n"))
    assert drop.extract().row_count == 2


def test_numbers_are_ids_too(drop: Drop) -> None:
    drop.put("messages.ndjson", [message(1, message_id=4711, conversation_id=7)])
    drop.extract()
    (payload,) = drop.payloads()
    assert (payload["message_id"], payload["conversation_id"]) == ("4711", "7")


@pytest.mark.parametrize(
    ("stream", "row", "field"),
    [
        ("messages", {**message(1), "received_at": "2026-03-01T08:59:59Z"}, "received_at"),
        ("messages", {**message(1), "in_reply_to_message_id": "m1"}, "in_reply_to_message_id"),
        ("messages", {**message(1), "is_internal": "perhaps"}, "is_internal"),
        ("messages", {**message(1), "kind": "fax"}, "kind"),
        ("messages", {**message(1), "sequence": "1.0"}, "sequence"),
        ("messages", {**message(1), "text": "a\x00b"}, "text"),
        ("conversations", {"merged_into_conversation_id": "c2"}, "merged_at"),
        ("conversations", {"merged_at": "2026-03-02T09:00:00Z"}, "merged_into_conversation_id"),
        ("conversations", {"tags": [1]}, "tags"),
        ("priority_changes", {"change_id": "p", "changed_at": "2026-03-01T09:00:00Z", "priority": "P1"}, "priority"),
        ("status_changes", {"change_id": "s", "changed_at": "2026-03-01T09:00:00Z", "status": ""}, "status"),
    ],
)
def test_what_a_column_may_hold(stream: str, row: dict[str, Any], field: str) -> None:
    base = {"conversation_id": "c1", "customer_id": "ana", "created_at": "2026-03-01T09:00:00Z"}
    with pytest.raises(BadValue) as caught:
        LAYOUTS[stream].read({**base, **row}, NOW)
    assert caught.value.field == field


def test_instants_are_turned_into_utc() -> None:
    spellings = {
        "2026-03-01T10:00:00+01:00": "2026-03-01T09:00:00Z",
        "2026-03-01 04:00:00-0500": "2026-03-01T09:00:00Z",
        "2026-03-01T09:00Z": "2026-03-01T09:00:00Z",
        "2026-03-01T09:00:00.123456789z": "2026-03-01T09:00:00.123456Z",
        "2026-03-01T09:00:00,5Z": "2026-03-01T09:00:00.500000Z",
    }
    for written, kept in spellings.items():
        assert LAYOUTS["messages"].read(message(1, created_at=written), NOW)["created_at"] == kept


# The same id twice.


def test_the_same_row_twice_lands_once_and_another_with_its_id_is_rejected(drop: Drop) -> None:
    drop.put("messages.csv", [*MANY, message(1), message(2, text="something else")])
    manifest = drop.extract()
    assert (manifest.row_count, manifest.quarantined_count) == (1_000, 1)
    (reject,) = drop.rejects("messages.csv")
    assert (reject["field"], reject["line"]) == ("message_id", 1_003)
    assert "earlier row of this file" in reject["reason"]


def test_updated_at_tells_the_versions_of_a_record_apart(drop: Drop) -> None:
    newer = message(1, text="corrected", updated_at="2026-03-02T00:00:00Z")
    drop.put("messages.csv", [newer, message(1, updated_at="2026-03-01T10:00:00Z")])
    assert drop.extract().row_count == 2
    assert drop.newest()["m1"]["text"] == "corrected"


# Whole files.


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("messages.csv", b"message_id,conversation_id,at\nm1,c1,x\n", "lacks columns created_at, author_type"),
        ("messages.csv", f"{HEADER},message_id\n".encode(), "has the column message_id twice"),
        ("messages.csv", f"{HEADER}\nm1,c1,{GOOD}\n".encode("utf-16"), "is UTF-16, not UTF-8"),
        ("messages.csv", f"{HEADER},gr\xf6\xdfe\n".encode("latin-1"), "is not UTF-8"),
        ("messages.ndjson", '{"message_id": "m1"}\n'.encode("utf-16"), "is UTF-16, not UTF-8"),
        ("messages.parquet", b"PAR1 or so", "is not a whole Parquet file"),
        ("messages.parquet", content([message(1)], "parquet")[:-20], "is not a whole Parquet file"),
        ("messages.parquet", content([{"message_id": "m1"}], "parquet"), "lacks columns conversation_id, created_at"),
    ],
)
def test_a_file_that_cannot_be_read_stops_the_run(drop: Drop, name: str, body: bytes, words: str) -> None:
    drop.put("messages-good.ndjson", [message(1)])
    drop.put(name, body)
    with pytest.raises(QuarantineError, match=words) as caught:
        drop.extract()
    assert name in str(caught.value)
    assert drop.landing.manifests() == []
    (reject,) = drop.rejects(name)
    assert words in reject["reason"]
    (kept,) = drop.landing.files.list("quarantine")
    assert words in drop.landing.files.read(kept).decode()
    # Corrected or gone, the rest lands with the next run, and the complaint goes.
    drop.put(name, [message(2)], minute=5)
    assert drop.extract(day=1).row_count == 2
    assert drop.rejects(name) == []


def test_far_too_many_rejects_stop_the_run_early(drop: Drop) -> None:
    drop.put("messages.csv", [message(number, created_at="yesterday") for number in range(5_000)])
    with pytest.raises(QuarantineError, match="created_at is not an ISO 8601 instant") as caught:
        drop.extract()
    assert "Nothing was replaced" in str(caught.value)
    assert drop.landing.manifests() == []
    assert len(drop.rejects("messages.csv")) == 1_000


# Parquet.


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "+05:30"])
def test_parquet_timestamps_of_any_unit_and_zone(drop: Drop, unit: str, zone: str) -> None:
    seconds = int(datetime(2026, 3, 1, 9, tzinfo=UTC).timestamp())
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    values = [seconds * per_second + per_second // 2, seconds * per_second, None]
    table = pa.Table.from_pylist([message(1), message(2), message(3)]).drop_columns("created_at")
    table = table.append_column("created_at", pa.array([*values[:2], values[1]], pa.timestamp(unit, tz=zone)))
    table = table.append_column("deleted_at", pa.array([None, None, values[0]], pa.timestamp(unit, tz=zone)))
    drop.folder.mkdir(parents=True)
    path = drop.put("messages.parquet", b"")
    pq.write_table(table, path, version="2.6")
    os.utime(path, (1, 1))
    assert drop.extract().quarantined_count == 0
    half = "" if unit == "s" else ".500000"
    assert [row["created_at"] for row in drop.payloads()] == [
        f"2026-03-01T09:00:00{half}Z",
        "2026-03-01T09:00:00Z",
        "2026-03-01T09:00:00Z",
    ]


def test_parquet_timestamps_without_a_zone_are_refused(drop: Drop) -> None:
    table = pa.Table.from_pylist([message(1)]).drop_columns("created_at")
    table = table.append_column("created_at", pa.array([datetime(2026, 3, 1, 9)], pa.timestamp("us")))
    path = drop.put("messages.parquet", b"")
    pq.write_table(table, path)
    os.utime(path, (1, 1))
    with pytest.raises(QuarantineError, match="timestamps without a time zone in created_at"):
        drop.extract()


def test_parquet_values_of_any_type_are_kept(drop: Drop) -> None:
    odd = {
        "amount": decimal.Decimal("1.50"),
        "day": clock.date(2026, 3, 1),
        "blob": b"\x00\xff",
        "nested": {"a": [1, None], "b": clock.time(9)},
        "nothing": float("nan"),
    }
    drop.put("messages.parquet", [message(1, **odd)])
    assert drop.extract().quarantined_count == 0
    (payload,) = drop.payloads()
    kept = {name: payload[name] for name in odd}
    assert kept == {
        "amount": "1.50", "day": "2026-03-01", "blob": "AP8=", "nested": {"a": [1, None], "b": "09:00:00"},
        "nothing": None,
    }  # fmt: skip


def test_a_timestamp_that_no_calendar_holds_is_one_bad_row(drop: Drop) -> None:
    table = pa.Table.from_pylist(MANY).drop_columns("created_at")
    times = [1_772_355_600] * (len(MANY) - 1) + [2**60]
    path = drop.put("messages.parquet", b"")
    pq.write_table(table.append_column("created_at", pa.array(times, pa.timestamp("ms", tz="UTC"))), path)
    os.utime(path, (1, 1))
    # Milliseconds read as such lie in 1970.
    with pytest.raises(QuarantineError, match="lies before 1990"):
        drop.extract()
    times = [1_772_355_600_000] * (len(MANY) - 1) + [2**60]
    pq.write_table(table.append_column("created_at", pa.array(times, pa.timestamp("ms", tz="UTC"))), path)
    os.utime(path, (2, 2))
    manifest = drop.extract()
    assert (manifest.row_count, manifest.quarantined_count) == (len(MANY) - 1, 1)


def test_data_frames_ids_are_told_what_to_do(drop: Drop) -> None:
    drop.put("assignments.parquet", [{"change_id": "1", "conversation_id": 12.0, "changed_at": "2026-03-01T09:00:00Z"}])
    with pytest.raises(QuarantineError, match="conversation_id is neither text nor a whole number"):
        drop.extract("assignments")
    assert "4711 and not 4711.0" in drop.rejects("assignments.parquet")[0]["advice"]


# Which files are read, and when.


def test_names_and_folders_say_what_a_file_holds(drop: Drop) -> None:
    for number, name in enumerate(
        ["messages.csv", "messages-2026-03-01.NDJSON", "messages_2.jsonl", "messages/date=2026-03-01/part-0.parquet"]
    ):
        body = content([message(number)], Path(name).suffix[1:].lower().replace("jsonl", "ndjson"))
        drop.put(name, body)
    drop.put("team_members.csv", "team_id,person_id\nt1,p1\n")
    for name in (".hidden.csv", "_SUCCESS", "messages.csv.part", "messages.xlsx", "mesages.csv", "old/messages.csv",
                 "rejects/messages.csv", "messages/_temporary/part-1.parquet", "messagesofmine.csv"):  # fmt: skip
        drop.put(name, b"\x00 not to be read")
    assert drop.extract().row_count == 4
    assert [row["social_sla_delivery"].split("@")[0] for row in drop.payloads()] == [
        "messages.csv",
        "messages-2026-03-01.NDJSON",
        "messages_2.jsonl",
        "messages/date=2026-03-01/part-0.parquet",
    ]
    assert drop.extract("teams").row_count == 0
    assert drop.extract("team_members").row_count == 1
    contents = Folder(f"file://{drop.root}", ACCOUNT).contents(60, datetime.now(UTC))
    assert contents.unfinished == ("messages.csv.part",)
    assert set(contents.unknown) == {"messages.xlsx", "mesages.csv", "old/messages.csv", "messagesofmine.csv"}


def test_what_is_still_being_written_waits(drop: Drop) -> None:
    path = drop.put("messages.csv", [message(1)])
    os.utime(path)
    assert drop.extract().row_count == 0
    assert drop.extract(day=1, quiet_seconds=0).row_count == 1
    with pytest.raises(CredentialsError, match="quiet_seconds"):
        drop.extract(day=2, quiet_seconds="a while")


def test_a_file_from_the_future_is_read(drop: Drop) -> None:
    path = drop.put("messages.csv", [message(1)])
    os.utime(path, (4_000_000_000, 4_000_000_000))
    assert drop.extract().row_count == 1


def test_a_file_that_grows_while_it_is_read_is_not_taken(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop.put("messages.csv", [message(1)])
    rows = file_formats.csv_rows

    def growing(*arguments: Any) -> Iterator[Any]:
        yield from rows(*arguments)
        with path.open("a") as handle:
            handle.write("more")

    monkeypatch.setitem(FORMATS, "csv", growing)
    with pytest.raises(VendorUnavailableError, match="has changed while it was read"):
        drop.extract()
    assert drop.landing.manifests() == []


# Dropped again.


def test_what_was_dropped_again_as_it_was_changes_nothing(drop: Drop) -> None:
    drop.put("messages.csv", [message(1)])
    first = drop.extract()
    drop.put("messages.csv", [message(1)], minute=30)
    assert drop.extract(day=1).row_count == 0
    assert drop.extract().sha256 == first.sha256


def test_a_changed_file_is_a_new_version_and_the_old_one_stays(drop: Drop) -> None:
    drop.put("messages.csv", [message(1), message(2)])
    first = drop.extract()
    # Copied with its old time: it is newer all the same.
    drop.put("messages.csv", [message(1, text="corrected")], minute=-60)
    assert drop.extract(day=1).row_count == 1
    assert {name: row["text"] for name, row in drop.newest().items()} == {
        "m1": "corrected",
        "m2": message(2)["text"],
    }
    assert drop.extract().sha256 == first.sha256
    assert drop.extract(day=1).row_count == 1
    # And back again.
    drop.put("messages.csv", [message(1), message(2)], minute=-60)
    assert drop.extract(day=2).row_count == 2
    assert drop.newest()["m1"]["text"] == message(1)["text"]


def test_the_newer_file_wins_and_of_two_of_one_time_the_later_name(drop: Drop) -> None:
    drop.put("messages-b.csv", [message(1, text="b"), message(2, text="b")], minute=1)
    drop.put("messages-a.csv", [message(1, text="a"), message(3, text="a")], minute=2)
    drop.put("messages-c.csv", [message(3, text="c")], minute=2)
    drop.extract()
    assert {name: row["text"] for name, row in drop.newest().items()} == {"m1": "a", "m2": "b", "m3": "c"}


def test_what_is_gone_from_the_folder_stays_landed(drop: Drop) -> None:
    path = drop.put("messages-1.csv", [message(number) for number in range(50)])
    first = drop.extract()
    path.unlink()
    drop.put("messages-2.csv", [message(100)])
    again = drop.extract()
    assert (first.row_count, again.row_count) == (50, 51)
    assert drop.extract().sha256 == again.sha256
    assert drop.extract(day=1).row_count == 0


def test_a_run_that_ended_before_its_commit_has_landed_nothing(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    drop.put("messages.csv", [message(1)])
    write = file_drop.Ledger.write

    def dies(*arguments: Any) -> None:
        write(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(file_drop.Ledger, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        drop.extract()
    monkeypatch.undo()
    assert len(drop.landing.files.list("receipts")) == 1
    assert drop.extract(day=1).row_count == 1
    assert drop.extract().row_count == 0
    assert [record.record_id for record in drop.landed(day=1)] == ["m1"]


def test_late_files_with_old_rows_are_not_lost(drop: Drop) -> None:
    drop.extract(day=3)
    drop.put("messages.csv", [message(1, created_at="2025-01-01T00:00:00Z")])
    assert drop.extract(day=4).row_count == 1


# The folder.


def test_a_missing_folder_is_named(drop: Drop) -> None:
    credentials = Credentials("files_default", f"{drop.root}/nowhere")
    with pytest.raises(AccountNotFoundError, match=r"There is no folder .*nowhere/oldcrm"):
        extract_stream("files", "messages", ACCOUNT, credentials, window(), drop.landing, "run", now=NOW)
    with pytest.raises(CredentialsError, match="ftps"):
        Folder("ftps://somewhere", ACCOUNT)


def test_a_folder_that_may_only_be_read_keeps_no_rejects(
    drop: Drop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever the test runs as: root may write everywhere."""
    open_write = Files.open_write

    def refusing(files: Files, path: str) -> Any:
        if "/drop" in files.url:
            raise PermissionError(13, "Permission denied", path)
        return open_write(files, path)

    monkeypatch.setattr(Files, "open_write", refusing)
    drop.put("messages.csv", [*MANY, message(1_000, created_at="yesterday"), message(1_001, kind="fax")])
    manifest = drop.extract()
    assert len(drop.quarantine(manifest)) == 2
    assert "rejected rows are in the landing's quarantine" in caplog.text


def test_a_bucket_is_a_folder_too(drop: Drop) -> None:
    """Any fsspec file system: here the one in memory, which knows no folders, locks or renames."""
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/drop/oldcrm/messages.csv", csv_text([*MANY, message(1_000, created_at="yesterday")]).encode())
    credentials = Credentials("files_default", "memory://bucket/drop", extra={"quiet_seconds": 0})
    try:
        manifest = extract_stream("files", "messages", ACCOUNT, credentials, window(), drop.landing, "run", now=NOW)
        assert (manifest.row_count, manifest.quarantined_count) == (1_000, 1)
        rejects = memory.cat("/bucket/drop/oldcrm/rejects/messages.csv.rejects.ndjson")
        assert json.loads(rejects)["line"] == 1_002
    finally:
        memory.rm("/bucket", recursive=True)


# Memory.


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
def test_memory_does_not_grow_with_the_file(drop: Drop, kind: str) -> None:
    def peak(count: int) -> int:
        rows = [message(number, text="x" * 500) for number in range(count)]
        path = drop.put(f"messages.{kind}", rows)
        del rows
        tracemalloc.start()
        with path.open("rb") as handle:
            assert sum(isinstance(row, Row) for row in FORMATS[kind](handle, LAYOUTS["messages"])) == count
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(100)
    small, large = peak(2_000), peak(20_000)
    assert large < small * 1.5 + 500_000
