"""Recorded traffic and specifications that are not part of the project: tests use them where they are, else skip."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

_PROJECT = Path(__file__).resolve().parents[2]


def reference_file(*parts: str) -> Path:
    """A file of the reference folder (`SOCIAL_SLA_REFERENCE_DIR`, else `../shared` beside the project), or a skip."""
    folder = Path(os.environ.get("SOCIAL_SLA_REFERENCE_DIR") or _PROJECT.parent / "shared")
    path = folder.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no reference material at {path}: set SOCIAL_SLA_REFERENCE_DIR to the folder that has it")
    return path


def recorded_calls(api: str) -> list[dict[str, Any]]:
    """Recorded calls in their order, `body` parsed where it is JSON."""

    def read() -> Iterator[dict[str, Any]]:
        with gzip.open(reference_file("recorded", f"{api}.jsonl.gz"), "rt", encoding="utf-8") as lines:
            for line in lines:
                call = json.loads(line)
                if isinstance(call["body"], str):
                    with suppress(ValueError):
                        call["body"] = json.loads(call["body"])
                yield call

    return list(read())
