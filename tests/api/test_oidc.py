import pytest

from ringfence.api.oidc import scopes_of
from ringfence.domain.access import Scope


@pytest.mark.parametrize(
    ("told", "prefix", "scopes"),
    [
        ("read ingest", "", {Scope.READ, Scope.INGEST}),
        (["read", "verdict", "other"], "", {Scope.READ, Scope.VERDICT}),
        ("rf:read ingest", "rf:", {Scope.READ}),
        ("rf:read", "", set()),
        ("", "", set()),
        (7, "", set()),
        (None, "", set()),
        ([["read"]], "", set()),
    ],
)
def test_scopes_of_a_claim_are_ours_alone(told: object, prefix: str, scopes: set[Scope]) -> None:
    assert scopes_of({"roles": told}, "roles", prefix) == scopes


def test_claim_of_another_name_gives_nothing() -> None:
    assert scopes_of({"scope": "read"}, "roles", "") == frozenset()
