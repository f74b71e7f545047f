"""Connector ``aws``: any listing of boto3, the IAM credential report, and CloudTrail's log files in a bucket.

One source does one of three things, told by its options:

* ``service`` and ``operation``, such as ``ec2`` and ``describe_volumes``: all pages of it. ``parameters`` may hold
  ``{window_start}``, ``{window_end}``, ``{partition}``, ``{year}``, ``{month}``, ``{day}``; ``result_key`` names the
  list in the answer (by default the one that boto3 pages through, else the whole answer is one record); ``regions``
  (default: the connection's). A record is ``{"account", "region", "item"}``.
* ``credential_report: true``: the IAM credential report as AWS gives it, a CSV file.
* ``bucket``: CloudTrail's log files, see ``cloudtrail``; with ``prefix``, ``organisations``, ``accounts``,
  ``regions`` and ``late`` (PT1H).

``stream`` renames the stream: by default the operation, ``credential_report`` or ``raw``. ``attempts`` (8) bounds
how often botocore asks. The log-in is described in ``aws_session``.
"""

from __future__ import annotations

import csv
from typing import Any

from botocore.exceptions import ClientError
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from airtight.collect import options
from airtight.collect.aws_listing import ListingReader, listing, moment_text
from airtight.collect.aws_session import AwsSession, Caller, translated
from airtight.collect.cloudtrail import CloudTrailBucket, Trail
from airtight.collect.connector import CollectionRequest, Probe, Pulled, RawFile
from airtight.collect.jsonlines import write_json_lines
from airtight.domain.period import parse_duration
from airtight.domain.source import Source
from airtight.errors import DefinitionError, SourceUnreachable

_COMMON = ("stream", "attempts")
_LISTING = ("parameters", "result_key", "regions", *_COMMON)
_TRAIL = ("prefix", "organisations", "accounts", "regions", "late", *_COMMON)
_REPORT_PATIENCE = 180
_REPORT_PAUSE = 2


class AwsConnector:
    """Reads one AWS account, or the bucket in which an organisation's trail ends."""

    def check(self, source: Source) -> None:
        """Refuse unknown, missing or wrong options."""
        if "bucket" in source.options:
            options.check_keys(source, ("bucket",), _TRAIL)
            _trail(source)
        elif "credential_report" in source.options:
            options.check_keys(source, ("credential_report",), _COMMON)
            if not options.flag(source, "credential_report", True):
                raise options.refuse(source, "credential_report", "must be true.", "Leave it out for anything else.")
        else:
            options.check_keys(source, ("service", "operation"), _LISTING)
            options.mapping(source, "parameters")
            options.texts(source, "regions")
        options.text(source, "stream")
        options.number(source, "attempts", 8)

    def keeps_history(self, source: Source) -> bool:
        """AWS tells its resources as they are today; CloudTrail's files are events."""
        return False

    def pull(self, request: CollectionRequest) -> Pulled:
        """The records, as JSON lines, CSV or CloudTrail's own files."""
        session = _session(request)
        caller = session.caller()
        if "bucket" in request.source.options:
            return _pull_trail(request, session, caller)
        if "credential_report" in request.source.options:
            return _pull_report(request, session, caller)
        return _pull_listing(request, session, caller)

    def probe(self, request: CollectionRequest) -> Probe:
        """Log in and tell who that is."""
        session = _session(request)
        caller = session.caller()
        return Probe(caller.arn, _can_write(session, caller, request.source), None, None)


def _session(request: CollectionRequest) -> AwsSession:
    attempts = options.number(request.source, "attempts", 8)
    return AwsSession(request.credentials, attempts, f"airtight/{request.code_version}")


def _service(source: Source) -> str:
    if "bucket" in source.options:
        return "s3"
    return options.text(source, "service", "iam") or "iam"


def _can_write(session: AwsSession, caller: Caller, source: Source) -> bool | None:
    return session.can_write(caller, _service(source), options.text(source, "bucket"))


