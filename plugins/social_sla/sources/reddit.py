"""Reddit, declared. Shapes, permissions, limits and oddities: docs/sources/reddit.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from requests.auth import AuthBase

from social_sla.sources.auth import oauth2
from social_sla.sources.base import (
    Credentials,
    Deletion,
    JsonObject,
    ReadContext,
    Reader,
    Request,
    Scopes,
    Source,
    Stream,
    WindowKind,
)
from social_sla.sources.client import RestClient
from social_sla.sources.errors import (
    AccessDeniedError,
    AccountNotFoundError,
    CredentialsError,
    RequestError,
    ResponseShapeError,
    SourceError,
)
from social_sla.sources.paging import CursorPager, Next, Page, SinglePage
from social_sla.sources.paths import at
from social_sla.sources.readers import Order, capped, listing
from social_sla.sources.retry import Refusal

_API, _TOKEN_URL = "https://oauth.reddit.com", "https://www.reddit.com/api/v1/access_token"
_ME, _MODMAIL = "/api/v1/me", "/api/mod/conversations"
# Listings end after about a thousand things, without a word.
_CAP = 950
_MORE_AT_ONCE = 100
# How long a thread is asked for again after its last mention or own comment.
LOOKBACK = timedelta(days=2)
# `all` has neither what is archived nor, in some versions, appeals.
_MODMAIL_STATES = ("all", "appeals", "archived")
_CONTEXT = re.compile(r"/comments/([a-z0-9]+)/")


@dataclass(frozen=True)
class ModmailPager:
    """Conversations by their id, in the order of `conversationIds`; goes on behind the last one until there is none."""

    def items(self, body: Any) -> list[JsonObject]:
        ids, found = at(body, "conversationIds"), at(body, "conversations")
        if not isinstance(ids, list) or not isinstance(found, dict) or not all(name in found for name in ids):
            raise ResponseShapeError("The answer has no conversations by id: the vendor's format has changed.")
        return [found[name] for name in ids]

    def following(self, page: Page) -> Next | None:
        ids = at(page.body, "conversationIds")
        return Next(params={"after": str(ids[-1])}) if ids else None


def _auth(credentials: Credentials) -> AuthBase:
    """The login is the app's id, the password its secret; the extra holds what lets it act for the account."""
    token, password = (str(credentials.extra.get(name) or "") for name in ("refresh_token", "password"))
    if token:
        form = {"grant_type": "refresh_token", "refresh_token": token}
    elif password:
        form = {"grant_type": "password", "username": credentials.option("username"), "password": password}
    else:
        raise CredentialsError(
            f"The extra of connection {credentials.connection_id!r} lacks 'refresh_token' (or, for an app of the type "
            "script, 'username' and 'password')."
        )
    url = _TOKEN_URL if credentials.base_url in ("", _API) else "/api/v1/access_token"
    return oauth2(url, credentials.login, credentials.token, form)


def _refusal(refusal: Refusal) -> SourceError | None:
    """A subreddit that is closed to us is no missing permission: what is in it is gone for us."""
    reason = at(refusal.body, "reason")
    if refusal.status == 403 and reason in ("private", "banned", "quarantined", "gold_only"):
        return RequestError(f"Reddit does not show it any more ({reason}).", status=404)
    return None


def _account(client: RestClient, account: str) -> JsonObject:
    """The account of the log-in, which has to be the one that is asked for: its inbox is its own."""
    me = client.get(_ME)
    if str(me.get("name", "")).casefold() != account.casefold():
        raise AccountNotFoundError(
            f"Connection {client.connection_id!r} logs in as u/{me.get('name')}, not as u/{account}: an inbox is shown "
            "to its owner only. Authorise the app as that account."
        )
    return me


def _accounts(context: ReadContext) -> Iterator[JsonObject]:
    yield _account(context.client, context.account)


