"""Alerts of a day: noted once in the index, mailed at once where critical, else kept for the daily digest.

Only the newest judged day alerts: backfilling the past tells nobody anything that they could still act on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime

from airtight.definitions.people import Owners, load_owners
from airtight.deliver.alerts import changes, states
from airtight.deliver.letters import Letter, alarm, critical, digest
from airtight.domain.alert import Alert, Urgency
from airtight.domain.bundle import BundleKind, ResultLine, SealedPopulation
from airtight.installation import Installation
from airtight.publish.acts import Act, AlertState
from airtight.publish.index import Chosen
from airtight.wire import from_json, to_json

Clock = Callable[[], datetime]
PRODUCT = "airtight"
ALERT, DIGEST = "alert", "digest"
SOURCE_OWNER = "Compliance lead"


def raise_alerts(opened: Installation, partition: str, clock: Clock) -> tuple[Letter, ...]:
    """Note what changed with a day's verdicts; returns the mails that go out at once."""
    if _newest_judged(opened) != partition:
        return ()
    lines, populations = _verdicts(opened, partition)
    before = {subject: known.state for subject, known in opened.index.alerts.states().items()}
    due = {alert.subject: alert for alert in changes(partition, lines, populations, before, source_owner=SOURCE_OWNER)}
    changed = [
        due[subject]
        for subject, state in sorted(states(lines, populations).items())
        if _changes(opened, subject, state, clock()) and subject in due
    ]
    for alert in changed:
        _note(opened, ALERT, alert.subject, alert, clock())
    owners = load_owners(opened.settings.overlay)
    return tuple(
        critical(alert, owners.address(alert.owner), opened.settings.organisation)
        for alert in changed
        if alert.urgency is Urgency.CRITICAL
    )


def _newest_judged(opened: Installation) -> str | None:
    judged = opened.index.bundles(Chosen(kind=BundleKind.RESULTS, current_only=True))
    return judged[-1].ref.slot.partition if judged else None


def _verdicts(opened: Installation, partition: str) -> tuple[list[ResultLine], tuple[SealedPopulation, ...]]:
    chosen = Chosen(kind=BundleKind.RESULTS, first=partition, last=partition, current_only=True)
    lines = [result.line for result in opened.index.results(chosen) if not result.line.test]
    return lines, opened.index.sealed_populations(opened.catalog.populations, partition, partition)


def _changes(opened: Installation, subject: str, state: str, moment: datetime) -> bool:
    told, _ = opened.index.alerts.change(AlertState(subject, state, moment, None))
    return told


def _note(opened: Installation, act: str, subject: str, detail: object, moment: datetime) -> None:
    noted = to_json(detail)
    opened.index.journal.append(Act(moment, PRODUCT, act, subject, noted if isinstance(noted, dict) else {}))


def daily_digests(opened: Installation, partition: str, clock: Clock) -> tuple[Letter, ...]:
    """One mail for each owner with changes since the last digest; taking them out counts as sending them."""
    pending, last = _pending(opened)
    if last is None:
        return ()
    _note(opened, DIGEST, partition, {"up_to": last}, clock())
    owners = load_owners(opened.settings.overlay)
    return tuple(_digests(pending, partition, owners, opened.settings.organisation))


def _pending(opened: Installation) -> tuple[dict[str, list[Alert]], int | None]:
    done, last = 0, None
    by_owner: defaultdict[str, list[Alert]] = defaultdict(list)
    entries = opened.index.journal.acts()
    for entry in entries:
        if entry.act.act == DIGEST:
            done = int(str(entry.act.detail["up_to"]))
    for entry in entries:
        if entry.act.act == ALERT and entry.number > done:
            alert, last = from_json(Alert, dict(entry.act.detail)), entry.number
            by_owner[alert.owner].append(alert)
    return by_owner, last


def _digests(pending: dict[str, list[Alert]], partition: str, owners: Owners, organisation: str) -> Iterator[Letter]:
    for owner, alerts in sorted(pending.items()):
        worst_first = sorted(alerts, key=lambda alert: (alert.urgency is not Urgency.CRITICAL, alert.subject))
        yield digest(partition, owner, worst_first, owners.address(owner), organisation)


def archive_alarm(opened: Installation, broken: tuple[str, ...]) -> Letter:
    """The mail that says which stored bundles no longer hold."""
    owners = load_owners(opened.settings.overlay)
    return alarm(broken, owners.address(SOURCE_OWNER), opened.settings.organisation)
