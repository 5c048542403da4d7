"""A day's new data re-computes only the conversations that it touches, and the result equals a full rebuild.

The real landing, load and dbt build over some hundred conversations. The comparison is with a fresh warehouse that is
loaded from the same landing and built in full.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import psutil
import pytest
from social_sla.extraction import accounts_in_use
from social_sla.landing import Landing, LandingRecord, PartitionKey
from social_sla.settings import Settings
from social_sla.sources.registry import streams
from social_sla.warehouse.build import BuildError, BuildReport, build
from social_sla.warehouse.connection import open_warehouse
from social_sla.warehouse.inputs import BuildKind, recall
from social_sla.warehouse.load import load

from tests.support.small_company import BEGIN, END, HISTORY_DAYS, LAST_DAYS, Arrival, small_company

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

HISTORY_PARTITION_DAYS = 4
EVERY_MODEL = ("resource_type:model", "resource_type:seed")
"""A rebuild to compare with needs no data tests."""

Window = tuple[date, date]
"""First day, and the day after the last one."""

Contents = Mapping[Window, Sequence[Arrival]]
"""What each partition holds, of whichever streams; no arrival: the partition is taken away."""


def midnight(day: date, hour: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def one_day(day: date) -> Window:
    return day, day + timedelta(days=1)


@dataclass(frozen=True)
class Step:
    """What lands, and up to when the load looks then."""

    contents: Contents
    as_of: datetime


@dataclass
class Pipeline:
    """A landing and the warehouse that is loaded and built from it."""

    settings: Settings

    @property
    def landing(self) -> Landing:
        return Landing(self.settings.landing_url)

    def take(self, step: Step) -> BuildReport:
        """Land, load and build, as a day's run does."""
        self.land(step.contents)
        load(self.settings, as_of=step.as_of.isoformat())
        return build(self.settings).raise_if_failed()

    def land(self, contents: Contents) -> None:
        for window, arrivals in contents.items():
            start, end = midnight(window[0]), midnight(window[1])
            wanted: dict[tuple[str, str, str], list[LandingRecord]] = defaultdict(list)
            for arrival in arrivals:
                wanted[arrival.source, arrival.account, arrival.stream].append(arrival.record)
            for manifest in self.landing.manifests():
                stream = (manifest.source, manifest.account, manifest.stream)
                if (manifest.partition_start, manifest.partition_end) == (start, end) and stream not in wanted:
                    path = Path(self.settings.landing_url.removeprefix("file://"), "manifest", manifest.partition_key)
                    path.with_name(f"{path.name}.json").unlink()
            for stream, records in wanted.items():
                key = PartitionKey(*stream, start, end)
                # A later landing has a later extraction time, which tells versions of one second apart.
                self.landing.replace_partition(
                    key, records, run_id="run", extracted_at=datetime.now(UTC), allow_shrink=True
                )

    def land_empty_streams(self) -> None:
        """Every stream in use is landed, also those that nothing comes by."""
        landed = {(item.source, item.account, item.stream) for item in self.landing.manifests()}
        for account in accounts_in_use(self.settings.config_dir):
            for stream in streams(account.source):
                if (account.source, account.account, stream.name) not in landed:
                    key = PartitionKey(account.source, account.account, stream.name, midnight(BEGIN), midnight(END))
                    self.landing.replace_partition(key, [], run_id="run", extracted_at=midnight(BEGIN))

    def counts(self) -> tuple[int, int]:
        """Conversations that the last build computed if it was incremental, and all that there are."""
        with open_warehouse(self.settings.warehouse_path) as connection:
            return connection.execute(
                "select (select count(*) from intermediate.int_touched_conversations), "
                "(select count(*) from marts.fct_conversation)"
            ).fetchone() or (0, 0)


@dataclass(frozen=True)
class Workshop:
    """One home for the incremental builds and one for full rebuilds, so that dbt parses twice and not in every test."""

    pipeline: Pipeline
    rebuild: Settings
    company: list[Arrival]
    started: Path

    def begin(self) -> Pipeline:
        """The landing and the warehouse as they were after the history."""
        settings = self.pipeline.settings
        shutil.rmtree(settings.home / "landing")
        shutil.copytree(self.started / "landing", settings.home / "landing")
        shutil.copy(self.started / "warehouse.duckdb", settings.warehouse_path)
        return self.pipeline

    def on(self, *days: date) -> dict[Window, list[Arrival]]:
        """What arrives on days, a partition each."""
        return {one_day(day): [arrival for arrival in self.company if arrival.day == day] for day in days}

    def assert_equals_a_rebuild(self, as_of: datetime) -> None:
        """A fresh warehouse, loaded from the same landing and built in full, has the same rows in every mart."""
        self.rebuild.warehouse_path.unlink(missing_ok=True)
        load(self.rebuild, as_of=as_of.isoformat())
        build(self.rebuild, select=EVERY_MODEL).raise_if_failed()
        assert differences(self.pipeline.settings.warehouse_path, self.rebuild.warehouse_path) == []