def _things(name: str, endpoint: str, what: str, **params: str) -> Stream:
    """A listing of things, newest first."""
    asked = {"limit": "100", "raw_json": "1", **params}
    return Stream(
        name=name,
        endpoint=endpoint,
        pager=CursorPager("data.children", "data.after", "after"),
        reader=capped(listing(asked, order=Order.NEWEST_FIRST), _CAP, what),
        record_id="data.name",
        updated_path="data.created_utc",
        required=("data.name", "data.created_utc", "kind"),
    )


def _touched_threads(context: ReadContext) -> list[str]:
    """Submissions with an own comment, a mention or an answer in the window or shortly before it, as far as landed."""
    window, since = context.window, context.window.start - LOOKBACK
    found: set[str] = set()
    for stream in ("inbox", "comments", "submissions"):
        for manifest in context.landing.stream_manifests(context.source.name, context.account, stream):
            if manifest.partition_start < window.end and manifest.partition_end > since:
                for record in context.landing.read(manifest.key):
                    thread = _thread_of(json.loads(record.payload))
                    if thread and since <= record.record_updated_at < window.end:
                        found.add(thread)
    return sorted(found)


def _thread_of(thing: JsonObject) -> str | None:
    """The id of the submission that a thing belongs to; None for private messages."""
    name, link = str(at(thing, "data.name")), at(thing, "data.link_id")
    if name.startswith("t3_"):
        return name.removeprefix("t3_")
    if link:
        return str(link).removeprefix("t3_")
    context = _CONTEXT.search(str(at(thing, "data.context") or ""))
    return context.group(1) if context and name.startswith("t1_") else None


def _threads(context: ReadContext) -> Iterator[JsonObject]:
    for thread in _touched_threads(context):
        try:
            yield from _thread(context, thread)
        except RequestError as error:
            if error.status != 404:
                raise


def _thread(context: ReadContext, thread: str) -> Iterator[JsonObject]:
    """The submission and every comment below it: stubs are asked for until they bring nothing more."""
    params = {"limit": "500", "sort": "old", "showmore": "true", "raw_json": "1"}
    first = Request(context.stream.endpoint.format(id=thread), params)
    waiting = [child for body in context.client.ask(first, (list,)) for child in at(body, "data.children") or []]
    seen: set[str] = set()
    hopeless: set[str] = set()
    missing: list[str] = []
    while waiting or missing:
        while waiting:
            thing = waiting.pop()
            ids = at(thing, "data.children") or []
            if thing.get("kind") != "more":
                waiting.extend(at(thing, "data.replies.data.children") or [])
                seen.add(str(at(thing, "data.id")))
                yield {**thing, "data": {name: value for name, value in thing["data"].items() if name != "replies"}}
            elif ids:
                missing.extend(ids)
            elif at(thing, "data.parent_id") not in hopeless:  # "continue this thread"
                hopeless.add(thing["data"]["parent_id"])
                parent = str(thing["data"]["parent_id"]).removeprefix("t1_")
                deeper = context.client.ask(Request(f"{first.path}/_/{parent}", params), (list,))
                waiting.extend(at(deeper[-1], "data.children") or [])
        known = seen | hopeless
        missing = [comment for comment in missing if comment not in known]
        some, missing = missing[:_MORE_AT_ONCE], missing[_MORE_AT_ONCE:]
        if some:
            waiting = _more(context, thread, some)
            if all(str(at(thing, "data.id")) in seen or thing.get("kind") == "more" for thing in waiting):
                hopeless.update(some)


def _more(context: ReadContext, thread: str, ids: list[str]) -> list[JsonObject]:
    params = {"api_type": "json", "link_id": f"t3_{thread}", "children": ",".join(ids), "sort": "old", "raw_json": "1"}
    body = context.client.get("/api/morechildren", params)
    return SinglePage("json.data.things").items(body)


def _modmail(state: str) -> Reader:
    return listing({"sort": "recent", "state": state, "limit": "100", "raw_json": "1"}, order=Order.NEWEST_FIRST)


