"""One mailbox has many spellings."""

from typing import Final

DOTLESS_DOMAINS: Final = frozenset({"gmail.com", "googlemail.com"})
"""Hosts that ignore dots; the two are one."""


def canonical_email(email: str) -> str:
    """The one spelling of a mailbox: lower case, no plus tag, no dots where the host ignores them.

    Gmail ignores dots (https://support.google.com/mail/answer/7436150) and plus tags; others that
    deliver plus tags to the same mailbox are the rule, so tags go everywhere.
    """
    local, at, domain = email.strip().lower().rpartition("@")
    if not at:
        return domain
    base = local.partition("+")[0] or local
    if domain in DOTLESS_DOMAINS:
        return f"{base.replace('.', '')}@gmail.com"
    return f"{base}@{domain}"
