"""Plans: what was found out about an operation, kept for the next time it is asked.

What a document selects depends on its text and on the variables of `@skip` and `@include` alone.
Documents are parsed once and kept, so an operation is known by its identity.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLSchema,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    Undefined,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList, GroupedFieldSet

from ringfence.api.graphql.methods import Bind
from ringfence.api.graphql.plain_fields import Read, Reader

PLANS_KEPT: Final = 512
FieldKey: TypeAlias = tuple[str, int]
"""Name of a type, and the identity of what is selected of it, which its plan keeps alive."""


@dataclass(frozen=True, slots=True)
class Called:
    """A field that is resolved by a method of ours.

    Attributes:
        field: as the schema has it.
        details: where the document asks for it.
        bind: gives the method its arguments.
    """

    field: GraphQLField
    details: FieldDetailsList
    bind: Bind


@dataclass(frozen=True, slots=True)
class Loaded(Called):
    """A field that says what to load, and of whose value all that is asked for is plain."""

    read: Read


@dataclass(frozen=True, slots=True)
class Selection:
    """One selection on one type, taken apart.

    Attributes:
        reader: of the plain fields of an object; None where there are none.
        others: fields that are not plain.
        loaded: those of them that can be read for a whole list at once.
        selected: all of them.
    """

    reader: Reader | None
    others: GroupedFieldSet
    loaded: dict[str, Loaded]
    selected: GroupedFieldSet

    @property
    def read(self) -> Read | None:
        """What its reader does."""
        return self.reader.read if self.reader else None

    @property
    def is_plain(self) -> bool:
        """Whether its reader reads all of it."""
        return self.reader is not None and not self.others

    @property
    def reads_lists(self) -> bool:
        """Whether a whole list of it can be read at once."""
        return len(self.loaded) == len(self.others)


@dataclass(slots=True)
class Plan:
    """What is known of one operation under one set of conditions; filled as it is executed.

    Attributes:
        operation: kept, as is the schema, so that their identities stay theirs.
        root: the fields of the operation itself.
        subfields: what is collected of a type under a field.
        selections: selections taken apart.
        called: fields of a type that methods of ours resolve; None: graphql-core resolves it.
    """

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    root: GroupedFieldSet | None = None
    subfields: dict[FieldKey, tuple[FieldDetailsList, CollectedFields]] = field(
        default_factory=dict
    )
    selections: dict[FieldKey, Selection] = field(default_factory=dict)
    called: dict[FieldKey, Called | None] = field(default_factory=dict)


_plans: OrderedDict[Hashable, Plan] = OrderedDict()


def plan_of(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: dict[str, Any]
) -> Plan:
    """The plan of an operation, kept while it is among the latest that were asked.

    Args:
        schema: that the operation fits.
        operation: of a parsed document.
        variables: coerced; those of Boolean type can decide what is selected.
    """
    conditions = tuple(
        variables.get(node.variable.name.value, Undefined)
        for node in operation.variable_definitions or ()
        if _is_boolean(node.type)
    )
    key = id(schema), id(operation), conditions
    plan = _plans.get(key)
    if plan is None:
        plan = _plans[key] = Plan(schema, operation)
        if len(_plans) > PLANS_KEPT:
            _plans.popitem(last=False)
    else:
        _plans.move_to_end(key)
    return plan


def _is_boolean(node: object) -> bool:
    named = node.type if isinstance(node, NonNullTypeNode) else node
    return isinstance(named, NamedTypeNode) and named.name.value == "Boolean"
