"""The words that a source is declared in: credentials, windows, streams, sources (docs/sources/adding-one.md)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests.auth import AuthBase

from social_sla.landing import PartitionKey
from social_sla.landing.digest import SeenDigests
from social_sla.sources.errors import CredentialsError, RequestError, SourceError, WindowError
from social_sla.sources.paging import Page, Pager, Params
from social_sla.sources.paths import at
from social_sla.sources.retry import Again, Refusal

if TYPE_CHECKING:
    from social_sla.landing import Landing
    from social_sla.sources.client import RestClient

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Credentials:
    """How to reach one account. Comes from an Airflow connection: host, login, password.

    `base_url` empty = the vendor's usual address; without a scheme it is https. `token` is the password field: a
    bearer token, or Zendesk's API token. It is in no `repr`. `extra` is the connection's extra: what else a vendor's
    login needs (`client_id`, `refresh_token`), and the budget (`max_calls_per_minute`, `max_calls_per_run`). A folder
    or bucket (`/drop`, `file:///drop`, `s3://…`) needs no token.

    Raises:
        CredentialsError: no token, or one that cannot be sent in a header (line breaks, spaces, not Latin-1).
    """

    connection_id: str
    base_url: str = ""
    login: str = ""
    token: str = field(default="", repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        # A token pasted with its line end is the usual slip; whatever else is odd is refused without showing it.
        object.__setattr__(self, "token", self.token.strip())
        object.__setattr__(self, "login", self.login.strip())
        if self.base_url.strip().startswith("/"):
            object.__setattr__(self, "base_url", f"file://{self.base_url.strip()}")
        scheme = self.base_url.partition("://")[0].strip() if "://" in self.base_url else "https"
        if not self.token and (scheme in ("http", "https") or not scheme.isalnum()):
            raise CredentialsError(
                f"The connection {self.connection_id!r} has no password: put the API token there "
                "(Airflow: Admin > Connections)."
            )
        for name in ("token", "login"):
            value = getattr(self, name)
            if any(character <= " " or character == "\x7f" or ord(character) > 255 for character in value):
                raise CredentialsError(
                    f"The {'password' if name == 'token' else name} of connection {self.connection_id!r} holds a "
                    "space, a line break or a character that no token has. Paste it again."
                )
        url = self.base_url.strip()
        if url and "://" not in url:
            url = f"https://{url}"
        if url:
            parts = urlsplit(url)
            is_web = scheme in ("http", "https") or bool(self.token)
            if is_web and (
                parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query
            ):
                raise CredentialsError(
                    f"The host of connection {self.connection_id!r} is not an address such as "
                    "https://company.zendesk.com (no user, no query)."
                )
        object.__setattr__(self, "base_url", url.rstrip("/"))

    def option(self, name: str) -> str:
        """One text of the extra that this vendor's login needs.

        Raises:
            CredentialsError: it is missing.
        """
        value = str(self.extra.get(name) or "").strip()
        if not value:
            raise CredentialsError(
                f"The extra of connection {self.connection_id!r} lacks {name!r} (docs/sources says where to get it)."
            )
        return value

    def secrets(self) -> list[str]:
        """Texts that must be in no message: the token, and what the extra names so."""
        named = [
            str(value)
            for name, value in self.extra.items()
            if value and any(word in name.lower() for word in ("token", "secret", "password", "key"))
        ]
        return [self.token, *named] if self.token else named


@dataclass(frozen=True)
class Window:
    """`[start, end)`, UTC, whole seconds: what one extraction covers.

    Raises:
        WindowError: a bound has no zone or a fraction of a second, or `end` is not after `start`.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            value: datetime = getattr(self, name)
            if value.tzinfo is None or value.microsecond:
                raise WindowError(f"The window's {name} must be a whole second with a time zone, not {value!r}.")
            object.__setattr__(self, name, value.astimezone(UTC))
        if self.end <= self.start:
            raise WindowError(f"The window ends ({self.end.isoformat()}) at or before its start.")

    @classmethod
    def of(cls, value: Window | tuple[datetime, datetime]) -> Window:
        return value if isinstance(value, Window) else cls(*value)


class WindowKind(Enum):
    """What the window means for a stream."""

    INCREMENTAL = "incremental"
    """Only records whose update time lies in the window."""

    SNAPSHOT = "snapshot"
    """All records as they are now; the window only names the partition."""

    WITH_PARENTS = "with_parents"
    """The records below the parents that were landed for the window (the messages of its tickets), up to the window's
    end however old they are: a parent that changes again is in a later window only, and its records go with it."""


@dataclass(frozen=True)
class Request:
    """One question, relative to the base URL: a GET, or a POST of `json` where a vendor's search is asked so."""

    path: str
    params: Params = field(default_factory=dict)
    json: Mapping[str, Any] | None = None


