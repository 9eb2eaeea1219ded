"""How the API describes itself: OpenAPI, and a page whose assets are our own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, Request, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Reference,
    Schema,
    SecurityScheme,
)
from litestar.static_files import create_static_files_router

from hub_core.api.problems import MEDIA_TYPE, Problem

_METHODS = ("get", "put", "post", "patch", "delete")
_PAGE = SwaggerRenderPlugin(
    path="/",
    js_url="/assets/swagger-ui-bundle.js",
    css_url="/assets/swagger-ui.css",
    standalone_preset_js_url="/assets/swagger-ui-standalone-preset.js",
    favicon='<link rel="icon" href="/assets/favicon-32x32.png">',
)
assets = create_static_files_router("/assets", [Path(__file__).parent / "assets"], include_in_schema=False)


def make_openapi(begin: Callable[[Request[Any, Any, Any]], Awaitable[None]]) -> OpenAPIConfig:
    """What Litestar needs to know for `/docs` and `/docs/openapi.json`. `begin` begins each request."""

    # At the first request: to describe the API takes as long as all else of its start together.
    async def describe(request: Request[Any, Any, Any]) -> None:
        await begin(request)
        _document_problems(request.app)

    return OpenAPIConfig(
        title="Training integration hub",
        version="1",
        description="Save a planned workout; it arrives on the athlete's watch, bike computer or phone.",
        openapi_router=Router(
            "/docs",
            route_handlers=[],
            before_request=describe,
            include_in_schema=False,
            dto=None,
            return_dto=None,
        ),
        render_plugins=[_PAGE],
        components=Components(
            security_schemes={"ApiKey": SecurityScheme(type="http", scheme="bearer", description="hub_...")},
        ),
        security=[{"ApiKey": []}],
        use_handler_docstrings=True,
    )


def _document_problems(app: Litestar) -> None:
    """Every answer that is no success is a problem; Litestar would describe errors of its own layout."""
    schema = app.openapi_schema
    if not schema.components or "Problem" in schema.components.schemas:
        return
    schema.components.schemas["Problem"] = _problem_schema()
    content = {MEDIA_TYPE: OpenAPIMediaType(schema=Reference("#/components/schemas/Problem"))}
    response = OpenAPIResponse(description="Anything else: what is wrong, and where.", content=content)
    for item in (schema.paths or {}).values():
        for operation in (getattr(item, method) for method in _METHODS):
            if isinstance(operation, Operation):
                kept = {
                    status: answer
                    for status, answer in (operation.responses or {}).items()
                    if status.startswith(("2", "3"))
                }
                operation.responses = {**kept, "default": response}


def _problem_schema() -> Schema:
    described: dict[str, Any] = msgspec.json.schema_components([Problem])[1]["Problem"]
    return Schema(
        type="object",  # type: ignore[arg-type]
        description=described["description"],
        required=described["required"],
        properties={name: Schema(type=one["type"]) for name, one in described["properties"].items()},
    )
