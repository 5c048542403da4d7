"""Tweets and accounts as X's API gives them, with the indexes that timelines and search need.

Both the generated company and a CSV of real messages end up here. Positions are indexes into `tweets`, which is
ordered by time; every index lists positions in that order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.company.world import World

MENTION = re.compile(r"(?<![\w@])@(\w{1,20})", re.ASCII)
HASHTAG = re.compile(r"(?<!\w)#(\w+)")
URL = re.compile(r"https?://t\.co/\w+")

_LEGACY_FIELDS = (
    "article attachments author_id card_uri community_id context_annotations conversation_id created_at "
    "display_text_range edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang "
    "matched_media_notes media_metadata non_public_metrics note_request_suggestions note_tweet organic_metrics "
    "paid_partnership possibly_sensitive promoted_metrics public_metrics referenced_tweets reply_settings scopes "
    "source suggested_source_links suggested_source_links_with_counts text withheld"
)
LEGACY_FIELDS = frozenset(_LEGACY_FIELDS.split())
"""Values of `tweet.fields`, as the vendor's specification lists them."""

POST_FIELDS = (LEGACY_FIELDS - {"note_tweet", "edit_history_tweet_ids", "referenced_tweets"}) | {
    "article_title",
    "note_post",
    "edit_history_post_ids",
    "referenced_posts",
}
"""Values of `post.fields`, the newer spelling of the same parameter."""

_USER_FIELDS = (
    "affiliation confirmed_email connection_status created_at description entities id is_identity_verified location "
    "most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url protected public_metrics "
    "receives_your_dm subscribes_to_you subscription subscription_type url username verified verified_followers_count "
    "verified_type withheld"
)
USER_FIELDS = frozenset(_USER_FIELDS.split())


@dataclass(slots=True)
class XUser:
    """An account."""

    user_id: str
    username: str
    name: str
    description: str
    created_at: int
    is_own: bool = False
    is_verified: bool = False


@dataclass(slots=True)
class Tweet:
    """A tweet in its newest version."""

    tweet_id: str
    author_id: str
    at: int
    text: str
    conversation_id: str
    lang: str = "und"
    in_reply_to_user_id: str | None = None
    references: tuple[tuple[str, str], ...] = ()
    edit_history: tuple[str, ...] = ()
    source: str | None = None
    replies: int = 0
    reposts: int = 0
    quotes: int = 0

    def has(self, kind: str) -> bool:
        """Whether the tweet refers to another one as `replied_to`, `quoted` or `retweeted`."""
        return any(reference == kind for reference, _ in self.references)


