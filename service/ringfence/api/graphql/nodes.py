"""What all objects with a global id have in common, and types that refer to each other."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from ringfence.api.graphql.fields import held

if TYPE_CHECKING:
    from ringfence.api.graphql.accounts import Account
    from ringfence.api.graphql.detection_runs import DetectionRun
    from ringfence.api.graphql.identifiers import Identifier
    from ringfence.api.graphql.links import Link
    from ringfence.api.graphql.members import IdentifierName, Member
    from ringfence.api.graphql.operations import Operation
    from ringfence.api.graphql.rings import Reason, Ring
    from ringfence.api.graphql.screenings import Screening

_HERE = "ringfence.api.graphql"

SomeAccount = Annotated["Account", strawberry.lazy(f"{_HERE}.accounts")]
SomeIdentifier = Annotated["Identifier", strawberry.lazy(f"{_HERE}.identifiers")]
SomeLink = Annotated["Link", strawberry.lazy(f"{_HERE}.links")]
SomeMember = Annotated["Member", strawberry.lazy(f"{_HERE}.members")]
SomeName = Annotated["IdentifierName", strawberry.lazy(f"{_HERE}.members")]
SomeOperation = Annotated["Operation", strawberry.lazy(f"{_HERE}.operations")]
SomeReason = Annotated["Reason", strawberry.lazy(f"{_HERE}.rings")]
SomeRing = Annotated["Ring", strawberry.lazy(f"{_HERE}.rings")]
SomeRun = Annotated["DetectionRun", strawberry.lazy(f"{_HERE}.detection_runs")]
SomeScreening = Annotated["Screening", strawberry.lazy(f"{_HERE}.screenings")]


@strawberry.interface
class Node:
    """An object that can be read again by its id."""

    id: strawberry.ID = held("global_id", "Opaque global id; `node` takes it.")

    @property
    def global_id(self) -> str:
        """Its opaque id; each type tells its own."""
        raise NotImplementedError
