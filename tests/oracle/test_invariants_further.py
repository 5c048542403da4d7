"""Invariants of gaps, ownership and deletions over random months, each found a second way."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from tests.oracle.clocks import all_clocks, lines, stretches
from tests.oracle.generate import random_month
from tests.oracle.generate_threads import Oddities
from tests.oracle.measuring import measure
from tests.oracle.model import BASIC_METRICS, SOLVED_STATUSES, UPDATE_METRICS, WAIT_METRICS, Assignment, World
from tests.oracle.ownership import holdings
from tests.oracle.terms import promise_at
from tests.oracle.timeline import Stretch, cycles, own_statuses
from tests.oracle.updates import gaps

SEEDS = range(4)


@cache
def month(seed: int) -> World:
    return random_month(seed, conversations=120)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("subject", ["customer", "team"])
def test_gaps_without_their_updates_are_the_resolution_cycles(seed, subject):
    """From the first inbound or a reopening to solved: an update only cuts such a stretch in two."""
    world = month(seed)
    cuts = 0
    for conversation_id in world.conversations:
        found = gaps(world, conversation_id, subject, "human")
        joined: list[Stretch] = []
        for gap in found:
            if gap.started_by == "update":
                assert gap.opened_at == joined[-1].stopped_at
                joined[-1] = replace(gap, opened_at=joined[-1].opened_at)
                cuts += 1
            else:
                joined.append(gap)
        whole = cycles(world, conversation_id, subject)
        if whole and not (found and found[0].arrivals):
            # Solved when the customer spoke: that cycle runs from then on, the gaps begin with the reopening.
            assert len(joined) == len(whole) or (not joined and whole[0].stopped_at is None)
            joined = [replace(each, opened_at=whole[0].opened_at) for each in joined[:1]] + joined[1:]
            whole = whole[: len(joined)]
        assert [(g.opened_at, g.stopped_at, g.stop_reason, g.merged_at) for g in joined] == [
            (c.opened_at, c.stopped_at, c.stop_reason, c.merged_at) for c in whole
        ]
    assert cuts > 50


def state_by_scanning(world: World, conversation_id: str, second: int) -> tuple[str | None, str | None]:
    """(team, status) after all changes of the second, the slow way."""
    merge = world.merge_of.get(conversation_id)
    held: list[Assignment] = [
        a
        for a in world.assignments
        if a.conversation_id == conversation_id and a.at <= second and (merge is None or a.at < merge.at)
    ]
    team_id = max(held, key=lambda a: (a.at, a.source_order)).team_id if held else None
    statuses = [c for c in own_statuses(world, conversation_id) if c.at <= second]
    return team_id, statuses[-1].to_status if statuses else None


@pytest.mark.parametrize("seed", SEEDS)
def test_ownership_is_every_second_in_which_a_team_has_the_unsolved_conversation(seed):
    world = month(seed)
    for conversation_id in world.conversations:
        found = holdings(world, conversation_id, "team")
        resolutions = cycles(world, conversation_id, "team")
        if not resolutions:
            assert found == []
            continue
        start = resolutions[0].opened_at
        changes = {a.at for a in world.assignments if a.conversation_id == conversation_id}
        changes |= {c.at for c in own_statuses(world, conversation_id)}
        edges = sorted({start, world.as_of, *(at for at in changes if start < at < world.as_of)})
        counted: Counter[str] = Counter()
        for begin, end in pairwise(edges):
            team_id, status = state_by_scanning(world, conversation_id, begin)
            if team_id is not None and status not in SOLVED_STATUSES:
                counted[team_id] += end - begin
        shown: Counter[str] = Counter()
        for holding in found:
            stopped_at = world.as_of if holding.stopped_at is None else holding.stopped_at
            shown[holding.team_id] += stopped_at - holding.opened_at
        assert +shown == +counted
        for one, other in pairwise(found):
            assert one.stopped_at <= other.opened_at
            assert one.stop_reason != "handed_over" or one.team_id != other.team_id


@pytest.mark.parametrize("seed", range(8))
def test_a_deletion_is_judged_the_same_with_hindsight(seed):
    """D16 by the clock that a message would have had if nothing had ever stopped it: past due at the deletion if and
    only if elapsed is then over the target that it ended with, and that one had come by then (READINGS.md, 3)."""
    world = random_month(seed, conversations=80, odd=Oddities(deleted_message=0.5))
    leaving = Counter()
    for line in lines(world):
        for conversation_id, conversation in world.conversations.items():
            for _, stretch in stretches(world, conversation_id, line.any_goal):
                for arrival in stretch.arrivals:
                    at, deleted_at = arrival.at, arrival.message.deleted_at
                    promise = promise_at(world, line.agreement_id, line.goal_id, conversation.channel_id, at)
                    if promise is None or deleted_at is None or not at <= deleted_at <= world.as_of:
                        continue
                    goal = promise[1]
                    at_deletion = measure(world, conversation_id, goal, at, None, deleted_at)
                    targets = measure(world, conversation_id, goal, at, None, world.as_of).targets
                    elapsed = at_deletion.calendar if goal.basis == "calendar" else at_deletion.business
                    is_past_due = (
                        targets is not None
                        and elapsed > targets.at_end
                        and (targets.set_at is None or targets.set_at <= deleted_at)
                    )
                    assert is_past_due is (at_deletion.outcome == "missed")
                    leaving[is_past_due] += 1
    assert min(leaving[True], leaving[False]) > 20


def test_deletions_make_every_case_that_they_are_for():
    found: Counter[str] = Counter()
    for seed in SEEDS:
        for clock in all_clocks(month(seed)):
            covered = clock.covered_message_ids
            if clock.excluded_reason == "deleted" and covered and clock.message_id == covered[0]:
                found[f"none left {clock.metric}"] += 1
            elif covered and clock.message_id != covered[0]:
                found[f"later start {clock.metric}"] += 1
    for metric in (*BASIC_METRICS, *WAIT_METRICS, *UPDATE_METRICS):
        assert found[f"none left {metric}"]
        assert found[f"later start {metric}"]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_further_metrics_leave_the_clocks_of_the_basic_ones_alone(seed):
    """Goals are about the same conversations and know nothing of each other."""
    world = month(seed)
    basic = [
        replace(version, goals=tuple(goal for goal in version.goals if goal.metric in BASIC_METRICS))
        for version in world.agreements
    ]
    kept = [clock for clock in all_clocks(world) if clock.metric in BASIC_METRICS]
    assert all_clocks(replace(world, agreements=basic)) == kept
