"""One extraction: a window of one stream of one account, from the vendor into exactly one partition."""

from __future__ import annotations

import json
import logging
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO

from social_sla.landing import Landing, LandingRecord, LoadStats, Manifest, ManifestError, PartitionKey
from social_sla.landing.model import LandingError, safe_name
from social_sla.sources.base import DELETED, Credentials, JsonObject, ReadContext, Source, Stream, Window, WindowKind
from social_sla.sources.client import limiter_of, open_client
from social_sla.sources.errors import (
    AccessDeniedError,
    AuthenticationError,
    BudgetSpentError,
    QuarantineError,
    RequestError,
    SourceError,
    VendorUnavailableError,
    WaitNeeded,
    WindowError,
)
from social_sla.sources.instants import instant_of
from social_sla.sources.limits import Limiter
from social_sla.sources.paths import at
from social_sla.sources.progress import Progress
from social_sla.sources.registry import get_source, stream_of
from social_sla.sources.retry import ClientOptions

log = logging.getLogger(__name__)

QUARANTINE_MINIMUM = 5
# Far more than this and the run need not read the rest to know that something is wrong.
_QUARANTINE_EARLY_STOP = 1_000
_LONGEST_SETTLE_WAIT = timedelta(seconds=120)
_SPOOL_BYTES = 1_000_000
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


# A cursor that was kept from the run before may be refused: then the extraction begins anew.
_STALE_CURSOR = frozenset({400, 404, 409, 410, 422})


def extract_stream(
    source: str | Source,
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
    limiter: Limiter | None = None,
) -> Manifest:
    """Extracts `[start, end)` and replaces exactly that partition of the landing. Whatever fails, it stays as it was.

    The same vendor data give the same partition (same sha256), however often and in whatever order it is run. `now` is
    the vendor's now, for a source whose clock is not this machine's (the sandbox); by default the machine's clock,
    and then a window that has just ended is waited for until the vendor's lists are final (at most two minutes).
    A run that ended early (killed, refused, told to wait) is taken up: what it has read is not asked for again.
    `limiter` is shared by extractions of one connection in one run; by default each has its own.

    Raises:
        WaitNeeded: the vendor wants a pause longer than `longest_sleep_seconds`; run it again then.
        BudgetSpentError: the calls that the connection's extra allows in a run are made.
        UnknownStreamError: no such source or stream.
        WindowError: the window is empty or not over yet.
        QuarantineError: more than 1 % of the records (and at least 5, or all) lack a required field.
        ShrinkError: far fewer rows than the committed partition, without `allow_shrink`.
        SourceError: the vendor refused or failed; the subclasses say how.
    """
    declared_source = get_source(source) if isinstance(source, str) else source
    declared = stream_of(declared_source, stream)
    window = Window.of(window)
    key = PartitionKey(declared_source.name, account, stream, window.start, window.end)
    options = client_options or ClientOptions()
    limiter = limiter or limiter_of(credentials, options)
    extraction = _Extraction(declared_source, declared, key, credentials, window, landing, run_id, options, limiter)
    try:
        manifest = extraction.run(now, allow_shrink=allow_shrink)
    except RequestError as error:
        if not extraction.is_refused_cursor(error):
            raise
        log.warning("%s: the vendor refuses to go on where the run before stopped; it begins anew. %s", key, error)
        manifest = extraction.run(now, allow_shrink=allow_shrink)
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


# What has nothing to do with the answers that were read. After everything else they are asked for anew.
_KEEPS_PROGRESS = (WaitNeeded, BudgetSpentError, VendorUnavailableError, AuthenticationError, AccessDeniedError)


