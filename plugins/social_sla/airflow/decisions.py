"""Flags are decided by people in Airflow: the tasks that ask, take down the answer, remind and tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, timezone

from social_sla.airflow.notifiers import tell
from social_sla.airflow.operators import PeriodsOperator, SocialSlaOperator
from social_sla.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context

OPTIONS = ["continue", "renegotiate", "terminate", "waive"]
"""T4, in the order in which Airflow shows them; social_sla.review.decisions.Decision is the same list."""


class OpenReviewsOperator(SocialSlaOperator):
    """Finds the flags that wait for a decision, lands that they are asked about, and returns the questions."""

    def work(self, context: Context) -> list[dict[str, Any]]:
        from social_sla.review.decisions import questions

        found = questions(Settings.from_env(), timezone.utcnow(), context["run_id"])
        self.log.info("%d flags wait for a decision.", len(found))
        return [question.as_dict() for question in found]


class DecideFlagOperator(HITLOperator):
    """Asks the agreement's approvers about one flag, and waits without a worker's slot.

    Answered in the UI ("Required actions") or with PATCH …/hitlDetails. Anybody but the approvers is refused (403), a
    second answer too (409). An answer without a reason is asked for again. Nobody answers in time: the task fails, and
    the next run asks again.

    Args:
        question: `social_sla.review.decisions.Question.as_dict`.
    """

    template_fields = ("subject", "body", "question")

    def __init__(self, *, question: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(
            subject="A flag waits for a decision",
            options=list(OPTIONS),
            params={
                "reason": Param("", type="string", title="Why", description="Goes into the next pack, with your name."),
                "actions": Param(
                    "",
                    type=["null", "string"],
                    format="multiline",
                    title="Actions",
                    description="One a line: owner; date; what. Such as: Jane; 2026-12-01; add a night shift",
                ),
            },
            # Each try is one question: after an answer that cannot stand it is asked again at once.
            retries=10,
            retry_delay=timedelta(seconds=1),
            **kwargs,
        )
        self.question = question

    def execute(self, context: Context) -> Any:
        from social_sla.review.decisions import Notice

        question = self.question
        self.subject, self.body = question["subject"], question["body"]
        self.assigned_users = [{"id": user, "name": user} for user in question["approvers"]]
        left = datetime.fromisoformat(question["due_at"]) - timezone.utcnow()
        self.response_timeout = max(left, timedelta(seconds=1))
        notice = Notice(
            "asked", question["flag_id"], question["due_at"], question["subject"], f"Decide by {question['due_at']}."
        )
        tell(Settings.from_env(), [notice], context["run_id"], self.log)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        if "error" not in event:
            from social_sla.review.decisions import check_answer

            check_answer(event["chosen_options"], event["params_input"] or {})
        return super().execute_complete(context, event)

    def process_trigger_event_error(self, event: dict[str, Any]) -> None:
        """Overdue: no retry would make anybody answer; the next run of the DAG asks again."""
        from airflow.sdk.exceptions import AirflowFailException

        raise AirflowFailException(f"Nobody decided by {self.question['due_at']}: {self.question['subject']}")


class LandDecisionOperator(SocialSlaOperator):
    """Lands the answer to a question; the first answer to a flag stands.

    Args:
        question: as for `DecideFlagOperator`.
        response: what that returned.
    """

    template_fields: Sequence[str] = ("question", "response")

    def __init__(self, *, question: Mapping[str, Any], response: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.question = question
        self.response = response

    def work(self, context: Context) -> dict[str, Any]:
        from social_sla.review.decisions import decide

        answered = self.response["responded_at"]
        by = self.response.get("responded_by_user") or {}
        decision = decide(
            Settings.from_env(),
            self.question,
            chosen=self.response["chosen_options"],
            given=self.response["params_input"] or {},
            by=str(by.get("name") or by.get("id") or "unknown"),
            at=answered if isinstance(answered, datetime) else datetime.fromisoformat(answered).astimezone(UTC),
            run_id=context["run_id"],
        )
        self.log.info("%s: %s by %s.", self.question["subject"], decision["decision"], decision["decided_by"])
        return decision


class AnnouncePacksOperator(PeriodsOperator):
    """Tells that the months' packs are there, each month once; returns what was told."""

    def work(self, context: Context) -> list[str]:
        from social_sla.review.decisions import pack_notices

        settings = Settings.from_env()
        told = tell(settings, pack_notices(settings, self.listed()), context["run_id"], self.log)
        return [notice.subject for notice in told]


class RemindOperator(SocialSlaOperator):
    """Reminds of questions that are due soon and tells of overdue ones, each once; returns what was told."""

    def work(self, context: Context) -> list[str]:
        from social_sla.review.decisions import due_notices

        settings = Settings.from_env()
        told = tell(settings, due_notices(settings, timezone.utcnow()), context["run_id"], self.log)
        return [f"{notice.kind}: {notice.subject}" for notice in told]
