"""The scorecard page of Airflow's UI: the newest signed month, the open flags, the way to packs and data docs."""

from __future__ import annotations

from social_sla.review.pack import environment
from social_sla.review.store import ReviewError
from social_sla.review.summary import run_summary
from social_sla.settings import Settings


def board(settings: Settings) -> str:
    """The page as text; a page that says what to run where nothing is published."""
    template = environment().get_template("board.html.j2")
    try:
        summary = run_summary(settings)
    except ReviewError as error:
        return template.render(summary=None, problem=str(error), links=[])
    found = [
        ("Data docs", settings.data_docs_dir / "index.html", "data_docs/index.html"),
        ("All review packs", settings.review_dir / "index.html", "review/index.html"),
    ]
    if summary.period:
        name = f"{summary.period:%Y-%m}"
        found.append(("This month's pack", settings.review_dir / name / "index.html", f"review/{name}/index.html"))
    links = [(title, href) for title, path, href in reversed(found) if path.exists()]
    return template.render(summary=summary, problem=None, links=links)
