"""The invariants of the definitions over random months, and that the generator makes the cases it is for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings

from tests.oracle.clocks import Clock, all_clocks, message_reasons
from tests.oracle.figures import ErrorBudget, error_budgets, team_months
from tests.oracle.generate import PLAIN, random_month, worlds
from tests.oracle.measuring import hours_of, measure, pauses
from tests.oracle.model import ALL_METRICS, Goal, World
from tests.oracle.monthly import all_flags, monthly, period_of
from tests.oracle.terms import promise_at
from tests.oracle.timeline import own_statuses, turns

SEEDS = range(6)


@cache
def month(seed: int) -> tuple[World, list[Clock]]:
    world = random_month(seed, conversations=150)
    return world, all_clocks(world)


def budget_key(budget: ErrorBudget) -> tuple:
    return (budget.agreement_id, budget.goal_id, budget.period)


def key(clock: Clock) -> tuple:
    return (clock.agreement_id, clock.goal_id, clock.conversation_id, clock.started_at, clock.message_id)


@pytest.mark.parametrize("seed", SEEDS)
def test_business_never_exceeds_calendar_and_is_the_same_when_always_open(seed):
    world, clocks = month(seed)
    for clock in clocks:
        assert 0 <= clock.elapsed_business_seconds <= clock.elapsed_calendar_seconds
        promise = promise_at(world, clock.agreement_id, clock.goal_id, clock.channel_id, clock.started_at)
        if promise and promise[1].schedule_id in (None, "always"):
            assert clock.elapsed_business_seconds == clock.elapsed_calendar_seconds


@pytest.mark.parametrize("seed", SEEDS)
def test_calendar_elapsed_and_pauses_fill_the_clock(seed):
    world, clocks = month(seed)
    for clock in clocks:
        end = world.as_of if clock.stopped_at is None else clock.stopped_at
        assert clock.started_at <= end
        assert clock.elapsed_calendar_seconds + clock.paused_seconds == end - clock.started_at


@pytest.mark.parametrize("seed", SEEDS)
def test_every_clock_has_one_outcome_that_follows_from_elapsed(seed):
    _, clocks = month(seed)
    for clock in clocks:
        assert (clock.outcome == "excluded") is (clock.excluded_reason is not None)
        assert (clock.decided_at is not None) is (clock.outcome in ("met", "missed"))
        if clock.outcome in ("met", "missed"):
            assert (clock.elapsed_seconds <= clock.target_seconds) is (clock.outcome == "met")
            assert clock.due_at is not None
            assert clock.decided_at == min(clock.due_at, clock.stopped_at or clock.due_at)
        if clock.outcome == "met":
            assert clock.stopped_at is not None
        if clock.outcome in ("running", "paused"):
            assert clock.stopped_at is None
            assert clock.elapsed_seconds <= clock.target_seconds
        if clock.outcome == "running":
            assert clock.due_at is not None
    assert max(Counter((*key(c), c.cycle_number) for c in clocks).values()) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_due_is_where_the_clock_reaches_its_target_or_the_change_that_set_it(seed):
    world, clocks = month(seed)
    for clock in clocks:
        if clock.due_at is None or clock.outcome == "excluded":
            continue
        _, goal = promise_at(world, clock.agreement_id, clock.goal_id, clock.channel_id, clock.started_at)
        hours = hours_of(world, goal)
        end = world.as_of if clock.stopped_at is None else clock.stopped_at
        breaks = pauses(world, clock.conversation_id, goal, clock.started_at, end)

        def elapsed(until, breaks=breaks, hours=hours, goal=goal, clock=clock):
            spans = [(clock.started_at, until, 1)] + [(low, min(high, until), -1) for low, high in breaks]
            return sum(
                sign * (hours.open_seconds(low, high) if goal.basis == "business" else max(0, high - low))
                for low, high, sign in spans
            )

        assert elapsed(clock.due_at) >= clock.target_seconds
        changes = {c.at for c in world.priorities_of.get(clock.conversation_id, [])}
        assert elapsed(clock.due_at - 1) < clock.target_seconds or clock.due_at in changes


@pytest.mark.parametrize("seed", SEEDS)
def test_every_eligible_inbound_message_has_a_clock_or_an_exclusion(seed):
    world, _ = month(seed)
    for subject, responder in (("customer", "human"), ("customer", "any"), ("team", "human")):
        covered = Counter()
        for conversation_id in world.conversations:
            for turn in turns(world, conversation_id, subject, responder):
                covered.update(a.message.message_id for a in turn.arrivals if not a.is_moved)
        reasons = message_reasons(world)
        for messages in world.messages_of.values():
            for message in messages:
                if message.is_inbound:
                    assert covered[message.message_id] + (message.message_id in reasons) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_agent_work_within_requester_wait_within_full_resolution(seed):
    world, clocks = month(seed)
    for clock in clocks:
        if clock.metric != "full_resolution":
            continue
        end = world.as_of if clock.stopped_at is None else clock.stopped_at
        changes = own_statuses(world, clock.conversation_id)
        seconds = Counter()
        for change, until in zip(changes, [*(c.at for c in changes[1:]), end], strict=False):
            seconds[change.to_status] += max(0, min(until, end) - max(change.at, clock.started_at))
        before = min(changes[0].at, end) if changes else end
        work = seconds["new"] + seconds["open"] + max(0, before - clock.started_at)
        wait = work + seconds["on_hold"]
        assert work <= wait <= end - clock.started_at
        for metric, counted in (("agent_work", work), ("requester_wait", wait)):
            rest = Goal("g", metric, {}, basis="calendar")
            shown = measure(world, clock.conversation_id, rest, clock.started_at, clock.stopped_at, world.as_of)
            assert shown.calendar == counted


@pytest.mark.parametrize("seed", SEEDS)
def test_a_miss_never_turns_back(seed):
    """What was missed two days ago is missed now, unless it is excluded by now or a merge has aged its turn."""
    world, clocks = month(seed)
    now = {key(clock): clock for clock in clocks}
    for clock in all_clocks(replace(world, as_of=world.as_of - 2 * 86_400)):
        later = now.get(key(clock))
        if clock.outcome == "missed" and later is not None and later.outcome != "excluded":
            assert later.outcome == "missed"
            assert (later.due_at, later.decided_at) == (clock.due_at, clock.decided_at)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_the_inputs_changes_nothing(seed):
    world, clocks = month(seed)
    rnd = Random(seed)
    shuffled = replace(world, agreements=rnd.sample(world.agreements, len(world.agreements)))
    for name in ("messages", "status_changes", "priority_changes", "assignments", "merges"):
        rows = list(getattr(world, name))
        rnd.shuffle(rows)
        setattr(shuffled, name, rows)
    assert all_clocks(shuffled) == clocks


@pytest.mark.parametrize("seed", SEEDS)
def test_months_add_up_to_the_clocks(seed):
    world, clocks = month(seed)
    rows = monthly(world, clocks)
    assert sum(r.met_count + r.missed_count + r.excluded_count + r.running_count for r in rows) == len(clocks)
    assert len({(r.agreement_id, r.goal_id, r.period) for r in rows}) == len(rows)
    by_row = {(r.agreement_id, r.goal_id, r.period): r for r in rows}
    decided = Counter((c.agreement_id, c.goal_id, period_of(world, c)) for c in clocks if c.decided_at is not None)
    assert all(by_row[row].decided_count == count for row, count in decided.items())
    for with_people in (True, False):
        of_teams = Counter()
        for row in team_months(world, clocks, with_people):
            assert row.met_count + row.missed_count == row.decided_count >= max(1, row.stopped_count)
            of_teams[(row.agreement_id, row.goal_id, row.period)] += row.decided_count
        assert of_teams == decided
    for budget in error_budgets(world, clocks, rows):
        assert (budget.exhausted_date is not None) is (by_row[budget_key(budget)].missed_count > budget.budget)
        assert budget.exhausted_date is None or budget.exhausted_date.replace(day=1) == budget.period
    flags = all_flags(world, rows)
    assert len({f.key for f in flags}) == len(flags)
    assert all_flags(world, rows) == flags


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_small_worlds_keep_the_invariants_too(world):
    for clock in all_clocks(world):
        assert clock.elapsed_business_seconds <= clock.elapsed_calendar_seconds
        assert clock.stopped_at is None or clock.stopped_at >= clock.started_at
        assert (clock.outcome == "excluded") is (clock.excluded_reason is not None)


def test_a_plain_month_has_no_odd_clock():
    clocks = all_clocks(random_month(1, conversations=80, odd=PLAIN))
    assert not any(clock.is_clock_skewed or clock.excluded_reason in ("merged", "deleted") for clock in clocks)


def test_measuring_at_the_stop_is_measuring_later():
    """A stopped clock shows the same at its stop as now, but for what only later events could tell it."""
    world, clocks = month(0)
    for clock in clocks:
        promise = promise_at(world, clock.agreement_id, clock.goal_id, clock.channel_id, clock.started_at)
        runs_again = ("full_resolution", "requester_wait", "agent_work")
        if clock.stopped_at is None or promise is None or clock.metric in runs_again:
            continue
        early = measure(world, clock.conversation_id, promise[1], clock.started_at, clock.stopped_at, clock.stopped_at)
        if early.targets is not None:
            assert (early.due_at, early.calendar, early.business) == (
                clock.due_at,
                clock.elapsed_calendar_seconds,
                clock.elapsed_business_seconds,
            )


def test_the_generator_makes_every_case_that_it_is_for():
    outcomes, reasons, stops, starts = Counter(), Counter(), Counter(), Counter()
    exact = skewed = late_by_one = retargeted = 0
    for seed in SEEDS:
        for clock in month(seed)[1]:
            outcomes[clock.outcome] += 1
            reasons[clock.excluded_reason] += 1
            stops[clock.stop_reason] += 1
            starts[clock.started_by] += 1
            skewed += clock.is_clock_skewed
            if clock.stopped_at is not None and clock.target_seconds is not None:
                exact += clock.elapsed_seconds == clock.target_seconds
                late_by_one += clock.elapsed_seconds == clock.target_seconds + 1
            retargeted += clock.target_seconds != clock.target_seconds_at_start
    assert set(outcomes) == {"met", "missed", "running", "paused", "excluded"}
    wanted = {"spam", "test", "deleted", "merged", "no_agreement", "no_target", "closed_without_reply"}
    assert wanted <= set(reasons)
    assert {"response", "update", "solved", "closed", "closed_without_reply", "merged"} <= set(stops)
    assert {"handed_over", "unassigned"} <= set(stops)
    assert set(starts) == {"first_inbound", "inbound_turn", "reopened", "moved_by_merge", "update", "assigned"}
    assert {clock.metric for seed in SEEDS for clock in month(seed)[1]} == set(ALL_METRICS)
    assert min(exact, skewed, late_by_one, retargeted) >= 10
