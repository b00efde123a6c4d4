"""Fields that are worked out: a typed way to say so, described by their docstrings."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import strawberry

Resolver = TypeVar("Resolver", bound=Callable[..., object])


def resolved(resolver: Resolver) -> Resolver:
    """Make a method the resolver of the field of its name, described by its docstring."""
    return named_field(None)(resolver)


def named_field(name: str | None) -> Callable[[Resolver], Resolver]:
    """Make a method the resolver of a field of another name."""

    def decorate(resolver: Resolver) -> Resolver:
        field: Any = strawberry.field(
            resolver=resolver, name=name, description=told_by(resolver.__doc__)
        )
        return cast("Resolver", field)

    return decorate


def followed(generator: Resolver) -> Resolver:
    """Make a method the source of the subscription of its name, described by its docstring."""
    field: Any = strawberry.subscription(resolver=generator, description=told_by(generator.__doc__))
    return cast("Resolver", field)


def told_by(docstring: str | None) -> str:
    """First paragraph of a docstring, on one line."""
    return " ".join((docstring or "").partition("\n\n")[0].split())
