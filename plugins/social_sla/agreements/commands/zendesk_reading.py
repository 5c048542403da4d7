"""Reads an account's SLA policies, schedules and holidays: from saved answers, or through its Airflow connection."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from social_sla.agreements.loader import load_config
from social_sla.agreements.zendesk_import import DraftError, ZendeskRules
from social_sla.sources.base import Credentials, Request
from social_sla.sources.client import open_client
from social_sla.sources.paging import next_page
from social_sla.sources.registry import get_source


def read_zendesk(
    account: str,
    policies: Path | None,
    schedules: Path | None,
    holiday_files: Sequence[Path],
    *,
    config_dir: Path,
) -> ZendeskRules:
    """What the account's API says. With a file of policies nothing is asked of Zendesk.

    Args:
        holiday_files: `SCHEDULE_ID=FILE` each.
        config_dir: names the account's Airflow connection; without a channel of the account, zendesk_default.

    Raises:
        DraftError: a file cannot be read.
        SourceError: Zendesk does not answer as it should.
    """
    if policies is None:
        if schedules is not None or holiday_files:
            raise DraftError("Saved schedules or holidays need saved policies too: add --policies FILE.")
        return _from_connection(account, config_dir)
    holidays = {}
    for entry in holiday_files:
        schedule_id, equals, name = str(entry).partition("=")
        if not equals:
            raise DraftError(f"'{entry}' names no schedule; write SCHEDULE_ID=FILE, like 360000110402={entry}.")
        holidays[schedule_id] = _rows(Path(name), "holidays")
    return ZendeskRules(
        account, _rows(policies, "sla_policies"), _rows(schedules, "schedules") if schedules else (), holidays
    )


def _rows(path: Path, key: str) -> list[dict[str, Any]]:
    """The list of an answer, also of pages that were saved one a line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DraftError(f"{path} cannot be read ({error.strerror}); save the answer of Zendesk there.") from error
    try:
        pages = [json.loads(text)]
    except ValueError:
        try:
            pages = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise DraftError(f"{path} is not JSON ({error}); save the answer of Zendesk as it is.") from error
    rows: list[dict[str, Any]] = []
    for page in pages:
        found = page if isinstance(page, list) else page.get(key) if isinstance(page, dict) else None
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise DraftError(f"{path} has no list '{key}'; save the answer of Zendesk as it is.")
        rows += found
    return rows


def _from_connection(account: str, config_dir: Path) -> ZendeskRules:
    from social_sla.airflow.hooks import SourceHook

    connections = dict(load_config(config_dir).accounts("zendesk"))
    return ask_zendesk(SourceHook(connections.get(account, "zendesk_default")).credentials(), account)


def ask_zendesk(credentials: Credentials, account: str) -> ZendeskRules:
    """Policies, schedules and every schedule's holidays, as the account's API says now.

    Raises:
        SourceError: Zendesk does not answer as it should.
    """
    client = open_client(get_source("zendesk"), credentials, account)
    try:

        def rows(path: str, key: str) -> list[dict[str, Any]]:
            return [row for page in client.pages(Request(path), next_page(key)) for row in page]

        schedules = rows("/api/v2/business_hours/schedules.json", "schedules")
        return ZendeskRules(
            account,
            rows("/api/v2/slas/policies.json", "sla_policies"),
            schedules,
            {
                str(item["id"]): rows(f"/api/v2/business_hours/schedules/{item['id']}/holidays.json", "holidays")
                for item in schedules
            },
        )
    finally:
        client.close()
