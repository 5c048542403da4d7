"""What is extracted, in which tasks, for which window."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from social_sla.extraction import (
    MOST_TASKS,
    ExtractionPlanError,
    accounts_in_use,
    connections_in_use,
    instant,
    landed_rows,
    month,
    sources_in_use,
    stream_groups,
    tasks_by_connection,
    window_of,
)
from social_sla.landing import Landing, PartitionKey
from social_sla.settings import Settings

CHANNELS = """
channels:
  - {channel_id: global, source: x, account: AuroraAir}
  - {channel_id: email, source: zendesk, account: auroraair, connection: desk}
  - {channel_id: chat, source: zendesk, account: auroraair, connection: desk}
"""
DAY = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "channels.yaml").write_text(CHANNELS)
    return tmp_path


def test_an_account_with_two_channels_is_extracted_once(config: Path) -> None:
    assert [(item.source, item.account) for item in accounts_in_use(config)] == [
        ("x", "AuroraAir"),
        ("zendesk", "auroraair"),
    ]
    assert sources_in_use(config) == ["x", "zendesk"]
    assert connections_in_use(config) == ["x_default", "desk"]


def test_one_account_with_two_connections_is_an_error(config: Path) -> None:
    (config / "channels.yaml").write_text(CHANNELS.replace("auroraair, connection: desk}", "auroraair}", 1))
    with pytest.raises(ExtractionPlanError, match="zendesk_default and desk"):
        accounts_in_use(config)


def test_no_channels_file_says_which_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ExtractionPlanError, match=r"channels\.yaml is missing"):
        accounts_in_use(tmp_path)


def test_streams_that_depend_on_each_other_stay_together_in_order(config: Path) -> None:
    (group,) = stream_groups(config, "x")
    names = list(group.streams)
    assert names.index("conversations") > max(names.index("mentions"), names.index("tweets"))
    assert "accounts" in names


def test_big_streams_have_tasks_of_their_own_and_reference_data_ride_along(config: Path) -> None:
    groups = [set(group.streams) for group in stream_groups(config, "zendesk")]
    assert {"tickets"} in groups
    assert {"ticket_events"} in groups
    assert any({"users", "groups", "schedules", "holidays"} <= group for group in groups)


def test_many_small_accounts_share_the_tasks(tmp_path: Path) -> None:
    rows = "\n".join(f"  - {{channel_id: c{number}, source: x, account: a{number}}}" for number in range(58))
    (tmp_path / "channels.yaml").write_text(f"channels:\n{rows}\n")
    tasks = tasks_by_connection(tmp_path, "x")["x_default"]
    assert len(tasks) == MOST_TASKS
    assert {group["account"] for task in tasks for group in task} == {f"a{number}" for number in range(58)}


def test_the_params_win_over_the_interval() -> None:
    window = window_of("2025-01-01", "2026-01-01T00:00:00+00:00", DAY, DAY[1])
    assert window == (datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


def test_a_run_without_an_interval_takes_the_last_whole_day() -> None:
    assert window_of(None, None, (None, None), datetime(2026, 3, 2, 17, 5, tzinfo=UTC)) == DAY
    # A run by hand may have an interval of no length.
    assert window_of(None, None, (DAY[1], DAY[1]), DAY[1]) == DAY


@pytest.mark.parametrize(
    ("start", "end", "what"),
    [("2026-01-01", None, "both"), ("2026-01-02", "2026-01-01", "empty"), ("yesterday", "2026-01-01", "ISO 8601")],
)
def test_a_wrong_window_says_what_is_wrong(start: str, end: str | None, what: str) -> None:
    with pytest.raises(ExtractionPlanError, match=what):
        window_of(start, end, DAY, DAY[1])


def test_instants_and_months() -> None:
    assert instant("2026-03-01T02:00:00.9+02:00") == DAY[0]
    assert str(month("2026-10")) == "2026-10-01"
    assert str(month("2026-10-17")) == "2026-10-01"
    assert month(None) is None
    with pytest.raises(ExtractionPlanError, match="no month"):
        month("October")


def test_a_stream_that_did_not_land_keeps_the_source_from_being_complete(config: Path, tmp_path: Path) -> None:
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path / "home"), "SOCIAL_SLA_CONFIG_DIR": str(config)})
    landing = Landing(settings.landing_url)
    for stream in ("accounts", "mentions", "tweets"):
        key = PartitionKey("x", "AuroraAir", stream, *DAY)
        landing.replace_partition(key, [], run_id="run", extracted_at=DAY[1])
    with pytest.raises(ExtractionPlanError, match="x/AuroraAir/conversations has not landed"):
        landed_rows(settings, "x", DAY)
    key = PartitionKey("x", "AuroraAir", "conversations", *DAY)
    landing.replace_partition(key, [], run_id="run", extracted_at=DAY[1])
    assert landed_rows(settings, "x", DAY)["AuroraAir/conversations"] == 0
