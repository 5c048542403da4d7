"""Faults that the sandbox plays, and its call log."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.faults import KINDS, FaultError, Faults
from tests.sandbox.conftest import Client

MENTIONS = "/x/2/users/*/mentions"
TICKETS = "/zendesk/api/v2/incremental/tickets/*"


def _play(client: Client, **rule: Any) -> None:
    answer = requests.post(f"{client.info.url}/_sandbox/faults", json=[rule], timeout=10)
    assert answer.status_code == 200, answer.text


def test_a_rule_is_played_after_some_calls_and_so_often(own_client: Client) -> None:
    _play(own_client, path="/x/2/users/by", kind="500", after=1, times=2)
    codes = [own_client.get_x("/2/users/by", usernames="AuroraAir").status_code for _ in range(5)]
    assert codes == [200, 500, 500, 200, 200]
    listed = requests.get(f"{own_client.info.url}/_sandbox/faults", timeout=10).json()["faults"]
    assert (listed[0]["seen"], listed[0]["hits"]) == (5, 2)
    requests.delete(f"{own_client.info.url}/_sandbox/faults", timeout=10)
    assert requests.get(f"{own_client.info.url}/_sandbox/faults", timeout=10).json() == {"faults": []}
    calls = requests.get(f"{own_client.info.url}/_sandbox/calls", timeout=10).json()["calls"]
    assert calls == {"/x/2/users/by": 5}


def test_429_says_when_to_come_back_in_the_vendors_way(own_client: Client) -> None:
    _play(own_client, path="/*", kind="429", times=2, retry_after=3)
    x = own_client.get_x("/2/users/by", usernames="AuroraAir")
    assert (x.status_code, x.headers["x-rate-limit-remaining"]) == (429, "0")
    assert 2 <= int(x.headers["x-rate-limit-reset"]) - time.time() <= 4.1
    assert "retry-after" not in x.headers
    zendesk = own_client.get_zendesk("groups.json")
    assert (zendesk.status_code, zendesk.headers["retry-after"]) == (429, "3")


def test_broken_bodies_and_lost_tokens(own_client: Client) -> None:
    for kind in ("truncate", "html", "expired_token"):
        _play(own_client, path="/x/2/users/by", kind=kind)
    cut = own_client.get_x("/2/users/by", usernames="AuroraAir")
    assert cut.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        cut.json()
    page = own_client.get_x("/2/users/by", usernames="AuroraAir")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert own_client.get_x("/2/users/by", usernames="AuroraAir").status_code == 401
    assert own_client.get_x("/2/users/by", usernames="AuroraAir").status_code == 200


def test_slow_and_timeout(own_client: Client) -> None:
    _play(own_client, path="/x/*", kind="slow", seconds=0.3)
    began = time.monotonic()
    assert own_client.get_x("/2/users/by", usernames="AuroraAir").status_code == 200
    assert time.monotonic() - began >= 0.3
    _play(own_client, path="/zendesk/*", kind="timeout", seconds=1.5)
    with pytest.raises(requests.ReadTimeout):
        own_client.zendesk.get(f"{own_client.info.zendesk_base_url}/api/v2/groups.json", timeout=0.3)


def test_a_page_comes_twice(own_client: Client) -> None:
    _play(own_client, path=MENTIONS, kind="duplicate_page", after=1)
    user_id = own_client.user_id("AuroraAir")
    ids = [tweet["id"] for tweet in own_client.tweets(f"/2/users/{user_id}/mentions", max_results=100)]
    assert len(ids) == 900
    assert len(set(ids)) == 800


def test_a_row_changes_between_pages(own_client: Client) -> None:
    _play(own_client, path=TICKETS, kind="changing_item", after=1)
    rows = own_client.exported("tickets", 1790000000, per_page=100)
    seen: dict[int, dict[str, Any]] = {}
    changed = []
    for row in rows:
        if row["id"] in seen:
            changed.append((seen[row["id"]], row))
        seen[row["id"]] = row
    [(old, new)] = changed
    assert new["generated_timestamp"] > old["generated_timestamp"]
    assert new["subject"] == f"{old['subject']} (changed)"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "expected a JSON list"),
        ([1], "rule 0: expected an object"),
        ([{"path": "/x", "kind": "fire"}], "'kind' is 'fire'"),
        ([{"path": "", "kind": "500"}], "'path' must be a glob"),
        ([{"path": "/x", "kind": "500", "time": 1}], "unknown key 'time'"),
        ([{"path": "/x", "kind": "500", "times": -1}], "'times' must be a number"),
    ],
)
def test_a_wrong_rule_is_refused_and_none_is_added(given: Any, words: str) -> None:
    faults = Faults()
    with pytest.raises(FaultError, match=words):
        faults.add([{"path": "/x", "kind": "500"}, *given] if isinstance(given, list) and len(given) > 1 else given)
    assert not faults.rules


def test_every_kind_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/sandbox.md").read_text(encoding="utf-8")
    for kind in KINDS:
        assert f"`{kind}`" in page
