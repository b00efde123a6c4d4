"""Refuses operations that cost too much, or more than their caller has left, and tells the cost."""

from collections.abc import Iterator
from typing import Any

from strawberry.extensions import SchemaExtension

from ringfence.api.graphql.cost import MAX_COST, cost_of
from ringfence.api.graphql.operation import asked_operation
from ringfence.api.problems import RateLimited
from ringfence.api.throttle import Throttle
from ringfence.errors import LimitExceeded
from ringfence.metrics import GRAPHQL_COST, GRAPHQL_REFUSALS


class CostGuard(SchemaExtension):
    """Charges each operation before it runs; `extensions.cost` tells what it was and what is left.

    Args:
        throttle: holds what callers have left.
    """

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle
        self._told: dict[str, Any] = {}

    def on_execute(self) -> Iterator[None]:
        """Charge the operation.

        Raises:
            LimitExceeded: it costs more than any request may.
            RateLimited: it costs more than the caller has left.
        """
        asked = self.execution_context
        if operation := asked_operation(asked):
            cost = cost_of(operation.schema, operation.document, operation.node, asked.variables)
            self._charge(asked.context.client, cost)
        yield

    def get_results(self) -> dict[str, Any]:
        """What goes into `extensions` of the answer."""
        return {"cost": self._told} if self._told else {}

    def _charge(self, client: str, cost: int) -> None:
        throttle = self._throttle
        GRAPHQL_COST.observe(cost)
        self._told = {"requested": cost, "limit": MAX_COST}
        if cost > MAX_COST:
            GRAPHQL_REFUSALS.labels("too_costly").inc()
            raise LimitExceeded(
                f"The query may cost {cost:,} points, one for each object and list; {MAX_COST:,} "
                "are taken. Ask for smaller pages, or for fewer lists within lists."
            )
        allowance = throttle.take(client, cost)
        self._told |= {
            "available": allowance.available,
            "capacity": throttle.capacity,
            "restoredPerSecond": throttle.restored_per_s,
        }
        if not allowance.granted:
            GRAPHQL_REFUSALS.labels("rate_limited").inc()
            raise RateLimited(
                f"The query costs {cost:,} points and {allowance.available:,} are left. "
                f"Repeat it in {allowance.retry_after_s} s.",
                retry_after_s=allowance.retry_after_s,
            )
