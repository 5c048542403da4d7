"""What the oracle reads: conversations, agreements and hours as plain dataclasses.

Every instant is an `int`: whole seconds since 1970-01-01T00:00:00Z (D12: floored on the way in, see `floored`).
Local dates are `datetime.date`, local clock times are `"HH:MM"` strings (`"24:00"` is allowed as an end).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cached_property

SOLVED_STATUSES = ("solved", "closed")
STATUSES = ("new", "open", "pending", "on_hold", "solved", "closed")
RESPONSE_METRICS = ("first_response", "next_response")
RESOLUTION_METRICS = ("first_resolution", "full_resolution", "resolution_cycle")
WAIT_METRICS = ("requester_wait", "agent_work")
UPDATE_METRICS = ("periodic_update", "pausable_update")
OWNERSHIP_METRICS = ("ownership_time",)
#: Responses and resolutions (M1–M3).
BASIC_METRICS = RESPONSE_METRICS + RESOLUTION_METRICS
#: Waiting, updates (M4, M5) and the time that a team holds a conversation; only of conversations that have statuses.
FURTHER_METRICS = WAIT_METRICS + UPDATE_METRICS + OWNERSHIP_METRICS
ALL_METRICS = BASIC_METRICS + FURTHER_METRICS
#: Statuses in which a metric's clock rests whatever its goal says: M4 counts new, open and on hold; new and open. M5's
#: pausable kind leaves out waiting on the customer.
IMPLIED_PAUSES: dict[str, frozenset[str]] = {
    "requester_wait": frozenset(STATUSES) - {"new", "open", "on_hold"},
    "agent_work": frozenset(STATUSES) - {"new", "open"},
    "pausable_update": frozenset({"pending"}),
}
#: D16: "Several exclusion reasons: … the first that applies".
EXCLUSION_ORDER = (
    "spam",
    "test",
    "tolerance",
    "deleted",
    "force_majeure",
    "agreed_closure",
    "caused_by_customer",
    "merged",
    "no_agreement",
    "no_target",
    "closed_without_reply",
)


def floored(moment: datetime) -> int:
    """Whole UTC seconds of an aware datetime, floored (D12). Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // 1)


@dataclass(frozen=True)
class Message:
    """One message. `received_at` defaults to `published_at`. A response deleted later still counts (D16)."""

    message_id: str
    conversation_id: str
    published_at: int
    direction: str  # inbound, outbound, internal
    author_role: str  # customer, other_customer, person, bot, auto_reply, survey, system
    received_at: int = -1
    source_order: int | None = None
    is_public: bool = True
    is_delivered: bool = True
    replies_to: str | None = None
    deleted_at: int | None = None

    def __post_init__(self) -> None:
        if self.received_at == -1:
            object.__setattr__(self, "received_at", self.published_at)

    @property
    def is_inbound(self) -> bool:
        """An internal note that the customer wrote is inbound (R3)."""
        return self.direction == "inbound" or (self.direction == "internal" and self.author_role == "customer")

    @property
    def is_eligible_inbound(self) -> bool:
        """Starts or ages clocks: inbound, and written by the conversation's own customer (D15)."""
        return self.is_inbound and self.author_role == "customer"

    @property
    def own_exclusion(self) -> str | None:
        """Why an inbound message by itself starts no clock (D15), or None."""
        if not self.is_inbound or self.author_role == "customer":
            return None
        return "other_customer" if self.author_role == "other_customer" else "automated_inbound"

    def arrived_at(self, subject: str) -> int:
        """The second at which an inbound message counts for a goal's subject (D10)."""
        return self.published_at if subject == "customer" else self.received_at

    def is_response(self, responder: str) -> bool:
        """R1 (`human`) and R2 (`any`)."""
        roles = ("person",) if responder == "human" else ("person", "bot", "auto_reply")
        return self.direction == "outbound" and self.is_delivered and self.author_role in roles

    def is_seen(self, as_of: int) -> bool:
        """D12: published and received at or before `as_of`."""
        return max(self.published_at, self.received_at) <= as_of


@dataclass(frozen=True)
class StatusChange:
    """The status becomes `to_status` at second `at`."""

    conversation_id: str
    at: int
    to_status: str
    source_order: int = 0


@dataclass(frozen=True)
class PriorityChange:
    """The priority becomes `to_priority` (None: taken away) at second `at`."""

    conversation_id: str
    at: int
    to_priority: str | None
    source_order: int = 0


@dataclass(frozen=True)
class Assignment:
    """From second `at` on `team_id` has the conversation (None: nobody), and in it `team_member_id` (None: no one yet).

    It resets no clock (M1); `ownership_time` alone is about it.
    """

    conversation_id: str
    at: int
    team_id: str | None
    source_order: int = 0
    team_member_id: str | None = None


@dataclass(frozen=True)
class Merge:
    """`child` becomes a part of `parent` at second `at` (D9)."""

    child: str
    parent: str
    at: int


@dataclass(frozen=True)
class Conversation:
    """One thread. `flags` are the conversation's own exclusion reasons without `deleted` and `merged` (D8)."""

    conversation_id: str
    channel_id: str
    created_at: int
    flags: frozenset[str] = frozenset()
    deleted_at: int | None = None
    has_status: bool = True


@dataclass(frozen=True)
class Block:
    """Local opening hours. `closes` at or before `opens` runs into the next date; equal is an error (D13)."""

    opens: str
    closes: str


