"""What a month's pack says, put together from the published release; the templates only lay it out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb
from markupsafe import Markup

from social_sla.review import charts, pack_credits, pack_reads, pack_statements, pack_volume, store, words
from social_sla.review.clock_words import EXCLUDED_BECAUSE, measure
from social_sla.review.explain import clock_heading, explain_clocks
from social_sla.review.results import (
    NEAR_TARGET_SHARE,
    Result,
    Streak,
    indeterminate_words,
    result_of,
    room_of,
    streak_of,
)
from social_sla.review.store import Agreement, GoalMonth, Party, QualityResult, Release, Restatement, Row, fetch
from social_sla.review.targets import targets_words

MONTHS_SHOWN = 13
WORST_PER_GOAL = 3
WORST_PER_AGREEMENT = 5
NEAR_PER_AGREEMENT = 5
NOT_AT_THE_SOURCE = {
    "x": "posts that were deleted before they were fetched, and views, which X does not record",
    "zendesk": "tickets deleted for good before they were fetched, and views, which Zendesk does not record",
}


@dataclass(frozen=True)
class Clock:
    """A clock that is worth looking at: how it is called, its figures, and its explanation line by line."""

    clock_id: str
    agreement_id: str
    heading: str
    goal_name: str
    started: str
    elapsed: str
    target: str
    distance: str
    silence: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class FlagView:
    """A flag with its evidence in words."""

    flag_id: str
    rule: str
    headline: str
    state: str
    is_open: bool
    is_of_this_month: bool
    last_period: date
    periods: tuple[Row, ...]
    notes: tuple[str, ...]
    decision: str | None


@dataclass(frozen=True)
class DecisionView:
    """A decision of people, with what it asked to be done."""

    agreement_name: str
    headline: str
    decision: str
    decided: str
    reason: str
    actions: tuple[Row, ...]


@dataclass(frozen=True)
class GoalView:
    """One goal in the month under review, with its last 13 months."""

    row: GoalMonth
    key: str
    result: Result
    reason: str | None
    streak: Streak
    history: tuple[GoalMonth, ...]
    results: tuple[Result, ...]
    room: Decimal | None
    measure: str
    teams: str
    targets: str
    basis: str
    allowed_misses: Decimal
    near_count: int
    just_over_count: int
    sparkline: Markup | None
    attainment_chart: Markup | None
    durations_chart: Markup | None
    durations_unit: str


@dataclass(frozen=True)
class AgreementView:
    """One agreement in the month under review."""

    key: str
    agreement: Agreement
    goals: tuple[GoalView, ...]
    flags: tuple[FlagView, ...]
    parties: tuple[Party, ...]
    worst: tuple[Clock, ...]
    near: tuple[Clock, ...]
    restatements: tuple[Restatement, ...]
    credits: pack_credits.CreditsView
    not_in_data: str
    signed_release_id: str | None


@dataclass(frozen=True)
class Pack:
    """One month, ready to be laid out."""

    period: date
    release: Release
    agreements: tuple[AgreementView, ...]
    failed_checks: tuple[QualityResult, ...]
    check_count: int
    decisions: tuple[DecisionView, ...]
    statements: tuple[pack_statements.ChannelStatement, ...]
    volumes: tuple[pack_volume.ChannelVolume, ...]
    quiet_channels: tuple[str, ...]

    @property
    def silent_channels(self) -> tuple[str, ...]:
        """Channels that tell the public nothing."""
        return pack_statements.silent(self.statements)

    def count_of(self, *results: Result) -> int:
        return sum(goal.result in results for agreement in self.agreements for goal in agreement.goals)

    @property
    def raised_flag_count(self) -> int:
        """Flags that this month's close raised, whatever became of them."""
        return sum(flag.is_of_this_month for agreement in self.agreements for flag in agreement.flags)

    @property
    def open_flags(self) -> list[tuple[AgreementView, FlagView]]:
        """Flags that wait for a decision, of this month or of an earlier one."""
        return [(agreement, flag) for agreement in self.agreements for flag in agreement.flags if flag.is_open]

    @property
    def is_over(self) -> bool:
        """Whether the month is over in every agreement's zone at the release's as_of."""
        return all(
            words.period_bounds(self.period, view.agreement.timezone)[1] <= self.release.as_of
            for view in self.agreements
        )


