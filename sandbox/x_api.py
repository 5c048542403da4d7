"""The X API v2 endpoints: accounts, timelines and search, with the vendor's limits and error bodies."""

from __future__ import annotations

import base64
import re
import time
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.answers import X_TOKEN, Answer, RateMeter
from sandbox.x_query import Query, QueryError
from sandbox.x_store import LEGACY_FIELDS, POST_FIELDS, USER_FIELDS, XStore, iso, render_user

MENTIONS_CAP = 800
TWEETS_CAP = 3_200
QUERY_LIMITS = {"recent": 512, "all": 1_024}
WEEK = 7 * 86_400
GRACE_SECONDS = 60
"""The sandbox's "now" is this long after the end of its data, so that a window that ends there is accepted."""

_FIELD_PARAMETERS = {
    "tweet.fields",
    "post.fields",
    "user.fields",
    "media.fields",
    "poll.fields",
    "place.fields",
    "expansions",
}
_TIMELINE_PARAMETERS = _FIELD_PARAMETERS | {
    "max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id",
}  # fmt: skip
_SEARCH_PARAMETERS = _TIMELINE_PARAMETERS | {"query", "next_token", "sort_order"}
_EXPANSIONS = {
    "author_id": "author_id",
    "in_reply_to_user_id": "in_reply_to_user_id",
    "referenced_tweets.id": "referenced_tweets",
    "referenced_tweets.id.author_id": "referenced_tweets",
    "referenced_posts": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_tweet_ids",
    "edit_history_post_ids": "edit_history_post_ids",
    "entities.mentions.username": "entities",
    "attachments.media_keys": "attachments",
    "attachments.poll_ids": "attachments",
    "geo.place_id": "geo",
}


class BadRequest(Exception):
    """A parameter that X refuses: `parameters` as they came, `message` as X words it."""

    def __init__(self, parameters: dict[str, str], message: str) -> None:
        super().__init__(message)
        self.parameters = parameters
        self.message = message


