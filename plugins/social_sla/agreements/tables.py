"""The tables of schema `config` (docs/architecture.md): what the clocks read of the configuration."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import duckdb
import pyarrow as pa
from pydantic import BaseModel

from social_sla.agreements.calendar_range import expand_used
from social_sla.agreements.calendars import Calendar
from social_sla.agreements.config import Config, EffectiveAgreement, EffectiveGoal
from social_sla.agreements.credit_tables import credit_rows
from social_sla.agreements.in_force import date_span, in_force
from social_sla.agreements.inheritance import Term
from social_sla.agreements.local_time import add_months, day_start, local_date
from social_sla.agreements.statement_tables import statement_rows
from social_sla.agreements.table_schemas import TABLE_SCHEMAS

Row = dict[str, Any]

SCHEMA_NAME = "config"
_MONTHS_AHEAD = 2


def config_tables(config: Config, *, as_of: datetime, first_at: datetime | None = None) -> dict[str, pa.Table]:
    """Every table of schema `config`, in a fixed order with fixed rows.

    Args:
        config: the checked configuration.
        as_of: the instant of the run, aware; calendars and periods reach past it.
        first_at: the instant from which there are data, aware; periods do not begin before its month.

    Raises:
        ConfigError: a schedule lacks hours for a date that is needed (D13).
        ValueError: an instant has no time zone.
    """
    now = _aware(as_of, "as_of")
    begins = None if first_at is None else _aware(first_at, "first_at")
    calendars = expand_used(config, now)
    rows: dict[str, list[Row]] = {
        **_channel_rows(config),
        **_agreement_rows(config),
        **_goal_rows(config),
        **statement_rows(config, now),
        **credit_rows(config),
        "periods": list(_periods(config, now, begins)),
        **_calendar_rows(config, calendars),
        "load": [
            {
                "as_of": now,
                "config_sha256": config.sha256,
                "calendar_from_date": min((item.from_date for item in calendars.values()), default=None),
                "calendar_to_date": max((item.to_date for item in calendars.values()), default=None),
            }
        ],
    }
    return {name: _table(rows[name], schema) for name, schema in TABLE_SCHEMAS.items()}


def write_config(tables: dict[str, pa.Table], connection: duckdb.DuckDBPyConnection) -> None:
    """Replaces schema `config` by these tables in one transaction; a table of it that is not among them goes.

    Args:
        tables: what `config_tables` gives.
        connection: an open connection to the warehouse that is not inside a transaction.
    """
    connection.execute("begin transaction")
    try:
        connection.execute(f"create schema if not exists {SCHEMA_NAME}")
        old = connection.execute(
            "select table_name from information_schema.tables where table_catalog = current_database() "
            "and table_schema = ? and table_type = 'BASE TABLE'",
            [SCHEMA_NAME],
        ).fetchall()
        for (name,) in old:
            if name not in tables:
                connection.execute(f'drop table {SCHEMA_NAME}."{name}"')
        for name, table in tables.items():
            connection.register("config_rows", table)
            connection.execute(f'create or replace table {SCHEMA_NAME}."{name}" as from config_rows')
            connection.unregister("config_rows")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _aware(instant: datetime, name: str) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{name} {instant} has no time zone; pass an aware instant, like datetime(…, tzinfo=UTC)")
    return instant.astimezone(UTC).replace(microsecond=0)


def _table(rows: list[Row], schema: pa.Schema) -> pa.Table:
    columns = [pa.array([_plain(row[field.name]) for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _plain(value: Any) -> Any:
    """Instants as naive UTC, enumerations as their words."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _json(value: Any) -> str:
    """Compact JSON with sorted keys, the same for the same value."""
    return json.dumps(_jsonable(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _jsonable(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _jsonable(item) for name, item in value if item is not None}
    if isinstance(value, dict):
        return {str(name): _jsonable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _channel_rows(config: Config) -> dict[str, list[Row]]:
    authors: set[tuple[str, str, str, str]] = set()
    prefixes: set[tuple[str, str, str, str]] = set()
    channels = []
    for channel in config.channels:
        channels.append(
            {
                **{name: getattr(channel, name) for name in ("channel_id", "source", "account", "kind")},
                "name": channel.title,
                "strategic_objective": channel.strategic_objective,
                "timezone": channel.timezone,
                "language": channel.languages[0],
                "languages": channel.languages,
                "connection_id": channel.connection_id,
                "match": _json({key: sorted(values) for key, values in channel.match.items()}),
            }
        )
        for rule in channel.automation:
            place = (channel.source.value, channel.account)
            if rule.author is not None:
                authors.add((*place, rule.author, rule.reason.value))
            elif rule.text_prefix is not None:
                prefixes.add((*place, rule.text_prefix, rule.reason.value))
    return {
        "channels": channels,
        "automation_authors": _named(("source", "account", "author_ref", "reason"), authors),
        "automation_text_prefixes": _named(("source", "account", "text_prefix", "reason"), prefixes),
    }


def _named(names: tuple[str, ...], values: Iterable[tuple[str, ...]]) -> list[Row]:
    return [dict(zip(names, value, strict=True)) for value in sorted(values)]


def _agreement_rows(config: Config) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {
        name: []
        for name in (
            "agreements",
            "agreement_in_force",
            "agreement_parties",
            "agreement_approvals",
            "agreement_channels",
            "agreement_terms",
            "waivers",
        )
    }
    for agreement_id in sorted({item.agreement_id for item in config.agreements}):
        versions = [item for item in config.agreements if item.agreement_id == agreement_id]
        spans = in_force((item.version, item.agreement_key, item.span) for item in versions)
        version_of = {item.agreement_key: item.version for item in versions}
        rows["agreement_in_force"] += [
            {
                "agreement_key": key,
                "agreement_id": agreement_id,
                "version": version_of[key],
                "from_at": span.from_at,
                "to_at": span.to_at,
            }
            for key, span in spans
        ]
        for item in versions:
            own = [span for key, span in spans if key == item.agreement_key]
            first, last = (own[0].from_at, own[-1].to_at) if own else (None, None)
            rows["agreements"].append(_agreement_row(item) | {"in_force_from_at": first, "in_force_to_at": last})
            _add_parts(rows, item)
    return rows


def _agreement_row(item: EffectiveAgreement) -> Row:
    stated, credit_flag = item.stated, item.credit_flag
    return {
        **{name: getattr(stated, name) for name in ("title", "kind", "level", "overview", "change_reason")},
        **{
            name: getattr(item, name)
            for name in (
                "agreement_key", "agreement_id", "version", "provider", "customer", "timezone", "schedule_id",
                "raises_flags", "flag_scope", "minimum_sample", "measures_people", "file_name", "file_sha256",
            )
        },
        "flag_consecutive_periods": item.consecutive_periods,
        "flag_missed_periods": item.missed_of.periods if item.missed_of else None,
        "flag_missed_of_periods": item.missed_of.of_periods if item.missed_of else None,
        "flag_severity_floor": item.severity_floor,
        "flag_credit_fee_rate": credit_flag.fee_share if credit_flag else None,
        "flag_credit_periods": credit_flag.periods if credit_flag else None,
        "flag_credit_of_periods": credit_flag.of_periods if credit_flag else None,
        "parent_agreement_id": stated.parent,
        "parent_agreement_key": item.parent_key,
        "valid_from_date": stated.valid_from,
        "valid_to_date": stated.valid_to,
        "valid_from_at": item.span.from_at,
        "valid_to_at": item.span.to_at,
    }  # fmt: skip


def _add_parts(rows: dict[str, list[Row]], item: EffectiveAgreement) -> None:
    key = {"agreement_key": item.agreement_key}
    for party in sorted(item.parties, key=lambda party: party.party_id):
        rows["agreement_parties"].append({**key, **dict(party)})
    for approval in sorted(item.approvals, key=lambda approval: (approval.party, approval.date)):
        rows["agreement_approvals"].append(
            {
                **key,
                "party_id": approval.party,
                "approved_by": approval.by,
                "approved_date": approval.date,
                "revoked_date": approval.revoked,
                "expires_date": approval.expires,
            }
        )
    rows["agreement_channels"] += [{**key, "channel_id": channel_id} for channel_id in item.channels]
    rows["agreement_terms"] += _term_rows(item.agreement_key, None, item.terms)
    for goal in item.goals:
        rows["agreement_terms"] += _term_rows(item.agreement_key, goal.goal_id, goal.terms)
    for waiver in sorted(item.waivers, key=lambda waiver: (waiver.period, waiver.goal or "")):
        rows["waivers"].append(
            {
                "agreement_id": item.agreement_id,
                "goal_id": waiver.goal,
                "period": waiver.period,
                "waived_by": waiver.by,
                "reason": waiver.reason,
            }
        )


def _term_rows(agreement_key: str, goal_id: str | None, terms: dict[str, Term]) -> list[Row]:
    return [
        {
            "agreement_key": agreement_key,
            "goal_id": goal_id,
            "term": name,
            "value": _json(terms[name].value),
            "stated_by": terms[name].stated_by,
        }
        for name in sorted(terms)
    ]


def _goal_rows(config: Config) -> dict[str, list[Row]]:
    goals, targets = [], []
    for item in config.agreements:
        for goal in item.goals:
            goals.append(_goal_row(item, goal))
            targets += [
                {
                    "goal_key": goal.goal_key,
                    "priority": priority,
                    "target_value": target.value,
                    "target_unit": target.unit,
                    "target_seconds": target.seconds,
                }
                for priority, target in sorted(goal.targets.items())
            ]
    return {"goals": goals, "goal_targets": targets}


def _goal_row(item: EffectiveAgreement, goal: EffectiveGoal) -> Row:
    span = date_span(item.timezone, goal.from_date, goal.to_date)
    return {
        **{
            name: getattr(goal, name)
            for name in (
                "goal_key", "goal_id", "title", "metric", "subject", "basis", "schedule_id", "responder", "goal_rate",
                "from_date", "to_date", "inherited_from",
            )
        },
        **{name: getattr(item, name) for name in ("agreement_key", "agreement_id", "version")},
        "from_at": span.from_at,
        "to_at": span.to_at,
        "pause_statuses": tuple(sorted(status.value for status in goal.pause_statuses)),
        "priorities": None if goal.priorities is None else tuple(sorted(goal.priorities)),
        "teams": None if goal.teams is None else tuple(sorted(goal.teams)),
    }  # fmt: skip


def _periods(config: Config, as_of: datetime, first_at: datetime | None) -> Iterable[Row]:
    """The months of every zone that a version uses, from the first version's to two after as_of's."""
    for zone in sorted({item.timezone for item in config.agreements}):
        month = min(item.stated.valid_from for item in config.agreements if item.timezone == zone).replace(day=1)
        if first_at is not None:
            month = max(month, local_date(zone, first_at).replace(day=1))
        last = add_months(local_date(zone, as_of).replace(day=1), _MONTHS_AHEAD)
        while month <= last:
            following = add_months(month, 1)
            yield {
                "timezone": zone,
                "period": month,
                "starts_at": day_start(zone, month),
                "ends_at": day_start(zone, following),
            }
            month = following


def _calendar_rows(config: Config, calendars: dict[str, Calendar]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {"schedules": [], "schedule_intervals": [], "schedule_days": []}
    for schedule in config.schedules:
        key = {"schedule_id": schedule.schedule_id}
        calendar = calendars.get(schedule.schedule_id)
        rows["schedules"].append(
            {
                **key,
                "timezone": schedule.timezone,
                "title": schedule.title,
                "calendar_from_date": calendar.from_date if calendar else None,
                "calendar_to_date": calendar.to_date if calendar else None,
            }
        )
        if calendar is None:
            continue
        rows["schedule_intervals"] += [
            {**key, **{name: getattr(item, name) for name in item.__slots__}} for item in calendar.intervals
        ]
        rows["schedule_days"] += [
            {**key, **{name: getattr(item, name) for name in item.__slots__}} for item in calendar.days
        ]
    return rows