def build_pack(con: duckdb.DuckDBPyConnection, period: date) -> Pack:
    """Reads everything that the pack of `period` (a month's first day) shows.

    Raises:
        store.ReviewError: the release knows no goal in that month.
    """
    release = store.release(con)
    history: dict[tuple[str, str], list[GoalMonth]] = defaultdict(list)
    for row in store.goal_months(con, period):
        history[row.agreement_id, row.goal_id].append(row)
    current = {key: rows for key, rows in history.items() if rows[-1].period == period}
    if not current:
        raise store.ReviewError(
            f"Release {release.release_id} has no goal in {words.month(period)}: "
            "take a month that agreement_goal_monthly holds."
        )
    reader = _Reader(con, period)
    by_agreement: dict[str, list[list[GoalMonth]]] = defaultdict(list)
    for (agreement_id, _), rows in sorted(current.items()):
        by_agreement[agreement_id].append(rows)
    checks = store.quality_results(con, release.release_id)
    volumes, quiet_channels = pack_volume.channel_volumes(con, period)
    return Pack(
        period=period,
        release=release,
        agreements=tuple(reader.agreement(agreement_id, goals) for agreement_id, goals in by_agreement.items()),
        failed_checks=tuple(check for check in checks if not check.success),
        check_count=len(checks),
        decisions=reader.decisions(),
        statements=pack_statements.channel_statements(con, period),
        volumes=volumes,
        quiet_channels=quiet_channels,
    )


