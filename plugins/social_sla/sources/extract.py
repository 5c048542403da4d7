"""One extraction: a window of one stream of one account, from the vendor into exactly one partition."""

from __future__ import annotations

import json
import logging
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import IO

from social_sla.landing import Landing, LandingRecord, LoadStats, Manifest, PartitionKey
from social_sla.landing.model import safe_name
from social_sla.sources.base import Credentials, JsonObject, ReadContext, Source, Stream, Window
from social_sla.sources.client import RestClient
from social_sla.sources.errors import QuarantineError, SourceError, WindowError
from social_sla.sources.registry import get_source, get_stream
from social_sla.sources.retry import ClientOptions

log = logging.getLogger(__name__)

QUARANTINE_SHARE = 0.01
QUARANTINE_MINIMUM = 5
# Far more than this and the run need not read the rest to know that something is wrong.
_QUARANTINE_EARLY_STOP = 1_000
_LONGEST_SETTLE_WAIT = timedelta(seconds=120)
_SPOOL_BYTES = 1_000_000
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def extract_stream(
    source: str,
    stream: str,
    account: str,
    credentials: Credentials,
    window: Window | tuple[datetime, datetime],
    landing: Landing,
    run_id: str,
    *,
    now: datetime | None = None,
    allow_shrink: bool = False,
    client_options: ClientOptions | None = None,
) -> Manifest:
    """Extracts `[start, end)` and replaces exactly that partition of the landing. Whatever fails, it stays as it was.

    The same vendor data give the same partition (same sha256), however often and in whatever order it is run. `now` is
    the vendor's now, for a source whose clock is not this machine's (the sandbox); by default the machine's clock,
    and then a window that has just ended is waited for until the vendor's lists are final (at most two minutes).

    Raises:
        UnknownStreamError: no such source or stream.
        WindowError: the window is empty or not over yet.
        QuarantineError: more than 1 % of the records (and at least 5, or all) lack a required field.
        ShrinkError: far fewer rows than the committed partition, without `allow_shrink`.
        SourceError: the vendor refused or failed; the subclasses say how.
    """
    declared_source, declared = get_source(source), get_stream(source, stream)
    window = Window.of(window)
    key = PartitionKey(source, account, stream, window.start, window.end)
    options = client_options or ClientOptions()
    stats = LoadStats()
    moment = _settled_now(declared_source, declared, window, now, options, stats)
    client = RestClient(
        credentials,
        declared_source.base_url(credentials, account),
        declared_source.auth(credentials),
        stats=stats,
        options=options,
    )
    context = ReadContext(declared_source, declared, account, window, moment, client, landing)
    try:
        with Quarantine(landing, key, run_id, stats) as quarantine:
            manifest = landing.replace_partition(
                key,
                _records(context, quarantine),
                run_id=run_id,
                extracted_at=moment,
                stats=stats,
                allow_shrink=allow_shrink,
                quarantine=quarantine.content,
            )
    finally:
        client.close()
    log.info(
        "%s: %d rows (%d repeated, %d in quarantine), %d calls, %.1f s waited.",
        key,
        manifest.row_count,
        manifest.duplicate_count,
        manifest.quarantined_count,
        manifest.call_count,
        manifest.wait_seconds,
    )
    return manifest


def _settled_now(
    source: Source, stream: Stream, window: Window, now: datetime | None, options: ClientOptions, stats: LoadStats
) -> datetime:
    if now is not None:
        moment, missing = now.astimezone(UTC), window.end - now
    else:
        moment = datetime.fromtimestamp(options.clock(), UTC)
        missing = window.end + source.settle - moment
    if not stream.is_incremental or missing <= timedelta(0):
        return moment
    if now is None and missing <= _LONGEST_SETTLE_WAIT:
        log.info("%s: waiting %.0f s until the window is final.", source.name, missing.total_seconds())
        stats.wait_seconds += missing.total_seconds()
        options.sleep(missing.total_seconds())
        return moment + missing
    raise WindowError(
        f"The window ends at {window.end.isoformat()}, which is not over yet for {source.title} (now: "
        f"{moment.isoformat(timespec='seconds')}). A partition that is landed too early would look complete: run it "
        "later, or pass `now` where the vendor's clock is not this machine's."
    )


