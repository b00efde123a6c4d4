"""The operation at hand, as graphql-core knows it: what the guards look at before it runs."""

from dataclasses import dataclass

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, get_operation_ast
from strawberry.schema import BaseSchema
from strawberry.types import ExecutionContext


@dataclass(frozen=True, slots=True)
class AskedOperation:
    """One operation of a valid document, and what it is read with."""

    schema: GraphQLSchema
    document: DocumentNode
    node: OperationDefinitionNode


def core_schema(schema: BaseSchema) -> GraphQLSchema:
    """The schema as graphql-core knows it, to which Strawberry has no public way."""
    core: GraphQLSchema = schema._schema  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    return core


def asked_operation(asked: ExecutionContext) -> AskedOperation | None:
    """The operation that is about to run; None where the document holds none of that name."""
    document = asked.graphql_document
    node = get_operation_ast(document, asked.operation_name) if document else None
    return AskedOperation(core_schema(asked.schema), document, node) if document and node else None
