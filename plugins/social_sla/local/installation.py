"""Which home a local run works in: the sandbox's company, or a CSV of real messages."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from social_sla.agreements.from_messages import write_config
from social_sla.settings import PROJECT_DIR, Settings


@dataclass(frozen=True)
class Installation:
    """One home. `messages` is the CSV that its sandbox serves; None is the generated company."""

    settings: Settings
    messages: Path | None = None

    @property
    def title(self) -> str:
        """What the first line of a run calls it."""
        return f"the messages of {self.messages.name}" if self.messages else "the sandbox's company"


def installation(messages: Path | None = None) -> Installation:
    """The home for a run: `SOCIAL_SLA_HOME` or `.run/company`; for messages `.run/messages-<hash of the file>`.

    Messages come without agreements, so a configuration is written into their home on first use: every brand a
    channel, one public agreement. What has been changed in it by hand stays.

    Raises:
        sandbox.messages.MessagesError: the file cannot be used; names line and column.
    """
    if messages is None:
        return Installation(Settings.from_env())
    path = messages.resolve()
    environment = dict(os.environ)
    if not environment.get("SOCIAL_SLA_HOME"):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else "missing"
        environment["SOCIAL_SLA_HOME"] = str(PROJECT_DIR / ".run" / f"messages-{digest}")
    config = Path(environment["SOCIAL_SLA_HOME"]) / "config"
    environment["SOCIAL_SLA_CONFIG_DIR"] = str(config)
    settings = Settings.from_env(environment)
    accounts, first_at = _described(path)
    if not (config / "complete").exists():
        write_config(config, accounts, first_at)
        (config / "complete").touch()
    return Installation(settings, path)


def _described(path: Path) -> tuple[Sequence[str], datetime]:
    """The brands' handles and the first message's instant. The sandbox knows the format; it lies beside the project."""
    if str(PROJECT_DIR) not in sys.path:
        # The sandbox is no part of the installed package: it only serves demonstrations and tests.
        sys.path.append(str(PROJECT_DIR))
    from sandbox.messages import describe

    found = describe(path)
    return found.accounts, found.first_created_at.astimezone(UTC)
