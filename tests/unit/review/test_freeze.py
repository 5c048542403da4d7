from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from social_sla.landing import Landing, PartitionKey
from social_sla.review.freeze import freeze, ready_through, signed_partition, signed_periods
from social_sla.review.store import ReviewError
from social_sla.settings import Settings

from tests.support.marts_fixture import GOALS, RELEASE_ID, build_release
from tests.unit.review.conftest import settings_in

OCTOBER = date(2026, 10, 1)


def land(settings: Settings, source: str, account: str, stream: str, start: datetime, end: datetime) -> None:
    key = PartitionKey(source, account, stream, start.replace(tzinfo=UTC), end.replace(tzinfo=UTC))
    Landing(settings.landing_url).replace_partition(key, [], run_id="t", extracted_at=datetime(2026, 11, 3, tzinfo=UTC))


def signed_rows(settings: Settings, period: date) -> dict[str, dict[str, object]]:
    records = Landing(settings.landing_url).read(signed_partition(period))
    return {record.record_id: json.loads(record.payload) for record in records}


def test_a_month_is_signed_once(settings: Settings) -> None:
    first = freeze(settings, [OCTOBER], run_id="run-1")
    assert [(item.period, item.row_count) for item in first.signed] == [(OCTOBER, len(GOALS))]
    before = signed_rows(settings, OCTOBER)
    con_path = settings.marts_path
    build_release(con_path, empty=True)
    second = freeze(settings, [OCTOBER], run_id="run-2")
    assert not second.signed
    assert second.lines() == ["October 2026: not signed, it was signed before (run run-1)"]
    assert signed_rows(settings, OCTOBER) == before
    assert signed_periods(settings) == [OCTOBER]


def test_figures_are_signed_as_they_were_published(settings: Settings) -> None:
    freeze(settings, [date(2026, 10, 17)], run_id="run-1")
    row = signed_rows(settings, OCTOBER)["email-support|first_response|2026-10-01"]
    assert row == {
        "agreement_id": "email-support",
        "goal_id": "first_response",
        "period": "2026-10-01",
        "agreement_version": 1,
        "decided_count": 40,
        "met_count": 30,
        "missed_count": 10,
        "excluded_count": 1,
        "running_count": 0,
        "attainment_rate": "0.75",
        "goal_rate": "0.9",
        "is_goal_met": False,
        "indeterminate_reason": None,
        "is_low_sample": False,
        "p50_seconds": row["p50_seconds"],
        "p90_seconds": row["p90_seconds"],
        "conversation_decided_count": 40,
        "conversation_met_count": 30,
        "conversation_missed_count": 10,
        "stopped_count": 39,
        "started_count": 41,
        "release_id": RELEASE_ID,
        "as_of": "2026-11-03T00:00:00Z",
        "credit": {
            "credited_decided_count": "40",
            "credited_elsewhere_count": "0",
            "band": "[0.7, 0.8)",
            "credit_rate": "0.08",
            "fee_amount": "42000",
            "base_credit_amount": "3360",
            "multiplier": "1.5",
            "multiplied_credit_amount": "5040",
            "goal_cap_amount": "4200",
            "goal_credit_amount": "4200",
            "period_cap_amount": "5040",
            "credit_amount": "4200",
            "cap_applied": "goal",
            "why": "credited",
            "currency": "USD",
        },
    }
    without = signed_rows(settings, OCTOBER)["chat-support|first_response|2026-10-01"]
    assert "credit" not in without
    records = list(Landing(settings.landing_url).read(signed_partition(OCTOBER)))
    assert {record.record_updated_at for record in records} == {datetime(2026, 11, 3, tzinfo=UTC)}


def test_a_month_that_is_not_over_or_not_known_is_left_alone(settings: Settings) -> None:
    report = freeze(settings, [date(2026, 11, 1), date(2020, 1, 1)], run_id="run-1")
    assert not report.signed
    assert report.lines() == [
        f"January 2020: not signed, release {RELEASE_ID} has no figures for it",
        "November 2026: not signed, it is not over at 2026-11-03 00:00:00 UTC",
    ]


def test_signing_the_same_release_twice_lands_the_same_bytes(settings: Settings, tmp_path_factory) -> None:
    other = settings_in(tmp_path_factory.mktemp("other"))
    build_release(other.marts_path)
    for found in (settings, other):
        freeze(found, [OCTOBER], run_id="run-1")
    hashes = {Landing(found.landing_url).manifest(signed_partition(OCTOBER)).sha256 for found in (settings, other)}
    assert len(hashes) == 1


def test_without_a_release_nothing_can_be_signed(tmp_path) -> None:
    with pytest.raises(ReviewError, match="no published release"):
        freeze(settings_in(tmp_path), [OCTOBER], run_id="run-1")


def test_readiness_names_what_is_missing_in_each_agreements_own_zone(settings: Settings) -> None:
    year, november = datetime(2025, 10, 1), datetime(2026, 11, 1)
    land(settings, "zendesk", "auroraair", "tickets", year, november)
    land(settings, "x", "AuroraAir", "mentions", year, datetime(2026, 10, 20))
    land(settings, "x", "AuroraAir", "mentions", datetime(2026, 10, 25), november)
    land(settings, "x", "AuroraAirAU", "mentions", year, november)
    land(settings, "x", "AuroraAirES", "mentions", year, november)
    lacking = {item.agreement_id: item for item in ready_through(settings, OCTOBER).lacking}
    # New York's October ends at 04:00 UTC; Berlin's, Sydney's and Madrid's are over before; London has a hole.
    assert set(lacking) == {"email-support", "public-x-care"}
    assert lacking["email-support"].needed_through == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert lacking["public-x-care"].landed_through == datetime(2026, 10, 20, tzinfo=UTC)
    assert "x/AuroraAir/mentions reaches to 2026-10-20" in lacking["public-x-care"].words


def test_readiness_is_reached_when_every_stream_passes_the_end(settings: Settings) -> None:
    assert not ready_through(settings, OCTOBER).is_ready
    for source, account in (("zendesk", "auroraair"), ("x", "AuroraAir"), ("x", "AuroraAirAU"), ("x", "AuroraAirES")):
        land(settings, source, account, "mentions", datetime(2026, 10, 15), datetime(2026, 11, 3))
    assert ready_through(settings, OCTOBER).is_ready
    november = ready_through(settings, date(2026, 11, 1)).lacking
    assert {item.source for item in november} == {"release", "x", "zendesk"}


def test_a_month_after_the_release_is_not_ready(settings: Settings) -> None:
    found = ready_through(settings, date(2027, 3, 1))
    assert [item.source for item in found.lacking] == ["release"]
    assert ready_through(settings, date(2020, 1, 1)).is_ready
