"""Dropped files are held to what the kit asks of every connector, as far as a folder can be.

The kit speaks HTTP. Each of its checks has its counterpart of the same name here, or a reason in LEFT_OUT.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from social_sla.landing import Landing
from social_sla.sources import file_formats
from social_sla.sources.base import Credentials
from social_sla.sources.check import check_source
from social_sla.sources.errors import AccountNotFoundError, QuarantineError, VendorUnavailableError
from social_sla.sources.extract import extract_stream
from social_sla.sources.file_layout import LAYOUTS, Layout
from social_sla.sources.files import FILES
from social_sla.sources.testkit import ConnectorSuite

from tests.support.dropped import ACCOUNT, NOW, Drop, window

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sources" / "files.md").read_text(encoding="utf-8")
LEFT_OUT = {
    "test_an_empty_last_page_is_no_trouble": "files have no pages",
    "test_passing_trouble_changes_nothing": "no HTTP: no 429, no cut-off answer",
    "test_the_rate_limit_is_respected": "a folder has no limit",
    "test_a_users_budget_is_kept": "no calls are made",
    "test_a_long_wait_frees_the_worker_and_goes_on_where_it_stopped": "a folder asks for no wait",
    "test_a_deletion_lands_as_a_tombstone": "a row says so in a column, and staging reads it (dbt unit tests)",
    "test_what_is_gone_from_a_whole_list_lands_as_gone": "nothing is deleted by being absent from a file",
    "test_no_secret_is_seen": "there is no secret",
    "test_requests_are_the_vendors": "the layout is ours, and the page's examples are read",
}
AT = "2026-03-01T09:00:00Z"
ROWS: dict[str, dict[str, Any]] = {
    "messages": {"message_id": "m", "conversation_id": "c", "created_at": AT, "author_type": "agent"},
    "conversations": {"conversation_id": "c", "customer_id": "ana", "created_at": AT},
    "status_changes": {"change_id": "s", "conversation_id": "c", "changed_at": AT, "status": "open"},
    "priority_changes": {"change_id": "p", "conversation_id": "c", "changed_at": AT, "priority": "high"},
    "assignments": {"change_id": "a", "conversation_id": "c", "changed_at": AT, "team_id": "t", "person_id": "p"},
    "people": {"person_id": "p", "role": "agent"},
    "teams": {"team_id": "t", "name": "Baggage"},
    "team_members": {"team_id": "t", "person_id": "p"},
}
KINDS = ("csv", "ndjson", "parquet")


def rows(stream: str, count: int, **other: Any) -> list[dict[str, Any]]:
    """Good rows of a stream, each a record of its own."""
    key = LAYOUTS[stream].key[-1]
    return [{**ROWS[stream], key: f"{number:05}", **other} for number in range(count)]


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    return Drop(tmp_path / "drop", Landing(f"file://{tmp_path}/landing"))


def checks(suite: type) -> set[str]:
    return {name for name in dir(suite) if name.startswith("test_")}


def test_what_is_left_out_is_named() -> None:
    here = {name for name in globals() if name.startswith("test_")}
    assert checks(ConnectorSuite) - here == set(LEFT_OUT)


def test_every_stream_has_a_case() -> None:
    assert set(ROWS) == {stream.name for stream in FILES.streams} == set(LAYOUTS)


def test_the_page_names_every_column() -> None:
    for layout in LAYOUTS.values():
        (table,) = re.findall(rf"### {layout.stream}\n.*?\n\n(\|.*?)\n\n", PAGE, flags=re.DOTALL)
        found = re.findall(r"^\| `(\w+)` \| (\w+) \| (yes|no) \|", table, flags=re.MULTILINE)
        kinds = [(column.name, column.kind.value, "yes" if column.is_required else "no") for column in layout.columns]
        assert found == kinds


def test_recorded_records_are_read(drop: Drop) -> None:
    """What the page shows as an example lands as it stands there."""
    shown = re.findall(r"^`(\S+)`[^\n]*\n```(csv|json|python)\n(.*?)```", PAGE, flags=re.DOTALL | re.MULTILINE)
    assert {kind for _, kind, _ in shown} == {"csv", "json", "python"}
    drop.folder.mkdir(parents=True)
    for name, kind, body in shown:
        if kind == "python":
            subprocess.run([sys.executable, "-c", body], cwd=drop.folder, check=True, timeout=60)
        else:
            drop.put(name, body)
    for path in drop.folder.iterdir():
        os.utime(path, (1, 1))
    landed = {stream: drop.extract(stream) for stream in LAYOUTS}
    assert all(manifest.row_count for manifest in landed.values()), landed
    assert all(manifest.quarantined_count == 0 for manifest in landed.values())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, 1, 999, 1_000, 1_001, 2_500])
@pytest.mark.parametrize("stream", ["messages", "team_members"])
def test_every_record_of_every_page_lands_once(drop: Drop, stream: str, count: int, kind: str) -> None:
    """Around the size of the batches in which Parquet is read."""
    if not count and kind == "parquet":
        pytest.skip("an empty table has no columns here")
    drop.put(f"{stream}.{kind}", rows(stream, count))
    manifest = drop.extract(stream)
    assert (manifest.row_count, manifest.quarantined_count, manifest.duplicate_count) == (count, 0, 0)
    assert len({record.record_id for record in drop.landed(stream)}) == count


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stream", LAYOUTS)
def test_the_three_formats_give_the_same_records(drop: Drop, stream: str, kind: str) -> None:
    drop.put(f"{stream}.{kind}", rows(stream, 3))
    drop.extract(stream)
    assert [{name: row[name] for name in ROWS[stream]} for row in drop.payloads(stream)] == rows(stream, 3)


@pytest.mark.parametrize("stream", LAYOUTS)
def test_a_second_run_changes_nothing(drop: Drop, stream: str) -> None:
    drop.put(f"{stream}.csv", rows(stream, 7))
    first = drop.extract(stream)
    again = drop.extract(stream)
    assert (again.sha256, again.row_count) == (first.sha256, 7)
    assert drop.extract(stream, day=1).row_count == 0


def test_a_refusal_leaves_what_is_landed(drop: Drop) -> None:
    drop.put("messages.csv", rows("messages", 7))
    drop.extract()
    before = drop.landing.manifests()
    drop.folder.rename(drop.root / "elsewhere")
    drop.root.joinpath(ACCOUNT).write_text("no folder")
    credentials = drop.credentials()
    report = check_source("files", ACCOUNT, credentials)
    assert "There is no folder" in str(report)
    with pytest.raises(AccountNotFoundError):
        extract_stream("files", "messages", ACCOUNT, credentials, window(), drop.landing, "run", now=NOW)
    assert drop.landing.manifests() == before


def test_an_outage_ends_in_words_and_is_taken_up(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fails in the middle of a file."""
    drop.put("messages.csv", rows("messages", 7))
    whole = file_formats.FORMATS["csv"]

    def failing(handle: Any, layout: Layout) -> Iterator[Any]:
        yield next(whole(handle, layout))
        raise OSError(5, "Input/output error")

    monkeypatch.setitem(file_formats.FORMATS, "csv", failing)
    with pytest.raises(VendorUnavailableError, match=r"messages\.csv cannot be read now .*Input/output error"):
        drop.extract()
    assert drop.landing.manifests() == []
    monkeypatch.undo()
    assert drop.extract().row_count == 7


