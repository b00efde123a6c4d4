"""Stop conditions: when a takedown pauses itself, since it seems to hit the wrong ones."""

from ringfence.domain.takedown_rules import StopRules


def breach(
    rules: StopRules, *, acted: int, failed: int, appealed: int, overturned: int
) -> str | None:
    """The first stop condition that is met, in words with its figures, or None.

    Args:
        rules: shares, and from how many accounts they count.
        acted: accounts acted on so far, those taken back since among them.
        failed: of them, those that the provider could not act on.
        appealed: of them, those that appealed.
        overturned: of them, those given right on appeal.
    """
    if acted < rules.least:
        return None
    for count, most, what in (
        (failed, rules.failed_share, "failed at the provider"),
        (overturned, rules.overturned_share, "were given right on appeal"),
        (appealed, rules.appeal_share, "appealed"),
    ):
        if count / acted > most:
            return (
                f"{count:,} of {acted:,} accounts {what}: {count / acted:.1%}, "
                f"above the {most:.1%} that the rules allow"
            )
    return None
