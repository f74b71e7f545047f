"""Real servers for the publishing tests: moto over HTTP, Ceph's object gateway, PostgreSQL; started here, ended here.

Fixtures, which ``conftest`` makes known. The helpers of ``tests/unit/publish`` become importable too.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/unit/publish"))

RGW_PROGRAMS = ("radosgw", "ceph-mon", "ceph-osd", "ceph-authtool", "curl")
RGW_RECIPE = REPOSITORY / ".ci/ceph-rgw.sh"
POSTGRES_PROGRAMS = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class S3Server:
    """Where an S3 server listens and how to log in."""

    kind: str
    endpoint: str
    access_key: str
    secret_key: str

    @cache  # noqa: B019  one server a session
    def client(self) -> S3Client:
        """A client of its own, beside that of the product."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name="us-east-1",
            config=Config(request_checksum_calculation="when_required", s3={"addressing_style": "path"}),
        )

    def bucket(self, *, versions: bool = False, lock: bool = False) -> str:
        """A fresh bucket's name."""
        name = f"evidence-{uuid4().hex[:12]}"
        self.client().create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        if versions:
            self.client().put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def log_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let boto3's default chain lead here."""
        monkeypatch.setenv("AWS_ENDPOINT_URL", self.endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", self.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", self.secret_key)
        monkeypatch.delenv("AWS_PROFILE", raising=False)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_until(ready: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not come up in {seconds} s")
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def moto_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """moto's S3 over HTTP, in a process of its own."""
    port, log = free_port(), tmp_path_factory.mktemp("moto") / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=output, stderr=output
        )
        try:
            wait_until(lambda: listens(port), "moto")
            yield S3Server("moto", f"http://127.0.0.1:{port}", "testing", "testing")
        finally:
            server.kill()
            server.wait()


@pytest.fixture(scope="session")
def rgw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Ceph's object gateway, which knows Object Lock in earnest."""
    missing = [program for program in RGW_PROGRAMS if not shutil.which(program)]
    if missing:
        pytest.skip(f"{missing[0]} is missing: install ceph-mon ceph-osd radosgw curl ('.ci/ceph-rgw.sh install')")
    folder = tmp_path_factory.mktemp("rgw")
    command = [str(RGW_RECIPE), "start", str(folder), str(free_port())]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=240)
        assert said.returncode == 0, said.stderr
        facts = dict(fact.split("=", 1) for fact in said.stdout.splitlines())
        yield S3Server("rgw", facts["AWS_ENDPOINT_URL"], facts["AWS_ACCESS_KEY_ID"], facts["AWS_SECRET_ACCESS_KEY"])
    finally:
        subprocess.run([str(RGW_RECIPE), "stop", str(folder)], check=True)


@pytest.fixture(params=["moto", "rgw"])
def s3(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """Each S3 server in turn, logged in."""
    server: S3Server = request.getfixturevalue("moto_s3" if request.param == "moto" else "rgw")
    server.log_in(monkeypatch)
    return server


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server's address without a database: ``postgresql://postgres@127.0.0.1:<port>``."""
    programs = sorted(POSTGRES_PROGRAMS.glob("*/bin/initdb"))
    if not programs:
        pytest.skip("PostgreSQL is missing: install postgresql")
    port, binaries = free_port(), programs[-1].parent
    memory = Path("/dev/shm")
    folder = Path(memory if os.access(memory, os.W_OK) else "/tmp") / f"airtight-postgresql-{uuid4().hex[:8]}"
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    folder.mkdir()
    if user:
        shutil.chown(folder, user)
    server = None
    try:
        subprocess.run(
            [str(binaries / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "--no-sync"],
            user=user,
            check=True,
            capture_output=True,
            cwd="/",
        )
        command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder), "-F"]
        with (folder / "log").open("w") as output:
            server = subprocess.Popen(
                [*command, "-c", "listen_addresses=127.0.0.1"], user=user, stdout=output, stderr=output, cwd="/"
            )
        ready = [str(binaries / "pg_isready"), "-h", "127.0.0.1", "-p", str(port)]
        wait_until(lambda: subprocess.run(ready, capture_output=True).returncode == 0, "PostgreSQL")
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        if server:
            server.send_signal(signal.SIGQUIT)
            server.wait()
        shutil.rmtree(folder)


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """A fresh database, sorted as people read (which must not sort partitions)."""
    import sqlalchemy as sa

    name = f"index_{uuid4().hex[:8]}"
    engine = sa.create_engine(
        f"{postgresql.replace('postgresql:', 'postgresql+psycopg2:')}/postgres", isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        collation = connection.execute(
            sa.text("SELECT collname FROM pg_collation WHERE collname IN ('en_US.utf8', 'de_DE.utf8') LIMIT 1")
        ).scalar()
        order = f"TEMPLATE template0 LOCALE '{collation}'" if collation else "TEMPLATE template0 ENCODING 'UTF8'"
        connection.execute(sa.text(f"CREATE DATABASE {name} {order}"))
    engine.dispose()
    return f"{postgresql}/{name}"
