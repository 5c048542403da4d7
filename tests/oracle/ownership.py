"""Who holds a conversation, and for how long: `ownership_time`, and the team of every clock (D4).

Unlike the other timelines this one goes by seconds: what counts is who has the conversation, and in which status it is,
after all changes of a second.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.oracle.model import SOLVED_STATUSES, World
from tests.oracle.timeline import Stretch, cycles, own_statuses


def holds_at(world: World, conversation_id: str, at: int, before: int | None = None) -> tuple[str | None, str | None]:
    """(team, member) that the last assignment at or before the second gives; only those before `before` count."""
    held: tuple[str | None, str | None] = (None, None)
    for assignment in world.assignments_of.get(conversation_id, []):
        if assignment.at <= at and (before is None or assignment.at < before):
            held = (assignment.team_id, assignment.team_member_id)
    return held


@dataclass(frozen=True)
class _State:
    team_id: str | None
    team_member_id: str | None
    status: str | None

    @property
    def is_held(self) -> bool:
        return self.team_id is not None and self.status not in SOLVED_STATUSES


def holdings(world: World, conversation_id: str, subject: str) -> list[Stretch]:
    """The stretches in which one team has the unsolved conversation, from its first inbound message on."""
    resolutions = cycles(world, conversation_id, subject)
    if not resolutions:
        return []
    first = resolutions[0].arrivals[0]
    merge = world.merge_of.get(conversation_id)
    statuses = own_statuses(world, conversation_id)
    changed = {change.at for change in statuses}
    changed |= {a.at for a in world.assignments_of.get(conversation_id, []) if merge is None or a.at < merge.at}

    def state(second: int) -> _State:
        team_id, member_id = holds_at(world, conversation_id, second, before=merge.at if merge else None)
        status = next((c.to_status for c in reversed(statuses) if c.at <= second), None)
        return _State(team_id, member_id, status)

    found: list[Stretch] = []
    for second in [first.at, *sorted(at for at in changed if at > first.at)]:
        now = state(second)
        current = found[-1] if found and found[-1].stopped_at is None else None
        if current is not None:
            if now.is_held and now.team_id == current.team_id:
                continue
            current.stop(second, _ended_by(now))
        if now.is_held:
            holding = Stretch("holding", second, team_id=now.team_id, team_member_id=now.team_member_id)
            if second == first.at:
                holding.started_by = "moved_by_merge" if first.is_moved else "first_inbound"
                holding.message = first.message
            else:
                is_new = state(second - 1).team_id != now.team_id
                holding.started_by = "assigned" if is_new else "reopened"
            found.append(holding)
    if merge is not None and found and found[-1].stopped_at is None:
        found[-1].merged_at = merge.at
    return found


def _ended_by(now: _State) -> str:
    """Solved wins over a hand-over in the same second."""
    if now.status in SOLVED_STATUSES:
        assert now.status is not None
        return now.status
    return "unassigned" if now.team_id is None else "handed_over"
