"""Extraction, one DAG a source: every stream of every account in config/channels.yaml lands for the run's window."""

from __future__ import annotations

from airflow.sdk import DAG, Param
from social_sla.airflow.assets import landing_asset
from social_sla.airflow.conventions import START_DATE, Tag, connection_pool, daily_windows, default_args, doc
from social_sla.airflow.operators import ExtractStreamsOperator, LandedOperator
from social_sla.extraction import sources_in_use, tasks_by_connection
from social_sla.settings import Settings

CONFIG_DIR = Settings.from_env().config_dir

for source in sources_in_use(CONFIG_DIR):
    with DAG(
        dag_id=f"extract_{source}",
        description=f"Lands what {source} holds for one window",
        doc_md=doc(
            f"""
Lands every stream of every `{source}` account in `config/channels.yaml` for one window `[start, end)`: the day of the
run's data interval, or `start`/`end` for a history load (a year in one run). A window that is landed again replaces
itself. Sources' oddities: `docs/sources/{source}.md`.
""",
            """
a task that was refused (401, 403) says which connection to renew; then clear it. A vendor's outage or limit is retried
by itself. A partition is replaced as a whole or not at all, so a failed task leaves nothing half done: clear it. A day
that was lost is landed by a run with its `start` and `end`.
""",
        ),
        schedule=daily_windows(),
        start_date=START_DATE,
        catchup=False,
        max_active_runs=4,
        tags=[Tag.EXTRACTION],
        default_args=default_args(retries=2, retry_exponential_backoff=True),
        params={
            "start": Param(None, type=["null", "string"], description="First instant of a history load, UTC"),
            "end": Param(None, type=["null", "string"], description="The instant after its last, UTC"),
        },
    ):
        landed = LandedOperator(task_id="landed", source=source, outlets=[landing_asset(source)])
        for connection_id, tasks in tasks_by_connection(CONFIG_DIR, source).items():
            extracted = ExtractStreamsOperator.partial(
                task_id=f"extract_{connection_id}",
                source=source,
                source_conn_id=connection_id,
                pool=connection_pool(connection_id),
            ).expand(groups=tasks)
            extracted >> landed
