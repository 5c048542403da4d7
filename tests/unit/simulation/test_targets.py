"""The suggestion for the next target, from clocks that stopped and clocks that never did."""

from __future__ import annotations

from decimal import Decimal

import pytest
from social_sla.simulation.compiled import plan_of
from social_sla.simulation.targets import Clock, rounded_up, shortest_kept, suggestion

HOUR = 3600


def _clock(elapsed: int, period: str = "2026-01-01", *, is_stopped: bool = True, target: int = HOUR) -> Clock:
    return Clock(elapsed, target, is_stopped, elapsed > target, period)


@pytest.mark.parametrize(
    ("seconds", "rounded"),
    [
        (1, 300),
        (300, 300),
        (301, 600),
        (HOUR, HOUR),
        (HOUR + 1, 4500),
        (4 * HOUR + 1, 5 * HOUR),
        (25 * HOUR, 28 * HOUR),
    ],
)
def test_people_promise_round_times(seconds: int, rounded: int) -> None:
    assert rounded_up(seconds) == rounded


def test_the_shortest_target_is_the_one_that_the_share_has_kept() -> None:
    clocks = [_clock(minutes * 60) for minutes in (5, 10, 20, 31, 100)]
    assert shortest_kept(clocks, Decimal("0.8")) == 35 * 60
    assert shortest_kept(clocks, Decimal("0.80001")) == 105 * 60
    assert shortest_kept(clocks, Decimal(1)) == 105 * 60


def test_no_target_helps_where_too_many_were_never_answered() -> None:
    clocks = [_clock(60), _clock(10**7, is_stopped=False)]
    assert shortest_kept(clocks, Decimal("0.5")) == 300
    found = suggestion("first", "default", Decimal("0.9"), clocks, ["2026-01-01"])
    assert (found.suggested_seconds, found.suggested_missed_count, found.unanswered_count) == (None, None, 1)


def test_what_the_quarter_cost_and_what_it_would_have_cost() -> None:
    months = ["2026-01-01", "2026-02-01"]
    clocks = [_clock(600, month) for month in months for _ in range(3)] + [_clock(2 * HOUR, months[0])]
    found = suggestion("first", "default", Decimal("0.8"), clocks, months)
    assert (found.missed_count, found.months_missed_count, found.target_seconds) == (1, 1, HOUR)
    assert (found.suggested_seconds, found.suggested_missed_count, found.suggested_months_missed_count) == (600, 1, 1)
    all_of_them = suggestion("first", "default", Decimal(1), clocks, months)
    assert (all_of_them.suggested_seconds, all_of_them.suggested_missed_count) == (2 * HOUR, 0)


def test_only_what_follows_from_agreements_is_computed_anew() -> None:
    def model(name: str, *parents: str, database: str = "warehouse") -> dict[str, object]:
        return {
            "resource_type": "model",
            "name": name,
            "database": database,
            "schema": "s",
            "alias": name,
            "depends_on": {"nodes": list(parents)},
            "compiled_code": f"select {name}",
        }

    nodes = {
        "channels": model("stg_config__channels", "src.channels"),
        "load": model("stg_config__load", "src.load"),
        "goals": model("stg_config__goals", "src.goals"),
        "messages": model("int_messages", "channels", "load", "src.tweets"),
        "statuses": model("int_statuses", "messages", database="working"),
        "seed": {"resource_type": "seed", "name": "seed", "database": "warehouse", "schema": "s", "depends_on": {}},
        "clock": model("fct_sla_clock", "goals", "messages", "statuses", "seed"),
        "mart": model("dim_channel", "channels"),
    }
    sources = {
        f"src.{name}": {
            "resource_type": "source",
            "source_name": "config" if name != "tweets" else "landing",
            "name": name,
            "identifier": name,
            "database": "warehouse",
            "schema": "config",
        }
        for name in ("channels", "load", "goals", "tweets")
    }
    plan = plan_of({"nodes": nodes, "sources": sources})
    assert [item.name for item in plan.computed] == ["stg_config__goals", "int_statuses", "fct_sla_clock"]
    assert {item.name for item in plan.taken} == {"int_messages", "seed"}
