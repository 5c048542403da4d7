"""Terms of agreements in words, for people who read them on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel

from social_sla.agreements.config import EffectiveAgreement
from social_sla.agreements.inheritance import Term
from social_sla.agreements.values import Duration


def value_words(value: Any) -> str:
    """A term's value as a reader writes it; `none` for nothing."""
    if value is None or value == () or value == {}:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return share_words(value) if value <= 1 else f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        if set(value) == {"default"}:
            return value_words(value["default"])
        return ", ".join(f"{name}: {value_words(item)}" for name, item in sorted(value.items()))
    if isinstance(value, list | tuple):
        return ", ".join(value_words(item) for item in value)
    if isinstance(value, BaseModel) and not isinstance(value, Duration):
        stated = {name: item for name, item in value if item not in (None, ())}
        return " ".join(f"{name.replace('_', ' ')} {value_words(item)}" for name, item in stated.items())
    return str(value)


def share_words(share: Decimal) -> str:
    """`90 %`, exactly."""
    percent = (share * 100).normalize()
    return f"{percent:f} %"


def origin_words(agreement: EffectiveAgreement, term: Term) -> str:
    """Who states a term: this version, a version above, or nobody."""
    if term.stated_by is None:
        return "default"
    return "this version" if term.stated_by == agreement.agreement_key else f"inherited from {term.stated_by}"


def dates_words(first: date, last: date | None) -> str:
    """`from 2026-01-01`, `2026-01-01 to 2026-12-31`."""
    return f"from {first}" if last is None else f"{first} to {last}"


def table(rows: Iterable[tuple[str, ...]], indent: str = "  ") -> list[str]:
    """Rows as lines of columns; the last column is not padded."""
    listed = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*listed, strict=True)] if listed else []
    widths = [min(width, 60) for width in widths]
    return [
        indent + "  ".join([*(cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)), row[-1]])
        for row in listed
    ]
