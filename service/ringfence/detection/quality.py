"""How good a set of groups is against the truth: accounts, rings, and the innocents it touches."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ringfence.detection.grouping_quality import GroupingQuality, measure_grouping
from ringfence.detection.ranking_quality import PREVALENCES, at_prevalence
from ringfence.detection.ratios import Ratio


@dataclass(frozen=True, slots=True)
class TrueAccount:
    """What the truth says of one account; None where it does not tell."""

    is_fake: bool
    ring: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """Accounts of one category of the truth, and those flagged."""

    accounts: int
    flagged: int

    @property
    def share(self) -> float:
        """Part of them that is flagged."""
        return self.flagged / self.accounts if self.accounts else 0.0


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one set of groups.

    Attributes:
        accounts: flagged accounts against fake ones.
        innocents: accounts that are not fake, and those flagged.
        innocents_by_category, fakes_by_category: the same for each category of the truth; empty
            where the truth tells none.
        grouping: groups against true rings; None where the truth tells none.
    """

    accounts: Ratio
    flagged: int
    innocents: CategoryCount
    innocents_by_category: dict[str, CategoryCount]
    fakes_by_category: dict[str, CategoryCount]
    grouping: GroupingQuality | None

    def precision_by_prevalence(self) -> dict[float, float]:
        """Precision were that share of all accounts fake, at the same recall."""
        return {
            prevalence: at_prevalence(self.accounts.recall, self.innocents.share, prevalence)
            for prevalence in PREVALENCES
        }


def measure_quality(
    group_by_account: Mapping[str, str],
    truth: Mapping[str, TrueAccount],
    *,
    core: Collection[str] | None = None,
    operation_by_account: Mapping[str, str] | None = None,
) -> Quality:
    """Measure flagged groups; accounts that the truth does not know are left out.

    Args:
        group_by_account: the group of each flagged account.
        truth: every known account.
        core: flagged accounts that hold their group together; None: all do.
        operation_by_account: the operation of each flagged account, if the method knows any.
    """
    flagged = {account: group for account, group in group_by_account.items() if account in truth}
    innocents = CategoryCount(
        sum(not known.is_fake for known in truth.values()),
        sum(not truth[account].is_fake for account in flagged),
    )
    fakes = len(truth) - innocents.accounts
    return Quality(
        accounts=Ratio.of(len(flagged) - innocents.flagged, len(flagged), fakes),
        flagged=len(flagged),
        innocents=innocents,
        innocents_by_category=_by_category(truth, flagged, is_fake=False),
        fakes_by_category=_by_category(truth, flagged, is_fake=True),
        grouping=_grouping(flagged, truth, core, operation_by_account),
    )


def _grouping(
    flagged: Mapping[str, str],
    truth: Mapping[str, TrueAccount],
    core: Collection[str] | None,
    operation_by_account: Mapping[str, str] | None,
) -> GroupingQuality | None:
    ring_by_account = {a: known.ring for a, known in truth.items() if known.is_fake and known.ring}
    if not ring_by_account:
        return None
    category_by_ring = {
        known.ring: known.category for known in truth.values() if known.ring and known.category
    }
    return measure_grouping(
        flagged,
        ring_by_account,
        category_by_ring,
        core_innocents=[
            account
            for account in flagged
            if not truth[account].is_fake and (core is None or account in core)
        ],
        operation_by_account=operation_by_account,
    )


def _by_category(
    truth: Mapping[str, TrueAccount], flagged: Collection[str], *, is_fake: bool
) -> dict[str, CategoryCount]:
    of = {a: it.category for a, it in truth.items() if it.is_fake is is_fake and it.category}
    accounts = Counter(of.values())
    hit = Counter(of[account] for account in flagged if account in of)
    return {name: CategoryCount(accounts[name], hit[name]) for name in sorted(accounts)}
