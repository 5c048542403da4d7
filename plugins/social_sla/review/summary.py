"""What a run did, on one screen: what was landed, what was published, how the last reviewed month came out."""

from __future__ import annotations

import io
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from social_sla.landing import Landing
from social_sla.review import store, words
from social_sla.review.freeze import signed_periods
from social_sla.review.results import RESULT_WORDS, Result, result_of, streak_of
from social_sla.review.store import open_marts
from social_sla.settings import Settings

STYLES = {Result.MET: "green", Result.NEAR: "yellow", Result.MISSED: "bold red", Result.INDETERMINATE: "dim"}


@dataclass(frozen=True)
class LandedRows:
    """What the landing holds of one stream, over all its accounts."""

    source: str
    stream: str
    account_count: int
    partition_count: int
    row_count: int
    through: datetime


@dataclass(frozen=True)
class GoalLine:
    """One goal in the last reviewed month. `attainment` and `goal` are percentages in words."""

    agreement: str
    goal_name: str
    result: Result
    result_words: str
    attainment: str
    goal: str
    met_count: int
    decided_count: int
    streak: str


@dataclass(frozen=True)
class RunSummary:
    """Everything the terminal shows after a run."""

    landed: tuple[LandedRows, ...]
    release_id: str
    as_of: datetime
    gate_status: str
    check_count: int
    failed_check_count: int
    period: date | None
    is_period_signed: bool
    goals: tuple[GoalLine, ...]
    flags: tuple[str, ...]
    paths: tuple[tuple[str, Path], ...]


def run_summary(settings: Settings) -> RunSummary:
    """Reads the landing's manifests and the published release.

    The month is the newest signed one, else the newest in which a goal could be judged.

    Raises:
        ReviewError: nothing is published.
    """
    signed = signed_periods(settings)
    with open_marts(settings.marts_path) as con:
        release = store.release(con)
        rows = store.goal_months(con)
        checks = store.quality_results(con, release.release_id)
        versions = store.agreements(con)
        judged = [row.period for row in rows if row.is_goal_met is not None]
        candidates = signed or judged
        period = max(candidates) if candidates else None
        raised = store.flags(con, period) if period else []
    names = {row.agreement_id: versions[row.agreement_key].name for row in rows}
    goals = []
    for row in rows:
        if row.period != period:
            continue
        result = result_of(row)
        reason = f" ({row.indeterminate_reason})" if row.indeterminate_reason else ""
        past = [
            other
            for other in rows
            if (other.agreement_id, other.goal_id) == (row.agreement_id, row.goal_id) and other.period <= row.period
        ]
        goals.append(
            GoalLine(
                agreement=names[row.agreement_id],
                goal_name=row.name,
                result=result,
                result_words=RESULT_WORDS[result] + reason,
                attainment=words.rate(row.attainment_rate, row.goal_rate),
                goal=words.rate(row.goal_rate),
                met_count=row.met_count,
                decided_count=row.decided_count,
                streak=streak_of(past).words,
            )
        )
    flags = tuple(
        f"{flag.evidence.get('rule', 'T1')} {names.get(flag.agreement_id, flag.agreement_id)}"
        f"{f', {flag.goal_id}' if flag.goal_id else ''}: "
        f"{flag.reason.replace('_', ' ')}, {words.month(flag.last_period)}"
        for flag in raised
        if flag.is_open
    )
    return RunSummary(
        landed=_landed(settings.landing_url),
        release_id=release.release_id,
        as_of=release.as_of,
        gate_status=release.gate_status,
        check_count=len(checks),
        failed_check_count=sum(not check.success for check in checks),
        period=period,
        is_period_signed=period in signed,
        goals=tuple(goals),
        flags=flags,
        paths=_paths(settings, period),
    )


def summary_text(summary: RunSummary, *, is_terminal: bool | None = None, width: int | None = None) -> str:
    """The summary as text: with colour and lines on a terminal, plain aligned columns elsewhere.

    Args:
        is_terminal: None asks stdout.
        width: columns; None takes the terminal's, or 200 elsewhere.
    """
    is_terminal = sys.stdout.isatty() if is_terminal is None else is_terminal
    out = io.StringIO()
    columns = width or (Console().width if is_terminal else 200)
    console = Console(file=out, force_terminal=is_terminal, width=columns, highlight=False, emoji=False)
    landed = _table("Landed", ["Source", "Stream", "Accounts", "Partitions", "Rows", "Through"], is_terminal, 2)
    for item in summary.landed:
        figures = [words.count(number) for number in (item.account_count, item.partition_count, item.row_count)]
        landed.add_row(*_plain(item.source, item.stream, *figures, words.utc(item.through)))
    console.print(landed)
    held = summary.check_count - summary.failed_check_count
    gate = f"gate {summary.gate_status.replace('_', ' ')} ({held} of {words.plural(summary.check_count, 'check')} held)"
    console.print(Text(f"\nRelease {summary.release_id}, data up to {words.utc(summary.as_of)}, {gate}"))
    if summary.period is None:
        console.print(Text("No month could be judged yet."))
    else:
        title = f"{words.month(summary.period)}{' (signed)' if summary.is_period_signed else ''}"
        goals = _table(
            title,
            ["Agreement", "Goal", "Attainment", "Wanted", "Met of decided", "Result", "Streak"],
            is_terminal,
            2,
            3,
        )
        for line in summary.goals:
            share = f"{words.count(line.met_count)} of {words.count(line.decided_count)}"
            before = _plain(line.agreement, line.goal_name, line.attainment, line.goal, share)
            result = Text(words.clean(line.result_words), style=STYLES[line.result] if is_terminal else "")
            goals.add_row(*before, result, Text(line.streak))
        console.print()
        console.print(goals)
        heading = words.plural(len(summary.flags), "flag waits", "flags wait") if summary.flags else "No flag waits"
        console.print(Text(f"\n{heading} for a decision"))
        for flag in summary.flags:
            console.print(Text(f"  {words.clean(flag)}"))
    console.print()
    for name, path in summary.paths:
        console.print(Text(f"{name}: {path}"), soft_wrap=True)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _table(title: str, columns: list[str], is_terminal: bool, *right: int) -> Table:
    lines = box.SIMPLE_HEAD if is_terminal else None
    table = Table(
        title=title, title_justify="left", title_style="bold", box=lines, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for number, name in enumerate(columns):
        is_figure = number in right or name in ("Accounts", "Partitions", "Rows", "Met of decided")
        table.add_column(name, justify="right" if is_figure else "left", no_wrap=True)
    return table


def _plain(*values: str) -> list[Text]:
    """Text objects, so that nothing in a name is taken for markup."""
    return [Text(words.clean(value)) for value in values]


def _landed(landing_url: str) -> tuple[LandedRows, ...]:
    grouped = defaultdict(list)
    for manifest in Landing(landing_url).manifests():
        grouped[manifest.source, manifest.stream].append(manifest)
    return tuple(
        LandedRows(
            source=source,
            stream=stream,
            account_count=len({item.account for item in items}),
            partition_count=len(items),
            row_count=sum(item.row_count for item in items),
            through=max(item.partition_end for item in items),
        )
        for (source, stream), items in sorted(grouped.items())
    )


def _paths(settings: Settings, period: date | None) -> tuple[tuple[str, Path], ...]:
    found = [("Marts", settings.marts_path)]
    if period:
        found.append(("Review pack", settings.review_dir / f"{period:%Y-%m}" / "index.html"))
    found += [("All packs", settings.review_dir / "index.html"), ("Data docs", settings.data_docs_dir / "index.html")]
    return tuple((name, path) for name, path in found if path.exists())
