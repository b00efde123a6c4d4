"""The same input gives the same answer, whatever its order; rings keep their names."""

from dataclasses import replace

import numpy as np

from ringfence.domain.rings import KnownRing, Ring
from tests.detection.drawing import Drawing, detect, farm, flagged, members


def known(ring: Ring) -> KnownRing:
    strengths = {member.account_id: member.strength for member in ring.members}
    return KnownRing(ring.id, ring.operation_id, strengths)


def world() -> Drawing:
    drawing = Drawing()
    drawing.strangers(300)
    farm(drawing, "one", 40, devices=9, cards=7)
    farm(drawing, "two", 25, day=90)
    return drawing


def test_empty_graph_has_no_rings() -> None:
    assert detect(Drawing().graph()).rings == ()


def test_lone_account_is_no_ring() -> None:
    drawing = Drawing()
    drawing.sign_up("alone", device="d", ip="10.0.0.1", email="a@b.com")

    assert detect(drawing.graph()).rings == ()


def test_same_input_gives_the_same_detection() -> None:
    graph = world().graph()

    assert detect(graph) == detect(graph)


def test_order_of_events_does_not_matter() -> None:
    drawing = world()
    before = detect(drawing.graph())

    order = np.random.default_rng(9).permutation(len(drawing.events))
    drawing.events = [drawing.events[at] for at in order]

    assert detect(drawing.graph()) == before


def test_renamed_accounts_make_the_same_rings_with_the_same_ids() -> None:
    drawing = world()
    before = detect(drawing.graph())
    names = sorted({event.account_id for event in drawing.events})
    shuffled = [names[at] for at in np.random.default_rng(3).permutation(len(names))]
    renamed = dict(zip(names, shuffled, strict=True))
    for at, event in enumerate(drawing.events):
        drawing.events[at] = type(event)(
            event.key, renamed[event.account_id], event.time_ms, event.shared, event.body
        )

    after = detect(drawing.graph())

    assert {ring.id: {renamed[a] for a in members(ring)} for ring in before.rings} == {
        ring.id: members(ring) for ring in after.rings
    }


def test_known_ring_keeps_its_id_when_members_and_evidence_change() -> None:
    first = flagged(detect(world().graph()))
    drawing = world()
    drawing.events = [e for e in drawing.events if e.account_id not in {"one0001", "one0002"}]
    for at in range(5):
        drawing.sign_up(
            f"fresh{at}", day=95, device="one-device3", email=f"oneuser{900 + at}@gmail.com"
        )
        drawing.attach(f"fresh{at}", f"one-card{at}", day=95)
    named = [replace(known(ring), id=f"ring_{at}") for at, ring in enumerate(first)]

    second = flagged(detect(drawing.graph(), named))

    assert {ring.id for ring in second} == {"ring_0", "ring_1"}
    assert {ring.operation_id for ring in second} == {ring.operation_id for ring in first}


def test_order_of_known_rings_and_of_events_does_not_matter() -> None:
    drawing = world()
    before = [
        replace(known(ring), id=f"ring_{at}")
        for at, ring in enumerate(detect(drawing.graph()).rings)
    ]
    for at in range(5):
        drawing.sign_up(f"fresh{at}", day=95, device="two-device3")
    expected = detect(drawing.graph(), before)

    order = np.random.default_rng(5).permutation(len(drawing.events))
    drawing.events = [drawing.events[at] for at in order]

    assert detect(drawing.graph(), before[::-1]) == expected
    assert {ring.id for ring in expected.rings} == {ring.id for ring in before}


def test_new_ring_never_takes_the_id_of_a_known_one() -> None:
    first = flagged(detect(world().graph()))[0]
    stranger_to_it = KnownRing(first.id, first.operation_id, {"somebody": 1.0, "else": 1.0})

    second = flagged(detect(world().graph(), [stranger_to_it]))[0]

    assert members(second) == members(first)
    assert second.id != first.id


def test_times_that_are_all_equal_prove_nothing_and_break_nothing() -> None:
    drawing = world()
    drawing.events = [
        type(e)(e.key, e.account_id, 1_700_000_000_000, e.shared, e.body) for e in drawing.events
    ]

    found = flagged(detect(drawing.graph()))

    assert [len(ring.members) for ring in found] == [40, 25]
    codes = {reason.code for ring in found for reason in ring.reasons}
    assert not codes & {"burst", "window", "established", "family"}
