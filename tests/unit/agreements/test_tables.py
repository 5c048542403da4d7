"""The tables of schema `config`: columns, rows, ranges, and how they come into the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from social_sla.agreements import ConfigError, config_tables, load_config, write_config
from social_sla.agreements.table_schemas import TABLE_SCHEMAS

from tests.unit.agreements.conftest import TWEETS, ConfigFolder

AS_OF = datetime(2026, 11, 3, tzinfo=UTC)
FIRST_AT = datetime(2026, 1, 1, tzinfo=UTC)


def _tables(folder: ConfigFolder, as_of: datetime = AS_OF, first_at: datetime | None = FIRST_AT) -> dict[str, Any]:
    return config_tables(load_config(folder.path), as_of=as_of, first_at=first_at)


def _rows(folder: ConfigFolder, table: str, **where: Any) -> list[dict[str, Any]]:
    rows = _tables(folder)[table].to_pylist()
    return [row for row in rows if all(row[name] == value for name, value in where.items())]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def test_every_table_has_the_declared_columns_and_no_forbidden_null(folder: ConfigFolder) -> None:
    tables = _tables(folder)
    assert list(tables) == list(TABLE_SCHEMAS)
    for name, table in tables.items():
        assert table.schema == TABLE_SCHEMAS[name]
        table.validate(full=True)
        for field in table.schema:
            assert field.nullable or table[field.name].null_count == 0, (name, field.name)


def test_the_same_configuration_gives_the_same_tables(folder: ConfigFolder) -> None:
    assert _tables(folder) == _tables(folder)


def test_channels_and_what_is_not_written_by_people(folder: ConfigFolder) -> None:
    mail, tweets = _rows(folder, "channels")
    assert mail == {
        "channel_id": "mail",
        "source": "zendesk",
        "account": "acme",
        "name": "Mailbox",
        "kind": "email",
        "strategic_objective": "Solve what needs writing.",
        "timezone": "Europe/Berlin",
        "language": "de",
        "languages": ["de", "en"],
        "connection_id": "zendesk_default",
        "match": '{"via":["email","web"]}',
    }
    assert (tweets["name"], tweets["match"], tweets["connection_id"]) == ("tweets", "{}", "x_default")
    assert _rows(folder, "automation_authors") == [
        {"source": "zendesk", "account": "acme", "author_ref": "42", "reason": "bot"}
    ]
    assert _rows(folder, "automation_text_prefixes") == [
        {"source": "zendesk", "account": "acme", "text_prefix": "How did we do?", "reason": "survey"}
    ]


def test_accounts_of_a_source_once_each(folder: ConfigFolder) -> None:
    folder.change(
        "channels.yaml",
        "  - channel_id: tweets\n",
        "  - channel_id: chat\n    source: zendesk\n    account: acme\n    kind: chat\n    strategic_objective: Help.\n"
        "    timezone: UTC\n    languages: [en]\n    match: {via: [chat]}\n  - channel_id: tweets\n",
    )
    config = load_config(folder.path)
    assert config.accounts("zendesk") == [("acme", "zendesk_default")]
    assert config.accounts("x") == [("Acme", "x_default")]


def test_an_agreement_and_its_parts(folder: ConfigFolder) -> None:
    (mail,) = _rows(folder, "agreements", agreement_key="mail.v1")
    assert mail["parent_agreement_key"] == "corporate.v1"
    assert (mail["valid_from_at"], mail["valid_to_at"]) == (datetime(2025, 12, 31, 23), datetime(2027, 12, 31, 23))
    assert (mail["in_force_from_at"], mail["in_force_to_at"]) == (mail["valid_from_at"], mail["valid_to_at"])
    assert (mail["raises_flags"], mail["flag_consecutive_periods"], mail["minimum_sample"]) == (True, 3, 20)
    assert (mail["file_name"], len(mail["file_sha256"])) == ("agreements/mail.yaml", 64)
    assert [row["party_id"] for row in _rows(folder, "agreement_parties", agreement_key="mail.v1")] == ["board", "care"]
    assert _rows(folder, "agreement_approvals", party_id="board") == [
        {
            "agreement_key": "mail.v1",
            "party_id": "board",
            "approved_by": "Chair",
            "approved_date": date(2025, 12, 2),
            "revoked_date": None,
            "expires_date": date(2026, 12, 31),
        }
    ]
    assert _rows(folder, "waivers") == [
        {
            "agreement_id": "mail",
            "goal_id": "first",
            "period": date(2026, 2, 1),
            "waived_by": "Board",
            "reason": "Strike",
        }
    ]


def test_goals_and_their_targets(folder: ConfigFolder) -> None:
    (goal,) = _rows(folder, "goals", goal_key="mail.v1.solved")
    assert goal["goal_rate"] == Decimal("0.850000")
    assert (goal["from_at"], goal["to_at"]) == (datetime(2025, 12, 31, 23), datetime(2027, 12, 31, 23))
    assert (goal["pause_statuses"], goal["priorities"], goal["schedule_id"]) == (["pending"], None, "office")
    targets = _rows(folder, "goal_targets", goal_key="mail.v1.first")
    assert [(row["priority"], row["target_value"], row["target_unit"], row["target_seconds"]) for row in targets] == [
        ("default", 4, "hours", 14_400),
        ("low", 1, "business_days", None),
        ("urgent", 1, "hours", 3_600),
    ]
    (calendar_goal,) = _rows(folder, "goals", goal_key="tweets.v1.first")
    assert calendar_goal["schedule_id"] is None
    assert _rows(folder, "agreements", agreement_key="tweets.v1")[0]["schedule_id"] == "always"


def test_every_term_names_the_version_that_stated_it(folder: ConfigFolder) -> None:
    terms = {(row["goal_id"], row["term"]): row for row in _rows(folder, "agreement_terms", agreement_key="mail.v1")}
    assert terms[None, "minimum_sample"]["stated_by"] == "corporate.v1"
    assert terms[None, "raises_flags"] == {
        "agreement_key": "mail.v1",
        "goal_id": None,
        "term": "raises_flags",
        "value": "true",
        "stated_by": None,
    }
    assert terms["next", "goal_rate"]["value"] == '"0.85"'
    assert terms["next", "targets"]["value"] == '{"default":{"unit":"hours","value":8}}'


def test_a_version_that_is_split_by_a_higher_one_is_in_force_twice(folder: ConfigFolder) -> None:
    second = TWEETS.replace("version: 1", "version: 2").replace("valid_from: 2026-01-01", "valid_from: 2026-03-01")
    second = second.replace("valid_from: 2026-03-01", "valid_from: 2026-03-01\nvalid_to: 2026-03-31")
    folder.write("agreements/tweets.yaml", TWEETS + "---\n" + second)
    rows = _rows(folder, "agreement_in_force", agreement_id="tweets")
    assert [(row["version"], row["from_at"], row["to_at"]) for row in rows] == [
        (1, datetime(2026, 1, 1), datetime(2026, 3, 1)),
        (2, datetime(2026, 3, 1), datetime(2026, 4, 1)),
        (1, datetime(2026, 4, 1), None),
    ]
    first = _rows(folder, "agreements", agreement_key="tweets.v1")[0]
    assert (first["in_force_from_at"], first["in_force_to_at"]) == (datetime(2026, 1, 1), None)
    spans = load_config(folder.path).in_force("tweets")
    assert [version.version for version, _ in spans] == [1, 2, 1]


def test_periods_are_the_months_of_every_zone_up_to_two_after_as_of(folder: ConfigFolder) -> None:
    rows = _rows(folder, "periods", timezone="Europe/Berlin")
    assert [row["period"] for row in rows] == [date(2026, month, 1) for month in range(1, 13)] + [date(2027, 1, 1)]
    assert (rows[2]["starts_at"], rows[2]["ends_at"]) == (datetime(2026, 2, 28, 23), datetime(2026, 3, 31, 22))
    assert {row["timezone"] for row in _rows(folder, "periods")} == {"Europe/Berlin", "UTC"}


def test_periods_do_not_begin_before_the_data(folder: ConfigFolder) -> None:
    first_at = datetime(2026, 3, 31, 22, tzinfo=UTC)  # April in Berlin, March in UTC
    rows = _tables(folder, first_at=first_at)["periods"].to_pylist()
    first = {zone: min(row["period"] for row in rows if row["timezone"] == zone) for zone in ("Europe/Berlin", "UTC")}
    assert first == {"Europe/Berlin": date(2026, 4, 1), "UTC": date(2026, 3, 1)}


def test_calendars_reach_from_before_the_agreement_to_well_after_as_of(folder: ConfigFolder) -> None:
    folder.change(
        "calendars.yaml",
        "schedules:\n",
        "schedules:\n  - {schedule_id: spare, title: S, timezone: UTC, weekly: 24x7}\n",
    )
    ranges = {
        row["schedule_id"]: (row["calendar_from_date"], row["calendar_to_date"]) for row in _rows(folder, "schedules")
    }
    assert ranges == {
        "always": (date(2025, 12, 30), AS_OF.date() + timedelta(days=400)),
        "office": (date(2025, 12, 30), AS_OF.date() + timedelta(days=400)),
        "spare": (None, None),
    }
    assert _rows(folder, "load")[0]["calendar_from_date"] == date(2025, 12, 30)
    assert not _rows(folder, "schedule_intervals", schedule_id="spare")


def test_a_calendar_goes_on_until_the_largest_target_can_come_due_twice(folder: ConfigFolder) -> None:
    folder.change("agreements/mail.yaml", "{value: 5, unit: business_days}", "400 business days")
    days = [
        row for row in _rows(folder, "schedule_days", schedule_id="office") if row["opens_at"] >= datetime(2026, 11, 3)
    ]
    assert len(days) >= 800


def test_a_target_that_never_comes_due_is_an_error(folder: ConfigFolder) -> None:
    folder.change("agreements/mail.yaml", "{value: 5, unit: business_days}", "99999 business days")
    with pytest.raises(ConfigError) as caught:
        _tables(folder)
    assert [str(problem) for problem in caught.value.problems] == [
        "calendars.yaml:2: schedules[0]: schedule 'office': has too few open hours for the largest target to come due "
        "within 40 years; correct the hours or the target"
    ]


def test_an_agreement_of_long_ago_is_expanded_for_forty_years_at_most(folder: ConfigFolder) -> None:
    folder.change("agreements/tweets.yaml", "valid_from: 2026-01-01", "valid_from: 1971-01-01")
    assert _rows(folder, "schedules", schedule_id="always")[0]["calendar_from_date"] == date(1986, 11, 1)


def test_dates_without_hours_are_an_error_at_the_schedule(folder: ConfigFolder) -> None:
    folder.change(
        "calendars.yaml", "weekly: 24x7", "parts: [{valid_from: 2026-01-01, valid_to: 2026-12-31, weekly: 24x7}]"
    )
    with pytest.raises(ConfigError) as caught:
        _tables(folder)
    assert [str(problem) for problem in caught.value.problems] == [
        "calendars.yaml:14: schedules[1]: schedule 'always': no effective part covers 2027-01-01; add a part for it, "
        "or leave valid_from of the first part and valid_to of the last part out"
    ]


def test_hours_may_begin_on_the_agreements_first_day(folder: ConfigFolder) -> None:
    folder.change("calendars.yaml", "weekly: 24x7", "parts: [{valid_from: 2026-01-01, weekly: 24x7}]")
    assert _rows(folder, "schedules", schedule_id="always")[0]["calendar_from_date"] == date(2026, 1, 1)


def test_intervals_are_disjoint_and_their_seconds_add_up(folder: ConfigFolder) -> None:
    for schedule_id in ("always", "office"):
        intervals = _rows(folder, "schedule_intervals", schedule_id=schedule_id)
        total = 0
        for number, row in enumerate(intervals, start=1):
            assert (row["interval_number"], row["open_seconds_before"]) == (number, total)
            assert number == 1 or row["opens_at"] > intervals[number - 2]["closes_at"]
            total += int((row["closes_at"] - row["opens_at"]).total_seconds())
        assert sum(row["open_seconds"] for row in _rows(folder, "schedule_days", schedule_id=schedule_id)) == total


def test_an_instant_without_a_zone_is_refused(folder: ConfigFolder) -> None:
    with pytest.raises(ValueError, match="as_of 2026-11-03 00:00:00 has no time zone"):
        _tables(folder, as_of=datetime(2026, 11, 3))


def test_the_hash_changes_with_any_file(folder: ConfigFolder) -> None:
    before = load_config(folder.path).sha256
    folder.change("agreements/mail.yaml", "title: Mail", "title: Letters")
    assert load_config(folder.path).sha256 != before


def test_written_tables_have_the_types_of_the_contract_also_when_empty(
    folder: ConfigFolder, connection: duckdb.DuckDBPyConnection
) -> None:
    folder.change(
        "agreements/mail.yaml", "waivers:\n  - {goal: first, period: 2026-02, by: Board, reason: Strike}\n", ""
    )
    write_config(_tables(folder), connection)
    types = {
        (table, column): kind
        for table, column, kind in connection.execute(
            "select table_name, column_name, data_type from information_schema.columns where table_schema = 'config'"
        ).fetchall()
    }
    assert {table for table, _ in types} == set(TABLE_SCHEMAS)
    assert types["waivers", "period"] == "DATE"
    assert types["goals", "goal_rate"] == "DECIMAL(9,6)"
    assert types["goals", "priorities"] == "VARCHAR[]"
    assert types["goals", "teams"] == "VARCHAR[]"
    assert types["goals", "from_at"] == "TIMESTAMP"
    assert types["goal_targets", "target_seconds"] == "BIGINT"
    assert types["agreements", "raises_flags"] == "BOOLEAN"
    assert connection.execute("select count(*) from config.waivers").fetchone() == (0,)
    assert connection.execute("select as_of from config.load").fetchone() == (datetime(2026, 11, 3),)


def test_writing_again_replaces_everything(folder: ConfigFolder, connection: duckdb.DuckDBPyConnection) -> None:
    write_config(_tables(folder), connection)
    connection.execute("create table config.left_over as select 1 as one")
    folder.change("agreements/mail.yaml", "title: Mail", "title: Letters")
    write_config(_tables(folder), connection)
    titles = connection.execute("select title from config.agreements where agreement_id = 'mail'").fetchall()
    assert titles == [("Letters",)]
    assert not connection.execute(
        "select 1 from information_schema.tables where table_schema = 'config' and table_name = 'left_over'"
    ).fetchall()


def test_a_write_that_fails_leaves_what_was_there(folder: ConfigFolder, connection: duckdb.DuckDBPyConnection) -> None:
    tables = _tables(folder)
    write_config(tables, connection)
    folder.change("agreements/mail.yaml", "title: Mail", "title: Letters")
    broken = {**_tables(folder), "load": object()}
    with pytest.raises(duckdb.Error):
        write_config(broken, connection)
    titles = connection.execute("select title from config.agreements where agreement_id = 'mail'").fetchall()
    assert titles == [("Mail",)]
