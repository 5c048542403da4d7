"""Every way in which a configuration can be wrong, with the exact words in which it is told.

The cases are in slips/*.txt, one a paragraph: `=` the file, `-` what stands in it, `+` what is written instead (no
`+`: the lines are taken out), `!` each problem that is then told, in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from social_sla.agreements.vocabulary import Source

from tests.unit.agreements.conftest import ConfigFolder


@dataclass(frozen=True)
class Slip:
    name: str
    old: str
    new: str
    problems: list[str]


def _read_slips() -> list[Any]:
    slips = []
    for path in sorted(Path(__file__).with_name("slips").glob("*.txt")):
        for number, paragraph in enumerate(path.read_text().strip().split("\n\n"), start=1):
            lines = paragraph.split("\n")
            name, old, new, problems = ([line[2:] for line in lines if line[0] == mark] for mark in "=-+!")
            end = "" if new else "\n"
            slip = Slip(name[0], "\n".join(old) + end, "\n".join(new), problems)
            slips.append(pytest.param(slip, id=f"{path.stem}-{number}-{' '.join(new or ['nothing']).strip()[:40]}"))
    return slips


@pytest.mark.parametrize("slip", _read_slips())
def test_a_slip_is_told_with_its_place_and_what_would_be_right(folder: ConfigFolder, slip: Slip) -> None:
    folder.change(slip.name, slip.old, slip.new)
    assert folder.problems() == slip.problems


def test_tabs_and_control_characters_are_told(folder: ConfigFolder) -> None:
    folder.change("channels.yaml", "  - channel_id: mail\n", "\t- channel_id: mail\n")
    folder.change("calendars.yaml", "title: Office", "title: Of\x07fice")
    folder.write("agreements/tweets.yaml", b"title: Caf\xe9\n")
    assert folder.problems()[:3] == [
        "agreements/tweets.yaml:1: is not UTF-8 text; save the file as UTF-8",
        "calendars.yaml:3: holds the control character #x0007; remove it",
        "channels.yaml:2: is not YAML (found character '\\t' that cannot start any token); "
        "indent with spaces, never with tabs",
    ]


def test_the_good_configuration_has_no_problem(folder: ConfigFolder) -> None:
    assert folder.problems() == []


def test_a_missing_folder_names_every_file_that_should_be_there(folder: ConfigFolder, tmp_path: Path) -> None:
    folder.path = tmp_path / "nowhere"
    assert folder.problems() == [
        "agreements:1: holds no agreement; put one YAML file there for each of them",
        "calendars.yaml:1: cannot be read (No such file or directory); put the file there",
        "channels.yaml:1: cannot be read (No such file or directory); put the file there",
    ]


def test_an_empty_file_is_told(folder: ConfigFolder) -> None:
    folder.write("calendars.yaml", "# nothing here yet\n")
    assert folder.problems() == ["calendars.yaml:1: is empty; see docs/configuration.md for what belongs in it"]


def test_the_slips_of_all_files_are_told_at_once_in_order(folder: ConfigFolder) -> None:
    folder.change("channels.yaml", "source: x", "source: y")
    folder.change("calendars.yaml", "country: DE", "country: XX")
    folder.change("agreements/mail.yaml", "metric: full_resolution", "metric: resolution")
    folder.change("agreements/mail.yaml", "version: 1", "version: v1")
    assert folder.problems() == [
        "agreements/mail.yaml:2: version: 'v1' is not a whole number from 1 on; write one like 3",
        "agreements/mail.yaml:23: goals[1].metric: unknown metric 'resolution'; did you mean full_resolution?",
        "calendars.yaml:8: schedules[0].holidays[0].country: unknown country 'XX'; write an ISO code like US or DE",
        f"channels.yaml:16: channels[1].source: unknown source 'y'; one of {', '.join(sorted(Source))}",
    ]


def test_a_file_that_cannot_be_read_is_not_told_again_by_those_who_name_what_is_in_it(folder: ConfigFolder) -> None:
    folder.write("channels.yaml", "channels: [")
    folder.change("agreements/corporate.yaml", "title: Standard", "title: Stan: dard")
    problems = folder.problems()
    assert [problem.split(": ")[0] for problem in problems] == ["agreements/corporate.yaml:3", "channels.yaml:1"]


def test_the_error_lists_the_problems_under_the_folder(folder: ConfigFolder) -> None:
    from social_sla.agreements import ConfigError, load_config

    folder.change("channels.yaml", "kind: email", "kind: e-mail")
    with pytest.raises(ConfigError) as caught:
        load_config(folder.path)
    assert str(caught.value) == (
        f"1 problem in the configuration in {folder.path}:\n"
        "  channels.yaml:6: channels[0].kind: unknown kind 'e-mail'; did you mean email?"
    )
    assert caught.value.problems[0].column == 11


def test_the_check_says_whether_a_folder_can_be_used(folder: ConfigFolder, capsys: pytest.CaptureFixture[str]) -> None:
    from social_sla.agreements.__main__ import main

    assert main([str(folder.path)]) == 0
    assert capsys.readouterr().out == f"{folder.path} is in order: 2 channels, 2 schedules, 3 versions of agreements.\n"
    folder.change("channels.yaml", "kind: email", "kind: e-mail")
    assert main([str(folder.path)]) == 1
    assert "channels.yaml:6: channels[0].kind: unknown kind" in capsys.readouterr().err
