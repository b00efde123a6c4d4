"""Personal data with its middle taken out: enough to recognise it, too little to use it."""

from ringfence.domain.identifiers import EMAIL, IP, IdentifierKey

PUBLIC_KINDS = frozenset(
    {"device", "fingerprint", "cookie", "promo_code", "referral_code", "user_agent"}
)
"""Kinds that name no person, home or account elsewhere; any other kind is personal data."""
SHOWN = 6
"""Characters that are left of a value of no known shape."""


def is_personal(kind: str) -> bool:
    """Whether values of the kind are personal data; those of unknown kinds are."""
    return kind not in PUBLIC_KINDS


def mask(key: IdentifierKey) -> str:
    """The value with its shape kept; that of a kind that is not personal, as it is."""
    if not is_personal(key.kind):
        return key.value
    if key.kind == IP:
        return mask_address(key.value)
    if key.kind == EMAIL or "@" in key.value:
        return mask_email(key.value)
    return mask_text(key.value)


def mask_email(value: str) -> str:
    """Two letters at the most and the domain, such as `ma…@mailhub.example`."""
    local, at, domain = value.rpartition("@")
    if not at:
        return mask_text(value)
    shown = local[: min(2, len(local) // 2)].rstrip("…")
    return f"{shown}…@{domain}"


def mask_address(value: str) -> str:
    """The network: three parts of IPv4 (`203.0.113.…`), three groups of IPv6 (`2001:db8:1:…`)."""
    if ":" in value:
        groups = value.split(":")
        return ":".join([*groups[: min(3, len(groups) - 1)], "…"])
    head, dot, _ = value.rpartition(".")
    return f"{head}.…" if dot else mask_text(value)


def mask_text(value: str) -> str:
    """Its first half, at the most six characters (after a prefix such as `card_`, two)."""
    value = value.rstrip("…")
    prefix, underscore, rest = value.partition("_")
    if underscore and prefix.isalpha() and len(prefix) <= SHOWN:
        return f"{prefix}_{rest[: min(2, len(rest) // 2)]}…"
    return f"{value[: min(SHOWN, len(value) // 2)]}…"
