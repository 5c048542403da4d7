"""Hand-worked months: attainment, indeterminate months, streaks, approvals, states of flags."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from tests.oracle.clocks import all_clocks
from tests.oracle.model import Approval, Waiver, World
from tests.oracle.monthly import (
    ANY_GOAL,
    MISSING_APPROVAL,
    SAME_GOAL,
    GoalMonth,
    PeriodResult,
    all_flags,
    any_goal_results,
    approval_flags,
    missing_parties,
    monthly,
    streak_flags,
    window_flags,
)
from tests.oracle.story import DAY, HOUR, Story, goal, on, version

NINE_TENTHS = goal("first_response", "1 hours", schedule_id="always", goal_rate=Fraction(9, 10))
YEAR = [date(2026, month, 1) for month in range(1, 13)]
VERDICTS = {"M": False, "o": True, "?": None}


def year(letters: str) -> list[PeriodResult]:
    """M missed, o met, ? indeterminate; from January on."""
    return [PeriodResult(period, VERDICTS[letter]) for period, letter in zip(YEAR, letters, strict=False)]


# ---- T1b: missed in some of the last months --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letters", "terms", "flags"),
    [
        # (last month, first missed month in the window, how many, state)
        ("MoM", (2, 3), [(3, 1, 2, "raised")]),
        ("MooM", (2, 3), []),
        # An indeterminate month is left out of the window.
        ("Mo?M", (2, 3), [(4, 1, 2, "raised")]),
        ("MMo", (2, 3), [(2, 1, 2, "raised")]),
        ("MMoo", (2, 3), [(2, 1, 2, "withdrawn")]),
        ("MoMoM", (2, 3), [(3, 1, 2, "withdrawn"), (5, 3, 2, "raised")]),
        ("MMM", (2, 3), [(2, 1, 2, "superseded"), (3, 1, 3, "raised")]),
        ("MM", (1, 1), [(1, 1, 1, "superseded"), (2, 2, 1, "raised")]),
    ],
)
def test_t1b_missed_in_some_of_the_last_judged_months(
    letters: str, terms: tuple[int, int], flags: list[tuple[int, int, int, str]]
) -> None:
    world = Story(NINE_TENTHS).world
    world.agreements = [replace(world.agreements[0], flag_missed_of=terms)]
    found = window_flags(world, world.agreements[0].agreement_id, "g", year(letters))
    assert [(f.last_period.month, f.first_period.month, f.missed_period_count, f.state) for f in found] == flags


# ---- T1a, T2, T3: streaks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letters", "needed", "flags"),
    [
        # (last month, first month, months in the streak, state)
        ("MM", 3, []),
        ("MMM", 3, [(3, 1, 3, "raised")]),
        ("MMMM", 3, [(3, 1, 3, "superseded"), (4, 1, 4, "raised")]),
        ("MMMMM", 3, [(3, 1, 3, "superseded"), (4, 1, 4, "superseded"), (5, 1, 5, "raised")]),
        ("MMoM", 3, []),
        ("MMMo", 3, [(3, 1, 3, "withdrawn")]),
        ("MMMMo", 3, [(3, 1, 3, "superseded"), (4, 1, 4, "withdrawn")]),
        ("MMMoMMM", 3, [(3, 1, 3, "withdrawn"), (7, 5, 3, "raised")]),
        # T3: "missed, indeterminate, missed, missed raises at the last", and no flag at an indeterminate month.
        ("M?MM", 3, [(4, 1, 3, "raised")]),
        ("MMM?", 3, [(3, 1, 3, "raised")]),
        ("MMM?M", 3, [(3, 1, 3, "superseded"), (5, 1, 4, "raised")]),
        ("MMM?o", 3, [(3, 1, 3, "withdrawn")]),
        ("M???MoMM", 3, []),
        ("oM", 1, [(2, 2, 1, "raised")]),
        ("MMoMM", 2, [(2, 1, 2, "withdrawn"), (5, 4, 2, "raised")]),
    ],
)
def test_t1a_t2_t3_flags_of_a_streak(letters, needed, flags):
    found = streak_flags("care", "goal", SAME_GOAL, year(letters), dict.fromkeys(YEAR, needed))
    assert [(f.last_period.month, f.first_period.month, f.missed_period_count, f.state) for f in found] == flags


def test_t2_an_agreement_that_raises_no_flags_in_a_month_counts_the_streak_on():
    # March is the third miss, but the version in force then raises nothing; April is the fourth.
    needed = {period: 3 for period in YEAR if period.month != 3}
    (flag,) = streak_flags("care", "goal", SAME_GOAL, year("MMMM"), needed)
    assert (flag.last_period, flag.missed_period_count) == (date(2026, 4, 1), 4)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [("MoM", "oMo", "MMM"), ("ooo", "o?M", "o?M"), ("M?o", "?M?", "MM?"), ("oo", "ooM", "ooM")],
)
def test_t2_any_goal_missed_if_any_is_missed_else_indeterminate_if_any_is(one, other, together):
    found = any_goal_results({"a": year(one), "b": year(other)})
    assert [r.is_met for r in found] == [VERDICTS[letter] for letter in together]


def months(agreement: str, by_goal: dict[str, str]) -> list[GoalMonth]:
    return [
        GoalMonth(agreement, goal_id, r.period, 0, 0, 0, 0, None, Fraction(1), r.is_met, None, False, 0)
        for goal_id, letters in by_goal.items()
        for r in year(letters)
    ]


def test_t1a_same_goal_and_any_goal_are_terms_of_the_agreement():
    # Each goal alone misses at most once in a row; together every month is missed.
    story = Story(NINE_TENTHS)
    rows = months("care", {"a": "MoM", "b": "oMo"})
    assert all_flags(story.world, rows) == []
    story.world.agreements = [replace(story.world.agreements[0], flag_scope="any_goal")]
    (flag,) = all_flags(story.world, rows)
    assert (flag.reason, flag.goal_id, flag.missed_period_count) == (ANY_GOAL, None, 3)


def test_t2_a_public_statement_raises_flags_only_if_it_says_so():
    story = Story(NINE_TENTHS)
    rows = months("care", {"goal": "MMM"})
    assert [f.reason for f in all_flags(story.world, rows)] == [SAME_GOAL]
    story.world.agreements = [replace(story.world.agreements[0], kind="ssla", raises_flags=False)]
    assert all_flags(story.world, rows) == []


def test_t4_a_decided_flag_stays_decided():
    story = Story(NINE_TENTHS)
    key = ("care", "goal", SAME_GOAL, date(2026, 3, 1))
    found = all_flags(story.world, months("care", {"goal": "MMMM"}), {key: "continue"})
    assert [f.state for f in found] == ["decided", "raised"]


# ---- T1e: approvals --------------------------------------------------------------------------------------------------

LAST_DAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("approval", "is_missing"),
    [
        (Approval("us", date(2026, 3, 31)), False),
        (Approval("us", date(2026, 4, 1)), True),
        (Approval("us", date(2026, 1, 1), revoked_date=date(2026, 4, 1)), False),
        (Approval("us", date(2026, 1, 1), revoked_date=date(2026, 3, 31)), True),
        (Approval("us", date(2026, 1, 1), expires_date=date(2026, 3, 31)), False),
        (Approval("us", date(2026, 1, 1), expires_date=date(2026, 3, 30)), True),
        (Approval("them", date(2026, 1, 1)), True),
    ],
)
def test_t1e_a_valid_approval_is_given_by_then_and_neither_revoked_nor_expired(approval, is_missing):
    agreement = replace(version(NINE_TENTHS), parties=("us",), approvals=(approval,))
    assert missing_parties(agreement, LAST_DAY) == (("us",) if is_missing else ())


def test_t1e_each_version_needs_its_own_approval():
    # Version 1 is approved; version 2, in force since 15 February, never was; as_of is 1 April.
    parties = {"parties": ("us", "vendor")}
    both = (Approval("us", date(2026, 1, 1)), Approval("vendor", date(2026, 1, 1)))
    story = Story(as_of=on(32))
    story.world.agreements = [
        replace(version(NINE_TENTHS, first=date(2026, 1, 1)), approvals=both, **parties),
        replace(version(NINE_TENTHS, number=2, first=date(2026, 2, 15)), approvals=both[:1], **parties),
    ]
    found = approval_flags(story.world, "care")
    assert [(f.reason, f.last_period.month, f.missing_party_ids, f.state) for f in found] == [
        (MISSING_APPROVAL, 2, ("vendor",), "superseded"),
        (MISSING_APPROVAL, 3, ("vendor",), "raised"),
    ]


def test_t1e_an_approval_that_comes_late_withdraws_the_flag():
    story = Story(as_of=on(32))
    late = (Approval("us", date(2026, 2, 10)),)
    story.world.agreements = [replace(version(NINE_TENTHS), parties=("us",), approvals=late)]
    (flag,) = approval_flags(story.world, "care")
    assert (flag.last_period.month, flag.state) == (1, "withdrawn")


def test_t1e_a_month_that_is_not_over_raises_nothing():
    story = Story(as_of=on(32) - 1)
    story.world.agreements = [replace(version(NINE_TENTHS, first=date(2026, 3, 1)), parties=("us",))]
    assert approval_flags(story.world, "care") == []
    story.world.as_of = on(32)
    assert len(approval_flags(story.world, "care")) == 1


# ---- M6, T3: one month -----------------------------------------------------------------------------------------------


def march(met: int, missed: int, running: int = 0, **terms: object) -> World:
    """`met` answers in time, `missed` late ones, `running` questions of the last half hour; as_of 1 April 00:00."""
    story = Story(NINE_TENTHS, as_of=on(32))
    for number in range(met):
        story.customer(on(2) + number, f"met{number}").agent(on(2) + number + HOUR, f"met{number}")
    for number in range(missed):
        story.customer(on(3) + number, f"missed{number}").agent(on(3) + number + HOUR + 1, f"missed{number}")
    for number in range(running):
        story.customer(on(31, "23:30") + number, f"running{number}")
    story.world.agreements = [replace(story.world.agreements[0], **terms)]  # type: ignore[arg-type]
    return story.world


def only_march(world: World, **more: object) -> GoalMonth:
    return next(row for row in monthly(world, all_clocks(world), **more) if row.period == date(2026, 3, 1))  # type: ignore[arg-type]


@pytest.mark.parametrize(("met", "missed", "is_met"), [(9, 1, True), (17, 2, False), (18, 2, True), (89, 10, False)])
def test_m6_attainment_is_exact_and_never_rounded_first(met, missed, is_met):
    # 9/10 = 0.9 met; 17/19 = 0.8947 missed; 18/20 met; 89/99 = 0.89899, which rounds to 0.90, missed.
    row = only_march(march(met, missed))
    assert (row.attainment_rate, row.is_goal_met) == (Fraction(met, met + missed), is_met)
    assert (row.decided_count, row.met_count, row.missed_count) == (met + missed, met, missed)


def test_m6_nothing_decided_is_null_never_100_percent():
    row = only_march(march(0, 0, running=3))
    assert (row.attainment_rate, row.is_goal_met, row.indeterminate_reason) == (None, None, "no_data")
    assert (row.running_count, row.decided_count) == (3, 0)


def test_m6_t3_fewer_than_ten_is_a_low_sample_unless_the_agreement_says_otherwise():
    row = only_march(march(0, 9))
    assert (row.is_low_sample, row.is_goal_met, row.indeterminate_reason) == (True, None, "low_sample")
    assert row.attainment_rate == 0
    row = only_march(march(0, 9, minimum_sample=9))
    assert (row.is_low_sample, row.is_goal_met, row.consecutive_missed_count) == (False, False, 1)


def test_t3_the_reasons_in_their_order():
    half_march = {"valid_from": date(2026, 3, 2)}
    failed = {("care", date(2026, 3, 1))}
    assert only_march(march(0, 0, **half_march), gate_failed=failed).indeterminate_reason == "gate_failed"
    assert only_march(march(0, 0, **half_march)).indeterminate_reason == "not_whole"
    assert only_march(march(0, 0)).indeterminate_reason == "no_data"
    assert only_march(march(5, 0)).indeterminate_reason == "low_sample"
    assert only_march(march(10, 0)).indeterminate_reason is None


def test_t3_a_month_that_is_not_over_at_as_of_is_not_whole():
    world = march(20, 0)
    world.as_of = on(32) - 1
    assert only_march(world).indeterminate_reason == "not_whole"


def test_t3_a_waived_month_neither_extends_nor_resets():
    world = march(0, 10)
    world.waivers = [Waiver("care", date(2026, 3, 1), "goal")]
    row = only_march(world)
    assert (row.is_goal_met, row.indeterminate_reason, row.consecutive_missed_count) == (None, "waived", 0)
    assert row.missed_count == 10


def test_t3_a_change_of_version_inside_the_month_keeps_it_whole():
    world = march(0, 10)
    first = world.agreements[0]
    world.agreements = [
        replace(first, valid_to=date(2026, 3, 14)),
        replace(
            first, version=2, valid_from=date(2026, 3, 15), goals=(replace(NINE_TENTHS, goal_rate=Fraction(1, 2)),)
        ),
    ]
    row = only_march(world)
    assert (row.is_goal_met, row.indeterminate_reason, row.goal_rate) == (False, None, Fraction(1, 2))
    world.agreements[1] = replace(world.agreements[1], valid_from=date(2026, 3, 16))
    assert only_march(replace(world)).indeterminate_reason == "not_whole"


def test_d7_a_clock_counts_in_the_month_that_holds_decided_at_in_the_versions_zone():
    # Asked 31 March 23:30 UTC, silence: due 1 April 00:30 UTC: April in UTC, still 31 March 20:30 in New York.
    story = Story(NINE_TENTHS, as_of=on(32) + DAY).customer(on(31, "23:30"))
    rows = {row.period.month: row.missed_count for row in monthly(story.world, story.clocks())}
    assert (rows[3], rows[4]) == (0, 1)
    story.world.agreements = [replace(story.world.agreements[0], zone="America/New_York")]
    rows = {row.period.month: row.missed_count for row in monthly(story.world, story.clocks())}
    assert (rows[3], rows[4]) == (1, 0)


def test_d7_the_first_second_of_a_month_is_the_months():
    # Due exactly at 1 April 00:00:00 UTC belongs to April; a second earlier to March.
    for asked, month in ((on(31, "23:00"), 4), (on(31, "22:59:59"), 3)):
        story = Story(NINE_TENTHS, as_of=on(32) + DAY).customer(asked)
        rows = {row.period.month: row.missed_count for row in monthly(story.world, story.clocks())}
        assert [m for m, count in rows.items() if count] == [month]


def test_a_month_has_a_row_from_the_goals_first_to_the_month_of_as_of():
    story = Story(NINE_TENTHS, as_of=on(20))
    assert [row.period.month for row in monthly(story.world, [])] == [1, 2, 3]
