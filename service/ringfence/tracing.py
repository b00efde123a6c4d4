"""Traces by OpenTelemetry: off unless the standard variables ask for them, and naming nobody.

A span bears names of routes and statements, counts and states, and no value that came from outside:
neither parameters nor messages of errors. Without a tracer a span costs the look at whether there
is one.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Final

from opentelemetry import trace
from opentelemetry.trace import ProxyTracerProvider, Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ringfence import __version__
from ringfence.errors import InvalidInput

NAME: Final = "ringfence"
ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
EXPORTER: Final = "OTEL_TRACES_EXPORTER"
DISABLED: Final = "OTEL_SDK_DISABLED"
Attributes = Mapping[str, str | int | float | bool]
_NOTHING: Final = nullcontext()
_known: Final = SimpleNamespace(traced=False)
_propagator: Final = TraceContextTextMapPropagator()


def asked_for(environ: Mapping[str, str]) -> bool:
    """Whether the standard variables ask for traces."""
    if environ.get(DISABLED, "").strip().lower() == "true":
        return False
    exporter = environ.get(EXPORTER, "").strip().lower()
    if exporter == "none":
        return False
    return exporter == "otlp" or any(environ.get(name) for name in ENDPOINTS)


def start_tracing(environ: Mapping[str, str] = os.environ) -> bool:
    """Send traces by OTLP over HTTP if the standard variables ask for it, and say whether they do.

    Where, what of, and under which service name is for the SDK to read in `OTEL_…`. A tracer that
    somebody set up already is left as it is.

    Raises:
        InvalidInput: they ask, and the SDK is not installed.
    """
    if look_for_tracer() or not asked_for(environ):
        return is_traced()
    if find_spec("opentelemetry.sdk") is None:
        raise InvalidInput(
            "OTEL_ variables ask for traces, and the OpenTelemetry SDK is not installed. Install "
            "ringfence[otel], or set OTEL_SDK_DISABLED=true."
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - optional
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - optional
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - optional
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - optional

    told = {"service.version": __version__}
    if not environ.get("OTEL_SERVICE_NAME"):
        told["service.name"] = NAME
    provider = TracerProvider(resource=Resource.create(told))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return look_for_tracer()


def look_for_tracer() -> bool:
    """Whether there is a tracer, which is known from now on: to ask each time costs too much."""
    _known.traced = not isinstance(trace.get_tracer_provider(), ProxyTracerProvider)
    return bool(_known.traced)


def is_traced() -> bool:
    """Whether anybody wants spans, as `look_for_tracer` found last."""
    return bool(_known.traced)


def span(
    name: str,
    attributes: Attributes | None = None,
    *,
    parent: str | None = None,
    server: bool = False,
) -> AbstractContextManager[Span | None]:
    """A span for as long as the block lasts, or nothing where nobody wants any.

    Args:
        name: a constant, or with the name of a route or statement.
        attributes: names, counts and states alone.
        parent: `traceparent` of who asks, or None.
        server: whether it answers somebody outside.
    """
    return _span(name, parent, server, attributes or {}) if is_traced() else _NOTHING


@contextmanager
def _span(name: str, parent: str | None, server: bool, attributes: Attributes) -> Iterator[Span]:
    context = _propagator.extract({"traceparent": parent}) if parent else None
    kind = SpanKind.SERVER if server else SpanKind.INTERNAL
    with trace.get_tracer(NAME, __version__).start_as_current_span(
        name,
        context,
        kind,
        attributes,
        # Messages of errors tell what was met, which may be personal data.
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        try:
            yield opened
        except BaseException as error:
            opened.set_status(StatusCode.ERROR)
            opened.set_attribute("error.type", type(error).__name__)
            raise
