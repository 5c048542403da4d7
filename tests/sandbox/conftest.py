"""One running sandbox for all tests of this folder that only read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.support.sandbox_server import SandboxInfo, running_sandbox


class Client:
    """Small callers of both vendors' APIs, as their real clients page."""

    def __init__(self, info: SandboxInfo) -> None:
        self.info = info
        self.x = requests.Session()
        self.x.headers["Authorization"] = f"Bearer {info.x_token}"
        self.zendesk = requests.Session()
        self.zendesk.auth = (f"{info.zendesk_email}/token", info.zendesk_token)

    def get_x(self, path: str, **params: Any) -> requests.Response:
        """One call; `tweet_fields` stands for `tweet.fields`."""
        named = {name.replace("_fields", ".fields"): value for name, value in params.items()}
        return self.x.get(self.info.x_base_url + path, params=named, timeout=20)

    def tweets(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """All pages of a timeline or search."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.get_x(path, **params)
            assert answer.status_code == 200, answer.text
            body = answer.json()
            assert body["meta"]["result_count"] == len(body.get("data", []))
            found += body.get("data", [])
            if "next_token" not in body["meta"]:
                return found
            params["next_token" if "search" in path else "pagination_token"] = body["meta"]["next_token"]

    def search(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """All pages of a full-archive search over the whole data."""
        window = {"start_time": self.info.first_at, "end_time": self.info.end_at}
        return self.tweets("/2/tweets/search/all", query=query, max_results=500, **window, **params)

    def user_id(self, handle: str) -> str:
        """Id of an account."""
        return str(self.get_x("/2/users/by", usernames=handle).json()["data"][0]["id"])

    def get_zendesk(self, path: str, **params: Any) -> requests.Response:
        """One call below /api/v2/, or to an absolute address."""
        url = path if path.startswith("http") else f"{self.info.zendesk_base_url}/api/v2/{path}"
        return self.zendesk.get(url, params=params, timeout=20)

    def exported(self, stream: str, start_time: int = 0, per_page: int = 1000) -> list[dict[str, Any]]:
        """All pages of a cursor-based export."""
        body = self.get_zendesk(f"incremental/{stream}/cursor.json", start_time=start_time, per_page=per_page).json()
        found = list(body[stream])
        while not body["end_of_stream"]:
            body = self.get_zendesk(body["after_url"]).json()
            found += body[stream]
        return found

    def events(self, start_time: int = 0, per_page: int = 1000) -> list[dict[str, Any]]:
        """All pages of the time-based export of ticket events, repeats included."""
        params = {"start_time": start_time, "per_page": per_page, "include": "comment_events"}
        body = self.get_zendesk("incremental/ticket_events.json", **params).json()
        found = list(body["ticket_events"])
        while not body["end_of_stream"]:
            body = self.get_zendesk(body["next_page"]).json()
            found += body["ticket_events"]
        return found


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    """Callers of a sandbox that plays no faults."""
    with running_sandbox() as info:
        yield Client(info)


@pytest.fixture
def own_client() -> Iterator[Client]:
    """Callers of a sandbox that belongs to one test."""
    with running_sandbox() as info:
        yield Client(info)
