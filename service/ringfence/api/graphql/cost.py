"""What a document may cost: the objects that it asks for at the most, counted before it runs.

An object costs 1, and so does a list, since it must be read; scalars, edges and page infos are
free. A list multiplies what is asked of each of its objects by its `first`. A field that reads
much to answer little has a price of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)

from ringfence.api.graphql.paging import MAX_FIRST

MAX_COST = 50_000
"""What one request may cost."""
UNBOUNDED_TIMES = 10
"""How many objects a list without `first` is taken for; such lists hold a handful."""
_FREE = ("Edge", "PageInfo")
PRICES: Final = {
    "Query.policyTrial": 5_000,
    "Query.whyNot": 5_000,
    "Mutation.planTakedown": 2_000,
    "Takedown.plannedTargets": 500,
}
"""What fields cost beside what they return: the first reads thousands of sign-ups, the second the
whole graph, the others a whole ring."""


def cost_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
) -> int:
    """The most that an operation of a valid document can cost.

    Args:
        schema: that the document was validated against.
        document: holds the fragments.
        operation: one of its operations.
        variables: values as they came, not yet coerced; those of no use count as the largest.
    """
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    root = schema.get_root_type(operation.operation)
    defaults = {
        node.variable.name.value: node.default_value
        for node in operation.variable_definitions or ()
    }
    given = {name: value for name, value in (variables or {}).items() if value is not None}
    counting = _Counting(schema, fragments, given, defaults)
    return counting.of_set(operation.selection_set, root) if root else 0


@dataclass(frozen=True, slots=True)
class _Counting:
    """One operation's count; each fragment is counted once, however often it is spread."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    defaults: Mapping[str, ValueNode | None]
    cost_by_fragment: dict[str, int] = field(default_factory=dict)

    def of_set(self, selections: SelectionSetNode, parent: GraphQLNamedType) -> int:
        return sum(self._of(selection, parent) for selection in selections.selections)

    def _of(self, selection: SelectionNode, parent: GraphQLNamedType) -> int:
        if isinstance(selection, FieldNode):
            return self._of_field(selection, parent)
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            narrowed = self.schema.get_type(condition.name.value) if condition else parent
            return self.of_set(selection.selection_set, narrowed or parent)
        if isinstance(selection, FragmentSpreadNode):
            return self._of_fragment(selection.name.value)
        return 0

    def _of_fragment(self, name: str) -> int:
        if name not in self.cost_by_fragment:
            fragment = self.fragments[name]
            target = self.schema.get_type(fragment.type_condition.name.value)
            self.cost_by_fragment[name] = (
                self.of_set(fragment.selection_set, target) if target else 0
            )
        return self.cost_by_fragment[name]

    def _of_field(self, node: FieldNode, parent: GraphQLNamedType) -> int:
        known = _field_of(parent, node.name.value)
        if known is None or node.selection_set is None:
            return 0
        named = get_named_type(known.type)
        if not is_composite_type(named):
            return 0
        inside = self.of_set(node.selection_set, named)
        extra = PRICES.get(f"{parent.name}.{node.name.value}", 0)
        return extra + _priced(named, inside, self._times(node, known, parent))

    def _times(self, node: FieldNode, known: GraphQLField, parent: GraphQLNamedType) -> int:
        for argument in node.arguments or ():
            if argument.name.value == "first":
                return self._number(argument.value)
            if argument.name.value == "ids":
                return self._length(argument.value)
        listed = is_list_type(known.type.of_type if is_non_null_type(known.type) else known.type)
        return UNBOUNDED_TIMES if listed and not parent.name.endswith("Connection") else 1

    def _number(self, value: ValueNode) -> int:
        if isinstance(value, VariableNode):
            given = self.variables.get(value.name.value)
            default = self.defaults.get(value.name.value)
            if given is None and default is not None:
                return self._number(default)
            return given if isinstance(given, int) and 0 <= given <= MAX_FIRST else MAX_FIRST
        # A `first` out of bounds is refused when its field is asked.
        return min(int(value.value), MAX_FIRST) if isinstance(value, IntValueNode) else MAX_FIRST

    def _length(self, value: ValueNode) -> int:
        if isinstance(value, VariableNode):
            given = self.variables.get(value.name.value)
            return len(given) if isinstance(given, list) else 1
        return len(value.values) if isinstance(value, ListValueNode) else 1


def _field_of(parent: GraphQLNamedType, name: str) -> GraphQLField | None:
    if isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType)):
        known: GraphQLField | None = parent.fields.get(name)
        return known
    return None


def _priced(named: GraphQLCompositeType, inside: int, times: int) -> int:
    if named.name.endswith(_FREE):
        return times * inside
    if named.name.endswith("Connection"):
        return 1 + times * inside
    return times * (1 + inside)
