"""Random worlds: `random_month(seed)` for a whole month, `worlds()` for hypothesis to shrink.

Both are written over `random.Random`; hypothesis passes one whose draws it controls. Two of them: `more` draws the
further metrics and the oddities of `generate_more`, so that without those a seed's world stays what it was.
"""

from __future__ import annotations

from datetime import date
from random import Random

from hypothesis import strategies as st

from tests.oracle.generate_more import Extras, hand_over_merged
from tests.oracle.generate_terms import MONTHS, ZONES, agreement, schedule, schedules
from tests.oracle.generate_threads import Oddities, Thread, goals_over, merge_some
from tests.oracle.hours import DAY, HOUR, midnight
from tests.oracle.model import ALL_METRICS, RESOLUTION_METRICS, Schedule, World
from tests.oracle.monthly import next_month
from tests.oracle.terms import target_seconds

#: `feed` has no statuses and so no resolution goals; the further metrics are promised there too, and make no clocks.
CHANNELS = ("mail", "chat", "shop", "feed")
#: No oddity at all: what an ordinary month would be.
PLAIN = Oddities(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def _begin(rnd: Random, world: World, channel_id: str, first: int, last: int, odd: Oddities) -> int:
    """A second of the month; at times one from which a calendar target ends exactly at `as_of`, or beside it."""
    if rnd.random() < 0.1 * (odd.exact_due > 0):
        goals = [g for g in goals_over(world, channel_id, world.as_of - HOUR) if g.basis == "calendar"]
        if goals:
            target = rnd.choice(list(rnd.choice(goals).targets.values()))
            return world.as_of - target_seconds(target, None, 0) + rnd.choice((-1, 0, 1))
    if rnd.random() < 0.1 * (odd.exact_due > 0):
        return rnd.choice((first, last)) + rnd.choice((-1, 0, 1, -HOUR, -DAY))
    return rnd.randrange(first, min(last, world.as_of))


def build(
    rnd: Random,
    more: Random,
    month: date,
    conversations: int,
    steps: int,
    odd: Oddities,
    with_shared_nights: bool,
    metrics: tuple[str, ...],
) -> World:
    """A world of `conversations` threads in `month`, each with up to `steps` events after its first."""
    first, last = midnight("UTC", month), midnight("UTC", next_month(month))
    as_of = rnd.choice((last + 2 * DAY, last + rnd.randrange(9 * DAY), first + rnd.randrange(15 * DAY, 30 * DAY)))
    hours = schedules(rnd, month, count=min(5, 1 + conversations // 4), with_shared_nights=with_shared_nights)
    world = World(as_of=as_of, schedules=hours, agreements=[], conversations={})
    world.channel_zones = {channel_id: rnd.choice(ZONES) for channel_id in CHANNELS}
    for number in range(1 + min(3, conversations // 3)):
        is_feed = number == 3
        channels = list(CHANNELS) if is_feed else list(CHANNELS[:3])
        promised = tuple(m for m in metrics if not (is_feed and m in RESOLUTION_METRICS))
        world.agreements += agreement(rnd, more, f"agreement_{number}", month, channels, sorted(hours), promised)
    for number in range(conversations):
        channel_id = rnd.choice(CHANNELS)
        begin = _begin(rnd, world, channel_id, first, last, odd)
        extras = Extras(world, more, f"c{number:04d}", odd)
        Thread(world, rnd, f"c{number:04d}", channel_id, begin, odd).write(rnd.randrange(steps + 1))
        extras.add()
    merge_some(world, rnd, odd)
    hand_over_merged(world, more, odd)
    return World(**{name: getattr(world, name) for name in World.__dataclass_fields__})


def random_month(
    seed: int,
    conversations: int = 300,
    odd: Oddities | None = None,
    with_shared_nights: bool = False,
    metrics: tuple[str, ...] = ALL_METRICS,
) -> World:
    """A whole random month with goals of `metrics`, the same for the same seed.

    `with_shared_nights` adds hours whose blocks of neighbouring dates overlap (READINGS.md, reading 4).
    """
    rnd, more = Random(seed), Random(f"{seed} more")
    return build(rnd, more, rnd.choice(MONTHS), conversations, 18, odd or Oddities(), with_shared_nights, metrics)


@st.composite
def worlds(
    draw: st.DrawFn, conversations: int = 3, odd: Oddities | None = None, metrics: tuple[str, ...] = ALL_METRICS
) -> World:
    """A small world of up to `conversations` threads with goals of `metrics`."""
    month, count = draw(st.sampled_from(MONTHS)), draw(st.integers(1, conversations))
    rnd, more = draw(st.randoms(use_true_random=False)), draw(st.randoms(use_true_random=False))
    return build(rnd, more, month, count, 6, odd or Oddities(), with_shared_nights=False, metrics=metrics)


@st.composite
def schedule_descriptions(draw: st.DrawFn) -> Schedule:
    """One schedule in one of the zones, with the month's holidays and dated hours."""
    zone, month, shares = draw(st.sampled_from(ZONES)), draw(st.sampled_from(MONTHS)), draw(st.booleans())
    return schedule(draw(st.randoms(use_true_random=False)), "s", zone, month, with_shared_nights=shares)


@st.composite
def instants(draw: st.DrawFn, days: int = 40) -> int:
    """A second within `days` days from one of the months' beginnings."""
    return midnight("UTC", draw(st.sampled_from(MONTHS))) + draw(st.integers(0, days * DAY))
