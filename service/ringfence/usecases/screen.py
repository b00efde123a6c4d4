"""The sign-up check as one worker makes it: what it knows, what it answers, what it keeps.

An answer is made from memory and kept in a local journal before it is given; everything that needs
Neo4j happens behind it. So an answer never waits for Neo4j, and none is lost with it.
"""

import hmac
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Final

import msgspec

from ringfence.domain.policy_lists import Lists
from ringfence.domain.screening_log import LoggedScreening
from ringfence.domain.screenings import Attempt, FailMode, Screening
from ringfence.errors import InvalidInput, JournalUnavailable, LimitExceeded
from ringfence.logs import get_logger
from ringfence.screening.bursts import WINDOWS
from ringfence.screening.counts import Counts
from ringfence.screening.deciding import Knowledge, Rules, Shared, decide
from ringfence.screening.default_policy import default_policy
from ringfence.screening.fresh import FreshSignUps
from ringfence.screening.friction import DAY_S, FrictionBudget
from ringfence.screening.journal import Journal
from ringfence.screening.shared_counts import SharedCounts
from ringfence.usecases.policies import warn_budget_spent

ANSWERS_KEPT: Final = 20_000
"""Answers to idempotency keys that a worker remembers; older ones are in the log."""
JOURNAL: Final = "journal"
COUNTS: Final = "counts"
NOT_KEPT: Final = "journal_unavailable"
"""Trouble in which an answer is given though nothing on this machine can keep it."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ScreenerSettings:
    """How one worker checks sign-ups.

    Attributes:
        folder: of the journal, the shared counts and the index; workers of a machine share it.
        secret: identifiers of rings that were taken down are hashed with it.
        fail_mode: what is answered when nothing is known.
        now_ms: the clock, milliseconds since 1970.
    """

    folder: Path
    secret: bytes
    fail_mode: FailMode = FailMode.OPEN
    now_ms: Callable[[], int] = lambda: int(datetime.now(UTC).timestamp() * 1000)


class Screener:
    """Answers attempts from what it was last given to know.

    Args:
        settings: of this worker.
        counts: shared by all who answer; None: in the folder, by all workers of the machine.
    """

    def __init__(self, settings: ScreenerSettings, counts: Counts | None = None) -> None:
        self.settings = settings
        counts = counts or SharedCounts(
            settings.folder / COUNTS,
            windows_s=sorted({*WINDOWS, DAY_S}),
            clock_ms=settings.now_ms,
        )
        budget = FrictionBudget(counts, warn_budget_spent)
        self._shared = Shared(counts, budget, settings.fail_mode)
        self._answers: OrderedDict[str, Screening] = OrderedDict()
        self._own: OrderedDict[str, None] = OrderedDict()
        self.listeners: list[Callable[[Screening], None]] = []
        self._journal: Journal | None = None
        self.known = Knowledge(
            index=None,
            fresh=FreshSignUps(),
            remembered=None,
            rules=Rules(default_policy(), (), Lists(())),
        )
        self.answered = 0

    def learn(self, **changes: object) -> None:
        """Know something else from now on: fields of `Knowledge` by name."""
        self.known = replace(self.known, **changes)  # type: ignore[arg-type]

    @property
    def journal(self) -> Journal:
        """What waits to be written to Neo4j.

        Raises:
            JournalUnavailable: the folder cannot be written to.
        """
        if self._journal is None:
            self._journal = Journal(self.settings.folder / JOURNAL)
        return self._journal

    @property
    def waiting(self) -> int:
        """Answers that wait to be written to Neo4j."""
        return self._journal.held() if self._journal else 0

    def screen(self, attempt: Attempt, *, key: str | None = None, client: str = "") -> Screening:
        """Answer an attempt, and keep the answer.

        Args:
            attempt: as it was asked.
            key: idempotency key; asked again with it, the same attempt gets the same answer.
            client: who asks; a key is one client's own.

        Raises:
            InvalidInput: the key came before with another attempt.
        """
        screening_id = new_id(client, key, self.settings.secret)
        if known := self.answer_known(screening_id, attempt):
            return known
        at = datetime.fromtimestamp(self.settings.now_ms() / 1000, UTC)
        answer = decide(self.known, self._shared, attempt, screening_id=screening_id, at=at)
        answer = self._kept(answer, key and screening_id)
        self.answered += 1
        self._own[answer.id] = None
        if len(self._own) > ANSWERS_KEPT:
            self._own.popitem(last=False)
        if key:
            self.remember(answer)
        for tell in self.listeners:
            tell(answer)
        return answer

    def answered_here(self, screening_id: str) -> bool:
        """Whether the answer is one of the latest of this worker."""
        return screening_id in self._own

    def answer_known(self, screening_id: str, attempt: Attempt) -> Screening | None:
        """The answer that was given already, or None.

        Raises:
            InvalidInput: it was given to another attempt.
        """
        known = self._answers.get(screening_id)
        return known and same_attempt(known, attempt)

    def remember(self, answer: Screening) -> None:
        """Give this answer again to whoever asks with its key."""
        self._answers[answer.id] = answer
        if len(self._answers) > ANSWERS_KEPT:
            self._answers.popitem(last=False)

    def _kept(self, answer: Screening, key_hash: str | None) -> Screening:
        try:
            self.journal.append(encode(LoggedScreening(answer, key_hash or None)))
        except (JournalUnavailable, LimitExceeded) as error:
            with suppress(OSError):  # the log may go to the same full disk
                log.error("screening_not_kept", code=error.code, reason=str(error))  # noqa: TRY400
            return replace(answer, degraded=answer.degraded or NOT_KEPT)
        return answer


def new_id(client: str, key: str | None, secret: bytes) -> str:
    """Id of an answer: drawn anew, or the same each time for a client's idempotency key."""
    if key is None:
        return f"scr_{token_hex(16)}"
    told = hmac.digest(secret, f"{client}\0{key}".encode(), "sha256").hex()
    return f"scr_{told[:32]}"


def same_attempt(known: Screening, attempt: Attempt) -> Screening:
    """The known answer, if it was given to this attempt.

    Raises:
        InvalidInput: it was given to another one.
    """
    if replace(known.attempt, at_ms=attempt.at_ms) != attempt:
        raise InvalidInput(
            "The idempotency key came before with another attempt. Use a new key for each attempt."
        )
    return known


def encode(logged: LoggedScreening) -> bytes:
    """An answer as the journal holds it."""
    return _encoder.encode(logged)


def decode(record: bytes) -> LoggedScreening:
    """An answer out of the journal."""
    return _decoder.decode(record)


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(LoggedScreening)
