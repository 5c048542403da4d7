"""Are the connections good? One task a connection asks its vendor, in plain words; started by hand or daily."""

from __future__ import annotations

from airflow.sdk import DAG
from social_sla.airflow.conventions import START_DATE, Tag, at, connection_pool, default_args, doc
from social_sla.airflow.operators import CheckSourceOperator
from social_sla.extraction import accounts_by_connection
from social_sla.settings import Settings

with DAG(
    dag_id="check_sources",
    description="Asks every vendor whether its connection is good",
    doc_md=doc(
        """
For every connection of `config/channels.yaml`: reachable, logged in, scopes, API version and its announced end, one
record, quota left, clock. Nothing lands. The same by hand: `social_sla check <source>`.
""",
        """
the task's log says which connection to renew and how. An API version that ends soon is a warning in the log: update
the connector before that day.
""",
    ),
    schedule=at("30 5 * * *"),
    start_date=START_DATE,
    catchup=False,
    tags=[Tag.EXTRACTION],
    default_args=default_args(),
):
    for (source, connection_id), accounts in accounts_by_connection(Settings.from_env().config_dir).items():
        CheckSourceOperator(
            task_id=f"check_{connection_id}",
            source=source,
            accounts=accounts,
            source_conn_id=connection_id,
            pool=connection_pool(connection_id),
        )
