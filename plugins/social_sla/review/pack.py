"""The review pack: one self-contained HTML page a month, and a page that lists them (docs/review-pack.md)."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from social_sla.review import words
from social_sla.review.pack_model import Pack, build_pack
from social_sla.review.results import RESULT_WORDS, Result
from social_sla.review.store import open_marts
from social_sla.settings import Settings

TEMPLATES = Path(__file__).with_name("templates")


def write_pack(settings: Settings, period: date) -> Path:
    """Writes the month's page and the list of all pages; each is replaced by one rename, so no reader sees half a page.

    The page depends on the release only: the same release gives the same bytes (no clock of the wall, no network).

    Args:
        settings: where the published release and the review folder are.
        period: any day of the month.

    Returns:
        The page, `<published>/review/<YYYY-MM>/index.html`.

    Raises:
        ReviewError: there is no release, or it has no goal in that month.
    """
    period = period.replace(day=1)
    with open_marts(settings.marts_path) as con:
        pack = build_pack(con, period)
    folder = settings.review_dir / f"{period:%Y-%m}"
    page = folder / "index.html"
    replace_file(page, render(pack))
    replace_file(folder / "pack.json", json.dumps(_entry(pack), indent=1, sort_keys=True) + "\n")
    write_index(settings.review_dir)
    return page


def render(pack: Pack) -> str:
    """The page as text."""
    return environment().get_template("pack.html.j2").render(pack=pack)


def write_index(review_dir: Path) -> Path:
    """The list of the packs that the folder holds, newest month first."""
    entries = []
    for path in sorted(review_dir.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]/pack.json"), reverse=True):
        entry = json.loads(path.read_text(encoding="utf-8"))
        entries.append({**entry, "folder": path.parent.name, "period": words.parse_period(path.parent.name)})
    page = review_dir / "index.html"
    replace_file(page, environment().get_template("index.html.j2").render(entries=entries))
    return page


def environment() -> jinja2.Environment:
    """Templates that escape everything, drop characters that steer text, and fail on a name they do not know."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        rate=words.rate,
        points=words.points,
        duration=words.duration,
        month=words.month,
        short_month=words.short_month,
        day=words.day,
        utc=words.utc,
        number=words.count,
        decimal=words.decimal_text,
        money=words.money,
    )
    env.globals.update(Result=Result, RESULT_WORDS=RESULT_WORDS, plural=words.plural)
    return env


def _shown(value: Any) -> Any:
    if isinstance(value, Markup):
        return value
    if value is None:
        return words.NO_VALUE
    return words.clean(value) if isinstance(value, str) else value


def _entry(pack: Pack) -> dict[str, Any]:
    return {
        "release_id": pack.release.release_id,
        "as_of": words.utc(pack.release.as_of),
        "met_count": pack.count_of(Result.MET),
        "near_count": pack.count_of(Result.NEAR),
        "missed_count": pack.count_of(Result.MISSED),
        "indeterminate_count": pack.count_of(Result.INDETERMINATE),
        "flag_count": pack.raised_flag_count,
        "is_over": pack.is_over,
    }


def replace_file(path: Path, text: str) -> None:
    """Writes text to a temporary name beside `path`, makes it durable, and renames it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