class _Reader:
    """Reads the month once for all agreements; hands out the views."""

    def __init__(self, con: duckdb.DuckDBPyConnection, period: date) -> None:
        self.con = con
        self.period = period
        self.versions = store.agreements(con)
        self.flags = store.flags(con, period)
        self.parties = store.parties(con)
        self.restatements = store.restatements(con, period)
        self.credits = store.service_credits(con, period)
        self.goals = {row["goal_key"]: row for row in fetch(con, "select * from dim_goal order by goal_key")}
        self.team_names = pack_reads.team_names(con)
        self.close_calls = pack_reads.close_calls(con, period)
        self.excluded = pack_reads.excluded(con, period)
        self.sources = pack_reads.sources(con)

    def agreement(self, agreement_id: str, goals: Sequence[Sequence[GoalMonth]]) -> AgreementView:
        last = goals[0][-1]
        version = self.versions[last.agreement_key]
        names = {rows[-1].goal_id: rows[-1].name for rows in goals}
        views = tuple(self.goal(rows) for rows in goals)
        signed = sorted({rows[-1].signed_release_id for rows in goals if rows[-1].signed_release_id} - {None})
        return AgreementView(
            key=_slug(agreement_id),
            agreement=version,
            goals=views,
            flags=tuple(
                flag_view(flag, names, self.period) for flag in self.flags if flag.agreement_id == agreement_id
            ),
            parties=tuple(party for party in self.parties if party.agreement_key == last.agreement_key),
            worst=tuple(self._clocks(pack_reads.WORST, agreement_id, names, version.timezone, WORST_PER_AGREEMENT)),
            near=tuple(self._clocks(pack_reads.NEAR, agreement_id, names, version.timezone, NEAR_PER_AGREEMENT)),
            restatements=tuple(row for row in self.restatements if row.agreement_id == agreement_id),
            credits=pack_credits.credits_view(
                [row for row in self.credits if row.agreement_id == agreement_id], names, self.period
            ),
            not_in_data=self._not_in_data(agreement_id, views),
            signed_release_id=", ".join(str(release) for release in signed) or None,
        )

    def decisions(self) -> tuple[DecisionView, ...]:
        """What was decided on flags of this month and the twelve before it, newest first."""
        first = words.period_back(self.period, MONTHS_SHOWN - 1)
        flags = {flag.flag_id: flag for flag in store.all_flags(self.con)}
        names = {version.agreement_id: version.name for version in self.versions.values()}
        goals = store.goal_names(self.con)
        found = []
        for item in store.decisions(self.con):
            flag = flags.get(item.flag_id)
            if flag is not None and not first <= flag.last_period <= self.period:
                continue
            headline = "a flag that later data no longer raise"
            if flag is not None:
                view = flag_view(flag, goals[flag.agreement_id], self.period)
                headline = f"{view.headline}, {words.month(flag.last_period)}"
            found.append(
                DecisionView(
                    agreement_name=names.get(item.agreement_id, item.agreement_id),
                    headline=headline,
                    decision=item.decision,
                    decided=f"{item.decided_by}, {words.utc(item.decided_at)}",
                    reason=item.reason,
                    actions=item.actions,
                )
            )
        return tuple(found)

    def goal(self, rows: Sequence[GoalMonth]) -> GoalView:
        row = rows[-1]
        first = words.period_back(self.period, MONTHS_SHOWN - 1)
        history = tuple(past for past in rows if past.period >= first)
        key = f"{_slug(row.agreement_id)}-{_slug(row.goal_id)}"
        result = result_of(row)
        near, over = self.close_calls.get((row.agreement_id, row.goal_id), (0, 0))
        durations_chart, durations_unit = _durations_chart(row, history, key)
        is_drawn = any(past.attainment_rate is not None for past in history)
        title, description = charts.attainment_text(row.name, history)
        return GoalView(
            row=row,
            key=key,
            result=result,
            reason=indeterminate_words(row.indeterminate_reason) if result is Result.INDETERMINATE else None,
            streak=streak_of(rows),
            history=history,
            results=tuple(result_of(past) for past in history),
            room=room_of(row),
            measure=measure(row.metric).name,
            teams=self._teams(self.goals.get(row.goal_key, {})),
            targets=targets_words(self.goals.get(row.goal_key, {}), row.basis),
            basis=row.basis,
            allowed_misses=(1 - row.goal_rate) * row.decided_count,
            near_count=near,
            just_over_count=over,
            sparkline=charts.draw(
                charts.sparkline_spec(history), key=f"s-{key}", title=title, description=description, css_class="spark"
            )
            if is_drawn
            else None,
            attainment_chart=charts.draw(
                charts.attainment_spec(history), key=f"a-{key}", title=title, description=description, css_class="chart"
            )
            if is_drawn
            else None,
            durations_chart=durations_chart,
            durations_unit=durations_unit,
        )

    def _clocks(self, sql: str, agreement_id: str, names: dict[str, str], zone: str, limit: int) -> list[Clock]:
        shares = {"near": float(NEAR_TARGET_SHARE), "per_goal": WORST_PER_GOAL, "limit": limit}
        parameters = {"period": self.period, "agreement_id": agreement_id, **shares}
        used = {name: value for name, value in parameters.items() if f"${name}" in sql}
        rows = fetch(self.con, sql, **used)
        lines = explain_clocks(self.con, [row["clock_id"] for row in rows])
        return [self._clock(row, names, zone, lines[row["clock_id"]]) for row in rows]

    def _clock(self, row: Row, names: dict[str, str], zone: str, lines: Sequence[str]) -> Clock:
        basis, over = row["basis"], row["elapsed_seconds"] - row["target_seconds"]
        distance = words.duration(abs(over), basis)
        return Clock(
            clock_id=row["clock_id"],
            agreement_id=row["agreement_id"],
            heading=clock_heading(row),
            goal_name=names.get(str(row["goal_id"]), str(row["goal_id"])),
            started=words.local(row["started_at"], zone),
            elapsed=words.duration(row["elapsed_seconds"], basis),
            target=words.duration(row["target_seconds"], basis),
            distance=f"{distance} over" if over > 0 else f"{distance} to spare" if over else "to the second",
            silence=_silence(row),
            lines=tuple(lines),
        )

    def _teams(self, goal: Row) -> str:
        """The teams whose time alone an ownership goal measures, by name where the release knows it."""
        ids = [team_id for team_id in (goal.get("teams") or "").split(", ") if team_id]
        return ", ".join(self.team_names.get(team_id) or team_id for team_id in ids)

    def _not_in_data(self, agreement_id: str, goals: Sequence[GoalView]) -> str:
        parts = []
        reasons = self.excluded.get(agreement_id, [])
        if reasons:
            listed = ", ".join(
                f"{words.count(number)} {EXCLUDED_BECAUSE.get(reason, reason.replace('_', ' ')).split(' (')[0]}"
                for reason, number in reasons
            )
            parts.append(f"{words.plural(sum(number for _, number in reasons), 'excluded clock')} ({listed})")
        running = sum(goal.row.running_count for goal in goals)
        if running:
            parts.append(f"{words.plural(running, 'clock')} still running or paused at the end of the data")
        parts += [
            NOT_AT_THE_SOURCE[source] for source in self.sources.get(agreement_id, []) if source in NOT_AT_THE_SOURCE
        ]
        return "; ".join(parts) if parts else "nothing that is known"


