"""Figures as words: durations, shares, months and local times, never rounded across a comparison."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from social_sla.agreements.money import MINOR_UNITS

# Own tables instead of strftime: the text must not depend on the machine's locale (same release, same bytes).
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_SECONDS = 86_400
NO_VALUE = "–"
# Joined in front of text that a spreadsheet would take for a formula when a table is copied into one. Invisible.
WORD_JOINER = "\u2060"


def duration(seconds: int | float | Decimal | None, basis: str = "business") -> str:
    """A duration in seconds as words, exact to the second: 14401 → "4 h 00 min 01 s", 14400 → "4 h".

    Trailing parts are left out only when they are zero, so two different durations never read alike. Business time
    stays in hours (its days have no fixed length); calendar time from 48 hours on is given in days of 86,400 s (D13).
    Fractions, which only interpolated statistics have (M16), are rounded to the whole second.
    """
    if seconds is None:
        return NO_VALUE
    total = int(Decimal(str(seconds)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    sign, total = ("−", -total) if total < 0 else ("", total)
    days, rest = divmod(total, DAY_SECONDS) if basis == "calendar" and total >= 2 * DAY_SECONDS else (0, total)
    hours, rest = divmod(rest, 3600)
    minutes, secs = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (secs, "s")]
    while len(parts) > 1 and parts[0][0] == 0:
        parts.pop(0)
    while len(parts) > 1 and parts[-1][0] == 0:
        parts.pop()
    head, *tail = parts
    return sign + " ".join([f"{head[0]} {head[1]}", *(f"{value:02d} {unit}" for value, unit in tail)])


def as_decimal(value: object) -> Decimal | None:
    """A number of any type as the decimal that its shortest text names, or None."""
    return None if value is None else Decimal(str(value))


def decimal_text(value: object) -> str | None:
    """An exact decimal as text without exponent or trailing zeros ("0.784"), or None."""
    number = as_decimal(value)
    if number is None:
        return None
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def money(amount: object, currency: str | None) -> str:
    """An exact amount with its currency and all its decimals, thousands set apart: `1,680.00 USD`."""
    number = as_decimal(amount)
    if number is None:
        return NO_VALUE
    head, _, tail = format(number, "f").partition(".")
    tail = tail.rstrip("0")
    # A step before rounding may be finer than the smallest unit of the currency: it is shown whole.
    places = MINOR_UNITS.get(currency or "", 2)
    return f"{int(head):,}{'.' + tail.ljust(places, '0') if tail or places else ''} {currency or ''}".rstrip()


def rate(value: object, goal: object = None) -> str:
    """A share 0–1 as a percentage with one decimal, or with more where rounding would hide on which side it lies.

    With `goal`, 0.89996 against 0.9 reads "89.996 %", never "90.0 %" (M6: compared exactly, never rounded first).
    Nothing short of everything reads "100 %", and nothing above zero reads "0 %".
    """
    number, wanted = as_decimal(value), as_decimal(goal)
    if number is None:
        return NO_VALUE
    percent = number * 100
    bounds = [Decimal(0), Decimal(100), *([wanted * 100] if wanted is not None else [])]
    for places in range(1, 10):
        shown = percent.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
        if all(_side(shown, bound) == _side(percent, bound) for bound in bounds):
            break
    text = format(shown, "f")
    return f"{text.removesuffix('.0')} %"


def _side(number: Decimal, bound: Decimal) -> int:
    return (number > bound) - (number < bound)


def points(difference: Decimal) -> str:
    """Room over a goal in percentage points, with its sign: Decimal("0.0213") → "+2.1 points"; never a rounded zero."""
    value = difference * 100
    if value == 0:
        return "exactly the goal"
    for places in range(1, 10):
        shown = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
        if shown != 0:
            break
    sign = "+" if shown > 0 else "−"
    return f"{sign}{abs(shown):f} points"


def count(value: int | None) -> str:
    """A whole number with thousands set apart by a comma."""
    return NO_VALUE if value is None else f"{value:,}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """`3 goals`, `1 goal`."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def month(period: date) -> str:
    """`October 2026`."""
    return f"{MONTHS[period.month - 1]} {period.year}"


def short_month(period: date) -> str:
    """`Oct 26`."""
    return f"{MONTHS[period.month - 1][:3]} {period.year % 100:02d}"


def day(value: date | None) -> str:
    """`5 Oct 2026`."""
    return NO_VALUE if value is None else f"{value.day} {MONTHS[value.month - 1][:3]} {value.year}"


def utc(at: datetime | None) -> str:
    """`2026-11-03 00:00:00 UTC` of an aware instant."""
    return NO_VALUE if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def local(at: datetime | None, timezone: str) -> str:
    """An instant in a zone beside UTC: `Mon 5 Oct 2026 10:04:11 EDT (14:04:11 UTC)`.

    The UTC date is said only where it differs from the local one.
    """
    if at is None:
        return NO_VALUE
    here, there = at.astimezone(ZoneInfo(timezone)), at.astimezone(UTC)
    shown = f"{WEEKDAYS[here.weekday()]} {day(here.date())} {here:%H:%M:%S} {here:%Z}"
    if timezone in ("UTC", "Etc/UTC"):
        return shown
    other = (
        "" if here.date() == there.date() else f"{WEEKDAYS[there.weekday()]} {there.day} {MONTHS[there.month - 1][:3]} "
    )
    return f"{shown} ({other}{there:%H:%M:%S} UTC)"


def parse_period(text: str) -> date:
    """`2026-10` or `2026-10-01` as the month's first day.

    Raises:
        ValueError: the text names no month.
    """
    try:
        return date.fromisoformat(text if len(text) > 7 else f"{text}-01").replace(day=1)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a month: write it as 2026-10.") from error


def next_period(period: date) -> date:
    return (period.replace(day=1) + timedelta(days=32)).replace(day=1)


def period_back(period: date, months: int) -> date:
    """The month that lies `months` before."""
    number = period.year * 12 + period.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def period_bounds(period: date, timezone: str) -> tuple[datetime, datetime]:
    """The period's [start, end) in UTC: a calendar month in the agreement's own zone."""
    zone = ZoneInfo(timezone)
    start, end = (datetime(p.year, p.month, 1, tzinfo=zone).astimezone(UTC) for p in (period, next_period(period)))
    return start, end


def clean(text: str) -> str:
    """Text without characters that change how the text around it reads.

    Control and format characters (right-to-left overrides, zero-width ones) become U+FFFD, line breaks a space; a
    leading `=`, `@`, `+` or `-` that is not a number's sign gets an invisible word joiner in front of it.
    """
    shown = "".join(
        " "
        if char in "\n\r\t"
        else "\ufffd"
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and char not in (WORD_JOINER, "\u200d")
        else char
        for char in text
    )
    first = shown.lstrip()[:1]
    if first in ("=", "@") or (first in ("+", "-") and not _is_number(shown)):
        return WORD_JOINER + shown
    return shown


def _is_number(text: str) -> bool:
    head = text.strip()[1:].split(" ", 1)[0].replace(",", "").rstrip("%")
    return head.replace(".", "", 1).isdigit()
