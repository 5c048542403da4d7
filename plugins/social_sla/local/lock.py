"""One local run a home at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class HomeBusyError(RuntimeError):
    """Another program works in the same home."""


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the home; the kernel lets it go when this program ends, however it ends.

    Raises:
        HomeBusyError: another program holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "home.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise HomeBusyError(f"Another `make run` or `make up` is at work in {home}: wait for it to end.") from None
        yield
