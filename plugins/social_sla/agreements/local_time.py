"""Local dates and times as instants (D12): always through the zone's own rules, never a fixed offset."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive on purpose: what a local clock shows
_SECOND = timedelta(seconds=1)


def first_second(zone: ZoneInfo, local: datetime) -> int:
    """The first instant, in seconds since 1970 UTC, at which the zone's clock shows `local` or later (D12).

    Args:
        zone: the IANA zone.
        local: what the clock shows, naive. It may not exist in the zone (clocks go forward) or exist twice.
    """
    shown = (local - _EPOCH) // _SECOND
    before = _offset_seconds(local.replace(tzinfo=zone, fold=0))
    after = _offset_seconds(local.replace(tzinfo=zone, fold=1))
    if after <= before:  # it exists once, or twice: fold 0 is the first time
        return shown - before
    # The clock jumps over it: the jump itself lies between the two readings.
    low, high = shown - after, shown - before
    while high - low > 1:
        middle = (low + high) // 2
        if _clock_at(zone, middle) >= local:
            high = middle
        else:
            low = middle
    return high


def _offset_seconds(moment: datetime) -> int:
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError(f"{moment!r} has no time zone; pass an IANA zone")
    return offset // _SECOND


def _clock_at(zone: ZoneInfo, second: int) -> datetime:
    return datetime.fromtimestamp(second, zone).replace(tzinfo=None)


def as_instant(second: int) -> datetime:
    """Seconds since 1970 as an aware UTC datetime."""
    return datetime.fromtimestamp(second, UTC)


@lru_cache(maxsize=16_384)
def day_start(zone_name: str, day: date) -> datetime:
    """The instant (UTC) at which a local date begins: the first that shows its 00:00 or later."""
    return as_instant(first_second(ZoneInfo(zone_name), datetime.combine(day, time())))


def day_end(zone_name: str, day: date) -> datetime:
    """The instant (UTC) at which a local date has ended: 24:00 is 00:00 of the next date."""
    return day_start(zone_name, day + timedelta(days=1))


def local_date(zone_name: str, instant: datetime) -> date:
    """The date that the zone's calendar shows at an instant."""
    return instant.astimezone(ZoneInfo(zone_name)).date()


def add_months(month: date, count: int) -> date:
    """The first day of the month `count` months later."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)
