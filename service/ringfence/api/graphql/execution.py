"""Execution of operations: graphql-core's, with plain fields read in one pass.

A page of 50 rings with 20 members each holds thousands of fields that need nothing decided. Here
each selection is taken apart once a document: plain fields are read by a reader made for them,
fields that say what to load are loaded for a whole list at once, all else (resolvers that await,
interfaces and unions) is graphql-core's, as is every object that a reader steps aside from. So
errors, their paths and the spread of nulls are its own.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable
from typing import Any, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    get_argument_values,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList, GroupedFieldSet
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from ringfence.api.graphql.list_readers import reader_of
from ringfence.api.graphql.methods import Bind, caller_of, getter_of, given, preparer_of
from ringfence.api.graphql.plain_fields import (
    Always,
    Json,
    PlainField,
    Read,
    Reader,
    Shape,
    StepAside,
    leaf_reader,
    object_reader,
)
from ringfence.api.graphql.plans import Called, Loaded, Selection, plan_of
from ringfence.api.graphql.views import Rows

TYPENAME = "__typename"
Told: TypeAlias = dict[str, Any]
ResolveInfo: TypeAlias = "GraphQLResolveInfo[Any]"


class PlainFieldsExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._plan = plan_of(self.schema, self.operation, self.variable_values.coerced)
        self._arguments: dict[int, dict[str, Any]] = {}

    def execute_root_grouped_field_set(
        self,
        root_type: GraphQLObjectType,
        root_value: object,
        grouped_field_set: GroupedFieldSet,
        serially: bool,
        position_context: Any,  # noqa: ANN401 - as graphql-core has it
    ) -> Told | Awaitable[Told]:
        """Execute the fields of the operation itself, those of its plan."""
        root = self._plan.root = self._plan.root or grouped_field_set
        return super().execute_root_grouped_field_set(
            root_type, root_value, root, serially, position_context
        )

    def collect_subfields(
        self, return_type: GraphQLObjectType, field_details_list: FieldDetailsList
    ) -> CollectedFields:
        """Collect what is asked of a type under a field, once a plan."""
        key = return_type.name, id(field_details_list)
        known = self._plan.subfields.get(key)
        if known is None:
            collected = super().collect_subfields(return_type, field_details_list)
            known = self._plan.subfields[key] = field_details_list, collected
        return known[1]

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: object,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,  # noqa: ANN401 - as graphql-core has it
    ) -> Told | Awaitable[Told]:
        """Read the plain fields of an object, and let graphql-core resolve the others."""
        selection = self._selection(parent_type, grouped_field_set)
        plain = _read(selection.read, source_value) if selection.read else {}
        if plain is None:
            plain, unread = {}, selection.selected
        else:
            unread = selection.others
        if not unread:
            return plain
        others: Told | Awaitable[Told] = super().execute_fields(
            parent_type, source_value, path, unread, position_context
        )
        if not plain:
            return others
        if isinstance(others, dict):
            return _in_order(selection, plain | others)
        return _awaited(selection, plain, others)

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: object,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,  # noqa: ANN401 - as graphql-core has it
    ) -> Any:  # noqa: ANN401 - as graphql-core has it
        """Resolve a field; its arguments are read once an operation, not once an object."""
        key = parent_type.name, id(field_details_list)
        known = self._plan.called
        if key not in known:
            known[key] = _called(parent_type, field_details_list, caller_of)
        called = known[key]
        if called and self._reads_arguments(called):
            return self._complete_called(called, parent_type, source, path, position_context)
        return super().execute_field(
            parent_type, source, field_details_list, path, position_context
        )

    def complete_list_value(
        self,
        return_type: GraphQLList[GraphQLOutputType],
        field_details_list: FieldDetailsList,
        info: ResolveInfo,
        path: Path,
        result: Any,  # noqa: ANN401 - as graphql-core has it
        position_context: Any,  # noqa: ANN401 - as graphql-core has it
    ) -> list[Json] | Awaitable[list[Json]]:
        """Read a list at once, where its objects allow that."""

        def completed() -> list[Json] | Awaitable[list[Json]]:
            return super(PlainFieldsExecutor, self).complete_list_value(
                return_type, field_details_list, info, path, result, position_context
            )

        named = get_named_type(return_type)
        if not isinstance(named, GraphQLObjectType):
            return completed()
        selected = self.collect_subfields(named, field_details_list)
        selection = self._selection(named, selected.grouped_field_set)
        if selection.is_plain and selection.reader:
            told = _read(reader_of(return_type, selection.reader).read, result)
            return completed() if told is None else told
        if isinstance(result, Rows):
            result = list(result)
        if selection.reads_lists and isinstance(result, list):
            return self._whole_list(named, selection, path, result, completed)
        return completed()

    async def _complete_called(
        self,
        called: Called,
        type_: GraphQLObjectType,
        source: object,
        path: Path,
        position_context: Any,  # noqa: ANN401 - as graphql-core has it
    ) -> Json:
        """What a method awaits; it is called once this is awaited, so never in vain."""
        info = self._info(called, type_, path)
        awaited = called.bind(info, self._arguments_of(called))(source)
        return await self.complete_awaitable_value(
            called.field.type, called.details, info, path, awaited, position_context
        )

    async def _whole_list(
        self,
        type_: GraphQLObjectType,
        selection: Selection,
        path: Path,
        items: Sequence[object],
        completed: Callable[[], list[Json] | Awaitable[list[Json]]],
    ) -> list[Json]:
        """A list of objects whose fields are plain or loaded; each field is loaded once."""
        try:
            plain = [selection.read(one) if selection.read else {} for one in items]
            columns = await gather(
                *(self._column(type_, one, items, path) for one in selection.loaded.values())
            )
        except Exception:  # noqa: BLE001 - graphql-core meets it again, and tells it
            told = completed()
            return await told if isawaitable(told) else told
        keys = list(selection.loaded)
        return [
            _in_order(selection, one | dict(zip(keys, values, strict=True)))
            for one, *values in zip(plain, *columns, strict=True)
        ]

    async def _column(
        self, type_: GraphQLObjectType, loaded: Loaded, items: Sequence[object], path: Path
    ) -> list[Json]:
        """One field of each object of a list."""
        if any(item is None for item in items):
            raise StepAside
        prepare = loaded.bind(self._info(loaded, type_, path), self._arguments_of(loaded))
        loads = [prepare(item) for item in items]
        return [loaded.read(value) for value in await self.context_value.answer_all(loads)]

    def _info(self, called: Called, type_: GraphQLObjectType, path: Path) -> ResolveInfo:
        nodes = [details.node for details in called.details]
        return self.build_resolve_info(called.field, nodes, type_, path)

    def _reads_arguments(self, called: Called) -> bool:
        """Whether a field's arguments are as the schema says; graphql-core tells if not."""
        try:
            self._arguments_of(called)
        except Exception:  # noqa: BLE001 - graphql-core meets it again, and tells it
            return False
        return True

    def _arguments_of(self, called: Called) -> dict[str, Any]:
        known = self._arguments.get(id(called))
        if known is None:
            field, node = called.field, called.details[0].node
            told = get_argument_values(field, node, self.variable_values)
            known = self._arguments[id(called)] = given(self.schema, field, told)
        return known

    def _loaded(self, type_: GraphQLObjectType, details: FieldDetailsList) -> Loaded | None:
        called = _called(type_, details, preparer_of)
        reader = self._plain_reader(called.field.type, details) if called else None
        if called is None or reader is None:
            return None
        return Loaded(called.field, details, called.bind, reader.read)

    def _selection(self, type_: GraphQLObjectType, fields: GroupedFieldSet) -> Selection:
        key, known = (type_.name, id(fields)), self._plan.selections
        if key not in known:
            known[key] = self._taken_apart(type_, fields)
        return known[key]

    def _taken_apart(self, type_: GraphQLObjectType, fields: GroupedFieldSet) -> Selection:
        plain, others, loaded = {}, {}, {}
        for key, details in fields.items():
            if step := self._plain_field(type_, details):
                plain[key] = step
                continue
            others[key] = details
            if found := self._loaded(type_, details):
                loaded[key] = found
        reader = object_reader(Shape(type_, plain)) if plain else None
        return Selection(reader, others, loaded, fields)

    def _plain_field(
        self, type_: GraphQLObjectType, details: FieldDetailsList
    ) -> PlainField | None:
        name = details[0].node.name.value
        if name == TYPENAME:
            return PlainField(Always(type_.name), Reader(lambda told: told))
        field = type_.fields.get(name)
        get = getter_of(field) if field else None
        reader = self._plain_reader(field.type, details) if field and get else None
        return PlainField(get, reader) if get and reader else None

    def _plain_reader(self, type_: GraphQLOutputType, details: FieldDetailsList) -> Reader | None:
        """The reader of a value with all that is selected of it, if all of it is plain."""
        named = get_named_type(type_)
        if is_leaf_type(named):
            return reader_of(type_, leaf_reader(named))
        if not isinstance(named, GraphQLObjectType):
            return None
        selected = self.collect_subfields(named, details)
        selection = self._selection(named, selected.grouped_field_set)
        if not selection.is_plain or selection.reader is None:
            return None
        return reader_of(type_, selection.reader)


def _called(
    type_: GraphQLObjectType,
    details: FieldDetailsList,
    find: Callable[[GraphQLField], Bind | None],
) -> Called | None:
    """How a field's method is called; None where it is not ours to call."""
    first = details[0]
    field = type_.fields.get(first.node.name.value)
    bind = find(field) if field and not first.fragment_variable_values else None
    return Called(field, details, bind) if field and bind else None


def _read(read: Read, value: object) -> Json | None:
    """What a reader makes of a value, or None where graphql-core must look at it."""
    try:
        return read(value)
    except Exception:  # noqa: BLE001 - graphql-core meets it again, and tells it
        return None


def _in_order(selection: Selection, told: Told) -> Told:
    return {key: told[key] for key in selection.selected if key in told}


async def _awaited(selection: Selection, plain: Told, others: Awaitable[Told]) -> Told:
    return _in_order(selection, plain | await others)
