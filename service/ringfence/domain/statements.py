"""Statements of reasons: what one account holder is told of a decision, and nothing of others.

After Regulation (EU) 2022/2065 (Digital Services Act), Article 17(3): what was decided, its scope
and duration, the facts, automated means, the ground, and how to have it looked at again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringfence.domain.takedowns import TakedownAction

APPEAL_MONTHS: Final = 6
"""Months for which a complaint is open at least: Article 20(1)."""
DEFAULT_GROUND: Final = (
    "our terms of use, which do not allow one person or organisation to run many accounts while "
    "hiding that they belong together"
)
DEFAULT_APPEAL: Final = "the support address that our terms of use name"
_DECIDED: Final[Mapping[TakedownAction, str]] = {
    TakedownAction.REQUIRE_VERIFICATION: (
        "Your account can be used again only after its holder has been verified."
    ),
    TakedownAction.THROTTLE: "The rate at which your account can use the service is lowered.",
    TakedownAction.RESTRICT: "Your account can be used with restricted functions only.",
    TakedownAction.SUSPEND: "Your account is suspended: it cannot be used.",
}


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """What a statement is made of: nothing that tells how rings are found, or who else is in one.

    Attributes:
        expires_at: when the decision ends by itself; None: it does not.
        undone_at: when it was taken back; None: it was not.
        approved: whether a second person agreed.
        ground: the rule that was broken, in the provider's words.
        appeal_to: where a complaint goes, in the provider's words.
    """

    account_id: str
    takedown_id: str
    action: TakedownAction
    acted_at: datetime
    expires_at: datetime | None
    undone_at: datetime | None
    approved: bool
    ground: str = DEFAULT_GROUND
    appeal_to: str = DEFAULT_APPEAL


def write_statement(facts: StatementFacts) -> str:
    """The statement as plain text."""
    paragraphs = (
        ("Statement of reasons", f"Account: {facts.account_id}\nReference: {facts.takedown_id}"),
        ("What was decided", f"{_DECIDED[facts.action]} Decided on {_day(facts.acted_at)}."),
        ("Scope and duration", _duration(facts)),
        ("Facts relied on", _FACTS),
        ("Automated means", _automated(approved=facts.approved)),
        ("Ground", f"The decision is based on {facts.ground.rstrip('.')}."),
        ("How to have it looked at again", _redress(facts)),
    )
    return "\n\n".join(f"{heading}\n{text}" for heading, text in paragraphs) + "\n"


def appeal_until(acted_at: datetime) -> datetime:
    """The last day of a complaint: so many months later, on the same day or the month's last."""
    months = acted_at.month - 1 + APPEAL_MONTHS
    year, month = acted_at.year + months // 12, months % 12 + 1
    for day in (acted_at.day, 30, 29, 28):
        try:
            return acted_at.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


_FACTS: Final = (
    "Technical and billing data that was given or arose when your account was opened and used "
    "shows that it belongs to a group of accounts that are run together, though they appear to "
    "belong to different people. The decision was not prompted by a notice of a third party."
)


def _duration(facts: StatementFacts) -> str:
    if facts.undone_at:
        return f"It was taken back on {_day(facts.undone_at)} and holds no more."
    until = f"until {_day(facts.expires_at)}" if facts.expires_at else "until it is taken back"
    return f"It holds for your account as a whole, wherever you use the service, {until}."


def _automated(*, approved: bool) -> str:
    people = (
        "planned by a person and agreed to by a second one" if approved else "taken by a person"
    )
    return (
        "Automated means were used to find accounts that are run together. The decision itself was "
        f"{people}."
    )


def _redress(facts: StatementFacts) -> str:
    return (
        f"You can complain free of charge until {_day(appeal_until(facts.acted_at))}, at "
        f"{facts.appeal_to.rstrip('.')}; name the reference above. A person will look at it. "
        "You can also turn to a certified out-of-court dispute settlement body, or to a court."
    )


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
