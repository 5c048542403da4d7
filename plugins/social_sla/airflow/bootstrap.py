"""Makes Airflow's metadata ready in one process: schema, pools, DAGs. Run as `python -m social_sla.airflow.bootstrap`.

The same as `airflow db migrate`, `airflow pools set …` and `airflow dags reserialize`, each of which would spend
some seconds on importing Airflow again.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from social_sla.airflow.conventions import CONNECTION_POOL_SLOTS, WRITER_POOL, connection_pool
from social_sla.extraction import connections_in_use
from social_sla.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class BootstrapError(RuntimeError):
    """The metadata cannot be made ready; the message holds the DAG files' errors."""


def main(argv: list[str] | None = None) -> int:
    """Exit code 0 when everything is in place, 1 with the reasons when a DAG file is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--close-open-runs", action="store_true", help="mark runs that a killed scheduler left open as failed"
    )
    arguments = parser.parse_args(argv)

    from airflow.utils import db
    from airflow.utils.providers_configuration_loader import providers_configuration_loaded
    from airflow.utils.session import create_session

    @providers_configuration_loaded
    def prepare() -> None:
        with create_session() as session:
            _faster_sqlite(session)
        db.initdb()
        with create_session() as session:
            set_pools(session)
            if arguments.close_open_runs:
                close_open_runs(session)
        with create_session() as session:
            serialise_dags(session)

    try:
        prepare()
    except BootstrapError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def set_pools(session: Session) -> None:
    """The writer's pool and one pool for every connection that channels.yaml names."""
    from airflow.models.pool import Pool

    Pool.create_or_update_pool(WRITER_POOL, 1, "Tasks that open warehouse.duckdb", False, session=session)
    for connection_id in connections_in_use(Settings.from_env().config_dir):
        Pool.create_or_update_pool(
            connection_pool(connection_id), CONNECTION_POOL_SLOTS, f"Calls with {connection_id}", False, session=session
        )


def close_open_runs(session: Session) -> None:
    """Fail the runs that nobody works on any more, and forget half-collected asset events."""
    from airflow.models import DagRun, TaskInstance
    from airflow.models.asset import AssetDagRunQueue
    from airflow.utils.state import DagRunState, State, TaskInstanceState
    from sqlalchemy import delete, or_, select, update

    open_runs = select(DagRun.run_id).where(DagRun.state.in_([DagRunState.QUEUED, DagRunState.RUNNING]))
    unfinished = or_(TaskInstance.state.is_(None), TaskInstance.state.not_in(State.finished))
    session.execute(
        update(TaskInstance)
        .where(TaskInstance.run_id.in_(open_runs), unfinished)
        .values(state=TaskInstanceState.FAILED)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(DagRun)
        .where(DagRun.state.in_([DagRunState.QUEUED, DagRunState.RUNNING]))
        .values(state=DagRunState.FAILED)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(AssetDagRunQueue))


def serialise_dags(session: Session) -> None:
    """Parse the DAG folder into the metadata, as a dag-processor would.

    Raises:
        BootstrapError: a DAG file does not import.
    """
    from airflow.dag_processing.bundles.base import unpack_bundle_version
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db

    manager = DagBundlesManager()
    manager.sync_bundles_to_db(session=session)
    session.commit()
    errors: dict[str, str] = {}
    for bundle in manager.get_all_dag_bundles():
        bundle.initialize()
        bag = BundleDagBag(bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
        version, data = unpack_bundle_version(bundle.get_current_version(), bundle)
        sync_bag_to_db(bag, bundle.name, bundle_version=version, version_data=data, session=session)
        errors.update(bag.import_errors)
    if errors:
        raise BootstrapError("\n\n".join(f"DAG file {file} does not import:\n{text}" for file, text in errors.items()))


def _faster_sqlite(session: Session) -> None:
    """Write-ahead logging stays set in the file: readers and the writer no longer wait for each other."""
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy import text

        session.execute(text("PRAGMA journal_mode=WAL"))


if __name__ == "__main__":
    sys.exit(main())
