"""Freezing a month: its figures, as published, are signed into the landing and never signed again (D11)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from social_sla.landing import Landing, LandingRecord, Manifest, PartitionKey
from social_sla.landing.model import contiguous_end
from social_sla.review import store, words
from social_sla.review.store import GoalMonth, ServiceCredit, fetch, open_marts
from social_sla.settings import Settings

SOURCE = ACCOUNT = "review"
STREAM = "signed_figures"
# Nothing of a vendor: these partitions say nothing about how far the data reach.
OWN_SOURCES = frozenset({SOURCE, "decisions", "config"})
# What of a credit is signed with its figure: every step up to the amount (the dbt macro signed_credit_columns).
SIGNED_CREDIT = (
    "credited_decided_count",
    "credited_elsewhere_count",
    "band",
    "credit_rate",
    "fee_amount",
    "base_credit_amount",
    "multiplier",
    "multiplied_credit_amount",
    "goal_cap_amount",
    "goal_credit_amount",
    "period_cap_amount",
    "credit_amount",
    "cap_applied",
    "why",
    "currency",
)


@dataclass(frozen=True)
class Lack:
    """A source whose data do not reach past the period's end in an agreement's zone. `stream` is null for a release."""

    agreement_id: str
    source: str
    account: str
    stream: str | None
    needed_through: datetime
    landed_through: datetime | None

    @property
    def words(self) -> str:
        name = f"{self.source}/{self.account}" + (f"/{self.stream}" if self.stream else "")
        reach = f"reaches to {words.utc(self.landed_through)}" if self.landed_through else "has nothing landed"
        return f"{self.agreement_id}: {name} {reach}, the month ends {words.utc(self.needed_through)}"


@dataclass(frozen=True)
class Readiness:
    """Whether a month can be signed: nothing in `lacking`."""

    period: date
    release_id: str
    as_of: datetime
    lacking: tuple[Lack, ...]

    @property
    def is_ready(self) -> bool:
        return not self.lacking


@dataclass(frozen=True)
class SignedPeriod:
    period: date
    row_count: int
    partition_key: str


@dataclass(frozen=True)
class SkippedPeriod:
    period: date
    reason: str


@dataclass(frozen=True)
class FreezeReport:
    """What a freeze did. `signed` is empty when there was nothing to do; `skipped` says why, month by month."""

    release_id: str
    as_of: datetime
    signed: tuple[SignedPeriod, ...]
    skipped: tuple[SkippedPeriod, ...]

    def lines(self) -> list[str]:
        done = [f"{words.month(item.period)}: signed, {words.plural(item.row_count, 'figure')}" for item in self.signed]
        return done + [f"{words.month(item.period)}: not signed, {item.reason}" for item in self.skipped]


def ready_through(settings: Settings, period: date) -> Readiness:
    """Which sources lack data past the end of `period`, by each agreement's own zone and its own channels.

    A stream reaches as far as its committed partitions go without a hole from the period's start on (or from its first
    partition, if that is later). A release older than the period's end is a lack of its own.

    Args:
        settings: where the landing and the published release are.
        period: any day of the month.

    Raises:
        ReviewError: nothing is published.
    """
    period = period.replace(day=1)
    manifests = [item for item in Landing(settings.landing_url).manifests() if item.source not in OWN_SOURCES]
    with open_marts(settings.marts_path) as con:
        release = store.release(con)
        versions = store.agreements(con)
        rows = [row for row in store.goal_months(con, period) if row.period == period]
        accounts = _accounts(con)
    lacking: list[Lack] = []
    month_end = words.period_bounds(period, "UTC")[1]
    if not rows and release.as_of < month_end:
        lacking.append(Lack("all agreements", "release", release.release_id, None, month_end, release.as_of))
    for agreement_id, key in sorted({(row.agreement_id, row.agreement_key) for row in rows}):
        start, end = words.period_bounds(period, versions[key].timezone)
        if release.as_of < end:
            lacking.append(Lack(agreement_id, "release", release.release_id, None, end, release.as_of))
        for source, account in accounts.get(agreement_id, accounts[""]):
            lacking += [
                Lack(agreement_id, source, account, stream, end, reached)
                for stream, reached in _reach(manifests, source, account, start).items()
                if reached is None or reached < end
            ]
    return Readiness(period, release.release_id, release.as_of, tuple(lacking))


def freeze(settings: Settings, periods: Iterable[date], *, run_id: str) -> FreezeReport:
    """Signs the figures of whole months as the published release has them, each month once.

    A month that was signed before is left alone, whatever the release says now: what changed since is a restatement
    (D11). A month that is not over in every agreement's zone at the release's as_of is left alone too. Whether all
    sources have their data is for `ready_through` to say, before this is called.

    Args:
        settings: where the landing and the published release are.
        periods: any day of each month.
        run_id: the run that signs; it goes into the landing's manifest.

    Raises:
        ReviewError: nothing is published.
        LandingError: the landing could not be written; months signed before in this call stay signed.
    """
    wanted = sorted({period.replace(day=1) for period in periods})
    landing = Landing(settings.landing_url)
    with open_marts(settings.marts_path) as con:
        release = store.release(con)
        versions = store.agreements(con)
        rows = store.goal_months(con)
        credits = {
            (credit.agreement_id, credit.goal_id, period): credit
            for period in wanted
            for credit in store.service_credits(con, period)
            if credit.period == period
        }
    signed: list[SignedPeriod] = []
    skipped: list[SkippedPeriod] = []
    for period in wanted:
        key = signed_partition(period)
        figures = [row for row in rows if row.period == period]
        ends = [words.period_bounds(period, versions[row.agreement_key].timezone)[1] for row in figures]
        before = landing.manifest(key)
        if before is not None:
            skipped.append(SkippedPeriod(period, f"it was signed before (run {before.run_id})"))
        elif not figures:
            skipped.append(SkippedPeriod(period, f"release {release.release_id} has no figures for it"))
        elif max(ends) > release.as_of:
            skipped.append(SkippedPeriod(period, f"it is not over at {words.utc(release.as_of)}"))
        else:
            records = [
                signed_record(
                    row, release.release_id, release.as_of, credits.get((row.agreement_id, row.goal_id, row.period))
                )
                for row in figures
            ]
            manifest = landing.replace_partition(key, records, run_id=run_id, extracted_at=datetime.now(UTC))
            signed.append(SignedPeriod(period, manifest.row_count, manifest.partition_key))
    return FreezeReport(release.release_id, release.as_of, tuple(signed), tuple(skipped))


def signed_periods(settings: Settings) -> list[date]:
    """The months that are signed, oldest first, as the landing has them."""
    manifests = Landing(settings.landing_url).stream_manifests(SOURCE, ACCOUNT, STREAM)
    return sorted(item.partition_start.date() for item in manifests)


def signed_partition(period: date) -> PartitionKey:
    """The partition of a month's signed figures: the month in UTC."""
    start, end = words.period_bounds(period, "UTC")
    return PartitionKey(SOURCE, ACCOUNT, STREAM, start, end)