def test_a_killed_run_is_taken_up(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It dies when everything is read and nothing committed: the next day's run lands it as well."""
    drop.put("messages.csv", rows("messages", 7))
    monkeypatch.setattr(type(drop.landing.files), "publish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        drop.extract()
    monkeypatch.undo()
    assert drop.extract(day=1).row_count == 7


def test_a_record_that_changes_while_paging_hides_no_other(drop: Drop) -> None:
    """A file that changes between two runs: what it held and what it holds are there."""
    drop.put("messages.csv", rows("messages", 7))
    drop.extract()
    drop.put("messages.csv", rows("messages", 3, text="changed"), minute=1)
    drop.extract(day=1)
    texts = {name: row.get("text") for name, row in drop.newest().items()}
    assert texts == {f"{number:05}": "changed" if number < 3 else None for number in range(7)}


@pytest.mark.parametrize("kind", ["ndjson", "parquet"])
@pytest.mark.parametrize("stream", LAYOUTS)
def test_a_new_field_changes_nothing(drop: Drop, stream: str, kind: str) -> None:
    drop.put(f"{stream}.{kind}", rows(stream, 7, a_new_field={"of": ["the", "vendor"]}))
    manifest = drop.extract(stream)
    assert (manifest.row_count, manifest.quarantined_count) == (7, 0)
    assert all('"a_new_field":{"of":["the","vendor"]}' in record.payload for record in drop.landed(stream))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stream", LAYOUTS)
def test_a_record_without_a_required_field_is_set_aside(drop: Drop, stream: str, kind: str) -> None:
    name = LAYOUTS[stream].required[-1]
    found = rows(stream, 7)
    found[3] = {**found[3], name: None}
    drop.put(f"{stream}.{kind}", found)
    before = drop.extract(stream)
    assert (before.row_count, before.quarantined_count) == (6, 1)
    assert [line["reason"] for line in drop.quarantine(before)] == [f"{name} is missing"]
    assert [(reject["field"], reject["reason"]) for reject in drop.rejects(f"{stream}.{kind}")] == [
        (name, "is missing")
    ]
    drop.put(f"{stream}.{kind}", [{**row, name: "" if kind != "parquet" else " "} for row in found], minute=1)
    with pytest.raises(QuarantineError, match=f"{name} is missing"):
        drop.extract(stream)
    assert drop.landing.manifest(before.key) == before


def test_the_check_says_that_all_is_well(drop: Drop) -> None:
    drop.put("messages.csv", rows("messages", 7))
    drop.put("people.ndjson", rows("people", 1))
    drop.put("teams.csv.part", b"team")
    drop.put("team.xlsx", b"")
    report = check_source("files", ACCOUNT, drop.credentials())
    assert report.ok, str(report)
    words = str(report)
    assert "is readable: 2 files to read (1 messages, 1 people)" in words
    assert "1 file left for later, still being written or changed less than 60 s ago: teams.csv.part" in words
    assert "1 file never read" in words
    assert "team.xlsx" in words
    assert "one record of messages: it is good" in words
    assert not any(word in words for word in ("authenticated", "quota", "clock"))
    assert not (drop.folder / "rejects").exists()


def test_an_empty_folder_is_no_fault(drop: Drop) -> None:
    drop.folder.mkdir(parents=True)
    report = check_source("files", ACCOUNT, drop.credentials())
    assert report.ok
    assert "0 files to read." in str(report)
    assert "one record of messages: there is none" in str(report)


def test_the_check_says_what_is_wrong(drop: Drop) -> None:
    report = check_source("files", ACCOUNT, drop.credentials())
    assert not report.ok
    assert "There is no folder" in str(report)
    drop.put("messages.csv", [{**ROWS["messages"], "created_at": "2026-03-01 09:00"}])
    report = check_source("files", ACCOUNT, drop.credentials())
    assert "it would be rejected: created_at has no offset" in str(report)
    drop.put("messages.csv", "message_id\n")
    report = check_source("files", ACCOUNT, Credentials("files_default", f"file://{drop.root}"))
    assert "lacks columns conversation_id" in str(report)
    assert not report.ok


def test_the_receipt_names_what_was_read(drop: Drop) -> None:
    drop.put("messages.csv", rows("messages", 2))
    manifest = drop.extract()
    receipt = json.loads(drop.landing.files.read(f"receipts/{manifest.partition_key}.json"))
    (entry,) = receipt["files"]
    assert (entry["path"], entry["modified_at"]) == ("messages.csv", "2026-03-01T08:00:00.000000Z")
