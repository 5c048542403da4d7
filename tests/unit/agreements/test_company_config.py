"""The configuration of the example company, as it is delivered."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from social_sla.agreements import Config, config_tables, load_config
from social_sla.agreements.schemas import SCHEMAS_DIR, json_schemas, schema_text, write_schemas
from social_sla.agreements.yaml_source import read_documents
from social_sla.settings import PROJECT_DIR

from tests.unit.agreements.conftest import ConfigFolder

CONFIG_DIR = PROJECT_DIR / "config"


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(CONFIG_DIR)


def test_it_loads(config: Config) -> None:
    assert [channel.channel_id for channel in config.channels] == [
        "x_australia",
        "x_global",
        "x_spain",
        "zd_chat",
        "zd_email",
    ]
    assert {item.agreement_key: item.stated.valid_from for item in config.agreements} == {
        "chat-support.v1": date(2025, 5, 1),
        "corporate-standard.v1": date(2025, 5, 1),
        "email-support.v1": date(2025, 5, 1),
        "public-x-care.v1": date(2025, 5, 1),
        "x-australia-outsourcing.v1": date(2025, 5, 1),
        "x-australia-outsourcing.v2": date(2026, 3, 1),
        "x-spain-internal.v1": date(2025, 5, 1),
    }
    assert config.accounts("x") == [
        ("AuroraAir", "x_default"),
        ("AuroraAirAU", "x_default"),
        ("AuroraAirES", "x_default"),
    ]


def test_its_goals(config: Config) -> None:
    goals = {
        goal.goal_key: (
            goal.metric.value,
            {name: str(target) for name, target in goal.targets.items()},
            goal.goal_rate,
            goal.schedule_id,
            goal.inherited_from,
        )
        for item in config.agreements
        for goal in item.goals
    }
    standard = "corporate-standard.v1"
    email = {"urgent": "1 hour", "high": "2 hours", "normal": "4 hours", "low": "1 business day"}
    expected = {
        "corporate-standard.v1.next-response": ("next_response", "8 hours", "0.85", "corporate-office", None),
        "email-support.v1.first-response": ("first_response", email, "0.9", "email-new-york", None),
        "email-support.v1.next-response": ("next_response", "8 hours", "0.85", "email-new-york", standard),
        "email-support.v1.full-resolution": ("full_resolution", "5 business days", "0.85", "email-new-york", None),
        "chat-support.v1.first-response": ("first_response", "10 minutes", "0.9", "chat-berlin", None),
        "chat-support.v1.next-response": ("next_response", "30 minutes", "0.85", "chat-berlin", None),
        "x-australia-outsourcing.v1.first-response": ("first_response", "2 hours", "0.85", "x-sydney", None),
        "x-australia-outsourcing.v2.first-response": ("first_response", "2 hours", "0.85", "x-sydney", None),
        "x-spain-internal.v1.first-response": ("first_response", "4 hours", "0.8", "x-madrid", None),
        "public-x-care.v1.first-response": ("first_response", "1 hour", "0.8", "x-london", None),
        "public-x-care.v1.next-response": ("next_response", "2 hours", "0.75", "x-london", None),
    }
    assert goals == {
        key: (metric, target if isinstance(target, dict) else {"default": target}, Decimal(rate), schedule, origin)
        for key, (metric, target, rate, schedule, origin) in expected.items()
    }


def test_only_brightdesk_has_not_approved(config: Config) -> None:
    missing = {
        (item.agreement_key, party.party_id)
        for item in config.agreements
        for party in item.parties
        if party.party_id not in {approval.party for approval in item.approvals}
    }
    assert missing == {("x-australia-outsourcing.v2", "brightdesk")}
    assert {item.agreement_id for item in config.agreements if not item.raises_flags} == {"public-x-care"}


def test_its_tables_can_be_made_for_the_whole_story(config: Config) -> None:
    tables = config_tables(config, as_of=datetime(2026, 11, 3, tzinfo=UTC), first_at=datetime(2025, 5, 1, tzinfo=UTC))
    hours = {
        (row["schedule_id"], row["local_date"]): row["open_seconds"] / 3600
        for row in tables["schedule_days"].to_pylist()
    }
    assert ("email-new-york", date(2026, 7, 3)) not in hours  # Independence Day is observed
    assert hours["email-new-york", date(2026, 7, 11)] == 4
    assert hours["chat-berlin", date(2026, 7, 10)] == 16
    assert hours["chat-berlin", date(2026, 3, 28)] == 8  # the clocks go on at 02:00, when the desk closes
    assert hours["x-madrid", date(2026, 7, 10)] == 8
    assert hours["x-london", date(2026, 12, 25)] == 14


def _yaml_12(value: Any) -> Any:
    """Plain figures as an editor's YAML 1.2 reader sees them."""
    if isinstance(value, dict):
        return {key: _yaml_12(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_yaml_12(item) for item in value]
    if isinstance(value, str) and re.fullmatch(r"\d+", value):
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\d+\.\d+", value):
        return float(value)
    return value


def _errors(path: Path, name: str) -> list[str]:
    validator = jsonschema.Draft202012Validator(json_schemas()[name])
    documents, problems = read_documents(path.name, path.read_bytes())
    assert not problems
    return [
        f"{path.name}: {error.json_path}: {error.message}"
        for document in documents
        for error in validator.iter_errors(_yaml_12(document.data))
    ]


def _quoted_figures_as_text(errors: list[str]) -> list[str]:
    # The reader does not tell '26' from 26; only an automation author's id is quoted digits here.
    return [error for error in errors if ".author" not in error]


def test_the_delivered_json_schemas_are_those_of_the_models(tmp_path: Path) -> None:
    for name, schema in json_schemas().items():
        jsonschema.Draft202012Validator.check_schema(schema)
        text = (SCHEMAS_DIR / name).read_text(encoding="utf-8")
        assert text == schema_text(schema), f"{name} is stale: run python -m social_sla.agreements.schemas"
    assert sorted(path.name for path in write_schemas(tmp_path)) == sorted(json_schemas())
    assert json.loads((tmp_path / "agreement.schema.json").read_text())["title"] == "Agreement"


def test_the_delivered_files_keep_the_json_schemas_and_name_them() -> None:
    errors = []
    for path in [*sorted(CONFIG_DIR.glob("*.yaml")), *sorted(CONFIG_DIR.glob("agreements/*"))]:
        first_line = path.read_text(encoding="utf-8").split("\n")[0]
        named = re.fullmatch(r"# yaml-language-server: \$schema=(.+)", first_line)
        assert named, f"{path} does not begin with the line that names its schema"
        schema = (path.parent / named[1]).resolve()
        assert schema.parent == SCHEMAS_DIR
        errors += _errors(path, schema.name)
    assert _quoted_figures_as_text(errors) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("agreements/mail.yaml", "urgent: 1h", "urgent: 1 hour and a half"),
        ("agreements/mail.yaml", "urgent: 1h", "urgnt: 1h"),
        ("agreements/mail.yaml", "goal_rate: 90 %", "goal_rate: 90"),
        ("agreements/mail.yaml", "metric: first_response", "metric: first_reply"),
        ("agreements/mail.yaml", "version: 1", "version: 0"),
        ("agreements/mail.yaml", "title: Mail", "titel: Mail"),
        ("calendars.yaml", "mon-fri:", "monday to friday:"),
        ("calendars.yaml", '["09:00-17:00"]', '["9-17"]'),
        ("channels.yaml", "kind: email", "kind: e-mail"),
    ],
)
def test_an_editor_sees_slips_too(folder: ConfigFolder, name: str, old: str, new: str) -> None:
    schema = {"channels.yaml": "channels", "calendars.yaml": "calendars"}.get(name, "agreement") + ".schema.json"
    assert _quoted_figures_as_text(_errors(folder.path / name, schema)) == []
    folder.change(name, old, new)
    assert _quoted_figures_as_text(_errors(folder.path / name, schema))
