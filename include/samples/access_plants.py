"""What is out of order about accounts, rights and roles, each with what must be found. One function, one story."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from samples.access_base import approval
from samples.access_lives import Account, Draft, Grant, Role
from samples.access_people import LAPSED, LATE_ACKNOWLEDGEMENT, LATE_CODE, LATE_ONBOARDING, MOVERS, end_grant
from samples.access_registers import FORGOTTEN
from samples.access_reviews import planted_quarters
from samples.access_roles import plant_roles
from samples.timeline import at
from samples.world import BACKUP, CODER_AGENT, DEPLOYER, TRIAGE_AGENT


def plant_access(draft: Draft) -> None:
    """Everything out of order about accounts, rights, requests, roles and learning."""
    for story in (
        _leavers, _ownerless, _unused, _ungranted, _approved_late, _waived_grant, _mover, _weak_factor, _old_keys,
        _unlisted, _many_admins, _unreviewed_emergency, _both_sides, _agent_rights, _acts, _unclassified, _learning,
        _forgotten_disposal, plant_roles,
    ):  # fmt: skip
        story(draft)


def _leavers(draft: Draft) -> None:
    def left_open(number: int, system: str, hours: int, first: int, last: int, story: str) -> None:
        account, person = draft.account(system, number), draft.world.person(number)
        if person.leaves:
            draft.change(account, disabled=person.leaves + timedelta(hours=hours))
        key = {"account_id": account.id, "system_id": system}
        if story:
            draft.found(story, "AC-01.T1", draft.day(first), draft.day(last), **key)

    left_open(24, "github", 30, 41, 41, "Switched off 30 hours after the person left")
    left_open(29, "github", 24, 91, 91, "")  # exactly in time
    left_open(31, "aws", 7 * 24 - 4, 121, 127, "An account in AWS stayed open for a week")
    left_open(27, "core", 4, 60, 60, "")  # exactly in time after a dismissal
    left_open(35, "gateway", 5, -30, -30, "Switched off five hours after a dismissal")
    left_open(38, "core", 24 * 60, -3, -1, "An account of somebody who left is still open")


def _ownerless(draft: Draft) -> None:
    first, last = draft.day(40), draft.day(46)
    batch = Account("core-import", "core", "core-import", "service", at(draft.day(-400)), owner="E1024", ai_agent=False)
    draft.accounts.append(batch)
    draft.spell(batch, "owner", draft.world.person(26).id, last + timedelta(days=1), draft.world.timeline.last)
    draft.found("Its owner left", "AC-01.T2", first, last, account_id=batch.id, system_id="core")
    desk = Account(
        "core-frontdesk", "core", "frontdesk", "shared", at(draft.day(12), "09:00:00"),
        owner=draft.world.person(42).id, disabled=at(draft.day(30), "17:00:00"),
    )  # fmt: skip
    draft.accounts.append(desk)
    draft.grants.append(Grant(desk.id, "core", "lobby", at(draft.day(12), "09:05:00")))
    draft.requests.append(approval(draft, draft.grants[-1], 900, approved=at(draft.day(12), "08:00:00")))
    draft.unrequested.add((desk.id, "core", "lobby"))
    draft.found("A shared account", "AC-01.T2", draft.day(12), draft.day(29), account_id=desk.id, system_id="core")


def _unused(draft: Draft) -> None:
    seldom = draft.account("github", 3)
    draft.spell(seldom, "last_login", at(draft.day(10), "10:00:00"), draft.day(10), draft.day(119))
    key = {"account_id": seldom.id, "system_id": "github"}
    draft.found("Not used for more than 90 days", "AC-01.T4", draft.day(100), draft.day(119), **key)
    just = draft.account("aws", 9)  # used again on the very last day
    draft.spell(just, "last_login", at(draft.day(20)), draft.day(20), draft.day(109))


def _ungranted(draft: Draft) -> None:
    for number, system, entitlement, day in ((17, "gateway", "read-logs", 65), (28, "core", "refund", -15)):
        account = draft.account(system, number)
        draft.grants.append(Grant(account.id, system, entitlement, at(draft.day(day), "11:00:00"), environment="prod"))
        draft.unrequested.add((account.id, system, entitlement))
        key = {"account_id": account.id, "system_id": system, "entitlement": entitlement}
        draft.found("Granted without a request", "AC-02.T1", draft.day(day), draft.day(day), **key)


def _approved_late(draft: Draft) -> None:
    for day, minutes, entitlement in ((90, 30, "pricing"), (92, 0, "pricing-read")):
        account = draft.account("core", 30)
        grant = Grant(account.id, "core", entitlement, at(draft.day(day), "11:00:00"), environment="prod")
        draft.grants.append(grant)
        draft.unrequested.add((grant.account, grant.system, grant.entitlement))
        approved = grant.granted + timedelta(minutes=minutes)
        draft.requests.append(approval(draft, grant, 900 + day, approved=approved))
        if minutes:
            key = {"account_id": account.id, "system_id": "core", "entitlement": entitlement}
            draft.found("Approved after the grant", "AC-02.T1", draft.day(day), draft.day(day), **key)


def _waived_grant(draft: Draft) -> None:
    person = draft.world.person(13)
    day, account_id = draft.day(-20), draft.world.account_id("gateway", person)
    created = at(day, "03:00:00")
    draft.accounts.append(Account(account_id, "gateway", person.email, "human", created, person=person.id))
    draft.grants.append(Grant(account_id, "gateway", "invoke", created, environment="prod"))
    draft.unrequested.add((account_id, "gateway", "invoke"))
    for entitlement in ("invoke", "(account)"):
        key = {"account_id": account_id, "system_id": "gateway", "entitlement": entitlement}
        draft.found("Restored by hand after an outage", "AC-02.T1", day, day, **key)


def _mover(draft: Draft) -> None:
    day = draft.day(MOVERS[12][0])
    account, code = draft.account("aws", 12), draft.account("github", 12)
    end_grant(draft, account.id, "read", at(day + timedelta(days=14), "10:00:00"))
    end_grant(draft, account.id, "operate", at(day + timedelta(days=30), "10:00:00"))
    write = next(grant for grant in draft.grants if grant.account == code.id)
    draft.requests.append(approval(draft, write, 999, approved=at(day + timedelta(days=2), "10:00:00")))
    key = {"account_id": account.id, "system_id": "aws", "entitlement": "operate"}
    draft.found("Kept from the job before", "AC-02.T2", day + timedelta(days=14), day + timedelta(days=29), **key)


def _weak_factor(draft: Draft) -> None:
    for number, factor, first, last in ((20, "none", 33, 36), (6, "weak", 150, 152), (21, "weak", 154, 170)):
        account = draft.account("okta", number)
        draft.spell(account, "mfa", factor, draft.day(first), draft.day(last))
        if number != 21:  # a weak factor does where there are no privileges
            key = {"account_id": account.id, "system_id": "okta"}
            draft.found(f"Second factor: {factor}", "AC-04.T1", draft.day(first), draft.day(last), **key)
    local = draft.account("gateway", 23)
    draft.spell(local, "sso", False, draft.day(-25), draft.day(-21))
    key = {"account_id": local.id, "system_id": "gateway"}
    draft.found("Log-in past the single sign-on", "AC-04.T1", draft.day(-25), draft.day(-21), **key)


def _old_keys(draft: Draft) -> None:
    key = {"credential_id": f"{BACKUP}/access-key-1"}
    draft.found("The backup's key was replaced late", "AC-04.T2", draft.day(100), draft.day(111), **key)
    key = {"credential_id": f"{DEPLOYER}/access-key-1"}
    draft.found("The deployer's key is too old (waived)", "AC-04.T2", draft.day(-10), draft.day(-1), **key)
    key = {"credential_id": f"vault/{CODER_AGENT}"}
    draft.found("A token without expiry", "AC-04.T2", draft.day(84), draft.day(90), **key)


def _hold(draft: Draft, number: int, right: Grant, until: int) -> None:
    """Give a person a right for some days, with an account where they have none."""
    person = draft.world.person(number)
    if not any(account.id == right.account for account in draft.accounts):
        created = right.granted - timedelta(minutes=1)
        login = right.account if right.system == "github" else person.email
        draft.accounts.append(
            Account(right.account, right.system, login, "human", created, person=person.id, login_every=3)
        )
    draft.grants.append(replace(right, revoked=at(draft.day(until) + timedelta(days=1), "10:00:00")))


def _unlisted(draft: Draft) -> None:
    for number, first, last in ((20, 30, 48), (23, -27, -12)):
        account = draft.world.account_id("gateway", draft.world.person(number))
        granted = at(draft.day(first), "10:00:00")
        right = Grant(account, "gateway", "edit-thresholds", granted, environment="prod", ai_config=True)
        _hold(draft, number, right, last)
        key = {"account_id": account, "system_id": "gateway", "entitlement": "edit-thresholds"}
        draft.found("May set thresholds without the role", "AC-05.T1", draft.day(first), draft.day(last), **key)


def _many_admins(draft: Draft) -> None:
    first, last = 96, 112
    for number in (12, 13, 14, 15):
        person = draft.world.person(number)
        account = draft.account("github", number)
        draft.spell(account, "privileged", True, draft.day(first), draft.day(last))
        granted = at(draft.day(first), "09:00:00")
        _hold(draft, number, Grant(account.id, "github", "admin", granted, privileged=True, environment="prod"), last)
        ended = draft.day(last) + timedelta(days=1)
        draft.roles.append(Role("migration-crew", person.id, ("github/admin",), draft.day(first), ended))
    key = {"system_id": "github", "item": "(admins)"}
    draft.found("Six administrators during a migration", "AC-05.T2", draft.day(first), draft.day(last), **key)


def _unreviewed_emergency(draft: Draft) -> None:
    use = draft.world.break_glass_uses[1]
    day = use.at.date()
    first, last = day + timedelta(days=2), day + timedelta(days=13)
    item = f"{use.account} {day}"
    draft.found("Emergency access was looked at after 60 hours", "AC-05.T2", first, last, system_id="aws", item=item)


def _both_sides(draft: Draft) -> None:
    first, last = draft.day(59), draft.day(75)
    account = draft.account("aws", 14)
    _hold(
        draft,
        14,
        Grant(account.id, "aws", "deploy", at(first, "09:00:00"), privileged=True, environment="prod"),
        75,
    )
    draft.roles.append(Role("release-manager", "E1014", ("aws/deploy",), first, last + timedelta(days=1)))
    draft.found("Writes code and deploys it", "AC-05.T3", first, last, identity="E1014")


def _agent_rights(draft: Draft) -> None:
    for entitlement, first, last in (("merge-bypass", 20, 24), ("release", -8, -6)):
        granted = at(draft.day(first), "10:00:00")
        right = Grant(CODER_AGENT, "github", entitlement, granted, environment="dev")
        draft.grants.append(replace(right, revoked=at(draft.day(last) + timedelta(days=1), "08:00:00")))
        key = {"account_id": CODER_AGENT, "system_id": "github"}
        draft.found(f"The agent holds {entitlement}", "DV-05.T1", draft.day(first), draft.day(last), **key)


def _acts(draft: Draft) -> None:
    for act in draft.world.leaver_logins:
        key = {"event_id": act.event_id, "system_id": act.system}
        draft.found("Used by somebody who had left", "AC-01.T3", act.at.date(), act.at.date(), **key)
    for act in draft.world.agent_writes:
        key = {"event_id": act.event_id, "system_id": act.system}
        draft.found("An agent changed production", "DV-05.T3", act.at.date(), act.at.date(), **key)


def _unclassified(draft: Draft) -> None:
    days = (draft.day(50), draft.day(57))
    draft.spell(draft.by_id("core-import"), "ai_agent", None, *days)
    draft.found("Nobody said whether it is an agent", "DV-05.T4", *days, account_id="core-import", system_id="core")
    days = (draft.day(-6), draft.day(-5))
    draft.spell(draft.by_id(TRIAGE_AGENT), "ai_agent", False, *days)
    draft.found("An agent said to be none", "DV-05.T4", *days, account_id=TRIAGE_AGENT, system_id="gateway")


def _learning(draft: Draft) -> None:
    world = draft.world
    effective = draft.day(30)
    key = {"person_id": world.person(19).id, "policy_id": "ai-policy", "version": "2.0"}
    until = _month_end(effective + timedelta(days=LATE_ACKNOWLEDGEMENT))
    draft.found("Read the policy too late", "TN-01.T1", effective + timedelta(days=30), until, **key)
    hired = world.person(25).hired
    until = _month_end(hired + timedelta(days=LATE_ONBOARDING))
    draft.found("Trained too late", "TN-01.T2", hired + timedelta(days=30), until, person_id=world.person(25).id)
    conduct = {"person_id": world.person(25).id, "policy_id": "code-of-conduct", "version": "2.0"}
    limit, read = hired + timedelta(days=30), hired + timedelta(days=LATE_CODE)
    draft.found("Read the code of conduct too late", "GV-07.T1", limit, read, **conduct)
    days = (draft.day(LAPSED[0]), draft.day(LAPSED[1]))
    draft.found("The yearly course has run out", "TN-01.T3", *days, person_id=world.person(13).id)


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _forgotten_disposal(draft: Draft) -> None:
    timeline = draft.world.timeline
    key = {"disposal_id": f"DSP-{100 + FORGOTTEN}"}
    draft.found("An old server was never wiped", "AC-06.T2", timeline.first, timeline.last, **key)


def plant_reviews(draft: Draft) -> None:
    """Everything out of order about reviews."""
    earlier, latest = planted_quarters(draft.world.timeline)
    if earlier:
        _left_out(draft, f"{earlier.name}/aws", earlier.last)
        _self_reviewed(draft, f"{earlier.name}/github", earlier.last)
        _carried_out_late(draft, f"{earlier.name}/core", earlier.last)
    if latest:
        _undecided(draft, f"{latest.name}/gateway", latest.last)


def _left_out(draft: Draft, review: str, day: date) -> None:
    row = next(one for one in draft.reviews if (one.id, one.account, one.entitlement) == (review, BACKUP, "backup"))
    draft.reviews.remove(row)
    key = {"review_id": review, "system_id": row.system, "account_id": row.account, "entitlement": row.entitlement}
    draft.found("A machine's right was left out of the review", "AC-03.T1", day, day, **key)


def _self_reviewed(draft: Draft, review: str, day: date) -> None:
    account = draft.account("github", 10)
    for place, row in enumerate(draft.reviews):
        if row.id == review and row.account == account.id:
            draft.reviews[place] = replace(row, reviewer=draft.world.person(10).id)
            _found_item(draft, "The owner decided on their own rights", row.id, row.account, row.entitlement, day)


def _carried_out_late(draft: Draft, review: str, day: date) -> None:
    for row in draft.reviews:
        if row.id == review and row.decision == "revoke":
            _found_item(draft, "Taken away nine days after the decision", row.id, row.account, row.entitlement, day)


def _undecided(draft: Draft, review: str, day: date) -> None:
    account = draft.account("gateway", 16)
    for place, row in enumerate(draft.reviews):
        if row.id == review and row.account == account.id and row.entitlement == "invoke":
            draft.reviews[place] = replace(row, decision="none", decided=None)
            _found_item(draft, "Nobody decided on it", row.id, row.account, row.entitlement, day)
    draft.found("No review was completed", "AC-03.T2", day, day, system_id="gateway")


def _found_item(draft: Draft, story: str, review: str, account: str, entitlement: str, day: date) -> None:
    system = review.partition("/")[2]
    key = {"review_id": review, "account_id": account, "system_id": system, "entitlement": entitlement}
    draft.found(story, "AC-03.T3", day, day, **key)
