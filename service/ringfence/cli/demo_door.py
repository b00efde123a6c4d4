"""Questions that the demo asks its own API."""

import json
import urllib.request
from typing import Any

from ringfence.settings import DEMO_API_KEY


def ask(address: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Post JSON to the demo's API with its key, and give back the JSON of the answer.

    Args:
        address: of the API, without a path.
        path: of the route.
        body: what is posted.
    """
    request = urllib.request.Request(  # noqa: S310 - the address is our own
        f"{address}{path}",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {DEMO_API_KEY}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        answer: dict[str, Any] = json.load(response)
        return answer
