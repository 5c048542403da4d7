"""The pack's queries over clocks: close calls, exclusions, and which clocks are worth a look."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import duckdb

from social_sla.review.results import JUST_OVER_SHARE, NEAR_TARGET_SHARE
from social_sla.review.store import fetch, has_table

WORST = """
select * from fct_sla_clock
where agreement_id = $agreement_id and decided_period = $period and outcome = 'missed'
qualify row_number() over (partition by goal_id order by elapsed_seconds / target_seconds desc, clock_id) <= $per_goal
order by elapsed_seconds / target_seconds desc, clock_id limit $limit
"""
NEAR = """
select * from fct_sla_clock
where agreement_id = $agreement_id and decided_period = $period and outcome = 'met'
    and elapsed_seconds >= $near * target_seconds
order by elapsed_seconds / target_seconds desc, clock_id limit $limit
"""


def close_calls(con: duckdb.DuckDBPyConnection, period: date) -> dict[tuple[str, str], tuple[int, int]]:
    """Per goal: clocks met with at most 10 % of the target left, and clocks missed by at most 10 %."""
    rows = fetch(
        con,
        """
        select agreement_id, goal_id,
            count(*) filter (where outcome = 'met' and elapsed_seconds >= ? * target_seconds) as near,
            count(*) filter (where outcome = 'missed' and elapsed_seconds <= ? * target_seconds) as over
        from fct_sla_clock where decided_period = ? group by all order by all
        """,
        NEAR_TARGET_SHARE,
        JUST_OVER_SHARE,
        period,
    )
    return {(row["agreement_id"], row["goal_id"]): (row["near"], row["over"]) for row in rows}


def excluded(con: duckdb.DuckDBPyConnection, period: date) -> dict[str, list[tuple[str, int]]]:
    rows = fetch(
        con,
        """
        select agreement_id, coalesce(excluded_reason, 'other') as reason, count(*) as clocks
        from fct_sla_clock where outcome = 'excluded' and started_period = ?
        group by all order by agreement_id, clocks desc, reason
        """,
        period,
    )
    out: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in rows:
        out[row["agreement_id"]].append((row["reason"], row["clocks"]))
    return out


def sources(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = fetch(con, "select distinct agreement_id, source from fct_sla_clock order by agreement_id, source")
    out: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        out[row["agreement_id"]].append(row["source"])
    return out


def team_names(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Names of the teams, by team_id."""
    if not has_table(con, "dim_team"):
        return {}
    return {row["team_id"]: row["name"] for row in fetch(con, "select team_id, name from dim_team order by team_id")}
