"""Speed and memory of the clock engine: `make bench`, or `python -m tests.bench.clocks --tickets 10000 30000 100000`.

Runs the compiled models from the canonical tables to the monthly marts over Zendesk-shaped data (4 comments, 7 status,
2 priority and 4 assignment changes a ticket; the company's own agreements). Prints a table: seconds, tickets a second,
peak memory, the cost a ticket against the smallest size, and the ratio to a plain scan and sort of the same rows in the
same run. Each size runs in a process of its own, so that peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from social_sla.agreements import config_tables, load_config

from tests.support.engine import CANONICAL, DATABASE, Engine

PROJECT_DIR = Path(__file__).resolve().parents[2]
AS_OF = datetime(2026, 11, 3, tzinfo=UTC)
FIRST_AT = datetime(2025, 5, 1, tzinfo=UTC)

TICKETS = """
create temp table tickets as
select
    number,
    'zendesk:auroraair:' || number as conversation_id,
    timestamp '2025-05-01' + to_seconds((hash(number) % 46000000)::bigint) as opened_at,
    md5(number::varchar) as customer_key
from range({tickets}) as numbers (number)
"""

ROWS = {
    "int_conversations": """
        select
            conversation_id, 'zendesk' as source, 'auroraair' as account, 'zd_email' as channel_id,
            number::varchar as source_conversation_id, customer_key, opened_at as created_at, true as has_status
        from tickets
    """,
    "int_messages": """
        select
            'm' || number || '.' || place as message_id, 'zendesk' as source, 'auroraair' as account,
            'zd_email' as channel_id, conversation_id, number::varchar as source_conversation_id,
            number || '.' || place as source_message_id, customer_key,
            case when place % 2 = 0 then 'customer' else 'person' end as author_role,
            case when place % 2 = 0 then 'inbound' else 'outbound' end as direction,
            'email' as kind, true as is_public, true as is_delivered,
            opened_at + to_seconds((place * 20000 + hash(number * 7 + place) % 20000)::bigint) as published_at,
            published_at as received_at, number * 100 + place * 20 as source_order
        from tickets, range(4) as places (place)
    """,
    "int_status_changes": """
        select
            conversation_id, 'zendesk' as source,
            opened_at + to_seconds((place * 9000 + hash(number * 7 + place) % 9000)::bigint) as changed_at,
            number * 100 + place * 12 + 1 as source_order,
            ([null, 'new', 'open', 'pending', 'open', 'pending', 'open'])[place + 1] as from_status,
            (['new', 'open', 'pending', 'open', 'pending', 'open', 'solved'])[place + 1] as status
        from tickets, range(7) as places (place)
    """,
    "int_priority_changes": """
        select
            conversation_id, 'zendesk' as source, opened_at + to_seconds((place * 30000)::bigint) as changed_at,
            number * 100 + place * 15 + 2 as source_order, ([null, 'normal'])[place + 1] as from_priority,
            (['normal', 'high'])[place + 1] as priority
        from tickets, range(2) as places (place)
    """,
    "int_assignments": """
        select
            conversation_id, 'zendesk' as source, opened_at + to_seconds((place * 15000)::bigint) as changed_at,
            number * 100 + place * 15 + 3 as source_order,
            'group ' || place as team_id, 'agent ' || place as team_member_id
        from tickets, range(4) as places (place)
    """,
}


def measure(tickets: int, directory: Path) -> dict[str, float]:
    """One size in this process: seconds of the engine, of a scan and sort of the same rows, peak MB, clocks."""
    engine = Engine.compile(directory)
    con = duckdb.connect()
    con.execute("set threads = 2; set preserve_insertion_order = false; set asof_loop_join_threshold = 0")
    engine.prepare(con)
    for name, table in config_tables(load_config(PROJECT_DIR / "config"), as_of=AS_OF, first_at=FIRST_AT).items():
        con.register("given_rows", table)
        con.execute(f"create table config.{name} as select * from given_rows")
        con.unregister("given_rows")
    con.execute(TICKETS.format(tickets=tickets))
    for name, sql in ROWS.items():
        con.execute(f"insert into intermediate.{name} by name {sql}")

    limit = time.perf_counter()
    for number, name in enumerate(CANONICAL):
        order = "conversation_id" if name == "int_conversations" else "conversation_id, source_order"
        con.execute(f"create temp table sorted_{number} as select * from intermediate.{name} order by {order}")
    limit = time.perf_counter() - limit

    per_model = {}
    for model in engine.models:
        began = time.perf_counter()
        engine.create(con, model)
        per_model[model.name] = time.perf_counter() - began
    seconds = sum(per_model.values())
    (clocks,) = con.execute(f"select count(*) from {DATABASE}.marts.fct_sla_clock").fetchone() or (0,)
    return {
        "tickets": tickets,
        "clocks": clocks,
        "seconds": seconds,
        "sort_seconds": limit,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "slowest": sorted(((round(s, 2), name) for name, s in per_model.items()), reverse=True)[:5],  # type: ignore[dict-item]
    }


def table(results: list[dict[str, float]]) -> str:
    """The results as a Markdown table."""
    lines = [
        "| tickets | clocks | seconds | tickets/s | peak MB | cost a ticket | ratio to scan + sort |",
        "|---|---|---|---|---|---|---|",
    ]
    base = results[0]["seconds"] / results[0]["tickets"]
    for found in results:
        cost = found["seconds"] / found["tickets"]
        lines.append(
            f"| {found['tickets']:,} | {found['clocks']:,} | {found['seconds']:.1f} | {1 / cost:,.0f} "
            f"| {found['peak_mb']:,.0f} | {cost / base:.2f} | {found['seconds'] / found['sort_seconds']:.1f} |"
        )
    lines += ["", f"Slowest models at {results[-1]['tickets']:,} tickets (seconds): {results[-1]['slowest']}"]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.one:
            print(json.dumps(measure(arguments.one, Path(folder))))
            return
    results = []
    for tickets in arguments.tickets:
        command = [sys.executable, "-m", "tests.bench.clocks", "--one", str(tickets)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT_DIR)
        results.append(json.loads(done.stdout.splitlines()[-1]))
    written = PROJECT_DIR / ".run" / "bench" / "clocks.md"
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(table(results) + "\n", encoding="utf-8")
    print(table(results))
    print(f"\nWritten to {written}")


if __name__ == "__main__":
    main()
