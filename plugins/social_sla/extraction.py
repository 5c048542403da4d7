"""What is extracted, from where, in which order: channels.yaml and the sources' declarations, made into groups."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from social_sla.settings import Settings

if TYPE_CHECKING:
    from social_sla.landing import Landing, Manifest, PartitionKey
    from social_sla.sources.base import Credentials, Stream

MOST_TASKS = 8
"""Extraction tasks of one connection in a run."""


class ExtractionPlanError(ValueError):
    """What to extract cannot be worked out; the message says what to change, and where."""


@dataclass(frozen=True)
class StreamGroup:
    """Streams of one account that are extracted together, in this order."""

    account: str
    connection_id: str
    streams: tuple[str, ...]


@dataclass(frozen=True)
class Account:
    """One account of a source that some channel listens to."""

    source: str
    account: str
    connection_id: str


def accounts_in_use(config_dir: Path) -> list[Account]:
    """The accounts of `channels.yaml`, each once, in the file's order. Reads the file and nothing else.

    Raises:
        ExtractionPlanError: the file is missing, or one account is given two connections.
    """
    path = config_dir / "channels.yaml"
    try:
        document = yaml.safe_load(path.read_text()) or {}
    except FileNotFoundError:
        raise ExtractionPlanError(f"{path} is missing: list the channels to measure there.") from None
    found: dict[tuple[str, str], Account] = {}
    for channel in document.get("channels", []):
        source, name = str(channel["source"]), str(channel["account"])
        account = Account(source, name, str(channel.get("connection") or f"{source}_default"))
        known = found.setdefault((source, name), account)
        if known != account:
            raise ExtractionPlanError(
                f"{path}: account {name} of {source} has the connections {known.connection_id} and "
                f"{account.connection_id}. One account is extracted once: give its channels the same connection."
            )
    return list(found.values())


def sources_in_use(config_dir: Path) -> list[str]:
    """The sources of `channels.yaml`, each once."""
    return list(dict.fromkeys(account.source for account in accounts_in_use(config_dir)))


def connections_in_use(config_dir: Path) -> list[str]:
    """The connections of `channels.yaml`, each once."""
    return list(dict.fromkeys(account.connection_id for account in accounts_in_use(config_dir)))


def accounts_to_check(config_dir: Path, source: str, name: str | None = None) -> list[Account]:
    """The accounts of `source` in channels.yaml, or the one that is called `name`.

    Raises:
        ExtractionPlanError: there is none.
    """
    accounts = accounts_in_use(config_dir)
    found = [account for account in accounts if account.source == source and name in (None, account.account)]
    if not found:
        known = ", ".join(f"{account.source} {account.account}" for account in accounts)
        wanted = f"{source} {name}" if name else source
        raise ExtractionPlanError(f"{config_dir / 'channels.yaml'} has no channel of {wanted}; it has: {known}.")
    return found


def accounts_by_connection(config_dir: Path) -> dict[tuple[str, str], list[str]]:
    """The accounts of `channels.yaml` by source and connection."""
    found: dict[tuple[str, str], list[str]] = {}
    for account in accounts_in_use(config_dir):
        found.setdefault((account.source, account.connection_id), []).append(account.account)
    return found


def stream_groups(config_dir: Path, source: str) -> list[StreamGroup]:
    """How the streams of `source` are spread over tasks.

    Streams that depend on each other stay together, dependencies first. Snapshots, the reference data, are small and
    ride along with the account's last group: a task of their own would cost more than they do.
    """
    from social_sla.sources.registry import streams

    groups = []
    for account in accounts_in_use(config_dir):
        if account.source == source:
            for names in _connected(streams(source)):
                groups.append(StreamGroup(account.account, account.connection_id, tuple(names)))
    return groups


def tasks_by_connection(config_dir: Path, source: str) -> dict[str, list[list[dict[str, Any]]]]:
    """The groups of `source` spread over tasks, by connection: each task a list of {account, streams}.

    A group has a task of its own, but for companies with more accounts than `MOST_TASKS`: starting a task takes a
    second or two, which dozens of small accounts would mostly spend on that.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for group in stream_groups(config_dir, source):
        groups.setdefault(group.connection_id, []).append({"account": group.account, "streams": list(group.streams)})
    return {
        connection_id: [found[number::MOST_TASKS] for number in range(min(MOST_TASKS, len(found)))]
        for connection_id, found in groups.items()
    }


def extract_groups(
    settings: Settings,
    source: str,
    groups: Sequence[Mapping[str, Any]],
    credentials: Credentials,
    window: tuple[datetime, datetime],
    run_id: str,
    now: datetime | None = None,
    longest_sleep_seconds: float = math.inf,
) -> list[Manifest]:
    """Land streams for `window` = [start, end) UTC, one after the other; gives their manifests.

    A run that ended early is taken up by the next one with the same `run_id`: streams that it has landed are left as
    they are, and the one that it was at goes on where it stopped.

    Args:
        groups: `{"account": …, "streams": […]}`, in this order.
        now: the vendor's now, where its clock is not this machine's (the sandbox).
        longest_sleep_seconds: a longer wait raises WaitNeeded: come back then.
    """
    from social_sla.landing import Landing, PartitionKey
    from social_sla.sources.client import limiter_of
    from social_sla.sources.extract import extract_stream
    from social_sla.sources.retry import ClientOptions

    landing = Landing(settings.landing_url)
    options = ClientOptions(longest_sleep_seconds=longest_sleep_seconds, limits_dir=settings.home / "limits")
    limiter = limiter_of(credentials, options)
    done = _Done(landing, source, window, run_id)
    manifests = []
    for account, stream in [(group["account"], stream) for group in groups for stream in group["streams"]]:
        key = PartitionKey(source, account, stream, *window)
        landed = landing.manifest(key) if done.has(key) else None
        if landed is None or landed.run_id != run_id:
            landed = extract_stream(
                source,
                stream,
                account,
                credentials,
                window,
                landing,
                run_id,
                now=now,
                client_options=options,
                limiter=limiter,
            )
            done.add(key)
        manifests.append(landed)
    done.forget()
    return manifests