def _silence(row: Row) -> str:
    """What is said of a clock that nothing stopped; nothing of one that stopped."""
    return "" if row["stopped_at"] is not None else measure(row["metric"]).unstopped


def _durations_chart(row: GoalMonth, history: Sequence[GoalMonth], key: str) -> tuple[Markup | None, str]:
    """The chart and the unit of its axis."""
    longest = max((past.p90_seconds for past in history if past.p90_seconds is not None), default=None)
    if longest is None:
        return None, ""
    unit, seconds = ("minutes", 60) if longest < 5400 else ("hours", 3600)
    if row.basis == "calendar" and longest >= 4 * words.DAY_SECONDS:
        # Business time has no days of a fixed length (D13).
        unit, seconds = "days", words.DAY_SECONDS
    title, description = charts.durations_text(row.name, history)
    drawn = charts.draw(
        charts.durations_spec(history, seconds),
        key=f"d-{key}",
        title=title,
        description=description,
        css_class="chart",
    )
    return drawn, unit


def flag_view(flag: store.Flag, names: dict[str, str], period: date) -> FlagView:
    """A flag in words, with the names of goals by their ids, seen from the review of `period`."""
    goal_name = names.get(flag.goal_id, flag.goal_id) if flag.goal_id else None
    evidence = flag.evidence
    streak = words.plural(flag.missed_period_count or 0, "month")
    notes: list[str] = []
    if flag.reason in ("same_goal_missed_consecutively", "any_goal_missed_consecutively"):
        headline = f"{goal_name or 'A goal'} was missed {streak} in a row"
    elif flag.reason == "missed_in_some_of_last_months":
        of_periods = words.plural(int(evidence.get("of_periods") or 0), "judged month")
        headline = f"{goal_name or 'A goal'} was missed in {flag.missed_period_count} of its last {of_periods}"
    elif flag.reason == "below_severity_floor":
        headline = f"{goal_name or 'A goal'} was under the floor of {words.rate(evidence.get('severity_floor'))}"
        headline += "" if flag.missed_period_count == 1 else f" for {streak} in a row"
    elif flag.reason == "missing_approval":
        missing = [str(party.get("name") or party.get("party_id")) for party in evidence.get("missing") or []]
        headline = f"Version {evidence.get('version')} is in force without a valid approval by {_listed(missing)}"
        if flag.missed_period_count:
            notes = [f"So at the close of {words.plural(flag.missed_period_count, 'month')}, the last one included."]
    elif flag.reason == "credits_over_share_of_fees":
        share, months = words.rate(evidence.get("fee_share")), words.plural(flag.missed_period_count or 0, "month")
        headline = f"Credits reached {share} of the fee in {months} of the last {evidence.get('of_periods')}"
        notes = [pack_credits.evidence_note(month) for month in evidence.get("credits") or []]
    else:
        headline = f"{flag.reason.replace('_', ' ').capitalize()}{f': {goal_name}' if goal_name else ''}"
        shown = [(name, value) for name, value in sorted(evidence.items()) if name not in ("rule", "periods")]
        notes = [f"{name.replace('_', ' ')}: {value}" for name, value in shown]
    return FlagView(
        flag_id=flag.flag_id,
        rule=str(evidence.get("rule") or "T1"),
        headline=headline,
        state=flag.state.replace("_", " "),
        is_open=flag.is_open,
        is_of_this_month=flag.last_period == period,
        last_period=flag.last_period,
        periods=tuple(_evidence_period(row, {} if goal_name else names) for row in evidence.get("periods") or []),
        notes=tuple(notes),
        decision=f"{flag.decision}, {words.utc(flag.decided_at)}" if flag.decision else None,
    )


def _evidence_period(row: Row, names: dict[str, str]) -> Row:
    return {
        "goal_name": names.get(str(row.get("goal_id"))),
        "period": date.fromisoformat(str(row.get("period"))[:10]),
        "attainment": words.rate(row.get("attainment_rate"), row.get("goal_rate")),
        "goal": words.rate(row.get("goal_rate")),
        "met_count": row.get("met_count"),
        "decided_count": row.get("decided_count"),
    }


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names) or "a party"


def _slug(text: str) -> str:
    """Letters, digits and hyphens: fit for an id and a fragment."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"
