"""What all objects with a global id have in common, and types that refer to each other."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from ringfence.api.graphql.fields import held

if TYPE_CHECKING:
    from ringfence.api.graphql.accounts import Account, Money
    from ringfence.api.graphql.detection_runs import DetectionRun
    from ringfence.api.graphql.identifiers import Identifier
    from ringfence.api.graphql.links import Link
    from ringfence.api.graphql.members import IdentifierName, Member
    from ringfence.api.graphql.operations import Operation
    from ringfence.api.graphql.rings import Reason, Ring
    from ringfence.api.graphql.screenings import Screening
    from ringfence.api.graphql.takedown_targets import PlannedTarget, TakedownTarget
    from ringfence.api.graphql.takedowns import Takedown

_HERE = "ringfence.api.graphql"

SomeAccount = Annotated["Account", strawberry.lazy(f"{_HERE}.accounts")]
SomeIdentifier = Annotated["Identifier", strawberry.lazy(f"{_HERE}.identifiers")]
SomeLink = Annotated["Link", strawberry.lazy(f"{_HERE}.links")]
SomeMember = Annotated["Member", strawberry.lazy(f"{_HERE}.members")]
SomeMoney = Annotated["Money", strawberry.lazy(f"{_HERE}.accounts")]
SomeName = Annotated["IdentifierName", strawberry.lazy(f"{_HERE}.members")]
SomeOperation = Annotated["Operation", strawberry.lazy(f"{_HERE}.operations")]
SomePlannedTarget = Annotated["PlannedTarget", strawberry.lazy(f"{_HERE}.takedown_targets")]
SomeReason = Annotated["Reason", strawberry.lazy(f"{_HERE}.rings")]
SomeRing = Annotated["Ring", strawberry.lazy(f"{_HERE}.rings")]
SomeRun = Annotated["DetectionRun", strawberry.lazy(f"{_HERE}.detection_runs")]
SomeScreening = Annotated["Screening", strawberry.lazy(f"{_HERE}.screenings")]
SomeTakedown = Annotated["Takedown", strawberry.lazy(f"{_HERE}.takedowns")]
SomeTarget = Annotated["TakedownTarget", strawberry.lazy(f"{_HERE}.takedown_targets")]


@strawberry.interface
class Node:
    """An object that can be read again by its id."""

    id: strawberry.ID = held("global_id", "Opaque global id; `node` takes it.")

    @property
    def global_id(self) -> str:
        """Its opaque id; each type tells its own."""
        raise NotImplementedError
