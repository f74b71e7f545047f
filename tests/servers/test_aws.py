"""Connector aws against moto over HTTP: listings, the credential report, CloudTrail's bucket, and their faults."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer
from one_pull import collect, rows

from airtight.collect.aws import AwsConnector
from airtight.collect.aws_session import translated
from airtight.collect.connector import CollectionRequest, Pulled
from airtight.collect.json_records import record_batches
from airtight.domain.period import day_window
from airtight.domain.source import Credentials, Source
from airtight.errors import DefinitionError, SourceChanged, SourceIncomplete, SourceRefused, SourceUnreachable

pytestmark = pytest.mark.server

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY"
DAY = date(2026, 9, 14)
ACCOUNT = "123456789012"
HOME = f"org/AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1"


def source(**options: Any) -> Source:
    return Source(
        id="aws-main",
        collection="audit_logs",
        system=f"aws/{ACCOUNT}",
        connector="aws",
        connection="aws_default",
        options={"attempts": 1, **options},
        settles_after=timedelta(hours=6),
        max_lag=timedelta(days=1),
        populations={"audit_events": "mappings/aws/cloudtrail.sql"},
    )


def credentials(url: str, **extra: str) -> Credentials:
    return Credentials(login=KEY, password=SECRET, extra={"endpoint_url": url, "region_name": "eu-west-1", **extra})


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer("127.0.0.1", 0)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def aws(server: str) -> Callable[..., Any]:
    """A boto3 client of an account without anything in it."""
    requests.post(f"{server}/moto-api/reset", timeout=10).raise_for_status()
    return lambda service: boto3.client(
        service,
        endpoint_url=server,
        region_name="eu-west-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )


@pytest.fixture
def pull(server: str, tmp_path: Path) -> Callable[..., Pulled]:
    def run(url: str = server, login: Credentials | None = None, **options: Any) -> Pulled:
        folder = tmp_path / f"raw{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        declared = source(**options)
        AwsConnector().check(declared)
        asked = CollectionRequest(
            declared, day_window(DAY), DAY.isoformat(), folder, tmp_path, login or credentials(url)
        )
        return AwsConnector().pull(asked)

    return run


def records(pulled: Pulled) -> list[dict[str, Any]]:
    return [json.loads(each) for file in pulled.files for batch in record_batches(file) for each in batch]


def test_all_pages_of_an_operation_come(bucket: Any, pull: Any) -> None:
    for number in range(7):
        bucket("s3").put_object(Bucket="logs", Key=f"k{number}", Body=b"x")
    pulled = pull(
        service="s3", operation="list_objects_v2", parameters={"Bucket": "logs", "PaginationConfig": {"PageSize": 3}}
    )
    found = records(pulled)
    assert [each["item"]["Key"] for each in found] == [f"k{number}" for number in range(7)]
    assert {(each["account"], each["region"]) for each in found} == {(ACCOUNT, "eu-west-1")}
    assert all(each["item"]["LastModified"].endswith("Z") for each in found)
    assert (pulled.files[0].stream, pulled.pages, pulled.exhausted) == ("list_objects_v2", 3, True)
    assert pulled.identity.startswith("arn:aws:")


def test_a_list_that_aws_leaves_out_is_empty(bucket: Any, pull: Any) -> None:
    asked = {"service": "s3", "operation": "list_objects_v2", "parameters": {"Bucket": "logs"}}
    assert records(pull(**asked)) == []
    assert records(pull(**asked, result_key="Contents")) == []


def test_every_region_is_asked(aws: Any, pull: Any) -> None:
    found = records(
        pull(service="ec2", operation="describe_vpcs", regions=["eu-west-1", "us-east-1"], stream="networks")
    )
    assert {each["region"] for each in found} == {"eu-west-1", "us-east-1"}


def test_parameters_take_the_window(aws: Any, pull: Any) -> None:
    pulled = pull(
        service="iam",
        operation="list_users",
        parameters={"PathPrefix": "/{partition}/{year}{month}{day}/"},
        result_key="Users",
    )
    assert "/2026-09-14/20260914/" in pulled.query
    assert records(pulled) == []


def test_an_operation_that_has_no_pages_is_one_record(aws: Any, pull: Any) -> None:
    found = records(pull(service="iam", operation="get_account_summary"))
    assert [sorted(each["item"]) for each in found] == [["SummaryMap"]]


@pytest.mark.parametrize("key", ["People", "IsTruncated", "Users.UserName"])
def test_a_result_key_that_the_answer_does_not_have_is_a_wrong_definition(aws: Any, pull: Any, key: str) -> None:
    with pytest.raises(DefinitionError, match=f"no list '{key}'"):
        pull(service="iam", operation="list_users", result_key=key)


def test_the_credential_report_comes_as_aws_wrote_it(aws: Any, pull: Any) -> None:
    iam = aws("iam")
    for name in ("alice", "bob"):
        iam.create_user(UserName=name)
    iam.create_access_key(UserName="bob")
    pulled = pull(credential_report=True)
    file = pulled.files[0]
    assert (file.stream, file.format) == ("credential_report", "csv")
    assert file.path.read_bytes() == iam.get_credential_report()["Content"]
    assert pulled.source_count == 2
    assert len(file.path.read_bytes().decode().strip().splitlines()) == 3


def event(number: int, moment: str = "2026-09-14T10:00:00Z") -> dict[str, Any]:
    return {"eventID": f"e{number}", "eventTime": moment, "eventName": "ConsoleLogin"}


def put(aws: Any, stamp: str, *events: dict[str, Any], home: str = HOME, name: str = "x") -> tuple[str, bytes]:
    """A log file delivered at ``20260914T1005Z``; its key and its bytes."""
    body = gzip.compress(json.dumps({"Records": list(events)}).encode())
    day = f"{stamp[:4]}/{stamp[4:6]}/{stamp[6:8]}"
    key = f"{home}/{day}/{ACCOUNT}_CloudTrail_{home.rsplit('/', 1)[1]}_{stamp}_{name}.json.gz"
    aws("s3").put_object(Bucket="logs", Key=key, Body=body)
    return key, body


@pytest.fixture
def bucket(aws: Any) -> Any:
    aws("s3").create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return aws


def test_log_files_of_the_day_come_byte_for_byte(bucket: Any, pull: Any) -> None:
    put(bucket, "20260913T2355Z", event(0))
    key, body = put(bucket, "20260914T1005Z", event(1), event(2))
    late, _ = put(bucket, "20260915T0040Z", event(3))
    put(bucket, "20260915T0100Z", event(4))
    pulled = pull(bucket="logs", prefix="org")
    assert [file.name for file in pulled.files] == [f"s3://logs/{key}", f"s3://logs/{late}"]
    assert pulled.files[0].path.read_bytes() == body
    assert [each["eventID"] for each in records(pulled)] == ["e1", "e2", "e3"]
    assert (pulled.source_count, pulled.exhausted) == (None, True)


def test_accounts_and_regions_are_found_or_chosen(bucket: Any, pull: Any) -> None:
    put(bucket, "20260914T1005Z", event(1))
    put(bucket, "20260914T1005Z", event(2), home=HOME.replace("eu-west-1", "us-east-1"))
    put(bucket, "20260914T1005Z", event(3), home=HOME.replace(ACCOUNT, "o-abcdefghij/210987654321"))
    put(bucket, "20260914T1005Z", event(9), home=HOME.replace("/CloudTrail/", "/CloudTrail-Insight/"))

    def found(**options: Any) -> list[str]:
        return sorted(each["eventID"] for each in records(pull(bucket="logs", prefix="org", **options)))

    assert found() == ["e1", "e2", "e3"]
    assert found(regions=["us-east-1"]) == ["e2"]
    assert found(organisations=["o-abcdefghij"]) == ["e3"]
    assert found(accounts=[ACCOUNT]) == ["e1", "e2"]


def digest(aws: Any, start: str, end: str, *logs: tuple[str, bytes]) -> None:
    content = {
        "digestStartTime": start,
        "digestEndTime": end,
        "logFiles": [
            {
                "s3Object": key,
                "hashValue": hashlib.sha256(gzip.decompress(body)).hexdigest(),
                "oldestEventTime": "2026-09-14T10:00:00Z",
                "newestEventTime": "2026-09-14T10:00:00Z",
            }
            for key, body in logs
        ],
    }
    home = HOME.replace("/CloudTrail/", "/CloudTrail-Digest/")
    stamp = end.replace("-", "").replace(":", "")
    name = f"{ACCOUNT}_CloudTrail-Digest_eu-west-1_trail_eu-west-1_{stamp}.json.gz"
    key = f"{home}/{end[:10].replace('-', '/')}/{name}"
    aws("s3").put_object(Bucket="logs", Key=key, Body=gzip.compress(json.dumps(content).encode()))


def test_the_digests_of_the_trail_prove_that_nothing_is_missing(bucket: Any, pull: Any) -> None:
    log = put(bucket, "20260914T1005Z", event(1), event(2))
    digest(bucket, "2026-09-13T23:30:00Z", "2026-09-14T23:30:00Z", log)
    digest(bucket, "2026-09-14T23:30:00Z", "2026-09-15T01:30:00Z")
    pulled = pull(bucket="logs", prefix="org")
    assert pulled.source_count == 2
    assert "digest" in pulled.count_method


def test_a_gap_between_digests_proves_nothing(bucket: Any, pull: Any) -> None:
    log = put(bucket, "20260914T1005Z", event(1))
    digest(bucket, "2026-09-13T23:30:00Z", "2026-09-14T22:30:00Z", log)
    digest(bucket, "2026-09-14T23:30:00Z", "2026-09-15T01:30:00Z")
    assert pull(bucket="logs", prefix="org").source_count is None


def test_a_quiet_day_is_proven_empty_by_digests_alone(bucket: Any, pull: Any) -> None:
    put(bucket, "20260913T1005Z", event(1))
    digest(bucket, "2026-09-13T23:30:00Z", "2026-09-15T01:30:00Z")
    pulled = pull(bucket="logs", prefix="org")
    assert (records(pulled), pulled.source_count) == ([], 0)


def test_a_log_file_that_vanished_is_named(bucket: Any, pull: Any) -> None:
    key, body = put(bucket, "20260914T1005Z", event(1))
    digest(bucket, "2026-09-13T23:30:00Z", "2026-09-15T01:30:00Z", (key, body))
    bucket("s3").delete_object(Bucket="logs", Key=key)
    put(bucket, "20260914T1105Z", event(2))
    with pytest.raises(SourceIncomplete, match="names is not there") as caught:
        pull(bucket="logs", prefix="org")
    assert caught.value.where == key


def test_a_log_file_that_was_changed_is_named(bucket: Any, pull: Any) -> None:
    key, body = put(bucket, "20260914T1005Z", event(1))
    digest(bucket, "2026-09-13T23:30:00Z", "2026-09-15T01:30:00Z", (key, body))
    put(bucket, "20260914T1005Z", event(2))
    with pytest.raises(SourceIncomplete, match="differs from the trail's digest"):
        pull(bucket="logs", prefix="org")


def test_a_bucket_without_trails_is_refused_not_empty(bucket: Any, pull: Any) -> None:
    with pytest.raises(SourceRefused, match="no CloudTrail files"):
        pull(bucket="logs", prefix="org")


def test_a_bucket_that_is_not_there_is_refused(aws: Any, pull: Any) -> None:
    with pytest.raises(SourceRefused, match="NoSuchBucket"):
        pull(bucket="nowhere", accounts=[ACCOUNT])


def test_real_detonations_in_a_bucket_are_collected_whole(bucket: Any, pull: Any, realdata: Path) -> None:
    expected = 0
    for number, file in enumerate(sorted((realdata / "audit-cloudtrail-stratus").glob("*.json.gz"))):
        events = json.loads(gzip.decompress(file.read_bytes()))
        expected += len(events)
        put(bucket, "20260914T1005Z", *events, name=f"{number:04d}")
    assert len(records(pull(bucket="logs", prefix="org"))) == expected == 310


def test_a_role_is_taken(aws: Any, pull: Any, server: str) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/auditor"
    pulled = pull(login=credentials(server, role_arn=role), service="iam", operation="list_users")
    assert ":assumed-role/auditor/airtight" in pulled.identity


def test_a_server_that_is_down_is_unreachable(pull: Any) -> None:
    with pytest.raises(SourceUnreachable, match="cannot be reached"):
        pull(url="http://127.0.0.1:9", service="iam", operation="list_users")


@pytest.fixture
def answering() -> Iterator[Callable[..., str]]:
    """Servers that give every question the same answer, cut after some bytes where told; or by the question's text."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, body: bytes, cut: int | None = None, **by_word: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            wbufsize = -1

            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                answer = next((given for word, given in by_word.items() if word in asked), body)
                self.send_response(status)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer[:cut])

            def log_message(self, *_: object) -> None:
                """Silent."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_address[1]}"

    yield start
    for each in servers:
        each.shutdown()
        each.server_close()


def caller(arn: str) -> bytes:
    result = f"<Arn>{arn}</Arn><UserId>U</UserId><Account>{ACCOUNT}</Account>"
    name = "GetCallerIdentity"
    return f"<{name}Response><{name}Result>{result}</{name}Result></{name}Response>".encode()


def simulated(*decisions: str) -> bytes:
    members = "".join(
        f"<member><EvalActionName>x:Y</EvalActionName><EvalDecision>{each}</EvalDecision></member>"
        for each in decisions
    )
    result = f"<EvaluationResults>{members}</EvaluationResults><IsTruncated>false</IsTruncated>"
    return (
        f"<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult>{result}"
        "</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    ).encode()


@pytest.mark.parametrize(
    ("arn", "options", "decisions", "can_write"),
    [
        ("user/x", {"bucket": "logs"}, ("implicitDeny", "allowed"), True),
        ("user/x", {"bucket": "logs"}, ("implicitDeny", "explicitDeny"), False),
        ("user/x", {"credential_report": True}, ("allowed",), True),
        ("user/x", {"credential_report": True}, ("implicitDeny",), None),
        ("root", {"credential_report": True}, (), True),
    ],
)
def test_whether_the_log_in_could_write_is_simulated(
    answering: Any, tmp_path: Path, arn: str, options: Any, decisions: tuple[str, ...], can_write: bool | None
) -> None:
    url = answering(
        200,
        b"",
        GetCallerIdentity=caller(f"arn:aws:iam::{ACCOUNT}:{arn}"),
        SimulatePrincipalPolicy=simulated(*decisions),
    )
    asked = CollectionRequest(source(**options), day_window(DAY), DAY.isoformat(), tmp_path, tmp_path, credentials(url))
    probe = AwsConnector().probe(asked)
    assert (probe.identity, probe.can_write) == (f"arn:aws:iam::{ACCOUNT}:{arn}", can_write)


def test_a_simulation_that_is_not_allowed_tells_nothing(answering: Any, tmp_path: Path) -> None:
    url = answering(200, b"<Nonsense", GetCallerIdentity=caller(f"arn:aws:iam::{ACCOUNT}:user/x"))
    asked = CollectionRequest(
        source(bucket="logs"), day_window(DAY), DAY.isoformat(), tmp_path, tmp_path, credentials(url)
    )
    assert AwsConnector().probe(asked).can_write is None


def error(code: str, message: str = "No.") -> bytes:
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>".encode()


DENIED = "User: arn:aws:iam::1:user/x is not authorized to perform: sts:GetCallerIdentity on resource: *"


@pytest.mark.parametrize(
    ("status", "body", "cut", "kind", "words"),
    [
        (403, error("InvalidClientTokenId"), None, SourceRefused, "refused the log-in"),
        (403, error("SignatureDoesNotMatch"), None, SourceRefused, "refused the log-in"),
        (403, error("AccessDenied", DENIED), None, SourceRefused, "lacks the right sts:GetCallerIdentity"),
        (400, error("Throttling", "Rate exceeded"), None, SourceUnreachable, "slow down"),
        (500, error("InternalFailure"), None, SourceUnreachable, "server error"),
        (503, b"", None, SourceUnreachable, "server error"),
        (200, b"<GetCallerIdentityResponse><GetCaller", None, SourceIncomplete, "not whole"),
        (400, error("ValidationError"), None, SourceChanged, "does not accept"),
    ],
)
def test_each_fault_is_one_clear_error_without_the_secret(
    pull: Any, answering: Any, status: int, body: bytes, cut: int | None, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as caught:
        pull(url=answering(status, body, cut), service="iam", operation="list_users")
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)
    assert KEY not in str(caught.value)


def test_half_an_answer_is_no_answer(pull: Any, answering: Any) -> None:
    body = error("x") * 10
    with pytest.raises((SourceIncomplete, SourceUnreachable)):
        pull(url=answering(200, body, 20), service="iam", operation="list_users")


def test_the_secret_is_in_nothing_that_is_kept(aws: Any, pull: Any) -> None:
    aws("iam").create_user(UserName="alice")
    pulled = pull(credential_report=True)
    assert SECRET not in repr(pulled)
    assert all(SECRET.encode() not in file.path.read_bytes() for file in pulled.files)


def test_a_parameter_that_boto3_does_not_know_is_a_wrong_definition(aws: Any, pull: Any) -> None:
    with pytest.raises(DefinitionError, match="boto3 refuses the question"):
        pull(service="iam", operation="list_users", parameters={"Colour": "red"})


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({}, "service"),
        ({"service": "iam"}, "operation"),
        ({"service": "iam", "operation": "list_users", "bucket": "x"}, "service"),
        ({"bucket": "logs", "late": "soon"}, "late"),
        ({"credential_report": False}, "credential_report"),
        ({"service": "iam", "operation": "list_users", "attempts": 0}, "attempts"),
        ({"service": "iam", "operation": "list_users", "secret_key": "x"}, "secret_key"),
    ],
)
def test_a_wrong_option_is_refused_by_name(options: Any, key: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        AwsConnector().check(source(**options))
    assert caught.value.where == f"sources.yaml: aws-main.options.{key}"


@pytest.mark.parametrize("wrong", [{"service": "iamm"}, {"operation": "list_userz"}])
def test_a_service_or_operation_that_boto3_does_not_have_is_a_wrong_definition(pull: Any, wrong: Any) -> None:
    with pytest.raises(DefinitionError):
        pull(**{"service": "iam", "operation": "list_users", **wrong})


def test_an_answer_that_is_no_error_passes() -> None:
    with translated("anything"):
        pass


def test_the_station_turns_the_report_into_accounts_and_credentials(aws: Any, server: str, tmp_path: Path) -> None:
    aws("iam").create_user(UserName="deploy")
    aws("iam").create_access_key(UserName="deploy")
    declared = replace(
        source(credential_report=True),
        populations={
            "accounts": "mappings/aws/credential_report_accounts.sql",
            "credentials": "mappings/aws/credential_report_credentials.sql",
        },
    )
    outcome = collect(declared, DAY, credentials(server), tmp_path)
    assert outcome.missing == ()
    assert [(row["kind"], row["status"]) for row in rows(outcome, "accounts")] == [("service", "active")]
    assert [row["kind"] for row in rows(outcome, "credentials")] == ["access-key"]
    assert {entry.completeness.value for entry in outcome.collected} == {"proven"}
