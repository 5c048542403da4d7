"""Runs a draft agreement over the built warehouse's past in a scratch database; the warehouse is read, and briefly."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from social_sla.agreements.config import Config, EffectiveAgreement
from social_sla.agreements.local_time import local_date
from social_sla.agreements.tables import config_tables, write_config
from social_sla.settings import Settings, SettingsError, pseudonym_key
from social_sla.simulation.compiled import Plan, Relation, SimulationError, compile_plan
from social_sla.simulation.targets import Suggestion, suggestions
from social_sla.warehouse.connection import WarehouseBusyError
from social_sla.warehouse.pseudonym import register

SIGNED = "review__signed_figures"
"""What people signed belongs to the agreements that they signed, not to a draft."""


@dataclass(frozen=True)
class SimulatedMonth:
    """A goal's month under the draft, as agreement_goal_monthly has it."""

    goal_id: str
    period: date
    decided_count: int
    met_count: int
    missed_count: int
    attainment_rate: float | None
    goal_rate: Decimal
    is_goal_met: bool | None
    indeterminate_reason: str | None


@dataclass(frozen=True)
class SimulatedFlag:
    """A flag that the draft would have raised (T1)."""

    goal_id: str | None
    reason: str
    first_period: date
    last_period: date
    missed_period_count: int
    state: str


@dataclass(frozen=True)
class Simulation:
    """What came of a draft over the past. `as_of` is the warehouse's, `first_period` the first month with data."""

    agreement: EffectiveAgreement
    as_of: datetime
    months: tuple[SimulatedMonth, ...]
    flags: tuple[SimulatedFlag, ...]
    suggestions: tuple[Suggestion, ...]


def simulate(settings: Settings, config: Config, agreement: EffectiveAgreement) -> Simulation:
    """Run one version of an agreement over everything that the warehouse has, as if it had always been in force.

    Its channels, hours, goals and review terms count; its dates and approvals do not.

    Args:
        config: the configuration that the version is in.

    Raises:
        SimulationError: there is no built warehouse, or it is of another version of the project.
        WarehouseBusyError: a build is running.
    """
    if not agreement.channels:
        raise SimulationError(f"{agreement.agreement_key} covers no channel: nothing can be measured. Name channels.")
    with tempfile.TemporaryDirectory(prefix="social-sla-simulation-") as name:
        folder = Path(name)
        with _reading(settings) as connection:
            as_of, first_at, sources, channels = _facts(connection)
        unknown = sorted(set(agreement.channels) - channels)
        if unknown:
            raise SimulationError(
                f"The warehouse knows no channel {', '.join(unknown)}: load the configuration first "
                "(`social_sla load`, `social_sla build`)."
            )
        (folder / "compile").mkdir()
        plan = compile_plan(settings, folder, sources=sources)
        scratch = folder / settings.warehouse_path.name
        _take(settings, plan, scratch)
        always = _always_in_force(agreement, first_at)
        tables = config_tables(replace(config, agreements=(always,)), as_of=as_of, first_at=first_at)
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            _attach(connection, scratch, settings.warehouse_path.stem)
            connection.execute("attach ':memory:' as working")
            write_config(tables, connection)
            for relation in plan.computed:
                connection.execute(f'create schema if not exists "{relation.database}"."{relation.schema}"')
                connection.execute(f"create or replace table {relation.full_name} as {relation.sql}")
            return _read(connection, agreement, as_of)


def _always_in_force(agreement: EffectiveAgreement, first_at: datetime) -> EffectiveAgreement:
    first = local_date(agreement.timezone, first_at).replace(day=1)
    goals = tuple(replace(goal, from_date=first, to_date=None) for goal in agreement.goals)
    stated = agreement.stated.model_copy(update={"valid_from": first, "valid_to": None})
    return replace(agreement, stated=stated, goals=goals)