@dataclass
class ReadContext:
    """What a stream's reader gets. `now` is the vendor's now."""

    source: Source
    stream: Stream
    account: str
    window: Window
    now: datetime
    client: RestClient
    landing: Landing

    def pages(
        self, request: Request, pager: Pager | None = None, *, gone_is_empty: bool = False
    ) -> Iterator[list[JsonObject]]:
        """The records of `request`, page by page, to the API's own end marker.

        `gone_is_empty`: 404 and 410 are an empty list, for what may be deleted between two calls.
        """
        pages = self.client.pages(request, pager or self.stream.pager)
        if not gone_is_empty:
            yield from pages
            return
        try:
            yield from pages
        except RequestError as error:
            if error.status not in (404, 410):
                raise

    def rows(
        self, request: Request, pager: Pager | None = None, *, gone_is_empty: bool = False
    ) -> Iterator[JsonObject]:
        """As `pages`, record by record."""
        for page in self.pages(request, pager, gone_is_empty=gone_is_empty):
            yield from page

    def nested(self, body: Any, pager: Pager, request: Request | None = None) -> Iterator[JsonObject]:
        """The records of a list that came inside a record, and of the pages that follow it (Graph API: `comments`)."""
        if body is None:
            return
        rows = pager.items(body)
        yield from rows
        following = pager.following(Page(body, {}, request, len(rows)))
        if following is not None:
            yield from self.rows(self.client.request_of(following, request or Request("")), pager)

    def landed(self, stream: str) -> Iterator[JsonObject]:
        """The records of another stream of this account in the same window's partition, each once, in one version.

        Raises:
            PartitionMissingError: it was not landed; name it in `depends_on`.
        """
        key = PartitionKey(self.source.name, self.account, stream, self.window.start, self.window.end)
        with SeenDigests() as seen:
            for record in self.landing.read(key):
                if seen.add(hashlib.sha256(record.record_id.encode()).digest()):
                    yield json.loads(record.payload)


Reader = Callable[[ReadContext], Iterator[JsonObject]]

DELETED = "social_sla_deleted"
"""Key that a tombstone carries in front of the last version that was seen (`Deletion.by_absence`)."""


@dataclass(frozen=True)
class Deletion:
    """How a stream shows that a record was deleted. A tombstone needs only its id and its time (`required`)."""

    path: str = ""
    values: tuple[Any, ...] = ()
    is_absence: bool = False
    required: tuple[str, ...] = ("id",)

    @classmethod
    def by_value(cls, path: str, *values: Any, required: tuple[str, ...] = ("id",)) -> Deletion:
        """A field says so: Zendesk `status` = `deleted`, a flag that is true."""
        return cls(path, values, required=required)

    @classmethod
    def by_time(cls, path: str, *, required: tuple[str, ...] = ("id",)) -> Deletion:
        """A field holds when: `deleted_at`, null while the record lives."""
        return cls(path, required=required)

    @classmethod
    def by_absence(cls) -> Deletion:
        """A snapshot lacks what the one before held: that lands once more, with `social_sla_deleted`: true."""
        return cls(is_absence=True)

    def shows_in(self, record: JsonObject) -> bool:
        """Whether the record is a tombstone."""
        if self.is_absence:
            return record.get(DELETED) is True
        value = at(record, self.path)
        return value in self.values if self.values else value not in (None, False, "")


@dataclass(frozen=True)
class Stream:
    """One list of records of a source, declared.

    `updated_path` is null where the vendor gives no update time: then the window's start stands for it. `required`
    are paths without which a record is put into quarantine; more than `quarantine_share` of those stop the run.
    `reader` yields the raw records; it may yield too much (what lies outside the window is left out), never too little.
    `depends_on` are streams that must be landed for the same window before. `carries_older`: the earliest partition
    also holds what changed last before it (people whose record is older than the history). `endpoint` may hold
    `{account}`. Paths are dotted (`data.id`).
    """

    name: str
    endpoint: str
    pager: Pager
    reader: Reader
    window_kind: WindowKind = WindowKind.INCREMENTAL
    record_id: Callable[[JsonObject], str] | str = "id"
    updated_path: str | None = "updated_at"
    required: tuple[str, ...] = ("id",)
    depends_on: tuple[str, ...] = ()
    carries_older: bool = False
    deletion: Deletion | None = None
    quarantine_share: float = 0.01

    @property
    def is_incremental(self) -> bool:
        return self.window_kind is not WindowKind.SNAPSHOT


@dataclass(frozen=True)
class ApiVersion:
    """The version of a vendor's API that a source speaks. `expires_on` is the vendor's announced last day, if any.

    `header` is the answer's header that names the version that was really used (Graph API: `facebook-api-version`).
    """

    name: str
    expires_on: date | None = None
    header: str = ""
    announced_at: str = ""


@dataclass(frozen=True)
class Scopes:
    """What a login is allowed. `granted` null = the vendor does not tell."""

    granted: tuple[str, ...] | None
    missing: tuple[str, ...] = ()


def _one_limit(_: str) -> str:
    return ""


@dataclass(frozen=True)
class Source:
    """A vendor, declared: where it is, how to log in, which streams it has.

    `settle` is how long after an instant the vendor's lists are final for it. `probe` asks who we are for
    `check_source`: it returns a sentence on the account, and raises a SourceError where something is wrong. `scopes`
    tells what the login may do. `headers` go with every request. `refusal` reads the refusals that a vendor says in a
    way of its own (a quota as 403): ask again, or an error; null = as their status says. `limit_bucket` gives the limit
    that a path counts towards, where a vendor's limits are per endpoint.
    """

    name: str
    title: str
    default_base_url: str
    streams: tuple[Stream, ...]
    auth: Callable[[Credentials], AuthBase]
    probe: Callable[[RestClient, str], list[str]]
    settle: timedelta = timedelta(0)
    headers: Mapping[str, str] = field(default_factory=dict)
    version: ApiVersion | None = None
    scopes: Callable[[RestClient, str], Scopes] | None = None
    refusal: Callable[[Refusal], Again | SourceError | None] | None = None
    limit_bucket: Callable[[str], str] = _one_limit

    def base_url(self, credentials: Credentials, account: str) -> str:
        return credentials.base_url or self.default_base_url.format(account=account)

    def with_streams(self, *streams: Stream) -> Source:
        """A copy with other streams: for tests."""
        return replace(self, streams=streams)
