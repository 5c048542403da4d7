"""The words for what a clock measures, and for what starts, stops, pauses and excludes one, each with its rule's id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """How a metric is spoken of.

    `title` is what it measures, `rule` its id in docs/definitions.md (empty where it has none), `run` what one clock of
    several in a conversation is called, `unstopped` what is said of a clock that nothing has stopped.
    """

    title: str
    rule: str
    run: str
    unstopped: str

    @property
    def name(self) -> str:
        """The title with the rule: `first response time, M1`."""
        return f"{self.title}, {self.rule}" if self.rule else self.title


MEASURES = {
    "first_response": Measure("first response time", "M1", "turn", "never answered"),
    "next_response": Measure("next response time", "M2", "turn", "never answered"),
    "first_resolution": Measure("first resolution time", "M3", "cycle", "never solved"),
    "full_resolution": Measure("full resolution time", "M3", "cycle", "not solved"),
    "resolution_cycle": Measure("resolution time of a cycle", "M3", "cycle", "not solved"),
    "requester_wait": Measure("requester wait time", "M4", "cycle", "not solved"),
    "agent_work": Measure("agent work time", "M4", "cycle", "not solved"),
    "periodic_update": Measure("time between updates", "M5", "gap", "no update since"),
    "pausable_update": Measure(
        "time between updates, waiting for the customer left out", "M5", "gap", "no update since"
    ),
    "ownership_time": Measure("time that one team has the conversation", "", "stretch", "still with the team"),
}
# The statuses that a measure itself leaves out (seeds/measure_pauses.csv; a test keeps the two alike).
LEFT_OUT = {
    "requester_wait": ("pending", "solved", "closed"),
    "agent_work": ("pending", "on_hold", "solved", "closed"),
    "pausable_update": ("pending",),
}
STOPPED_BY = {
    "response": "a response to the customer",
    "closed_without_reply": "the conversation was closed without a reply (M2, D15)",
    "solved": "the conversation was solved (M3)",
    "closed": "the conversation was closed, which counts as solved (M3)",
    "update": "the company's next update (M5)",
    "handed_over": "the conversation was handed over to another team",
    "unassigned": "the team gave it away and no other one had it",
}
EXCLUDED_BECAUSE = {
    "spam": "spam (D8)",
    "test": "a test (D8)",
    "tolerance": "the message breaks the channel's tolerance rules (D8)",
    "deleted": "deleted at the source (D8, D16)",
    "force_majeure": "force majeure (D8)",
    "agreed_closure": "an agreed closure (D8)",
    "caused_by_customer": "caused by the customer (D8)",
    "merged": "merged into another conversation before it stopped (D9)",
    "closed_without_reply": "closed without a reply before it was due (D15)",
    "automated_inbound": "an automatic message of the customer's mailbox (D15)",
    "other_customer": "another customer's message in the thread (D15)",
    "no_target": "the goal has no target for its priority (D19)",
    "no_agreement": "no version of the agreement was in force (D18)",
}
# What a source calls a conversation, where that is not the source's name and "conversation".
SOURCES = {
    "zendesk": "Zendesk ticket",
    "freshdesk": "Freshdesk ticket",
    "zammad": "Zammad ticket",
    "hubspot": "HubSpot ticket",
    "request_tracker": "Request Tracker ticket",
    "youtube": "YouTube conversation",
    "files": "Conversation",
}


def measure(metric: str) -> Measure:
    """The words for a metric; one that this version does not know is called by its own name."""
    return MEASURES.get(metric) or Measure(spaced(metric), "", "run", "never stopped")


def conversation_words(source: str, number: str) -> str:
    """`Zendesk ticket 4711`, `X conversation 4711`."""
    return f"{SOURCES.get(source) or f'{spaced(source).title()} conversation'} {number}"


def started_by_words(reason: str, metric: str) -> str:
    """What started a clock, with the rule of its measure."""
    rule = measure(metric).rule
    cited = f" ({rule})" if rule else ""
    if metric == "ownership_time":
        return {
            "first_inbound": "the team had the conversation when the customer's first message came",
            "moved_by_merge": "the team had the conversation into which a merge brought the customer's message (D9)",
            "assigned": "the team was given the conversation",
            "reopened": "the conversation was reopened while the team had it",
        }.get(reason, spaced(reason))
    return {
        "first_inbound": f"the customer's first message{cited}",
        "inbound_turn": f"the customer's message that opened this turn{cited}",
        "moved_by_merge": f"the customer's message that came over with a merge, at its own time{cited[:-1]}, D9)",
        "reopened": f"the conversation was reopened{cited}",
        "update": f"the company's update before this gap{cited}",
    }.get(reason, spaced(reason))


def pause_words(status: str, own_statuses: Sequence[str], metric: str) -> str:
    """Why a clock stood still: in which status, and by which rule, the goal's (D17), the measure's (M4, M5) or both.

    Args:
        status: in which the pause began; empty where the clock was in it already when it started: then all are named
            that could have been it.
        own_statuses: those that the goal names.
    """
    left_out = LEFT_OUT.get(metric, ())
    rules = {
        "in which the goal itself pauses (D17)": own_statuses,
        f"which the measure leaves out ({measure(metric).rule})": left_out,
    }
    if status:
        reasons = [rule for rule, statuses in rules.items() if status in statuses]
        # One stretch can hold several statuses that pause, one after another; the marts know the first.
        known = "status" if len({*own_statuses, *left_out}) < 2 else "it began with status"
        return f"{known} {spaced(status)}, {' and '.join(reasons) or 'in which the clock stood still'}"
    kinds = [f"{' or '.join(map(spaced, statuses))}, {rule}" for rule, statuses in rules.items() if statuses]
    return f"it was in status {', or '.join(kinds)}, from the start" if kinds else "it stood still from the start"


def spaced(code: str | None) -> str:
    """A code of the marts as words: `on_hold` → `on hold`."""
    return (code or "").replace("_", " ")
