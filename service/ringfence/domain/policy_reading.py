"""Policies read strictly from JSON or TOML, and told exactly where they break."""

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from ringfence.domain.policies import PolicyDraft
from ringfence.domain.rings import Grade, Tier
from ringfence.domain.screenings import Decision
from ringfence.errors import InvalidInput

MAX_DOCUMENT: Final = 1_000_000
"""Characters of a document that is read."""
_FAULT_PATTERN: Final = re.compile(r"(?P<fault>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?", re.DOTALL)
_STEP_PATTERN: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_WORDS_BY_FIELD: Final[dict[str, type[StrEnum]]] = {
    "burst": Decision,
    "possible": Decision,
    "likely": Decision,
    "confirmed": Decision,
    "grades": Grade,
    "exempt": Grade,
    "tiers": Tier,
    "tier": Tier,
}
_ASSIGNED: Final = ("`version`", "`mode`")


def read_draft(text: str, *, where: str, toml: bool = False) -> PolicyDraft:
    """The policy that a text holds.

    Args:
        text: JSON, or TOML.
        where: what the text is, for the message.
        toml: which of the two it is.

    Raises:
        InvalidInput: it is neither, or a field is missing, unknown or impossible; the message names
            the field, what it holds and what was expected.
    """
    if len(text) > MAX_DOCUMENT:
        raise InvalidInput(
            f"{where}: got {len(text):,} characters; expected {MAX_DOCUMENT:,} at the most. "
            "Identifiers belong on the lists, which all policies share."
        )
    form = "TOML" if toml else "JSON"
    try:
        told = tomllib.loads(text) if toml else msgspec.json.decode(text)
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeError, RecursionError) as error:
        raise InvalidInput(f"{where}: {error}. Expected the {form} of a policy.") from None
    try:
        return msgspec.convert(told, PolicyDraft)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{where}: {_fault(str(error), told)}. Correct it.") from None


def _fault(message: str, told: object) -> str:
    """The fault in one line: the field, what it holds, what was expected."""
    match = _FAULT_PATTERN.fullmatch(message)
    fault, path = (match["fault"], match["path"] or "") if match else (message, "")
    if any(fault == f"Object contains unknown field {name}" for name in _ASSIGNED):
        fault = f"{fault}, which saving and enforcing set"
    if fault.startswith("Invalid enum value"):
        fault = f"{fault}; expected one of {', '.join(_words(path))}"
    if not fault.startswith("Expected "):
        return f"{path}: {fault}" if path else fault
    met = repr(_at(told, path))
    return f"{path or 'the document'}: got {met[:60]}, e{fault[1:]}"


def _words(path: str) -> list[str]:
    field = next((name for _, name in reversed(_STEP_PATTERN.findall(path)) if name), "")
    words = _WORDS_BY_FIELD.get(field)
    return [word.value for word in words] if words else ["country", "plan"]


def _at(told: object, path: str) -> object:
    for index, name in _STEP_PATTERN.findall(path):
        if isinstance(told, Mapping):
            told = told.get(name)
        elif isinstance(told, list) and index:
            told = told[int(index)]
    return told
