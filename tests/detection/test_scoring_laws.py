"""What must hold for any graph: order and names do not matter, evidence never lowers a score."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.detection.drawing import Drawing, detect, flagged, members

LINKS = st.lists(
    st.tuples(
        st.integers(0, 24),
        st.sampled_from(["device", "phone", "postal_address", "fingerprint"]),
        st.integers(0, 6),
    ),
    min_size=5,
    max_size=80,
)


def drawn(links: list[tuple[int, str, int]]) -> Drawing:
    drawing = Drawing()
    for account, kind, value in links:
        drawing.sign_up(f"a{account:02d}", day=account / 10, also=[(kind, f"{kind}{value}")])
    return drawing


@given(LINKS, st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_order_of_events_never_matters(links: list[tuple[int, str, int]], seed: int) -> None:
    drawing = drawn(links)
    before = detect(drawing.graph())

    order = np.random.default_rng(seed).permutation(len(drawing.events))
    drawing.events = [drawing.events[at] for at in order]

    assert detect(drawing.graph()) == before


@given(LINKS)
@settings(max_examples=40, deadline=None)
def test_every_flagged_member_has_a_reason(links: list[tuple[int, str, int]]) -> None:
    for ring in flagged(detect(drawn(links).graph())):
        assert ring.reasons
        assert all(member.because and member.joined_because for member in ring.members)
        assert len({member.account_id for member in ring.members}) == len(ring.members)


@given(st.integers(6, 20), st.integers(1, 3), st.integers(0, 10))
@settings(max_examples=30, deadline=None)
def test_score_never_falls_when_a_shared_kind_is_added(size: int, devices: int, day: int) -> None:
    scores = []
    for kinds in (["device"], ["device", "phone"], ["device", "phone", "tax_id"]):
        drawing = Drawing()
        drawing.strangers(120)
        for at in range(size):
            shared = [(kind, f"{kind}-{at % devices}") for kind in kinds]
            drawing.sign_up(f"x{at:02d}", day=day + at / 50, also=[("device", "all"), *shared])
        ours = [r.score for r in detect(drawing.graph()).rings if "x00" in members(r)]
        scores.append(ours[0] if ours else 0.0)

    assert scores == sorted(scores)
