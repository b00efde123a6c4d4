import pytest

from ringfence.detection import load_config
from ringfence.detection.why_not import why_not
from ringfence.domain.graph import AccountGraph
from ringfence.domain.identifiers import DEVICE, IdentifierKey
from ringfence.domain.known_shared import KnownShared
from ringfence.domain.why_not import WhyNot
from ringfence.errors import NotFound
from tests.detection.drawing import Drawing, farm

CONFIG = load_config()
EXIT = "203.0.113.5"
RINGS = {
    "ring_far": [f"far{at}" for at in range(3)],
    "ring_near": [f"near{at}" for at in range(3)],
}


@pytest.fixture(scope="module")
def graph() -> AccountGraph:
    drawing = Drawing()
    drawing.strangers(200)
    for name in ("far", "near"):
        for at in range(3):
            drawing.sign_up(f"{name}{at}", day=60 + at / 100, device=f"dev-{name}", ip=EXIT)
    drawing.sign_up("neighbour", day=60, device="dev-neighbour", ip=EXIT)
    drawing.sign_up("guest", day=60.01, device="dev-near", ip=EXIT)
    drawing.sign_up("customer", day=1, device="dev-customer", ip=EXIT)
    drawing.attach("customer", "card-customer", day=1)
    drawing.charge("customer", "card-customer", [1, 31, 61, 91, 121])
    return drawing.graph()


def ask(graph: AccountGraph, account: str, *ring_ids: str) -> WhyNot:
    rings = {name: RINGS[name] for name in ring_ids or RINGS}
    return why_not(graph, account, rings, CONFIG)


def test_what_was_set_aside_or_overturned_proves_less(graph: AccountGraph) -> None:
    device = IdentifierKey(DEVICE, "dev-near")
    shared = KnownShared(device, "the library's computer", "ana")

    plain = ask(graph, "guest", "ring_near")
    overturned = why_not(graph, "guest", RINGS, CONFIG, discounts={device: 1})
    known = why_not(graph, "guest", RINGS, CONFIG, known_shared=[shared])

    proofs = {one.key: one.proof for one in plain.shares}
    halved = {one.key: one.proof for one in overturned.shares}
    assert halved[device] == pytest.approx(CONFIG.proof.overturned * proofs[device], abs=1e-4)
    assert {key: proof for key, proof in halved.items() if key != device} == {
        key: proof for key, proof in proofs.items() if key != device
    }
    assert device in proofs
    assert device not in {one.key for one in known.shares}


def test_account_that_shares_nothing_is_told_so(graph: AccountGraph) -> None:
    answer = ask(graph, "stranger0001")

    assert (answer.ring_id, answer.member, answer.shares, answer.proof) == (None, False, (), 0.0)
    assert answer.missing == ("nothing_shared",)
    assert answer.text == "stranger0001 shares nothing with any ring."
    assert ask(graph, "stranger0001", "ring_far").text == (
        "stranger0001 shares nothing with ring_far."
    )


def test_neighbour_behind_an_exit_lacks_more_than_a_place(graph: AccountGraph) -> None:
    answer = ask(graph, "neighbour", "ring_near")

    assert [(it.key.value, it.members, it.accounts) for it in answer.shares] == [(EXIT, 3, 9)]
    assert answer.missing == ("only_places", "one_family", "not_enough_proof")
    assert answer.against == ("own_machine",)
    assert answer.proof < answer.needed == CONFIG.attach.proof
    assert "203.0.113.…" in answer.text
    assert EXIT not in answer.text


def test_paying_customer_out_of_time_has_all_of_it_against_it(graph: AccountGraph) -> None:
    answer = ask(graph, "customer", "ring_near")

    assert answer.against == ("pays_for_months", "own_machine", "out_of_time")
    assert answer.text.endswith(
        "Against it: it has paid for months, it has a machine to itself and it signed up at "
        "another time than the ring."
    )


def test_nearest_ring_is_the_one_with_most_proof(graph: AccountGraph) -> None:
    answer = ask(graph, "guest")

    assert answer.ring_id == "ring_near"
    assert [it.key.kind for it in answer.shares] == ["device", "ip"]
    assert answer.proof == pytest.approx(sum(it.proof for it in answer.shares), abs=1e-4)
    assert answer.proof >= answer.needed
    assert answer.missing == ()
    assert "it is not proof that is missing" in answer.text


def test_member_is_told_so_whatever_ring_is_near(graph: AccountGraph) -> None:
    answer = ask(graph, "far0")

    assert (answer.ring_id, answer.member, answer.missing) == ("ring_far", True, ())
    assert {it.key.value: it.members for it in answer.shares} == {"dev-far": 2, EXIT: 2}
    assert answer.text.startswith("far0 is a member of ring_far and shares device dev-far with 2")


def test_order_of_rings_and_members_changes_nothing(graph: AccountGraph) -> None:
    turned = {name: RINGS[name][::-1] for name in reversed(RINGS)}

    assert why_not(graph, "neighbour", turned, CONFIG) == ask(graph, "neighbour")


def test_two_things_of_one_family_prove_as_much_as_the_better_one() -> None:
    drawing = Drawing()
    farm(drawing, "farm", 5, devices=1, cards=1)
    for at in range(5):
        drawing.sign_in(f"twin{at}", day=60, device="dev-a")
        drawing.sign_in(f"twin{at}", day=60, device="dev-b")
    twins = {"ring": [f"twin{at}" for at in range(1, 5)]}

    answer = why_not(drawing.graph(), "twin0", twins, CONFIG)

    assert len(answer.shares) == 2
    assert answer.proof == max(it.proof for it in answer.shares)


def test_unknown_account_is_not_found(graph: AccountGraph) -> None:
    with pytest.raises(NotFound, match="knows no account nobody"):
        ask(graph, "nobody")
