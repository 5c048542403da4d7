"""Dotted paths into JSON: `data.created_utc`, `paging.cursors.after`. The empty path is the value itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def at(value: Any, path: str) -> Any:
    """What lies at `path`, or None where any step of it is missing."""
    for name in path.split(".") if path else ():
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def put(value: Mapping[str, Any], path: str, new: Any) -> dict[str, Any]:
    """A copy of `value` with `new` at `path`; objects on the way are made where they are missing."""
    name, _, rest = path.partition(".")
    inner = value.get(name)
    return {**value, name: put(inner if isinstance(inner, Mapping) else {}, rest, new) if rest else new}
