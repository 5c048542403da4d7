"""Hand-worked hours: what a schedule's description means in seconds. The rule id is in each test's name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.oracle.hours import Hours, UncoveredDateError, first_instant, first_reaching, midnight
from tests.oracle.model import Block, EffectivePart, Schedule, floored
from tests.oracle.story import ALWAYS, HOUR, OFFICE, on, weekdays


def hours(zone: str, *blocks: tuple[str, str], days: range = range(7), **more: object) -> Hours:
    return Hours(Schedule("s", zone, (EffectivePart(weekdays(*blocks, days=days)),), **more))  # type: ignore[arg-type]


def test_d12_instants_are_floored_to_whole_seconds():
    assert floored(datetime(2026, 3, 2, 9, 0, 0, 999_999, tzinfo=UTC)) == on(2, "09:00:00")
    with pytest.raises(ValueError, match="zone"):
        floored(datetime(2026, 3, 1))
    # Before 1970 too: 23:59:59.5 of the eve is floored to :59, second −1.
    assert floored(datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)) == -1


def test_d12_a_local_time_that_does_not_exist_is_the_first_instant_after_it():
    # Berlin, 29 March 2026: 02:00 CET becomes 03:00 CEST at 01:00 UTC.
    assert first_instant("Europe/Berlin", datetime(2026, 3, 29, 2, 30)) == on(29, "01:00")


def test_d12_a_local_time_that_exists_twice_is_the_first_of_both():
    # Berlin, 25 October 2026: 02:30 CEST (00:30 UTC) comes before 02:30 CET (01:30 UTC).
    wanted = floored(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert first_instant("Europe/Berlin", datetime(2026, 10, 25, 2, 30)) == wanted


def test_d12_a_midnight_that_does_not_exist_cairo():
    # 24 April 2026 starts at 01:00 local: 00:00 EET = 22:00 UTC on the 23rd, when clocks go forward.
    assert midnight("Africa/Cairo", date(2026, 4, 24)) == floored(datetime(2026, 4, 23, 22, tzinfo=UTC))


def test_d12_a_date_that_was_left_out_has_no_seconds_apia():
    # Samoa went from 29 to 31 December 2011: a block 09:00–17:00 on the 30th is empty, 18:00–02:00 keeps two hours.
    day = hours("Pacific/Apia", ("09:00", "17:00"))
    assert day.blocks(date(2011, 12, 30)) == []
    night = hours("Pacific/Apia", ("18:00", "02:00"))
    start = midnight("Pacific/Apia", date(2011, 12, 31))
    assert night.blocks(date(2011, 12, 30)) == [(start, start + 2 * HOUR)]


@pytest.mark.parametrize(
    ("zone", "day", "hours_open"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("America/Santiago", date(2026, 4, 4), 25),  # Saturday 23:00–24:00 comes twice
        ("America/Santiago", date(2026, 9, 6), 23),  # Sunday starts at 01:00
        ("Africa/Cairo", date(2026, 4, 24), 23),
    ],
)
def test_d3_a_dst_day_has_the_hours_that_it_really_has(zone, day, hours_open):
    whole_day = hours(zone, ("00:00", "24:00"))
    begin, end = midnight(zone, day), midnight(zone, day + timedelta(days=1))
    assert whole_day.open_seconds(begin, end) == hours_open * HOUR


def test_d3_a_block_over_the_hour_that_comes_twice():
    # 01:00–02:30 on 25 October in Berlin ends at the first 02:30: 1.5 hours, not 2.5.
    clock = hours("Europe/Berlin", ("01:00", "02:30"))
    assert sum(e - b for b, e in clock.blocks(date(2026, 10, 25))) == 1.5 * HOUR


def test_d13_an_overnight_block_belongs_to_the_date_on_which_it_opens():
    # Monday's 18:00–02:00 runs into Tuesday; Tuesday, a holiday, opens nothing of its own.
    night = hours("UTC", ("18:00", "02:00"), holidays=frozenset({date(2026, 3, 3)}))
    assert night.open_seconds(on(3), on(4)) == 2 * HOUR
    assert night.open_seconds(on(4), on(5)) == 6 * HOUR


def test_d13_hours_stated_for_the_date_beat_a_holiday():
    day = date(2026, 3, 3)
    short = hours("UTC", ("09:00", "17:00"), holidays=frozenset({day}), dated_hours={day: (Block("10:00", "12:00"),)})
    assert short.open_seconds(on(3), on(4)) == 2 * HOUR


def test_d13_overlapping_blocks_count_once():
    # 09:00–13:00 and 12:00–17:00 are eight hours; Monday's 18:00–10:00 and Tuesday's 09:00–17:00 share an hour.
    assert hours("UTC", ("09:00", "13:00"), ("12:00", "17:00")).open_seconds(on(3), on(4)) == 8 * HOUR
    assert hours("UTC", ("18:00", "10:00"), ("09:00", "17:00")).open_seconds(on(3), on(4)) == 23 * HOUR


def test_d13_equal_ends_are_an_error_and_an_uncovered_date_too():
    with pytest.raises(ValueError, match="ends where it begins"):
        hours("UTC", ("09:00", "09:00")).blocks(date(2026, 3, 3))
    summer = Schedule("s", "UTC", (EffectivePart(weekdays(("09:00", "17:00")), date(2026, 6, 1)),))
    with pytest.raises(UncoveredDateError):
        Hours(summer).open_seconds(on(3), on(4))


def test_d13_effective_parts_apply_date_by_date():
    parts = (
        EffectivePart(weekdays(("09:00", "17:00")), None, date(2026, 3, 3)),
        EffectivePart(weekdays(("09:00", "12:00")), date(2026, 3, 4), None),
    )
    # Tuesday 8 h, Wednesday 3 h.
    assert Hours(Schedule("s", "UTC", parts)).open_seconds(on(3), on(5)) == 11 * HOUR


def test_d5_a_business_day_is_the_open_time_of_the_day_that_holds_the_first_open_second():
    office = Hours(OFFICE)
    assert office.business_days_seconds(on(2, "16:59"), 1) == 8 * HOUR  # Monday itself
    assert office.business_days_seconds(on(2, "17:00"), 1) == 8 * HOUR  # first open second is Tuesday's
    assert office.business_days_seconds(on(7, "12:00"), 2) == 16 * HOUR  # Saturday: Monday and Tuesday


def test_d5_business_days_have_the_length_of_their_own_days():
    # Friday 6 March closes at 12:00 by its dated hours: Thursday + Friday = 8 h + 3 h.
    early = hours("UTC", ("09:00", "17:00"), days=range(5), dated_hours={date(2026, 3, 6): (Block("09:00", "12:00"),)})
    assert early.business_days_seconds(on(5, "10:00"), 2) == 11 * HOUR


def test_d5_after_midnight_the_night_still_belongs_to_the_eve():
    # Monday's 18:00–02:00 and Tuesday's 09:00–12:00 + 18:00–02:00: at 01:00 on Tuesday the day is Monday's.
    dated = {date(2026, 3, 2): (Block("18:00", "02:00"),)}
    desk = hours("UTC", ("09:00", "12:00"), ("18:00", "02:00"), dated_hours=dated)
    assert desk.business_days_seconds(on(3, "01:00"), 1) == 8 * HOUR
    assert desk.business_days_seconds(on(3, "02:00"), 1) == 11 * HOUR


def test_d13_an_hour_that_two_days_share_is_the_earlier_days_alone():
    # Every day 18:00–10:00 and 09:00–17:00: 09:00–10:00 is the eve's, so a day has 16 h + 8 h − 1 h = 23 h.
    shared = hours("UTC", ("18:00", "10:00"), ("09:00", "17:00"), dated_hours={date(2026, 3, 4): ()})
    assert shared.own_seconds(date(2026, 3, 3)) == 23 * HOUR
    # Tuesday 09:30 is held by Monday's night; Wednesday has no hours; the second day after Tuesday is Thursday,
    # which starts after Tuesday's night has long ended: 24 h.
    assert shared.business_days_seconds(on(3, "09:30"), 1) == 23 * HOUR
    assert shared.business_days_seconds(on(3, "09:30"), 3) == (23 + 23 + 24) * HOUR


def test_d2_a_target_that_ends_with_the_day_is_due_at_closing_time():
    office = Hours(OFFICE)
    start = on(2, "15:00")
    assert first_reaching(lambda t: office.open_seconds(start, t), start, 2 * HOUR) == on(2, "17:00")
    assert first_reaching(lambda t: office.open_seconds(start, t), start, 2 * HOUR + 1) == on(3, "09:00:01")


def test_invariant_all_hours_are_calendar_hours():
    always = Hours(ALWAYS)
    assert always.open_seconds(on(1, "03:04:05"), on(31, "23:59:58")) == on(31, "23:59:58") - on(1, "03:04:05")


def test_the_day_after_the_last_second_of_an_overnight_block_is_closed():
    night = hours("UTC", ("18:00", "02:00"))
    assert night.is_open(on(3, "01:59:59"))
    assert not night.is_open(on(3, "02:00:00"))
