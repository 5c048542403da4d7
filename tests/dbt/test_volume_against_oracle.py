"""Incoming volume and silence (M7-M11): the SQL and a plain calculation agree on every interval of random months."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.oracle import volume
from tests.oracle.frames import canonical_tables
from tests.oracle.frames_config import config_tables, instant
from tests.oracle.generate import random_month
from tests.oracle.generate_threads import Oddities
from tests.oracle.hours import DAY, HOUR, local_time, midnight
from tests.oracle.model import Conversation, Message, World
from tests.oracle.monthly import month_of
from tests.oracle.volume import Inbound
from tests.support.engine import Engine

COUNTS = (
    *("listened", "assistance", "unknown_intent", "actionable", "answered", "never_answered", "pending"),
    *("measurable", "never_viewed"),
)
BUSY = "mail"
INTENTS = ("inquiry", "complaint", "feedback", "praise", "spam")

pytestmark = pytest.mark.slow

Case = tuple[World, list[Inbound], duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The models as if the oracle's source recorded views; no source in the project does."""
    marts = ("fct_incoming_volume_hourly", "fct_incoming_volume_daily", "channel_volume_monthly")
    compiled = Engine.compile(Path(tmp_path_factory.mktemp("engine")), marts=marts)
    models = [
        replace(model, sql=model.sql.replace("false as has_views", "true as has_views")) for model in compiled.models
    ]
    assert models != list(compiled.models)
    return replace(compiled, models=tuple(models))


def _with_a_busy_channel(world: World, rnd: Random) -> World:
    """A hundred days of short conversations on one channel, in waves, most of them answered at once."""
    conversations, messages = dict(world.conversations), list(world.messages)
    first = world.as_of - 100 * DAY
    for number in range(1500):
        at = first + rnd.randrange(100 * DAY)
        if rnd.random() < 0.6:
            at = at - at % DAY + rnd.randrange(9, 12) * HOUR + rnd.randrange(HOUR)
        at = min(at, world.as_of)
        name = f"busy{number:04d}"
        conversations[name] = Conversation(name, BUSY, at, has_status=False)
        messages.append(Message(f"{name}-1", name, at, "inbound", "customer"))
        answered_at = at + int(rnd.expovariate(1 / (2 * HOUR))) + rnd.choice([0, 0, 0, 7 * DAY])
        if rnd.random() < 0.9 and answered_at <= world.as_of:
            messages.append(Message(f"{name}-2", name, answered_at, "outbound", "person"))
    fields = {name: getattr(world, name) for name in World.__dataclass_fields__}
    return World(**fields | {"conversations": conversations, "messages": messages})


@pytest.fixture(params=range(6))
def case(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Case]:
    """A random month with intents and views, what the oracle makes of its messages, and what the SQL does."""
    rnd = Random(request.param)
    world = _with_a_busy_channel(random_month(request.param, conversations=80, odd=Oddities()), rnd)
    intents = {name: rnd.choice(INTENTS) for name in world.conversations if rnd.random() < 0.6}
    views = {
        name: [item.created_at + rnd.randrange(12 * DAY) for _ in range(rnd.randrange(3))]
        for name, item in world.conversations.items()
    }
    views = {name: sorted(at for at in found if at <= world.as_of) for name, found in views.items()}
    tables = {f"config.{name}": table for name, table in config_tables(world).items()}
    tables |= {f"intermediate.{name}": table for name, table in canonical_tables(world).items()}
    tables["intermediate.int_conversation_intents"] = pa.Table.from_pylist(
        [{"conversation_id": name, "intent": intent} for name, intent in intents.items()]
    )
    tables["intermediate.int_views"] = pa.Table.from_pylist(
        [{"conversation_id": name, "viewed_at": instant(at)} for name, found in views.items() for at in found]
    )
    items = volume.inbound_messages(world, intents, views, frozenset({"spam"}))
    with engine.run(tables) as connection:
        yield world, items, connection


def _expected(world: World, items: list[Inbound], bounds: Callable[[Inbound], tuple[Any, int]]) -> dict[Any, Any]:
    groups: dict[Any, list[Inbound]] = defaultdict(list)
    ends = {}
    for item in items:
        key, end = bounds(item)
        groups[item.channel_id, key].append(item)
        ends[item.channel_id, key] = end
    return {key: volume.tally(group, ends[key], world, views=True) for key, group in groups.items()}


def _differences(
    connection: duckdb.DuckDBPyConnection, mart: str, key: str, expected: dict[Any, Counter[str]]
) -> list[Any]:
    """Intervals on which the two disagree; one that the oracle does not know is silent."""
    columns = ", ".join(f"{name}_count" for name in COUNTS)
    rows = connection.execute(
        f"select channel_id, {key}, {columns}, never_answered_rate, measurable_share, never_answered_or_viewed_count "
        f"from marts.{mart}"
    ).fetchall()
    found = {row[:2]: row[2:] for row in rows}
    assert len(found) == len(rows) > 0
    wrong: list[Any] = [key for key in expected if key not in found]
    for place, row in found.items():
        want = expected.get(place, Counter())
        decided = want["answered"] + want["never_answered"]
        is_known = not want["listened"] or want["unknown_intent"] < want["listened"]
        counts = tuple(want[name] if name != "assistance" or is_known else None for name in COUNTS)
        rate = want["never_answered"] / decided if decided else None
        if row != (*counts, rate, 1.0 if decided else None, want["never_answered"]):
            wrong.append((place, row, want))
    return wrong


