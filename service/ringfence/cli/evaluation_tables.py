"""An evaluation as tables for the terminal."""

from rich.table import Table

from ringfence.cli.door import console
from ringfence.cli.tables import narrow_table
from ringfence.detection.config_diff import DetectionDiff
from ringfence.detection.grouping_quality import GroupingQuality
from ringfence.detection.quality import CategoryCount, Quality
from ringfence.detection.ranking_quality import RankingQuality
from ringfence.usecases.evaluate import Evaluation

NONE = "-"
SHOWN = 20


def print_evaluation(evaluation: Evaluation) -> None:
    """Print what was found, how good it is, and what the other config says otherwise."""
    console.print(
        f"{evaluation.accounts:,} accounts, {evaluation.links:,} links, "
        f"{evaluation.rejects:,} rejected events"
    )
    if evaluation.absent or evaluation.unknown:
        console.print(
            f"{evaluation.absent:,} accounts of the truth have no event (they count as missed); "
            f"{evaluation.unknown:,} accounts of the events have no truth (they are left out)"
        )
    console.print(_methods_table(evaluation))
    console.print(_ranking_table(evaluation))
    if evaluation.ours.grouping:
        console.print(_rings_table(evaluation.ours.grouping))
    for title, counts in (
        ("Innocents flagged", evaluation.ours.innocents_by_category),
        ("Fakes flagged", evaluation.ours.fakes_by_category),
    ):
        if counts:
            console.print(_categories_table(title, counts))
    auto = evaluation.auto_core.accounts
    console.print(f"Tier auto, core: precision {auto.precision:.3f}, recall {auto.recall:.3f}")
    if evaluation.diff:
        print_diff(evaluation.diff)


def _methods_table(evaluation: Evaluation) -> Table:
    table = narrow_table("", "precision", "recall", "F1", "innocents", "B³ F", "pieces", "rings")
    table.add_row("ringfence", *_method_row(evaluation.ours))
    for name, method in evaluation.baselines.items():
        if method.quality:
            table.add_row(name, *_method_row(method.quality))
        else:
            table.add_row(name, "skipped: too slow here")
    return table


def _method_row(quality: Quality) -> list[str]:
    accounts, grouping = quality.accounts, quality.grouping
    row = [f"{it:.3f}" for it in (accounts.precision, accounts.recall, accounts.f1)]
    row.append(f"{quality.innocents.share:.3%}")
    if not grouping:
        return [*row, NONE, NONE, NONE]
    found = f"{grouping.rings_found}/{grouping.rings}"
    return [*row, f"{grouping.b_cubed.f1:.3f}", f"{grouping.fragments:.2f}", found]


def _ranking_table(evaluation: Evaluation) -> Table:
    budgets = [f"P@{budget}" for budget in evaluation.ranking.precision_at]
    rates = [f"P at {rate:.1%}" for rate in evaluation.ours.precision_by_prevalence()]
    table = narrow_table("ranking", "PR-AUC", *budgets, *rates)
    table.add_row("ringfence", *_ranking_row(evaluation.ranking, evaluation.ours))
    for name, method in evaluation.baselines.items():
        if method.quality and method.ranking:
            table.add_row(name, *_ranking_row(method.ranking, method.quality))
    return table


def _ranking_row(ranking: RankingQuality, quality: Quality) -> list[str]:
    figures = [ranking.average_precision, *ranking.precision_at.values()]
    return [f"{it:.3f}" for it in (*figures, *quality.precision_by_prevalence().values())]


def _rings_table(grouping: GroupingQuality) -> Table:
    table = narrow_table("largest true rings", "members", "flagged", "in one ring", "operation")
    for ring in grouping.largest:
        table.add_row(
            ring.ring,
            f"{ring.members:,}",
            f"{ring.flagged:,}",
            f"{ring.in_one_group:.1%}",
            NONE if ring.in_one_operation is None else f"{ring.in_one_operation:.1%}",
        )
    table.caption = (
        f"pairwise F {grouping.pairwise.f1:.3f}, adjusted Rand {grouping.adjusted_rand:.3f}, "
        f"largest piece {grouping.largest_fragment_share:.1%}, "
        f"{grouping.contaminated} of {grouping.groups} rings with an innocent in the core"
    )
    return table


def _categories_table(title: str, counts: dict[str, CategoryCount]) -> Table:
    table = narrow_table("category", "accounts", "flagged", "share", title=title)
    for name, count in counts.items():
        table.add_row(name, f"{count.accounts:,}", f"{count.flagged:,}", f"{count.share:.2%}")
    return table


def print_diff(diff: DetectionDiff) -> None:
    """Print what another config says otherwise."""
    console.print(
        f"The other config flags {len(diff.accounts_in):,} accounts more and "
        f"{len(diff.accounts_out):,} fewer; {len(diff.rings_matched):,} rings are in both, "
        f"{len(diff.rings_only_a):,} are lost, {len(diff.rings_only_b):,} are new"
    )
    if not diff.tier_changes:
        return
    table = narrow_table("ring", "from", "to", "score", "because")
    for change in diff.tier_changes[:SHOWN]:
        because = ", ".join(it.code for it in change.reasons[:3]) or "members"
        score = f"{change.score_a:.2f} → {change.score_b:.2f}"
        table.add_row(change.ring_a, change.tier_a.value, change.tier_b.value, score, because)
    if len(diff.tier_changes) > SHOWN:
        table.caption = f"{len(diff.tier_changes) - SHOWN} more: see --json"
    console.print(table)
