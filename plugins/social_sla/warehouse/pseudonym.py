"""Keyed pseudonyms inside the warehouse (P1): a dbt-duckdb plugin that registers `social_sla_pseudonym`.

The key never appears in SQL, so it is in no compiled file and in no log.
"""

from __future__ import annotations

import hashlib
import hmac

import duckdb
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb.func import FunctionNullHandling, PythonUDFType

from social_sla.settings import pseudonym_key

FUNCTION_NAME = "social_sla_pseudonym"
PSEUDONYM_HEX_CHARS = 32


def pseudonym(key: bytes, value: str) -> str:
    """The pseudonym of one person: 32 hex characters of HMAC-SHA-256 (P1)."""
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_HEX_CHARS]


def register(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Register the SQL function `social_sla_pseudonym(text) -> text`; null stays null."""

    def vectorised(values: pa.ChunkedArray) -> pa.Array:
        seen: dict[str, str] = {}
        result: list[str | None] = []
        for value in values.to_pylist():
            if value is None:
                result.append(None)
                continue
            known = seen.get(value)
            if known is None:
                known = seen[value] = pseudonym(key, value)
            result.append(known)
        return pa.array(result, type=pa.string())

    connection.create_function(
        FUNCTION_NAME,
        vectorised,
        ["varchar"],
        "varchar",
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )


class Plugin(BasePlugin):
    """Loaded by name in dbt_project/profiles.yml."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        register(conn, pseudonym_key())
