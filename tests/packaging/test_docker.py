import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

DOCKER = Path(__file__).parents[2] / "docker"


def compose(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DOCKER / name).read_text(encoding="utf-8"))
    return loaded


def test_dockerfile_passes_its_linter() -> None:
    told = subprocess.run(
        ["hadolint", DOCKER / "Dockerfile"], capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("name", ["compose.yaml", "compose.test.yaml"])
def test_services_wait_for_services_that_exist(name: str) -> None:
    services = compose(name)["services"]

    awaited = {other for service in services.values() for other in service.get("depends_on", {})}

    assert awaited <= services.keys()
    assert services["neo4j"]["image"] == "neo4j:2026.08.1-community"


def test_compose_publishes_on_the_loopback_address_only() -> None:
    services = compose("compose.yaml")["services"]

    published = [port for service in services.values() for port in service.get("ports", [])]

    assert published == ["127.0.0.1:8000:8000"]
