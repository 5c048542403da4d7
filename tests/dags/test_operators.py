"""What the operators add to the plain functions: which failures are tried again, where credentials come from."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest


def _operator(error: Exception) -> Any:
    from social_sla.airflow.operators import SocialSlaOperator

    class Failing(SocialSlaOperator):
        def work(self, context: Any) -> None:
            raise error

    return Failing(task_id="failing")


def test_what_only_a_person_can_repair_is_not_tried_again() -> None:
    from airflow.sdk.exceptions import AirflowFailException
    from social_sla.sources.errors import AuthenticationError

    with pytest.raises(AirflowFailException, match="AuthenticationError: renew the token"):
        _operator(AuthenticationError("renew the token")).execute({})


def test_what_time_may_cure_and_what_we_do_not_know_is_left_to_the_retries() -> None:
    from social_sla.review_months import DataMissingError
    from social_sla.sources.errors import VendorUnavailableError

    for error in (VendorUnavailableError("503"), DataMissingError("waits"), MemoryError("too much")):
        with pytest.raises(type(error)):
            _operator(error).execute({})


def test_credentials_come_from_the_airflow_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    from social_sla.airflow.hooks import SourceHook

    fields = {
        "conn_type": "http",
        "host": "http://127.0.0.1:1/zendesk",
        "login": "reader@example.com",
        "password": "secret-token",
        "extra": {"now": "2026-11-03T00:00:00Z"},
    }
    monkeypatch.setenv("AIRFLOW_CONN_SOME_CONNECTION", json.dumps(fields))
    hook = SourceHook("some_connection")
    credentials = hook.credentials()
    assert (credentials.base_url, credentials.login) == ("http://127.0.0.1:1/zendesk", "reader@example.com")
    assert credentials.token == "secret-token"
    assert "secret-token" not in repr(credentials)
    assert hook.now() == datetime(2026, 11, 3, tzinfo=UTC)


def test_a_vendor_without_a_clock_of_its_own_lives_in_our_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from social_sla.airflow.hooks import SourceHook

    monkeypatch.setenv("AIRFLOW_CONN_PLAIN", json.dumps({"conn_type": "http", "password": "token"}))
    assert SourceHook("plain").now() is None


def test_the_window_of_a_run_comes_from_its_params_else_from_its_interval() -> None:
    from social_sla.airflow.operators import WindowOperator

    operator = WindowOperator(task_id="window")
    day = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
    run = SimpleNamespace(data_interval_start=day[0], data_interval_end=day[1], run_after=day[1])
    assert operator.window({"dag_run": run, "params": {"start": None, "end": None}}) == day
    year = {"start": "2025-01-01", "end": "2026-01-01T00:00:00Z"}
    assert operator.window({"dag_run": run, "params": year}) == (
        datetime(2025, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_a_long_wait_defers_the_task_and_it_goes_on_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker slot is held: the task is deferred to the instant that the vendor names, then does the same again."""
    from airflow.sdk.exceptions import TaskDeferred
    from social_sla import extraction
    from social_sla.airflow.operators import ExtractStreamsOperator
    from social_sla.sources.errors import WaitNeeded

    monkeypatch.setenv("AIRFLOW_CONN_X_DEFAULT", json.dumps({"conn_type": "http", "password": "token"}))
    until = datetime(2026, 3, 2, 4, tzinfo=UTC)
    asked: list[float] = []

    def extract_groups(*_: Any, longest_sleep_seconds: float, **__: Any) -> list[Any]:
        asked.append(longest_sleep_seconds)
        if len(asked) == 1:
            raise WaitNeeded("later", until=until)
        return [SimpleNamespace(account="AuroraAir", stream="mentions", row_count=7)]

    monkeypatch.setattr(extraction, "extract_groups", extract_groups)
    operator = ExtractStreamsOperator(
        task_id="extract", source="x", groups=[{"account": "AuroraAir", "streams": ["mentions"]}]
    )
    day = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
    run = SimpleNamespace(data_interval_start=day[0], data_interval_end=day[1], run_after=day[1])
    context: Any = {"dag_run": run, "params": {"start": None, "end": None}, "run_id": "run"}
    with pytest.raises(TaskDeferred) as deferred:
        operator.execute(context)
    assert deferred.value.trigger.moment == until
    assert deferred.value.method_name == "go_on"
    assert operator.go_on(context, {}) == {"AuroraAir/mentions": 7}
    assert asked == [60, 60]


def test_the_check_fails_with_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowFailException
    from social_sla.airflow.operators import CheckSourceOperator
    from social_sla.sources import check

    monkeypatch.setenv("AIRFLOW_CONN_X_DEFAULT", json.dumps({"conn_type": "http", "password": "token"}))

    def check_source(source: str, account: str, *_: Any, **__: Any) -> check.CheckReport:
        report = check.CheckReport(source, account, "x_default")
        report.add("authenticated", account == "Good", "the token has expired")
        return report

    monkeypatch.setattr(check, "check_source", check_source)
    good = CheckSourceOperator(task_id="check", source="x", accounts=["Good"])
    assert "ok   authenticated" in good.execute({})[0]
    with pytest.raises(AirflowFailException, match="FAIL authenticated: the token has expired"):
        CheckSourceOperator(task_id="check", source="x", accounts=["Good", "Bad"]).execute({})
