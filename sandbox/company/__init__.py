"""The generated company "Aurora Air": the same world for the same seed, whatever the clock of the machine says."""

from __future__ import annotations

from random import Random

from sandbox.company.chat import ChatDesk
from sandbox.company.email import EmailDesk
from sandbox.company.hours import END_AT, FIRST_AT, channel_hours
from sandbox.company.oddities import Oddities
from sandbox.company.people import Customers, Followers, Staff, company_accounts
from sandbox.company.plan import cases_of
from sandbox.company.threads import SocialDesk
from sandbox.company.world import Account, Post, Ticket, World

__all__ = ["SEED", "build_company"]

SEED = 20260301
_SNOWFLAKE_EPOCH_MS = 1_288_834_974_657


def build_company(seed: int = SEED) -> World:
    """Build the whole company in memory; takes a few seconds, reads no clock and no file."""
    hours = channel_hours()
    staff = Staff()
    customers = Customers(_random(seed, "customers"))
    email = EmailDesk(_random(seed, "email"), staff, customers, hours["zd_email"])
    chat = ChatDesk(_random(seed, "chat"), staff, customers, hours["zd_chat"])
    emails = [email.run(case) for case in cases_of("zd_email", seed)]
    chats = [chat.run(case) for case in cases_of("zd_chat", seed)]
    oddities = Oddities(_random(seed, "oddities"), staff, customers, hours["zd_email"], email)
    tickets = [
        *emails,
        *chats,
        *oddities.merges(emails, 90),
        *oddities.late_merges(30),
        *oddities.spam(140),
        *oddities.role_history(),
        *oddities.tests(6),
    ]
    oddities.deletions(emails, 50)
    oddities.deletions(chats, 25)
    oddities.bulk_update(tickets)
    oddities.silent_updates(tickets)
    _number(tickets)
    posts, accounts = _posts(seed)
    return World(
        FIRST_AT, END_AT, [*staff.people, *customers.people], staff.groups, staff.memberships, tickets, accounts, posts
    )


def _random(seed: int, part: str) -> Random:
    """A generator of its own for every part, so that a change in one leaves the others as they are."""
    return Random(f"{seed}:{part}")  # noqa: S311 - data, not secrets


def _number(tickets: list[Ticket]) -> None:
    """Number the tickets in the order in which they were opened."""
    tickets.sort(key=lambda ticket: ticket.created_at)
    for number, ticket in enumerate(tickets, start=1001):
        ticket.ticket_id = number


def _posts(seed: int) -> tuple[list[Post], list[Account]]:
    """All posts that still exist, with ids that rise with time, and the accounts behind them."""
    own = company_accounts()
    followers = Followers(_random(seed, "followers"))
    hours = channel_hours()
    posts: list[Post] = []
    for channel_id, account in own.items():
        desk = SocialDesk(_random(seed, channel_id), channel_id, account, followers, hours[channel_id])
        desk.announce()
        for case in cases_of(channel_id, seed):
            desk.run(case)
        posts += desk.posts
    posts.sort(key=lambda post: post.at)
    for sequence, post in enumerate(posts):
        post.post_id = snowflake(post.at, sequence)
        post.earlier_ids = tuple(snowflake(post.at - 400 * n, sequence) for n in range(post.edit_count, 0, -1))
    return [post for post in posts if not post.is_deleted], [*own.values(), *followers.accounts]


def snowflake(at: int, sequence: int) -> str:
    """A decimal id that rises with time; `sequence` keeps the posts of one second apart."""
    return str(((at * 1000 - _SNOWFLAKE_EPOCH_MS) << 22) + sequence % (1 << 22))