class _Done:
    """What an unfinished task has landed: small files beside the landing, until all of its streams are."""

    def __init__(self, landing: Landing, source: str, window: tuple[datetime, datetime], run_id: str) -> None:
        from social_sla.landing import PartitionKey
        from social_sla.landing.model import safe_name

        interval = PartitionKey(source, "done", safe_name(run_id), *window)
        self._files = landing.files
        self._folder = f"progress/.done/{interval.partition_key}"
        self._mine: list[str] = []

    def _path(self, key: PartitionKey) -> str:
        return f"{self._folder}/{key.folder.replace('/', '+')}"

    def has(self, key: PartitionKey) -> bool:
        """Whether this stream was landed by the run that did not end."""
        self._mine.append(self._path(key))
        return self._files.exists(self._path(key))

    def add(self, key: PartitionKey) -> None:
        """This stream is landed."""
        self._files.write_bytes(self._path(key), b"")

    def forget(self) -> None:
        """The task is done: the next one with these streams lands them anew."""
        for path in self._mine:
            self._files.remove(path)


def landed_rows(settings: Settings, source: str, window: tuple[datetime, datetime]) -> dict[str, int]:
    """Rows landed for `window`, by `account/stream`.

    Raises:
        ExtractionPlanError: a declared stream has no partition for exactly this window.
    """
    from social_sla.landing import Landing, PartitionKey

    landing = Landing(settings.landing_url)
    rows: dict[str, int] = {}
    for group in stream_groups(settings.config_dir, source):
        for stream in group.streams:
            manifest = landing.manifest(PartitionKey(source, group.account, stream, *window))
            if manifest is None:
                raise ExtractionPlanError(
                    f"{source}/{group.account}/{stream} has not landed for {window[0]} to {window[1]}: clear its task."
                )
            rows[f"{group.account}/{stream}"] = manifest.row_count
    return rows


def window_of(
    start: str | None, end: str | None, interval: tuple[datetime | None, datetime | None], run_after: datetime
) -> tuple[datetime, datetime]:
    """The window [start, end) of a run, UTC whole seconds.

    The params win (a history load); else the run's data interval; a run without one (started by hand) takes the
    last whole UTC day before it.

    Raises:
        ExtractionPlanError: only one of start and end is given, one is no ISO 8601 time, or they are not in order.
    """
    if (start is None) != (end is None):
        raise ExtractionPlanError("A history load needs both start and end; only one of them is given.")
    if start is not None and end is not None:
        window = (instant(start, "start"), instant(end, "end"))
    elif interval[0] is not None and interval[1] is not None and interval[0] < interval[1]:
        window = (interval[0].astimezone(UTC), interval[1].astimezone(UTC))
    else:
        midnight = datetime.combine(run_after.astimezone(UTC).date(), time.min, UTC)
        window = (midnight - timedelta(days=1), midnight)
    if window[0] >= window[1]:
        raise ExtractionPlanError(f"The window is empty: start {window[0]} is not before end {window[1]}.")
    return window


def instant(text: str, name: str = "time") -> datetime:
    """An ISO 8601 date or time as a UTC instant; without an offset it is UTC."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise ExtractionPlanError(
            f"{name} is {text!r}, which is no ISO 8601 date or time such as 2026-11-01 or 2026-11-01T00:00:00Z."
        ) from None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def month(text: str | None) -> date | None:
    """A period as `2026-10` or `2026-10-01`, as the month's first day; null stays null."""
    if text is None:
        return None
    try:
        return date.fromisoformat(f"{text}-01" if len(text) == 7 else text).replace(day=1)
    except ValueError:
        raise ExtractionPlanError(f"{text!r} is no month such as 2026-10.") from None


def _connected(streams: Iterable[Stream]) -> list[list[str]]:
    """Stream names in groups: what hangs together through `depends_on`, in order; snapshots with the last group."""
    by_name = {stream.name: stream for stream in streams}
    group_of = {name: {name} for name in by_name}
    for stream in by_name.values():
        for needed in stream.depends_on:
            merged = group_of[stream.name] | group_of[needed]
            for member in merged:
                group_of[member] = merged
    groups: list[list[str]] = []
    reference: list[str] = []
    for name in by_name:
        members = group_of[name]
        if any(by_name[member].is_incremental for member in members):
            if name == next(member for member in by_name if member in members):
                groups.append(_ordered(by_name, members))
        elif name not in reference:
            reference.extend(_ordered(by_name, members))
    if not groups:
        return [reference] if reference else []
    return [*groups[:-1], groups[-1] + reference]


def _ordered(by_name: dict[str, Stream], members: set[str]) -> list[str]:
    """`members` with every stream after those that it depends on."""
    ordered: list[str] = []

    def add(name: str) -> None:
        for needed in by_name[name].depends_on:
            add(needed)
        if name not in ordered:
            ordered.append(name)

    for name in by_name:
        if name in members:
            add(name)
    return ordered
