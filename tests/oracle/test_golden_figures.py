"""Hand-worked figures of a month: by team and person (M6, M16), error budget (M15).

Every clock is a first response with a target of 1 hour of an always open schedule; `as_of` is 1 April 2026.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from tests.oracle.compare import BUDGET_NAMES, budget_differences, team_month_differences
from tests.oracle.figures import ErrorBudget, error_budgets, percentile, team_months
from tests.oracle.monthly import monthly
from tests.oracle.story import HOUR, MINUTE, Story, goal, on

MARCH = date(2026, 3, 1)


def first_response(rate: Fraction) -> Story:
    return Story(goal("first_response", "1 hours", schedule_id="always", goal_rate=rate), as_of=on(32))


def answered(story: Story, at: int, minutes: int | None, team: str | None = None, member: str | None = None) -> Story:
    """A question of its own conversation, answered after so many minutes; None: never."""
    name = f"c{len(story.world.conversations)}"
    story.customer(at, name)
    if team is not None:
        story.assign(at, team, member, name)
    return story if minutes is None else story.agent(at + minutes * MINUTE, name)


# ---- percentiles -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "p50", "p90"),
    [
        ([], None, None),
        ([7], 7, 7),
        ([10, 20], 15, 19),
        ([30, 10, 20], 20, 28),
        ([1, 2, 3, 4], Fraction(5, 2), Fraction(37, 10)),
        (list(range(11)), 5, 9),
    ],
)
def test_m16_median_and_p90_are_interpolated(values, p50, p90):
    assert percentile(values, Fraction(1, 2)) == p50
    assert percentile(values, Fraction(9, 10)) == p90


# ---- teams -----------------------------------------------------------------------------------------------------------


def of_teams(*, people: bool) -> Story:
    """Team a: a1 10 and 30 min, a2 90 min and never; nobody: 20 min; a question that is still running."""
    story = first_response(Fraction(9, 10))
    answered(story, on(2), 10, "a", "a1")
    answered(story, on(3), 30, "a", "a1")
    answered(story, on(4), 90, "a", "a2")
    answered(story, on(5), None, "a", "a2")
    answered(story, on(6), 20)
    answered(story, on(32) - 10, None, "b")
    story.world.agreements = [replace(story.world.agreements[0], measures_people=people)]
    return story


def told(rows) -> list[tuple]:
    return [
        (r.team_id, r.team_member_id, r.decided_count, r.met_count, r.missed_count, r.p50_seconds, r.p90_seconds)
        for r in rows
    ]


def test_m16_a_row_a_team_where_people_are_not_measured():
    story = of_teams(people=False)
    assert told(team_months(story.world, story.clocks())) == [
        # Silence is missed and in no percentile: 10, 30, 90 minutes.
        ("a", None, 4, 2, 2, 30 * MINUTE, 78 * MINUTE),
        (None, None, 1, 1, 0, 20 * MINUTE, 20 * MINUTE),
    ]


def test_m16_a_row_a_person_where_they_are():
    story = of_teams(people=True)
    rows = team_months(story.world, story.clocks())
    assert told(rows) == [
        ("a", "a1", 2, 2, 0, 20 * MINUTE, 28 * MINUTE),
        ("a", "a2", 2, 0, 2, 90 * MINUTE, 90 * MINUTE),
        (None, None, 1, 1, 0, 20 * MINUTE, 20 * MINUTE),
    ]
    assert [row.attainment_rate for row in rows] == [1, 0, 1]
    assert [row.stopped_count for row in rows] == [2, 1, 1]
    # And the teams of it, for whom wants those: percentiles of the clocks, not of the people's.
    together = team_months(story.world, story.clocks(), with_people=False)
    assert told(together)[0] == ("a", None, 4, 2, 2, 30 * MINUTE, 78 * MINUTE)


def test_m16_nobody_s_row_is_left_out_where_nothing_is_decided():
    story = answered(first_response(Fraction(9, 10)), on(32) - 10, None, "b")
    assert team_months(story.world, story.clocks()) == []


def test_d7_a_team_s_clock_counts_in_the_month_that_decides_it():
    # Asked on 28 February 23:30, due on 1 March 00:30.
    story = answered(first_response(Fraction(9, 10)), on(1) - 30 * MINUTE, None, "a")
    assert [row.period for row in team_months(story.world, story.clocks())] == [MARCH]


def test_the_comparison_of_teams_is_silent_on_the_same_and_names_what_differs():
    story = of_teams(people=True)
    rows = team_months(story.world, story.clocks())
    names = ("agreement_id", "goal_id", "team_id", "team_member_id", "period", "decided_count", "met_count")
    names += ("missed_count", "stopped_count", "attainment_rate", "p50_seconds", "p90_seconds")
    told = [{name: getattr(row, name) for name in names} for row in rows]
    assert team_month_differences(rows, told) == []
    told[1]["p90_seconds"] = float(told[1]["p90_seconds"]) + 1
    assert [(d.key[3], d.column) for d in team_month_differences(rows, told)] == [("a2", "p90_seconds")]
    assert [d.column for d in team_month_differences(rows, told[:1])] == ["row", "row"]


# ---- error budget ----------------------------------------------------------------------------------------------------


def budget_of_march(story: Story) -> ErrorBudget:
    clocks = story.clocks()
    return next(b for b in error_budgets(story.world, clocks, monthly(story.world, clocks)) if b.period == MARCH)


def month(rate: Fraction, met: int, missed_days: tuple[int, ...]) -> Story:
    """Asked and answered in time on 1 March, or asked at noon of a day and never answered: decided at 13:00."""
    story = first_response(rate)
    for number in range(met):
        answered(story, on(1) + number, 5)
    for day in missed_days:
        answered(story, on(day, "12:00"), None)
    return story


@pytest.mark.parametrize(
    ("rate", "met", "missed_days", "budget", "burn", "exhausted"),
    [
        # 10 decided at 90 %: one may be missed, the second miss is one too many.
        (Fraction(9, 10), 8, (20, 10), Fraction(1), Fraction(2), 20),
        (Fraction(9, 10), 9, (10,), Fraction(1), Fraction(1), None),
        # 15 decided: 1.5 may be missed, so the second is too many.
        (Fraction(9, 10), 13, (20, 10), Fraction(3, 2), Fraction(4, 3), 20),
        (Fraction(9, 10), 5, (), Fraction(1, 2), Fraction(0), None),
        # 4 decided at 90 %: 0.4, so the first miss is.
        (Fraction(9, 10), 3, (7,), Fraction(2, 5), Fraction(5, 2), 7),
        # All must be met: there is no budget and no rate of burning it.
        (Fraction(1), 8, (20, 10), Fraction(0), None, 10),
        (Fraction(1), 8, (), Fraction(0), None, None),
        (Fraction(3, 4), 0, (), Fraction(0), None, None),
    ],
)
def test_m15_budget_burn_and_the_day_on_which_it_runs_out(rate, met, missed_days, budget, burn, exhausted):
    found = budget_of_march(month(rate, met, missed_days))
    assert (found.budget, found.burn_rate) == (budget, burn)
    assert found.exhausted_date == (exhausted and date(2026, 3, exhausted))


def test_m15_the_day_is_local_and_goes_by_the_decision_not_by_the_answer():
    # Asked on 10 March 22:30 UTC, decided 23:30: in Berlin the 11th; that it is answered on the 15th changes nothing.
    story = answered(first_response(Fraction(1)), on(10, "22:30"), 5 * 24 * 60)
    assert budget_of_march(story).exhausted_date == date(2026, 3, 10)
    story.world.agreements = [replace(story.world.agreements[0], zone="Europe/Berlin")]
    assert budget_of_march(story).exhausted_date == date(2026, 3, 11)


def test_m15_two_misses_of_one_second_count_together():
    story = month(Fraction(9, 10), 18, (5, 9, 9, 12))  # 22 decided: 2.2
    assert budget_of_march(story).exhausted_date == date(2026, 3, 9)


def test_m15_the_whole_periods_clocks_are_the_measure_also_those_decided_later():
    # On the 5th two of two are missed; with the 28 of the 20th on, 30 decided allow 3.
    story = month(Fraction(9, 10), 0, (5, 5))
    for number in range(28):
        answered(story, on(20) + number * HOUR, 5)
    assert budget_of_march(story).exhausted_date is None


def test_m15_the_rate_is_that_of_the_version_on_the_months_last_day():
    story = month(Fraction(9, 10), 8, (10, 20))
    first = story.world.agreements[0]
    half = replace(first.goals[0], goal_rate=Fraction(1, 2))
    story.world.agreements = [
        replace(first, valid_to=date(2026, 3, 30)),
        replace(first, version=2, valid_from=date(2026, 3, 31), goals=(half,)),
    ]
    assert (budget_of_march(story).budget, budget_of_march(story).exhausted_date) == (5, None)


def test_the_comparison_of_budgets_is_silent_on_the_same_and_names_what_differs():
    story = month(Fraction(9, 10), 8, (10, 20))
    clocks = story.clocks()
    budgets = error_budgets(story.world, clocks, monthly(story.world, clocks))
    rows = [
        {
            **{name: getattr(b, name) for name in ("agreement_id", "goal_id", "period", "decided_count")},
            **{theirs: getattr(b, ours) for ours, theirs in BUDGET_NAMES.items()},
        }
        for b in budgets
    ]
    assert budget_differences(budgets, rows) == []
    row = next(row for row in rows if row["period"] == MARCH)
    wrong = {BUDGET_NAMES["exhausted_date"]: date(2026, 3, 21), BUDGET_NAMES["budget"]: 1.5}
    found = budget_differences(budgets, [each | wrong if each is row else each for each in rows])
    assert [(d.column, d.oracle) for d in found] == [("exhausted_date", date(2026, 3, 20)), ("budget", 1)]
