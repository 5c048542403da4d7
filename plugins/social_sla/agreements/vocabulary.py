"""The words that an agreement and a channel may use, and what each source can support."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What sort of agreement (definitions.md, Terms)."""

    SSLA = "ssla"
    CUSTOMER = "customer"
    VENDOR = "vendor"
    INTERNAL = "internal"


class Level(StrEnum):
    """Where an agreement stands in the inheritance, the highest first."""

    CORPORATE = "corporate"
    CUSTOMER = "customer"
    SERVICE = "service"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


class Metric(StrEnum):
    """What a goal measures (M1 to M5, and how long a team has a conversation)."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    FIRST_RESOLUTION = "first_resolution"
    FULL_RESOLUTION = "full_resolution"
    RESOLUTION_CYCLE = "resolution_cycle"
    REQUESTER_WAIT = "requester_wait"
    AGENT_WORK = "agent_work"
    PERIODIC_UPDATE = "periodic_update"
    PAUSABLE_UPDATE = "pausable_update"
    OWNERSHIP_TIME = "ownership_time"


STATUS_METRICS = tuple(metric for metric in Metric if metric not in (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE))
"""Metrics that read a conversation's statuses: without statuses nothing is ever open or solved."""


class Basis(StrEnum):
    CALENDAR = "calendar"
    BUSINESS = "business"


class Subject(StrEnum):
    """On whom the goal is; a customer's goal starts at published_at, the others at received_at (D10)."""

    CUSTOMER = "customer"
    TEAM = "team"
    MEMBER = "member"


class Responder(StrEnum):
    """Whose answer stops a response clock (R1, R2)."""

    HUMAN = "human"
    ANY = "any"


class PauseStatus(StrEnum):
    """Canonical unsolved statuses: those in which a clock may stand still (D17)."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"


class FlagScope(StrEnum):
    SAME_GOAL = "same_goal"
    ANY_GOAL = "any_goal"


class AutomationReason(StrEnum):
    """Why a message was not written by a person (R1)."""

    BOT = "bot"
    AUTO_REPLY = "auto_reply"
    SURVEY = "survey"


class ChannelKind(StrEnum):
    SOCIAL = "social"
    MESSAGING = "messaging"
    EMAIL = "email"
    CHAT = "chat"
    PHONE = "phone"
    WEB = "web"
    COMMUNITY = "community"


class Source(StrEnum):
    """Vendors that the warehouse can extract."""

    X = "x"
    ZENDESK = "zendesk"
    BLUESKY = "bluesky"
    FRESHDESK = "freshdesk"
    ZAMMAD = "zammad"
    CHATWOOT = "chatwoot"
    INTERCOM = "intercom"
    HUBSPOT = "hubspot"
    REQUEST_TRACKER = "request_tracker"
    MASTODON = "mastodon"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    YOUTUBE = "youtube"
    REDDIT = "reddit"
    FILES = "files"


@dataclass(frozen=True)
class SourceTraits:
    """What a source offers to channels and goals."""

    account_pattern: str
    account_help: str
    has_statuses: bool = False
    priorities: tuple[str, ...] = ()
    team_pattern: str | None = None
    """How the source writes the id of a team; None: it has no teams."""
    team_help: str = ""
    match_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What may part a shared account into channels: key → the vendor's usual values (others are accepted)."""