def iso(at: int) -> str:
    """X's spelling of an instant."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass
class XStore:
    """Everything that the X part of the sandbox serves; `end_at` is the first second after the data."""

    users: list[XUser]
    tweets: list[Tweet]
    first_at: int
    end_at: int
    by_id: dict[str, XUser] = field(default_factory=dict)
    by_name: dict[str, XUser] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)
    by_author: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_mention: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_conversation: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    by_reply_to: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    reposts: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.by_id = {user.user_id: user for user in self.users}
        self.by_name = {user.username.lower(): user for user in self.users}
        positions = {tweet.tweet_id: n for n, tweet in enumerate(self.tweets)}
        for position, tweet in enumerate(self.tweets):
            self.times.append(tweet.at)
            self.by_author[tweet.author_id].append(position)
            self.by_conversation[tweet.conversation_id].append(position)
            names = {name.lower() for name in MENTION.findall(tweet.text)}
            if tweet.in_reply_to_user_id:
                self.by_reply_to[tweet.in_reply_to_user_id].append(position)
                answered = self.by_id.get(tweet.in_reply_to_user_id)
                if answered and answered.user_id != tweet.author_id:
                    names.add(answered.username.lower())
            for name in names:
                self.by_mention[name].append(position)
            for kind, other_id in tweet.references:
                other = positions.get(other_id)
                if kind == "retweeted":
                    self.reposts.add(position)
                if other is not None:
                    found = self.tweets[other]
                    found.replies += kind == "replied_to"
                    found.reposts += kind == "retweeted"
                    found.quotes += kind == "quoted"

    def mentions_of(self, user: XUser) -> list[int]:
        """Positions of the tweets that name or answer a user; retweets are not in that timeline."""
        return [p for p in self.by_mention.get(user.username.lower(), []) if p not in self.reposts]

    def entities(self, text: str) -> dict[str, Any]:
        """Mentions, hashtags and links of a text, with places counted in characters."""
        found: dict[str, Any] = {}
        mentions = []
        for match in MENTION.finditer(text):
            user = self.by_name.get(match[1].lower())
            if user is not None:
                mentions.append(
                    {"start": match.start(), "end": match.end(), "username": user.username, "id": user.user_id}
                )
        hashtags = [{"start": m.start(), "end": m.end(), "tag": m[1]} for m in HASHTAG.finditer(text)]
        urls = [{"start": m.start(), "end": m.end(), "url": m[0], "expanded_url": m[0]} for m in URL.finditer(text)]
        for name, rows in (("mentions", mentions), ("hashtags", hashtags), ("urls", urls)):
            if rows:
                found[name] = rows
        return found

    def render(self, position: int, fields: Iterable[str], is_new_spelling: bool = False) -> dict[str, Any]:
        """A tweet with the asked fields; a field without a value is left out, as X leaves it out."""
        tweet = self.tweets[position]
        noun = "post" if is_new_spelling else "tweet"
        shown: dict[str, Any] = {
            "id": tweet.tweet_id,
            "text": tweet.text,
            f"edit_history_{noun}_ids": list(tweet.edit_history or (tweet.tweet_id,)),
        }
        for name in fields:
            value: Any = None
            if name == "created_at":
                value = iso(tweet.at)
            elif name in ("author_id", "conversation_id", "in_reply_to_user_id", "lang", "source"):
                value = getattr(tweet, name)
            elif name in ("referenced_tweets", "referenced_posts"):
                value = [{"type": kind, "id": other} for kind, other in tweet.references] or None
            elif name == "entities":
                value = self.entities(tweet.text) or None
            elif name == "public_metrics":
                value = self._metrics(tweet, is_new_spelling)
            elif name == "possibly_sensitive":
                value = False
            elif name == "reply_settings":
                value = "everyone"
            if value is not None:
                shown[name] = value
        return shown

    def _metrics(self, tweet: Tweet, is_new_spelling: bool) -> dict[str, int]:
        likes = (tweet.at * 7 + len(tweet.text)) % 5
        return {
            "repost_count" if is_new_spelling else "retweet_count": tweet.reposts,
            "reply_count": tweet.replies,
            "like_count": likes,
            "quote_count": tweet.quotes,
            "bookmark_count": 0,
            "impression_count": 40 + 17 * likes,
        }


def render_user(user: XUser, fields: Iterable[str]) -> dict[str, Any]:
    """A user with the asked fields."""
    shown: dict[str, Any] = {"id": user.user_id, "username": user.username, "name": user.name}
    for name in fields:
        if name == "created_at":
            shown[name] = iso(user.created_at)
        elif name == "description":
            shown[name] = user.description
        elif name == "verified":
            shown[name] = user.is_verified
        elif name == "protected":
            shown[name] = False
        elif name == "verified_type":
            shown[name] = "business" if user.is_verified else "none"
    return shown


def store_of_world(world: World) -> XStore:
    """The generated company's posts as tweets. X escapes `&`, `<` and `>` in texts, so they are escaped here."""
    users = [
        XUser(a.account_id, a.username, a.name, a.description, a.created_at, a.is_company, a.is_verified)
        for a in world.accounts
    ]
    tweets = []
    for post in world.posts:
        references = []
        if post.reply_to is not None:
            references.append(("replied_to", post.reply_to.post_id))
        if post.quotes is not None:
            references.append(("quoted", post.quotes.post_id))
        if post.reposts is not None:
            references.append(("retweeted", post.reposts.post_id))
        escaped = post.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        tweets.append(
            Tweet(
                post.post_id,
                post.author.account_id,
                post.at,
                escaped,
                post.root().post_id,
                post.language,
                post.reply_to.author.account_id if post.reply_to is not None else None,
                tuple(references),
                (*post.earlier_ids, post.post_id),
                post.client,
            )
        )
    return XStore(users, tweets, world.first_at, world.end_at)
