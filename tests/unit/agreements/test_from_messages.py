"""The configuration that the local runner writes for real messages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from social_sla.agreements import ConfigError, config_tables, load_config
from social_sla.agreements.from_messages import write_config

FIRST_AT = datetime(2017, 10, 1, 3, 15, tzinfo=UTC)


def test_every_handle_is_a_channel_under_one_public_agreement(tmp_path: Path) -> None:
    config = write_config(tmp_path, ["sprintcare", "@AppleSupport", "115850", "SprintCare"], FIRST_AT)
    assert [(channel.channel_id, channel.account) for channel in config.channels] == [
        ("x_115850", "115850"),
        ("x_applesupport", "AppleSupport"),
        ("x_sprintcare", "SprintCare"),
    ]
    assert config.accounts("x") == [("115850", "x_default"), ("AppleSupport", "x_default"), ("SprintCare", "x_default")]
    (agreement,) = config.agreements
    assert (agreement.agreement_id, agreement.stated.kind.value, agreement.raises_flags) == (
        "public-first-response",
        "ssla",
        False,
    )
    assert (agreement.stated.valid_from, agreement.timezone) == (date(2017, 10, 1), "UTC")
    assert agreement.channels == ("x_115850", "x_applesupport", "x_sprintcare")
    assert [(goal.metric.value, goal.targets["default"].seconds, goal.goal_rate) for goal in agreement.goals] == [
        ("first_response", 3_600, Decimal("0.75")),
        ("next_response", 3_600, Decimal("0.75")),
    ]
    tables = config_tables(config, as_of=datetime(2017, 12, 4, tzinfo=UTC), first_at=FIRST_AT)
    assert tables["schedule_intervals"].num_rows == 1
    assert [row["period"].month for row in tables["periods"].to_pylist()] == [10, 11, 12, 1, 2]


def test_writing_again_replaces_the_folder(tmp_path: Path) -> None:
    write_config(tmp_path, ["a", "b"], FIRST_AT)
    again = write_config(tmp_path, ["c"], FIRST_AT, target="2h", goal_rate="90 %")
    assert [channel.channel_id for channel in again.channels] == ["x_c"]
    assert load_config(tmp_path).sha256 == again.sha256
    assert again.agreements[0].goals[0].targets["default"].seconds == 7_200


def test_the_date_is_the_first_messages_in_utc(tmp_path: Path) -> None:
    late = datetime(2017, 9, 30, 22, tzinfo=timezone(timedelta(hours=-4)))
    assert write_config(tmp_path, ["a"], late).agreements[0].stated.valid_from == date(2017, 10, 1)


@pytest.mark.parametrize(
    ("accounts", "first_at", "message"),
    [
        ([], FIRST_AT, "accounts is empty"),
        (["not a handle"], FIRST_AT, "'not a handle' is no account of x; write the handle without @"),
        (["a"], datetime(2017, 10, 1), "has no time zone"),
    ],
)
def test_what_cannot_be_a_configuration_is_refused(
    tmp_path: Path, accounts: list[str], first_at: datetime, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        write_config(tmp_path, accounts, first_at)


def test_a_target_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'soon' is not a duration"):
        write_config(tmp_path, ["a"], FIRST_AT, target="soon")
