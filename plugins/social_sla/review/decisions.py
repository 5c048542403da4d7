"""People decide on flags (T4): which flags are asked about, whom, until when, and what was answered.

Questions and answers are landed like any source's records (`review/openings`, `review/decisions`), so that the
warehouse can be rebuilt from the landing alone. Nothing here knows Airflow: its task asks, and hands the answer back.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from social_sla.agreements import load_config
from social_sla.agreements.config import EffectiveAgreement
from social_sla.landing import Landing, LandingRecord, PartitionBusyError, PartitionKey
from social_sla.review import store, words
from social_sla.review.freeze import ACCOUNT, SOURCE
from social_sla.review.pack_model import FlagView, flag_view
from social_sla.review.store import ReviewError, open_marts
from social_sla.settings import Settings

OPENINGS, DECISIONS, NOTICES = "openings", "decisions", "notices"
REASON, ACTIONS = "reason", "actions"
DAY = timedelta(days=1)
_MOST_REASON_CHARACTERS = 2_000
_MOST_TRIES, _TRY_SECONDS = 40, 0.25


class Decision(StrEnum):
    """What a review may decide (T4)."""

    CONTINUE = "continue"
    RENEGOTIATE = "renegotiate"
    TERMINATE = "terminate"
    WAIVE = "waive"


class SecondAnswerError(ReviewError):
    """The flag was decided before; the first decision stands."""


class AnswerError(ReviewError):
    """The answer cannot stand as it is: it says what is missing. The question is asked again."""


@dataclass(frozen=True)
class Question:
    """What people are asked about one flag. `body` is Markdown; instants are ISO 8601 UTC."""

    flag_id: str
    agreement_id: str
    agreement_name: str
    goal_id: str | None
    flag_reason: str
    last_period: str
    release_id: str
    subject: str
    body: str
    approvers: tuple[str, ...]
    decision_days: int
    opened_at: str
    due_at: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON, for an XCom or the landing."""
        return {**asdict(self), "approvers": list(self.approvers)}


@dataclass(frozen=True)
class Action:
    """Something that a decision asks somebody to do. `due` is an ISO date, null where none was given."""

    owner: str
    due: str | None
    what: str


def questions(settings: Settings, now: datetime, run_id: str) -> list[Question]:
    """The raised flags of the published release that nobody has decided on, as questions; each opening is landed.

    A flag that was asked about before without an answer is asked about again, with a new due date: whoever calls this
    sees to it that the earlier question is over.

    Raises:
        ReviewError: nothing is published.
        ConfigError: the agreements cannot be read.
    """
    with open_marts(settings.marts_path) as con:
        release = store.release(con)
        names = store.goal_names(con)
        open_flags = [flag for flag in store.all_flags(con) if flag.is_open]
    decided = {row["flag_id"] for row in landed(settings, DECISIONS)}
    versions = {item.agreement_key: item for item in load_config(settings.config_dir).agreements}
    asked = [
        _question(flag, versions, flag_view(flag, names[flag.agreement_id], flag.last_period), release.release_id, now)
        for flag in open_flags
        if flag.flag_id not in decided
    ]
    if asked:
        _append(settings, OPENINGS, now, run_id, [(question.flag_id, question.as_dict()) for question in asked])
    return asked


def _question(
    flag: store.Flag, versions: Mapping[str, EffectiveAgreement], view: FlagView, release_id: str, now: datetime
) -> Question:
    agreement = versions.get(flag.agreement_key or "")
    if agreement is None:
        raise ReviewError(
            f"Flag {flag.flag_id} is about {flag.agreement_key}, which config/agreements no longer has. Versions stay "
            "for as long as something refers to them: put its file back."
        )
    name = agreement.stated.title
    due = (now + agreement.decision_days * DAY).astimezone(UTC)
    return Question(
        flag_id=flag.flag_id,
        agreement_id=flag.agreement_id,
        agreement_name=name,
        goal_id=flag.goal_id,
        flag_reason=flag.reason,
        last_period=flag.last_period.isoformat(),
        release_id=release_id,
        subject=f"{name}: {view.headline}",
        body=_body(view, agreement, due, release_id),
        approvers=agreement.approvers,
        decision_days=agreement.decision_days,
        opened_at=iso(now),
        due_at=iso(due),
    )


