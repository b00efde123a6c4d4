"""E-mail addresses by the column: one spelling a mailbox, the domain, the shape of the name."""

import re
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from ringfence.domain.graph import Ints
from ringfence.domain.mailboxes import DOTLESS_DOMAINS, canonical_email

FREE_MAIL_DOMAINS = frozenset(
    domain
    for line in files("ringfence.detection")
    .joinpath("free_mail_domains.txt")
    .read_text(encoding="utf-8")
    .splitlines()
    if not line.startswith("#")
    for domain in line.split()
)
_SHAPES = bytes(
    ord("9") if chr(byte).isdigit() and byte < 128 else ord("a") if _letter else byte
    for byte in range(256)
    for _letter in (byte > 127 or chr(byte).isalpha(),)
)
_LETTERS = re.compile(rb"a+")


def canonical_emails(emails: Sequence[str | None]) -> list[str]:
    """`canonical_email` of each, empty where there is none; of very many at once, much faster."""
    text = "\n".join([email or "" for email in emails])
    raw = np.frombuffer(text.encode(), dtype=np.uint8)
    plain = text.isascii() and int((raw <= ord(" ")).sum()) == len(emails) - 1
    if not plain:
        return [canonical_email(email) if email else "" for email in emails]
    found = text.lower().split("\n")
    for at in _maybe_respelled(raw):
        found[at] = canonical_email(found[at])
    return found


def _maybe_respelled(raw: npt.NDArray[np.uint8]) -> list[int]:
    """Lines, among all that have a tag or a host that ignores dots, and few others."""
    respelled = raw == ord("+")
    hosts = {ord(letter) for domain in DOTLESS_DOMAINS for letter in (domain[0], domain[0].upper())}
    respelled[1:] |= (raw[:-1] == ord("@")) & np.isin(raw[1:], list(hosts))
    line_ends = np.flatnonzero(raw == ord("\n"))
    lines = np.searchsorted(line_ends, np.flatnonzero(respelled))
    return list(map(int, np.unique(lines)))


def domain_codes(emails: Sequence[str | None]) -> tuple[Ints, list[str]]:
    """A code per e-mail for its domain, -1 where there is none, and the domains by code."""
    return _codes([(email or "").rpartition("@")[2].lower() for email in emails])


def shape_codes(emails: Sequence[str | None]) -> Ints:
    """A code per e-mail for the shape of its local part, -1 where there is none.

    Runs of letters fold to one `a`, each digit stays a `9`: `mia.lang07` and `tom.ek12` are both
    `a.a99`.
    """
    return local_codes(emails)[0]


def local_codes(emails: Sequence[str | None]) -> tuple[Ints, Ints]:
    """`shape_codes` and `length_codes` of the e-mails, at the cost of one."""
    locals_ = _locals(emails)
    lengths = np.fromiter(map(len, locals_), np.int64, len(locals_))
    return _codes(_folded(locals_))[0], np.where(lengths > 0, lengths, -1)


def folded_shape(email: str) -> str:
    """The shape of one local part, as `shape_codes` knows it."""
    local = _locals([email])[0]
    return _LETTERS.sub(b"a", local.encode().translate(_SHAPES)).decode("latin-1")


def length_codes(emails: Sequence[str | None]) -> Ints:
    """Length of the local part, -1 where there is none; names made by a script share it."""
    return local_codes(emails)[1]


def _locals(emails: Sequence[str | None]) -> list[str]:
    return [
        email.rpartition("@")[0].partition("+")[0].replace("\n", "") if email else ""
        for email in emails
    ]


def _folded(locals_: list[str]) -> list[str]:
    if not locals_:
        return []
    shapes = np.frombuffer("\n".join(locals_).encode().translate(_SHAPES), dtype=np.uint8)
    letter = shapes == ord("a")
    keep = np.ones(len(shapes), dtype=bool)
    keep[1:] = ~(letter[1:] & letter[:-1])
    return shapes[keep].tobytes().decode("latin-1").split("\n")


def _codes(texts: list[str]) -> tuple[Ints, list[str]]:
    names = sorted(set(texts) - {""})
    code_by_text = {name: code for code, name in enumerate(names)} | {"": -1}
    return np.fromiter(map(code_by_text.__getitem__, texts), np.int64, len(texts)), names