@dataclass(frozen=True)
class EffectivePart:
    """Weekly hours between two inclusive local dates (None: open ended). `weekly` maps 0=Monday … 6=Sunday."""

    weekly: dict[int, tuple[Block, ...]]
    from_date: date | None = None
    to_date: date | None = None


@dataclass(frozen=True)
class Schedule:
    """Business hours of one zone (D3, D13)."""

    schedule_id: str
    zone: str
    parts: tuple[EffectivePart, ...]
    holidays: frozenset[date] = frozenset()
    dated_hours: dict[date, tuple[Block, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """`unit`: seconds, minutes, hours, days (86,400 s) or business_days (D5, D13)."""

    value: int
    unit: str


@dataclass(frozen=True)
class Goal:
    """A measurable line. `targets` maps a priority or `default` to its target. Dates are inclusive and local."""

    goal_id: str
    metric: str
    targets: dict[str, Target]
    basis: str = "business"
    schedule_id: str | None = None
    subject: str = "customer"
    responder: str = "human"
    goal_rate: Fraction = Fraction(9, 10)
    pause_statuses: frozenset[str] = frozenset()
    from_date: date | None = None
    to_date: date | None = None
    teams: frozenset[str] | None = None  # of ownership_time: whose stretches it is about; None: everybody's

    @property
    def shape(self) -> tuple[str, str, str, frozenset[str] | None]:
        """What decides where this goal's clocks start and stop."""
        return (self.metric, self.subject, self.responder, self.teams)

    @property
    def resting_statuses(self) -> frozenset[str]:
        """Where its clocks are paused: its own pause statuses (D17) and those of its metric (M4, M5)."""
        return self.pause_statuses | IMPLIED_PAUSES.get(self.metric, frozenset())


@dataclass(frozen=True)
class Approval:
    """A party's approval of one version. `expires_date` is its last valid day, `revoked_date` the first invalid one."""

    party_id: str
    approved_date: date
    revoked_date: date | None = None
    expires_date: date | None = None


@dataclass(frozen=True)
class AgreementVersion:
    """A version of an agreement, valid on inclusive local dates of its own zone (D18)."""

    agreement_id: str
    version: int
    zone: str
    valid_from: date
    valid_to: date | None
    channels: frozenset[str]
    goals: tuple[Goal, ...]
    kind: str = "customer"
    raises_flags: bool = True
    flag_consecutive_periods: int = 3
    flag_scope: str = "same_goal"
    # (missed periods, of the last judged ones), T1b; the share under which a month asks by itself, T1c.
    flag_missed_of: tuple[int, int] | None = None
    flag_severity_floor: Fraction | None = None
    minimum_sample: int = 10
    measures_people: bool = False
    parties: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()

    @property
    def agreement_key(self) -> str:
        """Identifies the version."""
        return f"{self.agreement_id}@{self.version}"

    def goal(self, goal_id: str) -> Goal | None:
        """This version's goal of that id, or None."""
        return next((goal for goal in self.goals if goal.goal_id == goal_id), None)


@dataclass(frozen=True)
class Waiver:
    """A period that raises nothing (T3). `goal_id` None waives every goal. `period` is the month's first day."""

    agreement_id: str
    period: date
    goal_id: str | None = None


@dataclass
class World:
    """All inputs of one computation."""

    as_of: int
    schedules: dict[str, Schedule]
    agreements: list[AgreementVersion]
    conversations: dict[str, Conversation]
    messages: list[Message] = field(default_factory=list)
    status_changes: list[StatusChange] = field(default_factory=list)
    priority_changes: list[PriorityChange] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    channel_zones: dict[str, str] = field(default_factory=dict)

    @cached_property
    def messages_of(self) -> dict[str, list[Message]]:
        """Messages that `as_of` sees, by conversation."""
        found = defaultdict(list)
        for message in self.messages:
            if message.is_seen(self.as_of):
                found[message.conversation_id].append(message)
        return found

    @cached_property
    def statuses_of(self) -> dict[str, list[StatusChange]]:
        """Status changes that `as_of` sees, by conversation, in order."""
        found = defaultdict(list)
        for change in sorted(self.status_changes, key=lambda c: (c.at, c.source_order)):
            if change.at <= self.as_of:
                found[change.conversation_id].append(change)
        return found

    @cached_property
    def priorities_of(self) -> dict[str, list[PriorityChange]]:
        """Priority changes that `as_of` sees, by conversation, in order."""
        found = defaultdict(list)
        for change in sorted(self.priority_changes, key=lambda c: (c.at, c.source_order)):
            if change.at <= self.as_of:
                found[change.conversation_id].append(change)
        return found

    @cached_property
    def assignments_of(self) -> dict[str, list[Assignment]]:
        """Assignments that `as_of` sees, by conversation, in order."""
        found = defaultdict(list)
        for assignment in sorted(self.assignments, key=lambda a: (a.at, a.source_order)):
            if assignment.at <= self.as_of:
                found[assignment.conversation_id].append(assignment)
        return found

    @cached_property
    def merge_of(self) -> dict[str, Merge]:
        """The merge that ended a conversation, for those that `as_of` sees merged."""
        return {merge.child: merge for merge in self.merges if merge.at <= self.as_of}

    def versions_of(self, agreement_id: str) -> list[AgreementVersion]:
        """All versions of an agreement, lowest first."""
        return sorted((v for v in self.agreements if v.agreement_id == agreement_id), key=lambda v: v.version)
