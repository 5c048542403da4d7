"""`channels.yaml` as a model: the places where customers and the company meet."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from social_sla.agreements.values import Id, Language, Text, Zone, word_of
from social_sla.agreements.vocabulary import AutomationReason, ChannelKind, Source


class Part(BaseModel):
    """A part of the configuration: closed (an unknown key is an error) and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Automation(Part):
    """How to know a message that no person wrote (R1): its author, or how its text begins."""

    reason: Annotated[
        AutomationReason,
        BeforeValidator(word_of(AutomationReason, "reason")),
        Field(description="bot, auto_reply (also away and out-of-office messages) or survey."),
    ]
    author: Annotated[Text | None, Field(description="The author's id in the source.")] = None
    text_prefix: Annotated[
        Text | None,
        Field(
            description="How its text or subject begins, after leading spaces and @names; letter case does not count."
        ),
    ] = None


class Channel(Part):
    """One place where customers and the company meet (definitions.md, Terms)."""

    channel_id: Id
    name: Annotated[Text | None, Field(description="What people call it; the channel_id if it is not given.")] = None
    source: Annotated[Source, BeforeValidator(word_of(Source, "source"))]
    account: Annotated[Text, Field(description="x: the handle without @. zendesk: the subdomain.")]
    connection: Annotated[
        Text | None, Field(description="Id of the Airflow connection with the credentials; default <source>_default.")
    ] = None
    kind: Annotated[ChannelKind, BeforeValidator(word_of(ChannelKind, "kind"))]
    strategic_objective: Annotated[Text, Field(description="What the company wants of this channel, in a sentence.")]
    timezone: Zone
    languages: Annotated[tuple[Language, ...], Field(min_length=1, description="Codes; the main language first.")]
    match: Annotated[
        dict[str, Annotated[tuple[Text, ...], Field(min_length=1)]],
        Field(description="Which conversations of a shared account are this channel's, e.g. {via: [email, web]}."),
    ] = {}
    automation: tuple[Automation, ...] = ()

    @property
    def title(self) -> str:
        return self.name or self.channel_id

    @property
    def connection_id(self) -> str:
        return self.connection or f"{self.source.value}_default"


class ChannelsFile(Part):
    """The channels: every place where customers and the company meet."""

    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