def _body(view: FlagView, agreement: EffectiveAgreement, due: datetime, release_id: str) -> str:
    lines = [
        f"**{markdown(view.headline)}** (rule {view.rule}, at the close of {words.month(view.last_period)})",
        "",
        f"Agreement: {markdown(agreement.stated.title)}, version {agreement.version}, "
        f"{markdown(agreement.provider)} for {markdown(agreement.customer)}.",
    ]
    if view.periods:
        lines += ["", "| month | goal | attainment | promised | met of decided |", "|---|---|---|---|---|"]
        lines += [
            f"| {words.month(row['period'])} | {markdown(str(row['goal_name'] or ''))} | {row['attainment']} "
            f"| {row['goal']} | {row['met_count']} of {row['decided_count']} |"
            for row in view.periods
        ]
    lines += ["", *(f"- {markdown(note)}" for note in view.notes)]
    lines += [
        "",
        f"Decide by {words.utc(due)}. A flag opens a review; it ends nothing by itself (T2). "
        f"Figures: release `{release_id}`. The month's pack has the clocks behind them.",
    ]
    return "\n".join(lines)


def decide(
    settings: Settings,
    question: Mapping[str, Any],
    *,
    chosen: Sequence[str],
    given: Mapping[str, Any],
    by: str,
    at: datetime,
    run_id: str,
) -> dict[str, Any]:
    """Lands an answer; returns it. The first answer to a flag stands.

    Args:
        question: as `Question.as_dict` made it.
        chosen: the options that were chosen; one of `Decision`.
        given: what else was filled in: `reason` (required) and `actions`, a line each: `owner; date; what`.
        by: who answered, as Airflow knows them.
        at: when.

    Raises:
        AnswerError: no decision or no reason, or an action that cannot be read.
        SecondAnswerError: the flag is decided already.
    """
    record = {
        "flag_id": question["flag_id"],
        "agreement_id": question["agreement_id"],
        "goal_id": question["goal_id"],
        "decision": _decision(chosen).value,
        "decided_by": by,
        "decided_at": iso(at),
        "reason": _reason(given),
        "actions": [asdict(action) for action in actions(str(given.get(ACTIONS) or ""))],
        "release_id": question["release_id"],
    }
    known = next((row for row in landed(settings, DECISIONS) if row["flag_id"] == record["flag_id"]), None)
    if known is not None:
        if _what(known) == _what(record):
            return known
        raise SecondAnswerError(
            f"Flag {record['flag_id']} was decided by {known['decided_by']} on {known['decided_at']}: "
            f"{known['decision']}. That stands."
        )
    _append(settings, DECISIONS, at, run_id, [(record["flag_id"], record)])
    return record


