"""The pack as a PDF: the same page, printed by a Chromium that is on the machine; without one there is no PDF."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from social_sla.settings import named_browser

log = logging.getLogger(__name__)

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome-headless-shell")
PRINT_SECONDS = 120


def browser() -> str | None:
    """The Chromium that prints: `SOCIAL_SLA_CHROMIUM`, else the first that is on the path; none = None."""
    return named_browser() or next((path for name in BROWSERS if (path := shutil.which(name))), None)


def write_pdf(page: Path) -> Path | None:
    """Prints a page beside itself (`index.html` → `index.pdf`), replaced by one rename; None where nothing can print.

    A browser that fails is told of and leaves the pack without a PDF: the page is the record, the PDF a convenience.
    """
    program = browser()
    if program is None:
        log.info("No Chromium on this machine, so %s gets no PDF (set SOCIAL_SLA_CHROMIUM, or print the page).", page)
        return None
    target = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory(prefix="social-sla-pdf-") as folder:
        made = Path(folder) / "pack.pdf"
        command = [
            *[program, "--headless", "--disable-gpu", "--no-pdf-header-footer", "--no-first-run"],
            # The page is our own and holds no script; containers often allow no sandbox of the browser's.
            *["--no-sandbox", "--disable-javascript", "--disable-background-networking", f"--user-data-dir={folder}"],
            *[f"--print-to-pdf={made}", page.absolute().as_uri()],
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PRINT_SECONDS, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            log.warning("%s printed no PDF of %s: %s", program, page, type(error).__name__)
            return None
        if done.returncode != 0 or not made.exists() or made.read_bytes()[:5] != b"%PDF-":
            log.warning("%s printed no PDF of %s (exit code %d).", program, page, done.returncode)
            return None
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.copyfile(made, temporary)
        temporary.replace(target)
    return target
