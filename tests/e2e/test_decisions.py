"""From three missed months to a decision in the next pack, with Airflow's own required actions in between."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import duckdb
import pytest
import requests
from social_sla.local.airflow_service import LocalAirflow
from social_sla.local.environment import password_file
from social_sla.local.processes import ProcessTable
from social_sla.settings import Settings

from tests.e2e.conftest import PROJECT, Home

PASSWORDS = {"approver": "an approver's password", "viewer": "a viewer's password"}
USERS = "admin:admin,approver:user,viewer:viewer"
APPROVERS = "\nreview:\n  approvers: [approver]\n"
WAIT_SECONDS = 240
HTTP_SECONDS = 90

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(1500)]


class Person:
    """Somebody who is logged in to Airflow."""

    def __init__(self, url: str, name: str, password: str) -> None:
        self.url = url
        login = requests.post(f"{url}/auth/token", json={"username": name, "password": password}, timeout=HTTP_SECONDS)
        login.raise_for_status()
        self.headers = {"Authorization": f"Bearer {login.json()['access_token']}"}

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        return requests.request(method, f"{self.url}/api/v2{path}", headers=self.headers, timeout=HTTP_SECONDS, **more)

    def answer(self, run: str, place: int, decision: str, **given: str) -> int:
        """The status with which Airflow takes an answer."""
        path = f"/dags/decide_flags/dagRuns/{run}/taskInstances/review.decide/{place}/hitlDetails"
        given = {"reason": "", "actions": "", **given}
        return self.call("PATCH", path, json={"chosen_options": [decision], "params_input": given}).status_code


@contextmanager
def airflow_of(settings: Settings, home: Home) -> Iterator[tuple[Person, Person, Person]]:
    """Airflow over the home of a run, with an admin, an approver and a viewer."""
    processes = ProcessTable(settings.home / "processes")
    airflow = LocalAirflow(settings, processes, {})
    airflow._environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] = USERS
    known = json.loads(password_file(settings).read_text())
    password_file(settings).write_text(json.dumps({**known, **PASSWORDS}))
    try:
        airflow.start()
        yield tuple(Person(airflow.url, name, word) for name, word in {**known, **PASSWORDS}.items())  # type: ignore[misc]
    finally:
        processes.stop_all()
        password_file(settings).write_text(json.dumps(known))


def until(what: Callable[[], Any]) -> Any:
    """What a question is answered with, once that is something."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.5)
    raise AssertionError("waited too long")


def asked(person: Person, run: str) -> dict[str, int]:
    """The questions that wait, by their subject: the place of each."""
    found = person.call("GET", f"/dags/decide_flags/dagRuns/{run}/hitlDetails", params={"response_received": "false"})
    return {item["subject"]: item["task_instance"]["map_index"] for item in found.json()["hitl_details"]}


def test_a_flag_is_decided_by_its_approver_and_shows_in_the_next_pack(home: Callable[..., Home]) -> None:
    company = home("decisions")
    config = company.path / "config"
    shutil.copytree(PROJECT / "config", config)
    email = config / "agreements" / "email-support.yaml"
    email.write_text(email.read_text() + APPROVERS)
    company = replace(company, more={"SOCIAL_SLA_CONFIG_DIR": str(config)})
    done = company.run()
    assert done.returncode == 0, done.stdout + done.stderr
    settings = Settings.from_env({"SOCIAL_SLA_HOME": str(company.path), "SOCIAL_SLA_CONFIG_DIR": str(config)})

    with airflow_of(settings, company) as (admin, approver, viewer):
        assert_pages_are_for_those_who_may_see_them(admin.url, viewer)
        started = admin.call("POST", "/dags/decide_flags/dagRuns", json={"logical_date": None})
        run = started.json()["dag_run_id"]
        questions = until(lambda: len(found := asked(admin, run)) >= 2 and found)
        mine = next(place for subject, place in questions.items() if subject.startswith("E-mail and web form support"))
        why = {"reason": "The desk is too small.", "actions": "Jane; 2026-12-01; add a <b>night</b> shift"}
        assert viewer.answer(run, mine, "terminate", **why) == 403
        assert admin.answer(run, mine, "terminate", **why) == 403
        # Without a reason it is asked again.
        assert approver.answer(run, mine, "renegotiate") == 200
        until(lambda: mine not in asked(admin, run).values() or None)
        until(lambda: mine in asked(admin, run).values())
        assert approver.answer(run, mine, "renegotiate", **why) == 200
        assert approver.answer(run, mine, "terminate", **why) == 409
        for place in set(questions.values()) - {mine}:
            assert admin.answer(run, place, "continue", reason="Seen.") == 200
        state = until(lambda: _final(admin.call("GET", f"/dags/decide_flags/dagRuns/{run}").json()["state"]))
        assert state == "success"

    done = company.run()
    assert done.returncode == 0, done.stdout + done.stderr
    with duckdb.connect(str(settings.marts_path), read_only=True) as con:
        (row,) = con.execute(
            "select decision, decided_by, reason, actions::varchar from fct_review_decision"
            " where agreement_id = 'email-support'"
        ).fetchall()
        states = con.execute(
            "select state, decision from fct_termination_review_flag where flag_id in"
            " (select flag_id from fct_review_decision)"
        ).fetchall()
    assert row[:3] == ("renegotiate", "approver", "The desk is too small.")
    assert json.loads(row[3]) == [{"owner": "Jane", "due": "2026-12-01", "what": "add a <b>night</b> shift"}]
    assert {state for state, _ in states} == {"decided"}
    pack = (settings.review_dir / "2026-10" / "index.html").read_text()
    assert "The desk is too small." in pack
    assert "add a &lt;b&gt;night&lt;/b&gt; shift" in pack
    assert "<b>night" not in pack


def assert_pages_are_for_those_who_may_see_them(url: str, viewer: Person) -> None:
    """No token, no page; with one, the scorecard, the packs and the data docs, and nothing outside of them."""
    for page in ("", "review/2026-10/index.html", "data_docs/index.html"):
        assert requests.get(f"{url}/social-sla/{page}", timeout=HTTP_SECONDS).status_code == 401
        shown = requests.get(f"{url}/social-sla/{page}", headers=viewer.headers, timeout=HTTP_SECONDS)
        assert shown.status_code == 200, shown.text
        assert "<html" in shown.text
    scorecard = requests.get(f"{url}/social-sla/", headers=viewer.headers, timeout=HTTP_SECONDS)
    assert "Scorecard of October 2026" in scorecard.text
    for outside in ("review/../marts.duckdb", "review/%2e%2e/marts.duckdb", "review/..%2fmarts.duckdb", "secrets/jwt"):
        refused = requests.get(f"{url}/social-sla/{outside}", headers=viewer.headers, timeout=HTTP_SECONDS)
        assert refused.status_code == 404


def _final(state: str) -> str | None:
    return state if state in ("success", "failed") else None
