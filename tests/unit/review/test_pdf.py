"""The pack's PDF, printed by a real Chromium where there is one."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest
from social_sla.review.pack import write_pack
from social_sla.review.pdf import browser, write_pdf
from social_sla.settings import Settings


@pytest.mark.skipif(browser() is None, reason="no Chromium on this machine")
def test_the_pack_is_printed_beside_the_page(settings: Settings) -> None:
    page = write_pack(settings, date(2026, 10, 1))
    printed = write_pdf(page)
    assert printed == page.with_suffix(".pdf")
    content = printed.read_bytes()
    assert content.startswith(b"%PDF-")
    # Several pages with figures: an empty sheet is far smaller.
    assert len(content) > 30_000
    assert sorted(path.name for path in page.parent.iterdir()) == ["index.html", "index.pdf", "pack.json"]


def test_without_a_browser_there_is_no_pdf_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("SOCIAL_SLA_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    caplog.set_level("INFO")
    assert write_pdf(tmp_path / "index.html") is None
    assert "No Chromium on this machine" in caplog.text


@pytest.mark.parametrize("script", ["exit 1", "exit 0"])
def test_a_browser_that_fails_leaves_the_old_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, script: str
) -> None:
    program, page = tmp_path / "chromium", tmp_path / "index.html"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    page.write_text("<p>x</p>")
    page.with_suffix(".pdf").write_text("the old one")
    monkeypatch.setenv("SOCIAL_SLA_CHROMIUM", str(program))
    assert write_pdf(page) is None
    assert "printed no PDF" in caplog.text
    assert page.with_suffix(".pdf").read_text() == "the old one"
