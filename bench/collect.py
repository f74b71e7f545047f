"""Collect CloudTrail events at scale: wall time, peak memory, and the ratio to merely parsing the same files.

    python bench/collect.py [EVENTS] [--folder DIR] [--keep]

Generates EVENTS (10 million by default) seeded events in gzip files of 10,000, as CloudTrail delivers them, collects
them through station 1 with the catalog's mapping and schema, then parses the same files with Python's json. Each
step runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from airtight.collect.station import collect_source
from airtight.definitions.populations import load_populations
from airtight.domain.period import day_window
from airtight.domain.source import Credentials, Source
from airtight.publish.staging import FolderStaging

EVENTS_A_FILE = 10_000
DAY = date(2026, 9, 14)
CATALOG = Path(__file__).resolve().parents[1] / "include" / "catalog"

ACTIONS = [
    ("sts", "AssumeRole", True), ("s3", "GetBucketAcl", True), ("s3", "PutBucketPolicy", False),
    ("ec2", "DescribeInstances", True), ("ec2", "RunInstances", False), ("iam", "CreateUser", False),
    ("kms", "Decrypt", True), ("signin", "ConsoleLogin", False), ("lambda", "Invoke", True),
    ("cloudtrail", "StopLogging", False), ("bedrock", "InvokeModel", True), ("logs", "PutRetentionPolicy", False),
]  # fmt: skip


def template(rng: random.Random) -> str:
    """The text of an event after its id and time, about 1,100 bytes."""
    service, name, read_only = rng.choice(ACTIONS)
    kind = rng.choice(["IAMUser", "AssumedRole", "AssumedRole", "AWSService", "Root"])
    user = f"user{rng.randrange(500):03d}"
    identity: dict[str, object] = {"type": kind}
    if kind == "AWSService":
        identity["invokedBy"] = f"{service}.amazonaws.com"
    else:
        role = "AWSReservedSSO_Admin_0123456789abcdef" if rng.random() < 0.3 else f"service-{rng.randrange(40)}"
        path = f"user/{user}" if kind == "IAMUser" else f"assumed-role/{role}/{user}"
        identity |= {
            "principalId": f"AIDA{rng.randrange(10**16):016d}",
            "arn": f"arn:aws:iam::123456789012:{path if kind != 'Root' else 'root'}",
            "accountId": "123456789012",
            "userName": user,
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::123456789012:role/{role}", "userName": role},
                "attributes": {
                    "creationDate": "2026-09-14T00:00:00Z",
                    "mfaAuthenticated": rng.choice(["true", "false"]),
                },
            },
        }
    event = {
        "eventVersion": "1.09",
        "userIdentity": identity,
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": rng.choice(["eu-central-1", "eu-west-1", "us-east-1"]),
        "sourceIPAddress": f"203.0.{rng.randrange(256)}.{rng.randrange(256)}",
        "userAgent": "aws-cli/2.27.1 md/awscrt#0.26.1 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.13.2",
        "errorCode": "AccessDenied" if rng.random() < 0.02 else None,
        "requestParameters": {
            "roleArn": f"arn:aws:iam::123456789012:role/r{rng.randrange(40)}",
            "durationSeconds": 3600,
        },
        "responseElements": {"ConsoleLogin": "Success"} if name == "ConsoleLogin" else None,
        "additionalEventData": {"MFAUsed": rng.choice(["Yes", "No"])} if name == "ConsoleLogin" else None,
        "readOnly": read_only,
        "resources": [
            {
                "accountId": "123456789012",
                "type": "AWS::IAM::Role",
                "ARN": f"arn:aws:iam::123456789012:role/r{rng.randrange(40)}",
            }
        ],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "123456789012",
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"{service}.amazonaws.com",
        },
    }
    return json.dumps(event)[1:]


def generate(folder: Path, events: int) -> None:
    """Write the files, seeded."""
    rng = random.Random(20260914)
    templates = [template(rng) for _ in range(5_000)]
    for number in range(0, events, EVENTS_A_FILE):
        records = []
        for _ in range(min(EVENTS_A_FILE, events - number)):
            second, mark = rng.randrange(86_400), rng.getrandbits(128)
            moment = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
            head = f'{{"eventID":"{mark:032x}","eventTime":"{DAY}T{moment}Z",'
            records.append(head + rng.choice(templates))
        text = '{"Records":[' + ",".join(records) + "]}"
        name = folder / f"123456789012_CloudTrail_{number // EVENTS_A_FILE:06d}.json.gz"
        with name.open("wb") as file, gzip.GzipFile("", "wb", 1, file, mtime=0) as packed:
            packed.write(text.encode())


def collect(folder: Path) -> str:
    """Through station 1, as a task does it."""
    source = Source(
        id="cloudtrail",
        collection="audit_logs",
        system="aws/123456789012",
        connector="files",
        connection=None,
        options={"path": f"{folder}/*.json.gz", "records": "$.Records"},
        settles_after=timedelta(hours=6),
        max_lag=timedelta(hours=6),
        populations={"audit_events": "mappings/aws/cloudtrail.sql"},
    )
    with tempfile.TemporaryDirectory(dir=folder.parent) as staging:
        outcome = collect_source(
            source,
            schemas=load_populations(CATALOG / "populations"),
            mappings={"mappings/aws/cloudtrail.sql": (CATALOG / "mappings" / "aws" / "cloudtrail.sql").read_text()},
            window=day_window(DAY),
            partition=DAY.isoformat(),
            credentials=Credentials(),
            staging=FolderStaging(Path(staging), "bench"),
            pseudonym_key=b"k" * 32,
            clock=lambda: datetime(2026, 9, 15, 1, tzinfo=UTC),
            code_version="bench",
            base=folder,
        )
    if outcome.missing:
        raise RuntimeError(outcome.missing[0].reason)
    population = outcome.collected[0]
    return f"{population.rows:,} rows, {population.file.size / 2**20:,.0f} MiB of Parquet"


def parse_only(folder: Path) -> str:
    """The floor: unpack and parse, keep nothing."""
    count = sum(len(json.loads(gzip.decompress(file.read_bytes()))["Records"]) for file in folder.glob("*.gz"))
    return f"{count:,} records"


def measured(name: str, step: Callable[[Path], str], folder: Path) -> tuple[float, float]:
    """Run a step in a fresh process; print its figures, return its seconds on the wall and of the processor."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        wall, processor, peak, told = pool.apply(timed, (step, folder))
    print(
        f"{name:10} wall {wall:7.1f} s  processor {processor:7.1f} s  peak {peak / 1024:5.0f} MiB  {told}", flush=True
    )
    return wall, processor


