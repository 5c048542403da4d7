"""People decide on flags (T4): what is asked, what stands, what is told once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from social_sla.landing import Landing
from social_sla.review.decisions import (
    DECISIONS,
    OPENINGS,
    Action,
    AnswerError,
    Notice,
    Question,
    SecondAnswerError,
    actions,
    decide,
    due_notices,
    landed,
    pack_notices,
    questions,
    send_once,
)
from social_sla.review.pack import write_pack
from social_sla.review.store import ReviewError
from social_sla.settings import Settings

PROJECT = Path(__file__).resolve().parents[3]
ASKED = datetime(2026, 11, 3, 9, 30, 15, tzinfo=UTC)
DUE = ASKED + timedelta(days=7)
REVIEW = """
review:
  approvers: [jane, omar]
  decision_days: 7
"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The fixture release with one raised flag, of an agreement that names its approvers."""
    config = settings.home / "config"
    shutil.copytree(PROJECT / "config", config)
    email = config / "agreements" / "email-support.yaml"
    email.write_text(email.read_text() + REVIEW)
    with duckdb.connect(str(settings.marts_path)) as con:
        con.execute("delete from fct_termination_review_flag where agreement_id <> 'email-support'")
        con.execute("update fct_termination_review_flag set agreement_key = 'email-support.v1'")
        con.execute(
            "update agreement_goal_monthly set goal_title = 'Another'"
            " where goal_id = 'first_response' and agreement_id <> 'email-support'"
        )
    return replace(settings, config_dir=config)


def asked(settings: Settings, at: datetime = ASKED) -> Question:
    (question,) = questions(settings, at, "run-1")
    return question


def answer(settings: Settings, question: Question, decision: str = "renegotiate", **given: str) -> dict[str, object]:
    return decide(
        settings,
        question.as_dict(),
        chosen=[decision],
        given={"reason": "The desk is too small.", **given},
        by="jane",
        at=ASKED + timedelta(hours=2),
        run_id="run-1",
    )


def test_a_raised_flag_is_asked_about_with_its_evidence(settings: Settings) -> None:
    question = asked(settings)
    assert question.approvers == ("jane", "omar")
    assert question.due_at == "2026-11-10T09:30:15+00:00"
    # Another agreement has a goal of the same id and another name.
    assert question.subject == "E-mail and web form support: First response was missed 3 months in a row"
    assert "| October 2026 |" in question.body
    assert question.release_id in question.body
    assert [row["flag_id"] for row in landed(settings, OPENINGS)] == [question.flag_id]


def test_without_an_answer_the_next_run_asks_again(settings: Settings) -> None:
    first = asked(settings)
    again = asked(settings, DUE + timedelta(hours=1))
    assert again.flag_id == first.flag_id
    assert again.due_at > first.due_at
    assert len(landed(settings, OPENINGS)) == 2


def test_a_decision_lands_and_nobody_is_asked_again(settings: Settings) -> None:
    question = asked(settings)
    answer(settings, question, actions="Jane; 2026-12-01; add a night shift; at least two\n\nOmar; ; tell the board\n")
    (landed_one,) = landed(settings, DECISIONS)
    assert landed_one == {
        "flag_id": question.flag_id,
        "agreement_id": "email-support",
        "goal_id": "first_response",
        "decision": "renegotiate",
        "decided_by": "jane",
        "decided_at": "2026-11-03T11:30:15+00:00",
        "reason": "The desk is too small.",
        "actions": [
            {"owner": "Jane", "due": "2026-12-01", "what": "add a night shift; at least two"},
            {"owner": "Omar", "due": None, "what": "tell the board"},
        ],
        "release_id": question.release_id,
    }
    assert questions(settings, ASKED, "run-2") == []


def test_the_first_answer_stands(settings: Settings) -> None:
    question = asked(settings)
    first = answer(settings, question)
    # The same answer again is a retry of the task that lands it.
    assert answer(settings, question) == first
    with pytest.raises(SecondAnswerError, match="was decided by jane on 2026-11-03T11:30:15"):
        answer(settings, question, "terminate")
    assert len(landed(settings, DECISIONS)) == 1


