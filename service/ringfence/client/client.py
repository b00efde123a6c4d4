"""The client: who asks whom, and what becomes of a refusal."""

from typing import Any, cast

import httpx

from ringfence.client.generated.base_client import HttpClient, Response
from ringfence.client.generated.exceptions import GraphQLClientError
from ringfence.client.generated.operations import Operations


class RequestRefused(GraphQLClientError):
    """What was asked got no answer.

    Attributes:
        code: why, for machines, such as `not_permitted` or `rate_limited`.
        status: of HTTP.
    """

    def __init__(self, message: str, *, code: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    def __str__(self) -> str:
        return f"{self.code}: {self.args[0]}"


class RingfenceClient(Operations):
    """Asks a Ringfence service; use it in `with`, which closes its connections.

    Every operation raises `RequestRefused` if the service does not answer it, and `httpx.HTTPError`
    if the service cannot be reached.

    Args:
        url: where the service is, such as `http://127.0.0.1:8000`.
        key: an API key or an OIDC token.
        reveal_reason: why personal data is to be shown in clear; it stays masked without one.
        timeout_s: how long to wait for an answer.
    """

    def __init__(
        self, url: str, key: str, *, reveal_reason: str | None = None, timeout_s: float = 30.0
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        if reveal_reason:
            headers["X-Reveal-Reason"] = reveal_reason
        # The generator's protocol orders the parameters of `post` otherwise; they go by name.
        http_client = cast("HttpClient", httpx.Client(headers=headers, timeout=timeout_s))
        super().__init__(f"{url.rstrip('/')}/graphql", headers, http_client)

    def get_data(self, response: Response) -> dict[str, Any]:
        """The data of an answer.

        Raises:
            RequestRefused: it holds an error, or is a problem.
        """
        refused = _refusal(response)
        if refused:
            raise refused
        return super().get_data(response)


def _refusal(response: Response) -> RequestRefused | None:
    try:
        told = response.json()
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    if errors := told.get("errors"):
        code = errors[0].get("extensions", {}).get("code", "internal")
        return RequestRefused(errors[0]["message"], code=code, status=response.status_code)
    if "code" in told:
        return RequestRefused(told["detail"], code=told["code"], status=response.status_code)
    return None
