import pytest

from ringfence.domain.access import Principal, PrincipalKind, Scope, expect_scopes, read_scopes
from ringfence.errors import InvalidInput, NotPermitted


def test_caller_without_a_scope_may_nothing() -> None:
    bare = Principal("key_1", "bare", PrincipalKind.API_KEY)

    for scope in Scope:
        for nobody in (bare, None):
            with pytest.raises(NotPermitted, match=f"`{scope.value}`"):
                expect_scopes(nobody, [scope])


def test_missing_scopes_are_named_and_held_ones_are_not() -> None:
    reader = Principal("key_1", "reader", PrincipalKind.API_KEY, frozenset({Scope.READ}))

    with pytest.raises(NotPermitted) as refused:
        expect_scopes(reader, [Scope.VERDICT, Scope.READ, Scope.INGEST])

    assert "`ingest`, `verdict`." in str(refused.value)


@pytest.mark.parametrize("names", [[], ["all"], ["read", "READ"], [""]])
def test_scopes_that_do_not_exist_are_refused(names: list[str]) -> None:
    with pytest.raises(InvalidInput, match="personal_data"):
        read_scopes(names)
