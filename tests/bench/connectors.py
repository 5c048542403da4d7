"""Throughput of the connectors, wire to Parquet: `python -m tests.bench.connectors [--only zendesk …]`.

Every list of every source, as its kit case serves it (tests/contract/test_kit_<source>.py), from a process of its own
on 127.0.0.1 that has all its answers ready and no limit. What is measured is a whole extraction by one process: HTTP,
JSON, checks, the answers kept for taking up a killed run, and the partition in Parquet.

Prints, and writes to .run/bench/connectors.md, a table: records a second of wall time and of CPU time (one core), where
the CPU time goes (sampled), and the peak memory. Then one list at 1, 2 and 4 times the records: memory stays flat.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

from social_sla.landing import Landing
from social_sla.sources.base import Credentials
from social_sla.sources.extract import extract_stream
from social_sla.sources.registry import ordered_streams
from social_sla.sources.retry import ClientOptions
from social_sla.sources.testkit import ConnectorSuite, KitCase
from social_sla.sources.testkit.case import END, START
from social_sla.sources.testkit.pages import Serving
from social_sla.sources.testkit.server import Answer, Call, FakeVendor
from social_sla.sources.testkit.world import NOW, World, running_world

PROJECT_DIR = Path(__file__).resolve().parents[2]
CONTRACT = PROJECT_DIR / "tests" / "contract"
# What most vendors give at most.
PAGE_SIZE = 100
SAMPLE_SECONDS = 0.001

# Left out, with the reason.
LEFT_OUT = {
    ("bluesky", "threads"): "the kit's one thread is a chain of replies, each inside the other: no JSON is that deep",
}

# Lists that give no more, ever (the connector says so and lands nothing).
AT_MOST = {("reddit", "*"): 900, ("x", "mentions"): 700, ("x", "tweets"): 2_000}

# Where a sample belongs: the first of these that is in the path of the innermost frame that is in any.
SHARES = (
    ("Parquet", "social_sla/landing/"),
    ("kept answers", "social_sla/sources/progress.py"),
    ("own code", "/social_sla/"),
    ("JSON", "/json/"),
    ("HTTP", "/requests/"),
    ("HTTP", "/urllib3/"),
    ("HTTP", "/http/"),
    ("HTTP", "/socket.py"),
    ("HTTP", "/email/"),
)


@dataclass(frozen=True)
class List:
    """One stream of one source."""

    source: str
    module: str
    suite: str
    stream: str


def lists(only: list[str]) -> list[List]:
    """Every stream of every kit case but look-ups."""
    found = []
    for path in sorted(CONTRACT.glob("test_kit_*.py")):
        if path.stem == "test_kit_examples":
            continue
        name = f"tests.contract.{path.stem}"
        module = importlib.import_module(name)
        for suite, kind in vars(module).items():
            if isinstance(kind, type) and issubclass(kind, ConnectorSuite) and kind is not ConnectorSuite:
                source = kind.case.declared.name
                order = [stream.name for stream in ordered_streams(kind.case.declared)]
                streams = sorted(kind.case.streams, key=lambda case: order.index(case.stream))
                found += [List(source, name, suite, case.stream) for case in streams if not case.is_look_up]
    return [each for each in found if not only or each.source in only]


def _cap(of: List) -> int:
    return AT_MOST.get((of.source, of.stream), AT_MOST.get((of.source, "*"), sys.maxsize))


def _case(of: List) -> KitCase:
    case: KitCase = getattr(importlib.import_module(of.module), of.suite).case
    return case


def _remember(vendor: FakeVendor) -> None:
    """The vendor answers each question once, and then from memory."""
    told: dict[str, Answer] = {}
    ask: Callable[[Call], Answer] = vendor.answer

    def answer(call: Call) -> Answer:
        question = json.dumps([call.method, call.path, sorted(call.query), call.json, sorted(call.form.items())])
        if question not in told:
            found = ask(call)
            body = found.body if isinstance(found.body, str | bytes) else json.dumps(found.body, ensure_ascii=False)
            told[question] = Answer(body, found.status, found.headers)
        return told[question]

    vendor.answer = answer  # type: ignore[method-assign]


def serve(of: List, count: int, folder: str, told: Connection) -> None:
    """The vendor's process: prepares what the stream depends on, fills it, tells its address, answers."""
    with running_world(_case(of), Path(folder)) as world:
        _fill(world, of.stream, count)
        _remember(world.vendor)
        told.send(world.vendor.url)
        told.recv()


def _fill(world: World, stream: str, count: int) -> None:
    world.prepare(stream, 0)
    world.serving = Serving(PAGE_SIZE)
    world.fill(stream, count, timedelta(hours=20) / count)