def signed_record(
    row: GoalMonth, release_id: str, as_of: datetime, credit: ServiceCredit | None = None
) -> LandingRecord:
    """One signed figure, with its credit where there is one. Decimals are text: they come back as they went in."""
    payload: dict[str, Any] = {
        "agreement_id": row.agreement_id,
        "goal_id": row.goal_id,
        "period": row.period.isoformat(),
        "agreement_version": row.agreement_version,
        "decided_count": row.decided_count,
        "met_count": row.met_count,
        "missed_count": row.missed_count,
        "excluded_count": row.excluded_count,
        "running_count": row.running_count,
        "attainment_rate": words.decimal_text(row.attainment_rate),
        "goal_rate": words.decimal_text(row.goal_rate),
        "is_goal_met": row.is_goal_met,
        "indeterminate_reason": row.indeterminate_reason,
        "is_low_sample": row.is_low_sample,
        "p50_seconds": words.decimal_text(row.p50_seconds),
        "p90_seconds": words.decimal_text(row.p90_seconds),
        "conversation_decided_count": row.conversation_decided_count,
        "conversation_met_count": row.conversation_met_count,
        "conversation_missed_count": row.conversation_missed_count,
        "stopped_count": row.stopped_count,
        "started_count": row.started_count,
        "release_id": release_id,
        "as_of": as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if credit is not None:
        payload["credit"] = {name: _text(getattr(credit, name)) for name in SIGNED_CREDIT}
    record_id = f"{row.agreement_id}|{row.goal_id}|{row.period.isoformat()}"
    return LandingRecord(record_id, as_of, json.dumps(payload, ensure_ascii=False, sort_keys=True))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else words.decimal_text(value)


def _accounts(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    """The (source, account) pairs of each agreement's channels; under "" those of all channels.

    An agreement without a single clock has no channel in the marts: all of them must be ready, to be safe.
    """
    rows = fetch(
        con,
        """
        select distinct clocks.agreement_id, channels.source, channels.account
        from fct_sla_clock as clocks inner join dim_channel as channels using (channel_id)
        union select '', source, account from dim_channel
        order by all
        """,
    )
    out: dict[str, list[tuple[str, str]]] = {"": []}
    for row in rows:
        out.setdefault(row["agreement_id"], []).append((row["source"], row["account"]))
    return out


def _reach(
    manifests: Sequence[Manifest], source: str, account: str, start: datetime
) -> dict[str | None, datetime | None]:
    """How far each stream of an account reaches without a hole, from `start` on; `{None: None}` when it has none."""
    streams: dict[str | None, list[tuple[datetime, datetime]]] = {}
    for item in manifests:
        if (item.source, item.account) == (source, account):
            streams.setdefault(item.stream, []).append((item.partition_start, item.partition_end))
    reach: dict[str | None, datetime | None] = {}
    for stream, intervals in sorted(streams.items(), key=str):
        # Holes before the month belong to months that were judged already.
        later = [(max(begin, start), end) for begin, end in intervals if end > start]
        reach[stream] = contiguous_end(later) if later else max(end for _, end in intervals)
    return reach or {None: None}