def _modmail_conversations(context: ReadContext) -> Iterator[JsonObject]:
    seen: set[Any] = set()
    for state in _MODMAIL_STATES:
        for conversation in _modmail(state)(context):
            if conversation.get("id") not in seen:
                seen.add(conversation.get("id"))
                yield conversation


def _modmail_messages(context: ReadContext) -> Iterator[JsonObject]:
    """The messages of conversations, each with its conversation's id. Reading marks nothing as read."""
    for conversation in context.landed("modmail_conversations"):
        path = f"{_MODMAIL}/{quote(str(conversation['id']), safe='')}"
        try:
            body = context.client.get(path, {"markRead": "false", "raw_json": "1"})
        except RequestError as error:
            if error.status != 404:
                raise
            continue
        for message in (body.get("messages") or {}).values():
            yield {"conversation_id": conversation["id"], **message}


def _probe(client: RestClient, account: str) -> list[str]:
    me = _account(client, account)
    return [f"Logged in as u/{me['name']}."]


def _scopes(client: RestClient, account: str) -> Scopes:
    """What each list needs, tried with one thing of it: a token does not tell."""
    needed = {
        "privatemessages": ("/message/inbox", {}),
        "history": (f"/user/{quote(account, safe='')}/comments", {}),
        "read": ("/api/info", {"id": "t3_1"}),
        "modmail": (_MODMAIL, {}),
    }
    granted, missing = ["identity"], []
    for scope, (path, params) in needed.items():
        try:
            client.get(path, {**params, "limit": "1", "raw_json": "1"})
        except AccessDeniedError:
            missing.append(scope)
        else:
            granted.append(scope)
    return Scopes(tuple(granted), tuple(missing))


REDDIT = Source(
    name="reddit",
    title="Reddit",
    default_base_url=_API,
    auth=_auth,
    probe=_probe,
    refusal=_refusal,
    scopes=_scopes,
    # Reddit wants a name of the program that is nobody else's.
    headers={"User-Agent": "python:social-sla-warehouse:1.0 (reads its own account's conversations)"},
    settle=timedelta(seconds=60),
    streams=(
        Stream(
            name="accounts",
            endpoint=_ME,
            pager=SinglePage(),
            reader=_accounts,
            window_kind=WindowKind.SNAPSHOT,
            updated_path=None,
            required=("id", "name"),
        ),
        # Mentions, answers to own comments and submissions, private messages.
        _things("inbox", "/message/inbox", "things of the inbox", mark="false"),
        _things("sent", "/message/sent", "private messages"),
        _things("comments", "/user/{account}/comments", "own comments", sort="new"),
        _things("submissions", "/user/{account}/submitted", "own submissions", sort="new"),
        Stream(
            name="threads",
            endpoint="/comments/{id}",
            pager=SinglePage(),
            reader=_threads,
            window_kind=WindowKind.WITH_PARENTS,
            record_id="data.name",
            updated_path="data.created_utc",
            required=("data.name", "data.created_utc", "kind"),
            depends_on=("inbox", "comments", "submissions"),
            deletion=Deletion.by_value(
                "data.body", "[deleted]", "[removed]", required=("data.name", "data.created_utc", "kind")
            ),
        ),
        Stream(
            name="modmail_conversations",
            endpoint=_MODMAIL,
            pager=ModmailPager(),
            reader=_modmail_conversations,
            updated_path="lastUpdated",
            required=("id", "lastUpdated"),
        ),
        Stream(
            name="modmail_messages",
            endpoint=f"{_MODMAIL}/{{id}}",
            pager=SinglePage(),
            reader=_modmail_messages,
            window_kind=WindowKind.WITH_PARENTS,
            updated_path="date",
            required=("id", "date", "author"),
            depends_on=("modmail_conversations",),
        ),
    ),
)
