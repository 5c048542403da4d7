"""Credentials from Airflow connections, read when a task runs and never before."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook

if TYPE_CHECKING:
    from social_sla.sources.base import Credentials


class SourceHook(BaseHook):
    """One vendor account's connection as `Credentials`.

    Args:
        source_conn_id: the connection; channels.yaml names it, the default is `<source>_default`.
    """

    conn_name_attr = "source_conn_id"
    conn_type = "http"
    hook_name = "Social SLA source"

    def __init__(self, source_conn_id: str) -> None:
        super().__init__()
        self.source_conn_id = source_conn_id

    def credentials(self) -> Credentials:
        """Host, login, password and extra of the connection.

        Raises:
            AirflowNotFoundException: there is no such connection.
            CredentialsError: it lacks something.
        """
        from social_sla.sources.base import Credentials

        connection = self.get_connection(self.source_conn_id)
        return Credentials(
            connection_id=self.source_conn_id,
            base_url=connection.host or "",
            login=connection.login or "",
            token=connection.password or "",
            extra=connection.extra_dejson,
        )

    def now(self) -> datetime | None:
        """The vendor's now from the connection's extra `{"now": "…"}`; None for a vendor that lives in our time."""
        from social_sla.extraction import instant

        text = self.get_connection(self.source_conn_id).extra_dejson.get("now")
        return instant(text, f"now of connection {self.source_conn_id}") if text else None
