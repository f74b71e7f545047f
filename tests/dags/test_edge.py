"""The edge between Airflow and the library: connections, triggers, mail."""

from __future__ import annotations

import email
from email import policy
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller

from airtight.errors import ConfigurationError, SourceRefused

pytestmark = pytest.mark.airflow


class Mailbox:
    """Keeps what a real SMTP server received."""

    def __init__(self) -> None:
        self.received: list[email.message.EmailMessage] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  the server's own name
        self.received.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 kept"


@pytest.fixture
def mailbox(monkeypatch, unused_tcp_port):
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=unused_tcp_port)
    server.start()
    extra = "disable_ssl=true&disable_tls=true"
    monkeypatch.setenv("AIRFLOW_CONN_EVIDENCE_MAIL", f"smtp://127.0.0.1:{unused_tcp_port}/?{extra}")
    yield box
    server.stop()


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_connection_becomes_credentials(monkeypatch, airflow_database):
    import airtight_edge

    monkeypatch.setenv("AIRFLOW_CONN_OKTA_DEFAULT", "https://reader:s3cret@okta.example:8443/v1?token=abc")
    found = airtight_edge.credentials("okta_default")
    assert (found.host, found.port, found.login, found.password) == ("okta.example", 8443, "reader", "s3cret")
    assert found.extra == {"token": "abc"}
    assert "s3cret" not in repr(found)


def test_unknown_connection_is_refused_in_a_sentence(airflow_database):
    import airtight_edge

    with pytest.raises(SourceRefused, match="Airflow has no connection 'nowhere'"):
        airtight_edge.credentials("nowhere")


def _context(**run):
    facts = {"dag_id": "d", "run_id": "r", "run_type": "manual", "partition_key": "2026-06-30"}
    return {"dag_run": SimpleNamespace(**facts | run), "params": {"reason": "late export"}}


def test_trigger_keeps_who_and_why():
    import airtight_edge

    trigger = airtight_edge.trigger(_context(triggering_user_name="engineer"))
    assert (trigger.kind, trigger.by, trigger.reason) == ("manual", "engineer", "late export")


def test_backfill_is_told_apart():
    import airtight_edge

    assert airtight_edge.trigger(_context(run_type="backfill")).kind == "backfill"


def test_run_without_a_partition_key_is_refused():
    import airtight_edge

    with pytest.raises(ConfigurationError, match="no partition key"):
        airtight_edge.partition(_context(partition_key=None))


def test_critical_alert_reaches_a_real_mail_server(mailbox, airflow_database):
    import airtight_mail
    from airtight.deliver.letters import Letter

    opened = SimpleNamespace(
        settings=SimpleNamespace(mail_connection="evidence_mail", mail_from="airtight@little.example")
    )
    letter = Letter("it@little.example", "[Airtight] AC-01 is fail (2026-06-30)", "AC-01: pass -> fail. <b>Leavers</b>")
    assert airtight_mail._send(opened, [letter], {}) == 1
    (received,) = mailbox.received
    assert received["To"] == "it@little.example"
    assert received["Subject"] == "[Airtight] AC-01 is fail (2026-06-30)"
    assert "&lt;b&gt;Leavers" in received.get_body(("html",)).get_content()
