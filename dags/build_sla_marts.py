"""The warehouse: load what has landed, build the marts, audit them, publish the release."""

from __future__ import annotations

from airflow.sdk import DAG, AssetAll, Param
from social_sla.airflow.assets import RELEASE, landing_asset
from social_sla.airflow.conventions import START_DATE, Tag, assets_or_daily, default_args, doc
from social_sla.airflow.operators import (
    BuildMartsOperator,
    LoadWarehouseOperator,
    PublishOperator,
    QualityGateOperator,
)
from social_sla.extraction import sources_in_use
from social_sla.settings import Settings

with DAG(
    dag_id="build_sla_marts",
    description="Landing and agreements become an audited, published release",
    doc_md=doc(
        """
Runs when every source has landed anew, and daily. Loads landing and `config/` into `warehouse.duckdb`, builds the marts
with dbt as of `as_of` (default: the earliest end that the streams of all sources have reached), audits them, and
publishes them as one release. One run at a time: it is the only writer of the warehouse.
""",
        """
readers still have the last release, nothing to hurry for. `load`: a configuration error is named with its file and
line. `build`: the failing model or test is named with its rows. `gate`: the failed expectation is named with its rows;
correct the data or the agreement, never the expectation, and clear the run.
""",
    ),
    schedule=assets_or_daily(
        AssetAll(*[landing_asset(source) for source in sources_in_use(Settings.from_env().config_dir)]),
        "0 5 * * *",
    ),
    start_date=START_DATE,
    catchup=False,
    max_active_runs=1,
    tags=[Tag.WAREHOUSE],
    default_args=default_args(),
    params={
        "as_of": Param(None, type=["null", "string"], description="Look at the data up to this instant, UTC"),
        "full_refresh": Param(False, type="boolean", description="Build every model from nothing"),
        "signed": Param(False, type="boolean", description="A review stands on this release: keep it for ever"),
    },
):
    load = LoadWarehouseOperator(task_id="load", as_of="{{ params.as_of or '' }}")
    build = BuildMartsOperator(task_id="build", full_refresh="{{ params.full_refresh }}")
    gate = QualityGateOperator(task_id="gate")
    publish = PublishOperator(task_id="publish", signed="{{ params.signed }}", outlets=[RELEASE])
    load >> build >> gate >> publish
