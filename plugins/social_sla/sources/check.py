"""Is a connection good? In plain words, before the first extraction and when one fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from social_sla.landing import Landing
from social_sla.sources.base import Credentials, JsonObject, ReadContext, Source, Stream, Window
from social_sla.sources.client import RestClient, open_client
from social_sla.sources.errors import (
    AccessDeniedError,
    AccountNotFoundError,
    AuthenticationError,
    BudgetSpentError,
    SourceError,
    VendorUnavailableError,
    WaitNeeded,
)
from social_sla.sources.extract import record_of
from social_sla.sources.paths import at
from social_sla.sources.registry import get_source
from social_sla.sources.retry import ClientOptions

_LARGEST_SKEW = timedelta(seconds=30)
_LOOK_BACK = timedelta(days=6)
EXPIRY_WARNING_DAYS = 90
# People wait for the answer: few tries, short ones.
QUICK = ClientOptions(connect_timeout=5, read_timeout=20, max_attempts=2, max_wait_seconds=30, longest_sleep_seconds=30)


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
    source: str | Source,
    account: str,
    credentials: Credentials,
    *,
    now: datetime | None = None,
    client_options: ClientOptions | None = None,
) -> CheckReport:
    """Reachable, logged in, account found, allowed, API version, one record of the last days, quota left, clock skew.

    Lands nothing. `now` is the vendor's now where it is not this machine's clock (the sandbox). Never raises a
    SourceError: what is wrong is in the report.
    """
    declared = get_source(source) if isinstance(source, str) else source
    report = CheckReport(declared.name, account, credentials.connection_id)
    options = client_options or QUICK
    try:
        client = open_client(declared, credentials, account, options=options)
    except SourceError as error:
        report.add("connection complete", False, str(error))
        return report
    moment = now or datetime.fromtimestamp(options.clock(), UTC)
    try:
        if _identity(report, declared, client, account):
            _scopes(report, declared, client, account)
            _one_record(report, declared, client, account, moment)
        _version(report, declared, client, moment)
        # A folder knows neither.
        if client.stats.call_count:
            _quota(report, client, options)
            _clock(report, client, now, options)
    finally:
        client.close()
    return report


def _identity(report: CheckReport, source: Source, client: RestClient, account: str) -> bool:
    try:
        words = source.probe(client, account)
    except (VendorUnavailableError, WaitNeeded, BudgetSpentError) as error:
        report.add("reachable", False, str(error))
    except AuthenticationError as error:
        report.add("reachable", True, client.base_url)
        report.add("authenticated", False, str(error))
    except AccountNotFoundError as error:
        report.add("reachable", True, client.base_url)
        if client.stats.call_count:
            report.add("authenticated", True, f"connection {client.connection_id} is accepted")
        report.add("account found", False, str(error))
    except SourceError as error:
        report.add("reachable", True, client.base_url)
        report.add("allowed", False, str(error))
    else:
        report.add("reachable", True, client.base_url)
        if client.stats.call_count:
            report.add("authenticated", True, f"connection {client.connection_id} is accepted")
        report.add("account found", True, " ".join(words))
        return True
    return False


def _scopes(report: CheckReport, source: Source, client: RestClient, account: str) -> None:
    """What the login may do, where the vendor tells."""
    if source.scopes is None:
        return
    try:
        scopes = source.scopes(client, account)
    except SourceError as error:
        report.add("scopes", False, str(error))
        return
    if scopes.missing:
        page = f"docs/sources/{source.name}.md"
        report.add("scopes", False, f"missing: {', '.join(scopes.missing)}. Ask for them again ({page}).")
    elif scopes.granted is None:
        report.add("scopes", None, "the vendor does not say what this login may do")
    else:
        report.add("scopes", True, f"all that is needed ({', '.join(scopes.granted)})")


def _one_record(report: CheckReport, source: Source, client: RestClient, account: str, now: datetime) -> None:
    """The first record of the first stream that stands alone, read as an extraction would read it."""
    alone = [stream for stream in source.streams if not stream.depends_on]
    stream: Stream = next((item for item in alone if item.is_incremental), alone[0])
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
            when = f" of the last {_LOOK_BACK.days} days" if stream.is_incremental else ""
            report.add(f"one record of {stream.name}", None, f"there is none{when}")
            return
        missing = [name for name in stream.required if at(record, name) is None]
        words = f"it lacks {', '.join(missing)}" if missing else f"it has all of {', '.join(stream.required)}"
        if not stream.required:
            missing, words = _judged(stream, record, context.window)
        report.add(f"one record of {stream.name}", not missing, words)


def _judged(stream: Stream, record: JsonObject, window: Window) -> tuple[list[str], str]:
    """What is wrong with a record of a stream that names no required fields, and the words for it."""
    try:
        record_of(stream, record, window)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        fault = str(error.args[0]) if error.args else type(error).__name__
        return [fault], f"it would be rejected: {fault}"
    return [], "it is good"


def _version(report: CheckReport, source: Source, client: RestClient, now: datetime) -> None:
    """Which version of the API answers, and how long it will."""
    version = source.version
    if version is None:
        return
    used = client.last_headers.get(version.header, "") if version.header else ""
    if used and used != version.name:
        report.add("API version", False, f"asked for {version.name}, answered by {used}: update this connector")
        return
    if version.expires_on is None:
        report.add("API version", True, f"{version.name}; no end is announced")
        return
    days = (version.expires_on - now.date()).days
    where = f" ({version.announced_at})" if version.announced_at else ""
    if days < 0:
        report.add("API version", False, f"{version.name} ended on {version.expires_on}{where}: update this connector")
    else:
        soon = " Update this connector before." if days <= EXPIRY_WARNING_DAYS else ""
        words = f"{version.name}, until {version.expires_on}{where}, {days} days from now.{soon}"
        report.add("API version", None if soon else True, words)


def _quota(report: CheckReport, client: RestClient, options: ClientOptions) -> None:
    """The quota that is nearest to its end."""
    now = options.clock()
    found = [quota for quotas in client.limiter.quotas.values() for quota in quotas if quota.remaining is not None]
    if not found:
        report.add("quota left", None, "the vendor does not say")
        return
    quota = min(found, key=lambda item: (item.remaining or 0) / (item.limit or 1e9))
    is_percent = quota.name.endswith("-usage")
    left = f"{quota.remaining:.0f} %" if is_percent else f"{quota.remaining:.0f} of {_figure(quota.limit)} calls"
    when = "" if quota.reset_at is None else f", renewed in {max(0.0, quota.reset_at - now):.0f} s"
    report.add("quota left", not quota.is_spent, f"{left}{when}")


def _figure(value: float | None) -> str:
    return "?" if value is None else f"{value:.0f}"


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
