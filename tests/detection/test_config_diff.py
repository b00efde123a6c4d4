"""Two detections compared: who comes in, who goes out, and why a tier moves."""

from ringfence.detection.config_diff import ReasonChange, compare_detections
from ringfence.domain.rings import Detection, Grade, Member, Reason, Ring, Role, Tier


def ring(name: str, accounts: str, *, tier: Tier = Tier.AUTO, **weights: float) -> Ring:
    return Ring(
        id=name,
        operation_id=f"op-{name}",
        score=0.9,
        grade=Grade.CONCLUSIVE,
        tier=tier,
        members=tuple(Member(account, Role.CORE, 1.0, (), "shares it") for account in accounts),
        evidence=(),
        reasons=tuple(Reason(code, weight, code) for code, weight in weights.items()),
        kinds=(),
    )


def detection(*rings: Ring) -> Detection:
    return Detection(rings, "fingerprint")


def test_a_detection_differs_in_nothing_from_itself() -> None:
    it = detection(ring("r1", "abcde"), ring("r2", "fghij", tier=Tier.WATCH))

    diff = compare_detections(it, it)

    assert diff.rings_matched == (("r1", "r1"), ("r2", "r2"))
    assert diff.accounts_in == diff.accounts_out == ()
    assert diff.rings_only_a == diff.rings_only_b == ()
    assert diff.tier_changes == ()


def test_accounts_and_rings_in_and_out_are_told() -> None:
    a = detection(ring("r1", "abcde"), ring("r2", "xyz"))
    b = detection(ring("s1", "bcdef"), ring("s2", "mno"))

    diff = compare_detections(a, b)

    assert diff.accounts_in == ("f", "m", "n", "o")
    assert diff.accounts_out == ("a", "x", "y", "z")
    assert diff.rings_matched == (("r1", "s1"),)
    assert (diff.rings_only_a, diff.rings_only_b) == (("r2",), ("s2",))


def test_a_split_ring_goes_with_its_largest_piece() -> None:
    a = detection(ring("r1", "abcdefgh"))
    b = detection(ring("s1", "abc"), ring("s2", "defgh"))

    diff = compare_detections(a, b)

    assert diff.rings_matched == (("r1", "s2"),)
    assert diff.rings_only_b == ("s1",)


def test_tier_change_tells_the_reasons_that_moved_most_first() -> None:
    a = detection(ring("r1", "abcde", burst=1.0, size=0.5, device=2.0))
    watched = ring("s1", "abcde", tier=Tier.WATCH, device=2.0, size=0.4, family=-2.5)

    diff = compare_detections(a, detection(watched))

    (change,) = diff.tier_changes
    assert (change.tier_a, change.tier_b) == (Tier.AUTO, Tier.WATCH)
    assert change.reasons == (
        ReasonChange("family", 0.0, -2.5),
        ReasonChange("burst", 1.0, 0.0),
        ReasonChange("size", 0.5, 0.4),
    )
    assert diff.accounts_out == tuple("abcde")
