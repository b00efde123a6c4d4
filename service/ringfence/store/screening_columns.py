"""Sign-up checks as columns of parameters, and read back whole from the JSON kept of them."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from ringfence.domain.rings import LONG_AGO
from ringfence.domain.screening_log import LoggedScreening, Outcome, ReportedOutcome
from ringfence.domain.screenings import Screening
from ringfence.store.graph import Row
from ringfence.store.times import milliseconds, moment

Columns = dict[str, list[Any]]
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Screening)


def told(screening: Screening) -> str:
    """The whole answer as JSON; `retold` gives back an equal one."""
    return _ENCODER.encode(screening).decode()


def retold(text: str) -> Screening:
    """The answer of which JSON was kept."""
    return _DECODER.decode(text)


def screening_columns(batch: Sequence[LoggedScreening]) -> Columns:
    """The parameters of `screenings/save`, each id once, by id."""
    by_id = {logged.screening.id: logged for logged in batch}
    rows = [_row(by_id[screening_id]) for screening_id in sorted(by_id)]
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def logged_screening(row: Row) -> LoggedScreening:
    """A screening as the statements of `screenings` tell it."""
    reported = None
    if row["outcome"] is not None:
        at = moment(row["outcome_ms"]) or LONG_AGO
        outcome = Outcome(row["outcome"])
        reported = ReportedOutcome(outcome, at, row["outcome_by"], row["outcome_note"])
    return LoggedScreening(retold(row["told"]), row["key_hash"], reported)


def _row(logged: LoggedScreening) -> dict[str, Any]:
    screening = logged.screening
    attempt, ruling = screening.attempt, screening.ruling
    ring, re_entry = screening.assessment.ring, screening.assessment.re_entry
    return {
        "ids": screening.id,
        "attempt_ids": attempt.id,
        "account_ids": attempt.account_id,
        "at_ms": milliseconds(screening.at),
        "decisions": ruling.decision.value,
        "intended": ruling.intended.value,
        "scores": screening.assessment.score,
        "ring_ids": ring and ring.ring_id,
        "policy_ids": ruling.policy_id,
        "policy_versions": ruling.policy_version,
        "model_versions": screening.model_version,
        "degraded": screening.degraded,
        "fail_modes": screening.fail_mode.value,
        "took_ms": screening.took_ms,
        "re_entry_ring_ids": re_entry and re_entry.ring_id,
        "re_entry_likelihoods": re_entry and re_entry.likelihood.value,
        "countries": attempt.country,
        "plans": attempt.plan,
        "key_hashes": logged.key_hash,
        "told": told(screening),
    }
