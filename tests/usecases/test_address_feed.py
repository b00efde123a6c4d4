import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.errors import InvalidInput
from ringfence.store.address_classes import AddressClass, save_address_classes
from ringfence.store.graph import Graph
from ringfence.store.loading import save_events
from ringfence.usecases.address_feed import load_address_feed, read_address_feed
from tests.conftest import clear
from tests.store.test_loading import event, exported

HEADER = "address,class,source,seen_on\n"
few = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
words = st.builds(
    AddressClass,
    st.sampled_from(["10.0.0.1", "10.0.0.2"]),
    st.sampled_from([date(2026, 5, 1), date(2026, 5, 2)]),
    st.sampled_from(["one", "other"]),
    st.sampled_from(["carrier", "proxy", "vpn"]),
)


def feed(folder: Path, *rows: str) -> Path:
    path = folder / "feed.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return path


async def addresses(graph: Graph) -> list[tuple[list[str], dict[str, Any]]]:
    found = [json.loads(line) for line in (await exported(graph)).splitlines()]
    nodes = [one["identifier"] for one in found if "identifier" in one]
    return [(node["labels"], node["properties"]) for node in nodes]


async def test_feed_tells_classes_and_labels_the_exits_of_proxies_and_vpns(
    graph: Graph, tmp_path: Path
) -> None:
    path = feed(
        tmp_path,
        "10.0.0.1,proxy,feed,2026-05-01",
        "10.0.0.2,VPN,feed,2026-05-02",
        "::ffff:10.0.0.3,campus,feed,2026-05-03",
    )

    assert await load_address_feed(graph, path) == 3

    assert await addresses(graph) == [
        (labels, {"address": address, "class": kind, "class_source": "feed", "class_seen_on": day})
        for address, kind, day, labels in [
            ("10.0.0.1", "proxy", "2026-05-01", ["IpAddress", "ProxyIp"]),
            ("10.0.0.2", "vpn", "2026-05-02", ["IpAddress", "ProxyIp"]),
            ("10.0.0.3", "campus", "2026-05-03", ["IpAddress"]),
        ]
    ]


async def test_newer_word_replaces_an_older_one_and_takes_its_label_away(
    graph: Graph, tmp_path: Path
) -> None:
    await load_address_feed(graph, feed(tmp_path, "10.0.0.1,proxy,feed,2026-05-01"))

    await load_address_feed(graph, feed(tmp_path, "10.0.0.1,hosting,feed,2026-05-02"))
    await load_address_feed(graph, feed(tmp_path, "10.0.0.1,vpn,feed,2026-04-30"))

    ((labels, properties),) = await addresses(graph)
    assert labels == ["IpAddress"]
    assert (properties["class"], properties["class_seen_on"]) == ("hosting", "2026-05-02")


@few
@given(st.lists(words, max_size=6), st.data())
async def test_order_of_feeds_does_not_matter(
    graph: Graph, told: list[AddressClass], data: st.DataObject
) -> None:
    await clear(graph)
    for one in told:
        await save_address_classes(graph, [one])
    expected = await exported(graph)

    await clear(graph)
    for one in data.draw(st.permutations(told)):
        await save_address_classes(graph, [one])

    assert await exported(graph) == expected


async def test_feed_before_events_gives_the_same_graph_as_after(
    graph: Graph, tmp_path: Path
) -> None:
    path = feed(tmp_path, "10.0.0.1,proxy,feed,2026-05-01")
    events = [event("1", "account.signed_in", "22T10:00:00", ip="10.0.0.1")]
    await load_address_feed(graph, path)
    await save_events(graph, events)
    expected = await exported(graph)

    await clear(graph)
    await save_events(graph, events)
    await load_address_feed(graph, path)

    assert await exported(graph) == expected


def test_newest_word_on_an_address_holds_whatever_its_spelling(tmp_path: Path) -> None:
    path = feed(
        tmp_path,
        "2001:db8::1,proxy,feed,2026-05-01",
        "2001:DB8:0::1,carrier,feed,2026-05-02",
        "2001:db8::1,vpn,feed,2026-04-01",
    )

    assert read_address_feed(path) == {
        "2001:db8::1": AddressClass("2001:db8::1", date(2026, 5, 2), "feed", "carrier")
    }


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("10.0.0.256,proxy,feed,2026-05-01", "line 3, address: expected an IPv4 or IPv6 address"),
        ("10.0.0.0/8,proxy,feed,2026-05-01", "line 3, address: expected an IPv4 or IPv6 address"),
        ("10.0.0.2,pro xy,feed,2026-05-01", "line 3, class: expected a word of letters"),
        ("10.0.0.2,proxy,feed,May", "line 3, seen_on: Invalid isoformat string: 'May'"),
        ("10.0.0.2,proxy", "line 3, seen_on: Invalid isoformat string: ''"),
    ],
)
async def test_bad_line_is_named_and_nothing_is_loaded(
    graph: Graph, tmp_path: Path, row: str, message: str
) -> None:
    path = feed(tmp_path, "10.0.0.1,proxy,feed,2026-05-01", row)

    with pytest.raises(InvalidInput, match=message):
        await load_address_feed(graph, path)

    assert await exported(graph) == b""


def test_missing_columns_and_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("address,class\n10.0.0.1,proxy\n")

    with pytest.raises(InvalidInput, match="lacks the columns source, seen_on"):
        read_address_feed(path)
    with pytest.raises(InvalidInput, match="is not a readable CSV file"):
        read_address_feed(tmp_path / "none.csv")
