from dataclasses import fields
from random import Random
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.graph import AccountGraph, Ints, LinkColumns
from ringfence.domain.ordering import Table, order_graph
from tests.detection.drawing import Drawing, farm


def drawn() -> AccountGraph:
    drawing = Drawing()
    drawing.strangers(12)
    farm(drawing, "ring", 9)
    return drawing.graph()


def taken(table: Table, order: list[int]) -> Table:
    """The rows of a table in that order."""
    columns: dict[str, Any] = {}
    for column in fields(table):
        values = getattr(table, column.name)
        columns[column.name] = (
            values[order] if isinstance(values, np.ndarray) else [values[at] for at in order]
        )
    return type(table)(**columns)


def places(order: list[int]) -> Ints:
    return np.argsort(np.array(order))


@given(dice=st.randoms(use_true_random=False))
def test_rows_in_any_order_make_the_same_graph(dice: Random) -> None:
    graph = drawn()
    accounts, identifiers, links = (
        dice.sample(range(size), size)
        for size in (len(graph.accounts), len(graph.identifiers), len(graph.links))
    )
    shuffled = taken(graph.links, links)
    repointed = LinkColumns(
        places(accounts)[shuffled.account],
        places(identifiers)[shuffled.identifier],
        shuffled.first_seen_ms,
        shuffled.last_seen_ms,
        shuffled.events,
    )

    ordered = order_graph(
        taken(graph.accounts, accounts), taken(graph.identifiers, identifiers), repointed
    )

    assert ordered.fingerprint() == graph.fingerprint()


def test_identifiers_without_a_link_are_left_out() -> None:
    graph = drawn()
    keep = graph.links.identifier != 0
    links = taken(graph.links, np.flatnonzero(keep).tolist())

    ordered = order_graph(graph.accounts, graph.identifiers, links)

    assert ordered.identifiers == taken(graph.identifiers, list(range(1, len(graph.identifiers))))
    assert ordered.links.identifier.min() == 0


def test_empty_tables_make_an_empty_graph() -> None:
    empty = Drawing().graph()

    ordered = order_graph(empty.accounts, empty.identifiers, empty.links)

    assert ordered.fingerprint() == empty.fingerprint()
