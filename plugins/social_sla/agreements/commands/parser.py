"""The commands under `social_sla agreements`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from social_sla.settings import Settings

VERSION_HELP = "agreement_key (email-support.v2), agreement_id, or a YAML file (file.yaml#2: its second document)"


def add_agreements(commands: Any) -> None:
    """Add `agreements` with its commands to the parser of `social_sla`."""
    what = "Check, show, compare and try out agreements."
    parser = commands.add_parser("agreements", help=what, description=what)
    parser.add_argument("--config", type=Path, help="configuration folder (default SOCIAL_SLA_CONFIG_DIR, else config)")
    own = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], what: str) -> argparse.ArgumentParser:
        found: argparse.ArgumentParser = own.add_parser(name, help=what, description=what)
        found.set_defaults(command=command)
        return found

    add("check", _check, "Say everything that is wrong in the configuration, with file, line and what to do.")
    add("show", _show, "Print every effective term of a version and who states it.").add_argument(
        "version", help=VERSION_HELP
    )
    diff = add("diff", _diff, "Say in plain words what changes from one version to another.")
    diff.add_argument("old", help=VERSION_HELP)
    diff.add_argument("new", help=VERSION_HELP)
    statement = add("statement", _statement, "Print the public statement of every channel, and who has none.")
    statement.add_argument("channel", nargs="?", help="channel_id; default all")
    statement.add_argument("--draft", type=Path, help="a YAML file whose versions count besides")
    statement.add_argument("--date", help="the day whose agreements and hours count (YYYY-MM-DD, default today)")
    simulate = add("simulate", _simulate, "Run a draft over the warehouse's past, before anyone signs.")
    simulate.add_argument("draft", help=VERSION_HELP)
    simulate.add_argument("--json", action="store_true", help="the figures as JSON")
    zendesk = add("import", _import, "Turn a helpdesk's own policies into a draft of agreements and hours.")
    zendesk.add_argument("source", choices=["zendesk"])
    zendesk.add_argument("folder", type=Path, help="where the draft is written; it must be empty or not exist")
    zendesk.add_argument("--account", required=True, help="the subdomain, like auroraair")
    zendesk.add_argument("--policies", type=Path, help="saved answer of /api/v2/slas/policies")
    zendesk.add_argument("--schedules", type=Path, help="saved answer of /api/v2/business_hours/schedules")
    zendesk.add_argument(
        "--holidays", type=Path, action="append", default=[], metavar="SCHEDULE_ID=FILE", dest="holiday_files",
        help="saved answer of …/schedules/SCHEDULE_ID/holidays; once for each schedule",
    )  # fmt: skip
    zendesk.add_argument("--goal-rate", default="90 %", help="the share to be met, which Zendesk does not know")
    zendesk.add_argument("--valid-from", help="first day of the agreements (YYYY-MM-DD, default today)")


def _folder(arguments: argparse.Namespace) -> Path:
    return arguments.config or Settings.from_env().config_dir


def _say(lines: list[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")


def _check(arguments: argparse.Namespace) -> int:
    from social_sla.agreements.__main__ import main

    return main([str(_folder(arguments))])


def _show(arguments: argparse.Namespace) -> int:
    from social_sla.agreements.commands.find import find
    from social_sla.agreements.commands.show import show

    _say(show(*find(_folder(arguments), arguments.version)))
    return 0


def _diff(arguments: argparse.Namespace) -> int:
    from social_sla.agreements.commands.compare import differences
    from social_sla.agreements.commands.find import find

    (_, old), (_, new) = (find(_folder(arguments), name) for name in (arguments.old, arguments.new))
    found = differences(old, new)
    head = f"From {old.agreement_key} ({old.file_name}) to {new.agreement_key} ({new.file_name}):"
    _say([head, *(f"- {line}" for line in found)] if found else [head, "Nothing changes."])
    return 0


def _statement(arguments: argparse.Namespace) -> int:
    from social_sla.agreements.commands.statement import statement_lines
    from social_sla.agreements.loader import load_config

    config = load_config(_folder(arguments), draft=arguments.draft)
    day = _day(arguments.date)
    _say(statement_lines(config, day, arguments.channel))
    return 0


def _simulate(arguments: argparse.Namespace) -> int:
    from social_sla.agreements.commands.find import find
    from social_sla.simulation.simulate import as_json, simulate
    from social_sla.simulation.words import simulation_lines

    config, agreement = find(_folder(arguments), arguments.draft)
    simulation = simulate(Settings.from_env(), config, agreement)
    _say([as_json(simulation)] if arguments.json else simulation_lines(simulation))
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from social_sla.agreements.commands.zendesk_reading import read_zendesk
    from social_sla.agreements.zendesk_import import write_draft

    read = read_zendesk(
        arguments.account,
        arguments.policies,
        arguments.schedules,
        arguments.holiday_files,
        config_dir=_folder(arguments),
    )
    notes = write_draft(
        arguments.folder,
        read,
        config_dir=_folder(arguments),
        goal_rate=arguments.goal_rate,
        valid_from=_day(arguments.valid_from).date(),
    )
    _say(notes)
    return 0


class DateError(ValueError):
    """A date on the command line cannot be read."""


def _day(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise DateError(f"'{text}' is not a date; write YYYY-MM-DD like 2026-03-01.") from None
