"""When the versions of an agreement are in force (D18)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from social_sla.agreements.local_time import day_end, day_start

K = TypeVar("K")


@dataclass(frozen=True)
class Span:
    """A half-open stretch of time [from_at, to_at), UTC; an open end is None."""

    from_at: datetime
    to_at: datetime | None

    def minus(self, other: Span) -> list[Span]:
        """What is left of this span without the other."""
        left = []
        if self.from_at < other.from_at:
            left.append(Span(self.from_at, _earlier(self.to_at, other.from_at)))
        if other.to_at is not None and (self.to_at is None or other.to_at < self.to_at):
            left.append(Span(max(self.from_at, other.to_at), self.to_at))
        return [span for span in left if span.to_at is None or span.from_at < span.to_at]


def _earlier(first: datetime | None, second: datetime) -> datetime:
    return second if first is None else min(first, second)


def date_span(zone_name: str, first: date, last: date | None) -> Span:
    """Inclusive local dates as instants: from the first date's beginning to the last one's end (D12, D18)."""
    return Span(day_start(zone_name, first), None if last is None else day_end(zone_name, last))


def in_force(versions: Iterable[tuple[int, K, Span]]) -> list[tuple[K, Span]]:
    """Disjoint spans in which each version of one agreement holds; the higher version wins an overlap (D18).

    Args:
        versions: (version number, what it is called in the result, its dates as a span).
    """
    result: list[tuple[K, Span]] = []
    higher: list[Span] = []
    for _, key, span in sorted(versions, key=lambda item: item[0], reverse=True):
        left = [span]
        for other in higher:
            left = [piece for item in left for piece in item.minus(other)]
        result += [(key, piece) for piece in left]
        higher.append(span)
    return sorted(result, key=lambda item: item[1].from_at)
