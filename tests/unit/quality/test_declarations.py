"""Suites are data: read, checked, and made into a GX file context that is kept beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from social_sla.quality.accepted import ACCEPTABLE, load_accepted, without_accepted
from social_sla.quality.context import DECLARED, context_files, main, write_context
from social_sla.quality.declarations import load_suites
from social_sla.quality.report import GateError
from social_sla.settings import PROJECT_DIR

EXPECTATIONS = PROJECT_DIR / "expectations"
MINIMAL = {"suite": "fct_thing", "table": "marts.fct_thing", "meaning": "A thing.", "key": ["thing_id"]}


def declare(folder: Path, **changes: object) -> Path:
    declared = {**MINIMAL, **changes}
    (folder / "fct_thing.yaml").write_text(yaml.safe_dump(declared))
    return folder


def test_the_context_under_version_control_fits_the_declarations() -> None:
    """When this fails: python -m social_sla.quality.context"""
    files = context_files(load_suites(EXPECTATIONS / DECLARED))
    assert {name: (EXPECTATIONS / name).read_text("utf-8") for name in files} == files
    kept = {
        f"{folder}/{file.name}"
        for folder in ("expectations", "validation_definitions", "checkpoints")
        for file in (EXPECTATIONS / folder).glob("*.json")
    }
    assert kept == set(files) - {"great_expectations.yml"}


def test_writing_the_context_again_changes_nothing_and_leaves_no_stale_suite(tmp_path: Path) -> None:
    (tmp_path / DECLARED).mkdir()
    declare(tmp_path / DECLARED)
    (tmp_path / "expectations").mkdir()
    (tmp_path / "expectations" / "gone.json").write_text("{}")
    assert main([str(tmp_path)]) == 0
    first = {file: file.read_text() for file in tmp_path.rglob("*") if file.is_file()}
    assert main([str(tmp_path)]) == 0
    assert {file: file.read_text() for file in tmp_path.rglob("*") if file.is_file()} == first
    assert not (tmp_path / "expectations" / "gone.json").exists()


def test_every_expectation_says_its_severity_its_rule_and_its_table_in_meta() -> None:
    for suite in load_suites(EXPECTATIONS / DECLARED):
        stored = json.loads((EXPECTATIONS / "expectations" / f"{suite.name}.json").read_text())
        for found in stored["expectations"]:
            assert found["meta"]["severity"] == found["severity"]
            assert found["meta"]["rule"].startswith(f"{suite.name}.")
            assert found["meta"]["mart"] == suite.table
            assert found["description"].endswith(".")


def test_the_url_is_only_in_a_context_that_is_to_be_run(tmp_path: Path) -> None:
    write_context(tmp_path, [], url="duckdb:////somewhere")
    assert "somewhere" in (tmp_path / "uncommitted" / "config_variables.yml").read_text()
    assert "somewhere" not in (tmp_path / "great_expectations.yml").read_text()


def test_standard_rules_come_from_lists_of_columns(tmp_path: Path) -> None:
    declare(tmp_path, not_null=["a", "b"], non_negative=["n"], standard_severity={"non_negative": "warning"})
    (suite,) = load_suites(tmp_path)
    found = {expectation.rule: expectation for expectation in suite.expectations}
    assert set(found) == {"key", "not_null", "non_negative"}
    assert found["not_null"].columns == ("a", "b")
    assert found["non_negative"].severity == "warning"
    assert found["key"].severity == "critical"
    assert "from marts.fct_thing" in found["key"].readable_sql


def test_literal_braces_reach_the_database(tmp_path: Path) -> None:
    declare(tmp_path, rules=[{"id": "braces", "says": "Braces.", "sql": "select 1 from {batch} where a = '{}'"}])
    (suite,) = load_suites(tmp_path)
    gx_sql = next(one.gx_sql for one in suite.expectations if one.rule == "braces")
    assert gx_sql.format(batch="(a subquery)") == "/* (a subquery) */ select 1 from marts.fct_thing where a = '{}'"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"suite": "other"}, "name the file after its suite"),
        ({"unknown": 1}, "not a readable suite"),
        ({"table": "no_schema"}, "not a readable suite"),
        ({"standard_severity": {"keys": "warning"}}, "names no standard rule"),
        ({"rules": [{"id": "key", "says": "Twice.", "sql": "select 1"}]}, "has a rule twice: key"),
        ({"rules": [{"id": "a", "says": "A.", "sql": "select 1", "severity": "fatal"}]}, "not a readable suite"),
    ],
)
def test_a_wrong_declaration_is_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    declare(tmp_path, **changes)
    with pytest.raises(GateError, match=message):
        load_suites(tmp_path)


def test_no_declaration_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="let everything pass"):
        load_suites(tmp_path)


def accept(folder: Path, rule: str, **where: object) -> Path:
    file = folder / "accepted.yaml"
    file.write_text(yaml.safe_dump([{"rule": rule, "where": where, "accepted_by": "A. Owner", "reason": "closed"}]))
    return file


def test_an_accepted_finding_is_left_out_and_no_other(tmp_path: Path) -> None:
    import duckdb

    file = accept(tmp_path, "fct_message.month_collapsed", scope="it's", period="2026-02-01")
    folder = tmp_path / DECLARED
    folder.mkdir()
    rule = {"id": "month_collapsed", "says": "Collapsed.", "sql": "select scope, period from {batch}"}
    declared = {"suite": "fct_message", "table": "main.found", "meaning": "A message.", "rules": [rule]}
    (folder / "fct_message.yaml").write_text(yaml.safe_dump(declared))
    (suite,) = without_accepted(load_suites(folder), load_accepted(file))
    with duckdb.connect() as connection:
        connection.execute(
            "create table found as select * from (values ('it''s', date '2026-02-01'), ('it''s', date '2026-03-01'), "
            "(null, date '2026-02-01')) as t(scope, period)"
        )
        rows = connection.execute(suite.expectations[0].readable_sql).fetchall()
    assert [(scope, str(period)) for scope, period in rows] == [("it's", "2026-03-01"), (None, "2026-02-01")]


def test_an_invariant_cannot_be_accepted_away(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="only these can be accepted"):
        load_accepted(accept(tmp_path, "fct_sla_clock.met_within_target", clock_id="x"))


def test_what_can_be_accepted_exists() -> None:
    declared = {one.name for suite in load_suites(EXPECTATIONS / DECLARED) for one in suite.expectations}
    assert declared >= ACCEPTABLE
    assert load_accepted(EXPECTATIONS / "accepted.yaml") == []
    assert load_accepted(EXPECTATIONS / "no such file") == []