@pytest.mark.parametrize(
    ("chosen", "given", "message"),
    [
        (["maybe"], {"reason": "x"}, "choose one of continue, renegotiate, terminate, waive"),
        ([], {"reason": "x"}, "The decision is empty"),
        (["waive"], {"reason": "  "}, "The reason is empty"),
        (["waive"], {}, "The reason is empty"),
        (["waive"], {"reason": "x" * 2_001}, "2001 characters"),
        (["waive"], {"reason": "x", "actions": "Jane, do it"}, "Action 1 is 'Jane, do it'"),
        (["waive"], {"reason": "x", "actions": "Jane; soon; do it"}, "due 'soon'"),
        (["waive"], {"reason": "x", "actions": "Jane; 2026-02-30; do it"}, "no date"),
    ],
)
def test_an_answer_that_cannot_stand_says_why(
    settings: Settings, chosen: list[str], given: dict[str, str], message: str
) -> None:
    question = asked(settings)
    with pytest.raises(AnswerError, match=message):
        decide(settings, question.as_dict(), chosen=chosen, given=given, by="jane", at=ASKED, run_id="r")
    assert landed(settings, DECISIONS) == []


def test_an_agreement_that_is_gone_is_named(settings: Settings) -> None:
    with duckdb.connect(str(settings.marts_path)) as con:
        con.execute("update fct_termination_review_flag set agreement_key = 'email-support.v9'")
    with pytest.raises(ReviewError, match=r"email-support\.v9, which config/agreements no longer has"):
        asked(settings)


def test_actions_of_nothing() -> None:
    assert actions("") == []
    assert actions("A; ; b") == [Action("A", None, "b")]


@pytest.mark.parametrize(
    ("when", "kinds"),
    [
        (ASKED, []),
        (DUE - timedelta(days=3, seconds=1), []),
        (DUE - timedelta(days=3), ["reminder"]),
        (DUE - timedelta(seconds=1), ["reminder"]),
        (DUE, ["escalation"]),
    ],
)
def test_reminders_come_before_the_due_instant_and_escalations_after(
    settings: Settings, when: datetime, kinds: list[str]
) -> None:
    asked(settings)
    assert [notice.kind for notice in due_notices(settings, when)] == kinds


def test_a_notice_is_sent_once_also_after_a_failure(settings: Settings) -> None:
    asked(settings)
    (reminder,) = due_notices(settings, DUE - timedelta(days=1))
    other = replace(reminder, kind="reminder@second")
    sent: list[str] = []

    def fails_on_the_second(notice: Notice) -> None:
        if notice is other:
            raise ConnectionError
        sent.append(notice.kind)

    def send(deliver: Callable[[Notice], None]) -> list[Notice]:
        return send_once(settings, [reminder, other], deliver, DUE, "run-1")

    with pytest.raises(ConnectionError):
        send(fails_on_the_second)
    assert [notice.kind for notice in send(lambda notice: sent.append(notice.kind))] == ["reminder@second"]
    assert send(lambda notice: sent.append(notice.kind)) == []
    assert sent == ["reminder", "reminder@second"]
    assert due_notices(settings, DUE - timedelta(days=1)) == []


def test_decided_flags_are_not_reminded_of(settings: Settings) -> None:
    answer(settings, asked(settings))
    assert due_notices(settings, DUE + timedelta(days=1)) == []


def test_answers_of_the_same_moment_all_land(settings: Settings) -> None:
    question = asked(settings)
    flags = [replace(question, flag_id=f"flag-{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as people:
        list(people.map(lambda one: answer(settings, one), flags))
    assert {row["flag_id"] for row in landed(settings, DECISIONS)} == {one.flag_id for one in flags}


def test_records_of_one_day_stand_beside_each_other(settings: Settings) -> None:
    question = asked(settings)
    answer(settings, question)
    other = replace(question, flag_id="another")
    answer(settings, other)
    assert {row["flag_id"] for row in landed(settings, DECISIONS)} == {question.flag_id, "another"}
    (manifest,) = Landing(settings.landing_url).stream_manifests("review", "review", DECISIONS)
    assert manifest.row_count == 2


def test_a_pack_is_told_of_once(settings: Settings) -> None:
    write_pack(settings, date(2026, 10, 1))
    notices = pack_notices(settings, ["2026-10-01"])
    assert [notice.subject for notice in notices] == ["SLA review of October 2026"]
    assert "Flags raised: 1." in notices[0].text
    assert send_once(settings, notices, lambda notice: None, ASKED, "run-1") == notices
    assert send_once(settings, pack_notices(settings, ["2026-10-01"]), lambda notice: None, DUE, "run-2") == []
