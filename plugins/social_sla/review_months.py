"""Which months a review is about, and whether their data are all there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from social_sla.extraction import month
from social_sla.review import store
from social_sla.review.freeze import FreezeReport, freeze, ready_through, signed_periods
from social_sla.review.pack import write_pack
from social_sla.review.pdf import write_pdf
from social_sla.review.store import ReviewError, open_marts
from social_sla.settings import Settings
from social_sla.warehouse.publish import keep_for_ever
from social_sla.warehouse.releases import current_release

MOST_MONTHS = 120


class DataMissingError(ReviewError):
    """A source's data do not reach past the end of a month yet; trying again later can help."""


@dataclass(frozen=True)
class Months:
    """The reviewed months, oldest first, and the instant of the release that they are signed on (UTC)."""

    periods: tuple[date, ...]
    as_of: datetime


def months_to_review(settings: Settings, last: str | None = None, count: int = 1) -> Months:
    """`count` whole months that end with `last` (`2026-10`); default the last whole month at the release's as_of.

    Raises:
        ReviewError: nothing is published, or the count makes no sense.
        DataMissingError: a source does not reach past the end of one of them; names every such source.
    """
    if not 1 <= count <= MOST_MONTHS:
        raise ReviewError(f"months is {count}; it must be 1 to {MOST_MONTHS}.")
    with open_marts(settings.marts_path) as connection:
        as_of = store.release(connection).as_of.astimezone(UTC)
    end = month(last) or _before(as_of.date().replace(day=1))
    periods = [end]
    while len(periods) < count:
        periods.insert(0, _before(periods[0]))
    lacking = dict.fromkeys(lack.words for period in periods for lack in ready_through(settings, period).lacking)
    if lacking:
        raise DataMissingError("The review waits for data.\n" + "\n".join(lacking))
    return Months(tuple(periods), as_of)


def freeze_months(settings: Settings, periods: list[str], run_id: str) -> FreezeReport:
    """Sign the figures of the months (first days, ISO 8601); months signed before are left alone (D11).

    The release that the figures are read from is kept for ever. It is marked before anything is signed: figures that
    name a release which is gone could not be explained.
    """
    months = [date.fromisoformat(period) for period in periods]
    served = current_release(settings)
    if served is not None and set(months) - set(signed_periods(settings)):
        keep_for_ever(settings, served.release_id)
    report = freeze(settings, months, run_id=run_id)
    if report.signed:
        keep_for_ever(settings, report.release_id)
    return report


def write_packs(settings: Settings, periods: list[str]) -> list[Path]:
    """Write the packs of the months (first days, ISO 8601) from the published release; PDFs where they can be printed.

    Returns:
        The pages.
    """
    pages = [write_pack(settings, date.fromisoformat(period)) for period in periods]
    for page in pages:
        write_pdf(page)
    return pages


def _before(period: date) -> date:
    """The month before; both are first days."""
    return (
        period.replace(year=period.year - 1, month=12) if period.month == 1 else period.replace(month=period.month - 1)
    )