def _pulled(
    session: AwsSession,
    caller: Caller,
    source: Source,
    files: tuple[RawFile, ...],
    query: str,
    pages: int,
    count: tuple[int | None, str] = (None, ""),
    notes: tuple[str, ...] = (),
) -> Pulled:
    return Pulled(
        files=files,
        query=query,
        identity=caller.arn,
        can_write=_can_write(session, caller, source),
        pages=pages,
        source_count=count[0],
        count_method=None if count[0] is None else count[1],
        exhausted=True,
        notes=notes,
    )


def _trail(source: Source) -> Trail:
    try:
        late = parse_duration(options.text(source, "late", "PT1H") or "PT1H")
    except DefinitionError as error:
        raise options.refuse(source, "late", error.message, error.remedy) from None
    return Trail(
        bucket=options.required_text(source, "bucket"),
        prefix=(options.text(source, "prefix", "") or "").strip("/"),
        organisations=options.texts(source, "organisations"),
        accounts=options.texts(source, "accounts"),
        regions=options.texts(source, "regions"),
        late=late,
    )


def _pull_trail(request: CollectionRequest, session: AwsSession, caller: Caller) -> Pulled:
    trail = _trail(request.source)
    stream = options.text(request.source, "stream", "raw") or "raw"
    fetched = CloudTrailBucket(session.client("s3"), trail).fetch(request.window, request.folder, stream)
    place = f"s3://{trail.bucket}/{trail.prefix + '/' if trail.prefix else ''}AWSLogs"
    start, end = moment_text(request.window.start), moment_text(request.window.end)
    query = f"{place}: files delivered from {start} to {end} or at most {trail.late} later"
    count = (fetched.proven, "records of the log files that the trail's digest files name, with their digests")
    return _pulled(session, caller, request.source, fetched.files, query, fetched.pages, count, fetched.notes)


def _pull_report(request: CollectionRequest, session: AwsSession, caller: Caller) -> Pulled:
    iam = session.client("iam")
    pause = Retrying(
        retry=retry_if_result(lambda state: state != "COMPLETE"),
        wait=wait_fixed(_REPORT_PAUSE),
        stop=stop_after_delay(_REPORT_PATIENCE),
    )
    with translated("iam:GenerateCredentialReport"):
        try:
            pause(lambda: iam.generate_credential_report()["State"])
        except RetryError:
            raise SourceUnreachable(
                f"AWS did not finish the credential report within {_REPORT_PATIENCE} seconds.",
                where="iam:GenerateCredentialReport",
                remedy="Collect again.",
            ) from None
    with translated("iam:GetCredentialReport"):
        answer = iam.get_credential_report()
    stream = options.text(request.source, "stream", "credential_report") or "credential_report"
    path = request.folder / f"{stream}.csv"
    path.write_bytes(answer["Content"])
    file = RawFile(path, stream, "csv", "text/csv", None, "iam:GetCredentialReport")
    count = _users(iam, answer["Content"])
    note = f"The report is of {moment_text(answer['GeneratedTime'])}; AWS makes a new one every four hours at most."
    method = "users of iam:GetAccountSummary, and the root user where the report has it"
    return _pulled(session, caller, request.source, (file,), "iam:GetCredentialReport", 1, (count, method), (note,))


def _users(iam: Any, report: bytes) -> int | None:
    """How many rows the report must have, by IAM's own summary; None where the log-in may not read that."""
    try:
        summary = iam.get_account_summary()["SummaryMap"]
    except ClientError:
        return None
    rows = csv.DictReader(report.decode("utf-8", "replace").splitlines())
    roots = sum(row.get("user") == "<root_account>" for row in rows)
    return int(summary["Users"]) + roots if "Users" in summary else None


def _pull_listing(request: CollectionRequest, session: AwsSession, caller: Caller) -> Pulled:
    asked = listing(request, session.region)
    reader = ListingReader(session, caller.account, asked)
    stream = options.text(request.source, "stream", asked.operation) or asked.operation
    file = write_json_lines(request.folder, stream, reader.records(), f"{asked.service}:{asked.operation}")
    return _pulled(session, caller, request.source, (file,), asked.query, reader.pages)
