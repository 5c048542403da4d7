"""Files that other systems drop into a folder, declared. Layout, rules and rejects: docs/sources/files.md."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from social_sla.landing import ManifestError, PartitionKey
from social_sla.landing.digest import SeenDigests
from social_sla.sources.base import Credentials, JsonObject, ReadContext, Source, Stream, WindowKind
from social_sla.sources.client import RestClient
from social_sla.sources.errors import CredentialsError, QuarantineError, VendorUnavailableError
from social_sla.sources.file_drop import QUIET_SECONDS, REJECTS, Delivery, Folder, Found, Ledger, Rejects
from social_sla.sources.file_formats import FORMATS, FileRefusedError, Row, Unreadable
from social_sla.sources.file_layout import LAYOUTS, BadValue, Layout, iso
from social_sla.sources.paging import SinglePage
from social_sla.sources.wire import NoAuth

log = logging.getLogger(__name__)

REJECTED = "social_sla_rejected"
DELIVERY = "social_sla_delivery"
LINE = "social_sla_line"
_SHOWN_VALUE = 500
_FEW = 5


def _read(context: ReadContext) -> Iterator[JsonObject]:
    """The rows of the stream's files that have not landed with another partition, the oldest file first.

    What this partition holds already of files that have changed or gone since stays in it. Rejected rows are yielded,
    too, as records without an id, so that the quarantine gets them.
    """
    layout = LAYOUTS[context.stream.name]
    folder = Folder(context.client.base_url, context.account)
    key = PartitionKey(
        context.source.name, context.account, context.stream.name, context.window.start, context.window.end
    )
    contents = folder.contents(*_quiet(context.client))
    for path in contents.unfinished:
        log.info(
            "%s/%s is still being written (or ends in .part and the like): left for the next run.", folder.url, path
        )
    ledger = Ledger(context.landing, key)
    mine = tuple(one for one in contents.found if one.stream == layout.stream)
    read: list[Delivery] = []
    refused: list[JsonObject] = []
    for found, delivery in ledger.to_read(folder, mine):
        try:
            yield from _rows_of_file(folder, found, delivery, layout, context.now)
        except FileRefusedError as error:
            refused.append(_refusal(found, error))
        read.append(delivery)
    if refused:
        _refuse(context, key, folder, refused)
    yield from _kept_rows(context, key, {delivery.name for delivery in read})
    ledger.write([*ledger.kept(read), *read])


def _rows_of_file(
    folder: Folder, found: Found, delivery: Delivery, layout: Layout, now: datetime
) -> Iterator[JsonObject]:
    """The rows of one file: good ones as they land, rejected ones marked.

    Raises:
        FileRefusedError: no row can be read; it is in the rejects.
        VendorUnavailableError: the file has changed while it was read.
    """
    rejects = Rejects(folder, found.path)
    with ExitStack() as stack:
        # Closed early, by whoever has seen enough of it: one look by `check`, or far too many rejects.
        stack.callback(lambda: rejects.publish() if rejects.count > 1 else rejects.abandon())
        ids, contents = stack.enter_context(SeenDigests()), stack.enter_context(SeenDigests())
        handle = stack.enter_context(folder.open(found.path))
        try:
            for row in FORMATS[found.format](handle, layout):
                try:
                    good = _good(row, delivery, layout, now, ids, contents)
                except BadValue as fault:
                    reject = _reject(found, row, fault)
                    rejects.add(reject)
                    yield {REJECTED: reject}
                else:
                    if good is not None:
                        yield good
        except FileRefusedError as error:
            rejects.add(_refusal(found, error))
            rejects.publish()
            raise
        if not folder.is_as_found(found):
            raise VendorUnavailableError(
                f"{folder.url}/{found.path} has changed while it was read. Nothing was replaced; run it again. Write "
                "files under a name that ends in .part and rename them when they are whole."
            )
        rejects.publish()
    if rejects.count:
        log.warning("%s/%s: %d rows rejected, see %s/.", folder.url, found.path, rejects.count, REJECTS)


def _good(
    row: Row | Unreadable, delivery: Delivery, layout: Layout, now: datetime, ids: SeenDigests, contents: SeenDigests
) -> JsonObject | None:
    """A row as it lands; None where the file has the very same row before.

    Raises:
        BadValue: it cannot land.
    """
    if isinstance(row, Unreadable):
        raise row.fault
    fields = layout.read(row.fields, now)
    content = hashlib.sha256(json.dumps(fields, sort_keys=True, default=str).encode()).digest()
    fields["updated_at"] = fields.get("updated_at") or iso(delivery.version_at)
    name = f"{layout.record_id(fields)} {fields['updated_at']}"
    if not contents.add(content):
        return None
    if not ids.add(hashlib.sha256(name.encode()).digest()):
        raise BadValue(
            "/".join(layout.key),
            "stands in an earlier row of this file with other content",
            "Keep one of them, or say by updated_at which is newer.",
        )
    return {**fields, DELIVERY: delivery.name, LINE: row.line}


def _reject(found: Found, row: Row | Unreadable, fault: BadValue) -> JsonObject:
    """A rejected row as people read it."""
    shown: Any = row.raw if isinstance(row, Unreadable) else row.fields
    if isinstance(shown, dict):
        shown = {name: value[:_SHOWN_VALUE] if isinstance(value, str) else value for name, value in shown.items()}
    return {
        "file": found.path,
        "line": row.line,
        "field": fault.field,
        "reason": fault.reason,
        "advice": fault.advice,
        "row": shown,
    }


def _refusal(found: Found, error: FileRefusedError) -> JsonObject:
    """A refused file as people read it."""
    fault = BadValue(error.field or "file", error.reason, error.advice)
    return _reject(found, Unreadable(error.line, fault, ""), fault)


def _refuse(context: ReadContext, key: PartitionKey, folder: Folder, refused: list[JsonObject]) -> None:
    """Stops the run: a whole file is far more than the share of rows that may be rejected, and without the replies in
    it promises would look broken."""
    lines = [json.dumps({"reason": one["reason"], "record": one}, ensure_ascii=False) + "\n" for one in refused]
    token = f"{context.stream.name}-stopped"
    context.landing.write_quarantine(key, "".join(lines).encode("utf-8", "replace"), token=token)
    named = "; ".join(f"{one['file']} {one['reason']}: {one['advice'].rstrip('.')}" for one in refused[:_FEW])
    raise QuarantineError(
        f"{_files(len(refused))} of {context.stream.name} in {folder.url} cannot be read: {named}. Nothing was "
        f"replaced. Correct what is named, or move it out of the folder, and run it again. The same is in {REJECTS}/."
    )


def _kept_rows(context: ReadContext, key: PartitionKey, read: set[str]) -> Iterator[JsonObject]:
    """What the committed partition holds of other deliveries than those that were read now."""
    try:
        if context.landing.manifest(key) is None:
            return
        for record in context.landing.read(key):
            payload = json.loads(record.payload)
            if payload.get(DELIVERY) not in read:
                yield payload
    except ManifestError as error:
        log.warning("%s: what it held cannot be read and is read from the folder again. %s", key, error)


def _record_id(layout: Layout) -> Callable[[JsonObject], str]:
    def record_id(raw: JsonObject) -> str:
        reject = raw.get(REJECTED)
        if reject is not None:
            raise ValueError(f"{reject['field']} {reject['reason']}")
        return layout.record_id(raw)

    return record_id


def _quiet(client: RestClient) -> tuple[float, datetime]:
    """How long a file must have rested, in seconds, and what time it is where the files lie."""
    text = client.credentials.extra.get("quiet_seconds", QUIET_SECONDS)
    try:
        seconds = float(text)
    except (TypeError, ValueError):
        raise CredentialsError(
            f"quiet_seconds in the extra of connection {client.connection_id!r} is {text!r}, not a number of seconds."
        ) from None
    return seconds, datetime.now(UTC)


def _probe(client: RestClient, account: str) -> list[str]:
    folder = Folder(client.base_url, account)
    seconds, now = _quiet(client)
    contents = folder.contents(seconds, now)
    streams = Counter(found.stream for found in contents.found)
    counted = ", ".join(f"{streams[name]} {name}" for name in LAYOUTS if streams[name])
    words = [
        f"The folder {folder.url} is readable: {_files(len(contents.found))} to read{counted and f' ({counted})'}."
    ]
    if contents.unfinished:
        words.append(
            f"{_files(len(contents.unfinished))} left for later, still being written or changed less than "
            f"{seconds:.0f} s ago: {_few(contents.unfinished)}."
        )
    if contents.unknown:
        words.append(
            f"{_files(len(contents.unknown))} never read, because the name does not begin with a stream "
            f"({', '.join(LAYOUTS)}) or does not end in .csv, .ndjson, .jsonl or .parquet: {_few(contents.unknown)}."
        )
    return words


def _files(count: int) -> str:
    return f"{count} {'file' if count == 1 else 'files'}"


def _few(paths: tuple[str, ...]) -> str:
    return ", ".join(paths[:_FEW]) + (" …" if len(paths) > _FEW else "")


def _no_login(_: Credentials) -> NoAuth:
    return NoAuth()


FILES = Source(
    name="files",
    title="Files",
    default_base_url="",
    auth=_no_login,
    probe=_probe,
    streams=tuple(
        # Everything that has not landed yet, whatever its times: a file that comes late is not lost. The window names
        # the partition. Rows are judged by their layout, with better words than a list of required fields has.
        Stream(
            name=layout.stream,
            endpoint=layout.stream,
            pager=SinglePage(),
            reader=_read,
            window_kind=WindowKind.SNAPSHOT,
            record_id=_record_id(layout),
            required=(),
        )
        for layout in LAYOUTS.values()
    ),
)
