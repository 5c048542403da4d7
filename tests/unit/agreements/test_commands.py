"""`social_sla agreements check|show|diff|statement|import`: what people read on the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from social_sla.agreements import ConfigError, load_config
from social_sla.agreements.commands.compare import differences
from social_sla.agreements.commands.find import UnknownAgreementError, find
from social_sla.agreements.rails_zones import ZONES, iana_zone
from social_sla.agreements.values import zone_names
from social_sla.agreements.zendesk_import import weekly_hours
from social_sla.cli import main

from tests.unit.agreements.conftest import MAIL, TWEETS, ConfigFolder

SAVED = Path(__file__).with_name("zendesk")


def _run(folder: ConfigFolder, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["agreements", "--config", str(folder.path), *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def _squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_check_says_what_is_wrong(folder: ConfigFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(folder, capsys, "check")[0] == 0
    folder.change("agreements/mail.yaml", "version: 1", "version: one")
    status, _, said = _run(folder, capsys, "check")
    assert status == 1
    assert "agreements/mail.yaml:2: version: 'one' is not a whole number from 1 on; write one like 3" in said


def test_show_prints_every_effective_term_with_its_origin(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = _run(folder, capsys, "show", "mail")
    assert status == 0
    lines = _squeezed(out)
    mail = next(item for item in load_config(folder.path).agreements if item.agreement_key == "mail.v1")
    shown = {line.split(" ")[0] for line in lines if line}
    assert set(mail.terms) - {"parties"} <= shown
    for line in (
        "provider Acme inherited from corporate.v1",
        "minimum_sample 20 inherited from corporate.v1",
        "consecutive_periods 3 default",
        "channels mail this version",
        "Goal next: Next (2026-01-01 to 2027-12-31, inherited from corporate.v1)",
        "targets 8 hours inherited from corporate.v1",
        "targets default: 4 hours, low: 1 business day, urgent: 1 hour this version",
        "hours office the agreement's hours",
        "board Board (customer) this version approved 2025-12-02 by Chair, until 2026-12-31",
        "2026-02 first Board: Strike",
        "Public statement: none of its own",
    ):
        assert line in lines, line


def test_diff_says_in_words_what_changes(folder: ConfigFolder, tmp_path: Path) -> None:
    draft = MAIL.replace("version: 1", "version: 2").replace("valid_from: 2026-01-01", "valid_from: 2027-01-01")
    draft = draft.replace("urgent: 1h", "urgent: 2h").replace("goal_rate: 90 %", "goal_rate: 95 %")
    draft = draft.replace("  - {party: board, by: Chair, date: 2025-12-02, expires: 2026-12-31}\n", "")
    draft = draft.replace("  - goal_id: solved", "  - goal_id: fixed").partition("waivers:")[0]
    draft = draft.replace("channels: [mail]", "channels: [mail]\nhours: always")
    path = tmp_path / "draft.yaml"
    path.write_text(draft)
    _, old = find(folder.path, "mail.v1")
    _, new = find(folder.path, str(path))
    found = differences(old, new)
    for line in (
        "Goal fixed is new: full resolution within 5 business days (business time), 85 %.",
        "Goal solved is dropped: full resolution within 5 business days (business time), 85 %.",
        "Goal first: the target for urgent goes from 1 hour to 2 hours (looser).",
        "Goal first: 95 % are to be met, not 90 % (stricter).",
        "Goal next: the hours: office becomes always.",
        "The hours: office becomes always.",
        "Board has not approved mail.v2 (the other version is approved).",
        "It is valid 2027-01-01 to 2027-12-31; the other one 2026-01-01 to 2027-12-31.",
    ):
        assert line in found, line
    assert differences(old, old) == []


def test_a_draft_counts_instead_of_the_version_in_the_folder(folder: ConfigFolder, tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    path.write_text(TWEETS.replace("60m", "15m"))
    config, draft = find(folder.path, str(path))
    assert str(draft.goals[0].targets["default"]) == "15 minutes"
    assert [item.agreement_key for item in config.agreements].count("tweets.v1") == 1
    path.write_text(TWEETS.replace("60m", "15 min.") + "---\n" + MAIL)
    with pytest.raises(ConfigError, match=r"draft\.yaml:17: goals\[0\]\.target: '15 min\.' is not a duration"):
        find(folder.path, str(path))


def test_a_document_of_a_file_is_taken_by_its_number(folder: ConfigFolder, tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text(TWEETS + "---\n" + TWEETS.replace("version: 1", "version: 2"))
    assert [find(folder.path, f"{path}{end}")[1].version for end in ("", "#1", "#2")] == [2, 1, 2]
    with pytest.raises(UnknownAgreementError, match="has 2 documents; write #1 to #2, not #3"):
        find(folder.path, f"{path}#3")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "mial"], "There is no agreement 'mial'; did you mean mail?"),
        (["show", "no.yaml"], "no.yaml does not exist; name a YAML file with an agreement."),
        (["statement", "phone"], "There is no channel 'phone'; the channels are mail, tweets."),
        (["statement", "--date", "1 May"], "'1 May' is not a date; write YYYY-MM-DD like 2026-03-01."),
    ],
)
def test_what_is_not_there_is_told(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    status, _, said = _run(folder, capsys, *arguments)
    assert status == 1
    assert message in said


def test_statement_lists_channels_that_say_nothing(folder: ConfigFolder, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(folder, capsys, "statement", "--date", "2026-06-01")
    assert status == 0
    assert "We answer everyone within 60 minutes." in out
    assert "! no place is named in which it stands" in out
    assert out.endswith("Channels without a public statement:\n  mail: Mailbox\n")


def _import(folder: ConfigFolder, capsys: pytest.CaptureFixture[str], target: Path, *more: str) -> tuple[int, str, str]:
    return _run(
        folder, capsys, "import", "zendesk", str(target), "--account", "acme",
        "--policies", str(SAVED / "policies.json"), "--schedules", str(SAVED / "schedules.json"),
        "--holidays", f"11={SAVED / 'holidays.json'}", "--valid-from", "2026-01-01", *more,
    )  # fmt: skip


def test_policies_of_zendesk_become_a_draft_that_passes_the_check(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, out, _ = _import(folder, capsys, tmp_path / "draft", "--goal-rate", "85 %")
    assert status == 0
    config = load_config(tmp_path / "draft")
    goals = {
        goal.goal_key: (goal.metric.value, goal.basis.value, {name: str(t) for name, t in goal.targets.items()})
        for item in config.agreements
        for goal in item.goals
    }
    assert goals == {
        "chat.v1.first-response": (
            "first_response",
            "calendar",
            {"low": "90 seconds", "normal": "90 seconds", "high": "1 minute", "urgent": "1 minute"},
        ),
        "chat.v1.full-resolution": ("full_resolution", "business", {"urgent": "1 hour"}),
        "incidents.v1.first-response-business": (
            "first_response",
            "business",
            {"high": "90 minutes", "normal": "8 hours", "low": "48 hours"},
        ),
        "incidents.v1.first-response-calendar": ("first_response", "calendar", {"urgent": "30 minutes"}),
        "incidents.v1.requester-wait": ("requester_wait", "calendar", {"urgent": "4 hours"}),
    }
    assert {str(goal.goal_rate) for item in config.agreements for goal in item.goals} == {"0.85"}
    assert [channel.channel_id for channel in config.channels] == ["mail"]
    office = config.schedule("berlin-office")
    assert office.timezone == "Europe/Berlin"
    assert [f"{item.date}" for item in office.company_holidays] == ["2026-12-31", "2027-01-01"]
    for note in (
        "'Incidents': the condition (all) type is incident is not kept",
        "'Incidents': the metric breach_of_nothing has no measure here; left out.",
        "'Nothing here': none of its targets could be translated, so it is left out.",
        "Schedule 'Moon base': its time zone 'Mare Tranquillitatis' has no IANA name here",
        "'Chat': Zendesk applies the first policy that matches",
    ):
        assert note in out, note
    assert "condition (all) type is incident" in (tmp_path / "draft/agreements/incidents.yaml").read_text()


def test_an_account_without_channels_and_schedules_gets_ones_that_say_so(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ["import", "zendesk", str(tmp_path / "draft"), "--account", "other", "--valid-from", "2026-01-01"]
    status, out, _ = _run(folder, capsys, *arguments, "--policies", str(SAVED / "policies.json"))
    assert status == 0
    assert "There is no schedule: targets in business hours run around the clock" in out
    config = load_config(tmp_path / "draft")
    assert [(item.channel_id, item.account) for item in config.channels] == [("zendesk-other", "other")]


def test_an_import_writes_nothing_over_and_tells_what_it_cannot_read(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, _, said = _import(folder, capsys, folder.path)
    assert (status, "is not empty; name a new folder" in said) == (1, True)
    bad = tmp_path / "bad.json"
    for content, message in (
        ("not JSON", "is not JSON"),
        ('{"policies": []}', "has no list 'sla_policies'"),
        ('{"sla_policies": []}', "There is no SLA policy in the answer"),
    ):
        bad.write_text(content)
        status, _, said = _import(folder, capsys, tmp_path / "draft", "--policies", str(bad))
        assert (status, message in said) == (1, True), said
    assert not (tmp_path / "draft").exists()


def test_pages_that_were_saved_one_a_line_are_read_together(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    policies = json.loads((SAVED / "policies.json").read_text())["sla_policies"]
    pages = tmp_path / "pages.json"
    pages.write_text("\n".join(json.dumps({"sla_policies": [policy]}) for policy in policies))
    status, out, _ = _import(folder, capsys, tmp_path / "draft", "--policies", str(pages))
    assert (status, "2 of 3 policies" in out) == (0, True)


@pytest.mark.parametrize(
    ("intervals", "weekly"),
    [
        ([(0, 10080)], {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}),
        ([(1980, 2460)], {"mon": ["09:00-17:00"]}),
        ([(9960, 10140)], {"sat": ["22:00-24:00"], "sun": ["00:00-01:00"]}),
        ([(10020, 10080), (0, 30)], {"sat": ["23:00-24:00"], "sun": ["00:00-00:30"]}),
        ([], {}),
    ],
)
def test_intervals_are_minutes_after_sunday_midnight(
    intervals: list[tuple[int, int]], weekly: dict[str, list[str]]
) -> None:
    assert weekly_hours([{"start_time": start, "end_time": end} for start, end in intervals]) == weekly


def test_every_zone_of_rails_is_one_of_this_machine() -> None:
    assert [name for name, zone in ZONES.items() if zone not in zone_names()] == []
    assert (iana_zone("Pacific Time (US & Canada)"), iana_zone("Europe/Berlin"), iana_zone("Mars")) == (
        "America/Los_Angeles",
        "Europe/Berlin",
        None,
    )
