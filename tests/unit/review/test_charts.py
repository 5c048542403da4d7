from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from social_sla.review import charts, store
from social_sla.review.results import Result
from social_sla.review.store import GoalMonth

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def history(built_marts: Path) -> list[GoalMonth]:
    with store.open_marts(built_marts) as con:
        rows = store.goal_months(con)
    return [row for row in rows if (row.agreement_id, row.goal_id) == ("email-support", "first_response")][-14:-1]


def draw(history: list[GoalMonth], key: str = "k") -> str:
    title, description = charts.attainment_text("First response", history)
    spec = charts.attainment_spec(history)
    return charts.draw(spec, key=key, title=title, description=description, css_class="chart")


def test_a_chart_is_well_formed_and_tells_itself_in_words(history: list[GoalMonth]) -> None:
    root = ElementTree.fromstring(draw(history))
    assert root.attrib["role"] == "img"
    labels = {child.attrib["id"]: child.text or "" for child in root if child.tag in (f"{SVG}title", f"{SVG}desc")}
    assert root.attrib["aria-labelledby"].split() == list(labels)
    assert labels["k-title"] == "First response: attainment against the goal of 90 %"
    assert "October 2026: 75 %, missed" in labels["k-desc"]


def test_ids_are_the_charts_own(history: list[GoalMonth]) -> None:
    one, other = draw(history, "one"), draw(history, "other")
    assert not set(re.findall(r'id="([^"]+)"', one)) & set(re.findall(r'id="([^"]+)"', other))
    assert all(reference.startswith("one-") for reference in re.findall(r"url\(#([^)]+)\)", one))


def test_a_result_is_a_shape_and_not_only_a_colour() -> None:
    assert len(set(charts.SHAPE_RANGE)) == len(Result)
    assert len(set(charts.COLOURS.values())) == len(Result)


def test_charts_hold_nothing_that_runs_or_loads(history: list[GoalMonth]) -> None:
    svg = draw(history)
    assert not re.search(r"<script|<foreignObject|<image|\son\w+=|href=", svg, re.IGNORECASE)


def test_hostile_names_stay_text(history: list[GoalMonth]) -> None:
    hostile = "</title><script>alert(1)</script>\u202e"
    named = [replace(row, goal_title=hostile) for row in history]
    title, description = charts.attainment_text(named[-1].name, named)
    svg = charts.draw(charts.sparkline_spec(named), key="k", title=title, description=description, css_class="spark")
    assert "<script" not in svg
    assert "\u202e" not in svg
    ElementTree.fromstring(svg)


def test_months_without_data_leave_a_gap(history: list[GoalMonth]) -> None:
    nothing = {"attainment_rate": None, "is_goal_met": None, "p50_seconds": None, "p90_seconds": None}
    gap = [replace(row, **nothing) if number == 4 else row for number, row in enumerate(history)]
    shapes = [draw(rows).count('stroke="#fff"') for rows in (history, gap)]
    assert shapes == [13, 12]
    ElementTree.fromstring(
        charts.draw(charts.durations_spec(gap, 3600), key="d", title="t", description="d", css_class="chart")
    )
