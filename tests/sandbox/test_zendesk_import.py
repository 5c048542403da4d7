"""`agreements import zendesk` asks the account's API and gets back the goals that the sandbox's policies mirror."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from social_sla.agreements import load_config
from social_sla.agreements.commands.zendesk_reading import ask_zendesk
from social_sla.agreements.zendesk_import import write_draft
from social_sla.settings import PROJECT_DIR
from social_sla.sources.base import Credentials

from tests.support.sandbox_server import running_sandbox


def test_the_policies_of_an_account_become_the_goals_that_they_mirror(tmp_path: Path) -> None:
    with running_sandbox() as sandbox:
        credentials = Credentials(
            connection_id="zendesk_default",
            base_url=sandbox.zendesk_base_url,
            login=sandbox.zendesk_email,
            token=sandbox.zendesk_token,
            extra={},
        )
        rules = ask_zendesk(credentials, "auroraair")
    config_dir = PROJECT_DIR / "config"
    notes = write_draft(tmp_path / "draft", rules, config_dir=config_dir, goal_rate="90 %", valid_from=date(2025, 5, 1))
    drafted = load_config(tmp_path / "draft")
    company = load_config(config_dir)
    email = next(item for item in company.agreements if item.agreement_id == "email-support")
    wanted = {goal.metric: goal.targets for goal in email.goals}["first_response"]
    found = [goal.targets for item in drafted.agreements for goal in item.goals if goal.metric == "first_response"]
    urgent = wanted["urgent"]
    assert urgent.seconds in [targets["urgent"].seconds for targets in found if "urgent" in targets]
    assert [item.channel_id for item in drafted.channels] == ["zd_chat", "zd_email"]
    assert {item.timezone for item in drafted.schedules} <= {item.timezone for item in company.schedules}
    assert any("is not kept" in note or "first policy that matches" in note for note in notes)
