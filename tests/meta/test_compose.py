"""docker-compose.yml opens no port to the world, has no default password and hands no key to whom it is not for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
COMPOSE = REPOSITORY / "docker-compose.yml"
EXAMPLE = REPOSITORY / ".env.example"
SECRET = re.compile(r"PASSWORD|SECRET|KEY|TOKEN")
ONE_SHOT = {"migrate"}


@pytest.fixture(scope="module")
def services() -> dict[str, dict]:
    """Each service as compose would start it, without its variables filled in."""
    return yaml.safe_load(COMPOSE.read_text())["services"]


def _having(services: dict[str, dict], variable: str) -> set[str]:
    return {name for name, service in services.items() if variable in (service.get("environment") or {})}


def test_every_service_has_an_image_or_is_built(services):
    assert [name for name, service in services.items() if not (service.get("image") or service.get("build"))] == []


def test_every_lasting_service_tells_whether_it_is_healthy(services):
    silent = {name for name, service in services.items() if "healthcheck" not in service}
    assert silent == ONE_SHOT


def test_ports_are_bound_to_this_machine_only(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not str(port).startswith("127.0.0.1:")] == []


def test_no_variable_has_a_default(services):
    used = re.findall(r"(?<!\$)\$\{([^}]*)\}", COMPOSE.read_text())
    assert [variable for variable in used if not re.fullmatch(r"\w+:\?.*", variable)] == []


def test_no_secret_is_written_out(services):
    written = [
        (name, variable, value)
        for name, service in services.items()
        for variable, value in (service.get("environment") or {}).items()
        if SECRET.search(variable) and not str(value).startswith(("${", "/run/secrets/"))
    ]
    assert written == []


def test_only_the_signing_worker_names_the_signing_key(services):
    assert _having(services, "AIRTIGHT_SIGNING_KEY") == {"signing-worker"}
    commands = {name: str(service.get("command")) for name, service in services.items()}
    assert {name for name, command in commands.items() if "signing" in command} == {"signing-worker"}


def test_only_who_makes_or_checks_tokens_holds_their_secret(services):
    assert _having(services, "AIRFLOW__API_AUTH__JWT_SECRET") == {"api-server", "scheduler"}


def test_example_names_every_variable_that_compose_asks_for():
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", COMPOSE.read_text()))
    assert asked == set(re.findall(r"^(\w+)=", EXAMPLE.read_text(), re.MULTILINE))