@dataclass
class _Extraction:
    """One partition's extraction: client, progress, quarantine and landing, put together."""

    source: Source
    stream: Stream
    key: PartitionKey
    credentials: Credentials
    window: Window
    landing: Landing
    run_id: str
    options: ClientOptions
    limiter: Limiter

    def __post_init__(self) -> None:
        origin = [self.credentials.connection_id, self.source.base_url(self.credentials, self.key.account)]
        version = self.source.version.name if self.source.version else ""
        self.progress = Progress(self.landing, self.key, "|".join([*origin, version]))
        self.was_taken_up = False

    def is_refused_cursor(self, error: RequestError) -> bool:
        """Whether the first question after the kept answers was refused."""
        return self.was_taken_up and error.status in _STALE_CURSOR

    def run(self, now: datetime | None, *, allow_shrink: bool) -> Manifest:
        stats = LoadStats()
        moment = _settled_now(self.source, self.stream, self.window, now, self.options, stats)
        client = open_client(
            self.source,
            self.credentials,
            self.key.account,
            stats=stats,
            options=self.options,
            limiter=self.limiter,
            progress=self.progress,
        )
        context = ReadContext(self.source, self.stream, self.key.account, self.window, moment, client, self.landing)
        try:
            with Quarantine(self.landing, self.key, self.run_id, stats, self.stream.quarantine_share) as quarantine:
                manifest = self.landing.replace_partition(
                    self.key,
                    self._records(context, quarantine),
                    run_id=self.run_id,
                    extracted_at=moment,
                    stats=stats,
                    allow_shrink=allow_shrink,
                    quarantine=quarantine.content,
                )
            self.progress.discard()
        except (LandingError, SourceError) as error:
            self.was_taken_up = self.progress.replayed > 0 and client.live_replies == 0
            if self.progress.is_open and not isinstance(error, _KEEPS_PROGRESS):
                self.progress.discard()
            raise
        finally:
            client.close()
            self.progress.close()
        return manifest

    def _records(self, context: ReadContext, quarantine: Quarantine) -> Iterator[LandingRecord]:
        """Inside the partition's lock: nobody else writes its progress."""
        stats, before = context.client.stats, self.limiter.calls
        committed = self.landing.manifest(self.key) if self._is_readable() else None
        self.progress.open(context.now, committed_at=committed.committed_at if committed else None, run_id=self.run_id)
        context.now = self.progress.started_at or context.now
        self.limiter.calls += self.progress.run_calls
        stats.wait_seconds += self.progress.wait_seconds
        try:
            yield from records(context, quarantine)
        except BaseException:
            stats.call_count += max(self.progress.calls, self.progress.replayed)
            run_calls = self.limiter.calls - before
            self.progress.pause(stats.call_count, stats.wait_seconds, run_calls)
            raise
        stats.call_count += max(self.progress.calls, self.progress.replayed)

    def _is_readable(self) -> bool:
        try:
            self.landing.manifest(self.key)
        except ManifestError:
            return False
        return True


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


def records(context: ReadContext, quarantine: Quarantine) -> Iterator[LandingRecord]:
    """What a stream's reader gives, as rows of the window; what cannot be one goes into quarantine."""
    stream, window = context.stream, context.window
    older_too = stream.carries_older or stream.window_kind is WindowKind.WITH_PARENTS
    absence = _Absence(context) if stream.deletion is not None and stream.deletion.is_absence else None
    for raw in stream.reader(context):
        quarantine.seen += 1
        try:
            record = record_of(stream, raw, window)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            quarantine.add(raw, str(error.args[0]) if error.args else type(error).__name__)
            continue
        if stream.is_incremental:
            moment = record.record_updated_at
            if moment >= window.end or (moment < window.start and not older_too):
                continue
        if absence is not None:
            absence.here.add(record.record_id)
        yield record
    quarantine.judge()
    if absence is not None:
        yield from absence.tombstones()


def record_of(stream: Stream, raw: JsonObject, window: Window) -> LandingRecord:
    """One raw record as a row: its id, its time, its JSON.

    Raises:
        KeyError, ValueError: it lacks what it needs; the first argument says what.
    """
    is_tombstone = stream.deletion is not None and stream.deletion.shows_in(raw)
    for name in stream.deletion.required if is_tombstone and stream.deletion else stream.required:
        if at(raw, name) is None:
            raise KeyError(f"{name} is missing")
    record_id = stream.record_id(raw) if callable(stream.record_id) else at(raw, stream.record_id)
    if record_id is None:
        raise KeyError(f"{stream.record_id} is missing")
    updated = None if stream.updated_path is None else at(raw, stream.updated_path)
    moment = window.start if updated is None else instant_of(updated)
    return LandingRecord(str(record_id), moment, payload_of(raw))


class _Absence:
    """What the snapshot before this window held and this one does not: deleted since (`Deletion.by_absence`)."""

    def __init__(self, context: ReadContext) -> None:
        self._context = context
        self.here: set[str] = set()

    def tombstones(self) -> Iterator[LandingRecord]:
        """The last versions of what is gone, each with `social_sla_deleted` in front. The same for the same snapshots:
        its time is the window's start, or the last version's where that is later."""
        context = self._context
        landed = context.landing.stream_manifests(context.source.name, context.account, context.stream.name)
        earlier = [manifest for manifest in landed if manifest.partition_start < context.window.start]
        if not earlier:
            return
        newest: dict[str, LandingRecord] = {}
        for record in context.landing.read(max(earlier, key=lambda manifest: manifest.partition_start).key):
            known = newest.get(record.record_id)
            if record.record_id not in self.here and (known is None or record > known):
                newest[record.record_id] = record
        for record in newest.values():
            payload = json.loads(record.payload)
            if payload.get(DELETED) is not True:
                moment = max(record.record_updated_at, context.window.start)
                yield LandingRecord(record.record_id, moment, payload_of({DELETED: True, **payload}))


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


class Quarantine:
    """Records that lack what they need, with the reason, kept beside the partition as NDJSON.

    They are the vendor's raw records and hold personal data like the landing itself.
    """

    def __init__(self, landing: Landing, key: PartitionKey, run_id: str, stats: LoadStats, share: float = 0.01) -> None:
        self._landing = landing
        self._key = key
        self._token = f"{safe_name(run_id)}-stopped"
        self._stats = stats
        self._share = share
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
        too_many = self.count >= QUARANTINE_MINIMUM and self.count > self._share * self.seen
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
