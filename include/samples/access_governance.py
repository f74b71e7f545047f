"""The identity governance tool's exports: accounts of connected systems, rights, requests and certifications."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from samples.access_lives import Draft, accounts_on, end_of, grants_on, requests_on
from samples.access_reviews import reviews_on
from samples.timeline import iso
from samples.writers import Cell

Rows = list[Mapping[str, Cell]]

ACCOUNT = (
    "Application", "Native Identity", "Account Name", "Identity", "Type", "Owner", "AI Agent", "Disabled",
    "Disabled On", "Created On", "Last Login", "Authentication", "Privileged",
)  # fmt: skip
GRANT = ("Application", "Native Identity", "Entitlement", "Kind", "Privileged", "Environment", "AI", "Granted On")
REQUEST = (
    "Request", "Identity", "Native Identity", "Application", "Entitlement", "Operation", "Requested On", "Requester",
    "Approved On", "Approver", "Reviewed On", "Reviewer", "State",
)  # fmt: skip
REVIEW = (
    "Certification", "Started", "From", "To", "Native Identity", "Application", "Entitlement", "Certifier", "Decision",
    "Signed Off", "Remediated",
)  # fmt: skip
#: requests older than this are left out of the export
_REQUESTS_KEPT = timedelta(days=150)


def account_rows(draft: Draft, day: date) -> Rows:
    """Accounts of the systems that the tool is connected to; Okta and AWS list theirs themselves."""
    return [
        {
            "Application": one.system,
            "Native Identity": one.id,
            "Account Name": one.login,
            "Identity": one.person,
            "Type": str(one.spell("kind", one.kind, day)),
            "Owner": _text(one.spell("owner", one.owner, day)),
            "AI Agent": {True: "yes", False: "no"}.get(one.spell("ai_agent", one.ai_agent, day)),  # type: ignore[call-overload]
            "Disabled": "N" if one.is_active(day) else "Y",
            "Disabled On": None if one.is_active(day) else iso(one.disabled),
            "Created On": iso(one.created),
            "Last Login": iso(one.last_login(day)),
            "Authentication": "SSO" if one.spell("sso", one.sso, day) else "local",
            "Privileged": "Y" if one.spell("privileged", one.privileged, day) else "N",
        }
        for one in accounts_on(draft, day)
        if one.system not in ("okta", "aws")
    ]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def grant_rows(draft: Draft, day: date) -> Rows:
    """Who holds what, in every system."""
    return [
        {
            "Application": grant.system,
            "Native Identity": grant.account,
            "Entitlement": grant.entitlement,
            "Kind": grant.scope,
            "Privileged": "Y" if grant.privileged else "N",
            "Environment": grant.environment,
            "AI": "Y" if grant.ai_config else "N",
            "Granted On": iso(grant.granted),
        }
        for grant in grants_on(draft, day)
    ]


def request_rows(draft: Draft, day: date) -> Rows:
    """Requests of the last months as far as they are known."""
    return [
        {
            "Request": request.id,
            "Identity": request.person,
            "Native Identity": request.account,
            "Application": request.system,
            "Entitlement": request.entitlement,
            "Operation": request.action,
            "Requested On": iso(request.requested),
            "Requester": request.requested_by,
            "Approved On": iso(request.approved),
            "Approver": request.approved_by,
            "Reviewed On": iso(request.reviewed),
            "Reviewer": request.reviewed_by,
            "State": "APPROVED" if request.approved else "PENDING",
        }
        for request in requests_on(draft, day)
        if request.requested >= end_of(day) - _REQUESTS_KEPT
    ]


def review_rows(draft: Draft, day: date) -> Rows:
    """Certifications item by item."""
    return [
        {
            "Certification": row.id,
            "Started": iso(row.started),
            "From": row.period_start.isoformat(),
            "To": row.period_end.isoformat(),
            "Native Identity": row.account,
            "Application": row.system,
            "Entitlement": row.entitlement,
            "Certifier": row.reviewer,
            "Decision": {"keep": "Approved", "revoke": "Revoked", "none": None}[row.decision],
            "Signed Off": iso(row.decided),
            "Remediated": iso(row.remediated),
        }
        for row in reviews_on(draft, day)
    ]
