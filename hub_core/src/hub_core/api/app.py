"""Puts the API together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router

from hub_core.api.access import provide_athlete, provide_platform
from hub_core.api.athletes import AthletesController
from hub_core.api.connections import ConnectionsController, oauth_callback
from hub_core.api.exports import ExportsController
from hub_core.api.problems import on_any_exception, on_http_exception, on_hub_error
from hub_core.api.providers import health, list_providers
from hub_core.api.workouts import WorkoutsController, preflight
from hub_core.errors import HubError
from hub_core.services.hub import Hub

#: A workout of the allowed size is far below this.
MAX_BODY_BYTES = 2_000_000
_ASSETS = Path(__file__).parent / "assets"

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(hub: Hub, *, wake: Callable[[], None], lifespan: Lifespan) -> Litestar:
    """The application. `wake` is rung after every request that may have queued work."""

    def provide_hub() -> Hub:
        return hub

    async def ring(request: Request[Any, Any, Any]) -> None:
        if request.method != "GET" or request.url.path.endswith("/callback"):
            wake()

    def no_referrer(response: Response[Any]) -> Response[Any]:
        # The callback's URL holds a code; no page that it leads to shall learn it.
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        return response

    return Litestar(
        route_handlers=[
            AthletesController,
            ConnectionsController,
            WorkoutsController,
            ExportsController,
            preflight,
            oauth_callback,
            list_providers,
            health,
            create_static_files_router("/assets", [_ASSETS], include_in_schema=False),
        ],
        dependencies={
            "hub": Provide(provide_hub, sync_to_thread=False),
            "platform_id": Provide(provide_platform),
            "athlete": Provide(provide_athlete),
        },
        exception_handlers={
            HubError: on_hub_error,
            HTTPException: on_http_exception,
            Exception: on_any_exception,
        },
        after_request=no_referrer,
        after_response=ring,
        lifespan=[lifespan],
        openapi_config=_openapi(),
        request_max_body_size=MAX_BODY_BYTES,
        logging_config=None,
    )


def _openapi() -> OpenAPIConfig:
    page = SwaggerRenderPlugin(
        path="/",
        js_url="/assets/swagger-ui-bundle.js",
        css_url="/assets/swagger-ui.css",
        standalone_preset_js_url="/assets/swagger-ui-standalone-preset.js",
        favicon='<link rel="icon" href="/assets/favicon-32x32.png">',
    )
    return OpenAPIConfig(
        title="Training integration hub",
        version="1",
        description="Save a planned workout; it arrives on the athlete's watch, bike computer or phone.",
        path="/docs",
        render_plugins=[page],
        components=Components(
            security_schemes={"ApiKey": SecurityScheme(type="http", scheme="bearer", description="hub_...")}
        ),
        security=[{"ApiKey": []}],
        use_handler_docstrings=True,
    )
