"""Telling people: through the connections that `[social_sla] notify` names, each notice once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook, conf, timezone

from social_sla.settings import Settings

if TYPE_CHECKING:
    from social_sla.review.decisions import Notice

TIMEOUT_SECONDS = 30


def notify_connections() -> list[str]:
    """Connections that notices go to (`[social_sla] notify`, ids parted by commas; none by default)."""
    return [name.strip() for name in conf.get("social_sla", "notify", fallback="").split(",") if name.strip()]


def tell(settings: Settings, notices: Sequence[Notice], run_id: str, log: Any) -> list[Notice]:
    """Sends each notice to every connection, once, also after retries; says in the log what it sends.

    Raises:
        NotifyError: a connection refused; what was sent before stays marked as sent.
    """
    from social_sla.review.decisions import Notice, send_once

    connections = notify_connections()
    each = [
        Notice(f"{notice.kind}@{connection}", notice.flag_id, notice.due_at, notice.subject, notice.text)
        for notice in notices
        for connection in connections
    ]
    if notices and not connections:
        subjects = "; ".join(notice.subject for notice in notices)
        log.info("[social_sla] notify names no connection, so nobody is told: %s", subjects)

    def send(notice: Notice) -> None:
        log.info("%s: %s", notice.kind, notice.subject)
        send_to(notice.kind.partition("@")[2], notice.subject, notice.text)

    return send_once(settings, each, send, timezone.utcnow(), run_id)


class NotifyError(RuntimeError):
    """A notice could not be sent; the message says through which connection and why."""


def send_to(connection_id: str, subject: str, text: str) -> None:
    """One message by mail (`smtp`, to the addresses in the extra `to`) or webhook (`slackwebhook`, `http`).

    Raises:
        NotifyError: the connection cannot be used, or the other side refused.
    """
    connection = BaseHook.get_connection(connection_id)
    if connection.conn_type == "smtp":
        _mail(connection_id, connection.extra_dejson.get("to"), subject, text)
    elif connection.conn_type in ("slackwebhook", "http"):
        _post(connection_id, connection, subject, text)
    else:
        raise NotifyError(
            f"Connection {connection_id} is of type {connection.conn_type}; notices go to smtp, slackwebhook or http."
        )


def _mail(connection_id: str, to: Any, subject: str, text: str) -> None:
    from html import escape

    from airflow.providers.smtp.hooks.smtp import SmtpHook

    if not to:
        raise NotifyError(f'Connection {connection_id} names nobody to write to: put {{"to": ["…"]}} into its extra.')
    with SmtpHook(smtp_conn_id=connection_id) as hook:
        hook.send_email_smtp(to=to, subject=" ".join(subject.split()), html_content=f"<p>{escape(text)}</p>")


def _post(connection_id: str, connection: Any, subject: str, text: str) -> None:
    import requests

    host = connection.host or ""
    url = f"{host if '://' in host else f'https://{host}'}".rstrip("/")
    # A webhook's address is its secret, and lies in the password as Slack's own hook has it.
    if connection.password:
        url = f"{url}/{connection.password.lstrip('/')}"
    try:
        answer = requests.post(url, json={"text": f"*{subject}*\n{text}"}, timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        # The error's own words would hold the address.
        raise NotifyError(f"Connection {connection_id} could not be reached ({type(error).__name__}).") from None
    if not answer.ok:
        raise NotifyError(f"Connection {connection_id} answered {answer.status_code}.")


__all__ = ["NotifyError", "notify_connections", "send_to", "tell"]
