"""Neutral objects of the generated company: what happened, before any vendor's shape is put on it.

Instants are whole seconds since the epoch (UTC, int). Nothing here knows Zendesk's or X's JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SYSTEM_ID = -1


@dataclass(slots=True)
class Person:
    """Somebody known to the ticket system: a customer, an agent, an administrator or the bot.

    `became_agent_at` is set for a person who was an end user earlier (rule R4: the role held when they wrote).
    """

    person_id: int
    name: str
    email: str | None
    role: str
    created_at: int
    updated_at: int
    timezone: str
    locale: str
    is_suspended: bool = False
    became_agent_at: int | None = None
    default_group_id: int | None = None
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Group:
    """A team of agents in the ticket system."""

    group_id: int
    name: str
    description: str
    created_at: int
    is_deleted: bool = False


@dataclass(slots=True)
class Membership:
    """An agent's place in a group."""

    membership_id: int
    person_id: int
    group_id: int
    is_default: bool
    created_at: int


@dataclass(slots=True)
class Comment:
    """One message of a ticket; `is_public` false is an internal note, or a note by the customer (rule R3)."""

    author_id: int
    body: str
    is_public: bool


@dataclass(slots=True)
class FieldChange:
    """A field set at creation (`previous` unused) or changed later, with the value it had before."""

    name: str
    value: Any
    previous: Any = None
    by_rule: bool = False


@dataclass(slots=True)
class Step:
    """Everything that one update did to a ticket, in one second by one person or by the system."""

    at: int
    actor_id: int
    via: str
    comment: Comment | None = None
    changes: list[FieldChange] = field(default_factory=list)
    notifications: list[str] = field(default_factory=list)
    other_ticket: Ticket | None = None
    is_creation: bool = False


@dataclass(slots=True)
class Ticket:
    """A ticket with its whole history; `values` holds the fields as they are at the end of the data."""

    channel_id: str
    via: str
    requester_id: int
    submitter_id: int
    subject: str
    language: str
    created_at: int
    steps: list[Step] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    ticket_id: int = 0
    touched_at: int = 0
    """When the system last rewrote the record: never before the last step, later after a silent system update."""
    scrubbed: bool = False
    story: str = ""

    @property
    def updated_at(self) -> int:
        """Instant of the last update that is part of the history."""
        return self.steps[-1].at


@dataclass(slots=True)
class Account:
    """An X account: one of the company's (`is_company`) or a customer's."""

    account_id: str
    username: str
    name: str
    description: str
    created_at: int
    is_company: bool = False
    is_verified: bool = False


@dataclass(slots=True, eq=False)
class Post:
    """One tweet. `reply_to`, `quotes` and `reposts` point to other posts, which may have been deleted."""

    author: Account
    at: int
    text: str
    language: str
    reply_to: Post | None = None
    quotes: Post | None = None
    reposts: Post | None = None
    is_deleted: bool = False
    post_id: str = ""
    earlier_ids: tuple[str, ...] = ()
    edit_count: int = 0
    client: str | None = None
    kind: str = ""

    def root(self) -> Post:
        """First post of the reply tree that this one belongs to."""
        post = self
        while post.reply_to is not None:
            post = post.reply_to
        return post


@dataclass(slots=True)
class World:
    """The whole generated company."""

    first_at: int
    end_at: int
    people: list[Person]
    groups: list[Group]
    memberships: list[Membership]
    tickets: list[Ticket]
    accounts: list[Account]
    posts: list[Post]
