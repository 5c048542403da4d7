"""`agreements statement`: what the public reads on each channel, and the channels that say nothing."""

from __future__ import annotations

from datetime import datetime

from social_sla.agreements.config import Config
from social_sla.agreements.readability import PLAIN_SCORE
from social_sla.agreements.statement_tables import statements_at
from social_sla.agreements.statements import PROBLEM_WORDS, StatementText
from social_sla.agreements.vocabulary import Basis


def statement_lines(config: Config, as_of: datetime, channel_id: str | None = None) -> list[str]:
    """The statements in lines, then the channels without one.

    Args:
        channel_id: this channel alone; None: all.

    Raises:
        ValueError: there is no such channel.
    """
    channels = [item for item in config.channels if channel_id in (None, item.channel_id)]
    if not channels:
        raise UnknownChannelError(
            f"There is no channel '{channel_id}'; the channels are "
            f"{', '.join(item.channel_id for item in config.channels)}."
        )
    found = statements_at(config, as_of, ahead=True)
    lines: list[str] = []
    for channel in channels:
        own = [item for item in found if item.channel_id == channel.channel_id]
        if own:
            lines += [f"{channel.title} ({channel.channel_id}): {_promise(own[0])}"]
            lines += [line for item in own for line in _statement(item)]
            lines.append("")
    silent = [channel for channel in channels if channel.channel_id not in {item.channel_id for item in found}]
    if silent:
        lines.append("Channels without a public statement:")
        lines += [f"  {channel.channel_id}: {channel.title}" for channel in silent]
    return lines


class UnknownChannelError(ValueError):
    """No channel is called so; the message says which there are."""


def _promise(item: StatementText) -> str:
    promise = item.promise
    hours = f"in the hours {promise.schedule_id}" if promise.schedule_id else "around the clock"
    clock = "open time" if promise.goal.basis is Basis.BUSINESS else "every second counts"
    return f"{promise.agreement.agreement_key} promises {promise.target} {hours} ({clock})"


def _statement(item: StatementText) -> list[str]:
    limit = f" of {item.character_limit}" if item.character_limit else ""
    score = "no formula" if item.reading.score is None else f"{item.reading.score:.0f} ({PLAIN_SCORE:.0f} is plain)"
    place = item.placement.value if item.placement else "no place named"
    head = f"  {place}, {item.language}: {item.character_count}{limit} characters, reading ease {score}"
    verified = f", verified {item.verified_date}" if item.verified_date else ""
    lines = [head, f"    {item.text}"]
    if item.url:
        lines.append(f"    {item.url}{verified}")
    lines += [f"    ! {PROBLEM_WORDS[problem]}" for problem in item.problems]
    return lines
