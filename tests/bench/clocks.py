"""Speed and memory of the clock engine: `make bench`, or `python -m tests.bench.clocks --tickets 30000 100000 1000000`.

Runs the compiled models from Zendesk's staging tables to `fct_sla_clock` and the monthly marts, in a DuckDB file, over
generated tickets with 4 comments and 13 field changes each (6 of status, a priority that changes on every fifth,
group, assignee, other fields).
One agreement with five goals: first and next response, full resolution, requester wait and agent work, two of them with
targets by priority, one that pauses.

Prints, and writes to .run/bench/clocks.md, a table: seconds, tickets a second, peak memory, the cost a ticket against
the smallest size, and the ratio to a plain scan and sort of the same staging rows in the same run. Then a day on top:
the tickets of one day (1/365) that come new or go on, built incrementally, against the full build. Each size runs in a
process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from social_sla.agreements import config_tables, load_config
from social_sla.warehouse.pseudonym import register

from tests.support.engine import DATABASE, Engine

PROJECT_DIR = Path(__file__).resolve().parents[2]
AS_OF = datetime(2026, 11, 3, tzinfo=UTC)
FIRST_AT = datetime(2025, 10, 1, tzinfo=UTC)
STAGED = (
    "stg_zendesk__tickets",
    "stg_zendesk__ticket_comments",
    "stg_zendesk__ticket_field_changes",
    "stg_zendesk__users",
    "stg_zendesk__ticket_metrics",
    "stg_zendesk__ticket_metric_events",
)
MONTHLY = ("fct_sla_clock", "agreement_goal_monthly", "agreement_scorecard_monthly", "fct_termination_review_flag")
MEMORY_LIMIT = "2500MB"

# Tickets open over the year before AS_OF; one in 50 is never solved. Every tenth has its times in one second each.
NUMBERS = """
create temp table numbers as
select
    number as ticket_id,
    cast(hash('zendesk:bench:' || number) >> 1 as bigint) as conversation_key,
    timestamp '2025-11-02' + to_seconds(cast(number * (31536000.0 / {tickets}) as bigint)) as opened_at,
    hash(number * 31) % 50 = 0 as is_never_solved
