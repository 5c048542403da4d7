"""Faults that the sandbox plays on a client, switched on by HTTP or by a file.

A rule is an object: `path` (glob over the request's path, e.g. `/x/2/users/*/mentions`), `kind`, and optionally
`times` (how often; default 1, 0 = always), `after` (matching calls that pass first; default 0), `retry_after` (seconds,
for 429), `seconds` (for slow and timeout), `status` (for 500 and html).

| kind | what the client meets |
|---|---|
| `429` | the vendor's refusal with its headers |
| `500` | the vendor's own error (`status` may say 502, 503 …) |
| `timeout` | no answer for `seconds` (default 60), then an empty 504 |
| `slow` | the right answer after `seconds` (default 1) |
| `truncate` | a body that is cut off in the middle |
| `html` | a maintenance page instead of JSON (status 200 unless `status` says otherwise) |
| `expired_token` | 401, as if the token had been revoked |
| `duplicate_page` | the rows of the page before come once more in front of this page's |
| `changing_item` | a row of the page before comes once more in this page, in a newer version |
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sandbox.answers import Answer

KINDS = ("429", "500", "timeout", "truncate", "duplicate_page", "changing_item", "expired_token", "html", "slow")
_NUMBERS = ("times", "after", "retry_after", "seconds", "status")


class FaultError(ValueError):
    """A rule that cannot be used; the message says which and why."""


@dataclass
class Rule:
    """One fault; `seen` counts matching calls, `hits` those on which it was played."""

    path: str
    kind: str
    times: float = 1
    after: float = 0
    retry_after: float = 1
    seconds: float | None = None
    status: float | None = None
    seen: int = 0
    hits: int = 0

    def take(self) -> bool:
        """Count a matching call; True when the fault is to be played on it."""
        self.seen += 1
        if self.seen <= self.after or (self.times and self.hits >= self.times):
            return False
        self.hits += 1
        return True


@dataclass
class Faults:
    """The active rules, the log of calls, and the last page of every path."""

    rules: list[Rule] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)
    _pages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, given: object) -> None:
        """Add rules from a decoded JSON list; raises FaultError and adds none when one is wrong."""
        if not isinstance(given, list):
            raise FaultError("expected a JSON list of rules")
        self.rules += [_rule(number, row) for number, row in enumerate(given)]

    def add_file(self, path: Path) -> None:
        """Add rules from a JSON file."""
        try:
            self.add(json.loads(path.read_text(encoding="utf-8")))
        except (json.JSONDecodeError, FaultError) as error:
            raise FaultError(f"{path}: {error}") from error

    def clear(self) -> None:
        """Forget all rules."""
        self.rules.clear()

    def listed(self) -> list[dict[str, Any]]:
        """The rules with their counts."""
        return [vars(rule) for rule in self.rules]

    def count(self, path: str) -> None:
        """Log a call."""
        self.calls[path] = self.calls.get(path, 0) + 1

    def pick(self, path: str) -> Rule | None:
        """The first rule that is to be played on a call."""
        for rule in self.rules:
            if fnmatchcase(path, rule.path) and rule.take():
                return rule
        return None

    def remember(self, path: str, answer: Answer) -> None:
        """Keep the rows of a page for the faults that bring them up again. Only done while there are rules."""
        if self.rules and answer.status == 200 and answer.rows_key in answer.body:
            self._pages[path] = list(answer.body[answer.rows_key])

    def alter_rows(self, rule: Rule, path: str, answer: Answer) -> None:
        """Play `duplicate_page` or `changing_item` on an answer."""
        before = self._pages.get(path)
        rows = answer.body.get(answer.rows_key)
        if not before or not rows:
            rule.hits -= 1
            return
        if rule.kind == "duplicate_page":
            answer.body[answer.rows_key] = before + rows
        else:
            answer.body[answer.rows_key] = [*rows, _newer(before[-1], rows[-1])]
        meta = answer.body.get("meta", {})
        if "result_count" in meta:
            meta["result_count"] = len(answer.body[answer.rows_key])


def _newer(row: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    """A later version of a row, as new as `like`."""
    found = copy.deepcopy(row)
    for name in ("updated_at", "generated_timestamp"):
        if name in like and name in found:
            found[name] = like[name]
    if "subject" in found:
        found["subject"] = f"{found['subject']} (changed)"
    if "public_metrics" in found:
        found["public_metrics"]["like_count"] += 1
    return found


def _rule(number: int, row: object) -> Rule:
    if not isinstance(row, dict):
        raise FaultError(f"rule {number}: expected an object")
    unknown = sorted(set(row) - {"path", "kind", *_NUMBERS})
    if unknown:
        raise FaultError(f"rule {number}: unknown key {unknown[0]!r}; known: path, kind, {', '.join(_NUMBERS)}")
    path, kind = row.get("path"), str(row.get("kind"))
    if not isinstance(path, str) or not path:
        raise FaultError(f"rule {number}: 'path' must be a glob such as /x/2/*")
    if kind not in KINDS:
        raise FaultError(f"rule {number}: 'kind' is {kind!r}; known: {', '.join(KINDS)}")
    numbers = {name: row[name] for name in _NUMBERS if name in row}
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise FaultError(f"rule {number}: {name!r} must be a number that is not negative")
    return Rule(path, kind, **numbers)
