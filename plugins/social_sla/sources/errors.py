"""What can go wrong at a vendor, in words that say what to do next. No message ever holds a secret."""

from __future__ import annotations

from datetime import datetime


class SourceError(RuntimeError):
    """An extraction cannot go on. The partition that it was for stays as it was."""


class CredentialsError(SourceError):
    """A connection lacks something, or holds something that cannot be sent."""


class AuthenticationError(SourceError):
    """401: the vendor does not accept the connection's secret (wrong, expired, revoked)."""


class AccessDeniedError(SourceError):
    """403: the secret is accepted, but may not read this (scope, role, plan)."""


class RequestError(SourceError):
    """Another 4xx: the request itself is refused; asking again would not help."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class VendorUnavailableError(SourceError):
    """The vendor kept failing, or asked to wait longer than this run may."""


class WaitNeeded(SourceError):
    """The vendor wants a longer pause than this process may sleep. What was read is kept; go on at `until` (UTC)."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class BudgetSpentError(SourceError):
    """The calls that a user allows this connection in one run are made. What was read is kept for the next run."""


class PagingError(SourceError):
    """A list does not end as its API promises: it points to itself, or names no next page before its end."""


class ResponseShapeError(SourceError):
    """An answer is JSON but lacks what it must hold (the list of records, the paging fields)."""


class QuarantineError(SourceError):
    """Too many records lack a required field: the vendor's schema has changed, or the declaration is wrong."""


class IncompleteListingError(SourceError):
    """The vendor ended a list at its cap and offers no other way to the rest."""


class AccountNotFoundError(SourceError):
    """The vendor does not know the account, or does not show it to this connection."""


class WindowError(SourceError, ValueError):
    """The window is empty, has no zone or fractions of a second, or is not over yet."""


class UnknownStreamError(SourceError, LookupError):
    """No such source or stream is declared."""
