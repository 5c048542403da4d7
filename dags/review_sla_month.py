"""The monthly review: sign the figures of whole months, publish the flags that follow, write the packs."""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, Param
from social_sla.airflow.assets import REVIEW
from social_sla.airflow.conventions import START_DATE, Tag, at, default_args, doc
from social_sla.airflow.decisions import AnnouncePacksOperator
from social_sla.airflow.operators import CheckDataOperator, FreezeMonthsOperator, ReviewPackOperator

PERIODS = "{{ ti.xcom_pull(task_ids='check_data')['periods'] | tojson }}"

with DAG(
    dag_id="review_sla_month",
    description="Whole months are signed, their flags published, their packs written",
    doc_md=doc(
        """
Reviews `months` whole months that end with `period` (default: the last whole month of the published release). Checks
that every source reaches past their end, signs their figures (once: what changes later is a restatement), has
`build_sla_marts` publish a release with them that is kept for ever, writes one pack a month, and tells of it once
through the connections of `[social_sla] notify`. Doing it again changes nothing.
""",
        """
`check_data` names the source that it waits for and tries again every hour for a day: look at that source's extraction.
`publish_release` failed: look at the run of `build_sla_marts` that it started; the signed figures stand, so clear both.
""",
    ),
    schedule=at("0 6 3 * *"),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    tags=[Tag.REVIEW],
    default_args=default_args(),
    params={
        "period": Param(None, type=["null", "string"], description="The last month to review, such as 2026-10"),
        "months": Param(1, type="integer", minimum=1, maximum=120, description="How many whole months end there"),
    },
):
    check = CheckDataOperator(
        task_id="check_data",
        period="{{ params.period or '' }}",
        months="{{ params.months }}",
        retries=24,
        retry_delay=timedelta(hours=1),
    )
    freeze = FreezeMonthsOperator(task_id="freeze", periods=PERIODS)
    publish = TriggerDagRunOperator(
        task_id="publish_release",
        trigger_dag_id="build_sla_marts",
        trigger_run_id="review__{{ run_id }}",
        conf={"signed": True},
        logical_date=None,
        reset_dag_run=True,
        wait_for_completion=True,
        poke_interval=1,
    )
    pack = ReviewPackOperator(task_id="pack", periods=PERIODS, outlets=[REVIEW])
    announce = AnnouncePacksOperator(task_id="announce", periods=PERIODS)
    check >> freeze >> publish >> pack >> announce
