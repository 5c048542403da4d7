"""A small good configuration that the tests bend, one slip at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from social_sla.agreements import ConfigError, load_config

CHANNELS = """\
channels:
  - channel_id: mail
    name: Mailbox
    source: zendesk
    account: acme
    kind: email
    strategic_objective: Solve what needs writing.
    timezone: Europe/Berlin
    languages: [de, en]
    match: {via: [email, web]}
    automation:
      - reason: bot
        author: "42"
      - {reason: survey, text_prefix: "How did we do?"}
  - channel_id: tweets
    source: x
    account: Acme
    kind: social
    strategic_objective: Be seen to answer.
    timezone: UTC
    languages: [en]
"""

CALENDARS = """\
schedules:
  - schedule_id: office
    title: Office
    timezone: Europe/Berlin
    weekly:
      mon-fri: ["09:00-17:00"]
    holidays:
      - country: DE
        subdivision: BE
    company_holidays:
      - {date: 2026-12-28, name: Between the years}
    special_days:
      - {date: 2026-12-24, name: Christmas Eve, hours: ["09:00-12:00"]}
  - schedule_id: always
    title: Always
    timezone: UTC
    weekly: 24x7
"""

CORPORATE = """\
agreement_id: corporate
version: 1
title: Standard
kind: customer
level: corporate
provider: Acme
customer: Everybody
timezone: Europe/Berlin
valid_from: 2026-01-01
parties:
  - {party_id: care, name: Care, role: provider}
hours: office
goals:
  - goal_id: next
    metric: next_response
    target: 8h
    basis: business
    goal_rate: 0.85
review:
  minimum_sample: 20
"""

MAIL = """\
agreement_id: mail
version: 1
title: Mail
kind: customer
level: customer
parent: corporate
valid_from: 2026-01-01
valid_to: 2027-12-31
parties:
  - {party_id: care, name: Care, role: provider}
  - {party_id: board, name: Board, role: customer}
approvals:
  - {party: care, by: Head of Care, date: 2025-12-01}
  - {party: board, by: Chair, date: 2025-12-02, expires: 2026-12-31}
channels: [mail]
goals:
  - goal_id: first
    metric: first_response
    targets: {urgent: 1h, low: 1 business day, default: 4h}
    basis: business
    goal_rate: 90 %
  - goal_id: solved
    metric: full_resolution
    target: {value: 5, unit: business_days}
    basis: business
    goal_rate: 0.85
    pause_statuses: [pending]
waivers:
  - {goal: first, period: 2026-02, by: Board, reason: Strike}
"""

TWEETS = """\
agreement_id: tweets
version: 1
title: Tweets
kind: ssla
level: service
provider: Acme
customer: Everybody
timezone: UTC
valid_from: 2026-01-01
parties:
  - {party_id: care, name: Care, role: provider}
channels: [tweets]
hours: always
goals:
  - goal_id: first
    metric: first_response
    target: 60m
    basis: calendar
    goal_rate: 0.75
"""

FILES = {
    "channels.yaml": CHANNELS,
    "calendars.yaml": CALENDARS,
    "agreements/corporate.yaml": CORPORATE,
    "agreements/mail.yaml": MAIL,
    "agreements/tweets.yaml": TWEETS,
}


class ConfigFolder:
    """A configuration folder that starts out good."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str | bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def change(self, name: str, old: str, new: str) -> None:
        """Replaces the first place where `old` stands; it has to stand somewhere."""
        text = (self.path / name).read_text()
        assert old in text, f"{old!r} is not in {name}"
        self.write(name, text.replace(old, new, 1))

    def problems(self) -> list[str]:
        """What `load_config` says; empty if it loads."""
        try:
            load_config(self.path)
        except ConfigError as error:
            return [str(problem) for problem in error.problems]
        return []


@pytest.fixture
def folder(tmp_path: Path) -> ConfigFolder:
    return ConfigFolder(tmp_path)


@pytest.fixture
def new_folder(tmp_path: Path) -> Callable[[str], ConfigFolder]:
    return lambda name: ConfigFolder(tmp_path / name)
