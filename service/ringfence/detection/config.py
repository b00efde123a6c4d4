"""Parameters of detection: one versioned file, changed in part by a file of the user's."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ringfence.domain.identifiers import Strength
from ringfence.errors import InvalidInput

Share = Annotated[float, Field(ge=0, le=1)]
LogOdds = Annotated[float, Field(ge=0, le=10)]
Against = Annotated[float, Field(ge=-30, le=0)]
Proof = Annotated[float, Field(ge=0, le=2)]


class _Parameters(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PartParameters(_Parameters):
    """Which optional parts of detection take part; the ablation switches them off one by one."""

    pairs: bool
    bystanders: bool
    corroboration: bool
    sittings: bool
    belonging: bool


class TraitParameters(_Parameters):
    """When an account counts as a paying customer."""

    established_days: Annotated[float, Field(ge=1, le=3650)]
    established_bad_share: Share


class ProofParameters(_Parameters):
    """What sharing an identifier proves, by strength."""

    strong: Proof
    medium: Proof
    weak: Proof
    never_alone: Proof
    timing: Proof
    overturned: Share
    typical_ring: Annotated[float, Field(ge=2, le=10_000)]

    def of(self, strength: Strength) -> float:
        """Part of a proof that the strength gives."""
        return float(getattr(self, strength.value))


class LikenessParameters(_Parameters):
    """What looks made by one hand, whether behind an identifier or in a group."""

    burst: LogOdds
    window: LogOdds
    email_shape: LogOdds
    bin: LogOdds
    user_agent: LogOdds
    prepaid: LogOdds
    unpaid: LogOdds
    declined: LogOdds
    disputed: LogOdds
    proxy: LogOdds
    alike_usage: LogOdds


class HubParameters(LikenessParameters):
    """How popular identifiers are judged."""

    judged_from: Annotated[int, Field(ge=3, le=1000)]
    doubted_from: Annotated[int, Field(ge=3, le=100_000)]
    pair_cap: Annotated[int, Field(ge=2, le=200)]
    public_below: Annotated[float, Field(ge=-10, le=10)]
    suspect_above: Annotated[float, Field(ge=-10, le=10)]
    vouching_below: Annotated[int, Field(ge=2, le=1000)]
    tied: LogOdds
    tied_from: Share
    untied: Against
    own: Against
    paying: Against
    company: Against


class CellParameters(_Parameters):
    """How components are cut into cells."""

    whole_vertices: Annotated[int, Field(ge=2, le=1000)]
    conductance: Annotated[float, Field(ge=0.01, le=0.9)]
    iterations: Annotated[int, Field(ge=1, le=10)]


class RingParameters(_Parameters):
    """When cells are one ring and what is done with it."""

    min_ties: Annotated[int, Field(ge=1, le=20)]
    min_tie_share: Share
    min_bridging: Annotated[int, Field(ge=1, le=20)]
    max_cells_spanned: Annotated[int, Field(ge=2, le=1000)]
    flag_size: Annotated[int, Field(ge=2, le=1000)]
    least_flagged: Annotated[int, Field(ge=2, le=1000)]
    watch_score: Share
    review_score: Share
    auto_score: Share
    small_score: Share


class AttachParameters(_Parameters):
    """When weaker evidence adds an account to a ring."""

    join_proof: Annotated[float, Field(ge=0, le=5)]
    max_groups_touched: Annotated[int, Field(ge=2, le=100)]
    mostly: Share
    small_piece: Annotated[int, Field(ge=2, le=100)]
    proof: Annotated[float, Field(ge=0, le=5)]
    window_hours: Annotated[float, Field(ge=1, le=8760)]


class BelongingParameters(_Parameters):
    """When an account belongs to a ring by its exits and its manner."""

    least: Annotated[float, Field(ge=-5, le=20)]
    manner: Share
    trait_cap: Annotated[float, Field(ge=0, le=10)]
    least_seen: Annotated[float, Field(ge=0.1, le=100)]
    window_hours: Annotated[float, Field(ge=1, le=8760)]


class OperationParameters(_Parameters):
    """When rings are one operation."""

    strong_ties: Annotated[int, Field(ge=1, le=100)]
    other_ties: Annotated[int, Field(ge=1, le=100)]
    least_users: Annotated[int, Field(ge=1, le=100)]


class BystanderParameters(_Parameters):
    """Who leaves a group: people whose things a ring used."""

    least_group: Annotated[int, Field(ge=2, le=100)]
    apart_days: Annotated[float, Field(ge=0, le=3650)]
    margin: Share
    few: Share
    taken_over_days: Annotated[float, Field(ge=0, le=3650)]


class CarefulParameters(_Parameters):
    """Rings that share only addresses and timing."""

    min_sittings: Annotated[int, Field(ge=1, le=20)]
    address_cap: Annotated[int, Field(ge=2, le=500)]
    window_hours: Annotated[float, Field(ge=1, le=8760)]


class ScoreParameters(LikenessParameters):
    """Log-odds of each point for and against a group."""

    prior: Annotated[float, Field(ge=-10, le=0)]
    scale: Annotated[float, Field(gt=0, le=10)]
    shift: Annotated[float, Field(ge=-10, le=10)]
    strong: LogOdds
    medium: LogOdds
    weak: LogOdds
    never_alone: LogOdds
    size: LogOdds
    size_cap: LogOdds
    free_mail: LogOdds
    same_family: Share
    agrees_from: Share
    full_cover: Annotated[float, Field(gt=0, le=1)]
    places_a_member: Annotated[float, Field(gt=0, le=100)]
    own_place_share: Share
    largest_place: Share
    paying_majority: Share
    one_kind: Against
    one_payer: Against
    many_addresses: LogOdds
    sittings_at_proxies: LogOdds
    place_only: Against
    established: Against
    established_majority: Against
    company: Against
    managed: Against
    private_mail: Against
    agent: Against
    spread: Against
    one_mailbox: Against
    one_mailbox_size: Annotated[int, Field(ge=2, le=50)]
    open_owner: Against
    open_owner_size: Annotated[int, Field(ge=2, le=1000)]
    family: Against
    own_identifiers: Against
    one_machine: Against
    one_home: Against
    one_home_size: Annotated[int, Field(ge=2, le=50)]
    family_size: Annotated[int, Field(ge=2, le=50)]
    family_days: Annotated[float, Field(ge=0, le=3650)]


class DetectionConfig(_Parameters):
    """All parameters; `config.toml` beside this file holds the defaults and their sources."""

    version: str
    seed: int
    parts: PartParameters
    traits: TraitParameters
    proof: ProofParameters
    hubs: HubParameters
    cells: CellParameters
    rings: RingParameters
    attach: AttachParameters
    bystanders: BystanderParameters
    operations: OperationParameters
    careful: CarefulParameters
    belonging: BelongingParameters
    score: ScoreParameters


def load_config(path: Path | None = None) -> DetectionConfig:
    """The default parameters, with those of the file in their place.

    Raises:
        InvalidInput: the file cannot be read, or holds an unknown or impossible parameter; the
            message names it.
    """
    text = files("ringfence.detection").joinpath("config.toml").read_text(encoding="utf-8")
    defaults = tomllib.loads(text)
    changes: dict[str, Any] = _read(path) if path else {}
    try:
        return DetectionConfig.model_validate(_merged(defaults, changes))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}, got {fault['input']!r}"
            for fault in error.errors()
        )
        raise InvalidInput(
            f"{path or 'config.toml'}: {faults}. See config.toml for the parameters."
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{path}: {error}. Expected a readable TOML file.") from error


def _merged(defaults: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(defaults)
    for name, value in changes.items():
        inner = merged.get(name)
        if isinstance(inner, dict) and isinstance(value, dict):
            merged[name] = _merged(inner, value)
        else:
            merged[name] = value
    return merged