def differences(one: Path, other: Path) -> list[str]:
    """Marts that are not the same rows in both warehouses, with how many rows either has alone, and one of each."""
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        marts = connection.execute(
            "select distinct table_name from duckdb_columns() where schema_name = 'marts' order by all"
        ).fetchall()
        assert len(marts) > 10
        for (mart,) in marts:
            alone = []
            for here, there in (("one", "other"), ("other", "one")):
                # By name: a table that stays may have its columns in another order.
                columns = connection.execute(
                    "select string_agg('\"' || column_name || '\"', ', ' order by column_name) from duckdb_columns() "
                    "where database_name = ? and schema_name = 'marts' and table_name = ?",
                    [here, mart],
                ).fetchone()
                assert columns
                rows = connection.sql(
                    f"select {columns[0]} from {here}.marts.{mart} "
                    f"except all select {columns[0]} from {there}.marts.{mart}"
                )
                alone.append((len(rows), rows.order(columns[0]).limit(1).fetchall(), rows.columns))
            if alone[0][0] or alone[1][0]:
                examples = [dict(zip(columns, row[0], strict=True)) if row else {} for _, row, columns in alone]
                changed = {name for name in alone[0][2] if examples[0].get(name) != examples[1].get(name)}
                shown = [{name: example.get(name) for name in sorted(changed)} for example in examples]
                found.append(f"{mart}: {alone[0][0]} rows incremental only, {alone[1][0]} rebuilt only: {shown}")
    return found


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """The history landed and built in full, once."""
    folder = tmp_path_factory.mktemp("incremental")
    previous = os.environ.get("SOCIAL_SLA_PSEUDONYM_KEY")
    os.environ["SOCIAL_SLA_PSEUDONYM_KEY"] = "a key of this test only"
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(folder / "home")})
    rebuild = Settings.from_env(
        {"SOCIAL_SLA_HOME": str(folder / "rebuilt"), "SOCIAL_SLA_LANDING_URL": settings.landing_url}
    )
    shop = Workshop(Pipeline(settings), rebuild, small_company(), folder / "started")
    history = {
        (days[0], days[-1] + timedelta(days=1)): [arrival for arrival in shop.company if arrival.day in days]
        for days in _runs_of(HISTORY_DAYS, HISTORY_PARTITION_DAYS)
    }
    shop.pipeline.land(history)
    shop.pipeline.land_empty_streams()
    report = shop.pipeline.take(Step({}, midnight(LAST_DAYS[0])))
    assert report.kind is BuildKind.FULL
    shop.started.mkdir()
    shutil.copytree(settings.home / "landing", shop.started / "landing")
    shutil.copy(settings.warehouse_path, shop.started / "warehouse.duckdb")
    yield shop
    if previous is None:
        del os.environ["SOCIAL_SLA_PSEUDONYM_KEY"]
    else:
        os.environ["SOCIAL_SLA_PSEUDONYM_KEY"] = previous


def _runs_of(days: Sequence[date], length: int) -> Iterable[Sequence[date]]:
    for first in range(0, len(days), length):
        yield days[first : first + length]


def in_order(workshop: Workshop) -> list[Step]:
    """Day by day; once what has landed reaches farther than the load looks."""
    first, second, third, fourth, fifth = LAST_DAYS
    return [
        Step(workshop.on(first), midnight(second)),
        Step(workshop.on(second), midnight(third)),
        Step(workshop.on(third, fourth), midnight(fourth, 12)),
        Step(workshop.on(fifth), midnight(END)),
    ]


