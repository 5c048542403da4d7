"""The pack's charts: Vega-Lite specs as dicts, drawn to SVG without a network, made fit for one page of many."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import vl_convert as vlc
from markupsafe import Markup

from social_sla.review import words
from social_sla.review.results import RESULT_WORDS, Result, result_of
from social_sla.review.store import GoalMonth

Spec = dict[str, Any]

# Okabe and Ito's palette, darkened until text in it reads on white; told apart by shape as well, never by colour alone.
COLOURS = {
    Result.MET: "#0b6a9b",
    Result.NEAR: "#a86a00",
    Result.MISSED: "#b8400c",
    Result.INDETERMINATE: "#6b7785",
}
SHAPES = {Result.MET: "circle", Result.NEAR: "triangle-up", Result.MISSED: "cross", Result.INDETERMINATE: "square"}
INK, MUTED, GRID = "#1d2733", "#5a6673", "#e6eaee"
# A rotated cross reads as ✕ also at eight pixels.
MISSED_PATH = "M-1,-0.6L-0.6,-1L0,-0.4L0.6,-1L1,-0.6L0.4,0L1,0.6L0.6,1L0,0.4L-0.6,1L-1,0.6L-0.4,0Z"
SHAPE_RANGE = [MISSED_PATH if result is Result.MISSED else SHAPES[result] for result in Result]
# The same room for every chart's labels, so that the months of two charts stand under one another.
Y_AXIS: Spec = {"title": None, "minExtent": 36, "maxExtent": 36}
CONFIG: Spec = {
    "background": None,
    "font": "DejaVu Sans",
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "labelFontSize": 10,
        "titleColor": MUTED,
        "titleFontSize": 10,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    },
    "legend": {"disable": True},
}


def _points(history: Sequence[GoalMonth]) -> list[Spec]:
    rows: list[Spec] = []
    for row in history:
        result = result_of(row)
        shown = None if row.attainment_rate is None else float(row.attainment_rate)
        rows.append(
            {
                "month": row.period.isoformat(),
                "rate": shown,
                "goal": float(row.goal_rate),
                "result": result.value,
                "label": words.rate(row.attainment_rate, row.goal_rate) if result is Result.MISSED else "",
            }
        )
    return rows


def _month_axis(history: Sequence[GoalMonth]) -> Spec:
    labels = ", ".join(f"'{row.period.isoformat()}': '{words.short_month(row.period)}'" for row in history)
    return {
        "field": "month",
        "type": "ordinal",
        "sort": [row.period.isoformat() for row in history],
        "axis": {"title": None, "labelAngle": 0, "grid": False, "labelExpr": f"({{{labels}}})[datum.value]"},
        "scale": {"paddingOuter": 0.2},
    }


def _result_scale(name: str) -> Spec:
    order = [result.value for result in Result]
    ranges: dict[str, list[str]] = {"color": [COLOURS[result] for result in Result], "shape": SHAPE_RANGE}
    return {"field": "result", "type": "nominal", "scale": {"domain": order, "range": ranges[name]}}


def _floor(history: Sequence[GoalMonth]) -> float:
    shown = [row.attainment_rate for row in history if row.attainment_rate is not None]
    lowest = min([*shown, *(row.goal_rate for row in history)])
    # The axis is cut below the lowest figure, and its ticks say so; a dot plot does not need its zero.
    return max(0.0, float((lowest - Decimal("0.05")).quantize(Decimal("0.1"), rounding="ROUND_FLOOR")))


def attainment_spec(history: Sequence[GoalMonth]) -> Spec:
    """Attainment of one goal against its goal rate, month by month: a dot per month, its shape says the result."""
    x = _month_axis(history)
    y_scale = {"domain": [_floor(history), 1], "nice": False}
    y = {"field": "rate", "type": "quantitative", "scale": y_scale}
    y_axis = {**Y_AXIS, "format": "~%", "tickCount": 4}
    values = _points(history)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 620,
        "height": 150,
        "padding": 4,
        "config": CONFIG,
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "line", "strokeDash": [5, 4], "color": INK, "strokeWidth": 1.2, "interpolate": "step"},
                "encoding": {"x": x, "y": {**y, "field": "goal", "axis": y_axis}},
            },
            {
                "mark": {"type": "line", "color": "#b6c2cd", "strokeWidth": 1.6},
                "encoding": {"x": x, "y": y},
            },
            {
                "mark": {
                    "type": "point",
                    "filled": True,
                    "opacity": 1,
                    "size": 90,
                    "stroke": "#fff",
                    "strokeWidth": 0.8,
                },
                "transform": [{"filter": "isValid(datum.rate)"}],
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": _result_scale("color"),
                    "shape": _result_scale("shape"),
                },
            },
            {
                "mark": {
                    "type": "text",
                    "dy": 14,
                    "fontSize": 10,
                    "fontWeight": "bold",
                    "color": COLOURS[Result.MISSED],
                },
                "encoding": {"x": x, "y": y, "text": {"field": "label"}},
            },
        ],
    }


def durations_spec(history: Sequence[GoalMonth], unit_seconds: int) -> Spec:
    """Median (solid) and 90th percentile (dashed) of one goal, month by month, in units of `unit_seconds` (M16)."""
    values = [
        {"month": row.period.isoformat(), "series": series, "value": float(value) / unit_seconds}
        for row in history
        for series, value in (("median", row.p50_seconds), ("p90", row.p90_seconds))
        if value is not None
    ]
    x = _month_axis(history)
    y = {"field": "value", "type": "quantitative", "axis": {**Y_AXIS, "tickCount": 3}, "scale": {"domainMin": 0}}
    domain = ["median", "p90"]
    colour = {"field": "series", "type": "nominal", "scale": {"domain": domain, "range": ["#0b6a9b", INK]}}
    dash = {
        "field": "series",
        "type": "nominal",
        "scale": {"domain": domain, "range": [[1, 0], [5, 3]]},
        "legend": None,
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 620,
        "height": 90,
        "padding": 4,
        "config": CONFIG,
        "data": {"values": values},
        "mark": {"type": "line", "strokeWidth": 1.8, "point": {"size": 18, "filled": True}},
        "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash},
    }


def sparkline_spec(history: Sequence[GoalMonth]) -> Spec:
    """The same dots without axes, for one line of a table."""
    x: Spec = {**_month_axis(history), "axis": None}
    y = {
        "field": "rate",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [_floor(history), 1.02], "nice": False},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 150,
        "height": 30,
        "padding": 2,
        "config": CONFIG,
        "data": {"values": _points(history)},
        "layer": [
            {
                "mark": {"type": "line", "strokeDash": [3, 3], "color": MUTED, "strokeWidth": 1, "interpolate": "step"},
                "encoding": {"x": x, "y": {**y, "field": "goal"}},
            },
            {"mark": {"type": "line", "color": "#b6c2cd", "strokeWidth": 1.2}, "encoding": {"x": x, "y": y}},
            {
                "mark": {"type": "point", "filled": True, "opacity": 1, "size": 26},
                "transform": [{"filter": "isValid(datum.rate)"}],
                "encoding": {"x": x, "y": y, "color": _result_scale("color"), "shape": _result_scale("shape")},
            },
        ],
    }


def attainment_text(name: str, history: Sequence[GoalMonth]) -> tuple[str, str]:
    """Title and description of an attainment chart, for people who do not see it: every month in words."""
    parts = [
        f"{words.month(row.period)}: {words.rate(row.attainment_rate, row.goal_rate)}, "
        f"{RESULT_WORDS[result_of(row)].lower()}"
        for row in history
    ]
    goal = words.rate(history[-1].goal_rate)
    return f"{name}: attainment against the goal of {goal}", "; ".join(parts) + "."


def durations_text(name: str, history: Sequence[GoalMonth]) -> tuple[str, str]:
    """Title and description of a chart of durations."""
    parts = [
        f"{words.month(row.period)}: median {words.duration(row.p50_seconds)}, p90 {words.duration(row.p90_seconds)}"
        for row in history
        if row.p50_seconds is not None
    ]
    return f"{name}: median and 90th percentile", "; ".join(parts) + "."


WEEK_HEIGHT = 12
# One hue from light to dark: reads in grey, too. An hour without a message stays blank.
SHADES = ["#e8f1f7", "#9ec8e0", "#3f8fbf", "#0b4f75"]
POOR_SHADES = ["#7c2704", "#d9762b", "#f5d3ae", "#f2f4f6"]


def week_spec(hours: Sequence[tuple[int, float]], *, is_share: bool) -> Spec:
    """Hours of the week as cells: Monday on top, midnight at the left.

    Args:
        hours: hour of the week (0 = Monday, 00:00 to 01:00) and its figure; hours that are not there stay blank.
        is_share: figures are shares 0 to 1 and low ones are dark; else counts, and high ones are dark.
    """
    values = [{"day": words.WEEKDAYS[hour // 24], "hour": hour % 24, "figure": figure} for hour, figure in hours]
    most = max((figure for _, figure in hours), default=1) or 1
    scale = {"domain": [0, 1], "range": POOR_SHADES} if is_share else {"domain": [0, most], "range": SHADES}
    hour_axis = {
        "title": None,
        "labelAngle": 0,
        "values": [0, 6, 12, 18],
        "labelExpr": "(datum.value < 10 ? '0' : '') + datum.value + ':00'",
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 24 * WEEK_HEIGHT,
        "height": 7 * WEEK_HEIGHT,
        "padding": 4,
        "config": CONFIG,
        "data": {"values": values},
        "mark": {"type": "rect", "stroke": "#ffffff", "strokeWidth": 1},
        "encoding": {
            "x": {"field": "hour", "type": "ordinal", "scale": {"domain": list(range(24))}, "axis": hour_axis},
            "y": {
                "field": "day",
                "type": "ordinal",
                "scale": {"domain": list(words.WEEKDAYS)},
                "axis": {"title": None},
            },
            "color": {"field": "figure", "type": "quantitative", "scale": {**scale, "interpolate": "rgb"}},
        },
    }


def hour_words(hour_of_week: int) -> str:
    """`Mon 09:00`."""
    day, hour = divmod(hour_of_week, 24)
    return f"{words.WEEKDAYS[day]} {hour:02}:00"


def arrivals_text(hours: Sequence[tuple[int, float]]) -> tuple[str, str]:
    """Title and description of the week's arrivals: the three busiest hours, and how many have none."""
    busiest = sorted(hours, key=lambda item: (-item[1], item[0]))[:3]
    told = "; ".join(f"{hour_words(hour)}: {int(count)}" for hour, count in busiest)
    return "Messages by hour of the week", f"Busiest: {told}. Hours without a message: {168 - len(hours)}."


