"""Every word that the marts can hold has its plain words, and each list is the engine's own."""

from __future__ import annotations

import csv
import re
from collections import defaultdict

import pytest
import yaml
from social_sla.agreements.vocabulary import Metric
from social_sla.review.clock_words import (
    EXCLUDED_BECAUSE,
    LEFT_OUT,
    MEASURES,
    STOPPED_BY,
    conversation_words,
    measure,
    pause_words,
    started_by_words,
)
from social_sla.settings import PROJECT_DIR

DEFINITIONS = (PROJECT_DIR / "docs" / "definitions.md").read_text("utf-8")


def engine_words(name: str) -> list[str]:
    """A list of dbt_project/macros/clock_codes.sql."""
    text = (PROJECT_DIR / "dbt_project" / "macros" / "clock_codes.sql").read_text("utf-8")
    return re.findall(r"'(\w+)'", text.split(f"'{name}': [")[1].split("]")[0])


def test_every_metric_has_its_words() -> None:
    assert set(MEASURES) == {metric.value for metric in Metric}
    for found in MEASURES.values():
        assert not found.rule or f"| {found.rule} |" in DEFINITIONS
    assert measure("uptime").title == "uptime"


def test_what_a_measure_leaves_out_is_the_seeds() -> None:
    seed = defaultdict(list)
    with (PROJECT_DIR / "dbt_project" / "seeds" / "measure_pauses.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            seed[row["metric"]].append(row["status"])
    assert {metric: sorted(statuses) for metric, statuses in LEFT_OUT.items()} == {
        metric: sorted(statuses) for metric, statuses in seed.items()
    }


def test_every_stop_and_every_start_of_the_engine_has_its_words() -> None:
    assert set(STOPPED_BY) == set(engine_words("stop_reason"))
    for metric in MEASURES:
        for reason in engine_words("started_by"):
            # Only an ownership is assigned, and it has no turns and no updates.
            if (metric == "ownership_time") == (reason == "assigned") or reason in ("first_inbound", "moved_by_merge"):
                assert " " in started_by_words(reason, metric), (metric, reason)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("zendesk", "Zendesk ticket 7"),
        ("x", "X conversation 7"),
        ("mastodon", "Mastodon conversation 7"),
        ("request_tracker", "Request Tracker ticket 7"),
    ],
)
def test_a_conversation_is_called_as_its_source_does(source: str, words: str) -> None:
    assert conversation_words(source, "7") == words


def test_every_exclusion_that_the_gate_knows_has_its_words() -> None:
    declared = yaml.safe_load((PROJECT_DIR / "expectations" / "declared" / "fct_sla_clock.yaml").read_text("utf-8"))
    assert set(declared["accepted_values"]["excluded_reason"]) <= set(EXCLUDED_BECAUSE)
    assert set(declared["accepted_values"]["stop_reason"]) == set(STOPPED_BY)
    assert set(declared["accepted_values"]["started_by"]) == set(engine_words("started_by"))


@pytest.mark.parametrize(
    ("status", "own", "metric", "words"),
    [
        ("pending", ["pending"], "full_resolution", "status pending, in which the goal itself pauses (D17)"),
        ("on_hold", [], "agent_work", "it began with status on hold, which the measure leaves out (M4)"),
        ("pending", ["on_hold"], "pausable_update", "it began with status pending, which the measure leaves out (M5)"),
        (
            "pending",
            ["pending"],
            "agent_work",
            "it began with status pending, in which the goal itself pauses (D17) and which the measure leaves out (M4)",
        ),
        ("", ["new"], "next_response", "it was in status new, in which the goal itself pauses (D17), from the start"),
        ("", [], "next_response", "it stood still from the start"),
    ],
)
def test_a_pause_names_its_rule(status: str, own: list[str], metric: str, words: str) -> None:
    assert pause_words(status, own, metric) == words
