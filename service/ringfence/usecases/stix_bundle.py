"""STIX 2.1: the bundle in which a ring's hashed identifiers are shared, and how one is read.

Ids are derived from what they name, so that the same ring gives the same bundle, and a newer
bundle takes the place of an older one. Nothing tells how many accounts there are, what they paid or
used, or what an identifier is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import orjson

from ringfence.domain.shared_indicators import ALGORITHM, RANK_BY_TLP, SharedIndicator, Tlp
from ringfence.errors import InvalidInput

UNDATED_LIFETIME: Final = timedelta(days=90)
"""For how long an indicator holds whose bundle does not say."""
MAX_SOURCE: Final = 256
_NAMESPACE: Final = uuid5(NAMESPACE_URL, "https://ringfence.invalid/stix")
_TLP_EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_TLP_IDS: Final[Mapping[Tlp, str]] = {
    Tlp.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""As OASIS published the marks of TLP 2.0."""
_TLP_BY_ID: Final[Mapping[str, Tlp]] = {
    **{id_: tlp for tlp, id_ in _TLP_IDS.items()},
    # Those of TLP 1.0, which the specification of STIX 2.1 itself holds.
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": Tlp.CLEAR,
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": Tlp.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": Tlp.AMBER,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Tlp.RED,
}
_TLP_CREATED: Final = "2022-10-01T00:00:00.000Z"
_PATTERN: Final = re.compile(rf"\[artifact:hashes\.'{ALGORITHM}' = '([0-9a-f]{{64}})'\]")

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hashed:
    """A hashed identifier and when it holds no more."""

    hash: str
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class SharedRing:
    """What a bundle tells of a ring.

    Attributes:
        created_at: when the ring was found first.
        modified_at: when it was told last.
        producer: who shares, in words.
    """

    ring_id: str
    created_at: datetime
    modified_at: datetime
    producer: str
    tlp: Tlp
    hashed: Sequence[Hashed]


@dataclass(frozen=True, slots=True)
class PeerBundle:
    """What was read of a peer's bundle.

    Attributes:
        indicators: each hash once.
        revoked: hashes that the peer takes back.
        skipped: indicators that are of another kind.
    """

    source: str
    indicators: tuple[SharedIndicator, ...]
    revoked: tuple[str, ...]
    skipped: int


def write_bundle(ring: SharedRing) -> bytes:
    """The bundle of a ring; equal rings give equal bytes."""
    producer = _id("identity", ring.producer)
    campaign = _id("campaign", ring.producer, ring.ring_id)
    infrastructure = _id("infrastructure", ring.producer, ring.ring_id)
    common = _common(ring, producer)
    objects: list[Object] = [
        _marking(ring.tlp),
        {
            **common,
            "type": "identity",
            "id": producer,
            "name": ring.producer,
            "identity_class": "organization",
            "created": _TLP_CREATED,
            "modified": _TLP_CREATED,
        },
        {
            **common,
            "type": "campaign",
            "id": campaign,
            "name": f"Fake-account ring {ring.ring_id}",
            "description": "Accounts that one operator seems to run under many names.",
        },
        {
            **common,
            "type": "infrastructure",
            "id": infrastructure,
            "name": f"Shared identifiers of ring {ring.ring_id}",
            "infrastructure_types": ["unknown"],
        },
        _relationship(common, campaign, "uses", infrastructure),
    ]
    for one in sorted(ring.hashed, key=lambda one: one.hash):
        indicator = _indicator(common, ring, one)
        objects += [indicator, _relationship(common, indicator["id"], "indicates", campaign)]
    content = [one["id"] + one.get("modified", "") for one in objects]
    bundle = {"type": "bundle", "id": _id("bundle", *content), "objects": objects}
    return orjson.dumps(bundle, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def read_bundle(content: bytes) -> PeerBundle:
    """The hashed identifiers that a peer's bundle tells, and who the peer is.

    An indicator without a mark counts as the strictest one, of several marks the strictest holds.

    Raises:
        InvalidInput: it is no bundle of STIX, or does not say who made it.
    """
    objects = _objects(content)
    by_id = {one["id"]: one for one in objects}
    told = [one for one in objects if one.get("type") == "indicator"]
    source = _source(told, by_id)
    found: dict[str, SharedIndicator] = {}
    revoked, skipped = [], 0
    for one in told:
        matched = _PATTERN.fullmatch(str(one.get("pattern", "")).strip())
        if matched is None or one.get("pattern_type", "stix") != "stix":
            skipped += 1
        elif one.get("revoked") is True:
            revoked.append(matched[1])
        else:
            found[matched[1]] = SharedIndicator(matched[1], source, _tlp(one), _valid_until(one))
    kept = tuple(one for hash_, one in sorted(found.items()) if hash_ not in set(revoked))
    return PeerBundle(source, kept, tuple(sorted(set(revoked))), skipped)


def _common(ring: SharedRing, producer: str) -> Object:
    return {
        "spec_version": "2.1",
        "created_by_ref": producer,
        "created": _stamp(ring.created_at),
        "modified": _stamp(ring.modified_at),
        "object_marking_refs": [_TLP_IDS[ring.tlp]],
    }


def _indicator(common: Object, ring: SharedRing, one: Hashed) -> Object:
    return {
        **common,
        "type": "indicator",
        "id": _id("indicator", ring.producer, ring.ring_id, one.hash),
        "name": "Hashed identifier of a fake-account ring",
        "indicator_types": ["malicious-activity"],
        "pattern": f"[artifact:hashes.'{ALGORITHM}' = '{one.hash}']",
        "pattern_type": "stix",
        "pattern_version": "2.1",
        "valid_from": _stamp(ring.modified_at),
        "valid_until": _stamp(one.valid_until),
    }


def _relationship(common: Object, source: str, kind: str, target: str) -> Object:
    return {
        **common,
        "type": "relationship",
        "id": _id("relationship", source, kind, target),
        "relationship_type": kind,
        "source_ref": source,
        "target_ref": target,
    }


def _marking(tlp: Tlp) -> Object:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": _TLP_IDS[tlp],
        "created": _TLP_CREATED,
        "name": f"TLP:{tlp.value.upper()}",
        "extensions": {
            _TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp.value}
        },
    }


