"""Is a connection good? In plain words, before the first extraction and when one fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from social_sla.landing import Landing
from social_sla.sources.base import Credentials, ReadContext, Source, Stream, Window
from social_sla.sources.client import RestClient
from social_sla.sources.errors import (
    AccessDeniedError,
    AccountNotFoundError,
    AuthenticationError,
    SourceError,
    VendorUnavailableError,
)
from social_sla.sources.registry import get_source
from social_sla.sources.retry import ClientOptions, asked_wait

_LARGEST_SKEW = timedelta(seconds=30)
_LOOK_BACK = timedelta(days=6)
# People wait for the answer: few tries, short ones.
QUICK = ClientOptions(connect_timeout=5, read_timeout=20, max_attempts=2, max_wait_seconds=30)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `ok` None = it could not be told."""

    what: str
    ok: bool | None
    words: str

    def __str__(self) -> str:
        mark = {True: "ok  ", False: "FAIL", None: "?   "}[self.ok]
        return f"{mark} {self.what}: {self.words}"


@dataclass
class CheckReport:
    """What `check_source` found, in order. `ok` when nothing failed."""

    source: str
    account: str
    connection_id: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return all(finding.ok is not False for finding in self.findings)

    def add(self, what: str, ok: bool | None, words: str) -> None:
        self.findings.append(Finding(what, ok, words))

    def __str__(self) -> str:
        head = f"{self.source}, account {self.account}, connection {self.connection_id}"
        return "\n".join([head, *(str(finding) for finding in self.findings)])


def check_source(
    source: str,
    account: str,
    credentials: Credentials,
    *,
    now: datetime | None = None,
    client_options: ClientOptions | None = None,
) -> CheckReport:
    """Reachable, logged in, account found, one record of the last days, quota left, clock skew. Lands nothing.

    `now` is the vendor's now where it is not this machine's clock (the sandbox). Never raises a SourceError: what is
    wrong is in the report.
    """
    declared = get_source(source)
    report = CheckReport(source, account, credentials.connection_id)
    options = client_options or QUICK
    client = RestClient(
        credentials, declared.base_url(credentials, account), declared.auth(credentials), options=options
    )
    try:
        if _identity(report, declared, client, account):
            _one_record(report, declared, client, account, now or datetime.fromtimestamp(options.clock(), UTC))
        _quota(report, client, options)
        _clock(report, client, now, options)
    finally:
        client.close()
    return report


def _identity(report: CheckReport, source: Source, client: RestClient, account: str) -> bool:
    try:
        words = source.probe(client, account)
    except VendorUnavailableError as error:
        report.add("reachable", False, str(error))
    except AuthenticationError as error:
        report.add("reachable", True, client.base_url)
        report.add("authenticated", False, str(error))
    except AccountNotFoundError as error:
        report.add("reachable", True, client.base_url)
        report.add("authenticated", True, f"connection {client.connection_id} is accepted")
        report.add("account found", False, str(error))
    except SourceError as error:
        report.add("reachable", True, client.base_url)
        report.add("allowed", False, str(error))
    else:
        report.add("reachable", True, client.base_url)
        report.add("authenticated", True, f"connection {client.connection_id} is accepted")
        report.add("account found", True, " ".join(words))
        return True
    return False


def _one_record(report: CheckReport, source: Source, client: RestClient, account: str, now: datetime) -> None:
    """The first record of the first incremental stream, read as an extraction would read it."""
    stream: Stream = next(item for item in source.streams if item.is_incremental)
    end = now.replace(microsecond=0)
    context = ReadContext(
        source, stream, account, Window(end - _LOOK_BACK, end), now, client, Landing("memory://social-sla-check")
    )
    try:
        record = next(iter(stream.reader(context)), None)
    except AccessDeniedError as error:
        report.add(f"may read {stream.name}", False, str(error))
    except SourceError as error:
        report.add(f"can read {stream.name}", False, str(error))
    else:
        if record is None:
            report.add(f"one record of {stream.name}", None, f"there is none of the last {_LOOK_BACK.days} days")
            return
        missing = [name for name in stream.required if record.get(name) is None]
        words = f"it lacks {', '.join(missing)}" if missing else f"it has all of {', '.join(stream.required)}"
        report.add(f"one record of {stream.name}", not missing, words)


def _quota(report: CheckReport, client: RestClient, options: ClientOptions) -> None:
    headers = client.last_headers
    for name in ("x-rate-limit-remaining", "ratelimit-remaining", "rate-limit-remaining"):
        left = headers.get(name)
        if left is not None and left.strip().isdigit():
            limit = headers.get("x-rate-limit-limit") or headers.get("x-rate-limit") or headers.get("ratelimit-limit")
            reset = asked_wait(headers, options.clock)
            when = "" if reset is None else f", renewed in {reset:.0f} s"
            report.add("quota left", int(left) > 0, f"{left.strip()} of {limit or '?'} calls{when}")
            return
    report.add("quota left", None, "the vendor does not say")


def _clock(report: CheckReport, client: RestClient, now: datetime | None, options: ClientOptions) -> None:
    if now is not None:
        report.add("clock", None, "not compared: the vendor's now was given")
        return
    try:
        theirs = parsedate_to_datetime(client.last_headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        report.add("clock", None, "the vendor does not say what time it is")
        return
    skew = (datetime.fromtimestamp(options.clock(), UTC) - theirs).total_seconds()
    too_large = abs(skew) > _LARGEST_SKEW.total_seconds()
    words = f"this machine is {abs(skew):.0f} s {'ahead of' if skew >= 0 else 'behind'} the vendor"
    report.add("clock", not too_large, words + (": set it by NTP" if too_large else ""))