@contextmanager
def _reading(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, read-only, under its own name."""
    path = settings.warehouse_path
    if not path.exists():
        raise SimulationError(f"There is no warehouse {path}: run `make run`, or name one in SOCIAL_SLA_WAREHOUSE.")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        try:
            connection.execute(f"attach '{_quoted(path)}' as \"{path.stem}\" (read_only)")
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            raise WarehouseBusyError(f"{path} is being written ({error}). Try again when the build is done.") from error
        connection.execute(f'use "{path.stem}"')
        yield connection


def _facts(connection: duckdb.DuckDBPyConnection) -> tuple[datetime, datetime, str, set[str]]:
    """as_of, the first instant with data, the sources in use, the channels."""
    try:
        row = connection.execute(
            "select load.as_of, (select min(published_at) from marts.fct_message) from config.load as load"
        ).fetchone()
        channels = connection.execute("select channel_id, source from config.channels").fetchall()
    except duckdb.CatalogException:
        row, channels = None, []
    if row is None:
        raise SimulationError("The warehouse was never built: run `social_sla load` and `social_sla build` first.")
    if row[1] is None:
        raise SimulationError("The warehouse has no message: there is no past to run the draft over.")
    as_of, first_at = (moment.replace(tzinfo=UTC) for moment in row)
    sources = ",".join(sorted({source for _, source in channels})) or "none"
    return as_of, first_at, sources, {channel_id for channel_id, _ in channels}


def _take(settings: Settings, plan: Plan, scratch: Path) -> None:
    """Copy what the engine reads and a draft does not change: the only time at which the warehouse is open."""
    name = settings.warehouse_path.stem
    with _reading(settings) as connection:
        with _pseudonyms(settings) as key:
            if key is not None:
                register(connection, key)
        _attach(connection, scratch, "scratch", is_current=False)
        for relation in plan.taken:
            connection.execute(f'create schema if not exists scratch."{relation.schema}"')
            copy = f'scratch."{relation.schema}"."{relation.name}"'
            limit = " limit 0" if relation.name == SIGNED else ""
            try:
                # Names out of the project's own manifest.
                connection.execute(f"create table {copy} as select * from {relation.full_name}{limit}")  # noqa: S608
            except duckdb.CatalogException as error:
                if "does not exist" not in str(error):
                    raise
                raise SimulationError(_other_version(relation)) from error
        connection.execute(f'use "{name}"')


def _other_version(relation: Relation) -> str:
    return (
        f"The warehouse has no {relation.schema}.{relation.name}: it was built by another version of the project, or "
        "not to its end. Run `social_sla build` first."
    )


@contextmanager
def _pseudonyms(settings: Settings) -> Iterator[bytes | None]:
    """The key, where there is one: views of the warehouse may ask for a pseudonym."""
    from social_sla.local.secrets import use_local_pseudonym_key

    use_local_pseudonym_key(settings.home / "secrets")
    try:
        yield pseudonym_key()
    except SettingsError:
        yield None


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str, *, is_current: bool = True) -> None:
    connection.execute(f"attach '{_quoted(path)}' as \"{name}\" (storage_version 'latest')")
    if is_current:
        connection.execute(f'use "{name}"')


def _quoted(path: Path) -> str:
    return os.fspath(path).replace("'", "''")


def _read(connection: duckdb.DuckDBPyConnection, agreement: EffectiveAgreement, as_of: datetime) -> Simulation:
    months = connection.execute(
        "select goal_id, period, decided_count, met_count, missed_count, attainment_rate, goal_rate, is_goal_met, "
        "indeterminate_reason from marts.agreement_goal_monthly order by goal_id, period"
    ).fetchall()
    # Who has to approve a draft has not done so yet: those flags say nothing.
    flags = connection.execute(
        "select goal_id, reason, first_period, last_period, missed_period_count, state "
        "from marts.fct_termination_review_flag where json_extract_string(evidence, '$.rule') <> 'T1e' "
        "order by last_period, goal_id"
    ).fetchall()
    return Simulation(
        agreement=agreement,
        as_of=as_of,
        months=tuple(SimulatedMonth(*row) for row in months),
        flags=tuple(SimulatedFlag(*row) for row in flags),
        suggestions=tuple(suggestions(connection, agreement)),
    )


def as_json(simulation: Simulation) -> str:
    """The figures for a program."""

    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return float(value)
        return value.isoformat() if isinstance(value, date | datetime) else value

    def rows(items: tuple[Any, ...]) -> list[dict[str, Any]]:
        return [{name: plain(getattr(item, name)) for name in item.__dataclass_fields__} for item in items]

    document = {
        "agreement_key": simulation.agreement.agreement_key,
        "as_of": simulation.as_of.isoformat(),
        "months": rows(simulation.months),
        "flags": rows(simulation.flags),
        "suggestions": rows(simulation.suggestions),
    }
    return json.dumps(document, indent=1)
