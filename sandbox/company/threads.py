"""Threads on X: customers' tweets to the company's accounts, answers, and what other people add."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from sandbox.company import text
from sandbox.company.hours import END_AT, FIRST_AT, Hours
from sandbox.company.people import DAY, Followers
from sandbox.company.plan import Case
from sandbox.company.world import Account, Post

HOUR = 3600
FIRST_RESPONSE_SECONDS = {"x_global": HOUR, "x_spain": 4 * HOUR, "x_australia": 2 * HOUR}
NEXT_RESPONSE_SECONDS = {"x_global": 2 * HOUR, "x_spain": 6 * HOUR, "x_australia": 4 * HOUR}
LANGUAGE = {"x_global": "en", "x_spain": "es", "x_australia": "en"}
INITIALS = ("^MK", "^LT", "^JB", "^AS", "^RV")


class SocialDesk:
    """Turns the cases of one account into posts."""

    def __init__(self, rng: Random, channel_id: str, account: Account, followers: Followers, hours: Hours) -> None:
        self.rng = rng
        self.channel_id = channel_id
        self.account = account
        self.followers = followers
        self.hours = hours
        self.language = LANGUAGE[channel_id]
        self.posts: list[Post] = []
        self.announcements: list[Post] = []

    def _add(self, post: Post) -> Post | None:
        """Keep a post, or None when it would come after the end of the data."""
        if post.at >= END_AT:
            return None
        post.client = (
            "Sprinklr" if post.author.is_company else self.rng.choice(("Twitter for iPhone", "Twitter Web App"))
        )
        self.posts.append(post)
        return post

    def announce(self) -> None:
        """Two posts a week that the company opens by itself."""
        rng = self.rng
        at = FIRST_AT
        while at < END_AT:
            at = self.hours.next_open(at + rng.randrange(2 * DAY, 5 * DAY))
            body = text.pick(rng, text.ANNOUNCE, self.language) + " #AuroraAir https://t.co/a1B2c3D4e5"
            post = self._add(Post(self.account, at + rng.randrange(0, HOUR), body, self.language, kind="announcement"))
            if post:
                self.announcements.append(post)
                for _ in range(rng.choices((0, 1, 3), (70, 20, 10))[0]):
                    self._repost(post)

    def _repost(self, post: Post) -> None:
        """A customer's retweet: no message of its own."""
        at = post.at + self.rng.randrange(60, 2 * DAY)
        fan = self.followers.writing(at, self.language)
        body = f"RT @{post.author.username}: {post.text}"[:140]
        self._add(Post(fan, at, body, post.language, reposts=post, kind="repost"))

    def _recent_announcement(self, at: int) -> Post | None:
        """The newest announcement of the two days before `at`."""
        for post in reversed(self.announcements):
            if at - 2 * DAY < post.at < at - 60:
                return post
        return None

    def run(self, case: Case) -> None:
        """The whole thread of one case."""
        rng, hours = self.rng, self.hours
        author = self.followers.writing(case.at, self.language)
        first = self._first(case, author)
        target = FIRST_RESPONSE_SECONDS[self.channel_id]
        if case.is_missed:
            wait = int(target * rng.uniform(1.25, 3.5))
        else:
            wait = max(40, int(target * min(0.85, 0.03 + rng.betavariate(1.4, 3.4))))
        replied_at = hours.add(case.at, wait)
        self._edit(first, replied_at)
        if self.channel_id == "x_global" and rng.random() < 0.12:
            self._say(first.at + rng.randrange(2, 9), first, text.AUTO_REPLY, kind="auto_reply", signed=False)
        if rng.random() < 0.06:
            self._chime_in(first)
        latest = self._more(first, replied_at)
        if case.is_missed and rng.random() < 0.25:
            return
        answer = self._say(replied_at, latest, text.pick(rng, text.ANSWER, self.language))
        if answer:
            self._turns(author, latest, answer)
        if first.reply_to is None and rng.random() < 0.007:
            first.is_deleted = True
        elif rng.random() < 0.01:
            self._repost(first)
        if answer and rng.random() < 0.004:
            answer.is_deleted = True

    def _first(self, case: Case, author: Account) -> Post:
        """The customer's first words: a new thread, an answer to an announcement, or a quote of one."""
        rng = self.rng
        body = text.ask(rng, self.language)
        language = self.language if rng.random() < 0.96 else rng.choice(("und", "fr", "qme"))
        if rng.random() < 0.03:
            body += " " + rng.choice(("#fail", "#travel", "#AuroraAir", "https://t.co/Zz9Yy8Xx7W"))
        announcement = self._recent_announcement(case.at) if rng.random() < 0.12 else None
        handle = f"@{self.account.username}"
        # Handles are matched without regard to case, and stand anywhere in the text.
        luck = rng.random()
        named = f"{body} {handle}" if luck < 0.08 else f"{handle.lower()} {body}" if luck < 0.11 else f"{handle} {body}"
        post = Post(author, case.at, named, language, kind="ask")
        if announcement and rng.random() < 0.2:
            post.quotes = announcement
        elif announcement:
            post.reply_to = announcement
            post.text = f"{handle} {body}"
        self._add(post)
        return post

    def _edit(self, post: Post, before: int) -> None:
        """A first post that its author corrects within minutes; X then shows the newest version only."""
        if post.reply_to is None and before - post.at > 2 * HOUR and self.rng.random() < 0.04:
            post.at += self.rng.randrange(60, 25 * 60)
            post.edit_count = self.rng.choice((1, 1, 2))
            post.text += " (edit)"

    def _more(self, first: Post, until: int) -> Post:
        """More tweets by the customer before the answer, some without the handle; returns the newest one."""
        rng = self.rng
        latest = first
        while rng.random() < 0.16:
            at = latest.at + rng.randrange(20, 1200)
            if at >= until - 10:
                break
            handle = f"@{self.account.username} " if rng.random() < 0.6 else ""
            body = handle + text.pick(rng, text.MORE, self.language)
            found = self._add(Post(first.author, at, body, self.language, reply_to=latest, kind="more"))
            if found is None:
                break
            latest = found
        return latest

    def _say(self, at: int, to: Post, body: str, kind: str = "answer", signed: bool = True) -> Post | None:
        """The company answers a post."""
        ending = f" {self.rng.choice(INITIALS)}" if signed else ""
        words = f"@{to.author.username} {body}{ending}"
        return self._add(Post(self.account, max(at, to.at + 1), words, self.language, reply_to=to, kind=kind))

    def _turns(self, author: Account, latest: Post, answer: Post) -> None:
        """Follow-ups of the customer and their answers; a few end without one."""
        rng, hours = self.rng, self.hours
        target = NEXT_RESPONSE_SECONDS[self.channel_id]
        count = rng.choices((0, 1, 2, 3), (50, 30, 14, 6))[0]
        for number in range(count):
            at = answer.at + 60 + min(int(rng.expovariate(1 / (2.5 * HOUR))), 2 * DAY)
            is_last = number == count - 1
            table: Mapping[str, tuple[str, ...]] = text.THANKS if is_last and rng.random() < 0.3 else text.ASK
            if rng.random() < 0.15:
                # A reply to the customer's own tweet that names nobody: only the conversation search finds it.
                post = Post(
                    author, at, text.pick(rng, table, self.language), self.language, reply_to=latest, kind="follow_up"
                )
            else:
                body = f"@{self.account.username} {text.pick(rng, table, self.language)}"
                post = Post(author, at, body, self.language, reply_to=answer, kind="follow_up")
            found = self._add(post)
            if found is None:
                return
            latest = found
            luck = rng.random()
            if is_last and luck < 0.06:
                return
            late = luck < 0.13
            share = rng.uniform(1.2, 3.0) if late else 0.04 + 0.7 * rng.betavariate(1.2, 3.2)
            words: Mapping[str, tuple[str, ...]] = text.FINAL if table is text.THANKS else text.ANSWER
            reply = self._say(hours.add(at, max(30, int(target * share))), latest, text.pick(rng, words, self.language))
            if reply is None:
                return
            answer = reply

    def _chime_in(self, first: Post) -> None:
        """Another customer joins: half of them address the company, and are answered in time."""
        rng = self.rng
        at = first.at + rng.randrange(60, 6 * HOUR)
        other = self.followers.writing(at, self.language)
        if other is first.author:
            return
        target = FIRST_RESPONSE_SECONDS[self.channel_id]
        if rng.random() < 0.5:
            words = f"@{first.author.username} same here, good luck!"
            self._add(Post(other, at, words, self.language, reply_to=first, kind="chime_in"))
            return
        words = f"@{first.author.username} @{self.account.username} me too! {text.ask(rng, self.language)}"
        post = self._add(Post(other, at, words, self.language, reply_to=first, kind="chime_in_asks"))
        if post:
            wait = max(40, int(target * rng.uniform(0.1, 0.8)))
            self._say(self.hours.add(at, wait), post, text.pick(rng, text.ANSWER, self.language))
