"""X's search language, as far as the sandbox speaks it.

`a b` is and (and binds tighter), `a OR b`, `-a` not, parentheses, "phrases". Operators: `conversation_id:`, `from:`,
`to:`, `@name`, `#tag`, `lang:`, `is:retweet`, `is:reply`, `is:quote`, `has:mentions`, `has:links`, `has:hashtags`.
Raises QueryError, with the message that the API gives, for anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.x_store import HASHTAG, XStore

TOKEN = re.compile(r"""\s*(?:(?P<open>-?\()|(?P<close>\))|(?P<phrase>-?"[^"]*")|(?P<word>[^\s()"]+))""")
STANDALONE = "conversation_id:", "from:", "to:", "@", "#"


class QueryError(ValueError):
    """The query is not one that the API accepts."""


class Query:
    """A parsed query; `positions` gives the matching tweets of a store."""

    def __init__(self, text: str) -> None:
        self._tokens = self._split(text)
        self._place = 0
        self._has_standalone = False
        self._match = self._any()
        if self._place < len(self._tokens):
            raise QueryError(f"no viable alternative at input '{self._tokens[self._place]}'")
        if not self._has_standalone:
            raise QueryError("Rules must contain a non-negated standalone operator (conjunction required)")

    @staticmethod
    def _split(text: str) -> list[str]:
        tokens, end = [], 0
        text = text.rstrip()
        while end < len(text):
            match = TOKEN.match(text, end)
            if match is None or match.end() == end:
                raise QueryError(f"no viable alternative at character '{text[end]}' (at position {end + 1})")
            tokens.append(match[0].strip())
            end = match.end()
        if not tokens:
            raise QueryError("Rules must contain at least one positive, non-stopword clause")
        return tokens

    def positions(self, store: XStore) -> list[int]:
        """Positions of the tweets that match, in order of time."""
        return sorted(self._match(store))

    def _peek(self) -> str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _any(self) -> Callable[[XStore], set[int]]:
        parts = [self._all()]
        while self._peek() == "OR":
            self._place += 1
            parts.append(self._all())
        if len(parts) == 1:
            return parts[0]
        return lambda store: set().union(*(part(store) for part in parts))

    def _all(self) -> Callable[[XStore], set[int]]:
        wanted: list[Callable[[XStore], set[int]]] = []
        unwanted: list[Callable[[XStore], set[int]]] = []
        while (token := self._peek()) not in (None, ")", "OR"):
            assert token is not None
            (unwanted if token.startswith("-") else wanted).append(self._one())
        if not wanted and not unwanted:
            raise QueryError("missing an expression: something must stand on both sides of OR and inside ()")

        def match(store: XStore) -> set[int]:
            found = wanted[0](store) if wanted else set(range(len(store.tweets)))
            for part in wanted[1:]:
                found = found & part(store)
            for part in unwanted:
                found = found - part(store)
            return found

        return match

    def _one(self) -> Callable[[XStore], set[int]]:
        token = self._tokens[self._place]
        self._place += 1
        is_negated = token.startswith("-")
        token = token.removeprefix("-")
        if token == "(":  # noqa: S105 - a parenthesis, not a secret
            inner = self._any()
            if self._peek() != ")":
                raise QueryError("mismatched input '<EOF>' expecting ')'")
            self._place += 1
            return inner
        if token == ")":  # noqa: S105
            raise QueryError("extraneous input ')'")
        if not is_negated and (token.startswith(STANDALONE) or ":" not in token):
            self._has_standalone = True
        return _operator(token)


def _operator(token: str) -> Callable[[XStore], set[int]]:
    """The set of positions that one operator stands for."""
    name, colon, value = token.partition(":")
    if token.startswith("@"):
        return lambda store: set(store.by_mention.get(token[1:].lower(), ()))
    if token.startswith("#"):
        tag = token[1:].lower()
        return lambda store: _filter(store, lambda text: tag in (t.lower() for t in HASHTAG.findall(text)))
    if token.startswith('"') or not colon:
        words = token.strip('"').lower()
        return lambda store: _filter(store, lambda text: words in text.lower())
    if not value:
        raise QueryError(f"missing value for operator '{name}:'")
    if name == "conversation_id":
        return lambda store: set(store.by_conversation.get(value, ()))
    if name in ("from", "to"):
        return lambda store: _people(store, name, value)
    if name == "lang":
        return lambda store: {n for n, tweet in enumerate(store.tweets) if tweet.lang == value}
    if name == "is" and value in ("retweet", "reply", "quote"):
        kind = {"retweet": "retweeted", "reply": "replied_to", "quote": "quoted"}[value]
        if value == "retweet":
            return lambda store: store.reposts
        return lambda store: {n for n, tweet in enumerate(store.tweets) if tweet.has(kind)}
    if name == "has" and value in ("mentions", "links", "hashtags"):
        key = "urls" if value == "links" else value
        return lambda store: _filter(store, lambda text: key in store.entities(text))
    raise QueryError(
        f"Reference to invalid operator '{name}'. Operator is not available in current product or product packaging."
    )


def _filter(store: XStore, test: Callable[[str], bool]) -> set[int]:
    return {n for n, tweet in enumerate(store.tweets) if test(tweet.text)}


def _people(store: XStore, name: str, value: str) -> set[int]:
    """Tweets by, or in reply to, a user given by handle or id."""
    user = store.by_name.get(value.removeprefix("@").lower()) or store.by_id.get(value)
    if user is None:
        return set()
    index = store.by_author if name == "from" else store.by_reply_to
    return set(index.get(user.user_id, ()))