def _what(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return record["decision"], record["decided_by"], record["decided_at"], record["reason"]


def check_answer(chosen: Sequence[str], given: Mapping[str, Any]) -> None:
    """Raises AnswerError where an answer cannot stand."""
    _decision(chosen)
    _reason(given)
    actions(str(given.get(ACTIONS) or ""))


def _decision(chosen: Sequence[str]) -> Decision:
    if len(chosen) != 1 or chosen[0] not in set(Decision):
        allowed = ", ".join(Decision)
        raise AnswerError(f"The decision is {', '.join(chosen) or 'empty'}; choose one of {allowed}.")
    return Decision(chosen[0])


def _reason(given: Mapping[str, Any]) -> str:
    reason = str(given.get(REASON) or "").strip()
    if not reason:
        raise AnswerError("The reason is empty; a decision says why (T4).")
    if len(reason) > _MOST_REASON_CHARACTERS:
        raise AnswerError(f"The reason has {len(reason)} characters; at most {_MOST_REASON_CHARACTERS}.")
    return reason


def actions(text: str) -> list[Action]:
    """Actions out of lines like `Jane; 2026-12-01; add a night shift` (the date may be left out: `Jane; ; …`).

    Raises:
        AnswerError: names the line and what is wrong with it.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split(";", 2)]
        if len(parts) != 3 or not parts[0] or not parts[2]:
            raise AnswerError(f"Action {number} is {line.strip()!r}; write: owner; date such as 2026-12-01; what.")
        owner, due, what = parts
        if due and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", due):
            raise AnswerError(f"Action {number} is due {due!r}; write a date such as 2026-12-01, or nothing.")
        try:
            day = date.fromisoformat(due).isoformat() if due else None
        except ValueError:
            raise AnswerError(f"Action {number} is due {due!r}, which is no date.") from None
        found.append(Action(owner, day, what))
    return found


@dataclass(frozen=True)
class Notice:
    """A message that has to go out once: `kind` is asked, reminder or escalation."""

    kind: str
    flag_id: str
    due_at: str
    subject: str
    text: str

    @property
    def notice_id(self) -> str:
        return f"{self.kind}|{self.flag_id}|{self.due_at}"


REMIND_BEFORE = 3 * DAY


def due_notices(settings: Settings, now: datetime) -> list[Notice]:
    """Reminders of questions due within three days, and escalations of overdue ones, each until it was sent once."""
    decided = {row["flag_id"] for row in landed(settings, DECISIONS)}
    sent = {row["notice_id"] for row in landed(settings, NOTICES)}
    newest: dict[str, dict[str, Any]] = {}
    for row in landed(settings, OPENINGS):
        if row["flag_id"] not in newest or row["opened_at"] > newest[row["flag_id"]]["opened_at"]:
            newest[row["flag_id"]] = row
    found = []
    for flag_id, row in sorted(newest.items()):
        due = datetime.fromisoformat(row["due_at"])
        if flag_id in decided or now < due - REMIND_BEFORE:
            continue
        whom = ", ".join(row["approvers"]) or "whoever may answer"
        if now < due:
            kind, text = "reminder", f"Waits for a decision by {words.utc(due)}. Asked: {whom}."
        else:
            kind, text = "escalation", f"Was to be decided by {words.utc(due)}, and nobody has. Asked: {whom}."
        found.append(Notice(kind, flag_id, row["due_at"], row["subject"], text))
    return [notice for notice in found if notice.notice_id not in sent]


def pack_notices(settings: Settings, periods: Sequence[str]) -> list[Notice]:
    """That the packs of these months (first days, ISO 8601) are there, and what they come to; each is told of once."""
    found = []
    for period in periods:
        day = date.fromisoformat(period)
        page = settings.review_dir / f"{day:%Y-%m}" / "index.html"
        told = json.loads(page.with_name("pack.json").read_text(encoding="utf-8"))
        goals = f"{told['missed_count']} missed, {told['met_count'] + told['near_count']} met"
        text = (
            f"Goals: {goals}, {told['indeterminate_count']} indeterminate. "
            f"Flags raised: {told['flag_count']}. Release {told['release_id']}, data up to {told['as_of']}. "
            f"The pack: SLA scorecard in Airflow, or {page}"
        )
        found.append(Notice("pack", f"{day:%Y-%m}", "", f"SLA review of {words.month(day)}", text))
    return found


def send_once(
    settings: Settings, notices: Sequence[Notice], send: Callable[[Notice], None], now: datetime, run_id: str
) -> list[Notice]:
    """Sends what was not sent before, and lands that it was; a notice that cannot be sent stops the rest.

    A process that dies between sending and landing sends that one notice again: better twice than never.
    """
    sent = {row["notice_id"] for row in landed(settings, NOTICES)}
    done = []
    for notice in notices:
        if notice.notice_id in sent:
            continue
        send(notice)
        record = {"notice_id": notice.notice_id, "sent_at": iso(now)}
        _append(settings, NOTICES, now, run_id, [(notice.notice_id, record)])
        done.append(notice)
    return done


def landed(settings: Settings, stream: str) -> list[dict[str, Any]]:
    """The records of one of the review's streams, oldest first."""
    landing = Landing(settings.landing_url)
    manifests = landing.stream_manifests(SOURCE, ACCOUNT, stream)
    records = [record for manifest in manifests for record in landing.read(manifest.key)]
    return [json.loads(record.payload) for record in sorted(records, key=lambda one: (one.record_updated_at, one))]


def _append(
    settings: Settings, stream: str, at: datetime, run_id: str, records: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """Adds records to the partition of the UTC day. What is there stays; the same record again is not added."""
    landing = Landing(settings.landing_url)
    start = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    key = PartitionKey(SOURCE, ACCOUNT, stream, start, start + DAY)

    def rows() -> Iterator[LandingRecord]:
        # Read inside the partition's lock: nobody else adds meanwhile.
        yield from landing.read(key) if landing.manifest(key) is not None else ()
        for record_id, payload in records:
            yield LandingRecord(record_id, at, json.dumps(payload, ensure_ascii=False, sort_keys=True))

    for attempt in range(1, _MOST_TRIES + 1):
        try:
            landing.replace_partition(key, rows(), run_id=run_id, extracted_at=at)
            return
        except PartitionBusyError:
            # Somebody else's answer of the same day is being written just now.
            if attempt == _MOST_TRIES:
                raise
            time.sleep(_TRY_SECONDS)


def iso(at: datetime) -> str:
    """An instant as the landing writes it, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def markdown(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~])", r"\\\1", " ".join(text.split()))
