"""Findings that people looked into and accept: `expectations/accepted.yaml`.

A channel that was closed for good stays a collapsed month for ever, so a person must be able to say so, once, with
name and reason. Only rules that judge plausibility can be accepted (`ACCEPTABLE`): an invariant that does not hold
is a fault, and no signature makes it right.

    - rule: fct_message.month_collapsed
      where: {scope: x_spain, period: 2026-02-01}
      accepted_by: A. Owner
      reason: The channel was closed for the carnival week and the account was frozen.
"""

# ruff: noqa: S608 - what is put into SQL here are names out of the declarations and the catalogue, never input.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from social_sla.quality.declarations import Expectation, Suite
from social_sla.quality.report import GateError

ACCEPTABLE = frozenset(
    {
        "fct_message.month_collapsed",
        "fct_message.last_days_collapsed",
        "fct_message.month_collapsed_since_release",
        "landing_manifest.no_holes",
    }
)


class Accepted(BaseModel):
    """One accepted finding: the rule, the row's values that name it, and who says why."""

    model_config = ConfigDict(extra="forbid")

    rule: str
    where: dict[str, str | int | date] = Field(min_length=1)
    accepted_by: str = Field(min_length=1)
    reason: str = Field(min_length=1)


def load_accepted(file: Path) -> list[Accepted]:
    """The accepted findings; none where there is no file.

    Raises:
        GateError: the file cannot be read, or accepts a rule that nobody can accept a breach of.
    """
    if not file.exists():
        return []
    try:
        accepted = TypeAdapter(list[Accepted]).validate_python(yaml.safe_load(file.read_text("utf-8")) or [])
    except (yaml.YAMLError, ValidationError) as error:
        raise GateError(f"{file} is not a readable list of accepted findings: {error}") from error
    refused = sorted({one.rule for one in accepted} - ACCEPTABLE)
    if refused:
        raise GateError(
            f"{file} accepts {', '.join(refused)}: only these can be accepted: {', '.join(sorted(ACCEPTABLE))}."
        )
    return accepted


def without_accepted(suites: Sequence[Suite], accepted: Sequence[Accepted]) -> list[Suite]:
    """The suites with the accepted findings left out of their rules' rows."""
    return [
        replace(suite, expectations=tuple(_without(expectation, accepted) for expectation in suite.expectations))
        for suite in suites
    ]


def _without(expectation: Expectation, accepted: Sequence[Accepted]) -> Expectation:
    rows = [
        " and ".join(f"cast({column} as varchar) = '{_literal(value)}'" for column, value in one.where.items())
        for one in accepted
        if one.rule == expectation.name
    ]
    if not rows:
        return expectation
    known = " or ".join(f"coalesce({row}, false)" for row in rows)
    return replace(expectation, sql=f"select * from ({expectation.sql}) as found where not ({known})")


def _literal(value: str | int | date) -> str:
    return str(value).replace("'", "''")
