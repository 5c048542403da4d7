"""Which conversations an incremental build computes again: one rule an example, over the model as dbt compiles it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import duckdb
import pytest

from tests.support.engine import CompiledModel, Engine

pytestmark = pytest.mark.slow

BEFORE, PREVIOUS, BETWEEN, AS_OF, AFTER = (f"2026-03-0{day}" for day in (1, 2, 3, 4, 5))
STAGING = {
    "stg_zendesk__tickets": "conversation_key BIGINT, account VARCHAR, requester_id VARCHAR, "
    "created_at TIMESTAMP, updated_at TIMESTAMP",
    "stg_zendesk__ticket_comments": "conversation_key BIGINT, account VARCHAR, author_id VARCHAR, "
    "occurred_at TIMESTAMP",
    "stg_zendesk__ticket_field_changes": "conversation_key BIGINT, occurred_at TIMESTAMP",
    "stg_zendesk__ticket_metric_events": "conversation_key BIGINT, occurred_at TIMESTAMP",
    "stg_config__load": "as_of TIMESTAMP",
}
INTERMEDIATE = {
    "int_zendesk_merges": "conversation_key BIGINT, parent_conversation_key BIGINT",
    "int_conversation_digests": "conversation_key BIGINT, digest HUGEINT",
}
OPERATIONS = {
    "touched_conversations": "conversation_key BIGINT",
    "touched_people": "account VARCHAR, user_id VARCHAR",
    "conversation_digests": "conversation_key BIGINT, digest HUGEINT",
    "built_as_of": "as_of TIMESTAMP",
    "built_conversations": "conversation_key BIGINT, source VARCHAR, status VARCHAR, "
    "merged_into_conversation_id VARCHAR",
    "built_clocks": "conversation_key BIGINT, stopped_at TIMESTAMP",
}
Touched = Callable[[str], list[int]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> CompiledModel:
    name = "int_touched_conversations"
    engine = Engine.compile(tmp_path_factory.mktemp("touched"), marts=(name,), incremental=True)
    (found,) = [model for model in engine.models if model.name == name]
    return found


@pytest.fixture
def touched(model: CompiledModel) -> Iterator[Touched]:
    """Runs the model over the rows that some SQL puts in; the last build looked to 2 March, this one to 4 March."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse")
        helpdesks = set(re.findall(r"\bint_(\w+)_conversations\b", model.sql)) - {"touched"}
        tables = {f"staging.{name}": columns for name, columns in STAGING.items()}
        tables |= {f"intermediate.{name}": columns for name, columns in INTERMEDIATE.items()}
        tables |= {f"operations.{name}": columns for name, columns in OPERATIONS.items()}
        tables |= {
            f"intermediate.int_{name}_conversations": "conversation_key BIGINT, merged_into_conversation_key BIGINT"
            for name in helpdesks
        }
        for schema in ("staging", "intermediate", "operations"):
            connection.execute(f"create schema {schema}")
        for name, columns in tables.items():
            connection.execute(f"create table {name} ({columns})")
        connection.execute(
            f"insert into operations.built_as_of values ('{PREVIOUS}');"
            f"insert into staging.stg_config__load values ('{AS_OF}')"
        )

        def run(rows: str) -> list[int]:
            connection.execute(rows)
            return [key for (key,) in connection.execute(f"from ({model.sql}) order by all").fetchall()]

        yield run


def test_without_a_change_nothing_is_touched(touched: Touched) -> None:
    rows = f"""
    insert into staging.stg_zendesk__tickets values (1, 'care', '7', '{BEFORE}', '{PREVIOUS}');
    insert into staging.stg_zendesk__ticket_comments values (1, 'care', '8', '{BEFORE}');
    insert into intermediate.int_conversation_digests values (2, 20);
    insert into operations.conversation_digests values (2, 20);
    insert into intermediate.int_zendesk_merges values (1, 3);
    insert into operations.built_clocks values (1, '{BEFORE}');
    insert into operations.built_conversations values (1, 'zendesk', 'solved', null), (2, 'x', null, null)
    """
    assert touched(rows) == []


