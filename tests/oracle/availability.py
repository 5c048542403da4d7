"""Support availability (M14): in how much of the promised time with work a channel was staffed.

Walks the stretches between any two seconds at which something changes: somebody begins or ceases to wait, a person
writes, a month or a version begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from tests.oracle.hours import DAY, HOUR, Hours, local_time
from tests.oracle.model import AgreementVersion, StatusChange, World
from tests.oracle.monthly import month_bounds, month_of, next_month
from tests.oracle.terms import validity, version_in_force
from tests.oracle.timeline import Arrival, is_closing, steps

#: How long a message waits that nobody answers: from then on it counts as never answered (M7).
LONGEST_WAIT = 7 * DAY
#: The agreed gap where an agreement says nothing.
GAP = HOUR


@dataclass(frozen=True)
class SupportMonth:
    """One row of agreement × channel × period; seconds of the agreement's hours on the channel, up to `as_of`."""

    agreement_id: str
    channel_id: str
    period: date
    promised_seconds: int
    work_seconds: int
    staffed_seconds: int

    @property
    def availability_rate(self) -> Fraction | None:
        """Staffed ÷ work (M14); None without work."""
        return Fraction(self.staffed_seconds, self.work_seconds) if self.work_seconds else None


def waits(world: World, conversation_id: str) -> list[tuple[int, int]]:
    """[from, to) of each message of the customer that a person has to answer; none in an excluded conversation."""
    conversation = world.conversations[conversation_id]
    if conversation.flags or (conversation.deleted_at is not None and conversation.deleted_at <= world.as_of):
        return []
    found: list[tuple[int, int]] = []
    waiting: list[Arrival] = []
    status = None

    def end(at: int) -> None:
        for arrival in waiting:
            deleted_at = arrival.message.deleted_at
            last = min(at, arrival.at + LONGEST_WAIT, world.as_of if deleted_at is None else deleted_at)
            if arrival.at < last:
                found.append((arrival.at, last))
        waiting.clear()

    for at, what in steps(world, conversation_id, "customer", "human"):
        if isinstance(what, Arrival):
            waiting.append(what)
        elif isinstance(what, StatusChange):
            before, status = status, what.to_status
            if is_closing(before, status):
                end(at)
        else:  # a person's answer, or the conversation's own merge
            end(at)
    end(world.as_of)
    return found


def seen_persons(world: World, channel_id: str) -> list[int]:
    """The seconds at which a person of the company wrote on a channel, notes among themselves included."""
    return [
        message.published_at
        for messages in world.messages_of.values()
        for message in messages
        if message.author_role == "person"
        and message.direction in ("outbound", "internal")
        and world.conversations[message.conversation_id].channel_id == channel_id
    ]


def support_months(
    world: World, hours_of: Callable[[AgreementVersion], Hours | None], gap: int = GAP
) -> list[SupportMonth]:
    """agreement × channel × period with promised days. `hours_of` None: every second is promised (D1)."""
    found = []
    for agreement_id in sorted({v.agreement_id for v in world.agreements}):
        versions = world.versions_of(agreement_id)
        for channel_id in sorted({channel for version in versions for channel in version.channels}):
            found += _of_channel(world, versions, channel_id, hours_of, gap)
    return found


def _of_channel(
    world: World,
    versions: list[AgreementVersion],
    channel_id: str,
    hours_of: Callable[[AgreementVersion], Hours | None],
    gap: int,
) -> list[SupportMonth]:
    own = [name for name, c in world.conversations.items() if c.channel_id == channel_id]
    waited = sorted(wait for name in own for wait in waits(world, name))
    seen = set(seen_persons(world, channel_id))
    changes = {second for wait in waited for second in wait} | seen | set(_bounds(world, versions))
    promised: dict[date, int] = defaultdict(int)
    worked: dict[date, int] = defaultdict(int)
    staffed: dict[date, int] = defaultdict(int)
    since = None
    for begin, end in pairwise(sorted(second for second in changes if second <= world.as_of)):
        if any(low <= begin < high for low, high in waited):
            since = begin if since is None or begin in seen else since
        else:
            since = None
        version = version_in_force(world, versions[0].agreement_id, begin)
        if version is None or channel_id not in version.channels:
            continue
        hours = hours_of(version)

        def open_seconds(low: int, high: int, hours: Hours | None = hours) -> int:
            return high - low if hours is None else hours.open_seconds(low, high)

        period = month_of(local_time(version.zone, begin).date())
        promised[period] += open_seconds(begin, end)
        if since is not None:
            worked[period] += open_seconds(begin, end)
            staffed[period] += max(0, min(open_seconds(begin, end), gap - open_seconds(since, begin)))
    return [
        SupportMonth(versions[0].agreement_id, channel_id, period, promised[period], worked[period], staffed[period])
        for period in sorted(promised)
    ]


def _bounds(world: World, versions: Iterable[AgreementVersion]) -> Iterable[int]:
    """Where versions and months begin and end, and as_of."""
    yield world.as_of
    for version in versions:
        yield from (second for second in validity(version) if abs(second) < 1 << 59)
        period = month_of(version.valid_from)
        while month_bounds(version.zone, period)[0] <= world.as_of:
            yield from month_bounds(version.zone, period)
            period = next_month(period)
