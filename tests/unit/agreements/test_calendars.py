"""Business calendars, rule by rule (D3, D5, D12, D13)."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from social_sla.agreements.calendar_models import Schedule
from social_sla.agreements.calendars import Calendar, CalendarError, expand


def _schedule(zone: str = "Europe/Berlin", **fields: Any) -> Schedule:
    return Schedule.model_validate({"schedule_id": "s", "title": "S", "timezone": zone, **fields})


def _expand(first: str, last: str, zone: str = "Europe/Berlin", **fields: Any) -> Calendar:
    return expand(_schedule(zone, **fields), date.fromisoformat(first), date.fromisoformat(last))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _shown(calendar: Calendar) -> list[tuple[str, str]]:
    return [
        (item.opens_at.strftime("%m-%d %H:%M"), item.closes_at.strftime("%m-%d %H:%M")) for item in calendar.intervals
    ]


OFFICE = {"mon-fri": ["09:00-17:00"]}


def test_blocks_become_utc_date_by_date() -> None:
    calendar = _expand("2026-03-27", "2026-03-30", weekly=OFFICE)
    assert _shown(calendar) == [("03-27 08:00", "03-27 16:00"), ("03-30 07:00", "03-30 15:00")]
    assert [item.open_seconds_before for item in calendar.intervals] == [0, 28_800]
    assert [item.interval_number for item in calendar.intervals] == [1, 2]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Sydney", "2026-10-04", 23),
        ("Australia/Sydney", "2026-04-05", 25),
        ("Africa/Cairo", "2026-04-24", 23),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ],
)
def test_a_day_has_the_hours_that_it_really_has(zone: str, day: str, hours: float) -> None:
    calendar = _expand(day, day, zone, weekly="24x7")
    assert [item.open_seconds for item in calendar.days] == [hours * 3600]


def test_around_the_clock_is_one_interval_with_a_row_for_every_day() -> None:
    calendar = _expand("2026-01-01", "2026-12-31", weekly="24x7")
    assert [(item.opens_at, item.closes_at) for item in calendar.intervals] == [
        (_at("2025-12-31T23:00"), _at("2026-12-31T23:00"))
    ]
    assert len(calendar.days) == 365
    assert calendar.total_seconds == 365 * 86_400
    assert calendar.intervals[0].local_date == date(2026, 1, 1)


def test_a_date_that_the_zone_skipped_has_no_hours() -> None:
    calendar = _expand("2011-12-29", "2011-12-31", "Pacific/Apia", weekly={"mon-sun": ["09:00-17:00"]})
    assert [item.local_date for item in calendar.days] == [date(2011, 12, 29), date(2011, 12, 31)]
    around = _expand("2011-12-29", "2011-12-31", "Pacific/Apia", weekly="24x7")
    assert (len(around.intervals), around.total_seconds) == (1, 2 * 86_400)


def test_a_block_that_the_clocks_swallow_is_not_there() -> None:
    calendar = _expand("2026-03-29", "2026-03-29", weekly={"sun": ["02:10-02:50", "08:00-09:00"]})
    assert _shown(calendar) == [("03-29 06:00", "03-29 07:00")]


def test_an_hour_that_comes_twice_is_open_from_its_first_time() -> None:
    calendar = _expand("2026-10-25", "2026-10-25", weekly={"sun": ["02:30-03:00"]})
    assert _shown(calendar) == [("10-25 00:30", "10-25 02:00")]


def test_an_overnight_block_belongs_to_the_date_on_which_it_opens() -> None:
    calendar = _expand("2026-05-01", "2026-05-03", weekly={"fri": ["18:00-02:00"], "sun": ["22:00-00:00"]})
    assert _shown(calendar) == [("05-01 16:00", "05-02 00:00"), ("05-03 20:00", "05-03 22:00")]
    assert [item.local_date for item in calendar.days] == [date(2026, 5, 1), date(2026, 5, 3)]


def test_blocks_that_overlap_or_touch_count_once() -> None:
    weekly = {"mon": ["09:00-12:00", "11:00-13:00", "13:00-14:00", "10:00-11:00"]}
    calendar = _expand("2026-05-04", "2026-05-04", weekly=weekly)
    assert _shown(calendar) == [("05-04 07:00", "05-04 12:00")]
    assert calendar.days[0].open_seconds == 5 * 3600


def test_seconds_that_two_dates_cover_are_the_earlier_dates() -> None:
    weekly = {"mon": ["20:00-04:00"], "tue": ["02:00-06:00"], "wed": ["01:00-02:00"]}
    calendar = _expand("2026-05-04", "2026-05-06", weekly=weekly)
    assert _shown(calendar) == [("05-04 18:00", "05-05 04:00"), ("05-05 23:00", "05-06 00:00")]
    assert [
        (item.local_date.day, item.day_number, item.open_seconds, item.open_seconds_before) for item in calendar.days
    ] == [
        (4, 1, 8 * 3600, 0),
        (5, 2, 2 * 3600, 8 * 3600),
        (6, 3, 3600, 10 * 3600),
    ]
    assert calendar.days[1].opens_at == _at("2026-05-05T00:00")  # where its own block opens, though it is open already


def test_a_date_all_of_whose_time_is_the_eves_is_no_day_with_open_time() -> None:
    calendar = _expand("2026-05-04", "2026-05-05", weekly={"mon": ["20:00-08:00"], "tue": ["01:00-03:00"]})
    assert [item.local_date.day for item in calendar.days] == [4]


def test_on_a_holiday_nothing_opens_but_the_eves_block_runs_on() -> None:
    calendar = _expand("2026-04-30", "2026-05-02", weekly={"mon-sun": ["18:00-02:00"]}, holidays=[{"country": "DE"}])
    assert _shown(calendar) == [("04-30 16:00", "05-01 00:00"), ("05-02 16:00", "05-03 00:00")]


def test_hours_stated_for_a_date_beat_a_holiday_of_either_kind() -> None:
    calendar = _expand(
        "2026-12-24",
        "2026-12-28",
        weekly=OFFICE,
        holidays=[{"country": "DE"}],
        company_holidays=[{"date": "2026-12-24", "name": "Eve"}, {"date": "2026-12-28", "name": "Bridge"}],
        special_days=[
            {"date": "2026-12-24", "name": "Eve", "hours": ["09:00-12:00"]},
            {"date": "2026-12-25", "name": "Emergency desk", "hours": ["10:00-11:00"]},
            {"date": "2026-12-27", "name": "Sunday opening", "hours": ["13:00-14:00"]},
        ],
    )
    assert _shown(calendar) == [
        ("12-24 08:00", "12-24 11:00"),
        ("12-25 09:00", "12-25 10:00"),
        ("12-27 12:00", "12-27 13:00"),
    ]


def test_holidays_are_those_of_the_subdivision_and_the_categories() -> None:
    march_8 = {"weekly": {"mon-sun": ["09:00-10:00"]}}
    assert not _expand("2027-03-08", "2027-03-08", holidays=[{"country": "DE", "subdivision": "BE"}], **march_8).days
    assert _expand("2027-03-08", "2027-03-08", holidays=[{"country": "DE", "subdivision": "BY"}], **march_8).days
    government = [{"country": "US", "categories": ["government"]}]
    assert _expand("2027-03-08", "2027-03-08", holidays=government, **march_8).days


def test_the_day_on_which_a_weekend_holiday_is_observed_is_closed_too_unless_told_otherwise() -> None:
    friday = {"weekly": OFFICE, "zone": "America/New_York"}  # before Saturday 4 July 2026
    assert not _expand("2026-07-03", "2026-07-03", holidays=[{"country": "US"}], **friday).days
    assert _expand("2026-07-03", "2026-07-03", holidays=[{"country": "US", "observed": False}], **friday).days
    new_year = _expand("2027-12-31", "2027-12-31", holidays=[{"country": "US"}], **friday)
    assert not new_year.days  # observed for 1 January of the next year


PARTS = [
    {"valid_to": "2026-05-31", "weekly": {"mon-fri": ["09:00-17:00"]}},
    {"valid_from": "2026-06-01", "valid_to": "2026-08-31", "weekly": {"mon-fri": ["08:00-14:00"]}},
]


def test_the_part_that_covers_a_date_gives_its_hours() -> None:
    calendar = _expand("2026-05-29", "2026-06-01", parts=list(reversed(PARTS)))
    assert _shown(calendar) == [("05-29 07:00", "05-29 15:00"), ("06-01 06:00", "06-01 12:00")]


def test_a_date_that_no_part_covers_is_an_error() -> None:
    with pytest.raises(CalendarError, match="no effective part covers 2026-09-01; add a part for it"):
        _expand("2026-08-30", "2026-09-02", parts=PARTS)


def test_lookups_there_and_back() -> None:
    calendar = _expand("2026-05-04", "2026-05-08", weekly=OFFICE)
    start = _at("2026-05-04T14:00")
    assert calendar.open_seconds(start, _at("2026-05-05T08:00")) == 2 * 3600
    assert calendar.reach(start, 3600) == _at("2026-05-04T15:00")  # with the day, not at the next opening (D2)
    assert calendar.reach(start, 3601) == _at("2026-05-05T07:00") + timedelta(seconds=1)
    assert calendar.reach(_at("2026-05-08T14:00"), 3601) is None
    assert calendar.is_open(_at("2026-05-04T07:00"))
    assert not calendar.is_open(_at("2026-05-04T15:00"))


def test_business_days_are_fixed_in_seconds_at_the_start() -> None:
    weekly = {"mon-fri": ["09:00-17:00"], "sat": ["10:00-14:00"]}
    calendar = _expand("2026-05-04", "2026-05-12", weekly=weekly)
    assert calendar.business_days_seconds(_at("2026-05-04T12:00"), 1) == 8 * 3600  # Monday noon: Monday's eight
    assert calendar.business_days_seconds(_at("2026-05-08T15:00"), 1) == 4 * 3600  # Friday at closing: Saturday's four
    assert calendar.business_days_seconds(_at("2026-05-08T14:00"), 3) == 20 * 3600  # Friday, Saturday, Monday
    assert calendar.business_days_seconds(_at("2026-05-10T12:00"), 1) == 8 * 3600  # Sunday: Monday
    assert calendar.business_days_seconds(_at("2026-05-12T14:00"), 2) is None


def test_twenty_years_of_ten_schedules_take_seconds() -> None:
    zones = ["Europe/Berlin", "America/New_York", "Australia/Sydney", "Africa/Cairo", "Australia/Lord_Howe"]
    began = time.process_time()
    for zone in zones * 2:
        _expand("2010-01-01", "2029-12-31", zone, weekly={"mon-fri": ["09:00-13:00", "14:00-18:00"]})
    assert time.process_time() - began < 15
