"""What the person who typed `make run` sees: one line a step, with a moving line while one is under way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status


class Progress:
    """Steps with their times, on a terminal or as plain lines in a file."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self._began = time.monotonic()
        self._status: Status | None = None
        self._shown = ""
        self.seconds: dict[str, float] = {}

    @property
    def elapsed(self) -> float:
        """Seconds since this program began."""
        return time.monotonic() - self._began

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step: announced, timed, and marked as done or failed."""
        began = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(title) as status:
                self._status = status
                try:
                    yield
                except BaseException:
                    self.say(f"[red]✗[/red] {title} [dim]{time.monotonic() - began:.1f} s[/dim]")
                    raise
                finally:
                    self._status = None
        else:
            yield
        self.seconds[title] = time.monotonic() - began
        self.say(f"[green]✓[/green] {title} [dim]{self.seconds[title]:.1f} s[/dim]")

    def under_way(self, text: str) -> None:
        """What is happening inside the step; said once, also when it is told again and again."""
        if text == self._shown:
            return
        self._shown = text
        if self._status is not None:
            self._status.update(text)
        else:
            self.say(f"  [dim]{text}[/dim]")

    def say(self, text: str = "") -> None:
        """A line of its own; plain output carries the seconds since the beginning in front."""
        if self.console.is_terminal or not text:
            self.console.print(text)
        else:
            self.console.print(f"\\[{self.elapsed:6.1f} s] {text}")
