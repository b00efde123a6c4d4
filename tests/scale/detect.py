"""Time and memory of detection on a large made-up graph, beside plain Leiden on the same links.

    uv run python -m tests.scale.detect --accounts 1000000

Seconds are those of the processor, so that other work on the machine counts as little as it can.
The graph has 5 links an account, nine identifiers in ten used once, households, carriers, and
one account in six in rings that draw from pools. Plain Leiden (CPM, two iterations) runs on the
pruned bipartite graph; the whole of detection should take half as long (or less).
"""

import argparse
import gc
import random
import resource
import time

import igraph
import numpy as np

from ringfence.detection import detect_rings, load_config
from ringfence.detection.links import SharedLinks, shared_links
from ringfence.domain.graph import (
    NO_TIME,
    AccountColumns,
    AccountGraph,
    IdentifierColumns,
    Ints,
    LinkColumns,
)
from tests.scale.report import Row, at_most, print_report

START_MS, DAY_MS = 1_760_000_000_000, 24 * 3600 * 1000
PLAIN_RESOLUTION = 0.02


def made_up_graph(n: int, seed: int) -> AccountGraph:
    """One account in six is in a ring of 50 to 5,000; the rest live alone or in threes."""
    dice = np.random.default_rng(seed)
    fake = n // 6
    joined = START_MS + np.sort(dice.integers(0, 400 * DAY_MS, n))
    ring = np.searchsorted(np.cumsum(dice.integers(50, 5000, max(fake // 50, 1))), np.arange(fake))
    joined[:fake] = START_MS + (ring * 977 % 350) * DAY_MS + dice.integers(0, 30 * DAY_MS, fake)
    home = np.where(dice.random(n) < 0.15, np.arange(n) // 3 * 3, np.arange(n))
    device, card = home.copy(), home.copy()
    device[:fake] = -(ring * 10_000 + dice.integers(0, np.bincount(ring)[ring] // 5 + 1)) - 1
    card[:fake] = -(ring * 10_000 + dice.integers(0, np.bincount(ring)[ring] // 8 + 1)) - 1
    homes = home.copy()
    homes[:fake] = -(ring * 10_000 + dice.integers(0, np.bincount(ring)[ring] // 3 + 1)) - 1
    carrier = 2 * n + dice.integers(0, n // 100 + 1, n)
    everybody = np.arange(n)
    paying = everybody[dice.random(n) < 0.6]
    moving = everybody[dice.random(n) < 0.4]
    alone = [10 * n + everybody, 11 * n + everybody]
    tables = [
        _table("device", everybody, device),
        _table("ip", np.concatenate([everybody, moving, everybody, everybody]),
               np.concatenate([homes, carrier[moving], *alone])),
        _table("payment_instrument", paying, card[paying]),
    ]  # fmt: skip
    return AccountGraph(_accounts(n, joined, dice), *_joined(tables, joined))


def plain_leiden_s(links: SharedLinks) -> float:
    """Seconds that Leiden alone takes on the pruned bipartite graph."""
    n = links.own.shape[1]
    gc.disable()
    start = time.process_time()
    target = (n + links.identifier).tolist()
    graph = igraph.Graph(
        n + len(links.degree), edges=zip(links.account.tolist(), target, strict=True)
    )
    igraph.set_random_number_generator(random.Random(7))  # noqa: S311 reproducible, not secret
    graph.community_leiden(
        objective_function="CPM",
        weights=(1 / np.log2(1 + links.degree))[links.identifier].tolist(),
        resolution=PLAIN_RESOLUTION,
        n_iterations=2,
    )
    gc.enable()
    return time.process_time() - start


def _table(kind: str, account: Ints, number: Ints) -> tuple[str, Ints, Ints]:
    pairs = np.unique(np.stack([number, account]), axis=1)
    return kind, pairs[1], pairs[0]


def _joined(
    tables: list[tuple[str, Ints, Ints]], joined: Ints
) -> tuple[IdentifierColumns, LinkColumns]:
    kinds: list[str] = []
    values: list[str] = []
    account, identifier = [], []
    for kind, accounts, numbers in tables:
        names = np.unique(numbers)
        shift = int(names.min())
        identifier.append(len(kinds) + np.searchsorted(names, numbers))
        account.append(accounts)
        kinds += [kind] * len(names)
        values += [f"{number - shift:012d}" for number in names.tolist()]
    who, what = np.concatenate(account), np.concatenate(identifier)
    nothing: list[str | None] = [None] * len(kinds)
    return (
        IdentifierColumns(kinds, values, nothing, nothing, nothing, nothing),
        LinkColumns(who, what, joined[who], joined[who], np.ones(len(who), dtype=np.int64)),
    )


def _accounts(n: int, joined: Ints, dice: np.random.Generator) -> AccountColumns:
    none: list[str | None] = [None] * n
    zero, never = np.zeros(n, dtype=np.int64), np.full(n, NO_TIME)
    emails: list[str | None] = [f"user{at * 7919 % 10**7}@mail{at % 40}.example" for at in range(n)]
    return AccountColumns(
        [f"acct{at:09d}" for at in range(n)], joined, joined, joined, emails, none, none, none,
        zero, zero, zero, zero, never, never, dice.integers(1, 10**5, n), zero,
    )  # fmt: skip


def measure(accounts: int, seed: int = 1) -> list[Row]:
    """The whole of detection beside plain Leiden, and the memory it takes beside the graph."""
    graph = made_up_graph(accounts, seed)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    detection = detect_rings(graph, load_config())
    took_s = time.process_time() - start
    more_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    links = shared_links(graph)
    told = (
        f"{accounts:,} accounts, {len(graph.links):,} links, {len(links.account):,} of them shared:"
    )
    rings = f"{len(detection.rings):,} rings of {sum(len(r.members) for r in detection.rings):,}"
    return [
        at_most(
            f"{told} {rings}; plain: Leiden alone on the shared links",
            ours=took_s,
            plain=plain_leiden_s(links),
            unit="CPU s",
            bar=0.5,
        ),
        at_most("memory beside the graph; plain: 1 GiB", ours=more_mib, plain=1024, unit="MiB",
                bar=1),
    ]  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print_report("detect", measure(options.accounts, options.seed), as_json=options.json)


if __name__ == "__main__":
    main()
