"""Every path, parameter and field that we send to X exists in X's own OpenAPI file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from social_sla.landing import Landing
from social_sla.sources.base import Credentials
from social_sla.sources.extract import extract_stream
from social_sla.sources.registry import streams
from social_sla.sources.retry import ClientOptions
from social_sla.sources.x import _PAGE_SIZES, _QUERY_LIMITS, TWEET_FIELDS, USER_FIELDS

from tests.support.http_stub import Answer, Call, HttpStub, running_stub
from tests.support.reference import reference_file
from tests.support.vendor_shapes import X_ACCOUNT, tweet

START = datetime(2026, 3, 1, tzinfo=UTC)
# Version 2.167 of the file calls the parameter and three fields after posts; X's pages and answers say tweet.
RENAMED = {"tweet.fields": "post.fields"}
RENAMED_FIELDS = {"referenced_tweets": "referenced_posts", "edit_history_tweet_ids": "edit_history_post_ids"}


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(reference_file("specs", "x", "openapi.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def sent(tmp_path: Path) -> Iterator[list[Call]]:
    """Every call that the declared streams make: a recent window, an old one, a full timeline."""
    with running_stub() as stub:
        yield _all_calls(stub, Landing(f"file://{tmp_path}"))


def _all_calls(stub: HttpStub, landing: Landing) -> list[Call]:
    moment = int(START.timestamp())
    page = {"data": [tweet(7, moment)], "meta": {"result_count": 1, "next_token": "t"}}
    last = {"data": [tweet(8, moment)], "meta": {"result_count": 1}}
    stub.default = Answer(last)
    stub.on("/2/users/by", Answer({"data": [X_ACCOUNT]}))
    stub.on("/2/tweets/search/all", lambda call: Answer(last if "next_token" in call.params else page))
    mentions = f"/2/users/{X_ACCOUNT['id']}/mentions"
    stub.on(mentions, lambda call: Answer(last if "pagination_token" in call.params else page))
    credentials = Credentials("x_test", stub.url, "", "token")
    options = ClientOptions(sleep=lambda _: None)
    for now in (START + timedelta(days=1), START + timedelta(days=100)):
        for stream in streams("x"):
            extract_stream(
                "x",
                stream.name,
                "AuroraAir",
                credentials,
                (START, START + timedelta(days=1)),
                landing,
                "r",
                now=now,
                client_options=options,
            )
    return stub.calls


def _operation(spec: dict[str, Any], path: str) -> dict[str, Any]:
    template = path.replace(X_ACCOUNT["id"], "{id}")
    assert template in spec["paths"], f"X has no {template}"
    operation: dict[str, Any] = spec["paths"][template]["get"]
    return operation


def _parameters(spec: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    found = {}
    for parameter in _operation(spec, path)["parameters"]:
        if "$ref" in parameter:
            parameter = spec["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
        found[parameter["name"]] = parameter
    return found


def test_paths_and_parameters_exist(spec: dict[str, Any], sent: list[Call]) -> None:
    paths = set()
    for call in sent:
        parameters = _parameters(spec, call.path)
        paths.add(call.path.replace(X_ACCOUNT["id"], "{id}"))
        for name, value in call.params.items():
            declared = parameters.get(name) or parameters.get(RENAMED.get(name, name))
            assert declared, f"{call.path} has no parameter {name}"
            schema = declared["schema"]
            if schema["type"] == "integer":
                assert schema["minimum"] <= int(value) <= schema["maximum"]
            if schema["type"] == "string" and "maxLength" in schema:
                assert len(value) <= schema["maxLength"]
            allowed = schema.get("items", {}).get("enum")
            if allowed and name != "tweet.fields":
                assert set(value.split(",")) <= set(allowed)
        required = {name for name, item in parameters.items() if item.get("required") and item["in"] == "query"}
        assert required <= set(call.params)
        assert any("BearerToken" in item for item in _operation(spec, call.path)["security"])
    assert paths == {
        "/2/users/by",
        "/2/users/{id}/mentions",
        "/2/users/{id}/tweets",
        "/2/tweets/search/recent",
        "/2/tweets/search/all",
    }


def test_tweet_fields_exist(spec: dict[str, Any]) -> None:
    """As the fields of a tweet (where the file still has `tweet.fields`), and as properties of the renamed object."""
    stream = _parameters(spec, "/2/tweets/search/stream")["tweet.fields"]
    assert set(TWEET_FIELDS) <= set(stream["schema"]["items"]["enum"])
    properties = spec["components"]["schemas"]["Post"]["properties"]
    assert {RENAMED_FIELDS.get(name, name) for name in TWEET_FIELDS} <= set(properties)


def test_user_fields_and_limits_exist(spec: dict[str, Any]) -> None:
    assert set(USER_FIELDS) <= set(spec["components"]["schemas"]["User"]["properties"])
    for path, limit in _QUERY_LIMITS.items():
        parameters = _parameters(spec, path)
        assert limit <= parameters["query"]["schema"]["maxLength"]
        assert int(_PAGE_SIZES[path]) == parameters["max_results"]["schema"]["maximum"]


def test_what_we_read_from_an_answer_exists(spec: dict[str, Any]) -> None:
    for path in ("/2/users/{id}/mentions", "/2/users/{id}/tweets", "/2/tweets/search/recent", "/2/tweets/search/all"):
        content = _operation(spec, path)["responses"]["200"]["content"]["application/json"]["schema"]
        schema = spec["components"]["schemas"][content["$ref"].rpartition("/")[2]]
        assert {"data", "meta", "errors"} <= set(schema["properties"])
        assert {"next_token", "result_count"} <= set(schema["properties"]["meta"]["properties"])