def answers_text(hours: Sequence[tuple[int, float]]) -> tuple[str, str]:
    """Title and description of the week's answers: the three worst hours."""
    worst = sorted(hours, key=lambda item: (item[1], item[0]))[:3]
    told = "; ".join(f"{hour_words(hour)}: {words.rate(share)}" for hour, share in worst)
    return "Answered in the stated time, by hour of the week", f"Fewest: {told}."


def draw(spec: Spec, *, key: str, title: str, description: str, css_class: str) -> Markup:
    """A spec as inline SVG: ids prefixed with `key` (unique on the page), title and description for screen readers.

    Args:
        spec: Vega-Lite; its data are inline.
        key: letters, digits and hyphens, different for every chart of a page.
        title: a few words.
        description: what the picture shows, in words.
        css_class: the class of the svg element, which scales with its box.
    """
    svg = vlc.vegalite_to_svg(spec, allowed_base_urls=[])
    start = re.match(r'<svg[^>]*?width="([\d.]+)" height="([\d.]+)" viewBox="([^"]+)">', svg)
    if start is None:
        raise ValueError("vl-convert wrote an SVG whose first tag is not understood; pin the version that worked.")
    width, height, box = start.groups()
    body = svg[start.end() :]
    # One label for the picture is enough: the parts' own roles would have a screen reader walk through every tick.
    body = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", body)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{key}-\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{key}-\1)", body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{key}-\1"', body)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{html.escape(css_class)}" width="{width}" height="{height}"'
        f' viewBox="{box}" role="img" aria-labelledby="{key}-title {key}-desc" focusable="false">'
        f'<title id="{key}-title">{html.escape(words.clean(title))}</title>'
        f'<desc id="{key}-desc">{html.escape(words.clean(description))}</desc>'
    )
    return Markup(head + body)  # noqa: S704 - built from escaped text and vl-convert's own escaped output
