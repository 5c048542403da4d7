"""People decide on raised flags: one question a flag, in Airflow's own required actions."""

from __future__ import annotations

from airflow.sdk import DAG, task_group
from social_sla.airflow.assets import DECISIONS, REVIEW
from social_sla.airflow.conventions import START_DATE, Tag, assets_or_daily, default_args, doc, timed_runs
from social_sla.airflow.decisions import DecideFlagOperator, LandDecisionOperator, OpenReviewsOperator

with DAG(
    dag_id="decide_flags",
    description="Raised flags are asked about, and what people decide is landed",
    doc_md=doc(
        """
Asks about every raised flag of the published release that nobody has decided on: `continue`, `renegotiate`, `terminate`
or `waive`, with a reason and actions (owner; date; what). Only the agreement's `review.approvers` may answer, once;
nobody waits in a worker's slot. Answers land as `review/decisions`; the next build shows them in `fct_review_decision`
and the next pack. One run at a time: a run lasts until all its questions are answered or overdue.
""",
        """
A question that nobody answered in time fails the run. Nothing is lost: the next run asks again, with a new due date.
An answer without a reason, or with an action that cannot be read, is asked for again at once; the task's log says why.
""",
    ),
    # A demonstration asks nobody by itself: its releases must not depend on when somebody looks.
    schedule=assets_or_daily(REVIEW, "0 7 * * *") if timed_runs() else None,
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    tags=[Tag.REVIEW],
    default_args=default_args(),
):
    opened = OpenReviewsOperator(task_id="open_reviews")

    @task_group
    def review(question: dict) -> None:
        """One flag: asked, answered, landed."""
        decided = DecideFlagOperator(task_id="decide", question=question)
        LandDecisionOperator(task_id="land_decision", question=question, response=decided.output, outlets=[DECISIONS])

    review.expand(question=opened.output)
