"""A typed client for scripts; it needs the extra `client`, and nothing else of Ringfence."""

from ringfence.client.client import RequestRefused, RingfenceClient
from ringfence.client.generated.enums import (
    Grade,
    MemberOrderBy,
    OrderDirection,
    RingOrderBy,
    RingState,
    Role,
    Tier,
)
from ringfence.client.generated.fragments import (
    Account,
    DeskRefused,
    DetectionRun,
    Evidence,
    Identifier,
    LinkExplanation,
    Member,
    NoteAdded,
    NotInRing,
    Ring,
    RingAssigned,
    RingJudged,
    VerdictRefused,
    WholeRing,
)
from ringfence.client.generated.input_types import RingFilter, RingOrder
from ringfence.client.walk import Page, walk

__all__ = [
    "Account",
    "DeskRefused",
    "DetectionRun",
    "Evidence",
    "Grade",
    "Identifier",
    "LinkExplanation",
    "Member",
    "MemberOrderBy",
    "NotInRing",
    "NoteAdded",
    "OrderDirection",
    "Page",
    "RequestRefused",
    "Ring",
    "RingAssigned",
    "RingFilter",
    "RingJudged",
    "RingOrder",
    "RingOrderBy",
    "RingState",
    "RingfenceClient",
    "Role",
    "Tier",
    "VerdictRefused",
    "WholeRing",
    "walk",
]
