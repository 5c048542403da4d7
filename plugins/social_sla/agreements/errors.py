"""What is wrong with a configuration, said so that the reader can put it right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_LISTED_OPTIONS = 20


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, and what would be right. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    path: str
    message: str = field(default="")

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return f"{where}{self.path}: {self.message}" if self.path else f"{where}{self.message}"


class ConfigError(ValueError):
    """The configuration cannot be used; `problems` holds everything that is wrong, sorted by file and line."""

    def __init__(self, problems: Iterable[Problem], directory: str = "") -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        self.directory = directory
        count = len(self.problems)
        head = f"{count} problem{'' if count == 1 else 's'} in the configuration"
        head += f" in {directory}:" if directory else ":"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]))


def show_path(path: Path) -> str:
    """`("goals", 0, "target")` as `goals[0].target`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def suggest(value: str, options: Iterable[str]) -> str:
    """What the writer may have meant: `did you mean x?`, else the allowed words when they are few."""
    known = sorted(set(options))
    by_fold = {option.casefold(): option for option in known}
    if value.casefold() in by_fold:
        return f"did you mean {by_fold[value.casefold()]}?"
    close = difflib.get_close_matches(value.casefold(), by_fold, n=1, cutoff=0.6)
    if close:
        return f"did you mean {by_fold[close[0]]}?"
    if not known:
        return "none is defined"
    if len(known) <= _LISTED_OPTIONS:
        return f"one of {', '.join(known)}"
    return ""
