from dataclasses import replace
from datetime import date

import pytest

from ringfence.detection import detect_rings, load_config
from ringfence.detection.known_shared import as_compared, without_known_shared
from ringfence.detection.links import shared_links
from ringfence.domain.graph import AccountGraph
from ringfence.domain.identifiers import IP, IdentifierKey
from ringfence.domain.known_shared import KnownShared
from tests.detection.drawing import Drawing, detect, farm, flagged, flagged_accounts


@pytest.fixture(scope="module")
def graph() -> AccountGraph:
    """Strangers, and a farm that opened its accounts on 6 March 2026."""
    drawing = Drawing()
    drawing.strangers(300)
    farm(drawing, "farm", 20, exits=("203.0.113.5",))
    return drawing.graph()


def entries(
    graph: AccountGraph, *, begins: date | None = None, ends: date | None = None
) -> list[KnownShared]:
    """All that ties the farm, as if it were known to be shared."""
    (ring,) = flagged(detect(graph))
    return [KnownShared(piece.key, "a lab", "the campus", begins, ends) for piece in ring.evidence]


@pytest.mark.parametrize("begins", [None, date(2026, 3, 1)])
def test_what_is_known_to_be_shared_ties_nobody(graph: AccountGraph, begins: date | None) -> None:
    known = entries(graph, begins=begins)

    detection = detect_rings(graph, load_config(), known_shared=known)

    assert len(flagged_accounts(detect(graph))) == 20
    assert flagged_accounts(detection) == set()
    assert detection.graph_fingerprint == graph.fingerprint()


@pytest.mark.parametrize(("begins", "ends"), [(None, date(2026, 3, 5)), (date(2027, 1, 1), None)])
def test_list_says_nothing_outside_its_dates(
    graph: AccountGraph, begins: date | None, ends: date | None
) -> None:
    known = entries(graph, begins=begins, ends=ends)

    assert detect_rings(graph, load_config(), known_shared=known) == detect(graph)


def test_network_stands_for_each_address_in_it() -> None:
    drawing = Drawing()
    drawing.strangers(300)
    exits = ("198.51.100.7", "198.51.100.200", "2001:db8:0:1::5")
    farm(drawing, "farm", 20, exits=exits)
    links = shared_links(drawing.graph())
    networks = ("198.51.100.0/25", "198.51.100.0/24", "2001:db8::/32")
    narrow, wide, new = (KnownShared(IdentifierKey(IP, one), "a campus", "ana") for one in networks)

    def left(*known: KnownShared) -> set[str]:
        keys = without_known_shared(links, known).keys
        return {key.value for key in keys if key.kind == IP} & {*exits, "2001:db8:0:1::/64"}

    assert left() == {"198.51.100.7", "198.51.100.200", "2001:db8:0:1::/64"}
    assert left(narrow) == {"198.51.100.200", "2001:db8:0:1::/64"}
    assert left(narrow, wide, new) == set()
    assert left(replace(wide, ends=date(2020, 1, 1)), new) == {"198.51.100.7", "198.51.100.200"}


def test_network_of_a_subscriber_may_be_named_as_evidence_names_it(graph: AccountGraph) -> None:
    key = IdentifierKey(IP, "2001:db8:0:1::/64")

    assert as_compared(key) == key
    assert as_compared(IdentifierKey(IP, "2001:db8:0:1::9")) == key
    assert detect_rings(graph, load_config(), discounts={key: 1}) == detect(graph)


def test_entries_of_what_nobody_shares_change_nothing(graph: AccountGraph) -> None:
    (first, *_) = entries(graph)
    strange = [KnownShared(first.key._replace(value="nobody-has-it"), "a lab", "the campus")]

    assert detect_rings(graph, load_config(), known_shared=strange) == detect(graph)
