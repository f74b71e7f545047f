"""Sending: the library says what to tell whom, Airflow's SMTP notifier takes it there.

Without a mail connection in the settings the letters go to the task's log and to nobody else; the alerts
themselves are kept either way.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airtight.deliver.letters import Letter
    from airtight.pipeline import ArchiveReport, Installation

_LOG = logging.getLogger(__name__)


def send_critical(opened: Installation, partition: str, context: Mapping[str, Any]) -> int:
    """Note the day's alerts and send the critical ones; returns the number of mails."""
    from airtight.journey.alerting import raise_alerts
    from airtight.pipeline import utc_now

    return _send(opened, raise_alerts(opened, partition, utc_now), context)


def send_digests(opened: Installation, partition: str, context: Mapping[str, Any]) -> int:
    """Send each owner the changes since the last digest; returns the number of mails."""
    from airtight.journey.alerting import daily_digests
    from airtight.pipeline import utc_now

    return _send(opened, daily_digests(opened, partition, utc_now), context)


def send_archive_alarm(opened: Installation, report: ArchiveReport, context: Mapping[str, Any]) -> int:
    """Tell the compliance lead at once that stored evidence changed or vanished."""
    from airtight.journey.alerting import archive_alarm

    return _send(opened, (archive_alarm(opened, report.broken),), context)


def send_question(
    opened: Installation, addresses: Iterable[str], subject: str, text: str, context: Mapping[str, Any]
) -> int:
    """Tell persons that they are asked; returns the number of mails."""
    from airtight.deliver.letters import Letter

    letters = [Letter(address, f"[Airtight] You are asked: {subject}", text) for address in addresses]
    return _send(opened, letters, context)


def _send(opened: Installation, letters: Iterable[Letter], context: Mapping[str, Any]) -> int:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    sent = 0
    for letter in letters:
        if not opened.settings.mail_connection:
            _LOG.warning("not mailed, no mail_connection is set: %s to %s", letter.subject, letter.to)
            continue
        SmtpNotifier(
            to=letter.to,
            from_email=opened.settings.mail_from,
            subject=letter.subject,
            html_content=f"<pre>{escape(letter.text)}</pre>",
            smtp_conn_id=opened.settings.mail_connection,
        ).notify(context)
        sent += 1
    return sent