def measure(of: List, count: int, folder: str, url: str, told: Connection) -> None:
    """The extraction's process: once to have every answer ready, then twice by the clock; the better one counts."""
    case = _case(of)
    credentials = case.credentials(url)
    landing = Landing(f"file://{folder}/landing")
    _extract(case, of.stream, credentials, landing)
    best: dict[str, Any] = {}
    for _ in range(2):
        with _sampled() as samples:
            wall, cpu = time.perf_counter(), time.process_time()
            rows, calls = _extract(case, of.stream, credentials, landing)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        if not best or cpu < best["cpu_seconds"]:
            best = {"rows": rows, "calls": calls, "seconds": wall, "cpu_seconds": cpu, "shares": dict(samples)}
    told.send({**best, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024})


def _extract(case: KitCase, stream: str, credentials: Credentials, landing: Landing) -> tuple[int, int]:
    def refuse(seconds: float) -> None:
        raise AssertionError(f"{stream} waits {seconds} s, and the bench has no limit")

    options = ClientOptions(sleep=refuse)
    window = (START, END)
    manifest = extract_stream(
        case.declared, stream, case.account, credentials, window, landing, "bench", now=NOW, client_options=options
    )
    return manifest.row_count, manifest.call_count


@contextmanager
def _sampled() -> Iterator[Counter[str]]:
    """Counts, every millisecond of CPU time, whose code runs."""
    samples: Counter[str] = Counter()

    def take(_: int, frame: FrameType | None) -> None:
        while frame is not None:
            path = frame.f_code.co_filename
            share = next((name for name, part in SHARES if part in path), None)
            if share is not None:
                samples[share] += 1
                return
            frame = frame.f_back
        samples["other"] += 1

    before = signal.signal(signal.SIGPROF, take)
    signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)
    try:
        yield samples
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def run(of: List, count: int) -> dict[str, Any]:
    """One list, measured: vendor and extraction in a process each."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = context.Pipe()
        vendor = context.Process(target=serve, args=(of, count, folder, theirs), daemon=True)
        vendor.start()
        theirs.close()
        found, telling = context.Pipe()
        try:
            url = ours.recv()
            process = context.Process(target=measure, args=(of, count, folder, url, telling), daemon=True)
            process.start()
            telling.close()
            try:
                result: dict[str, Any] = found.recv()
            except EOFError:
                raise SystemExit(f"{of.source} {of.stream} failed; what it said stands above.") from None
            process.join(30)
        finally:
            vendor.terminate()
            vendor.join(10)
    return {"source": of.source, "stream": of.stream, **result}


NAMES = [*dict.fromkeys(name for name, _ in SHARES), "other"]


def row(found: dict[str, Any]) -> str:
    """One line of the table."""
    total = sum(found["shares"].values()) or 1
    shares = " | ".join(f"{found['shares'].get(name, 0) / total:.0%}" for name in NAMES)
    return (
        f"| {found['source']} | {found['stream']} | {found['rows']:,} | {found['rows'] / found['calls']:,.0f} "
        f"| {found['rows'] / found['seconds']:,.0f} "
        f"| {found['rows'] / found['cpu_seconds']:,.0f} | {shares} | {found['peak_mb']:,.0f} |"
    )


HEAD = [
    f"| source | list | records | a call | records/s | records/s of one core | {' | '.join(NAMES)} | peak MB |",
    "|---|---|---|---|---|---|" + "---|" * (len(NAMES) + 1),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--only", nargs="+", default=[], metavar="SOURCE")
    arguments = parser.parse_args()
    lines = list(HEAD)
    print("\n".join(HEAD), flush=True)
    slowest: tuple[float, str] = (float("inf"), "")
    for each in lists(arguments.only):
        reason = LEFT_OUT.get((each.source, each.stream))
        if reason:
            lines.append(f"| {each.source} | {each.stream} | left out: {reason} |" + " |" * (len(NAMES) + 4))
            print(lines[-1], flush=True)
            continue
        found = run(each, min(arguments.records, _cap(each)))
        lines.append(row(found))
        print(lines[-1], flush=True)
        # Lists of which a call brings one or two records measure the HTTP client.
        if found["rows"] >= 20 * found["calls"]:
            slowest = min(slowest, (found["rows"] / found["cpu_seconds"], f"{each.source} {each.stream}"))
    lines += [
        "",
        f"The slowest with 20 records a call or more: {slowest[1]}, {slowest[0]:,.0f} records a second of one core.",
        "",
    ]
    flat = lists(["zendesk"])[0]
    print("\nMemory, by records:\n" + "\n".join(HEAD))
    lines += ["Memory, by records:", "", *HEAD]
    for times in (1, 2, 4):
        lines.append(row(run(flat, arguments.records * times)))
        print(lines[-1], flush=True)
    written = PROJECT_DIR / ".run" / "bench" / "connectors.md"
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"\nWritten to {written}")


if __name__ == "__main__":
    main()
