"""What was made: the truth of every account, and counts for the summary."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from ringfence.worlds.diary import USAGE, EventRow
from ringfence.worlds.drafts import Draft

HEADER = ("account_id", "is_fake", "ring", "category")


class Ledger:
    """Truth and counts of one world."""

    def __init__(self) -> None:
        self._truth: list[tuple[str, str, str, str]] = []
        self._accounts: Counter[str] = Counter()
        self._rings: defaultdict[str, set[str]] = defaultdict(set)
        self._exchanges: Counter[str] = Counter()
        self._events: Counter[str] = Counter()

    def add(self, draft: Draft, events: Sequence[EventRow]) -> None:
        """Note what the account really is, and count its events."""
        category = draft.category
        self._truth.append((draft.id, "true" if draft.ring else "false", draft.ring, category))
        self._accounts[category] += 1
        if draft.ring:
            self._rings[category].add(draft.ring)
        for _, event in events:
            self._events[event["type"]] += 1
            if event["type"] == USAGE:
                self._exchanges[category] += event["data"]["requests"]

    def truth(self) -> list[tuple[str, str, str, str]]:
        """All accounts, sorted by id."""
        return sorted(self._truth)

    def summary(self) -> dict[str, Any]:
        """Counts, in a fixed order."""
        fake = sum(self._accounts[category] for category in self._rings)
        return {
            "fake_accounts": fake,
            "prevalence": round(fake / len(self._truth), 4),
            "events": sum(self._events.values()),
            "exchanges": sum(self._exchanges.values()),
            "events_by_type": dict(sorted(self._events.items())),
            "categories": {
                category: {
                    "accounts": self._accounts[category],
                    "fake": category in self._rings,
                    "rings": len(self._rings[category]) if category in self._rings else 0,
                    "exchanges": self._exchanges[category],
                }
                for category in sorted(self._accounts)
            },
        }
