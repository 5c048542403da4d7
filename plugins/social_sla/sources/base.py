"""The words that a source is declared in: credentials, windows, streams, sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests.auth import AuthBase

from social_sla.sources.errors import CredentialsError, WindowError
from social_sla.sources.paging import Pager

if TYPE_CHECKING:
    from social_sla.landing import Landing
    from social_sla.sources.client import RestClient

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Credentials:
    """How to reach one account. Comes from an Airflow connection: host, login, password.

    `base_url` empty = the vendor's usual address; without a scheme it is https. `token` is the password field: a
    bearer token, or Zendesk's API token. It is in no `repr`.

    Raises:
        CredentialsError: no token, or one that cannot be sent in a header (line breaks, spaces, not Latin-1).
    """

    connection_id: str
    base_url: str = ""
    login: str = ""
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        # A token pasted with its line end is the usual slip; whatever else is odd is refused without showing it.
        object.__setattr__(self, "token", self.token.strip())
        object.__setattr__(self, "login", self.login.strip())
        if not self.token:
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
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
                raise CredentialsError(
                    f"The host of connection {self.connection_id!r} is not an address such as "
                    "https://company.zendesk.com (no user, no query)."
                )
        object.__setattr__(self, "base_url", url.rstrip("/"))


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


@dataclass(frozen=True)
class Request:
    """One GET, relative to the base URL."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict)


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

    def pages(self, request: Request, pager: Pager | None = None) -> Iterator[list[JsonObject]]:
        """The records of `request`, page by page, to the API's own end marker."""
        return self.client.pages(request, pager or self.stream.pager)


Reader = Callable[[ReadContext], Iterator[JsonObject]]


@dataclass(frozen=True)
class Stream:
    """One list of records of a source, declared.

    `updated_path` is null where the vendor gives no update time: then the window's start stands for it. `required`
    are paths without which a record is put into quarantine. `reader` yields the raw records; it may yield too much
    (what lies outside the window is left out), never too little. `depends_on` are streams that must be landed for the
    same window before. `carries_older`: the earliest partition also holds what changed last before it (people whose
    record is older than the history).
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

    @property
    def is_incremental(self) -> bool:
        return self.window_kind is WindowKind.INCREMENTAL


@dataclass(frozen=True)
class Source:
    """A vendor, declared: where it is, how to log in, which streams it has.

    `settle` is how long after an instant the vendor's lists are final for it. `probe` asks who we are for
    `check_source`: it returns a sentence on the account, and raises a SourceError where something is wrong.
    """

    name: str
    title: str
    default_base_url: str
    streams: tuple[Stream, ...]
    auth: Callable[[Credentials], AuthBase]
    probe: Callable[[RestClient, str], list[str]]
    settle: timedelta = timedelta(0)

    def base_url(self, credentials: Credentials, account: str) -> str:
        return credentials.base_url or self.default_base_url.format(account=account)
