"""The SQL function of pseudonyms gives what Python gives, wherever a query uses it."""

from __future__ import annotations

import duckdb
import pytest
from social_sla.warehouse.pseudonym import pseudonym, register

KEY = b"a key of the tests"
PEOPLE = 30_000


@pytest.mark.parametrize(
    "expression",
    [
        "social_sla_pseudonym(person)",
        "coalesce(known, social_sla_pseudonym(person))",
        "case when known is null then social_sla_pseudonym(person) else known end",
        "coalesce(known, social_sla_pseudonym(person), social_sla_pseudonym(person))",
    ],
)
def test_every_person_gets_their_own_pseudonym(expression: str) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute("set threads = 2")
        register(connection, KEY)
        connection.execute(f"create table people as select 'zendesk:care:' || i as person from range({PEOPLE}) t(i)")
        connection.execute(
            "create table some_known as select person, "
            "case when hash(person) % 3 = 0 then social_sla_pseudonym(person) end as known from people"
        )
        connection.execute(f"create table found as select person, {expression} as person_key from some_known")
        rows = connection.execute("select person, person_key from found").fetchall()
    assert len(rows) == PEOPLE
    assert [row for row in rows if row[1] != pseudonym(KEY, row[0])] == []


def test_nobody_has_no_pseudonym() -> None:
    with duckdb.connect(":memory:") as connection:
        register(connection, KEY)
        assert connection.execute("select social_sla_pseudonym(null)").fetchone() == (None,)