def test_what_loads_have_changed(touched: Touched) -> None:
    assert touched("insert into operations.touched_conversations values (4), (4), (5)") == [4, 5]


def test_r4_a_person_who_is_somebody_else_now_touches_what_they_wrote_and_what_they_asked(touched: Touched) -> None:
    rows = f"""
    insert into operations.touched_people values ('care', '7');
    insert into staging.stg_zendesk__tickets values
        (1, 'care', '7', '{BEFORE}', '{BEFORE}'), (2, 'other', '7', '{BEFORE}', '{BEFORE}');
    insert into staging.stg_zendesk__ticket_comments values
        (3, 'care', '7', '{BEFORE}'), (4, 'care', '8', '{BEFORE}'), (5, 'other', '7', '{BEFORE}')
    """
    assert touched(rows) == [1, 3]


def test_a_source_that_is_assembled_anew_touches_what_is_another_came_or_went(touched: Touched) -> None:
    rows = """
    insert into operations.conversation_digests values (1, 10), (2, 20), (3, 30);
    insert into intermediate.int_conversation_digests values (1, 10), (2, 21), (4, 40)
    """
    assert touched(rows) == [2, 3, 4]


def test_clocks_without_a_stop_go_on(touched: Touched) -> None:
    rows = f"insert into operations.built_clocks values (1, null), (1, '{BEFORE}'), (2, '{BEFORE}')"
    assert touched(rows) == [1]


def test_m5_conversations_that_are_open_go_on(touched: Touched) -> None:
    """A helpdesk's without a status is open; a source without a status history has no gap between updates."""
    rows = """
    insert into operations.built_conversations values
        (1, 'zendesk', 'open', null), (2, 'freshdesk', 'on_hold', null), (3, 'zendesk', null, null),
        (4, 'zendesk', 'solved', null), (5, 'freshdesk', 'closed', null), (6, 'x', null, null)
    """
    assert touched(rows) == [1, 2, 3]


@pytest.mark.parametrize(("at", "expected"), [(BEFORE, []), (PREVIOUS, []), (BETWEEN, [1]), (AS_OF, [1]), (AFTER, [])])
@pytest.mark.parametrize(
    "row",
    [
        "stg_zendesk__ticket_comments values (1, 'care', '8', '{at}')",
        "stg_zendesk__ticket_field_changes values (1, '{at}')",
        "stg_zendesk__ticket_metric_events values (1, '{at}')",
        "stg_zendesk__tickets values (1, 'care', '7', '{at}', '{at}')",
        "stg_zendesk__tickets values (1, 'care', '7', '2026-02-01', '{at}')",
        "stg_zendesk__tickets values (1, 'care', '7', '{at}', '2026-04-01')",
    ],
)
def test_d12_what_as_of_has_reached_since_the_last_build(
    touched: Touched, row: str, at: str, expected: list[int]
) -> None:
    assert touched(f"insert into staging.{row.format(at=at)}") == expected


@pytest.mark.parametrize("loaded", [1, 2, 3])
@pytest.mark.parametrize(
    "merges",
    [
        "insert into intermediate.int_zendesk_merges values (1, 2), (2, 3), (8, 9)",
        "insert into intermediate.int_freshdesk_conversations values (1, 2), (2, 3), (8, 9), (7, null)",
        "insert into intermediate.int_zendesk_merges values (3, 2); "
        "insert into intermediate.int_freshdesk_conversations values (1, 2)",
    ],
)
def test_d9_merges_tie_all_that_they_reach_in_both_directions(touched: Touched, merges: str, loaded: int) -> None:
    assert touched(f"{merges}; insert into operations.touched_conversations values ({loaded})") == [1, 2, 3]


def test_d9_a_merge_that_has_gone_touches_what_it_tied(touched: Touched) -> None:
    """The parent had the child's open turn, and has it no longer."""
    rows = """
    insert into operations.built_conversations values (1, 'zendesk', 'closed', 'zendesk:care:2');
    insert into operations.touched_conversations values (1)
    """
    parent = duckdb.sql("select cast(hash('zendesk:care:2') >> 1 as bigint)").fetchone()
    assert touched(rows) == sorted([1, *(parent or ())])
