"""The DAG folder, loaded for real."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
EXPECTED = {
    *("extract_x", "extract_zendesk", "check_sources", "build_sla_marts"),
    *("review_sla_month", "decide_flags", "remind_reviews"),
}
SLOWEST_PARSE_SECONDS = 20.0


@pytest.fixture(scope="module")
def dag_bag() -> Any:
    """Every DAG of the folder; the time of the load is in `seconds`."""
    import social_sla.airflow.operators  # noqa: F401 - Airflow's own import time is not the folder's
    from airflow.dag_processing.dagbag import DagBag

    began = time.monotonic()
    bag = DagBag(str(PROJECT / "dags"))
    bag.seconds = time.monotonic() - began
    return bag


def test_every_dag_is_there_and_imports(dag_bag: Any) -> None:
    assert dag_bag.import_errors == {}
    assert set(dag_bag.dags) == EXPECTED


def test_the_folder_is_parsed_quickly(dag_bag: Any) -> None:
    # Generous for a busy machine: it takes about one second when nothing else runs.
    assert dag_bag.seconds < SLOWEST_PARSE_SECONDS


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_a_dag_says_who_owns_it_and_what_to_do_when_it_fails(dag_bag: Any, dag_id: str) -> None:
    dag = dag_bag.dags[dag_id]
    assert "**Owner:** support-analytics" in dag.doc_md
    assert "**When it fails:**" in dag.doc_md
    assert dag.description
    assert {task.owner for task in dag.tasks} == {"support-analytics"}


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_tags_come_from_one_list_and_nothing_catches_up(dag_bag: Any, dag_id: str) -> None:
    from social_sla.airflow.conventions import Tag

    dag = dag_bag.dags[dag_id]
    assert dag.tags
    assert set(dag.tags) <= {tag.value for tag in Tag}
    assert dag.catchup is False


def test_only_one_run_writes_the_warehouse_and_every_task_of_it_is_in_the_writers_pool(dag_bag: Any) -> None:
    build = dag_bag.dags["build_sla_marts"]
    assert build.max_active_runs == 1
    assert {task.pool for task in build.tasks} == {"duckdb_writer"}
    others = [task for dag in dag_bag.dags.values() if dag is not build for task in dag.tasks]
    assert all(task.pool != "duckdb_writer" for task in others)


def test_the_steps_are_in_order(dag_bag: Any) -> None:
    build, review = dag_bag.dags["build_sla_marts"], dag_bag.dags["review_sla_month"]
    assert [task.task_id for task in build.topological_sort()] == ["load", "build", "gate", "publish"]
    assert [task.task_id for task in review.topological_sort()] == [
        "check_data",
        "freeze",
        "publish_release",
        "pack",
        "announce",
    ]


def test_assets_join_the_dags(dag_bag: Any) -> None:
    def outlets(dag_id: str, task_id: str) -> list[str]:
        return [asset.uri for asset in dag_bag.dags[dag_id].get_task(task_id).outlets]

    assert outlets("extract_x", "landed") == ["social-sla://landing/x"]
    assert outlets("extract_zendesk", "landed") == ["social-sla://landing/zendesk"]
    assert outlets("build_sla_marts", "publish") == ["social-sla://published/release"]
    assert outlets("review_sla_month", "pack") == ["social-sla://published/review"]
    condition = dag_bag.dags["build_sla_marts"].timetable.asset_condition
    assert sorted(asset.uri for asset in condition.objects) == [
        "social-sla://landing/x",
        "social-sla://landing/zendesk",
    ]


def test_timed_runs_are_daily_windows_and_can_be_switched_off(dag_bag: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from social_sla.airflow.conventions import at, daily_windows

    timetable = dag_bag.dags["extract_x"].timetable
    assert type(timetable).__name__ == "CronDataIntervalTimetable"
    assert dag_bag.dags["review_sla_month"].timetable.expression == "0 6 3 * *"
    monkeypatch.setenv("AIRFLOW__SOCIAL_SLA__TIMED_RUNS", "False")
    assert daily_windows() is None
    assert at("0 5 * * *") is None


def test_extraction_uses_the_connections_pool_and_every_stream_is_in_some_task(dag_bag: Any) -> None:
    from social_sla.sources.registry import streams

    for source in ("x", "zendesk"):
        task = dag_bag.dags[f"extract_{source}"].get_task(f"extract_{source}_default")
        assert task.partial_kwargs["pool"] == f"connection_{source}_default"
        tasks = task.expand_input.value["groups"]
        named = {(group["account"], name) for groups in tasks for group in groups for name in group["streams"]}
        accounts = {account for account, _ in named}
        assert named == {(account, stream.name) for account in accounts for stream in streams(source)}


def test_the_plugins_folder_gives_airflow_nothing_to_import_by_file_name() -> None:
    assert "social_sla/" in (PROJECT / "plugins" / ".airflowignore").read_text().splitlines()
    assert [path.name for path in (PROJECT / "plugins").glob("*.py")] == ["social_sla_plugin.py"]
