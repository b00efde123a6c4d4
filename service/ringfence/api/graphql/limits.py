"""Limits on a document, checked before anything of it runs."""

from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

MAX_DEPTH = 12
MAX_ALIASES = 30
MAX_TOKENS = 2_000


@dataclass(frozen=True, slots=True)
class _Extent:
    depth: int = 0
    aliases: int = 0


class WithinLimits(ValidationRule):
    """Refuses operations that nest deeper or rename more than is allowed.

    Fragments count as often as they are spread, yet each is measured once, so that a document of
    fragments that spread fragments costs no more to judge than its length. Introspection is
    measured by graphql-core's own rule.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._extent_by_fragment: dict[str, _Extent] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        """Measure one operation with all that it spreads."""
        extent = self._of_set(node.selection_set)
        if extent.depth > MAX_DEPTH:
            self._refuse(
                node, f"The query nests {extent.depth} fields deep; {MAX_DEPTH} are taken."
            )
        if extent.aliases > MAX_ALIASES:
            self._refuse(node, f"The query has {extent.aliases} aliases; {MAX_ALIASES} are taken.")

    def _refuse(self, node: OperationDefinitionNode, message: str) -> None:
        self.report_error(GraphQLError(message, node, extensions={"code": "limit_exceeded"}))

    def _of_set(self, selections: SelectionSetNode) -> _Extent:
        extents = [self._of(selection) for selection in selections.selections]
        return _Extent(
            max((extent.depth for extent in extents), default=0),
            sum(extent.aliases for extent in extents),
        )

    def _of(self, selection: SelectionNode) -> _Extent:
        if isinstance(selection, FragmentSpreadNode):
            return self._of_fragment(selection.name.value)
        if isinstance(selection, FieldNode):
            return self._of_field(selection)
        inside: SelectionSetNode | None = getattr(selection, "selection_set", None)
        return self._of_set(inside) if inside else _Extent()

    def _of_field(self, field: FieldNode) -> _Extent:
        if field.name.value.startswith("__"):
            return _Extent()
        inside = self._of_set(field.selection_set) if field.selection_set else _Extent()
        return _Extent(inside.depth + 1, inside.aliases + (field.alias is not None))

    def _of_fragment(self, name: str) -> _Extent:
        if name not in self._extent_by_fragment:
            self._extent_by_fragment[name] = _Extent()
            fragment: FragmentDefinitionNode | None = self.context.get_fragment(name)
            if fragment:
                self._extent_by_fragment[name] = self._of_set(fragment.selection_set)
        return self._extent_by_fragment[name]
