"""The X part of the sandbox over real HTTP."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests

from sandbox.x_query import Query, QueryError
from tests.sandbox.conftest import Client
from tests.support.sandbox_server import company

SPEC = Path(os.environ.get("SOCIAL_SLA_REFERENCE_DIR") or Path(__file__).parents[3] / "shared") / "specs/x/openapi.json"
FIELDS = "author_id,created_at,conversation_id,in_reply_to_user_id,referenced_tweets,entities,lang"
POST_FIELDS = "id,text,created_at,conversation_id,entities,lang,public_metrics,source"


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    if not SPEC.exists():
        pytest.skip(f"the X specification is not there: {SPEC}")
    found: dict[str, Any] = json.loads(SPEC.read_text(encoding="utf-8"))
    return found


def _schema(spec: dict[str, Any], name: str) -> dict[str, Any]:
    """A schema of the specification as JSON Schema: `nullable` (OpenAPI 3.0) becomes a type."""

    def fixed(node: Any) -> Any:
        if isinstance(node, list):
            return [fixed(part) for part in node]
        if not isinstance(node, dict):
            return node
        found = {key: fixed(value) for key, value in node.items() if key != "discriminator"}
        if found.pop("nullable", False) is True and isinstance(found.get("type"), str):
            found["type"] = [found["type"], "null"]
        return found

    return {"$ref": f"#/components/schemas/{name}", "components": fixed(spec["components"])}


def test_answers_fit_the_vendors_specification(client: Client, spec: dict[str, Any]) -> None:
    user_id = client.user_id("AuroraAir")
    window = {"start_time": "2026-09-01T00:00:00Z", "end_time": "2026-09-10T00:00:00Z"}
    calls = (
        (
            "GetUsersByUsernamesResponse",
            "/2/users/by",
            {"usernames": "AuroraAir", "user_fields": "created_at,description,verified"},
        ),
        ("GetUsersMentionsResponse", f"/2/users/{user_id}/mentions", {"post_fields": POST_FIELDS, "max_results": 100}),
        ("GetUsersPostsResponse", f"/2/users/{user_id}/tweets", {"post_fields": POST_FIELDS, "max_results": 100}),
        ("SearchPostsRecentResponse", "/2/tweets/search/recent", {"query": "@AuroraAir", "post_fields": POST_FIELDS}),
        (
            "SearchPostsAllResponse",
            "/2/tweets/search/all",
            {"query": "from:AuroraAir", "tweet_fields": FIELDS, **window},
        ),
    )
    for name, path, params in calls:
        body = client.get_x(path, **params).json()
        assert body["data"], path
        jsonschema.validate(body, _schema(spec, name))


def test_accounts_by_handle(client: Client) -> None:
    body = client.get_x(
        "/2/users/by", usernames="auroraair,Nobody_here", user_fields="created_at,description,verified"
    ).json()
    assert body["data"][0]["username"] == "AuroraAir"
    assert set(body["data"][0]) == {"id", "username", "name", "created_at", "description", "verified"}
    assert body["errors"][0]["detail"] == "Could not find user with usernames: [Nobody_here]."
    nobody = client.get_x("/2/users/by", usernames="Nobody_here").json()
    assert "data" not in nobody


def test_only_asked_fields_come_back(client: Client) -> None:
    user_id = client.user_id("AuroraAir")
    plain = client.get_x(f"/2/users/{user_id}/mentions").json()["data"]
    assert all(set(tweet) == {"id", "text", "edit_history_tweet_ids"} for tweet in plain)
    asked = client.get_x(f"/2/users/{user_id}/mentions", tweet_fields="author_id,lang").json()["data"]
    assert all(set(tweet) == {"id", "text", "edit_history_tweet_ids", "author_id", "lang"} for tweet in asked)


@pytest.mark.parametrize(("kind", "cap"), [("mentions", 800), ("tweets", 3200)])
def test_a_timeline_ends_at_its_cap_newest_first(client: Client, kind: str, cap: int) -> None:
    user_id = client.user_id("AuroraAir")
    found = client.tweets(
        f"/2/users/{user_id}/{kind}", max_results=100, start_time=client.info.first_at, tweet_fields="created_at"
    )
    ids = [int(tweet["id"]) for tweet in found]
    assert len(ids) == len(set(ids)) == cap
    assert ids == sorted(ids, reverse=True)
    times = [tweet["created_at"] for tweet in found]
    assert times == sorted(times, reverse=True)
    assert times[0].endswith(".000Z")


def test_a_window_is_start_inclusive_and_end_exclusive(client: Client) -> None:
    user_id = client.user_id("AuroraAirAU")
    newest = client.tweets(f"/2/users/{user_id}/mentions", max_results=100, tweet_fields="created_at")[:40]
    start, end = newest[-1]["created_at"], newest[0]["created_at"]
    found = client.tweets(f"/2/users/{user_id}/mentions", max_results=5, start_time=start, end_time=end)
    assert [t["id"] for t in found] == [t["id"] for t in newest if t["created_at"] != end]
    assert client.get_x(f"/2/users/{user_id}/mentions", start_time=end, end_time=end).status_code == 400
    empty = client.get_x(
        f"/2/users/{user_id}/mentions", start_time="2025-05-01T00:00:00Z", end_time="2025-05-01T00:00:01Z"
    )
    assert empty.json() == {"meta": {"result_count": 0}}


def test_search_finds_what_the_timelines_cut_off(client: Client) -> None:
    mentions = client.search("@AuroraAir -is:retweet", tweet_fields=FIELDS)
    assert len(mentions) > 8000
    assert len({tweet["id"] for tweet in mentions}) == len(mentions)
    assert not any(r["type"] == "retweeted" for tweet in mentions for r in tweet.get("referenced_tweets", []))
    with_retweets = client.search("@AuroraAir")
    assert len(with_retweets) > len(mentions)
    own = client.search("from:AuroraAir -is:retweet", tweet_fields="author_id")
    assert {tweet["author_id"] for tweet in own} == {client.user_id("AuroraAir")}


def test_conversation_search_finds_tweets_that_name_nobody(client: Client) -> None:
    mentions = {tweet["id"]: tweet for tweet in client.search("@AuroraAirES -is:retweet", tweet_fields=FIELDS)}
    own = client.search("from:AuroraAirES -is:retweet", tweet_fields=FIELDS)
    threads = sorted({tweet["conversation_id"] for tweet in [*mentions.values(), *own]})
    found: dict[str, Any] = {}
    for place in range(0, 500, 25):
        ids = " OR ".join(f"conversation_id:{thread}" for thread in threads[place : place + 25])
        found |= {t["id"]: t for t in client.search(f"({ids}) -is:retweet", tweet_fields=FIELDS)}
    assert {tweet["conversation_id"] for tweet in found.values()} == set(threads[:500])
    known = mentions.keys() | {tweet["id"] for tweet in own}
    hidden = [tweet for tweet in found.values() if tweet["id"] not in known]
    assert len(hidden) > 20
    assert not any("@auroraaires" in tweet["text"].lower() for tweet in hidden)


def test_replies_point_to_their_parents_and_some_parents_are_gone(client: Client) -> None:
    tweets = client.search("from:AuroraAir OR to:AuroraAir", tweet_fields=FIELDS)
    ids = {tweet["id"] for tweet in tweets}
    kinds = Counter(r["type"] for tweet in tweets for r in tweet.get("referenced_tweets", []))
    assert kinds["replied_to"] > 1000
    roots = [tweet for tweet in tweets if "in_reply_to_user_id" not in tweet]
    assert all(tweet["conversation_id"] == tweet["id"] for tweet in roots)
    threads = {tweet["conversation_id"] for tweet in tweets}
    everything = {t.tweet_id for t in company().x.store.tweets}
    assert 3 <= len(threads - everything) < len(ids) / 20
    edited = [tweet for tweet in client.search("@AuroraAir -is:retweet") if len(tweet["edit_history_tweet_ids"]) > 1]
    assert edited
    assert all(tweet["edit_history_tweet_ids"][-1] == tweet["id"] for tweet in edited)


def test_entities_name_the_mentioned_accounts_at_their_places(client: Client) -> None:
    for tweet in client.search("@AuroraAir lang:en", tweet_fields="entities")[:500]:
        mentions = tweet.get("entities", {}).get("mentions", [])
        for mention in mentions:
            assert tweet["text"][mention["start"] : mention["end"]].lower() == "@" + mention["username"].lower()
        if "@auroraair" in tweet["text"].lower():
            assert "AuroraAir" in {mention["username"] for mention in mentions}


def test_recent_search_reaches_seven_days_back(client: Client) -> None:
    recent = "/2/tweets/search/recent"
    assert client.tweets(recent, query="@AuroraAir", max_results=100, start_time="2026-10-27T01:00:00Z")
    refused = client.get_x(recent, query="@AuroraAir", start_time="2026-10-26T00:00:00Z")
    assert refused.status_code == 400
    assert "start_time" in refused.json()["errors"][0]["parameters"]
    assert client.get_x(recent, query="@AuroraAir " + "x" * 510).status_code == 400


@pytest.mark.parametrize(
    "params",
    [
        {"tweet_fields": "id,texte"},
        {"max_results": 4},
        {"max_results": 101},
        {"max_results": "many"},
        {"pagination_token": "7140dibdnowzzzz"},
        {"pagination_token": "abc"},
        {"start_time": "yesterday"},
        {"end_time": "2030-01-01T00:00:00Z"},
        {"colour": "red"},
        {"expansions": "everything"},
    ],
)
def test_a_wrong_parameter_is_refused_as_x_refuses_it(client: Client, params: dict[str, Any]) -> None:
    answer = client.get_x(f"/2/users/{client.user_id('AuroraAir')}/mentions", **params)
    body = answer.json()
    assert answer.status_code == 400
    assert (body["title"], body["type"]) == ("Invalid Request", "https://api.twitter.com/2/problems/invalid-request")
    assert body["errors"][0]["message"]


def test_without_the_right_token_nothing_is_given(client: Client) -> None:
    url = f"{client.info.x_base_url}/2/users/by?usernames=AuroraAir"
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = requests.get(url, headers=headers, timeout=10)
        assert answer.status_code == 401
        assert answer.json() == {
            "title": "Unauthorized",
            "type": "about:blank",
            "status": 401,
            "detail": "Unauthorized",
        }


def test_rate_headers_are_epoch_seconds(client: Client) -> None:
    headers = client.get_x("/2/users/by", usernames="AuroraAir").headers
    assert int(headers["x-rate-limit-reset"]) > 1_700_000_000
    assert 1 <= int(headers["x-rate-limit-remaining"]) < int(headers["x-rate-limit-limit"])


@pytest.mark.parametrize(
    "text",
    ["", "-from:a", "is:retweet", "(from:a", "from:a)", "from:a OR", "nonsense:1", "from:", "()", 'from:a "open'],
)
def test_a_query_that_x_would_refuse_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        Query(text)


def test_and_binds_tighter_than_or() -> None:
    store = company().x.store
    company_tweets = set(Query("from:AuroraAir").positions(store))
    spanish = set(Query("from:AuroraAirES").positions(store))
    replies = {n for n, tweet in enumerate(store.tweets) if tweet.has("replied_to")}
    assert set(Query("from:AuroraAirES OR from:AuroraAir is:reply").positions(store)) == spanish | (
        company_tweets & replies
    )
    assert (
        set(Query("(from:AuroraAirES OR from:AuroraAir) -is:reply").positions(store))
        == (spanish | company_tweets) - replies
    )
    assert not Query("from:AuroraAir from:AuroraAirES").positions(store)
