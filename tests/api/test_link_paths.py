from itertools import pairwise
from random import Random

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.domain.identifiers import IdentifierKey
from ringfence.store.links import SharedIdentifier
from ringfence.usecases.link_paths import MAX_STEPS, cheapest_path, step_weight

unhurried = settings(deadline=None)
accounts = st.integers(0, 11).map(lambda number: f"acct_{number:02}")
carriers = st.lists(accounts, min_size=2, max_size=5, unique=True)
kinds = st.sampled_from(["device", "fingerprint", "promo_code", "ip"])
graphs = st.lists(st.tuples(kinds, carriers), max_size=14).map(
    lambda told: [
        SharedIdentifier(IdentifierKey(kind, f"{kind}_{at}"), len(ids), tuple(sorted(ids)))
        for at, (kind, ids) in enumerate(told)
    ]
)


def cheapest_cost(carried: list[SharedIdentifier], a: str, b: str) -> float | None:
    """Cost of the cheapest path, found by networkx on states of account and steps taken."""
    graph: nx.DiGraph[tuple[str, int]] = nx.DiGraph()
    for one in carried:
        for start in one.account_ids:
            for end in one.account_ids:
                cost = 1 / step_weight(one.key.kind, one.accounts)
                for steps in range(MAX_STEPS):
                    state, next_state = (start, steps), (end, steps + 1)
                    known = graph.get_edge_data(state, next_state, {"weight": cost})["weight"]
                    graph.add_edge(state, next_state, weight=min(cost, known))
    if (a, 0) not in graph:
        return None
    costs = nx.single_source_dijkstra_path_length(graph, (a, 0))
    return min((costs[b, n] for n in range(MAX_STEPS + 1) if (b, n) in costs), default=None)


@unhurried
@given(graphs)
def test_path_is_as_cheap_as_the_one_that_networkx_finds(carried: list[SharedIdentifier]) -> None:
    path = cheapest_path(carried, "acct_00", "acct_01")

    expected = cheapest_cost(carried, "acct_00", "acct_01")
    if expected is None:
        assert path == ()
        return
    assert abs(sum(1 / step.weight for step in path) - expected) < 1e-9


@unhurried
@given(graphs)
def test_path_leads_from_one_end_to_the_other_over_what_both_carry(
    carried: list[SharedIdentifier],
) -> None:
    carriers_by_key = {one.key: one.account_ids for one in carried}

    path = cheapest_path(carried, "acct_00", "acct_01")

    if path:
        assert (path[0].from_id, path[-1].to_id) == ("acct_00", "acct_01")
        assert len(path) <= MAX_STEPS
        assert all(step.to_id == following.from_id for step, following in pairwise(path))
        assert all(
            {step.from_id, step.to_id} <= set(carriers_by_key[step.identifier]) for step in path
        )


@unhurried
@given(graphs, st.randoms())
def test_order_of_the_identifiers_does_not_matter(
    carried: list[SharedIdentifier], random: Random
) -> None:
    shuffled = sorted(carried, key=lambda _: random.random())

    assert cheapest_path(shuffled, "acct_00", "acct_01") == cheapest_path(
        carried, "acct_00", "acct_01"
    )
