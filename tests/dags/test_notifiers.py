"""Notices leave through Airflow's connections, over real HTTP and SMTP on this machine."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from logging import getLogger
from pathlib import Path

import pytest
from social_sla.review.decisions import Notice
from social_sla.settings import Settings

from tests.support.http_stub import Answer, running_stub

NOTICE = Notice("reminder", "f1", datetime(2026, 11, 10, tzinfo=UTC).isoformat(), "Desk:\nmissed", "Decide by <then>.")
SECRET = "T000/B000/webhook-secret"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env({"SOCIAL_SLA_HOME": str(tmp_path)})


class _Mailbox(socketserver.StreamRequestHandler):
    """Takes one mail, as a server of the plainest kind."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            word = line.strip().upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b""
                while (row := self.rfile.readline()) != b".\r\n":
                    text += row
                self.server.mails.append(text.decode())  # type: ignore[attr-defined]
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def mailbox() -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mailbox) as server:
        server.mails = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def connect(monkeypatch: pytest.MonkeyPatch, name: str, **fields: object) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(fields))


def told(settings: Settings, monkeypatch: pytest.MonkeyPatch, *connections: str) -> list[str]:
    from social_sla.airflow.notifiers import tell

    monkeypatch.setenv("AIRFLOW__SOCIAL_SLA__NOTIFY", ", ".join(connections))
    return [notice.kind for notice in tell(settings, [NOTICE], "run-1", getLogger(__name__))]


def test_a_notice_goes_to_every_connection_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, mailbox: socketserver.ThreadingTCPServer
) -> None:
    with running_stub() as hook:
        hook.on(f"/services/{SECRET}", Answer("ok"))
        connect(monkeypatch, "care_chat", conn_type="slackwebhook", host=f"{hook.url}/services", password=SECRET)
        extra = {"to": ["manager@aurora.example"], "from_email": "sla@aurora.example", "disable_ssl": True}
        port = mailbox.server_address[1]
        plain = {**extra, "disable_tls": True}
        connect(monkeypatch, "care_mail", conn_type="smtp", host="127.0.0.1", port=port, extra=plain)
        assert told(settings, monkeypatch, "care_chat", "care_mail") == ["reminder@care_chat", "reminder@care_mail"]
        # A retry of the task, and the next day's run.
        assert told(settings, monkeypatch, "care_chat", "care_mail") == []
        (call,) = hook.calls
    assert call.json == {"text": "*Desk:\nmissed*\nDecide by <then>."}
    (mail,) = mailbox.mails  # type: ignore[attr-defined]
    assert "Subject: Desk: missed" in mail
    assert "manager@aurora.example" in mail


def test_a_webhook_that_refuses_is_named_without_its_secret(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from social_sla.airflow.notifiers import NotifyError

    with running_stub() as hook:
        connect(monkeypatch, "care_chat", conn_type="slackwebhook", host=hook.url, password=SECRET)
        with pytest.raises(NotifyError, match="care_chat answered 404") as refused:
            told(settings, monkeypatch, "care_chat")
    with pytest.raises(NotifyError, match="care_chat could not be reached") as unreachable:
        told(settings, monkeypatch, "care_chat")
    assert SECRET not in f"{refused.value}{unreachable.value}"


def test_a_connection_that_cannot_carry_notices_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from social_sla.airflow.notifiers import NotifyError

    connect(monkeypatch, "care_db", conn_type="postgres", host="127.0.0.1")
    with pytest.raises(NotifyError, match="of type postgres; notices go to smtp, slackwebhook or http"):
        told(settings, monkeypatch, "care_db")
    connect(monkeypatch, "care_mail", conn_type="smtp", host="127.0.0.1")
    with pytest.raises(NotifyError, match="names nobody to write to"):
        told(settings, monkeypatch, "care_mail")


def test_without_connections_nobody_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(settings, monkeypatch) == []
