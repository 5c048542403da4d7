"""All declared sources."""

from __future__ import annotations

from social_sla.sources.base import Source, Stream
from social_sla.sources.bluesky import BLUESKY
from social_sla.sources.chatwoot import CHATWOOT
from social_sla.sources.errors import UnknownStreamError
from social_sla.sources.facebook import FACEBOOK
from social_sla.sources.files import FILES
from social_sla.sources.freshdesk import FRESHDESK
from social_sla.sources.hubspot import HUBSPOT
from social_sla.sources.instagram import INSTAGRAM
from social_sla.sources.intercom import INTERCOM
from social_sla.sources.mastodon import MASTODON
from social_sla.sources.reddit import REDDIT
from social_sla.sources.request_tracker import REQUEST_TRACKER
from social_sla.sources.x import X
from social_sla.sources.youtube import YOUTUBE
from social_sla.sources.zammad import ZAMMAD
from social_sla.sources.zendesk import ZENDESK

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        X,
        ZENDESK,
        FRESHDESK,
        BLUESKY,
        REQUEST_TRACKER,
        MASTODON,
        ZAMMAD,
        FACEBOOK,
        INSTAGRAM,
        CHATWOOT,
        YOUTUBE,
        INTERCOM,
        REDDIT,
        HUBSPOT,
        FILES,
    )
}


def get_source(name: str) -> Source:
    """Raises UnknownStreamError for a source that is not declared."""
    try:
        return SOURCES[name]
    except KeyError:
        raise UnknownStreamError(f"There is no source {name!r}; there are: {', '.join(SOURCES)}.") from None


def get_stream(source: str, name: str) -> Stream:
    """Raises UnknownStreamError for a stream that the source does not declare."""
    return stream_of(get_source(source), name)


def stream_of(source: Source, name: str) -> Stream:
    """Raises UnknownStreamError for a stream that the source does not declare."""
    declared = {stream.name: stream for stream in source.streams}
    try:
        return declared[name]
    except KeyError:
        raise UnknownStreamError(f"{source.name} has no stream {name!r}; it has: {', '.join(declared)}.") from None


def streams(source: str) -> tuple[Stream, ...]:
    """The source's streams, each after those that it depends on, else in the order of the declaration."""
    return ordered_streams(get_source(source))


def ordered_streams(source: Source) -> tuple[Stream, ...]:
    """As `streams`, of a declaration that need not be registered."""
    declared = {stream.name: stream for stream in source.streams}
    ordered: dict[str, Stream] = {}

    def add(stream: Stream) -> None:
        for needed in stream.depends_on:
            add(declared[needed])
        ordered.setdefault(stream.name, stream)

    for stream in declared.values():
        add(stream)
    return tuple(ordered.values())
