"""What a team would try before Ringfence, to be measured beside it; each from its own source."""

from dataclasses import dataclass
from typing import Protocol

from ringfence.detection.baselines.components_rule import components_baseline
from ringfence.detection.baselines.fraudar import fraudar_baseline
from ringfence.detection.baselines.ianus import ianus_baseline
from ringfence.detection.baselines.leiden import leiden_baseline
from ringfence.detection.baselines.louvain import louvain_baseline
from ringfence.detection.baselines.shared_ip import shared_ip_baseline
from ringfence.domain.graph import AccountGraph, Ints

__all__ = ["BASELINES", "Baseline"]


class GroupAccounts(Protocol):
    """Groups accounts, equal graphs and seeds alike."""

    def __call__(self, graph: AccountGraph, *, seed: int) -> Ints:
        """(n,) group of each account, -1 for none."""
        ...


@dataclass(frozen=True, slots=True)
class Baseline:
    """One method and the size of world up to which it is done in minutes.

    Attributes:
        most_accounts: above so many it is skipped; 0: never.
    """

    group_accounts: GroupAccounts
    most_accounts: int = 0

    def is_too_slow_for(self, accounts: int) -> bool:
        """Whether it is skipped on so many accounts."""
        return 0 < self.most_accounts < accounts


BASELINES: dict[str, Baseline] = {
    "components": Baseline(components_baseline),
    "louvain": Baseline(louvain_baseline),
    "leiden": Baseline(leiden_baseline, most_accounts=1_000_000),
    "shared_ip": Baseline(shared_ip_baseline),
    "ianus": Baseline(ianus_baseline, most_accounts=1_000_000),
    "fraudar": Baseline(fraudar_baseline, most_accounts=200_000),
}
"""By name, in the order they are told."""
