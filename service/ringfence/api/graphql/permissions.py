"""Which scope each field needs, and the guard that looks before anything of an operation runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from strawberry.extensions import SchemaExtension

from ringfence.api.graphql.operation import asked_operation
from ringfence.domain.access import Scope, expect_scopes

NEEDED: Final[Mapping[str, Scope]] = {
    "Query.account": Scope.READ,
    "Query.appeals": Scope.READ,
    "Query.detectionRuns": Scope.READ,
    "Query.investigations": Scope.READ,
    "Query.node": Scope.READ,
    "Query.nodes": Scope.READ,
    "Query.operation": Scope.READ,
    "Query.policies": Scope.READ,
    "Query.policy": Scope.READ,
    "Query.policyListEntries": Scope.READ,
    "Query.policyTrial": Scope.READ,
    "Query.ring": Scope.READ,
    "Query.rings": Scope.READ,
    "Query.screening": Scope.READ,
    "Query.screenings": Scope.READ,
    "Query.search": Scope.READ,
    "Query.takedown": Scope.READ,
    "Query.takedownSwitch": Scope.READ,
    "Query.takedowns": Scope.READ,
    "Query.whyLinked": Scope.READ,
    "Query.whyNot": Scope.READ,
    "Mutation.addListEntry": Scope.ADMINISTER,
    "Mutation.addNote": Scope.VERDICT,
    "Mutation.approveTakedown": Scope.TAKEDOWN_APPROVE,
    "Mutation.assignRing": Scope.VERDICT,
    "Mutation.confirmRing": Scope.VERDICT,
    "Mutation.decideAppeal": Scope.TAKEDOWN_APPROVE,
    "Mutation.deleteInvestigation": Scope.VERDICT,
    "Mutation.dismissRing": Scope.VERDICT,
    "Mutation.enforcePolicy": Scope.ADMINISTER,
    "Mutation.haltTakedowns": Scope.TAKEDOWN_PLAN,
    "Mutation.openAppeal": Scope.APPEALS,
    "Mutation.pauseTakedown": Scope.TAKEDOWN_PLAN,
    "Mutation.planTakedown": Scope.TAKEDOWN_PLAN,
    "Mutation.releaseTakedowns": Scope.TAKEDOWN_PLAN,
    "Mutation.removeListEntry": Scope.ADMINISTER,
    "Mutation.renewTakedown": Scope.TAKEDOWN_PLAN,
    "Mutation.reportOutcome": Scope.SCREENING,
    "Mutation.resumeTakedown": Scope.TAKEDOWN_PLAN,
    "Mutation.retirePolicy": Scope.ADMINISTER,
    "Mutation.saveInvestigation": Scope.VERDICT,
    "Mutation.savePolicy": Scope.ADMINISTER,
    "Mutation.screenSignUp": Scope.SCREENING,
    "Mutation.shadowPolicy": Scope.ADMINISTER,
    "Mutation.startTakedown": Scope.TAKEDOWN_PLAN,
    "Mutation.stopTakedown": Scope.TAKEDOWN_PLAN,
    "Mutation.undoTakedown": Scope.TAKEDOWN_PLAN,
    "Mutation.voidTakedown": Scope.TAKEDOWN_PLAN,
    "Subscription.ringChanged": Scope.READ,
    "Subscription.runFinished": Scope.READ,
    "Subscription.takedownProgress": Scope.READ,
    "AppealTaken.appeal": Scope.READ,
    "ListEntryTaken.entry": Scope.READ,
    "NoteAdded.ring": Scope.READ,
    "OutcomeReported.screening": Scope.READ,
    "PolicyTaken.policy": Scope.READ,
    "RingAssigned.ring": Scope.READ,
    "RingJudged.ring": Scope.READ,
    "TakedownMoved.takedown": Scope.READ,
    "TakedownPlanned.preview": Scope.READ,
    "TakedownPlanned.takedown": Scope.READ,
    "TakedownUndoTaken.takedown": Scope.READ,
    "TakedownsSwitched.switch": Scope.READ,
}
"""Scope of each field of Query, Mutation and Subscription, and of others that need one of their
own: what a change gives back of the graph is read with the scope to read."""
META: Final = frozenset({"__schema", "__type"})


class AccessGuard(SchemaExtension):
    """Refuses an operation whole if its caller lacks a scope of any field in it."""

    def on_execute(self) -> Iterator[None]:
        """Look at the operation.

        Raises:
            NotPermitted: a scope is missing; the message names it.
        """
        asked = self.execution_context
        if operation := asked_operation(asked):
            needed = scopes_of(operation.schema, operation.document, operation.node)
            expect_scopes(asked.context.principal, needed)
        yield


def expect_declared(schema: GraphQLSchema) -> None:
    """Return if every field of the three roots has its scope in `NEEDED`.

    Raises:
        LookupError: one has none.
    """
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    names = [f"{root.name}.{name}" for root in roots if root for name in root.fields]
    if missing := [name for name in names if name not in NEEDED]:
        raise LookupError(f"{', '.join(missing)}: no scope in api/graphql/permissions.py")


def scopes_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> frozenset[Scope]:
    """All scopes that the fields of an operation need, whether directives skip them or not.

    Args:
        schema: that the document fits.
        document: holds the fragments.
        operation: one of the document.
    """
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    walk = _Walk(schema, fragments)
    root = schema.get_root_type(operation.operation)
    if root:
        walk.through(root, operation.selection_set)
    return frozenset(walk.needed)


@dataclass(slots=True)
class _Walk:
    """A way through an operation that looks into each fragment once."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    needed: set[Scope] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def through(self, parent: GraphQLNamedType, selections: SelectionSetNode) -> None:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                self._field(parent, node)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inside = self.schema.get_type(condition.name.value) if condition else parent
                self.through(inside or parent, node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in self.seen:
                self.seen.add(node.name.value)
                fragment = self.fragments[node.name.value]
                target = self.schema.get_type(fragment.type_condition.name.value)
                self.through(target or parent, fragment.selection_set)

    def _field(self, parent: GraphQLNamedType, node: FieldNode) -> None:
        name = node.name.value
        if name in META:
            self.needed.add(Scope.READ)
        possible = self.schema.get_possible_types(parent) if is_abstract_type(parent) else (parent,)
        for one in {parent, *possible}:
            if scope := NEEDED.get(f"{one.name}.{name}"):
                self.needed.add(scope)
        known = getattr(parent, "fields", {}).get(name)
        target = get_named_type(known.type) if known else None
        if node.selection_set and target and is_composite_type(target):
            self.through(target, node.selection_set)
