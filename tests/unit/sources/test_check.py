"""`check_source` says in words what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate

import pytest
from social_sla.sources.base import Credentials
from social_sla.sources.check import CheckReport, check_source
from social_sla.sources.retry import ClientOptions

from tests.support.http_stub import Answer, HttpStub
from tests.support.vendor_shapes import X_ACCOUNT, ticket, tweet
from tests.unit.sources.conftest import SECRET, Waits

ME = "/api/v2/users/me.json"
TICKETS = "/api/v2/incremental/tickets/cursor.json"
ADMIN = {"user": {"id": 9100000000002, "role": "admin"}}


def check(source: str, stub: HttpStub, options: ClientOptions, **other: object) -> CheckReport:
    credentials = Credentials(f"{source}_test", stub.url, "robot@example.com" if source == "zendesk" else "", SECRET)
    account = "auroraair" if source == "zendesk" else "AuroraAir"
    return check_source(source, account, credentials, client_options=options, **other)  # type: ignore[arg-type]


def found(report: CheckReport) -> dict[str, bool | None]:
    return {finding.what: finding.ok for finding in report.findings}


def test_all_is_well_at_zendesk(stub: HttpStub, options: ClientOptions, waits: Waits) -> None:
    headers = {"x-rate-limit": "700", "x-rate-limit-remaining": "698", "ratelimit-reset": "12"}
    now = int(waits.now)
    stub.on(ME, Answer(ADMIN))
    export = {"tickets": [ticket(1, now - 500)], "end_of_stream": True, "after_url": None}
    stub.on(TICKETS, Answer(export, headers={**headers, "Date": formatdate(now, usegmt=True)}))
    report = check("zendesk", stub, options)
    assert report.ok, str(report)
    assert found(report) == {
        "reachable": True,
        "authenticated": True,
        "account found": True,
        "one record of tickets": True,
        "quota left": True,
        "clock": True,
    }
    assert "698 of 700 calls" in str(report)
    assert SECRET not in str(report)


@pytest.mark.parametrize(
    ("answer", "what", "words"),
    [
        (Answer({"error": "Couldn't authenticate you"}, status=401), "authenticated", "zendesk_test"),
        (Answer({"user": {"id": None, "email": "invalid@example.com"}}), "authenticated", "anonymous"),
        (Answer({"error": "Forbidden"}, status=403), "allowed", "may not read"),
        (Answer("<html>no such site", status=404), "allowed", "refuses"),
        (Answer({}, status=500), "reachable", "HTTP 500"),
        (Answer(drop=True), "reachable", "broke"),
    ],
)
def test_what_is_wrong_is_said(stub: HttpStub, options: ClientOptions, answer: Answer, what: str, words: str) -> None:
    stub.on(ME, answer)
    report = check("zendesk", stub, options)
    assert not report.ok
    assert found(report)[what] is False
    assert words in str(report)
    assert SECRET not in str(report)


def test_a_user_who_is_no_admin_is_told(stub: HttpStub, options: ClientOptions) -> None:
    stub.on(ME, Answer({"user": {"id": 5, "role": "agent"}}))
    stub.on(TICKETS, Answer({"error": "Forbidden"}, status=403))
    report = check("zendesk", stub, options)
    assert "give this user the admin role" in str(report)
    assert found(report)["may read tickets"] is False


def test_x_finds_the_account_and_a_mention(stub: HttpStub, options: ClientOptions, waits: Waits) -> None:
    stub.on("/2/users/by", Answer({"data": [X_ACCOUNT]}))
    mention = tweet(1, int(waits.now) - 60)
    headers = {
        "x-rate-limit-limit": "450",
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": str(int(waits.now) + 60),
    }
    answer = Answer({"data": [mention], "meta": {"result_count": 1}}, headers=headers)
    stub.on(f"/2/users/{X_ACCOUNT['id']}/mentions", answer)
    report = check("x", stub, options)
    assert found(report)["one record of mentions"] is True
    assert found(report)["quota left"] is False
    assert "0 of 450 calls, renewed in 60 s" in str(report)


def test_an_unknown_handle_and_a_changed_shape(stub: HttpStub, options: ClientOptions) -> None:
    stub.on("/2/users/by", Answer({"errors": [{"title": "Not Found Error"}]}))
    assert found(check("x", stub, options))["account found"] is False
    stub.on("/2/users/by", Answer({"data": [X_ACCOUNT]}))
    stub.on(f"/2/users/{X_ACCOUNT['id']}/mentions", Answer({"data": [{"id": "1"}], "meta": {"result_count": 1}}))
    assert "it lacks created_at, author_id" in str(check("x", stub, options))
    stub.on(f"/2/users/{X_ACCOUNT['id']}/mentions", Answer({"meta": {"result_count": 0}}))
    report = check("x", stub, options, now=datetime(2026, 3, 1, tzinfo=UTC))
    assert found(report)["one record of mentions"] is None
    assert found(report)["clock"] is None


def test_a_wrong_clock_is_seen(stub: HttpStub, options: ClientOptions, waits: Waits) -> None:
    waits.now = 1_500_000_000.0
    stub.on(ME, Answer({"error": "x"}, status=401))
    report = check("zendesk", stub, options)
    assert found(report)["clock"] is False
    assert "set it by NTP" in str(report)
