"""Groups that share things and do nothing wrong."""

import numpy as np

from ringfence.detection import load_config
from ringfence.detection.hubs import judge_hubs
from ringfence.detection.links import shared_links
from ringfence.detection.traits import account_traits
from ringfence.domain.rings import HubClass
from tests.detection.drawing import (
    Drawing,
    detect,
    farm,
    flagged,
    flagged_accounts,
    members,
    stranger_email,
)


def test_household_is_not_flagged() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    for at, name in enumerate(("mia", "tom", "ada", "noor", "sam")):
        drawing.sign_up(
            f"home-{name}",
            day=10 + 14 * at,
            device="kitchen-laptop",
            ip="81.2.3.4",
            email=f"{name}.lang{at}@outlook.com",
        )
    for name in ("mia", "tom", "ada"):
        drawing.attach(f"home-{name}", "family-card", day=40)
        drawing.charge(f"home-{name}", "family-card", [41, 72, 103])

    assert flagged(detect(drawing.graph())) == []


def test_company_on_one_card_is_not_flagged() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    for at in range(40):
        account = f"staff{at:02d}"
        drawing.sign_up(
            account,
            day=20 + at / 1440,
            device=f"laptop{at}",
            ip="62.1.1.1",
            email=f"n{at}.surname@acme-tools.com",
        )
        drawing.attach(account, "company-card", day=20 + at / 1440)
        drawing.charge(account, "company-card", [21, 52, 83, 114])

    assert flagged(detect(drawing.graph())) == []


def test_campus_behind_one_address_and_lab_devices_is_not_flagged() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    dice = np.random.default_rng(4)
    for at in range(200):
        account, day = f"student{at:03d}", float(dice.uniform(0, 120))
        drawing.sign_up(
            account,
            day=day,
            device=f"own-device{at}",
            ip="141.3.3.3",
            email=stranger_email(dice, 1000 + at),
        )
        if at % 4 == 0:
            drawing.sign_in(account, day=day + 3, device=f"lab{at % 3}", ip="141.3.3.3")

    assert flagged(detect(drawing.graph())) == []


def test_placeholder_device_ties_nobody() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    dice = np.random.default_rng(5)
    for at in range(120):
        account, day = f"shy{at:03d}", float(dice.uniform(0, 120))
        drawing.sign_up(account, day=day, device="unknown", email=stranger_email(dice, 2000 + at))
        drawing.attach(account, f"card-of-{account}", day=day)
        if at % 2:
            drawing.charge(account, f"card-of-{account}", [day + 1, day + 40, day + 80])

    assert flagged(detect(drawing.graph())) == []


def test_innocent_whose_card_a_ring_used_once_is_not_absorbed() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    ring = farm(drawing, "farm", 30)
    drawing.attach("farm0003", "card-of-stranger0007", day=61)
    drawing.sign_up("victim", day=3, device="own-phone", email="v.silva@icloud.com")
    drawing.attach("victim", "own-card", day=3)
    drawing.charge("victim", "own-card", [4, 35, 66, 97])
    drawing.attach("victim", "farm-card1", day=65)

    found = flagged(detect(drawing.graph()))

    assert [members(one) for one in found] == [ring]


def test_innocent_at_an_exit_of_the_ring_is_not_absorbed() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    exits = [f"45.0.0.{at}" for at in range(8)]
    ring = farm(drawing, "farm", 40, exits=exits)
    for at, address in enumerate(exits):
        drawing.sign_in(f"stranger{at:04d}", day=60 + at / 10, ip=address)

    assert flagged_accounts(detect(drawing.graph())) == ring


def test_public_hub_is_called_public_and_a_farm_device_is_not() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    farm(drawing, "farm", 60, devices=2, cards=6)
    for at in range(0, 200, 2):
        drawing.sign_in(f"stranger{at:04d}", day=119, device="library")
    config = load_config()
    graph = drawing.graph()
    links = shared_links(graph)

    hubs = judge_hubs(links, account_traits(graph, links, config.traits), config.hubs)

    classes = {key.value: hubs.class_of(at) for at, key in enumerate(links.keys)}
    assert classes["library"] is HubClass.PUBLIC
    assert classes["farm-device0"] is HubClass.SUSPECT


def test_customer_whose_account_a_ring_took_over_is_not_one_of_it() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    ring = farm(drawing, "hive", 40)
    drawing.sign_up(
        "victim", day=58, device="own-device", ip="10.99.0.1", email="v.lang@icloud.com"
    )
    drawing.attach("victim", "own-card", day=58)
    for day in (64.0, 64.2):
        drawing.sign_in("victim", day=day, device="hive-device1", ip="172.23.1.4")
    drawing.attach("victim", "hive-card1", day=64.2)

    found = flagged_accounts(detect(drawing.graph()))

    assert ring <= found
    assert "victim" not in found


def test_build_server_that_names_its_owner_is_not_flagged() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    for at in range(16):
        drawing.sign_up(
            f"ci{at:02d}", day=30 + at / 1440, ip="62.9.9.9", email=f"ci+{at}@tools-of-ada.com"
        )
        drawing.attach(f"ci{at:02d}", "company-card", day=30 + at / 1440)

    assert flagged(detect(drawing.graph())) == []


def test_agency_is_not_flagged_though_nothing_is_known_of_payments() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    for at in range(60):
        drawing.sign_up(
            f"client{at:02d}",
            day=10 + 1.5 * at,
            device=f"agency-laptop{at % 5}",
            ip=f"45.7.{at % 12}.1",
            email=f"office@client-number-{at}.com",
        )
        drawing.attach(f"client{at:02d}", "agency-card", day=10 + 1.5 * at)

    assert flagged(detect(drawing.graph())) == []
