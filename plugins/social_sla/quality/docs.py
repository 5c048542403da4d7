"""Data docs as static pages that need no network."""

from __future__ import annotations

import logging
import os
import re
import shutil
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from social_sla.quality.report import ExpectationResult, GateReport

if TYPE_CHECKING:
    from great_expectations.data_context import FileDataContext

log = logging.getLogger(__name__)

# GX's pages take scripts, styles and pictures from content networks; read without them they say the same.
_REMOTE = (
    re.compile(r"<script[^>]*\bsrc=[\"']?https?://[^>]*>\s*</script>", re.IGNORECASE),
    re.compile(r"<link[^>]*\bhref=[\"']?https?://[^>]*/?>", re.IGNORECASE),
    re.compile(r"<img[^>]*\bsrc=[\"']?https?://[^>]*/?>", re.IGNORECASE),
)
_REMOTE_PICTURE = re.compile(r"url\(\s*['\"]?https?://[^)]*\)", re.IGNORECASE)
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid #ccc;padding:.4rem;text-align:left;vertical-align:top}
pre{white-space:pre-wrap;background:#f4f4f4;padding:.5rem;margin:.3rem 0}.failed{color:#a40000}.warning{color:#7a5200}
"""


def build_docs(context: FileDataContext, context_dir: Path, target: Path, report: GateReport) -> None:
    """Build the pages beside the target folder, then put them in its place.

    A page that cannot be drawn says nothing about the data, so a fault here is logged and the gate's verdict stands.

    Args:
        context: the GX context whose checkpoint has been run.
        context_dir: its root folder.
        target: the folder that a reader opens (`index.html`).
        report: what the index shows.
    """
    try:
        context.build_data_docs()
        built = context_dir / "uncommitted" / "data_docs"
        for page in built.rglob("*.html"):
            page.write_text(_offline(page.read_text("utf-8")), "utf-8")
        (built / "index.html").replace(built / "gx.html")
        (built / "index.html").write_text(index_page(report), "utf-8")
        _replace_folder(built, target)
    except Exception:
        log.exception("The gate's data docs could not be built; the gate's result is not affected.")


def _offline(html: str) -> str:
    for pattern in _REMOTE:
        html = pattern.sub("", html)
    html = _REMOTE_PICTURE.sub("none", html)
    return html.replace("</head>", f"<style>{_STYLE}</style></head>", 1)


def _replace_folder(built: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    stale = target.with_name(f".{target.name}.old.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(built, fresh)
    if target.exists():
        target.replace(stale)
    fresh.replace(target)
    shutil.rmtree(stale, ignore_errors=True)


def index_page(report: GateReport) -> str:
    """The report as one page: failures first, then every expectation that holds."""
    ordered = [
        *report.critical_failures,
        *report.warnings,
        *(result for result in report.results if result.success),
    ]
    rows = "\n".join(_row(result) for result in ordered)
    verdict = report.text().splitlines()[0]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Gate {escape(report.gate_run_id)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>Quality gate</h1><p>{escape(verdict)}</p>"
        f"<p>Release {escape(report.release_id)}. "
        '<a href="gx.html">All suites in Great Expectations\' own pages</a></p>'
        "<table><thead><tr><th>Result</th><th>Mart</th><th>Rule</th><th>What it says</th></tr></thead><tbody>"
        f"{rows}</tbody></table></body></html>\n"
    )


def _row(result: ExpectationResult) -> str:
    state = "holds" if result.success else ("failed" if result.severity == "critical" else "warning")
    shown = "".join(
        "<br>" + escape(", ".join(f"{name}={value}" for name, value in row.items())) for row in result.sample
    )
    return (
        f'<tr><td class="{state}">{state}</td><td>{escape(result.mart)}</td><td>{escape(result.expectation)}</td>'
        f"<td>{escape(result.message)}{shown}<details><summary>SQL</summary><pre>{escape(result.sql)}</pre></details>"
        "</td></tr>"
    )