TRAITS: dict[Source, SourceTraits] = {
    Source.X: SourceTraits(
        account_pattern=r"[A-Za-z0-9_]{1,15}", account_help="the handle without @, like AuroraAir"
    ),
    Source.ZENDESK: SourceTraits(
        account_pattern=r"[a-z0-9][a-z0-9-]{0,62}",
        account_help="the subdomain alone, like auroraair for auroraair.zendesk.com",
        has_statuses=True,
        priorities=("low", "normal", "high", "urgent"),
        team_pattern=r"[0-9]+",
        team_help="the group's number, like 9200000000001",
        match_keys={
            "via": (
                "any_channel", "api", "chat", "email", "facebook", "help_center", "instagram_dm", "line", "messenger",
                "mobile", "mobile_sdk", "native_messaging", "sms", "telegram", "twitter", "viber", "voice", "web",
                "web_widget", "whatsapp", "x",
            )
        },
    ),
    Source.BLUESKY: SourceTraits(
        account_pattern=r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
        account_help="the handle without @, with its domain, like auroraair.bsky.social",
    ),
    Source.FRESHDESK: SourceTraits(
        account_pattern=r"[a-z0-9][a-z0-9-]{0,62}",
        account_help="the subdomain alone, like auroraair for auroraair.freshdesk.com",
        has_statuses=True,
        priorities=("low", "medium", "high", "urgent"),
        team_pattern=r"[0-9]+",
        team_help="the group's number, like 7",
        match_keys={
            "via": (
                "email", "portal", "phone", "twitter", "facebook", "chat", "feedback_widget", "outbound_email",
                "whatsapp",
            )
        },
    ),
    Source.REQUEST_TRACKER: SourceTraits(
        account_pattern=r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?",
        account_help="the host name alone, like rt.aurora.example",
        has_statuses=True,
        priorities=("low", "normal", "high", "urgent"),
        team_pattern=r"[0-9]+",
        team_help="the queue's number, like 3",
        match_keys={"queue": ()},
    ),
    Source.MASTODON: SourceTraits(
        account_pattern=r"[A-Za-z0-9_]+([A-Za-z0-9_.-]*[A-Za-z0-9_])?@[a-z0-9.-]+\.[a-z0-9-]+",
        account_help="name and server, without the first @, like AuroraAir@mastodon.social",
    ),
    Source.ZAMMAD: SourceTraits(
        account_pattern=r"[a-z0-9][a-z0-9-]{0,62}",
        account_help="the subdomain at zammad.com, like auroraair, or a name of your own for your own server",
        has_statuses=True,
        priorities=("low", "normal", "high"),
        team_pattern=r"[0-9]+",
        team_help="the group's number, like 1",
        match_keys={
            "via": (
                "chat", "email", "facebook feed post", "fax", "note", "phone", "sms", "telegram personal-message",
                "twitter direct-message", "twitter status", "web", "whatsapp message",
            )
        },
    ),
    Source.FACEBOOK: SourceTraits(
        account_pattern=r"[0-9]{5,20}",
        account_help="the number of the Page, like 2121008000000001",
        match_keys={"via": ("direct_message", "public", "review")},
    ),
    Source.INSTAGRAM: SourceTraits(
        account_pattern=r"[0-9]{5,20}",
        account_help="the number of the professional account, like 17841400000000001",
        match_keys={"via": ("direct_message", "public")},
    ),
    Source.CHATWOOT: SourceTraits(
        account_pattern=r"[1-9][0-9]*",
        account_help="the account's number in Chatwoot's address, like 1",
        has_statuses=True,
        priorities=("low", "medium", "high", "urgent"),
        team_pattern=r"[0-9]+",
        team_help="the team's number, like 4",
        match_keys={"inbox": ()},
    ),
    Source.YOUTUBE: SourceTraits(
        account_pattern=r"UC[A-Za-z0-9_-]{22}",
        account_help="the id of the channel that begins with UC (Studio, advanced settings), not the handle",
    ),
    Source.INTERCOM: SourceTraits(
        account_pattern=r"[a-z0-9]{4,20}",
        account_help="the workspace's id (Settings > General), like ecahpwf5",
        has_statuses=True,
        priorities=("not_priority", "priority"),
        team_pattern=r"[0-9]+",
        team_help="the team's number, like 814865",
        match_keys={
            "via": (
                "conversation", "email", "facebook", "instagram", "phone_call", "phone_switch", "push", "sms", "ticket",
                "twitter",
                "whatsapp",
            )
        },
    ),
    Source.REDDIT: SourceTraits(
        account_pattern=r"[A-Za-z0-9_-]{3,20}",
        account_help="the name without u/, like AuroraAir",
        match_keys={"via": ("direct_message", "modmail", "public")},
    ),
    Source.HUBSPOT: SourceTraits(
        account_pattern=r"[1-9][0-9]*",
        account_help="the account's number (Hub ID), like 44556677",
        has_statuses=True,
        priorities=("low", "medium", "high", "urgent"),
        team_pattern=r"[0-9]+",
        team_help="the team's number, like 178588",
        match_keys={"via": ("chat", "email", "facebook", "form", "phone", "whatsapp")},
    ),
    Source.FILES: SourceTraits(
        account_pattern=r"[a-z0-9][a-z0-9_-]{0,62}",
        account_help="the name of the account's folder below the connection's, like oldcrm",
        has_statuses=True,
        priorities=("low", "normal", "high", "urgent"),
        team_pattern=r"[A-Za-z0-9_.-]{1,200}",
        team_help="the team_id of the files, like baggage",
        match_keys={"channel": ()},
    ),
}  # fmt: skip

DEFAULT_TARGET = "default"
PRIORITIES = tuple(sorted({priority for traits in TRAITS.values() for priority in traits.priorities}))
