"""Rings that must be found, whole and apart."""

from ringfence.domain.assembling import IdentifierNote, graph_from_fold
from ringfence.domain.folding import fold_events, once_each
from ringfence.domain.identifiers import IP, IdentifierKey
from ringfence.domain.rings import Grade, Role, Tier
from tests.detection.drawing import (
    Drawing,
    detect,
    farm,
    flagged,
    flagged_accounts,
    members,
)


def test_device_farm_is_found_whole() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    ring = farm(drawing, "farm", 60, devices=12, cards=9)

    found = flagged(detect(drawing.graph()))

    assert [members(one) for one in found] == [ring]
    assert found[0].tier is Tier.AUTO
    assert found[0].grade is Grade.CONCLUSIVE
    assert set(found[0].kinds) >= {"device", "payment_instrument"}


def test_ring_of_hundreds_drawing_from_pools_stays_one() -> None:
    drawing = Drawing()
    drawing.strangers(400)
    ring = farm(drawing, "pool", 600, day=20, devices=150, cards=83, minutes=60)

    found = flagged(detect(drawing.graph()))

    assert [members(one) for one in found] == [ring]


def test_one_device_with_many_young_lookalikes_is_a_ring() -> None:
    drawing = Drawing()
    drawing.strangers(400)
    for at in range(50):
        drawing.sign_up(
            f"bot{at:02d}",
            day=50 + at / 300,
            device="rack-phone",
            email=f"worker{at:03d}@gmail.com",
        )

    found = flagged(detect(drawing.graph()))

    assert [len(one.members) for one in found] == [50]


def test_two_rings_on_one_proxy_pool_stay_two_in_one_operation() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    exits = [f"45.0.0.{at}" for at in range(10)]
    one = farm(drawing, "one", 40, day=30, exits=exits)
    two = farm(drawing, "two", 30, day=80, exits=exits)

    found = flagged(detect(drawing.graph()))

    assert [members(ring) for ring in found] == [one, two]
    assert found[0].operation_id == found[1].operation_id


def test_two_rings_that_bought_one_card_stay_two() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    one = farm(drawing, "one", 40, day=30)
    two = farm(drawing, "two", 30, day=80)
    drawing.attach("one0001", "bought", day=81)
    drawing.attach("two0001", "bought", day=82)

    assert [members(ring) for ring in flagged(detect(drawing.graph()))] == [one, two]


def test_account_between_two_rings_does_not_merge_them() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    farm(drawing, "one", 40, day=30)
    farm(drawing, "two", 30, day=80)
    drawing.sign_in("one0001", day=90, device="two-device0")

    found = flagged(detect(drawing.graph()))

    assert [len(ring.members) for ring in found] == [40, 30]


def test_ring_over_three_sign_up_paths_is_one() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    accounts = set()
    for path in range(3):
        for at in range(12):
            account = f"path{path}-{at:02d}"
            drawing.sign_up(
                account,
                day=40 + path + at / 48,
                device=f"device{path}-{at % 3}",
                email=f"user{path}{at:02d}@gmail.com",
            )
            drawing.attach(account, f"card{at % 4}", day=41 + path)
            accounts.add(account)

    assert [members(ring) for ring in flagged(detect(drawing.graph()))] == [accounts]


def test_rare_weak_values_that_agree_make_a_ring() -> None:
    drawing = Drawing()
    drawing.strangers(600)
    ring = set()
    for at in range(12):
        account = f"weak{at:02d}"
        drawing.sign_up(
            account,
            day=0,
            also=[
                ("postal_address", f"house{at % 3}"),
                ("fingerprint", f"print{at // 4}"),
                ("branch", f"branch{at % 4}"),
            ],
        )
        ring.add(account)

    assert [members(one) for one in flagged(detect(drawing.graph()))] == [ring]


def test_birth_date_and_address_alone_make_no_ring() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    for at in range(12):
        drawing.sign_up(f"twin{at:02d}", day=at * 9, ip="81.9.9.9", also=[("birth_date", "1990")])

    assert flagged(detect(drawing.graph())) == []


def test_mailboxes_spelled_differently_are_one_identifier() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    for at in range(14):
        tag = f"j.o.e{'.' * (at % 2)}x+{at}@gmail.com" if at % 2 else f"joex+{at}@googlemail.com"
        drawing.sign_up(f"alias{at}", day=50 + at / 100, device=f"d{at // 3}", email=tag)

    found = flagged(detect(drawing.graph()))

    assert [len(ring.members) for ring in found] == [14]
    keys = {piece.key for piece in found[0].evidence}
    assert IdentifierKey("email", "joex@gmail.com") in keys


def test_every_member_says_what_ties_it() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    farm(drawing, "farm", 30)

    ring = flagged(detect(drawing.graph()))[0]

    first = ring.members[0]
    assert first.role is Role.CORE
    assert first.because[0] in {
        IdentifierKey("device", "farm-device0"),
        IdentifierKey("payment_instrument", "farm-card0"),
    }
    assert first.joined_because == (
        "shares card farm-card0 with 9 members and device farm-device0 with 7"
    )
    assert all(member.because for member in ring.members)


def test_member_leaves_when_its_evidence_goes() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    ring = farm(drawing, "farm", 30)
    tied = flagged(detect(drawing.graph()))[0].members[4]
    gone = set(tied.because)
    drawing.events = [
        event
        for event in drawing.events
        if event.account_id != tied.account_id or not gone & set(event.shared)
    ]

    found = flagged(detect(drawing.graph()))

    assert [members(one) for one in found] == [ring - {tied.account_id}]


def test_domain_of_its_own_does_not_make_a_crew_behind_proxies_a_company() -> None:
    exits = [f"45.9.{at}.1" for at in range(5)]
    drawing = Drawing()
    drawing.strangers(300)
    for at in range(24):
        drawing.sign_up(
            f"rented{at:02d}",
            day=60 + at / 96,
            device=f"rented-device{at % 3}",
            ip=exits[at % 5],
            email=f"user{100 + at}@rented-for-this.com",
        )
    proxies = {
        IdentifierKey(IP, address): IdentifierNote(address_class="proxy") for address in exits
    }

    found = detect(graph_from_fold(fold_events(once_each(drawing.events)), proxies))

    assert flagged_accounts(found) == {f"rented{at:02d}" for at in range(24)}
