"""The GraphQL schema, and how its errors are told."""

import tomllib
from importlib.resources import files

import strawberry
from graphql import (
    ASTValidationRule,
    GraphQLEnumType,
    GraphQLError,
    GraphQLNamedType,
    NoSchemaIntrospectionCustomRule,
)
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    ValidationCache,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from ringfence.api.graphql import enums  # noqa: F401 - registers them
from ringfence.api.graphql.cost_guard import CostGuard
from ringfence.api.graphql.execution import PlainFieldsExecutor
from ringfence.api.graphql.fields import told_by
from ringfence.api.graphql.limits import MAX_TOKENS, WithinLimits
from ringfence.api.graphql.mutations import Mutation
from ringfence.api.graphql.operation import core_schema
from ringfence.api.graphql.permissions import AccessGuard, expect_declared
from ringfence.api.graphql.queries import Query
from ringfence.api.graphql.scalars import SCALARS
from ringfence.api.graphql.subscriptions import Subscription
from ringfence.api.problems import RateLimited, public
from ringfence.api.throttle import Throttle
from ringfence.errors import RingfenceError
from ringfence.logs import get_logger

DOCUMENTS_KEPT = 256
_ENUM_VALUES = files("ringfence.api.graphql").joinpath("enum_values.toml")

log = get_logger(__name__)


class Schema(strawberry.Schema):
    """The schema; errors keep their words and code only where we raised them on purpose."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Give each error a code, and hide what a caller must not see."""
        for error in errors:
            cause = error.original_error
            if isinstance(cause, RingfenceError):
                _tell(error, cause)
            elif cause is not None and not isinstance(cause, GraphQLError):
                log.error("field_broke", path=error.path, exc_info=cause)
                _tell(error, RingfenceError("The fault is ours; the service's log holds it."))
            else:
                error.extensions = {"code": "invalid_query"} | (error.extensions or {})


def build_schema(*, introspection: bool, throttle: Throttle | None = None) -> Schema:
    """The schema of this version.

    Args:
        introspection: whether callers may read the schema itself.
        throttle: charged with what each operation costs; None: nothing is charged.
    """
    rules: list[type[ASTValidationRule]] = [WithinLimits]
    if not introspection:
        rules.append(NoSchemaIntrospectionCustomRule)
    schema = Schema(
        Query,
        Mutation,
        Subscription,
        execution_context_class=PlainFieldsExecutor,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
        extensions=[
            lambda: AddValidationRules(rules),
            lambda: MaxTokensLimiter(MAX_TOKENS),
            lambda: ParserCache(DOCUMENTS_KEPT),
            lambda: ValidationCache(DOCUMENTS_KEPT),
            AccessGuard,
            *([lambda: CostGuard(throttle)] if throttle else []),
        ],
    )
    expect_declared(core_schema(schema))
    _describe_types(schema)
    return schema


def _tell(error: GraphQLError, cause: RingfenceError) -> None:
    told = public(cause)
    error.message = str(told)
    error.extensions = {"code": told.code}
    if isinstance(cause, RateLimited):
        error.extensions["retryAfter"] = cause.retry_after_s
    if told.status >= 500:
        log.warning("field_failed", path=error.path, code=cause.code, reason=str(cause))


def _describe_types(schema: Schema) -> None:
    """Let types and enums be described by the docstrings of their classes, values by our file."""
    values = tomllib.loads(_ENUM_VALUES.read_text(encoding="utf-8"))
    for concrete in schema.schema_converter.type_map.values():
        told, definition = concrete.implementation, concrete.definition
        origin = getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None)
        if isinstance(told, GraphQLNamedType) and told.description is None and origin is not None:
            told.description = told_by(origin.__doc__)
        if isinstance(told, GraphQLEnumType):
            for name, value in told.values.items():
                value.description = values.get(told.name, {}).get(name)