def _id(kind: str, *parts: str) -> str:
    return f"{kind}--{uuid5(_NAMESPACE, chr(0).join((kind, *parts)))}"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _objects(content: bytes) -> list[Object]:
    try:
        bundle = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"The bundle is no JSON: {error}. Expected a STIX 2.1 bundle.") from None
    objects = bundle.get("objects") if isinstance(bundle, dict) else None
    if not isinstance(objects, list) or bundle.get("type") != "bundle":
        raise InvalidInput(
            'The file is no STIX bundle. Expected an object of type "bundle" with a list "objects".'
        )
    for at, one in enumerate(objects):
        if not isinstance(one, dict) or not isinstance(one.get("id"), str):
            raise InvalidInput(f"Object {at} of the bundle has no id. Expected STIX 2.1.")
    return objects


def _source(told: Iterable[Object], by_id: Mapping[str, Object]) -> str:
    """Who made the indicators, by name and by id: a name alone is easy to take."""
    makers = {str(one.get("created_by_ref", "")) for one in told}
    if len(makers) > 1:
        raise InvalidInput(
            f"The bundle holds indicators of {len(makers)} makers. Import one bundle a maker."
        )
    maker = next(iter(makers), "")
    identity = by_id.get(maker)
    name = str(identity.get("name", "")).strip() if identity else ""
    if not maker or not name:
        raise InvalidInput(
            "The bundle does not say who made its indicators. Expected created_by_ref and that "
            "identity, with a name."
        )
    return f"{name[: MAX_SOURCE - len(maker) - 3]} ({maker})"[:MAX_SOURCE]


def _tlp(one: Object) -> Tlp:
    refs = one.get("object_marking_refs")
    marks = [_TLP_BY_ID[ref] for ref in refs if ref in _TLP_BY_ID] if isinstance(refs, list) else []
    return max(marks, key=RANK_BY_TLP.__getitem__, default=Tlp.RED)


def _valid_until(one: Object) -> datetime:
    until = _time(one, "valid_until")
    if until is not None:
        return until
    begins = _time(one, "valid_from")
    if begins is None:
        raise InvalidInput(f"Indicator {one['id'][:100]} has no valid_from. Expected STIX 2.1.")
    return begins + UNDATED_LIFETIME


def _time(one: Object, name: str) -> datetime | None:
    told = one.get(name)
    if told is None:
        return None
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InvalidInput(
            f"Indicator {one['id'][:100]} has {name} {str(told)[:40]}; expected a time such as "
            "2026-06-01T00:00:00Z."
        )
    return at.astimezone(UTC)
