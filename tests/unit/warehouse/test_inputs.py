"""What a build has to do follows from what has changed since the last complete one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from social_sla.settings import Settings
from social_sla.warehouse.inputs import (
    Inputs,
    NotLoadedError,
    forget,
    loaded_as_of,
    read_inputs,
    recall,
    remember,
    selection,
)

BUILT = Inputs(project="p", config="c", landing={"x__tweets": "1", "x__mentions": "1"})


def test_without_a_complete_build_everything_is_built() -> None:
    assert selection(BUILT, None).select is None


def test_nothing_changed_means_nothing_to_do() -> None:
    assert selection(BUILT, BUILT).select == []


def test_a_changed_stream_means_its_descendants() -> None:
    now = replace(BUILT, landing={**BUILT.landing, "x__tweets": "2", "review__signed_figures": "1"})
    chosen = selection(now, BUILT)
    assert chosen.select == ["source:landing.review__signed_figures+", "source:landing.x__tweets+"]
    assert not chosen.full_refresh


def test_a_stream_that_lost_its_partitions_has_changed_too() -> None:
    now = replace(BUILT, landing={"x__tweets": "1"})
    assert selection(now, BUILT).select == ["source:landing.x__mentions+"]


def test_another_configuration_or_as_of_means_everything() -> None:
    chosen = selection(replace(BUILT, config="d"), BUILT)
    assert (chosen.select, chosen.full_refresh) == (None, False)


def test_another_project_or_key_means_everything_from_nothing() -> None:
    chosen = selection(replace(BUILT, project="q"), BUILT)
    assert (chosen.select, chosen.full_refresh) == (None, True)


def test_the_memory_of_a_build_is_gone_once_the_next_begins() -> None:
    with duckdb.connect(":memory:") as connection:
        assert recall(connection) is None
        remember(connection, BUILT)
        assert recall(connection) == BUILT
        forget(connection)
        assert recall(connection) is None


def test_an_empty_warehouse_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIAL_SLA_PSEUDONYM_KEY", "k" * 32)
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path)})
    with duckdb.connect(":memory:") as connection:
        with pytest.raises(NotLoadedError, match="social_sla load"):
            read_inputs(settings, connection)
        with pytest.raises(NotLoadedError, match="load it first"):
            loaded_as_of(connection)


def test_the_key_changes_the_project_fingerprint_and_is_not_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path)})
    seen = []
    for key in ("a" * 32, "b" * 32):
        monkeypatch.setenv("SOCIAL_SLA_PSEUDONYM_KEY", key)
        with duckdb.connect(":memory:") as connection:
            connection.execute(
                "create schema landing; create schema config; create table config.load (as_of timestamp)"
            )
            connection.execute(
                "create table landing.manifest (table_name varchar, partition_key varchar, sha256 varchar)"
            )
            seen.append(read_inputs(settings, connection).project)
    assert seen[0] != seen[1]
    assert not any("a" * 32 in text for text in seen)
