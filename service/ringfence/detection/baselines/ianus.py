"""Ianus: registrations joined where they are in step and odd at once, re-written.

Yuan and others, CCS 2019, doi:10.1145/3319535.3363198. Pairs that share an address prefix, a
telephone prefix or a device are scored by a logistic regression over binary features: what the two
have in common (synchronisation) and what is odd about both (anomaly). Pairs scored high
enough are edges; an account's weighted degree, squashed by tanh, decides; Louvain gives the groups.

Theirs is trained on labelled registrations; so is this one, on pairs of seeded worlds 1 to 4. Of
their features, WiFi addresses and client versions are not in our events.
"""

import random
from collections.abc import Callable
from itertools import pairwise

import igraph
import numpy as np
from scipy import sparse

from ringfence.detection.baselines.grouping import large_enough
from ringfence.detection.collector import collector_off
from ringfence.detection.emails import domain_codes, shape_codes
from ringfence.detection.links import Flags, Floats
from ringfence.detection.traits import HOUR_MS
from ringfence.domain.graph import NO_TIME, AccountGraph, Ints
from ringfence.domain.identifiers import DEVICE, IP

LAST_AHEAD = 40
"""Within a block each account is paired with so many that signed up after it."""
NIGHT_HOURS = (2, 5)
RARE_SHARE = 0.01
"""A user agent that fewer show is rare."""
PHONE_PREFIX = 11
WEIGHT = {
    "same_prefix": -3.27,
    "same_address": -1.21,
    "same_device": 1.18,
    "same_phone_prefix": 3.68,
    "same_user_agent": -0.3,
    "same_country": -1.22,
    "same_name_shape": 0.47,
    "same_mail_host": 0.39,
    "within_an_hour": -0.45,
    "within_a_day": 1.21,
    "both_rare_user_agent": 0.0,
    "both_at_night": -0.07,
    "both_random_name": 1.83,
}
"""Log-odds that the pair is of one ring, fitted on the candidate pairs of seeds 1 to 4."""
BIAS = 2.67
FEATURES = tuple(WEIGHT)
EDGE_ABOVE = 0.7
"""Chosen on seeds 1 to 4 among 0.5 (theirs), 0.7, 0.8, 0.9 and 0.95."""
DEGREE_SCALE = 10.0
LEAST_SCORE = 0.15
"""Chosen on seeds 1 to 4 among 0.05, 0.15, 0.3, 0.5 and 0.8."""


def ianus_baseline(graph: AccountGraph, *, seed: int) -> Ints:
    """(n,) group of each account, -1 for none."""
    first, second = candidate_pairs(graph)
    logit = pair_features(graph, first, second) @ np.array([WEIGHT[it] for it in FEATURES]) + BIAS
    chance = 1 / (1 + np.exp(-logit))
    edges = chance > EDGE_ABOVE
    first, second, chance = first[edges], second[edges], chance[edges]
    n = len(graph.accounts)
    degree = np.bincount(first, chance, n) + np.bincount(second, chance, n)
    with collector_off():
        pairs = igraph.Graph(n, edges=zip(first.tolist(), second.tolist(), strict=True))
        igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 reproducible
        label = np.asarray(pairs.community_multilevel(chance.tolist()).membership, dtype=np.int64)
    return large_enough(np.where(np.tanh(degree / DEGREE_SCALE) >= LEAST_SCORE, label, -1))


def candidate_pairs(graph: AccountGraph) -> tuple[Ints, Ints]:
    """Pairs that share an address prefix, a telephone prefix or a device, each once."""
    at = _joined_ms(graph)
    firsts, seconds = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for kind, block_of in _BLOCKS.items():
        account, block = _blocks(graph, kind, block_of)
        order = np.lexsort((account, at[account], block))
        account, block = account[order], block[order]
        for ahead in range(1, LAST_AHEAD + 1):
            same = np.flatnonzero(block[ahead:] == block[:-ahead])
            if not len(same):
                break
            firsts.append(account[same])
            seconds.append(account[same + ahead])
    one, other = np.concatenate(firsts), np.concatenate(seconds)
    keys = np.unique(np.minimum(one, other) * len(at) + np.maximum(one, other))
    first, second = keys // max(len(at), 1), keys % max(len(at), 1)
    return first[first != second], second[first != second]


