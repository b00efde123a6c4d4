"""Fields of Strawberry's types, called without the layers that look at each of them anew."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias, cast

from graphql import GraphQLField, GraphQLResolveInfo, GraphQLSchema
from strawberry.types import Info
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from ringfence.api.graphql.fields import GATHERED, HELD

DEFINITION = "strawberry-definition"

Get: TypeAlias = Callable[[Any], Any]
"""Reads a field off its object."""
Call: TypeAlias = Callable[[object], Any]
"""Calls the method of a field on an object."""
Bind: TypeAlias = Callable[["GraphQLResolveInfo[Any]", dict[str, Any]], Call]
"""Gives the method of a field its arguments, by their names in Python."""


def getter_of(field: GraphQLField) -> Get | str | None:
    """What reads a field off its object, or the path to it; None where the field is not plain.

    Plain is an attribute, or a method that is told nothing but its object and awaits nothing.
    """
    declared = _declared(field)
    if declared is None or field.args:
        return None
    if declared.is_basic_field:
        return declared.python_name
    if held := declared.metadata.get(HELD):
        return str(held)
    resolver = _method_of(declared)
    if resolver is None or resolver.is_async or resolver.info_parameter:
        return None
    method: Get = resolver.wrapped_func  # type: ignore[assignment]
    return method


def caller_of(field: GraphQLField) -> Bind | None:
    """What binds a method that awaits, or None where the field is none, or one of a stream."""
    declared = _declared(field)
    resolver = _method_of(declared) if declared else None
    if declared is None or resolver is None or not resolver.is_async or declared.is_subscription:
        return None
    return _binder(declared, resolver, cast("Callable[..., Any]", resolver.wrapped_func))


def preparer_of(field: GraphQLField) -> Bind | None:
    """What binds a method that says what to load, or None where the field is not gathered."""
    declared = _declared(field)
    prepare = declared.metadata.get(GATHERED) if declared else None
    resolver = _method_of(declared) if declared else None
    return _binder(declared, resolver, prepare) if declared and resolver and prepare else None


def given(schema: GraphQLSchema, field: GraphQLField, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a method, by their names in Python.

    Args:
        schema: of the field.
        field: of a type of Strawberry's.
        arguments: by their names in GraphQL, coerced.
    """
    declared, own = _declared(field), schema.extensions[DEFINITION]
    registry = own.schema_converter.scalar_registry
    return convert_arguments(
        arguments, declared.arguments if declared else [], registry, own.config
    )


def _binder(
    declared: StrawberryField, resolver: StrawberryResolver[Any], method: Callable[..., Any]
) -> Bind:
    name = resolver.info_parameter.name if resolver.info_parameter else None

    def bind(info: "GraphQLResolveInfo[Any]", arguments: dict[str, Any]) -> Call:
        own = {} if name is None else {name: Info(info, declared)}
        return partial(method, **arguments, **own)

    return bind


def _declared(field: GraphQLField) -> StrawberryField | None:
    declared = field.extensions.get(DEFINITION)
    return declared if isinstance(declared, StrawberryField) else None


def _method_of(field: StrawberryField) -> StrawberryResolver[Any] | None:
    """The resolver, where it is a method that nothing is wrapped around."""
    resolver = field.base_resolver
    if resolver is None or field.extensions or field.permission_classes:
        return None
    if resolver.self_parameter is None or resolver.parent_parameter or resolver.root_parameter:
        return None
    return resolver
