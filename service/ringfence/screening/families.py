"""Families of kinds: identifiers that tell of the same thing are one witness, not several."""

from typing import Final

from ringfence.detection.families import family_of

FAMILIES: Final = ("machine", "payer", "mailbox", "phone", "home", "place", "other")
PLACE: Final = FAMILIES.index("place")


def family_at(kind: str) -> int:
    """Place of a kind's family in `FAMILIES`; kinds without relatives share the last one."""
    family = family_of(kind)
    return FAMILIES.index(family) if family in FAMILIES else len(FAMILIES) - 1
