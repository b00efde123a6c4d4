"""Rules of takedowns: who approves, in which waves, and what stops them; data with defaults."""

import tomllib
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ringfence.errors import InvalidInput

Share = Annotated[float, Field(gt=0, le=1)]
Minutes = Annotated[float, Field(ge=0, le=7 * 24 * 60)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ApprovalRules(_Part):
    """When a second person has to agree, and for how long that holds."""

    second_person_from: int = Field(ge=1)
    valid_hours: float = Field(gt=0, le=24 * 30)

    @property
    def valid(self) -> timedelta:
        """How long after planning a takedown may be started."""
        return timedelta(hours=self.valid_hours)


class WaveRules(_Part):
    """In which steps accounts are acted on."""

    canary: int = Field(ge=1)
    shares: tuple[Share, ...] = Field(min_length=1, max_length=50)
    delay_minutes: tuple[Minutes, Minutes]

    @model_validator(mode="after")
    def _adds_up(self) -> "WaveRules":
        if abs(sum(self.shares) - 1) > 1e-6:
            raise ValueError(f"shares add up to {sum(self.shares):g}, expected 1")
        if self.delay_minutes[0] > self.delay_minutes[1]:
            raise ValueError("delay_minutes: the least is above the most")
        return self


class StopRules(_Part):
    """Shares of the accounts acted on above which a takedown pauses itself."""

    least: int = Field(ge=1)
    failed_share: Share
    appeal_share: Share
    overturned_share: Share


class ActRules(_Part):
    """For how long what is done holds."""

    expire_days: float = Field(gt=0, le=3650)


class CareRules(_Part):
    """Which members may be innocent."""

    tenure_days: float = Field(gt=0)
    household: int = Field(ge=2)


class TakedownRules(_Part):
    """All rules of takedowns."""

    approval: ApprovalRules
    waves: WaveRules
    stop: StopRules
    acts: ActRules
    care: CareRules


def load_takedown_rules(path: Path | None = None) -> TakedownRules:
    """The rules of a TOML file laid over the built-in ones; these alone where none is named.

    Raises:
        InvalidInput: the file cannot be read, or holds a rule that is unknown or out of range.
    """
    told = _built_in()
    if path is None:
        return TakedownRules.model_validate(told)
    try:
        changed = tomllib.loads(path.read_text(encoding="utf-8"))
        return TakedownRules.model_validate(_over(told, changed))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{path}: {error}. Expected TOML with rules of takedowns.") from None
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        raise InvalidInput(f"{path}: {faults}. Correct it and start again.") from None


@lru_cache(maxsize=1)
def _built_in() -> dict[str, Any]:
    text = files("ringfence.domain").joinpath("takedown_rules.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _over(told: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    return told | {
        part: (told.get(part, {}) | rules if isinstance(rules, dict) else rules)
        for part, rules in changed.items()
    }
