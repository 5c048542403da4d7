"""`social_sla …`: the local demonstration and the pipeline's steps by hand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from social_sla.agreements.commands.parser import add_agreements
from social_sla.settings import Settings, SettingsError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives the process's exit code: 0 done, 1 failed (the reason is printed), 130 interrupted."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except KeyboardInterrupt:
        print("Interrupted; everything that was started is stopped.", file=sys.stderr)
        return 130
    except (RuntimeError, ValueError, SettingsError, OSError) as error:
        if not type(error).__module__.startswith(("social_sla.", "sandbox.")):
            raise
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="social_sla", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], what: str) -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=what, description=what)
        found.set_defaults(command=command)
        return found

    messages = ("--messages", "a CSV of real messages instead of the sandbox's company (format: docs/messages-csv.md)")
    add("run", _run, "Extract, build, audit, publish and review on this machine.").add_argument(
        messages[0], type=Path, help=messages[1]
    )
    up = add("up", _up, "Start the sandbox and Airflow and leave them running.")
    up.add_argument(messages[0], type=Path, help=messages[1])
    up.add_argument("--port", type=int, default=8080, help="taken if it is free (default 8080), else any free port")
    add("down", _down, "Stop what `up` has started.").add_argument(messages[0], type=Path, help=messages[1])
    add("summary", _summary, "Show what is landed, published and reviewed.")
    add("load", _load, "Load landing and configuration into the warehouse.").add_argument(
        "--as-of", help="look at the data up to this instant (ISO 8601, UTC)"
    )
    check = add("check", _check, "Ask a vendor whether its connection is good, in plain words.")
    check.add_argument("source", help="x, zendesk … (docs/sources)")
    check.add_argument("--account", help="only this account of config/channels.yaml")
    add("explain", _explain, "Say how a clock came to its figure.").add_argument(
        "clock_id", help="clock_id of fct_sla_clock"
    )
    build = add("build", _build, "Build the marts with dbt, as far as anything has changed.")
    build.add_argument("--select", nargs="+", help="dbt selectors, for work by hand")
    build.add_argument("--full-refresh", action="store_true", help="build everything from nothing")
    add("publish", _publish, "Audit the built marts and, if they pass, publish them.").add_argument(
        "--signed", action="store_true", help="a review stands on this release: keep it for ever"
    )
    add_agreements(commands)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from social_sla.local.installation import installation
    from social_sla.local.progress import Progress
    from social_sla.local.run import run
    from social_sla.review.summary import run_summary, summary_text

    progress = Progress()
    chosen = installation(arguments.messages)
    progress.say(f"Social SLA on {chosen.title}, in {chosen.settings.home}")
    run(chosen, progress)
    print(summary_text(run_summary(chosen.settings)))
    progress.say(f"Done in {progress.elapsed:.0f} s. Next: `make up` for Airflow's pages, `make help` for the rest.")
    return 0


def _up(arguments: argparse.Namespace) -> int:
    from social_sla.local.installation import installation
    from social_sla.local.progress import Progress
    from social_sla.local.up import up

    up(installation(arguments.messages), Progress(), arguments.port)
    return 0


def _down(arguments: argparse.Namespace) -> int:
    from social_sla.local.installation import installation
    from social_sla.local.progress import Progress
    from social_sla.local.up import down

    down(installation(arguments.messages), Progress())
    return 0


def _summary(arguments: argparse.Namespace) -> int:
    from social_sla.review.summary import run_summary, summary_text

    print(summary_text(run_summary(Settings.from_env())))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from social_sla.airflow.hooks import SourceHook
    from social_sla.extraction import accounts_to_check
    from social_sla.sources.check import check_source

    is_good = True
    for account in accounts_to_check(Settings.from_env().config_dir, arguments.source, arguments.account):
        hook = SourceHook(account.connection_id)
        report = check_source(account.source, account.account, hook.credentials(), now=hook.now())
        print(report)
        is_good = is_good and report.ok
    return 0 if is_good else 1


def _explain(arguments: argparse.Namespace) -> int:
    from social_sla.review.explain import explain_clock
    from social_sla.review.store import open_marts

    with open_marts(Settings.from_env().marts_path) as connection:
        print("\n".join(explain_clock(connection, arguments.clock_id)))
    return 0


def _load(arguments: argparse.Namespace) -> int:
    from social_sla.warehouse.load import load

    print(load(Settings.from_env(), as_of=arguments.as_of).summary())
    return 0


def _build(arguments: argparse.Namespace) -> int:
    from social_sla.local.secrets import use_local_pseudonym_key
    from social_sla.warehouse.build import build

    settings = Settings.from_env()
    use_local_pseudonym_key(settings.home / "secrets")
    report = build(settings, select=arguments.select, full_refresh=arguments.full_refresh)
    print(report.summary())
    return 0 if report.is_success else 1


def _publish(arguments: argparse.Namespace) -> int:
    from social_sla.quality.gate import run_gate
    from social_sla.warehouse.publish import publish

    settings = Settings.from_env()
    report = run_gate(settings, gate_run_id=f"by-hand-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    print(report.text())
    release = publish(settings, gate=report.raise_if_failed(), as_of=report.as_of, signed=arguments.signed)
    print(f"Release {release.release_id} is served.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
