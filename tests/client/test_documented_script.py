import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ringfence.client import RingfenceClient
from tests.api.live import API_KEY, LiveApi

PAGE = Path(__file__).parents[2] / "docs" / "graphql.md"
URL = "http://127.0.0.1:8000"


@pytest.mark.usefixtures("graph_to_change")
def test_documented_script_runs_against_the_service(api: LiveApi, client: RingfenceClient) -> None:
    (script,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert URL in script

    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", script.replace(URL, api.url)],
        env=os.environ | {"RINGFENCE_API_KEY": API_KEY},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout == "ring_a 5 3 members share a device\n"
    ring = client.find_ring("ring_a")
    assert ring
    assert ring.assignment
    assert ring.assignment.assignee == "night desk"
