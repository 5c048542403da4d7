"""A draft over the past: an agreement as it stands gives the warehouse's own figures; the warehouse stays as it is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

import duckdb
import pytest
from social_sla.agreements.commands.find import find
from social_sla.extraction import accounts_in_use
from social_sla.landing import Landing, LandingRecord, PartitionKey
from social_sla.settings import Settings
from social_sla.simulation.compiled import SimulationError
from social_sla.simulation.simulate import Simulation, simulate
from social_sla.simulation.words import simulation_lines
from social_sla.sources.registry import streams
from social_sla.warehouse.build import build
from social_sla.warehouse.load import load

from tests.support.small_company import BEGIN, END, small_company

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

FROM, TO = (datetime.combine(day, time(), UTC) for day in (BEGIN, END))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Six weeks of the generated company, built."""
    found = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path_factory.mktemp("simulate"))})
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "SOCIAL_SLA_PSEUDONYM_KEY", "a key of this test only")
        landing = Landing(found.landing_url)
        wanted: dict[tuple[str, str, str], list[LandingRecord]] = {
            (account.source, account.account, stream.name): []
            for account in accounts_in_use(found.config_dir)
            for stream in streams(account.source)
        }
        for arrival in small_company():
            wanted[arrival.source, arrival.account, arrival.stream].append(arrival.record)
        for stream, records in wanted.items():
            landing.replace_partition(PartitionKey(*stream, FROM, TO), records, run_id="run", extracted_at=TO)
        load(found, as_of=TO.isoformat())
        build(
            found,
            select=["+agreement_goal_monthly,resource_type:model", "resource_type:seed", "+marts,resource_type:model"],
        ).raise_if_failed()
        yield found


def _simulated(settings: Settings, reference: str) -> Simulation:
    return simulate(settings, *find(settings.config_dir, reference))


@pytest.mark.parametrize("agreement_id", ["public-x-care", "email-support"])
def test_the_agreement_as_it_stands_gives_the_warehouses_own_figures(settings: Settings, agreement_id: str) -> None:
    before = hashlib.sha256(settings.warehouse_path.read_bytes()).hexdigest()
    found = _simulated(settings, agreement_id)
    assert hashlib.sha256(settings.warehouse_path.read_bytes()).hexdigest() == before
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        expected = connection.execute(
            "select goal_id, period, met_count, missed_count, is_goal_met from marts.agreement_goal_monthly "
            "where agreement_id = ? and started_count + decided_count > 0 order by all",
            [agreement_id],
        ).fetchall()
    shown = [
        (month.goal_id, month.period, month.met_count, month.missed_count, month.is_goal_met) for month in found.months
    ]
    assert sum(row[2] + row[3] for row in expected) > 50
    assert [row for row in shown if row[2] + row[3]] == [row for row in expected if row[2] + row[3]]


def test_a_stricter_draft_misses_more_and_is_told_what_would_have_been_kept(settings: Settings, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    text = (settings.config_dir / "agreements" / "public-x-care.yaml").read_text(encoding="utf-8")
    draft.write_text(text.replace("target: 1h", "target: 1m").replace("version: 1", "version: 7"), encoding="utf-8")
    strict, as_it_is = _simulated(settings, str(draft)), _simulated(settings, "public-x-care")
    missed = [sum(month.missed_count for month in found.months) for found in (strict, as_it_is)]
    assert missed[0] > missed[1]
    first = next(item for item in strict.suggestions if item.goal_id == "first-response")
    assert (first.target_seconds, first.missed_count > 0) == (60, True)
    assert first.suggested_seconds is not None
    assert first.suggested_seconds > 60
    assert (first.suggested_missed_count or 0) < first.missed_count
    lines = simulation_lines(strict)
    assert "  first-response: " in "\n".join(lines)
    assert any("shortest round target that reaches it" in line for line in lines)


def test_what_cannot_be_simulated_is_told(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match="covers no channel"):
        _simulated(settings, "corporate-standard")
    nowhere = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path)})
    with pytest.raises(SimulationError, match=r"There is no warehouse .* run `make run`"):
        simulate(nowhere, *find(settings.config_dir, "public-x-care"))