def test_m7_to_m10_every_hour(case: Case) -> None:
    world, items, connection = case
    expected = _expected(world, items, volume.hour_bounds)
    named = {(channel, instant(at)): counts for (channel, at), counts in expected.items()}
    total = sum(named.values(), Counter())
    assert min(total[name] for name in (*COUNTS, "deleted")) > 0
    assert _differences(connection, "fct_incoming_volume_hourly", "hour_at", named)[:3] == []


def test_m7_to_m10_every_day_and_month(case: Case) -> None:
    world, items, connection = case
    for mart, key, bounds in (
        ("fct_incoming_volume_daily", "date_day", volume.day_bounds),
        ("channel_volume_monthly", "period", volume.month_bounds_of),
    ):
        assert _differences(connection, mart, key, _expected(world, items, bounds))[:3] == []


def test_m10_every_day_is_as_long_as_it_is_in_its_zone(case: Case) -> None:
    world, _, connection = case
    rows = connection.execute(
        "select channel_id, date_day, epoch(starts_at)::bigint, local_day_seconds, is_clock_change_day "
        "from marts.fct_incoming_volume_daily order by all"
    ).fetchall()
    for channel_id, day, starts_at, seconds, is_change in rows:
        zone = world.channel_zones[channel_id]
        assert starts_at == midnight(zone, day), (zone, day)
        assert seconds == midnight(zone, day + timedelta(days=1)) - starts_at, (zone, day)
        assert is_change == (seconds != DAY)
    hours = connection.execute(
        "select channel_id, epoch(hour_at)::bigint, local_date, hour_of_week, hour_of_day, day_of_week, "
        "local_day_seconds from marts.fct_incoming_volume_hourly"
    ).fetchall()
    lengths = {(channel_id, day): seconds for channel_id, day, _, seconds, _ in rows}
    for channel_id, at, day, hour_of_week, hour_of_day, day_of_week, seconds in hours:
        local = local_time(world.channel_zones[channel_id], at)
        assert (day, hour_of_day, day_of_week) == (local.date(), local.hour, local.isoweekday())
        assert hour_of_week == local.weekday() * 24 + local.hour
        assert seconds == lengths[channel_id, day]


def test_m11_peaks_throughput_and_headroom(case: Case) -> None:
    world, items, connection = case
    own = [item for item in items if item.channel_id == BUSY and item.is_actionable]
    first = min(volume.hour_of(item.at) for item in items if item.channel_id == BUSY)
    places = range(first, world.as_of + 1, HOUR)
    arrived = Counter(
        at
        for item in own
        for at, end in [volume.hour_bounds(item)]
        if volume.fate(item, end, world.as_of) not in (None, "deleted")
    )
    handled = Counter(
        volume.hour_of(item.answered_at)
        for item in own
        if item.answered_at is not None and item.answered_at <= (item.deleted_at or item.answered_at)
    )
    arrivals, done = [arrived[at] for at in places], [handled[at] for at in places]
    held = [0, 0, *(min(done[place - 2 : place + 1]) for place in range(2, len(done)))]
    peaks: dict[int, bool | None] = {}
    wrong = []
    rows = connection.execute(
        "select epoch(hour_at)::bigint, handled_count, arrivals_p95_count, is_peak_hour, best_sustained_count, "
        "headroom_ratio from marts.fct_incoming_volume_hourly where channel_id = ? order by 1",
        [BUSY],
    ).fetchall()
    assert [row[0] for row in rows] == list(places)
    for place, (at, *row) in enumerate(rows):
        want: list[Any] = [done[place], None, None, None, None]
        if place + 1 >= volume.WINDOW:
            window = slice(place + 1 - volume.WINDOW, place + 1)
            p95, best = float(volume.percentile(arrivals[window], Fraction(95, 100))), max(held[window])
            want = [done[place], p95, arrivals[place] > p95, best, best / p95 if p95 else None]
        peaks[at] = want[2]
        if row != want:
            wrong.append((at, row, want))
    assert wrong[:3] == []
    assert {None, True, False} == set(peaks.values())

    zone = world.channel_zones[BUSY]
    kept: dict[date, Counter[str]] = defaultdict(Counter)
    for at, outcome in connection.execute(
        "select epoch(started_at)::bigint, outcome from marts.fct_sla_clock where channel_id = ? "
        "and metric in ('first_response', 'next_response') and outcome in ('met', 'missed')",
        [BUSY],
    ).fetchall():
        hour = volume.hour_of(at)
        if (is_peak := peaks.get(hour)) is not None:
            name = "peak" if is_peak else "other"
            kept[month_of(local_time(zone, hour).date())] += Counter([f"{name} decided", f"{name} {outcome}"])
    found = connection.execute(
        "select period, peak_decided_count, peak_met_count, other_decided_count, other_met_count, peak_hour_count "
        "from marts.channel_volume_monthly where channel_id = ?",
        [BUSY],
    ).fetchall()
    names = ("peak decided", "peak met", "other decided", "other met")
    assert [row[:5] for row in found] == [(row[0], *(kept[row[0]][name] for name in names)) for row in found]
    assert sum(row[5] for row in found) == sum(is_peak is True for is_peak in peaks.values())