class XApi:
    """Answers GET calls below /2."""

    def __init__(self, store: XStore) -> None:
        self.store = store
        self.now = store.end_at + GRACE_SECONDS
        self.meters: dict[str, RateMeter] = {}
        self._searches: OrderedDict[tuple[str, int, int], list[int]] = OrderedDict()

    def call(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Route one GET call; `path` begins with `/2/`."""
        if headers.get("authorization") != f"Bearer {X_TOKEN}":
            return unauthorized()
        parts = path.strip("/").split("/")[1:]
        try:
            if parts[:2] == ["users", "by"] and len(parts) == 2:
                answer = self._users_by(query)
            elif len(parts) == 3 and parts[0] == "users" and parts[2] in ("mentions", "tweets"):
                answer = self._timeline(parts[1], parts[2], query)
            elif parts[:2] == ["tweets", "search"] and len(parts) == 3 and parts[2] in QUERY_LIMITS:
                answer = self._search(parts[2], query)
            else:
                body = {"title": "Not Found", "detail": "Not Found", "type": "about:blank", "status": 404}
                answer = Answer(404, body)
        except BadRequest as error:
            answer = invalid_request(error.parameters, error.message)
        kind = "/".join(p for p in parts if not p.isdigit())
        return self._with_rate(answer, kind)

    def _with_rate(self, answer: Answer, kind: str) -> Answer:
        limit = 300 if "search" in kind or kind == "users/by" else 450 if "mentions" in kind else 900
        meter = self.meters.setdefault(kind, RateMeter(limit, 900))
        remaining, seconds = meter.take(kind)
        answer.headers |= {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(remaining),
            "x-rate-limit-reset": str(int(time.time()) + seconds),
        }
        return answer

    def _users_by(self, query: Mapping[str, str]) -> Answer:
        _known(query, {"usernames", *_FIELD_PARAMETERS})
        names = _listed(query, "usernames")
        if not 1 <= len(names) <= 100:
            raise BadRequest(
                {"usernames": query.get("usernames", "")}, "The `usernames` query parameter can not be empty"
            )
        for name in names:
            if not re.fullmatch(r"[A-Za-z0-9_]{1,15}", name):
                text = f"The `usernames` query parameter value [{name}] does not match ^[A-Za-z0-9_]{{1,15}}$"
                raise BadRequest({"usernames": name}, text)
        fields = _fields(query, "user.fields", USER_FIELDS)
        found, missing = [], []
        for name in names:
            user = self.store.by_name.get(name.lower())
            if user is not None:
                found.append(render_user(user, fields))
            else:
                missing.append(
                    {
                        "value": name,
                        "detail": f"Could not find user with usernames: [{name}].",
                        "title": "Not Found Error",
                        "resource_type": "user",
                        "parameter": "usernames",
                        "resource_id": name,
                        "type": "https://api.twitter.com/2/problems/resource-not-found",
                    }
                )
        body: dict[str, Any] = {}
        if found:
            body["data"] = found
        if missing:
            body["errors"] = missing
        return Answer(200, body, rows_key="data")

    def _timeline(self, user_id: str, kind: str, query: Mapping[str, str]) -> Answer:
        _known(query, _TIMELINE_PARAMETERS | ({"exclude"} if kind == "tweets" else set()))
        size = _max_results(query, 5, 100, 10)
        start, end = self._window(query, 0)
        user = self.store.by_id.get(user_id)
        if user is None:
            problem = {
                "value": user_id,
                "detail": f"Could not find user with id: [{user_id}].",
                "title": "Not Found Error",
                "resource_type": "user",
                "parameter": "id",
                "resource_id": user_id,
                "type": "https://api.twitter.com/2/problems/resource-not-found",
            }
            return Answer(200, {"errors": [problem]})
        if kind == "mentions":
            rows = self.store.mentions_of(user)[-MENTIONS_CAP:]
        else:
            rows = self.store.by_author.get(user_id, [])[-TWEETS_CAP:]
            unwanted = _listed(query, "exclude")
            for name in unwanted:
                if name not in ("replies", "retweets"):
                    text = f"The `exclude` query parameter value [{name}] is not one of [replies,retweets]"
                    raise BadRequest({"exclude": name}, text)
            if "retweets" in unwanted:
                rows = [p for p in rows if p not in self.store.reposts]
            if "replies" in unwanted:
                rows = [p for p in rows if not self.store.tweets[p].has("replied_to")]
        rows = [p for p in rows if start <= self.store.tweets[p].at < end]
        return self._page(rows, size, query, "pagination_token", f"{kind}{user_id}")

    def _search(self, kind: str, query: Mapping[str, str]) -> Answer:
        _known(query, _SEARCH_PARAMETERS)
        text = query.get("query", "")
        limit = QUERY_LIMITS[kind]
        if not 1 <= len(text) <= limit:
            message = f"Invalid value for parameter 'query': the length must be between 1 and {limit} (is {len(text)})"
            raise BadRequest({"query": text}, message)
        size = _max_results(query, 10, 500 if kind == "all" else 100, 10)
        earliest = self.now - WEEK if kind == "recent" else 0
        if kind == "recent" and "start_time" in query and _instant(query, "start_time") < earliest:
            given = query["start_time"]
            message = f"Invalid 'start_time':'{given}'. 'start_time' must be on or after {iso(earliest)}."
            raise BadRequest({"start_time": given}, message)
        # Without a start, the full archive goes back 30 days.
        start, end = self._window(query, earliest or self.now - 30 * 86_400)
        try:
            rows = self._find(text, start, end)
        except QueryError as error:
            raise BadRequest({"query": text}, f"There were errors processing your request: {error}") from error
        token = "next_token" if "next_token" in query else "pagination_token"
        return self._page(rows, size, query, token, text)

    def _find(self, text: str, start: int, end: int) -> list[int]:
        """Matching positions inside a window; the last searches are remembered, because they are paged through."""
        key = (text, start, end)
        found = self._searches.get(key)
        if found is None:
            first, last = bisect_left(self.store.times, start), bisect_left(self.store.times, end)
            found = [p for p in Query(text).positions(self.store) if first <= p < last]
            self._searches[key] = found
            if len(self._searches) > 32:
                self._searches.popitem(last=False)
        return found

    def _window(self, query: Mapping[str, str], earliest: int) -> tuple[int, int]:
        start = _instant(query, "start_time") if "start_time" in query else earliest
        end = _instant(query, "end_time") if "end_time" in query else self.now
        if end > self.now - 10:
            if "end_time" in query:
                given = query["end_time"]
                rule = "'end_time' must be a minimum of 10 seconds prior to the request time."
                message = f"Invalid 'end_time':'{given}'. {rule}"
                raise BadRequest({"end_time": query["end_time"]}, message)
            end = self.now - 10
        if end <= start:
            message = "Invalid 'end_time'. 'end_time' must be after 'start_time'."
            raise BadRequest({"end_time": query.get("end_time", "")}, message)
        return start, end

    def _page(self, rows: list[int], size: int, query: Mapping[str, str], token_name: str, scope: str) -> Answer:
        """One page of positions (in order of time), newest first."""
        fields, is_new = _tweet_fields(query)
        for name, is_wanted in (("since_id", int.__gt__), ("until_id", int.__lt__)):
            if name in query:
                if not re.fullmatch(r"[0-9]{1,19}", query[name]):
                    raise BadRequest(
                        {name: query[name]}, f"The `{name}` query parameter value [{query[name]}] is not valid"
                    )
                rows = [p for p in rows if is_wanted(int(self.store.tweets[p].tweet_id), int(query[name]))]
        stop = len(rows)
        if query.get(token_name):
            stop = bisect_left(rows, _position_of(query[token_name], token_name, scope))
        start = max(0, stop - size)
        shown = rows[start:stop][::-1]
        meta: dict[str, Any] = {"result_count": len(shown)}
        body: dict[str, Any] = {"meta": meta}
        if shown:
            body["data"] = [self.store.render(p, fields, is_new) for p in shown]
            meta["newest_id"] = self.store.tweets[shown[0]].tweet_id
            meta["oldest_id"] = self.store.tweets[shown[-1]].tweet_id
            if start > 0:
                meta["next_token"] = _token(rows[start], scope)
            if "author_id" in _listed(query, "expansions"):
                ids = dict.fromkeys(self.store.tweets[p].author_id for p in shown)
                users = [self.store.by_id[i] for i in ids if i in self.store.by_id]
                body["includes"] = {
                    "users": [render_user(u, _fields(query, "user.fields", USER_FIELDS)) for u in users]
                }
        return Answer(200, body, rows_key="data")


def unauthorized() -> Answer:
    """The body of a call without a valid token."""
    return Answer(401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"})


def invalid_request(parameters: dict[str, str], message: str) -> Answer:
    """The body of a call with a parameter that X refuses."""
    error = {"parameters": {name: [value] for name, value in parameters.items()}, "message": message}
    body = {
        "errors": [error],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    }
    return Answer(400, body)


def _known(query: Mapping[str, str], allowed: set[str]) -> None:
    for name in query:
        if name not in allowed:
            text = f"The query parameter [{name}] is not one of [{','.join(sorted(allowed))}]"
            raise BadRequest({name: query[name]}, text)


def _listed(query: Mapping[str, str], name: str) -> list[str]:
    return [part for part in query.get(name, "").split(",") if part]


def _fields(query: Mapping[str, str], name: str, allowed: frozenset[str]) -> list[str]:
    asked = _listed(query, name)
    for value in asked:
        if value not in allowed:
            text = f"The `{name}` query parameter value [{value}] is not one of [{','.join(sorted(allowed))}]"
            raise BadRequest({name: query[name]}, text)
    return asked


def _tweet_fields(query: Mapping[str, str]) -> tuple[list[str], bool]:
    """Asked fields, those that expansions bring along, and whether the newer spelling was used."""
    is_new = "post.fields" in query
    asked = _fields(query, "post.fields", POST_FIELDS) if is_new else _fields(query, "tweet.fields", LEGACY_FIELDS)
    for name in _listed(query, "expansions"):
        if name not in _EXPANSIONS:
            text = f"The `expansions` query parameter value [{name}] is not one of [{','.join(sorted(_EXPANSIONS))}]"
            raise BadRequest({"expansions": query["expansions"]}, text)
        asked.append(_EXPANSIONS[name])
    return list(dict.fromkeys(asked)), is_new


def _max_results(query: Mapping[str, str], least: int, most: int, default: int) -> int:
    given = query.get("max_results", str(default))
    if not given.isascii() or not given.isdigit() or not least <= int(given) <= most:
        text = f"The `max_results` query parameter value [{given}] is not between {least} and {most}"
        raise BadRequest({"max_results": given}, text)
    return int(given)


def _instant(query: Mapping[str, str], name: str) -> int:
    given = query[name]
    try:
        found = datetime.fromisoformat(given.replace("Z", "+00:00"))
    except ValueError:
        found = None
    if found is None or "T" not in given or found.tzinfo is None:
        raise BadRequest(
            {name: given}, f"The `{name}` query parameter value [{given}] is not a valid RFC3339 date-time"
        )
    return int(found.astimezone(UTC).timestamp())


def _token(position: int, scope: str) -> str:
    """An opaque token, good for the listing that it was made for."""
    raw = f"{position}:{sum(scope.encode()) % 9973}".encode()
    return "7140dibdnow" + base64.b32hexencode(raw).decode().rstrip("=").lower()


def _position_of(token: str, name: str, scope: str) -> int:
    """Position inside a token; raises BadRequest for a token of another listing or none at all."""
    refused = BadRequest({name: token}, f"Invalid '{name}': '{token}'")
    body = token.removeprefix("7140dibdnow").upper()
    try:
        raw = base64.b32hexdecode(body + "=" * (-len(body) % 8)).decode()
        position, check = raw.split(":")
        if body == token.upper() or int(check) != sum(scope.encode()) % 9973:
            raise refused
        return int(position)
    except ValueError:
        raise refused from None