def pair_features(graph: AccountGraph, first: Ints, second: Ints) -> Floats:
    """(p, features) 1 where the pair has the feature, in the order of `FEATURES`."""
    columns, at = graph.accounts, _joined_ms(graph)
    apart = np.abs(at[first] - at[second])
    agents = _codes(columns.user_agent)
    hosts, shapes = domain_codes(columns.email)[0], shape_codes(columns.email)
    rare = (np.bincount(agents + 1)[agents + 1] < RARE_SHARE * len(agents)) & (agents >= 0)
    hour = at // HOUR_MS % 24
    night = (hour >= NIGHT_HOURS[0]) & (hour < NIGHT_HOURS[1])
    odd = np.fromiter((_is_random(mail) for mail in columns.email), bool, len(at))
    by_name = {
        "same_prefix": _share(graph, IP, _prefix, first, second),
        "same_address": _share(graph, IP, str, first, second),
        "same_device": _share(graph, DEVICE, str, first, second),
        "same_phone_prefix": _share(graph, "phone", _phone_prefix, first, second),
        "same_user_agent": _same(agents, first, second),
        "same_country": _same(_codes(columns.country), first, second),
        "same_name_shape": _same(shapes, first, second),
        "same_mail_host": _same(hosts, first, second),
        "within_an_hour": apart < HOUR_MS,
        "within_a_day": apart < 24 * HOUR_MS,
        "both_rare_user_agent": rare[first] & rare[second],
        "both_at_night": night[first] & night[second],
        "both_random_name": odd[first] & odd[second],
    }
    return np.column_stack([by_name[name] for name in FEATURES]).astype(np.float64)


def _joined_ms(graph: AccountGraph) -> Ints:
    signed_up = graph.accounts.signed_up_ms
    return np.where(signed_up == NO_TIME, graph.accounts.first_seen_ms, signed_up)


def _prefix(address: str) -> str:
    """The /24 of an IPv4 address, the /64 of an IPv6 one."""
    return address.rpartition(".")[0] or ":".join(address.split(":")[:4])


def _phone_prefix(phone: str) -> str:
    return phone[:PHONE_PREFIX]


_BLOCKS: dict[str, Callable[[str], str]] = {IP: _prefix, "phone": _phone_prefix, DEVICE: str}


def _blocks(graph: AccountGraph, kind: str, block_of: Callable[[str], str]) -> tuple[Ints, Ints]:
    """Account and block of each link of that kind, each once."""
    names = graph.identifiers.kinds
    code_of: dict[str, int] = {}
    code = np.full(len(names), -1, dtype=np.int64)
    for at in (at for at, name in enumerate(names) if name == kind):
        code[at] = code_of.setdefault(block_of(graph.identifiers.values[at]), len(code_of))
    rows = code[graph.links.identifier] >= 0
    width = len(code_of) or 1
    keys = np.unique(graph.links.account[rows] * width + code[graph.links.identifier[rows]])
    return keys // width, keys % width


def _share(
    graph: AccountGraph, kind: str, block_of: Callable[[str], str], first: Ints, second: Ints
) -> Flags:
    """Whether both accounts of each pair have some block of that kind in common."""
    account, block = _blocks(graph, kind, block_of)
    shape = (len(graph.accounts), int(block.max(initial=0)) + 1)
    has = sparse.csr_array((np.ones(len(account), np.int32), (account, block)), shape)
    common = sparse.csr_array(has[first].multiply(has[second]))
    return np.asarray(np.diff(common.indptr) > 0, dtype=np.bool_)


def _same(codes: Ints, first: Ints, second: Ints) -> Flags:
    same = (codes[first] == codes[second]) & (codes[first] >= 0)
    return np.asarray(same, dtype=np.bool_)


def _codes(texts: list[str | None]) -> Ints:
    """A number for each text, the same for equal ones; -1 for none."""
    code_of: dict[str, int] = {}
    return np.fromiter(
        (code_of.setdefault(text, len(code_of)) if text else -1 for text in texts),
        np.int64,
        len(texts),
    )


def _is_random(email: str | None) -> bool:
    """Whether letters and digits alternate in the name as no person would write them."""
    name = (email or "").partition("@")[0]
    changes = sum(a.isdigit() != b.isdigit() for a, b in pairwise(name))
    return changes >= 3
