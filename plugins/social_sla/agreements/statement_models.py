"""What an agreement says to the public: the statement, where it is published, and what is not tolerated."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from social_sla.agreements.channel_models import Part
from social_sla.agreements.values import Count, Date, Flag, Id, Language, Text, shown, word_of, wrong


class Placement(StrEnum):
    """Where a statement can stand."""

    X_BIO = "x_bio"
    X_PINNED_POST = "x_pinned_post"
    BLUESKY_BIO = "bluesky_bio"
    BLUESKY_PINNED_POST = "bluesky_pinned_post"
    MASTODON_BIO = "mastodon_bio"
    MASTODON_PINNED_POST = "mastodon_pinned_post"
    FACEBOOK_INTRO = "facebook_intro"
    FACEBOOK_PINNED_POST = "facebook_pinned_post"
    INSTAGRAM_BIO = "instagram_bio"
    YOUTUBE_DESCRIPTION = "youtube_description"
    REDDIT_DESCRIPTION = "reddit_description"
    WHATSAPP_ABOUT = "whatsapp_about"
    WEBSITE = "website"
    HELP_CENTER = "help_center"
    CONTACT_FORM = "contact_form"
    CHAT_GREETING = "chat_greeting"
    EMAIL_FOOTER = "email_footer"
    PHONE_GREETING = "phone_greeting"


CHARACTER_LIMITS: dict[Placement, int | None] = {
    Placement.X_BIO: 160,
    Placement.X_PINNED_POST: 280,
    Placement.BLUESKY_BIO: 256,
    Placement.BLUESKY_PINNED_POST: 300,
    Placement.MASTODON_BIO: 500,
    Placement.MASTODON_PINNED_POST: 500,
    Placement.FACEBOOK_INTRO: 101,
    Placement.FACEBOOK_PINNED_POST: None,
    Placement.INSTAGRAM_BIO: 150,
    Placement.YOUTUBE_DESCRIPTION: 1000,
    Placement.REDDIT_DESCRIPTION: 500,
    Placement.WHATSAPP_ABOUT: 139,
    Placement.WEBSITE: None,
    Placement.HELP_CENTER: None,
    Placement.CONTACT_FORM: None,
    Placement.CHAT_GREETING: None,
    Placement.EMAIL_FOOTER: None,
    Placement.PHONE_GREETING: None,
}
"""The most characters that a place takes; None: it sets no limit that matters. `character_limit` overrides it."""


class Answers(StrEnum):
    """Whether all are answered."""

    ALL = "all"
    REQUESTS = "requests"
    SOME = "some"


class Intolerable(StrEnum):
    """What a channel does not tolerate (D8)."""

    ABUSE = "abuse"
    THREATS = "threats"
    HATE = "hate"
    SPAM = "spam"
    ADVERTISING = "advertising"
    PERSONAL_DATA = "personal_data"


def read_texts(value: Any) -> Any:
    """Texts by language; one text alone is an error, for nobody would know its language."""
    if isinstance(value, str):
        raise wrong(f"is {shown(value)}; write it under its language, like {{en: {value}}}")
    return value


def read_url(value: Any) -> str:
    """An address that a browser opens."""
    text = value.strip() if isinstance(value, str) else ""
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise wrong(f"{shown(value)} is no address; write one that begins with https://")
    return text


Texts = Annotated[
    dict[Language, Text],
    BeforeValidator(read_texts),
    Field(min_length=1),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"},
            "additionalProperties": {"type": "string", "minLength": 1},
        }
    ),
]
Url = Annotated[str, BeforeValidator(read_url), WithJsonSchema({"type": "string", "pattern": "^https?://"})]


class Published(Part):
    """One place in which the statement of a channel stands."""

    channel: Annotated[Id, Field(description="A channel_id of this agreement.")]
    placement: Annotated[
        Placement, BeforeValidator(word_of(Placement, "placement")), Field(description="What sort of place it is.")
    ]
    language: Annotated[Language | None, Field(description="Default the statement's main language.")] = None
    url: Annotated[Url | None, Field(description="Where everybody can read it.")] = None
    verified_at: Annotated[Date | None, Field(description="Date on which somebody last read it there.")] = None
    character_limit: Annotated[Count | None, Field(description="The place's own limit, if not the usual one.")] = None
    text: Annotated[Text | None, Field(description="The words as people wrote them; default they are made here.")] = (
        None
    )


class Statement(Part):
    """The public statement; what is not stated is the parent's, but for `published`."""

    languages: Annotated[
        tuple[Language, ...] | None,
        Field(min_length=1, description="In which it stands, the main one first; default the channel's languages."),
    ] = None
    goal: Annotated[
        Id | None, Field(description="goal_id of the time that it names; default the goal on first_response.")
    ] = None
    offer: Annotated[Texts | None, Field(description="What the customer gets, a sentence for each language.")] = None
    answers: Annotated[
        Answers | None,
        BeforeValidator(lambda value: None if value is None else word_of(Answers, "answer")(value)),
        Field(description="all (default), requests (whoever asks for help) or some."),
    ] = None
    company_gets: Annotated[
        Texts | None, Field(description="What the company gets of it, a sentence for each language; internal.")
    ] = None
    shows_company_gets: Annotated[Flag | None, Field(description="true: the public reads company_gets too.")] = None
    verify_every_days: Annotated[
        Count | None, Field(description="After so many days somebody has to read it again; default 90.")
    ] = None
    published: tuple[Published, ...] = ()


class ToleranceRule(Part):
    """One thing that the channels do not tolerate; tags of the source are its evidence (D8)."""

    rule: Annotated[
        Intolerable, BeforeValidator(word_of(Intolerable, "rule")), Field(description="abuse, threats, hate, spam …")
    ]
    tags: Annotated[
        tuple[Text, ...], Field(description="A conversation with one of these tags is excluded as `tolerance`.")
    ] = ()
