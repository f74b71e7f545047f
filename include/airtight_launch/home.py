"""The state of a local installation under ``var/``: passwords, keys and Airflow's home, made once and kept.

Every secret is random, lies in a file of mode 0600 and is never printed except the log-ins, which whoever runs
``make run`` needs. Airflow's own secrets stand in its configuration file, not in the environment, because tasks
inherit the environment.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SAMPLE_ORGANISATION = "include/organisation"
ROLES = {"engineer": "op", "auditor": "viewer", "manager": "user", "admin": "admin"}

_CONFIGURATION = """\
[core]
dags_folder = {root}/dags
plugins_folder = {root}/plugins
load_examples = False
executor = LocalExecutor
parallelism = {workers}
default_task_retry_delay = {retry_seconds}
fernet_key = {fernet}
simple_auth_manager_users = {users}
simple_auth_manager_passwords_file = {home}/passwords.json
execution_api_server_url = {address}/execution/

[database]
sql_alchemy_conn = sqlite:///{home}/airflow.db

[api]
host = 127.0.0.1
port = {port}
base_url = {address}
workers = 1
secret_key = {secret}

[api_auth]
jwt_secret = {jwt}

[dag_processor]
refresh_interval = 15

[scheduler]
enable_health_check = True
# what a Ctrl-C interrupted is taken up soon after the next start
task_instance_heartbeat_timeout = 120

[workers]
# a busy machine answers late, and the API server comes up after the scheduler
execution_api_timeout = 60
execution_api_retries = 10

[logging]
base_log_folder = {home}/logs

[usage_data_collection]
enabled = False
"""


@dataclass(frozen=True)
class Home:
    """Where a local installation keeps its state, and where its page is.

    Attributes:
        root: the checkout, which holds ``dags``, ``plugins`` and ``include``.
        organisation: the organisation folder; the sample one unless ``AIRTIGHT_ORGANISATION`` says otherwise.
    """

    root: Path
    state: Path
    organisation: Path
    port: int

    @classmethod
    def of(cls, root: Path, environ: Mapping[str, str], port: int) -> Home:
        """The installation of a checkout, where ``AIRTIGHT_STATE`` and ``AIRTIGHT_ORGANISATION`` may move its parts."""
        state = Path(environ.get("AIRTIGHT_STATE") or root / "var").resolve()
        organisation = Path(environ.get("AIRTIGHT_ORGANISATION") or root / SAMPLE_ORGANISATION).resolve()
        return cls(root, state, organisation, port)

    @property
    def is_sample(self) -> bool:
        return self.organisation == (self.root / SAMPLE_ORGANISATION).resolve()

    @property
    def airflow(self) -> Path:
        return self.state / "airflow"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def passwords(self) -> dict[str, str]:
        """Log-in name -> password of each role."""
        loaded: dict[str, str] = json.loads((self.airflow / "passwords.json").read_text())
        return loaded

    def environment(self) -> dict[str, str]:
        """The environment that Airflow and its tasks run in: places, no secret.

        Settings of Airflow that the shell carries are left out: a local installation is what its own file says.
        """
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW__")}
        return {
            **inherited,
            "AIRFLOW_HOME": str(self.airflow),
            "AIRTIGHT_HOME": str(self.root),
            "AIRTIGHT_ORGANISATION": str(self.organisation),
            "AIRTIGHT_STATE": str(self.state),
            "PYTHONPATH": str(self.root / "include"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "DO_NOT_TRACK": "1",
            "GX_ANALYTICS_ENABLED": "False",
        }


def prepare(home: Home, *, workers: int, retry_seconds: int) -> None:
    """Make what is missing; passwords and keys that exist are kept.

    Args:
        workers: tasks that run at the same time.
        retry_seconds: how long a failed task waits before it is tried again.
    """
    home.airflow.mkdir(mode=0o700, parents=True, exist_ok=True)
    _passwords(home)
    private_file(home.airflow / "airflow.cfg", _configuration(home, workers, retry_seconds))


def private_file(file: Path, content: str) -> None:
    """Write a file that only its owner can read, never visible half-written or with wider permissions."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(content)
    temporary.replace(file)


def _passwords(home: Home) -> None:
    file = home.airflow / "passwords.json"
    if not file.exists():
        private_file(file, json.dumps({role: secrets.token_urlsafe(12) for role in ROLES}, indent=1))


def _configuration(home: Home, workers: int, retry_seconds: int) -> str:
    kept = _secrets(home.airflow / "secrets.json")
    return _CONFIGURATION.format(
        root=home.root,
        home=home.airflow,
        address=home.address,
        port=home.port,
        workers=workers,
        retry_seconds=retry_seconds,
        users=",".join(f"{name}:{role}" for name, role in ROLES.items()),
        **kept,
    )


def _secrets(file: Path) -> dict[str, str]:
    if not file.exists():
        from cryptography.fernet import Fernet

        made = {
            "fernet": Fernet.generate_key().decode(),
            "jwt": secrets.token_urlsafe(48),
            "secret": secrets.token_hex(32),
        }
        private_file(file, json.dumps(made, indent=1))
    loaded: dict[str, str] = json.loads(file.read_text())
    return loaded