from range(1, {tickets} + 1) as generated (number)
"""

ROWS = {
    "stg_zendesk__tickets": """
        select
            conversation_key, 'bench' as account, cast(ticket_id as varchar) as ticket_id, 'email' as via_channel,
            'a question' as subject, 'high' as priority, case when is_never_solved then 'open' else 'closed' end
            as source_status, cast(500000000 + ticket_id % 400000 as varchar) as requester_id,
            cast(900000000 + ticket_id % 40 as varchar) as assignee_id, cast(ticket_id % 5 as varchar) as group_id,
            ['web', 'refund'] as tags, opened_at as created_at, opened_at as updated_at, opened_at as record_updated_at
        from numbers
    """,
    "stg_zendesk__ticket_comments": """
        select
            conversation_key, 'bench' as account, cast(ticket_id as varchar) as ticket_id,
            cast(ticket_id * 20 + place * 4 as varchar) as event_id, cast(ticket_id * 20 + place * 4 as varchar)
            as comment_id,
            case when place % 2 = 0 then cast(500000000 + ticket_id % 400000 as varchar)
            else cast(900000000 + ticket_id % 40 as varchar) end as author_id,
            true as is_public, 'Comment' as comment_type, 'thank you for your message, we look into it' as text_start,
            opened_at + to_seconds(cast(place * 20000 + hash(ticket_id * 7 + place) % 20000 as bigint)) as occurred_at,
            (ticket_id * 20 + place * 4) * 1000 + 1 as source_order, false as is_by_merge,
            cast(null as varchar) as merge_ticket_id
        from numbers, range(4) as places (place)
    """,
    "stg_zendesk__ticket_field_changes": """
        select
            conversation_key, 'bench' as account, cast(ticket_id as varchar) as ticket_id,
            cast(ticket_id * 20 + place as varchar) as event_id,
            cast(900000000 + ticket_id % 40 as varchar) as updater_id,
            case
                when place = 7 and ticket_id % 5 <> 0 then 'type'
                else (['status', 'priority', 'group_id', 'assignee_id', 'type', 'status', 'status', 'priority',
                       'status', 'brand_id', 'status', 'ticket_form_id', 'status'])[place + 1]
            end as field,
            case place + 1
                when 1 then 'new' when 2 then 'normal' when 3 then cast(ticket_id % 5 as varchar)
                when 4 then cast(900000000 + ticket_id % 40 as varchar) when 5 then 'question' when 6 then 'open'
                when 7 then 'pending' when 8 then 'high' when 9 then 'open' when 10 then '7' when 11 then 'pending'
                when 12 then '8' else case when is_never_solved then 'open' else 'solved' end
            end as new_value,
            case
                when place < 5 then opened_at
                else opened_at + to_seconds(cast(place * 6500 + hash(ticket_id * 7 + place) % 6500 as bigint))
            end as occurred_at,
            (ticket_id * 20 + place) * 1000 + 500 as source_order, false as is_by_merge,
            cast(null as varchar) as merge_ticket_id
        from numbers, range(13) as places (place)
    """,
    "stg_zendesk__users": """
        select
            'bench' as account, cast(number as varchar) as user_id, md5(cast(number as varchar)) as person_key,
            case when number >= 900000000 then 'agent' else 'end-user' end as role, false as is_suspended,
            'name' as display_name, cast(number % 5 as varchar) as default_group_id,
            timestamp '2025-01-01' as created_at, 1 as version_number, timestamp '1970-01-01' as from_at,
            timestamp '9999-01-01' as until_at, true as is_newest
        from (
            select 500000000 + generated.number as number from range(400000) as generated (number)
            union all
            select 900000000 + generated.number as number from range(40) as generated (number)
        ) as people
    """,
}

CONFIG = {
    "channels.yaml": """
        channels:
          - channel_id: bench_email
            name: Bench
            source: zendesk
            account: bench
            connection: zendesk_default
            kind: email
            strategic_objective: To be measured.
            timezone: Europe/Berlin
            languages: [en]
    """,
    "calendars.yaml": """
        schedules:
          - schedule_id: office
            title: Office hours
            timezone: Europe/Berlin
            weekly:
              mon-fri: ["09:00-17:30"]
            holidays:
              - country: DE
    """,
    "agreements/bench.yaml": """
        agreement_id: bench
        version: 1
        title: Bench
        kind: customer
        level: corporate
        overview: A bench.
        provider: Bench
        customer: Everybody
        timezone: Europe/Berlin
        valid_from: 2025-10-01
        change_reason: First version.
        channels: [bench_email]
        hours: office
        parties:
          - {party_id: bench, name: Bench, role: provider}
        approvals:
          - {party: bench, by: The bench, date: 2025-09-01}
        goals:
          - {goal_id: first, title: First, metric: first_response, basis: business, goal_rate: 0.9,
             targets: {default: 8h, high: 4h}}
          - {goal_id: next, title: Next, metric: next_response, basis: business, goal_rate: 0.9, target: 8h}
          - {goal_id: full, title: Full, metric: full_resolution, basis: business, goal_rate: 0.9,
             targets: {default: 5 business days, high: 3 business days}, pause_statuses: [pending]}
          - {goal_id: wait, title: Wait, metric: requester_wait, basis: calendar, goal_rate: 0.9, target: 72h}
          - {goal_id: work, title: Work, metric: agent_work, basis: business, goal_rate: 0.9, target: 16h}
    """,
}

LANDED = (
    "source VARCHAR, account VARCHAR, stream VARCHAR, record_id VARCHAR, record_updated_at TIMESTAMP, "
    "extracted_at TIMESTAMP, run_id VARCHAR, payload VARCHAR, partition_key VARCHAR"
)


def measure(tickets: int, directory: Path) -> dict[str, object]:
    """One size in this process: a full build, a day on top, a scan and sort of the same rows, and its peak memory."""
    given = frozenset(STAGED)
    # Only Zendesk is measured: the models of sources that no channel has stay out, as in a build.
    os.environ["SOCIAL_SLA_SOURCES"] = "x,zendesk"
    full = Engine.compile(directory / "full", given=given, marts=MONTHLY)
    day_before = AS_OF.timestamp() - 86_400
    incremental = Engine.compile(
        directory / "day",
        given=given,
        marts=MONTHLY,
        incremental=True,
    )
    con = duckdb.connect()
    con.execute(
        f"set threads = 2; set preserve_insertion_order = false; set memory_limit = '{MEMORY_LIMIT}'; "
        f"set temp_directory = '{directory / 'spill'}'"
    )
    register(con, b"a key for the bench only")
    full.prepare(con, str(directory / "warehouse.duckdb"))
    for name in ("x__mentions", "x__tweets", "x__conversations", "x__accounts", "zendesk__users"):
        con.execute(f"create table landing.{name} ({LANDED})")
    _configure(con, directory / "config", datetime.fromtimestamp(day_before, tz=UTC))
    con.execute(NUMBERS.format(tickets=tickets))
    for name, sql in ROWS.items():
        con.execute(f"create table staging.{name} as {sql}")
    # The helpdesk's own figures are not measured, and have no rows.
    con.execute("create table staging.stg_zendesk__ticket_metrics (conversation_key BIGINT)")
    con.execute(
        "create table staging.stg_zendesk__ticket_metric_events (conversation_key BIGINT, occurred_at TIMESTAMP)"
    )
    for name in STAGED[:3]:
        # The last day comes later.
        when = "created_at" if name == STAGED[0] else "occurred_at"
        late = f"{when} > timestamp '{datetime.fromtimestamp(day_before, tz=UTC):%Y-%m-%d %H:%M:%S}'"
        con.execute(f"create temp table late_{name} as select * from staging.{name} where {late}")
        con.execute(f"delete from staging.{name} where {late}")
    con.execute("checkpoint")

    limit = time.perf_counter()
    for name in STAGED[:3]:
        order = "conversation_key" + ("" if name == STAGED[0] else ", source_order")
        con.execute(f"create temp table sorted as select * from staging.{name} order by {order}")
        con.execute("drop table sorted")
    limit = time.perf_counter() - limit

    per_model = {}
    for model in full.models:
        began = time.perf_counter()
        full.create(con, model)
        per_model[model.name] = time.perf_counter() - began
    (clocks,) = con.execute("select count(*) from marts.fct_sla_clock").fetchone() or (0,)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    con.execute("checkpoint")
    con.execute("create view operations.built_clocks as select * from marts.fct_sla_clock")
    con.execute(
        "create table operations.built_conversations "
        "(conversation_key BIGINT, source VARCHAR, status VARCHAR, merged_into_conversation_id VARCHAR)"
    )
    con.execute("insert into operations.built_as_of select to_timestamp(?)", [day_before])
    for name in STAGED[:3]:
        con.execute(f"insert into staging.{name} select * from late_{name}")
        con.execute(f"insert into operations.touched_conversations select distinct conversation_key from late_{name}")
    _configure(con, directory / "config", AS_OF)
    day = {}
    for model in incremental.models:
        began = time.perf_counter()
        incremental.update(con, model)
        day[model.name] = time.perf_counter() - began
    (touched,) = con.execute("select count(*) from intermediate.int_touched_conversations").fetchone() or (0,)
    same = con.execute("select count(*) from marts.fct_sla_clock").fetchone()
    for model in full.models:
        full.create(con, model)
    return {
        "tickets": tickets,
        "clocks": clocks,
        "seconds": sum(per_model.values()),
        "sort_seconds": limit,
        "peak_mb": peak,
        "day_seconds": sum(day.values()),
        "day_touched": touched,
        "day_is_same": same == con.execute("select count(*) from marts.fct_sla_clock").fetchone(),
        "slowest": _slowest(per_model),
        "slowest_of_day": _slowest(day),
    }


def _slowest(seconds: dict[str, float], number: int = 12) -> list[tuple[str, float]]:
    return [(name, round(s, 2)) for name, s in sorted(seconds.items(), key=lambda item: -item[1])[:number]]


def _configure(con: duckdb.DuckDBPyConnection, directory: Path, as_of: datetime) -> None:
    for name, text in CONFIG.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    for name, table in config_tables(load_config(directory), as_of=as_of, first_at=FIRST_AT).items():
        con.register("given_rows", table)
        con.execute(f"create or replace table {DATABASE}.config.{name} as select * from given_rows")
        con.unregister("given_rows")


def table(results: list[dict[str, object]]) -> str:
    """The results as a Markdown table."""
    lines = [
        "| tickets | clocks | seconds | tickets/s | peak MB | cost a ticket | ÷ scan + sort | a day | day ÷ full |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    base = results[0]["seconds"] / results[0]["tickets"]
    for found in results:
        cost = found["seconds"] / found["tickets"]
        lines.append(
            f"| {found['tickets']:,} | {found['clocks']:,} | {found['seconds']:.1f} | {1 / cost:,.0f} "
            f"| {found['peak_mb']:,.0f} | {cost / base:.2f} | {found['seconds'] / found['sort_seconds']:.1f} "
            f"| {found['day_seconds']:.2f} s, {found['day_touched']:,} tickets "
            f"| {found['day_seconds'] / found['seconds']:.1%} |"
        )
    lines += ["", f"Slowest models at {results[-1]['tickets']:,} tickets (seconds): {results[-1]['slowest']}"]
    lines += ["", f"Slowest models of the day: {results[-1]['slowest_of_day']}"]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, nargs="+", default=[30_000, 100_000, 300_000, 1_000_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(measure(arguments.one, Path(folder))))
        return
    results = []
    for tickets in arguments.tickets:
        command = [sys.executable, "-m", "tests.bench.clocks", "--one", str(tickets)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=PROJECT_DIR)
        results.append(json.loads(done.stdout.splitlines()[-1]))
        print(table(results), flush=True)
    written = PROJECT_DIR / ".run" / "bench" / "clocks.md"
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(table(results) + "\n", encoding="utf-8")
    print(f"\nWritten to {written}")


if __name__ == "__main__":
    main()
