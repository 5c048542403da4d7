"""Which months a review takes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from social_sla import review_months
from social_sla.review.freeze import Lack, Readiness
from social_sla.review.store import ReviewError
from social_sla.review_months import DataMissingError, months_to_review
from social_sla.settings import Settings

from tests.support.marts_fixture import build_release

AS_OF = datetime(2026, 11, 3, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A published release as of 2026-11-03, whose sources all reach far enough."""
    found = Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path)})
    found.published_dir.mkdir(parents=True)
    build_release(found.marts_path)
    monkeypatch.setattr(review_months, "ready_through", lambda _, period: Readiness(period, "r", AS_OF, ()))
    return found


def test_the_default_is_the_last_whole_month_of_the_release(settings: Settings) -> None:
    found = months_to_review(settings)
    assert found.periods == (date(2026, 10, 1),)
    assert found.as_of == AS_OF


def test_several_months_end_with_the_one_that_is_asked_for(settings: Settings) -> None:
    assert months_to_review(settings, "2026-02", 3).periods == (date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1))


@pytest.mark.parametrize("count", [0, -1, 121])
def test_a_senseless_number_of_months_is_refused(settings: Settings, count: int) -> None:
    with pytest.raises(ReviewError, match="months is"):
        months_to_review(settings, None, count)


def test_it_waits_for_data_and_names_the_source(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    lack = Lack("email-support", "zendesk", "auroraair", "tickets", AS_OF, None)
    monkeypatch.setattr(review_months, "ready_through", lambda _, period: Readiness(period, "r", AS_OF, (lack,)))
    with pytest.raises(DataMissingError, match="zendesk/auroraair/tickets has nothing landed"):
        months_to_review(settings)


def test_without_a_release_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="make run"):
        months_to_review(Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path)}))