def timed(step: Callable[[Path], str], folder: Path) -> tuple[float, float, int, str]:
    """Seconds on the wall and of the processor, peak resident KiB and the step's own words."""
    started, worked = time.perf_counter(), time.process_time()
    told = step(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return time.perf_counter() - started, time.process_time() - worked, peak, told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", type=int, nargs="?", default=10_000_000)
    parser.add_argument("--folder", type=Path, help="where the files go or are, default a temporary folder")
    parser.add_argument("--keep", action="store_true", help="keep the generated files")
    arguments = parser.parse_args()
    root = arguments.folder or Path(tempfile.mkdtemp(prefix="airtight-bench-"))
    files = root / f"cloudtrail-{arguments.events}"
    if not files.is_dir():
        files.mkdir(parents=True)
        print(f"generating {arguments.events:,} events ...", flush=True)
        generate(files, arguments.events)
    size = sum(file.stat().st_size for file in files.iterdir())
    print(f"{arguments.events:,} events, {size / 2**20:,.0f} MiB of gzip files")
    wall, processor = measured("collect", collect, files)
    least, floor = measured("json only", parse_only, files)
    print(
        f"ratio {wall / least:.2f} (processor {processor / floor:.2f}); {arguments.events / wall:,.0f} events a second"
    )
    if not arguments.keep:
        shutil.rmtree(files)


if __name__ == "__main__":
    main()
