"""Start Airflow on this machine, wait until it is healthy, speak to its API, stop everything it started.

Refuses a port in use and a start that dies, in one plain sentence with the last lines of Airflow's own log.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil  # type: ignore[import-untyped]
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from airtight.errors import ConfigurationError
from airtight.wire import Json
from airtight_launch.home import Home

HEALTHY_WITHIN = 600.0
PATIENCE = 25.0
_COMPONENTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


def refuse_port_in_use(port: int) -> None:
    """Raise a ConfigurationError where another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise ConfigurationError(
                f"port {port} of this machine is in use.",
                remedy=f"Stop what listens there, or choose another: make run PORT={port + 1}",
            ) from None


@dataclass(frozen=True)
class Running:
    """An Airflow that is up: its API, and its process, whose end means that it is not."""

    api: Api
    process: subprocess.Popen[bytes]
    log: Path

    def stay(self) -> None:
        """Wait for as long as Airflow runs.

        Raises:
            ConfigurationError: it ended by itself.
        """
        self.process.wait()
        raise ConfigurationError("Airflow stopped by itself.", where=str(self.log), remedy=_last_lines(self.log))


@contextmanager
def airflow(home: Home, progress: Callable[[str], None]) -> Iterator[Running]:
    """Airflow standalone, healthy; on leaving, it and all its children are stopped.

    Raises:
        ConfigurationError: the port is taken, or Airflow did not become healthy in time.
    """
    refuse_port_in_use(home.port)
    log = home.airflow / "standalone.log"
    with log.open("ab") as output:
        process = _start(home, output)
        try:
            _wait_until_healthy(process, home, log, progress)
            yield Running(Api(home), process, log)
        finally:
            stop(process)


def _start(home: Home, output: IO[bytes]) -> subprocess.Popen[bytes]:
    # A shell starts what it runs in the background with SIGINT ignored; Airflow is stopped by it.
    listening = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        command = [str(Path(sys.executable).with_name("airflow")), "standalone"]
        return subprocess.Popen(
            command, env=home.environment(), cwd=home.state, stdout=output, stderr=output, start_new_session=True
        )
    finally:
        signal.signal(signal.SIGINT, listening)


def _wait_until_healthy(
    process: subprocess.Popen[bytes], home: Home, log: Path, progress: Callable[[str], None]
) -> None:
    deadline = time.monotonic() + HEALTHY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ConfigurationError("Airflow stopped while starting.", where=str(log), remedy=_last_lines(log))
        waiting = unhealthy(home.address)
        if not waiting:
            return
        progress(f"waiting for {', '.join(waiting)}")
        time.sleep(1)
    raise ConfigurationError(
        f"Airflow was not healthy after {HEALTHY_WITHIN:.0f} seconds.", where=str(log), remedy=_last_lines(log)
    )


def unhealthy(address: str) -> tuple[str, ...]:
    """The components that do not report themselves healthy."""
    try:
        answer = requests.get(f"{address}/api/v2/monitor/health", timeout=5)
        report = answer.json() if answer.ok else {}
    except (requests.RequestException, ValueError):
        return ("the API server",)
    return tuple(name for name in _COMPONENTS if (report.get(name) or {}).get("status") != "healthy")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop Airflow and every process that it started; wait until they are gone.

    A second Ctrl-C does not cut this short: it would leave Airflow behind.
    """
    with _undisturbed():
        # Airflow stops its parts in order; what it does not stop in time may be killed, for evidence is never
        # written half.
        _send(process.pid, signal.SIGINT)
        if not _gone(process, PATIENCE):
            for member in members(process.pid):
                _send(member, signal.SIGKILL)
            _gone(process, PATIENCE)


@contextmanager
def _undisturbed() -> Iterator[None]:
    kept = {sign: signal.signal(sign, signal.SIG_IGN) for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for sign, handler in kept.items():
            signal.signal(sign, handler)


def members(session: int) -> tuple[int, ...]:
    """The living processes of a session: what ``airflow standalone`` started, however deep."""
    return tuple(pid for pid in psutil.pids() if _session_of(pid) == session)


def _session_of(pid: int) -> int | None:
    try:
        return None if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE else os.getsid(pid)
    except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
        return None


def _send(pid: int, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it ended by itself
        os.kill(pid, sign)


def _gone(process: subprocess.Popen[bytes], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while process.poll() is None or members(process.pid):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.2)
    return True


def _last_lines(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()[-6:]
    return "Its last words:\n" + "\n".join(lines)


class Api:
    """Airflow's public API, as one of the local installation's log-ins."""

    def __init__(self, home: Home, name: str = "admin") -> None:
        self.home = home
        self._address = home.address
        self._session = requests.Session()
        # A machine that is busy starting tasks may drop a read; asking again is safe, writing again is not.
        self._session.mount("http://", HTTPAdapter(max_retries=Retry(total=4, backoff_factor=1)))
        answer = self._session.post(
            f"{home.address}/auth/token",
            json={"username": name, "password": home.passwords()[name]},
            timeout=30,
        )
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def call(self, method: str, path: str, body: Json = None, *, accept: tuple[int, ...] = ()) -> dict[str, Json]:
        """One request to ``/api/v2``; statuses in ``accept`` count as success.

        Raises:
            ConfigurationError: Airflow refused the request.
        """
        answer = self._session.request(method, f"{self._address}/api/v2/{path}", json=body, timeout=60)
        if not answer.ok and answer.status_code not in accept:
            raise ConfigurationError(f"Airflow answered {answer.status_code} to {method} {path}: {answer.text[:300]}")
        loaded: dict[str, Json] = answer.json() if answer.content else {}
        return loaded
