"""Who asks, and what they may do: nothing but what a scope allows."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ringfence.errors import InvalidInput, NotPermitted


class Scope(StrEnum):
    """One thing that a caller may do."""

    READ = "read"
    PERSONAL_DATA = "personal_data"
    INGEST = "ingest"
    SCREENING = "screening"
    VERDICT = "verdict"
    TAKEDOWN_PLAN = "takedown_plan"
    TAKEDOWN_APPROVE = "takedown_approve"
    ACTIONS = "actions"
    APPEALS = "appeals"
    ADMINISTER = "administer"


KEY_PREFIX: Final = "key_"
"""Begins the id of a caller that holds an API key; the key's own id follows."""


class PrincipalKind(StrEnum):
    """How a caller proved who it is."""

    ROOT = "root"
    API_KEY = "api_key"
    TOKEN = "token"  # noqa: S105 - the word, no secret
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks.

    Attributes:
        id: unique among all; what the audit log and the limits know it by.
        name: for people.
    """

    id: str
    name: str
    kind: PrincipalKind
    scopes: frozenset[Scope] = frozenset()


ROOT = Principal("root", "root", PrincipalKind.ROOT, frozenset(Scope))
"""Whoever holds the key of the settings."""


def expect_scopes(principal: Principal | None, needed: Iterable[Scope]) -> None:
    """Return if the caller holds all of them.

    Raises:
        NotPermitted: it lacks some, which the message names.
    """
    held = principal.scopes if principal else frozenset()
    if missing := sorted(set(needed) - held):
        named = ", ".join(f"`{scope}`" for scope in missing)
        raise NotPermitted(f"This needs the scope {named}. Ask an administrator for a key with it.")


def read_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """Scopes by name.

    Raises:
        InvalidInput: none is named, or one that does not exist.
    """
    asked = frozenset(names)
    known = {scope.value for scope in Scope}
    if not asked or asked - known:
        told = ", ".join(sorted(asked - known)) or "none"
        raise InvalidInput(f"Scopes: got {told}; expected some of {', '.join(sorted(known))}.")
    return frozenset(map(Scope, asked))