def shuffled(workshop: Workshop, seed: int) -> list[Step]:
    """Days in any order; partitions that are replaced by others with fewer and changed records, or taken away; records
    that are in two partitions."""
    rng = Random(seed)
    days = list(LAST_DAYS)
    rng.shuffle(days)
    early, late, later, last = [*days[:2]], days[2], days[3], days[4]
    old_days = rng.choice([run for run in _runs_of(HISTORY_DAYS, HISTORY_PARTITION_DAYS)][1:-1])
    old_window = (old_days[0], old_days[-1] + timedelta(days=1))
    old = [arrival for arrival in workshop.company if arrival.day in old_days]
    arrived = workshop.on(*LAST_DAYS)
    return [
        Step(workshop.on(*early), midnight(LAST_DAYS[3], 12)),
        Step(
            workshop.on(late) | {one_day(early[0]): worsened(arrived[one_day(early[0])], rng)},
            midnight(END - timedelta(days=1)),
        ),
        Step(
            workshop.on(last)
            | {one_day(later): [*arrived[one_day(later)], *rng.sample(arrived[one_day(late)], 20)]}
            | {old_window: worsened(old, rng)},
            midnight(END),
        ),
        Step(workshop.on(early[0]) | {one_day(last): [], old_window: old}, midnight(END)),
    ]


def worsened(arrivals: Sequence[Arrival], rng: Random) -> list[Arrival]:
    """Fewer records, and some that say something else."""
    kept = [arrival for arrival in arrivals if rng.random() < 0.7]
    swaps = [('"open"', '"pending"'), ('"public": true', '"public": false'), ("@AuroraAir", "AuroraAir")]
    found = []
    for arrival in kept:
        payload = arrival.record.payload
        if rng.random() < 0.3:
            payload = payload.replace(*rng.choice(swaps))
        record = LandingRecord(arrival.record.record_id, arrival.record.record_updated_at, payload)
        found.append(Arrival(arrival.source, arrival.account, arrival.stream, arrival.day, record))
    return found


def take_incrementally(pipeline: Pipeline, step: Step) -> None:
    """The build of a step is incremental and computes a part of the conversations only."""
    report = pipeline.take(step)
    assert report.kind is BuildKind.INCREMENTAL, report.why
    touched, conversations = pipeline.counts()
    assert 0 < touched < 0.6 * conversations, (touched, conversations)


def test_days_in_order_give_what_a_rebuild_gives(workshop: Workshop) -> None:
    pipeline = workshop.begin()
    steps = in_order(workshop)
    for number, step in enumerate(steps):
        take_incrementally(pipeline, step)
        if number % 2:
            workshop.assert_equals_a_rebuild(step.as_of)
    again = pipeline.take(Step({}, steps[-1].as_of))
    assert (again.kind, again.counts) == (BuildKind.NOTHING, {})


def test_any_order_of_arrival_gives_what_a_rebuild_gives(workshop: Workshop) -> None:
    pipeline = workshop.begin()
    for number, step in enumerate(shuffled(workshop, seed=1)):
        take_incrementally(pipeline, step)
        if number % 2:
            workshop.assert_equals_a_rebuild(step.as_of)


def test_a_build_that_is_killed_is_made_up_for(workshop: Workshop) -> None:
    """dbt is killed while it replaces the rows of the facts; the next build is a full one with the same rows."""
    pipeline = workshop.begin()
    step = Step(workshop.on(*LAST_DAYS[:2]), midnight(LAST_DAYS[2]))
    pipeline.land(step.contents)
    load(pipeline.settings, as_of=step.as_of.isoformat())
    killer = threading.Thread(target=_kill_dbt_at, args=(pipeline.settings, "model marts.fct_message"))
    killer.start()
    with pytest.raises(BuildError, match="exit code -9"):
        build(pipeline.settings)
    killer.join()
    with open_warehouse(pipeline.settings.warehouse_path) as connection:
        assert recall(connection) is None
    report = build(pipeline.settings).raise_if_failed()
    assert report.kind is BuildKind.FULL
    workshop.assert_equals_a_rebuild(step.as_of)


def _kill_dbt_at(settings: Settings, what: str) -> None:
    """Kill this process's dbt when its log says that it begins a node."""
    log = settings.home / "dbt" / "logs" / "dbt.log"
    begun = log.stat().st_size
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        with log.open() as lines:
            lines.seek(begun)
            if f"START sql incremental {what}" in lines.read():
                break
        time.sleep(0.02)
    for child in psutil.Process().children(recursive=True):
        if "social_sla.warehouse.dbt_process" in child.cmdline():
            child.kill()
