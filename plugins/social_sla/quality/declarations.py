"""The expectations as data: `expectations/declared/*.yaml`, one file a suite, beside what the mart means.

A suite looks at one table. Standard rules are lists of columns; everything else is a named rule in SQL whose rows are
the unexpected ones:

    suite: fct_sla_clock
    table: marts.fct_sla_clock
    meaning: A run of a goal. ...
    key: [clock_id]                       # one row each, never null; also what names a row in messages
    not_null: [agreement_id, ...]
    accepted_values: {outcome: [met, ...]}
    references: {channel_id: marts.dim_channel.channel_id}
    non_negative: [elapsed_seconds]
    not_empty: true
    rules:
      - id: met_within_target
        says: A clock is met exactly when ... (D2).
        severity: critical                # the default; `warning` publishes and says so
        columns: [outcome]                # optional: the columns that the rule is about
        sql: select clock_id, ... from {batch} where ...

`{batch}` is the suite's table. `standard_severity` lowers a standard rule:
`standard_severity: {references: warning}`.
"""

# ruff: noqa: S608 - what is put into SQL here are names out of the declarations and the catalogue, never input.

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from social_sla.quality.report import CRITICAL, WARNING, GateError


@dataclass(frozen=True)
class Expectation:
    """One rule ready to be run: its rows are what should not be there."""

    suite: str
    rule: str
    table: str
    says: str
    severity: str
    sql: str
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The rule id that messages and fct_quality_result use."""
        return f"{self.suite}.{self.rule}"

    @property
    def readable_sql(self) -> str:
        """The SQL as a person can run it on the warehouse."""
        return self.sql.replace("{batch}", self.table).strip()

    @property
    def gx_sql(self) -> str:
        """The SQL as GX takes it.

        GX puts a subquery in the place of `{batch}`, with an alias of its own unless the query has a JOIN, so a rule
        that names its table itself is not portable between the two; the table's name is. The comment keeps GX from
        warning that the query does not look at the batch; a literal brace is doubled for its `str.format`.
        """
        return "/* {batch} */ " + self.readable_sql.replace("{", "{{").replace("}", "}}")


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    says: str
    sql: str
    severity: str = Field(default=CRITICAL, pattern=f"^({CRITICAL}|{WARNING})$")
    columns: list[str] = []


class _Suite(BaseModel):
    model_config = ConfigDict(extra="forbid")

    suite: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    table: str = Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")
    meaning: str
    optional: bool = False
    key: list[str] = []
    not_null: list[str] = []
    accepted_values: dict[str, list[str]] = {}
    references: dict[str, str] = {}
    non_negative: list[str] = []
    not_empty: bool = False
    standard_severity: dict[str, str] = {}
    rules: list[_Rule] = []


@dataclass(frozen=True)
class Suite:
    """A table's expectations. An `optional` one is left out where the warehouse has no such table."""

    name: str
    table: str
    meaning: str
    optional: bool
    expectations: tuple[Expectation, ...]


def load_suites(directory: Path) -> list[Suite]:
    """Every declared suite, by name.

    Args:
        directory: the folder of the `*.yaml` declarations.

    Raises:
        GateError: a declaration is missing, unreadable, or names something twice.
    """
    files = sorted(directory.glob("*.yaml"))
    if not files:
        raise GateError(f"No expectations are declared in {directory}: the gate would let everything pass.")
    suites: dict[str, Suite] = {}
    for file in files:
        try:
            declared = _Suite.model_validate(yaml.safe_load(file.read_text("utf-8")))
        except (yaml.YAMLError, ValidationError) as error:
            raise GateError(f"{file} is not a readable suite: {error}") from error
        if declared.suite != file.stem:
            raise GateError(f"{file} declares the suite {declared.suite!r}: name the file after its suite.")
        suites[declared.suite] = _suite(declared)
    return [suites[name] for name in sorted(suites)]


def _suite(declared: _Suite) -> Suite:
    expectations = [*_standard(declared), *_named(declared)]
    names = [expectation.rule for expectation in expectations]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise GateError(f"Suite {declared.suite} has a rule twice: {', '.join(sorted(twice))}.")
    return Suite(
        name=declared.suite,
        table=declared.table,
        meaning=" ".join(declared.meaning.split()),
        optional=declared.optional,
        expectations=tuple(expectations),
    )


