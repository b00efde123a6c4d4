"""Accounts that nothing but exits and manner ties to a ring."""

from tests.detection.drawing import Drawing, detect, farm, flagged, members

EXITS = tuple(f"45.9.{at}.1" for at in range(12))


def ring_with(drawing: Drawing) -> set[str]:
    drawing.strangers(400)
    return farm(drawing, "hive", 60, minutes=30, exits=EXITS)


def test_account_at_the_exits_in_the_manner_of_the_ring_belongs_to_it() -> None:
    drawing = Drawing()
    ring = ring_with(drawing)
    drawing.sign_up("loner", day=60.5, device="fresh", ip=EXITS[1], email="hiveuser977@gmail.com")
    drawing.sign_in("loner", day=60.6, device="fresh", ip=EXITS[5])
    drawing.sign_in("loner", day=60.7, device="fresh", ip=EXITS[9])
    drawing.use("loner", 930, day=61.5)

    (found,) = flagged(detect(drawing.graph()))

    assert members(found) == ring | {"loner"}


def test_paying_customer_behind_an_exit_does_not_belong_to_the_ring() -> None:
    drawing = Drawing()
    ring = ring_with(drawing)
    drawing.sign_up("guest", day=1, device="own", ip="10.88.0.1", email="noor.ek@icloud.com")
    drawing.attach("guest", "guest-card", day=1)
    drawing.charge("guest", "guest-card", [2, 33, 64, 95])
    for day, at in ((60.6, 5), (60.7, 9)):
        drawing.sign_in("guest", day=day, device="own", ip=EXITS[at])

    (found,) = flagged(detect(drawing.graph()))

    assert members(found) == ring


def test_account_that_had_the_exits_weeks_before_does_not_belong_to_the_ring() -> None:
    drawing = Drawing()
    ring = ring_with(drawing)
    drawing.sign_up("earlier", day=20, device="own", ip=EXITS[1], email="ada-ito4@outlook.com")
    drawing.sign_in("earlier", day=20.2, device="own", ip=EXITS[5])

    (found,) = flagged(detect(drawing.graph()))

    assert members(found) == ring
