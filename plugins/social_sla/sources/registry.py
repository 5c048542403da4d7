"""All declared sources."""

from __future__ import annotations

from social_sla.sources.base import Source, Stream
from social_sla.sources.errors import UnknownStreamError
from social_sla.sources.x import X
from social_sla.sources.zendesk import ZENDESK

SOURCES: dict[str, Source] = {source.name: source for source in (X, ZENDESK)}


def get_source(name: str) -> Source:
    """Raises UnknownStreamError for a source that is not declared."""
    try:
        return SOURCES[name]
    except KeyError:
        raise UnknownStreamError(f"There is no source {name!r}; there are: {', '.join(SOURCES)}.") from None


def get_stream(source: str, name: str) -> Stream:
    """Raises UnknownStreamError for a stream that the source does not declare."""
    declared = {stream.name: stream for stream in get_source(source).streams}
    try:
        return declared[name]
    except KeyError:
        raise UnknownStreamError(f"{source} has no stream {name!r}; it has: {', '.join(declared)}.") from None


def streams(source: str) -> tuple[Stream, ...]:
    """The source's streams, each after those that it depends on, else in the order of the declaration."""
    declared = {stream.name: stream for stream in get_source(source).streams}
    ordered: dict[str, Stream] = {}

    def add(stream: Stream) -> None:
        for needed in stream.depends_on:
            add(declared[needed])
        ordered.setdefault(stream.name, stream)

    for stream in declared.values():
        add(stream)
    return tuple(ordered.values())
