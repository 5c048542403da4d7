"""Which promise the public has on a channel, and when (M13)."""

from __future__ import annotations

from datetime import UTC, datetime

from social_sla.agreements import config_tables, load_config
from social_sla.agreements.promises import promises

from tests.unit.agreements.conftest import TWEETS, ConfigFolder

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _promised(folder: ConfigFolder) -> list[tuple[str, str, str, str, str | None]]:
    return [
        (
            item.agreement.agreement_key,
            item.goal.goal_id,
            str(item.target),
            f"{item.span.from_at:%Y-%m-%d}",
            f"{item.span.to_at:%Y-%m-%d}" if item.span.to_at else None,
        )
        for item in promises(load_config(folder.path))
    ]


def test_an_ssla_promises_by_itself_and_others_only_with_a_statement(folder: ConfigFolder) -> None:
    assert _promised(folder) == [("tweets.v1", "first", "60 minutes", "2026-01-01", None)]
    folder.change("agreements/mail.yaml", "channels: [mail]", "channels: [mail]\nstatement: {answers: all}")
    assert _promised(folder)[0] == ("mail.v1", "first", "1 business day", "2025-12-31", "2027-12-31")


def test_who_says_so_itself_speaks_first_and_the_ssla_around_it(folder: ConfigFolder) -> None:
    other = TWEETS.replace("agreement_id: tweets", "agreement_id: campaign").replace("kind: ssla", "kind: customer")
    other = other.replace("valid_from: 2026-01-01", "valid_from: 2026-03-01\nvalid_to: 2026-03-31")
    folder.write(
        "agreements/campaign.yaml", other.replace("60m", "10m").replace("hours:", "statement: {answers: all}\nhours:")
    )
    assert _promised(folder) == [
        ("tweets.v1", "first", "60 minutes", "2026-01-01", "2026-03-01"),
        ("campaign.v1", "first", "10 minutes", "2026-03-01", "2026-04-01"),
        ("tweets.v1", "first", "60 minutes", "2026-04-01", None),
    ]


def test_a_new_version_promises_from_its_first_day_and_a_goal_within_its_own_dates(folder: ConfigFolder) -> None:
    second = TWEETS.replace("version: 1", "version: 2").replace("valid_from: 2026-01-01", "valid_from: 2026-05-01")
    second = second.replace("    target: 60m", "    from_date: 2026-06-01\n    target: 30m")
    folder.write("agreements/tweets.yaml", f"{TWEETS}---\n{second}")
    assert _promised(folder) == [
        ("tweets.v1", "first", "60 minutes", "2026-01-01", "2026-05-01"),
        ("tweets.v2", "first", "30 minutes", "2026-06-01", None),
    ]


def test_the_statement_may_name_another_goal(folder: ConfigFolder) -> None:
    folder.change("agreements/tweets.yaml", "hours: always", "hours: always\nstatement: {goal: next}")
    folder.change(
        "agreements/tweets.yaml",
        "goals:",
        "goals:\n  - {goal_id: next, metric: next_response, target: 2h, basis: calendar, goal_rate: 0.5}",
    )
    assert _promised(folder) == [("tweets.v1", "next", "2 hours", "2026-01-01", None)]


def test_the_tables_hold_the_words_and_what_is_measured_against_them(folder: ConfigFolder) -> None:
    published = "[{channel: tweets, placement: x_bio, url: 'https://x.com/Acme', verified_at: 2026-05-20}]"
    folder.change("agreements/tweets.yaml", "hours: always", f"hours: office\nstatement: {{published: {published}}}")
    tables = config_tables(load_config(folder.path), as_of=NOW)
    (row,) = tables["public_statements"].to_pylist()
    assert (row["channel_id"], row["is_main"], row["placement"], row["character_limit"], row["problem"]) == (
        "tweets",
        True,
        "x_bio",
        160,
        None,
    )
    assert row["verified_at"] == datetime(2026, 5, 20)
    assert row["character_count"] == len(row["statement_text"]) <= 160
    (promise,) = tables["channel_promises"].to_pylist()
    assert promise == {
        "channel_id": "tweets",
        "agreement_key": "tweets.v1",
        "goal_key": "tweets.v1.first",
        "timezone": "UTC",
        "schedule_id": "office",
        "basis": "calendar",
        "responder": "human",
        "target_value": 60,
        "target_unit": "minutes",
        "target_seconds": 3600,
        "from_at": datetime(2026, 1, 1),
        "to_at": None,
    }
