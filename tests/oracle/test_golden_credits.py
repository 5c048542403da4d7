"""Service credits worked by hand (C1 to C5, T1d): what the oracle must say, and with it the warehouse.

A case is one agreement over a fee of 10,000.00 EUR a month. Goals want 90 %: under 90 % they give 5 %, under 80 % 10 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.oracle.credits import Month, SignedCredit, Terms, credits, flagged_months
from tests.oracle.monthly import next_month

JANUARY = date(2026, 1, 1)
BANDS = ((Fraction(90, 100), Fraction(5, 100)), (Fraction(80, 100), Fraction(10, 100)))
PLAIN = Terms(fees=((JANUARY, Decimal("10000.00")),), bands={"g": BANDS}, precedence=("g",))
TWO = replace(PLAIN, bands={"g": BANDS, "h": BANDS}, precedence=("g", "h"))


@dataclass(frozen=True)
class Case:
    """Months, and of each row what is said by hand: any fields of `Credit`, in order of month and precedence."""

    name: str
    months: tuple[Month, ...]
    expected: tuple[dict[str, Any], ...]
    flags: dict[date, int] | None = None


def month(terms: Terms, number: int, met: int, missed: int | Iterable[int], goal: str = "g", **more: Any) -> Month:
    """Month `number` (1 is January 2026). `missed` are conversations, or how many: then nobody else has them."""
    period = JANUARY
    for _ in range(number - 1):
        period = next_month(period)
    if isinstance(missed, int):
        missed = range(1000 * number, 1000 * number + missed)
    conversations = tuple(missed)
    decided = met + len(conversations)
    verdict = None if decided < 5 else Fraction(met, decided) >= Fraction(90, 100)
    fields = {"goal_rate": Fraction(90, 100), "verdict": verdict, **more}
    return Month(goal_id=goal, period=period, terms=terms, met_count=met, missed=conversations, **fields)


def of(amount: str, **more: Any) -> dict[str, Any]:
    return {"amount": Decimal(amount), **more}


def rows(terms: Terms, *results: tuple[int, int]) -> tuple[Month, ...]:
    """One month after another: (met, missed) of each."""
    return tuple(month(terms, number, met, missed) for number, (met, missed) in enumerate(results, start=1))


YEN = replace(PLAIN, currency="JPY", minor_unit=0, fees=((JANUARY, Decimal(1010)),))
REPEATED = replace(PLAIN, repeat=(3, Fraction(3, 2)))
EARNED = replace(PLAIN, earn_back=(2, Fraction(1)))
FLAGGED = replace(PLAIN, flag=(Fraction(5, 100), 2, 3))

CASES = (
    Case(
        "c1_bands_are_half_open",
        rows(PLAIN, (90, 10), (89, 11), (80, 20), (79, 21), (0, 10)),
        (of("0", why="goal_met"), of("500"), of("500"), of("1000"), of("1000")),
    ),
    Case(
        "c1_a_result_is_never_rounded_before_its_band_is_found",
        # 0.79999…: under 80 %, whatever a screen shows.
        rows(PLAIN, (79_999, 20_001), (80_000, 20_000)),
        (of("1000"), of("500")),
    ),
    Case(
        "c1_a_missed_goal_above_the_highest_band_gives_nothing",
        rows(replace(PLAIN, bands={"g": BANDS[1:]}), (85, 15)),
        (of("0", why="above_bands"),),
    ),
    Case(
        "c1_the_fee_is_that_of_the_month",
        rows(
            replace(PLAIN, fees=((JANUARY, Decimal("10000.00")), (date(2026, 2, 1), Decimal("12000.00")))),
            (85, 15),
            (85, 15),
        ),
        (of("500"), of("600")),
    ),
    Case(
        "t3_an_indeterminate_month_gives_nothing",
        rows(PLAIN, (1, 3), (0, 0)),
        (of("0", why="indeterminate"), of("0", why="indeterminate")),
    ),
    Case(
        "an_excluded_month_gives_nothing",
        (month(PLAIN, 1, 70, 30, is_excluded=True), month(PLAIN, 2, 70, 30)),
        (of("0", why="excluded"), of("1000")),
    ),
    Case(
        "c2_the_cap_of_a_goal",
        rows(replace(PLAIN, goal_cap=Fraction(7, 100)), (85, 15), (70, 30)),
        (of("500"), of("700")),
    ),
    Case(
        "c2_the_cap_of_the_month_is_used_up_in_order_of_precedence",
        (
            month(replace(TWO, cap=Fraction(12, 100)), 1, 70, 30),
            month(replace(TWO, cap=Fraction(12, 100)), 1, 85, range(15), "h"),
            month(replace(TWO, cap=Fraction(8, 100)), 2, 70, 30),
            month(replace(TWO, cap=Fraction(8, 100)), 2, 85, range(15), "h"),
        ),
        (of("1000"), of("200"), of("800"), of("0", why="cap_used_up")),
    ),
    Case(
        "c2_from_the_third_missed_month_on_one_and_a_half_times",
        rows(REPEATED, (85, 15), (85, 15), (85, 15), (1, 1), (70, 30), (95, 5), (85, 15)),
        (
            of("500"),
            of("500"),
            of("750", multiplier=Fraction(3, 2)),
            of("0", why="indeterminate"),  # it carries the streak on (T3)
            of("1500", multiplier=Fraction(3, 2)),
            of("0", why="goal_met"),
            of("500", multiplier=Fraction(1)),
        ),
    ),
    Case(
        "c2_two_months_that_exceed_the_goal_earn_a_credit_back",
        rows(EARNED, (85, 15), (95, 5), (2, 0), (91, 9), (85, 15), (90, 10), (95, 5)),
        (
            # The third month cannot be judged: the fourth is the second one that counts.
            of("500", earn_back="earned_back", earned_back_period=date(2026, 4, 1), earned_back=Decimal(500)),
            of("0"),
            of("0"),
            of("0"),
            # Met, but not exceeded.
            of("500", earn_back="lost", earned_back=Decimal(0)),
            of("0"),
            of("0"),
        ),
    ),
    Case(
        "c2_until_then_the_earn_back_is_open_and_half_of_it_may_go_back",
        rows(replace(EARNED, earn_back=(1, Fraction(1, 2))), (85, 15), (70, 30), (95, 5), (85, 15)),
        (
            of("500", earn_back="lost"),
            of("1000", earn_back="earned_back", earned_back=Decimal(500)),
            of("0"),
            of("500", earn_back="open", earned_back_period=None),
        ),
    ),
    Case(
        "c3_an_incident_counts_under_the_goal_that_is_named_first",
        # All ten of h's misses are incidents of g: what is left of h is 85 of 90, over its bands.
        (month(TWO, 1, 80, range(20)), month(TWO, 1, 85, [*range(10), *range(50, 55)], "h")),
        (of("500", elsewhere=0), of("0", elsewhere=10, why="credited_elsewhere")),
    ),
    Case(
        "c3_what_is_left_finds_its_own_band",
        # 70 of 100 would be 10 %; without the 15 incidents of g it is 70 of 85, over 80 %.
        (month(TWO, 1, 80, range(20)), month(TWO, 1, 70, range(5, 35), "h")),
        (of("500"), of("500", elsewhere=15)),
    ),
    Case(
        "c3_an_incident_of_a_goal_that_gives_no_credit_is_free",
        (month(TWO, 1, 95, range(5)), month(TWO, 1, 85, range(15), "h")),
        (of("0", why="goal_met"), of("500", elsewhere=0)),
    ),
    Case(
        "c3_also_in_a_later_month_and_whatever_the_precedence",
        # h was credited for the incidents 0 to 14 in January: g's February has only 3 misses of its own left.
        (
            month(TWO, 1, 95, 5),
            month(TWO, 1, 85, range(15), "h"),
            month(TWO, 2, 82, range(18)),
            month(TWO, 2, 95, [*range(90, 95)], "h"),
        ),
        (of("0"), of("500"), of("0", elsewhere=15, why="credited_elsewhere"), of("0")),
    ),
    Case(
        "c3_two_misses_of_one_goal_are_two",
        # The same conversations under the same goal, month after month: not two goals.
        (month(PLAIN, 1, 85, range(15)), month(PLAIN, 2, 85, range(15))),
        (of("500"), of("500", elsewhere=0)),
    ),
    Case(
        "c3_an_incident_stays_with_the_goal_that_was_credited_first",
        # Conversation 0: January under g, February under h (left out, h has others), March under g: it counts.
        (
            month(TWO, 1, 85, range(15)),
            month(TWO, 1, 95, 5, "h"),
            month(TWO, 2, 95, 5),
            month(TWO, 2, 84, [0, *range(200, 215)], "h"),
            month(TWO, 3, 85, [0, *range(300, 314)]),
            month(TWO, 3, 95, 5, "h"),
        ),
        (of("500"), of("0"), of("0"), of("500", elsewhere=1), of("500", elsewhere=0), of("0")),
    ),
    Case(
        "c4_half_a_yen_goes_up",
        rows(YEN, (85, 15)),  # 50.5
        (of("51"),),
    ),
    Case("c4_half_a_yen_goes_to_the_even_one", rows(replace(YEN, rounding="half_even"), (85, 15)), (of("50"),)),
    Case("c4_half_a_yen_goes_down", rows(replace(YEN, rounding="down"), (85, 15)), (of("50"),)),
    Case(
        "c4_a_cap_is_rounded_down_and_a_credit_once",
        # Cap 7 % of 1010 is 70.7: 70. 101 is over it. Without the cap 1010 x 5 % x 1.5 is 75.75: 76, not 51 x 1.5.
        (
            *rows(replace(YEN, goal_cap=Fraction(7, 100)), (70, 30)),
            month(replace(YEN, repeat=(2, Fraction(3, 2))), 2, 85, 15),
        ),
        (of("70"), of("76")),
    ),
    Case(
        "c4_less_than_the_smallest_unit_is_nothing",
        rows(replace(YEN, fees=((JANUARY, Decimal(9)),)), (85, 15)),  # 0.45
        (of("0", why="rounded_to_nothing"),),
    ),
    Case(
        "c4_no_fee_no_credit", rows(replace(PLAIN, fees=((JANUARY, Decimal(0)),)), (85, 15)), (of("0", why="no_fee"),)
    ),
    Case(
        "c4_no_binary_fraction_anywhere",
        # 5 % x 1.15 of 123,456,789.10: 7,098,765.37325, which a float has as …373249998.
        rows(
            replace(PLAIN, fees=((JANUARY, Decimal("123456789.10")),), repeat=(2, Fraction(115, 100))),
            (85, 15),
            (85, 15),
        ),
        (of("6172839.46"), of("7098765.37")),
    ),
    Case(
        "c5_an_approved_amount_is_what_is_owed_and_earned_back",
        (
            month(EARNED, 1, 85, 15, approved=Decimal("300.00")),
            month(EARNED, 2, 85, 15, is_rejected=True),
            month(EARNED, 3, 95, 5),
            month(EARNED, 4, 95, 5),
        ),
        (
            of("500", owed=Decimal(300), earn_back="lost"),
            of("500", owed=Decimal(0), earn_back="none"),
            of("0", owed=Decimal(0)),
            of("0", owed=Decimal(0)),
        ),
    ),
    Case(
        "d11_a_signed_credit_stays_and_the_restated_one_stands_beside_it",
        (
            month(
                PLAIN,
                1,
                70,
                30,
                signed_counts=(85, 100),
                signed_verdict=False,
                signed_credit=SignedCredit(Decimal("0.05"), Decimal(500), "credited"),
            ),
            month(PLAIN, 2, 85, 15),
        ),
        (of("500", computed=Decimal(1000)), of("500", computed=Decimal(500))),
    ),
    Case(
        "t1d_credits_of_a_twentieth_of_the_fee_in_two_of_three_months",
        rows(FLAGGED, (85, 15), (95, 5), (70, 30), (95, 5), (95, 5), (85, 15), (1, 0), (85, 15)),
        (of("500"), of("0"), of("1000"), of("0"), of("0"), of("500"), of("0"), of("500")),
        # January and March; June and August, for July cannot be judged. Nothing at a month that gives no credit.
        {date(2026, 3, 1): 2, date(2026, 8, 1): 2},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_hand_worked_credits(case: Case) -> None:
    found = credits(case.months)
    assert len(found) == len(case.expected)
    for credit, expected in zip(found, case.expected, strict=True):
        assert {name: getattr(credit, name) for name in expected} == expected, credit
    if case.flags is not None:
        assert flagged_months(case.months, found) == case.flags
