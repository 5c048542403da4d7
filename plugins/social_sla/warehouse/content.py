"""What a build holds, as hashes: the same rows give the same release, in whatever order they were written.

Every row becomes the SHA-256 of its values; a mart's hash is that of its rows' hashes in order, taken bucket by
bucket so that a large mart never becomes one string. No row order, no column order and no engine-specific hash
function takes part: only names, types and values do.
"""

# ruff: noqa: S608 - what is put into SQL here are names out of the declarations and the catalogue, never input.

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Query = Callable[[str], Sequence[Sequence[Any]]]
"""Runs one SQL statement and gives its rows back: a DuckDB connection or SQLAlchemy's, the caller decides."""

# They say when and how the rest was published, so they cannot be part of what they describe.
BOOKKEEPING_MARTS = frozenset({"fct_release", "fct_quality_result"})


@dataclass(frozen=True)
class MartDigest:
    """A mart's row count and the SHA-256 over its sorted rows, column names and types."""

    rows: int
    sha256: str


def quoted(name: str) -> str:
    """An SQL identifier, whatever characters it holds."""
    return '"' + name.replace('"', '""') + '"'


def digest_marts(query: Query, *, schema: str = "marts", database: str | None = None) -> dict[str, MartDigest]:
    """Hash every table and view of a schema but the bookkeeping ones, by name.

    Args:
        query: runs SQL on the connection that has the warehouse open.
        schema: the schema that holds the marts.
        database: the attached database; None is the connection's own.
    """
    where = "" if database is None else f" and table_catalog = '{database}'"
    columns = query(
        "select table_name, column_name, data_type from information_schema.columns "
        f"where table_schema = '{schema}'{where} order by table_name, column_name"
    )
    marts: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in columns:
        if table not in BOOKKEEPING_MARTS:
            marts.setdefault(table, []).append((column, kind))
    prefix = "" if database is None else f"{quoted(database)}."
    return {name: _digest(query, f"{prefix}{quoted(schema)}.{quoted(name)}", marts[name]) for name in sorted(marts)}


def _digest(query: Query, relation: str, columns: Sequence[tuple[str, str]]) -> MartDigest:
    # "<length>:<value>" keeps ('ab', 'c') and ('a', 'bc') apart, "-" keeps null and '' apart.
    values = ", ".join(
        f"coalesce(strlen({quoted(name)}::varchar)::varchar || ':' || {quoted(name)}::varchar, '-')"
        for name, _kind in columns
    )
    rows, body = query(f"""
        with hashed as (select sha256(concat_ws(',', {values})) as row_hash from {relation}),
        bucketed as (
            select left(row_hash, 3) as bucket, count(*) as row_count,
                   sha256(string_agg(row_hash, '' order by row_hash)) as bucket_hash
            from hashed group by 1
        )
        select coalesce(sum(row_count), 0)::bigint, coalesce(string_agg(bucket_hash, '' order by bucket), '')
        from bucketed
    """)[0]
    header = ",".join(f"{name}:{kind}" for name, kind in columns)
    return MartDigest(rows=int(rows), sha256=hashlib.sha256(f"{header}\n{body}".encode()).hexdigest())


def content_sha256(digests: Mapping[str, MartDigest]) -> str:
    """The content hash of a build: over every mart's name and hash, the bookkeeping marts left out."""
    lines = [f"{name} {digests[name].sha256}\n" for name in sorted(digests) if name not in BOOKKEEPING_MARTS]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def release_id_of(as_of: datetime, content: str) -> str:
    """`<as_of as YYYYMMDDTHHMMSSZ>-<first 12 hex of the content hash>`.

    Args:
        as_of: the instant up to which the build looks; a naive one is UTC.
        content: the content hash, 64 hex digits.
    """
    instant = as_of.replace(tzinfo=UTC) if as_of.tzinfo is None else as_of.astimezone(UTC)
    return f"{instant:%Y%m%dT%H%M%SZ}-{content[:12]}"
