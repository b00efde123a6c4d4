"""Fields that are worked out: a typed way to say so, described by their docstrings."""

from collections.abc import Callable
from inspect import signature
from operator import attrgetter
from typing import Any, Final, TypeVar, cast, get_args

import strawberry

HELD: Final = "ringfence-held"
"""Names in a field's metadata the path of attributes to it."""
GATHERED: Final = "ringfence-gathered"
"""Names in a field's metadata what says what to load for it."""

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


def held(path: str, description: str, *, name: str | None = None) -> Any:  # noqa: ANN401 - typed where it is declared
    """Make a field that is read off what its object holds, once it is asked for.

    Args:
        path: of attributes, from the object on.
        description: of the field.
        name: of the field, where it is not that of the attribute.
    """
    read = attrgetter(path)

    def told(self: object) -> Any:  # noqa: ANN401 - see above
        return read(self)

    return strawberry.field(
        resolver=told, name=name, description=description, metadata={HELD: path}
    )


def gathered(method: Resolver) -> Resolver:
    """Make a method that says what to load the resolver of the field of its name.

    It returns a `Load`, of which a list of objects needs one reading, not one for each of them.
    """

    async def told(self: object, info: Any, **arguments: object) -> object:  # noqa: ANN401
        return await info.context.answer(method(self, info, **arguments))

    asked = signature(method)
    (answer,) = get_args(asked.return_annotation)
    told.__signature__ = asked.replace(return_annotation=answer)  # type: ignore[attr-defined]
    told.__annotations__ = method.__annotations__ | {"return": answer}
    told.__name__ = method.__name__
    made: Any = strawberry.field(
        resolver=told, description=told_by(method.__doc__), metadata={GATHERED: method}
    )
    return cast("Resolver", made)


def followed(generator: Resolver) -> Resolver:
    """Make a method the source of the subscription of its name, described by its docstring."""
    field: Any = strawberry.subscription(resolver=generator, description=told_by(generator.__doc__))
    return cast("Resolver", field)


def told_by(docstring: str | None) -> str:
    """First paragraph of a docstring, on one line."""
    return " ".join((docstring or "").partition("\n\n")[0].split())
