"""What a handler gives back, before faults are played and bytes are sent."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

# Documented tokens of the sandbox: they open nothing but this server on the loopback interface.
X_TOKEN = "sandbox-x-bearer-token"  # noqa: S105
ZENDESK_EMAIL = "warehouse@aurora.example"
ZENDESK_TOKEN = "sandbox-zendesk-api-token"  # noqa: S105


@dataclass
class Answer:
    """Status, JSON body and headers; `rows_key` names the list in the body that holds the records of the page."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    rows_key: str = ""


class RateMeter:
    """Counts calls per window for the rate headers. It never refuses: 429 is played by a fault rule."""

    def __init__(self, limit: int, window_seconds: int) -> None:
        self.limit = limit
        self.window_seconds = window_seconds
        self._used: dict[str, int] = {}
        self._window = 0

    def take(self, name: str) -> tuple[int, int]:
        """Calls that remain (never under 1) and seconds until the window ends."""
        now = int(time.time())
        if now // self.window_seconds != self._window:
            self._window = now // self.window_seconds
            self._used.clear()
        self._used[name] = self._used.get(name, 0) + 1
        return max(1, self.limit - self._used[name]), self.window_seconds - now % self.window_seconds
