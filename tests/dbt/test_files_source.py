"""Files dropped in three formats become clocks: extracted as a run does it, loaded, built with dbt and its tests.

One story in three folders, one a format; on the second day come late and corrected files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from social_sla.extraction import extract_groups, tasks_by_connection
from social_sla.settings import Settings
from social_sla.sources.base import Credentials
from social_sla.warehouse.build import build
from social_sla.warehouse.load import load

from tests.support.dropped import content

START = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
KINDS = {"csvland": "csv", "ndjsonland": "ndjson", "parquetland": "parquet"}
Row = dict[str, Any]


def message(name: str, conversation: str, clock: str, author_type: str, author: str | None, **other: Any) -> Row:
    return {
        "message_id": name,
        "conversation_id": conversation,
        "created_at": f"2026-03-02T{clock}",
        "author_type": author_type,
        "author_id": author,
        "is_internal": None,
        "received_at": None,
        "text": None,
        **other,
    }


def change(name: str, conversation: str, clock: str, **what: Any) -> Row:
    return {"change_id": name, "conversation_id": conversation, "changed_at": f"2026-03-02T{clock}", **what}


STORY: dict[str, list[Row]] = {
    "messages": [
        message("m1", "c1", "09:00:00Z", "customer", "ana", received_at="2026-03-02T09:00:20Z", text="Where is it?"),
        message("m2", "c1", "09:00:10Z", "auto_reply", None),
        message("m3", "c1", "09:02:00Z", "agent", "erin", is_internal=True),
        message("m4", "c1", "10:05:00.400+01:00", "agent", "erin"),
        message("m5", "c1", "10:00:00Z", "customer", "ana"),
        message("m6", "c1", "10:01:00Z", "customer", "bob"),
        message("m7", "c1", "10:10:30Z", "agent", "erin"),
        message("m8", "c2", "11:00:00Z", "customer", "ben"),
        message("m9", "c3", "12:00:00Z", "customer", "cem"),
        message("m10", "c3", "12:00:01Z", "agent", "max"),
        message("m11", "c4", "12:30:00Z", "customer", "dora", text="Out of office: back in May"),
    ],
    "conversations": [
        {"conversation_id": "c1", "customer_id": "ana", "created_at": "2026-03-02T09:00:00Z", "tags": None},
        {"conversation_id": "c3", "customer_id": "cem", "created_at": "2026-03-02T12:00:00Z", "tags": "test|x"},
    ],
    "status_changes": [
        change("s1", "c1", "09:00:00Z", status="open"),
        change("s2", "c1", "10:11:00Z", status="solved"),
        change("s3", "unheard of", "10:11:00Z", status="solved"),
    ],
    "priority_changes": [change("p1", "c1", "09:00:00Z", priority="high")],
    "assignments": [change("a1", "c1", "09:00:00Z", team_id="baggage", person_id="erin")],
    "people": [{"person_id": "erin", "role": "agent"}, {"person_id": "max", "role": None}],
    "teams": [{"team_id": "baggage", "name": "Baggage"}],
    "team_members": [{"team_id": "baggage", "person_id": "erin"}],
}
# The second day: the answer to Ben comes late, Ana's first answer is corrected, a status is one that nobody knows.
LATE: dict[str, list[Row]] = {
    "messages-late": [
        message("m12", "c2", "11:02:00Z", "agent", "max"),
        message("m4", "c1", "09:06:00Z", "agent", "erin"),
    ],
    "status_changes-late": [change("s4", "c2", "11:03:00Z", status="parked")],
}

CONFIG = {
    "channels": [
        {
            "channel_id": account,
            "name": account,
            "source": "files",
            "account": account,
            "kind": "email",
            "strategic_objective": "To be measured.",
            "timezone": "UTC",
            "languages": ["en"],
            "automation": [{"reason": "auto_reply", "text_prefix": "Out of office"}],
        }
        for account in KINDS
    ]
}
SCHEDULES = {"schedules": [{"schedule_id": "always", "title": "Always", "timezone": "UTC", "weekly": "24x7"}]}
AGREEMENT = {
    "agreement_id": "files",
    "version": 1,
    "title": "Files",
    "kind": "customer",
    "level": "service",
    "overview": "A yardstick.",
    "provider": "We",
    "customer": "They",
    "timezone": "UTC",
    "valid_from": "2026-03-01",
    "change_reason": "First.",
    "parties": [{"party_id": "we", "name": "We", "role": "provider"}],
    "channels": list(KINDS),
    "hours": "always",
    "goals": [
        {"goal_id": name, "title": name, "metric": metric, "basis": "calendar", "goal_rate": "0.9", **more}
        for name, metric, more in (
            ("first", "first_response", {"targets": {"default": "1h", "high": "4m"}}),
            ("first_of_team", "first_response", {"target": "1h", "subject": "team"}),
            ("next", "next_response", {"target": "1h"}),
            ("full", "full_resolution", {"target": "2h"}),
            ("owned", "ownership_time", {"target": "2h", "teams": ["files:csvland:baggage"]}),
        )
    ],
    "review": {"raises_flags": False},
    "measures_people": False,
}


@dataclass
class World:
    """A company whose messages come as files."""

    home: Path
    settings: Settings
    built: list[str] = field(default_factory=list)

    def drop(self, files: dict[str, list[Row]]) -> None:
        for account, kind in KINDS.items():
            folder = self.home / "drop" / account
            folder.mkdir(parents=True, exist_ok=True)
            for name, rows in files.items():
                path = folder / f"{name}.{kind}"
                path.write_bytes(content(rows, kind))
                moment = (START + (DAY if name in LATE else timedelta(hours=20))).timestamp()
                os.utime(path, (moment, moment))

    def run(self, day: int) -> None:
        """One day's extraction, load and build."""
        window = (START + day * DAY, START + (day + 1) * DAY)
        credentials = Credentials("files_default", str(self.home / "drop"))
        for tasks in tasks_by_connection(self.settings.config_dir, "files").values():
            for number, groups in enumerate(tasks):
                extract_groups(self.settings, "files", groups, credentials, window, f"run-{day}-{number}")
        load(self.settings)
        report = build(self.settings)
        assert report.is_success, report.summary()
        self.built.append(report.kind.value)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.warehouse_path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def clocks(self, goal: str) -> dict[str, list[tuple[Any, ...]]]:
        """By channel: conversation, cycle, seconds, outcome of the clocks of a goal."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        for channel, *clock in self.rows(
            "select channel_id, source_conversation_id, cycle_number,"
            " case when stopped_at is not null then elapsed_seconds end, outcome"
            f" from marts.fct_sla_clock where goal_id = '{goal}' order by all"
        ):
            found.setdefault(channel, []).append(tuple(clock))
        return found


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = Path(tmp_path_factory.mktemp("files"))
    patch = pytest.MonkeyPatch()
    patch.setenv("SOCIAL_SLA_HOME", str(home))
    patch.setenv("SOCIAL_SLA_CONFIG_DIR", str(home / "config"))
    patch.setenv("SOCIAL_SLA_PSEUDONYM_KEY", "a key for tests only")
    for name in ("SOCIAL_SLA_LANDING_URL", "SOCIAL_SLA_WAREHOUSE", "SOCIAL_SLA_PUBLISHED_DIR"):
        patch.delenv(name, raising=False)
    (home / "config" / "agreements").mkdir(parents=True)
    files = {"channels.yaml": CONFIG, "calendars.yaml": SCHEDULES, "agreements/files.yaml": AGREEMENT}
    for name, document in files.items():
        (home / "config" / name).write_text(json.dumps(document))
    world = World(home, Settings.from_env())
    world.drop(STORY)
    world.run(0)
    yield world
    patch.undo()


def test_first_and_next_replies_have_their_seconds(first_day: World) -> None:
    """Neither an automatic reply nor a note answers (R1); a fraction of a second is cut (D12); Bob starts no clock."""
    expected = [
        ("c1", 1, 300, "missed"),
        ("c2", 1, None, "missed"),
        ("c3", 1, 1, "excluded"),
    ]
    assert first_day.clocks("first") == dict.fromkeys(KINDS, expected)
    assert first_day.clocks("next") == {account: [("c1", 2, 630, "met")] for account in KINDS}


def test_goals_of_teams_begin_when_the_message_was_received(first_day: World) -> None:
    assert first_day.clocks("first_of_team")["csvland"][0] == ("c1", 1, 280, "met")


def test_histories_are_measured(first_day: World) -> None:
    assert first_day.clocks("full")["parquetland"][0] == ("c1", 1, 71 * 60, "met")
    assert first_day.clocks("owned")["csvland"] == [("c1", 1, 71 * 60 - 20, "met")]
    members = first_day.rows("select team_member_id, team_id, role from marts.dim_team_member order by all")
    assert members[:2] == [
        ("files:csvland:erin", "files:csvland:baggage", "agent"),
        ("files:csvland:max", None, "agent"),
    ]
    assert first_day.rows("select team_id, name from marts.dim_team order by all")[0] == (
        "files:csvland:baggage",
        "Baggage",
    )


def test_every_message_is_there_once(first_day: World) -> None:
    counted = first_day.rows("select channel_id, count(*) from marts.fct_message group by all order by all")
    assert counted == [(account, len(STORY["messages"])) for account in KINDS]
    roles = first_day.rows(
        "select source_message_id, author_role, direction from marts.fct_message where channel_id = 'csvland'"
        " and source_message_id in ('m2', 'm3', 'm6', 'm11') order by all"
    )
    assert roles == [
        ("m11", "bot", "inbound"),
        ("m2", "auto_reply", "outbound"),
        ("m3", "person", "internal"),
        ("m6", "other_customer", "inbound"),
    ]


@pytest.fixture(scope="module")
def second_day(first_day: World) -> World:
    first_day.drop(LATE)
    first_day.run(1)
    return first_day


def test_late_and_corrected_files_move_what_they_concern(second_day: World) -> None:
    assert second_day.built == ["full", "incremental"]
    expected = [
        ("c1", 1, 360, "missed"),
        ("c2", 1, 120, "met"),
        ("c3", 1, 1, "excluded"),
    ]
    assert second_day.clocks("first") == dict.fromkeys(KINDS, expected)


def test_a_status_without_a_mapping_is_named(second_day: World) -> None:
    assert second_day.rows("select source, source_status, event_count from intermediate.int_unmapped_statuses") == [
        ("files", "parked", 3)
    ]
