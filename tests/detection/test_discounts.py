import pytest

from ringfence.detection import detect_rings, load_config
from ringfence.domain.graph import AccountGraph
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Ring
from tests.detection.drawing import Drawing, detect, farm, flagged


@pytest.fixture(scope="module")
def graph() -> AccountGraph:
    """Strangers, and a farm on one device and a few cards."""
    drawing = Drawing()
    drawing.strangers(300)
    farm(drawing, "farm", 20, devices=1)
    return drawing.graph()


def found(graph: AccountGraph, discounts: dict[IdentifierKey, int]) -> Ring:
    """The ring of the farm, whatever it is worth."""
    rings = detect_rings(graph, load_config(), discounts=discounts).rings
    return max(rings, key=lambda ring: len(ring.members))


def test_overturned_identifier_lowers_the_score_and_the_strength_of_its_ring(
    graph: AccountGraph,
) -> None:
    (before,) = flagged(detect(graph))
    piece = next(one for one in before.evidence if one.key.kind == "device")

    after = found(graph, {piece.key: 1})

    weight = {one.key: one.weight for one in after.evidence}
    assert weight[piece.key] == pytest.approx(piece.weight / 2, abs=0.01)
    assert after.score < before.score
    strength = {one.account_id: one.strength for one in before.members}
    lowered = [one for one in after.members if piece.key in one.because]
    assert lowered
    assert all(one.strength < strength[one.account_id] for one in lowered)


def test_each_further_appeal_halves_what_is_left(graph: AccountGraph) -> None:
    (ring,) = flagged(detect(graph))
    pieces = [piece.key for piece in ring.evidence]

    scores = [found(graph, dict.fromkeys(pieces, times)).score for times in (1, 2)]

    assert ring.score > scores[0] > scores[1]


def test_what_all_evidence_lost_is_no_ring_any_more(graph: AccountGraph) -> None:
    (ring,) = flagged(detect(graph))
    discounts = {piece.key: 9 for piece in ring.evidence}

    assert flagged(detect_rings(graph, load_config(), discounts=discounts)) == []


def test_words_tell_the_share_and_not_what_it_counts(graph: AccountGraph) -> None:
    (before,) = flagged(detect(graph))
    shared = {one.code: one.text for one in before.reasons if one.code.startswith("shared_")}

    after = found(graph, dict.fromkeys((piece.key for piece in before.evidence), 1))

    assert shared
    told = {one.code: one.text for one in after.reasons if one.code in shared}
    assert {code: shared[code] for code in told} == told


def test_discounts_of_what_nobody_shares_change_nothing(graph: AccountGraph) -> None:
    strange = {IdentifierKey("device", "nobody has it"): 3}

    assert detect_rings(graph, load_config(), discounts=strange) == detect(graph)


def test_factor_of_one_gives_the_same_rings_as_no_discount(graph: AccountGraph) -> None:
    (ring,) = flagged(detect(graph))
    config = load_config()
    proof = config.proof.model_copy(update={"overturned": 1.0})
    blind = config.model_copy(update={"proof": proof})

    same = detect_rings(graph, blind, discounts={piece.key: 5 for piece in ring.evidence})

    assert same == detect(graph)
