import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.masking import PUBLIC_KINDS, mask


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("email", "maria.k@mailhub.example", "ma…@mailhub.example"),
        ("email", "m@mailhub.example", "…@mailhub.example"),
        ("email", "no-address", "no-ad…"),
        ("ip", "203.0.113.77", "203.0.113.…"),
        ("ip", "2001:db8:1:2::7", "2001:db8:1:…"),
        ("ip", "::1", "::…"),
        ("payment_instrument", "card_1a2b3c4d", "card_1a…"),
        ("payment_instrument", "4242424242424242", "424242…"),
        ("payment_instrument", "c1", "c…"),
        ("phone", "+33699999977", "+33699…"),
        ("a_kind_of_tomorrow", "jane@example.org", "ja…@example.org"),
        ("device", "dev_1a2b3c4d", "dev_1a2b3c4d"),
    ],
)
def test_shape_is_kept_and_the_rest_is_gone(kind: str, value: str, masked: str) -> None:
    assert mask(IdentifierKey(kind, value)) == masked


kinds = st.sampled_from(["email", "ip", "payment_instrument", "phone", "birth_date", "unknown"])


@given(kinds, st.text(min_size=1, max_size=256).filter(lambda text: not text.endswith("…")))
def test_no_value_of_a_personal_kind_is_told_in_full(kind: str, value: str) -> None:
    assert kind not in PUBLIC_KINDS
    assert mask(IdentifierKey(kind, value)) != value


@given(st.ip_addresses().map(str))
def test_no_address_is_told_in_full(value: str) -> None:
    masked = mask(IdentifierKey("ip", value))

    assert masked.endswith("…")
    assert masked != value
