"""Reminders before a flag's decision is due, and an escalation after."""

from __future__ import annotations

from airflow.sdk import DAG
from social_sla.airflow.conventions import START_DATE, Tag, at, default_args, doc
from social_sla.airflow.decisions import RemindOperator

with DAG(
    dag_id="remind_reviews",
    description="Reminds of decisions that are due soon, tells of overdue ones",
    doc_md=doc(
        """
Once a day: a reminder from three days before a flag's decision is due, an escalation when it is overdue, each once, to
the connections that `[social_sla] notify` names (smtp, slackwebhook or http).
""",
        "The log names the connection that refused. What was sent stays sent; the rest goes out with the next try.",
    ),
    schedule=at("0 8 * * *"),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    tags=[Tag.REVIEW],
    default_args=default_args(),
):
    RemindOperator(task_id="remind")