def _named(declared: _Suite) -> Iterable[Expectation]:
    for rule in declared.rules:
        yield Expectation(
            suite=declared.suite,
            rule=rule.id,
            table=declared.table,
            says=" ".join(rule.says.split()),
            severity=rule.severity,
            sql=rule.sql.strip(),
            columns=tuple(rule.columns),
        )


def _standard(declared: _Suite) -> Iterable[Expectation]:
    """The standard rules of a suite, one expectation for each kind, however many columns it has."""
    label = ", ".join(declared.key) or "*"
    builders: Mapping[str, tuple[Any, Any]] = {
        "key": (declared.key, _key_sql),
        "not_null": (declared.not_null, _not_null_sql),
        "accepted_values": (declared.accepted_values, _accepted_sql),
        "references": (declared.references, _references_sql),
        "non_negative": (declared.non_negative, _non_negative_sql),
        "not_empty": (declared.not_empty, _not_empty_sql),
    }
    unknown = set(declared.standard_severity) - set(builders)
    if unknown:
        raise GateError(f"Suite {declared.suite}: standard_severity names no standard rule: {', '.join(unknown)}.")
    for kind, (subject, build) in builders.items():
        if not subject:
            continue
        says, sql = build(subject, label)
        yield Expectation(
            suite=declared.suite,
            rule=kind,
            table=declared.table,
            says=says,
            severity=declared.standard_severity.get(kind, CRITICAL),
            sql=sql,
            columns=() if subject is True else tuple(subject),
        )


def _key_sql(columns: list[str], _label: str) -> tuple[str, str]:
    names = ", ".join(columns)
    nulls = " or ".join(f"{column} is null" for column in columns)
    return (
        f"{names} must be there and be one row's only (duplicate key).",
        f"select {names}, count(*) as row_count from {{batch}} group by {names} having count(*) > 1 or {nulls} "
        f"order by row_count desc, {names}",
    )


def _not_null_sql(columns: list[str], label: str) -> tuple[str, str]:
    found = ", ".join(f"case when {column} is null then '{column}' end" for column in columns)
    where = " or ".join(f"{column} is null" for column in columns)
    return (
        "These columns must not be null: " + ", ".join(columns) + ".",
        f"select {label}, concat_ws(', ', {found}) as null_columns from {{batch}} where {where}",
    )


def _accepted_sql(accepted: dict[str, list[str]], label: str) -> tuple[str, str]:
    tests = {
        column: f"{column} not in ({', '.join(repr(value) for value in values)})" for column, values in accepted.items()
    }
    found = ", ".join(f"case when {test} then '{column} ' || {column} end" for column, test in tests.items())
    known = "; ".join(f"{column} in ({', '.join(values)})" for column, values in accepted.items())
    where = " or ".join(tests.values())
    return (
        f"Only known values: {known}.",
        f"select {label}, concat_ws(', ', {found}) as unknown_values from {{batch}} where {where}",
    )


def _references_sql(references: dict[str, str], label: str) -> tuple[str, str]:
    parts = []
    known = "; ".join(f"{column} in {target}" for column, target in references.items())
    for column, target in references.items():
        table, _, target_column = target.rpartition(".")
        parts.append(
            f"select {label}, '{column}' as column_name, cast({column} as varchar) as missing_value, "
            f"'{table}' as missing_in from {{batch}} where {column} is not null "
            f"and {column} not in (select {target_column} from {table} where {target_column} is not null)"
        )
    return (
        f"Every reference must exist: {known}.",
        " union all ".join(parts),
    )


def _non_negative_sql(columns: list[str], label: str) -> tuple[str, str]:
    found = ", ".join(f"case when {column} < 0 then '{column} ' || {column} end" for column in columns)
    where = " or ".join(f"{column} < 0" for column in columns)
    return (
        "Never negative: " + ", ".join(columns) + ".",
        f"select {label}, concat_ws(', ', {found}) as negative_values from {{batch}} where {where}",
    )


def _not_empty_sql(_subject: bool, _label: str) -> tuple[str, str]:
    return "The table must hold rows.", "select 0 as row_count where not exists (select 1 from {batch})"
