"""What operators watch the hub by: metrics for Prometheus, and traces by OpenTelemetry."""

from __future__ import annotations

import hmac
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotAuthorizedException
from litestar.plugins.prometheus import PrometheusConfig
from litestar.types import Middleware
from prometheus_client import CONTENT_TYPE_LATEST

from hub_core.api.access import TheHub
from hub_core.errors import ConfigurationError
from hub_core.services.operating.collect_metrics import collect_metrics
from hub_core.settings import HubSettings


@get("/metrics", include_in_schema=False, opt={"exclude_from_metrics": True})
async def metrics(hub: TheHub, request: Request[Any, Any, Any]) -> Response[bytes]:
    """The hub's numbers. Open, unless HUB_METRICS_TOKEN is set; nothing in them names a person."""
    token = hub.settings.metrics_token.get_secret_value()
    sent = request.headers.get("authorization", "")
    if token and not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        raise NotAuthorizedException(
            "send the metrics token: Authorization: Bearer ...", headers={"WWW-Authenticate": "Bearer"}
        )
    return Response(await collect_metrics(hub), media_type=CONTENT_TYPE_LATEST)


def observing_middleware(settings: HubSettings) -> list[Middleware]:
    """Counts requests by route, and traces them if HUB_TRACES_URL says where to."""
    counting = PrometheusConfig(
        app_name="hub", prefix="hub_http", group_path=True, exclude_opt_key="exclude_from_metrics"
    )
    tracing = [_tracing(settings.traces_url)] if settings.traces_url else []
    return [*tracing, counting.middleware]


def _tracing(url: str) -> Middleware:
    try:
        from litestar.plugins.opentelemetry import OpenTelemetryConfig
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ConfigurationError(
            "HUB_TRACES_URL is set, and OpenTelemetry is not installed: install hub-core[otel]"
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": "hub"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    middleware: Middleware = OpenTelemetryConfig(tracer_provider=provider).middleware
    return middleware
