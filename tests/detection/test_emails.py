"""E-mail addresses in their one spelling, and their shapes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.detection.emails import canonical_emails, domain_codes, length_codes, shape_codes
from ringfence.domain.mailboxes import canonical_email


@pytest.mark.parametrize(
    ("given_as", "canonical"),
    [
        ("J.O.E+x@GoogleMail.com", "joe@gmail.com"),
        ("joe.smith+tag@company.io", "joe.smith@company.io"),
        ("joe.smith@company.io", "joe.smith@company.io"),
        ("+tag@company.io", "+tag@company.io"),
        ("no-at-sign", "no-at-sign"),
    ],
)
def test_mailbox_has_one_spelling(given_as: str, canonical: str) -> None:
    assert canonical_email(given_as) == canonical


@given(st.emails())
def test_spelling_twice_is_spelling_once(email: str) -> None:
    once = canonical_email(email)

    assert canonical_email(once) == once


@given(
    st.lists(
        st.none()
        | st.emails()
        | st.from_regex(r"[aA.+ ]{0,3}@?(gmail|GoogleMail|g|a)?\.com", fullmatch=True)
    )
)
def test_many_at_once_are_spelled_as_each_alone(emails: list[str | None]) -> None:
    alone = [canonical_email(email) if email else "" for email in emails]

    assert canonical_emails(emails) == alone


def test_names_of_one_shape_share_a_code() -> None:
    codes = shape_codes(["mia.lang07@a.b", "tom.ek12@c.d", "mia@a.b", None, "ünal.ö34@a.b"])

    assert codes[0] == codes[1] == codes[4]
    assert codes[2] != codes[0]
    assert codes[3] == -1


def test_domains_and_lengths_are_coded() -> None:
    codes, names = domain_codes(["a@x.org", None, "b@Y.org", "c@x.org"])

    assert names == ["x.org", "y.org"]
    assert codes.tolist() == [0, -1, 1, 0]
    assert length_codes(["abc+1@x.org", None, "d@y.org"]).tolist() == [3, -1, 1]