def _records(context: ReadContext, quarantine: Quarantine) -> Iterator[LandingRecord]:
    stream, window = context.stream, context.window
    older_too = stream.carries_older
    for raw in stream.reader(context):
        quarantine.seen += 1
        try:
            record = _record(stream, raw, window)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            quarantine.add(raw, str(error.args[0]) if error.args else type(error).__name__)
            continue
        if stream.is_incremental:
            moment = record.record_updated_at
            if moment >= window.end or (moment < window.start and not older_too):
                continue
        yield record
    quarantine.judge()


def _record(stream: Stream, raw: JsonObject, window: Window) -> LandingRecord:
    for name in stream.required:
        if raw.get(name) is None:
            raise KeyError(f"{name} is missing")
    record_id = stream.record_id(raw) if callable(stream.record_id) else str(raw[stream.record_id])
    updated = window.start if stream.updated_path is None else instant_of(raw.get(stream.updated_path), window)
    return LandingRecord(record_id, updated, payload_of(raw))


def payload_of(raw: JsonObject) -> str:
    """The record as JSON text, keys in the vendor's order.

    Half an emoji (a lone surrogate: vendors cut texts by UTF-16 units) becomes U+FFFD: no file can hold it.

    Raises:
        ValueError: it holds a number that JSON does not know.
    """
    text = json.dumps(raw, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if not text.isascii() and _LONE_SURROGATE.search(text):
        text = _LONE_SURROGATE.sub("\ufffd", text)
    return text


def instant_of(value: object, window: Window) -> datetime:
    """An epoch or an ISO 8601 time as UTC. None (a snapshot's record without an update time): the window's start.

    Raises:
        ValueError: it is neither.
    """
    if value is None:
        return window.start
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("an update time is neither text nor a number")
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("an update time is not ISO 8601") from None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.fromtimestamp(value, UTC)


class Quarantine:
    """Records that lack what they need, with the reason, kept beside the partition as NDJSON.

    They are the vendor's raw records and hold personal data like the landing itself.
    """

    def __init__(self, landing: Landing, key: PartitionKey, run_id: str, stats: LoadStats) -> None:
        self._landing = landing
        self._key = key
        self._token = f"{safe_name(run_id)}-stopped"
        self._stats = stats
        self._spool: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)  # noqa: SIM115 - __exit__ closes it
        self._reasons: dict[str, int] = {}
        self.seen = 0

    def __enter__(self) -> Quarantine:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()

    @property
    def count(self) -> int:
        return self._stats.quarantined_count

    def add(self, raw: JsonObject, reason: str) -> None:
        self._stats.quarantined_count += 1
        self._reasons[reason] = self._reasons.get(reason, 0) + 1
        line = json.dumps({"reason": reason, "record": raw}, ensure_ascii=False, separators=(",", ":"))
        self._spool.write(line.encode() + b"\n")
        if self.count >= _QUARANTINE_EARLY_STOP:
            self.judge()

    def content(self) -> bytes:
        self._spool.seek(0)
        return self._spool.read()

    def judge(self) -> None:
        """Stops the run when too many records are here; what was collected is kept for whoever looks into it."""
        too_many = self.count >= QUARANTINE_MINIMUM and self.count > QUARANTINE_SHARE * self.seen
        if not too_many and not (self.count and self.count == self.seen):
            return
        path = self._landing.write_quarantine(self._key, self.content(), token=self._token)
        reasons = "; ".join(f"{reason} ({count})" for reason, count in sorted(self._reasons.items())[:5])
        raise QuarantineError(
            f"{self.count} of {self.seen} records of {self._key} cannot be landed: {reasons}. Nothing was replaced. "
            f"They are in {self._landing.files.url_of(path)}. Compare them with the shapes in docs/sources and change "
            "the stream's declaration if the vendor has changed its format."
        )


__all__ = ["ClientOptions", "SourceError", "extract_stream"]
