"""Keyed pseudonyms inside the warehouse (P1): a dbt-duckdb plugin that registers `social_sla_pseudonym`.

The key never appears in SQL, so it is in no compiled file and in no log.
"""

from __future__ import annotations

import hashlib
import hmac

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb.func import FunctionNullHandling, PythonUDFType

from social_sla.settings import pseudonym_key

FUNCTION_NAME = "social_sla_pseudonym"
PSEUDONYM_HEX_CHARS = 32


def pseudonym(key: bytes, value: str) -> str:
    """The pseudonym of one person: 32 hex characters of HMAC-SHA-256 (P1)."""
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_HEX_CHARS]


def register(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Register the SQL function `social_sla_pseudonym(text) -> text`; null stays null.

    Value by value, not by Arrow arrays: DuckDB (up to 1.5) frees an array that such a function returns while `coalesce`
    still reads from it, and other texts take its place (duckdb/duckdb#20606).
    """

    def of_value(value: str | None) -> str | None:
        return None if value is None else pseudonym(key, value)

    connection.create_function(
        FUNCTION_NAME,
        of_value,
        ["varchar"],
        "varchar",
        type=PythonUDFType.NATIVE,
        null_handling=FunctionNullHandling.SPECIAL,
    )


class Plugin(BasePlugin):
    """Loaded by name in dbt_project/profiles.yml."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        register(conn, pseudonym_key())
