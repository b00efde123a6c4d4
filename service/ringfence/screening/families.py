"""Kinds of identifiers, and their families: what tells of the same thing is one witness."""

from typing import Final

from ringfence.detection.families import family_of
from ringfence.domain.identifiers import STRENGTH_BY_KIND

FAMILIES: Final = ("machine", "payer", "mailbox", "phone", "home", "place", "other")
KINDS: Final = (*sorted(STRENGTH_BY_KIND), "other")
PLACE: Final = FAMILIES.index("place")


def family_at(kind: str) -> int:
    """Place of a kind's family in `FAMILIES`; kinds without relatives share the last one."""
    family = family_of(kind)
    return FAMILIES.index(family) if family in FAMILIES else len(FAMILIES) - 1


def kind_at(kind: str) -> int:
    """Place of a kind in `KINDS`; unknown ones share the last one."""
    return _PLACE_BY_KIND.get(kind, len(KINDS) - 1)


_PLACE_BY_KIND: Final = {kind: at for at, kind in enumerate(KINDS)}
