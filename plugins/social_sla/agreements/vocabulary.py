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
    """What a goal measures (M1 to M5)."""

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


COMPUTED_METRICS = (
    Metric.FIRST_RESPONSE,
    Metric.NEXT_RESPONSE,
    Metric.FIRST_RESOLUTION,
    Metric.FULL_RESOLUTION,
    Metric.RESOLUTION_CYCLE,
)
STATUS_METRICS = tuple(metric for metric in Metric if metric not in (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE))
"""Metrics that read a conversation's statuses: without statuses nothing is ever resolved."""


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


@dataclass(frozen=True)
class SourceTraits:
    """What a source offers to channels and goals."""

    account_pattern: str
    account_help: str
    has_statuses: bool = False
    priorities: tuple[str, ...] = ()
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
        match_keys={
            "via": (
                "any_channel", "api", "chat", "email", "facebook", "help_center", "instagram_dm", "line", "messenger",
                "mobile", "mobile_sdk", "native_messaging", "sms", "telegram", "twitter", "viber", "voice", "web",
                "web_widget", "whatsapp", "x",
            )
        },
    ),
}  # fmt: skip

DEFAULT_TARGET = "default"
PRIORITIES = tuple(sorted({priority for traits in TRAITS.values() for priority in traits.priorities}))
