from __future__ import annotations

import json
import re
import shutil
import time
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from social_sla.review.explain import explain_clock
from social_sla.review.pack import write_pack
from social_sla.review.store import ReviewError, open_marts
from social_sla.review.targets import targets_words
from social_sla.settings import Settings

from tests.support.marts_fixture import AGREEMENTS, build_release
from tests.unit.review.conftest import settings_in

OCTOBER = date(2026, 10, 1)
VOID = {"meta", "br", "link", "img", "input", "hr", "path", "line", "circle"}


class Page(HTMLParser):
    """What a browser would make of a page: elements with attributes, headings in order, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[int] = []
        self.text: list[str] = []
        self._hidden = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self._hidden += tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text.append(data)

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.text))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_in(tmp_path_factory.mktemp("pack"))
    build_release(settings.marts_path, signed=(date(2026, 9, 1),))
    for period in (date(2026, 3, 1), date(2026, 9, 1), OCTOBER, date(2026, 11, 1)):
        write_pack(settings, period)
    return settings


def text_of(settings: Settings, folder: str = "2026-10") -> str:
    return (settings.review_dir / folder / "index.html").read_text(encoding="utf-8")


def test_the_summary_comes_first_and_is_right(written: Settings) -> None:
    words = Page(text_of(written)).words
    assert "2 goals were missed, 1 met narrowly; 1 could not be judged. 2 flags ask for a decision." in words
    assert words.index("2 goals were missed") < words.index("Every goal at a glance") < words.index("Worst clocks")
    assert "too few decided clocks to judge" in words
    assert "missed 3 months in a row" in words


def test_flags_come_with_their_evidence(written: Settings) -> None:
    words = Page(text_of(written)).words
    assert "First response was missed 3 months in a row" in words
    for line in (
        "August 2026 80 % 90 % 32 of 40",
        "September 2026 77.5 % 90 % 31 of 40",
        "October 2026 75 % 90 % 30 of 40",
    ):
        assert line in words
    assert "Version 2 is in force without a valid approval by BrightDesk" in words
    assert "Never approved" in words


def test_worst_clocks_near_misses_restatements_and_quality_are_there(written: Settings) -> None:
    words = Page(text_of(written)).words
    assert "never answered" in words
    assert "Nothing stopped it up to the end of the data" in words
    assert "to spare" in words
    assert "Sep 26, next_response" in words
    assert "82.5 %" in words
    assert "2 of 3 checks held; these did not:" in words
    assert "3 days with less than half of the usual volume" in words
    assert "Not in these figures: 5 excluded clocks (5 spam)" in words
    assert "urgent 1 h, high 4 h, low 1 business day, otherwise 4 h" in words


def test_every_goal_says_what_it_measures_and_of_whom(written: Settings) -> None:
    words = Page(text_of(written)).words
    for name in ("first response time, M1", "next response time, M2", "full resolution time, M3"):
        assert f"Measures {name} Target" in words
    assert "Measures requester wait time, M4 Target 5 d calendar time" in words
    assert "Measures time that one team has the conversation of Refunds, Refunds, night alone Target 2 h" in words
    # Durations of a calendar goal that takes days are drawn in days; those in business time stay in hours (D13).
    assert "90th percentile (dashed) of the clocks that stopped, days of calendar time" in words
    assert "90th percentile (dashed) of the clocks that stopped, hours of business time" in words
    assert "90th percentile (dashed) of the clocks that stopped, minutes of business time" in words


def test_a_team_that_the_release_does_not_know_is_called_by_its_id(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    build_release(settings.marts_path)
    con = duckdb.connect(str(settings.marts_path))
    con.execute("delete from dim_team where name = 'Refunds, night'")
    con.close()
    words = Page(write_pack(settings, OCTOBER).read_text(encoding="utf-8")).words
    assert "of Refunds, zendesk:auroraair:8 alone" in words


def test_a_clock_is_explained_in_the_page_as_on_the_terminal(written: Settings) -> None:
    page = Page(text_of(written))
    shown = {re.sub(r"\s+", " ", text).strip() for text in page.text}
    with open_marts(written.marts_path) as con:
        for line in explain_clock(con, "email-support-first_response-202610-000"):
            assert line.strip() in shown
    assert "… 25 more days, Mon 5 Oct to Thu 29 Oct: 200 h" in shown


def test_an_open_month_says_that_nothing_is_final(written: Settings) -> None:
    assert "The month is not over: nothing here is final" in Page(text_of(written, "2026-11")).words
    assert "The month is not over" not in Page(text_of(written)).words


def test_a_signed_month_names_its_release(written: Settings) -> None:
    assert "Figures signed on release" in Page(text_of(written, "2026-09")).words
    assert "Figures signed on release" not in Page(text_of(written)).words


def test_a_page_is_semantic_and_needs_nothing_from_elsewhere(written: Settings) -> None:
    for folder in ("2026-10", "2026-03", "2026-11", "."):
        page = Page(text_of(written, folder))
        tags = Counter(tag for tag, _ in page.elements)
        assert next(attrs for tag, attrs in page.elements if tag == "html")["lang"] == "en"
        assert tags["h1"] == tags["main"] == 1
        assert page.headings[0] == 1
        assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
        assert all(attrs.get("scope") for tag, attrs in page.elements if tag == "th")
        ids = [attrs["id"] for _, attrs in page.elements if attrs.get("id")]
        assert len(ids) == len(set(ids))
        targets = [attrs["href"] or "" for tag, attrs in page.elements if tag == "a"]
        assert all(target[1:] in ids for target in targets if target.startswith("#"))
        assert all(target.startswith("#") or re.fullmatch(r"[0-9-]{7}/index\.html", target) for target in targets)
        assert not tags["script"] + tags["img"] + tags["link"] + tags["iframe"]
        assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on") or name == "src"]
        assert "http" not in re.sub(
            r"http-equiv|http://www\.w3\.org/(2000/svg|1999/xlink)", "", text_of(written, folder)
        )
        labelled = [attrs["aria-labelledby"] for _, attrs in page.elements if attrs.get("aria-labelledby")]
        assert all(part in ids for label in labelled for part in (label or "").split())


def test_a_result_is_always_in_words(written: Settings) -> None:
    badges = re.findall(r'<span class="result (\w+)">(.*?)</span>', text_of(written), re.DOTALL)
    assert badges
    expected = {"met": "Met", "near": "Met narrowly", "missed": "Missed", "indeterminate": "Indeterminate"}
    for name, inner in badges:
        assert re.sub(r"<svg.*?</svg>", "", inner, flags=re.DOTALL).strip() == expected[name]


def test_the_same_release_gives_the_same_bytes(written: Settings, tmp_path: Path) -> None:
    again = settings_in(tmp_path)
    again.marts_path.parent.mkdir(parents=True)
    shutil.copy(written.marts_path, again.marts_path)
    con = duckdb.connect(str(again.marts_path))
    con.execute("update fct_release set published_at = published_at + interval 3 hour")
    con.close()
    assert write_pack(again, OCTOBER).read_bytes() == text_of(written).encode()


@pytest.mark.parametrize("hostile", ["=cmd|' /C calc'<script>alert(1)</script>\"><img src=x>", "a\u202eb\u2066c"])
def test_hostile_text_stays_text(tmp_path: Path, hostile: str) -> None:
    settings = settings_in(tmp_path)
    build_release(settings.marts_path, hostile=hostile)
    text = write_pack(settings, OCTOBER).read_text(encoding="utf-8")
    page = Page(text)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img"}
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    assert not any(part.lstrip().startswith("=") for part in page.text)
    assert page.headings == Page(text).headings
    visible = "a\ufffdb\ufffdc" if "\u202e" in hostile else hostile
    assert visible in "".join(page.text)


def test_no_customer_is_in_the_page(written: Settings) -> None:
    assert "c" * 16 not in text_of(written)


def test_a_month_without_a_single_clock_has_a_page(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    build_release(settings.marts_path, empty=True)
    words = Page(write_pack(settings, OCTOBER).read_text(encoding="utf-8")).words
    assert "No goal could be judged. No flag was raised." in words
    assert "nothing was decided in this month" in words
    assert "100 %" not in words


def test_the_list_of_packs_has_the_newest_first(written: Settings) -> None:
    page = Page(text_of(written, "."))
    links = [attrs["href"] for tag, attrs in page.elements if tag == "a" and attrs["href"] != "#main"]
    assert links == [f"{month}/index.html" for month in ("2026-11", "2026-10", "2026-09", "2026-03")]
    entry = json.loads((written.review_dir / "2026-10" / "pack.json").read_text(encoding="utf-8"))
    assert (entry["missed_count"], entry["near_count"], entry["met_count"], entry["flag_count"]) == (2, 1, 6, 2)


def test_an_undecided_flag_of_an_earlier_month_is_still_for_decision(settings: Settings) -> None:
    words = Page(write_pack(settings, date(2026, 11, 1)).read_text(encoding="utf-8")).words
    assert "2 flags ask for a decision" in words
    con = duckdb.connect(str(settings.marts_path))
    con.execute("update fct_termination_review_flag set state = 'superseded'")
    con.close()
    assert "For decision" not in Page(write_pack(settings, date(2026, 11, 1)).read_text(encoding="utf-8")).words
    words = Page(write_pack(settings, OCTOBER).read_text(encoding="utf-8")).words
    assert "No flag waits for a decision." in words
    assert "now superseded" in words


def test_a_month_that_the_release_does_not_know_is_an_error(written: Settings) -> None:
    with pytest.raises(ReviewError, match="has no goal in January 2020"):
        write_pack(written, date(2020, 1, 1))
    assert not (written.review_dir / "2020-01").exists()


def test_a_failed_write_leaves_the_old_page(written: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = text_of(written, "2026-03")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_pack(written, date(2026, 3, 1))
    assert text_of(written, "2026-03") == before
    assert [path.name for path in (written.review_dir / "2026-03").iterdir() if path.name.startswith(".")] == []


def test_targets_by_priority_are_listed_in_order() -> None:
    stated = json.dumps({"low": "2.0 business_days", "normal": "4.0 hours", "urgent": "90.0 minutes"})
    assert (
        targets_words({"targets_by_priority": stated}, "business")
        == "urgent 1 h 30 min, normal 4 h, low 2 business days"
    )
    assert targets_words({"targets_by_priority": '{"default":"10.0 minutes"}'}, "business") == "10 min"
    assert targets_words({"targets_by_priority": None, "target_seconds": 3600}, "calendar") == "1 h"
    assert targets_words({}, "business") == "–"


def test_a_month_renders_in_less_than_three_seconds(written: Settings) -> None:
    started = time.process_time()
    write_pack(written, OCTOBER)
    assert time.process_time() - started < 3
    assert len(AGREEMENTS) == 5
