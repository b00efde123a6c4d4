"""The words of the design that GraphQL knows as enums; importing this registers them."""

import strawberry

from ringfence.domain.appeals import AppealDecision, AppealState
from ringfence.domain.identifiers import Strength
from ringfence.domain.lineage import RingEventKind
from ringfence.domain.policies import PolicyMode
from ringfence.domain.policy_lists import ListName
from ringfence.domain.rings import Grade, HubClass, RingState, Role, Tier
from ringfence.domain.screening_log import Outcome
from ringfence.domain.screenings import Decision, FailMode, Likelihood
from ringfence.domain.takedown_plans import Care
from ringfence.domain.takedowns import (
    HoldReason,
    Standing,
    TakedownAction,
    TakedownState,
    TargetState,
)
from ringfence.domain.verdicts import VerdictKind
from ringfence.store.members import MemberOrderBy
from ringfence.store.rings import RingOrderBy
from ringfence.usecases.explain_link import LinkOutcome

for word in (
    Grade,
    Tier,
    RingState,
    RingEventKind,
    VerdictKind,
    Role,
    HubClass,
    Strength,
    LinkOutcome,
    Decision,
    FailMode,
    Likelihood,
    Outcome,
    Standing,
    TakedownAction,
    TakedownState,
    TargetState,
    HoldReason,
    Care,
    AppealState,
    AppealDecision,
    PolicyMode,
    ListName,
):
    strawberry.enum(word)
for order in (MemberOrderBy, RingOrderBy):
    strawberry.enum(order)
