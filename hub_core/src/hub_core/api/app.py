"""Puts the API together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotFoundException

from hub_core.api.access import provide_athlete, provide_platform
from hub_core.api.activities import ActivitiesController
from hub_core.api.advice import AdviceController
from hub_core.api.athletes import AthletesController
from hub_core.api.body import StrictRequest
from hub_core.api.changes import list_changes, take_mutations
from hub_core.api.connections import ConnectionsController, oauth_callback
from hub_core.api.days import DailyController, NutritionController, SleepController
from hub_core.api.documentation import assets, make_openapi
from hub_core.api.exports import ExportsController
from hub_core.api.feeds import FeedsController
from hub_core.api.imports import UPLOADS_AT_ONCE, take_files
from hub_core.api.ingest import IngestController
from hub_core.api.observing import metrics, observing_middleware
from hub_core.api.pickups import PickupsController
from hub_core.api.plans import periodize
from hub_core.api.platform import PlatformController
from hub_core.api.privacy import erase, hand_out, receipt
from hub_core.api.problems import on_any_exception, on_http_exception, on_hub_error, on_recursion
from hub_core.api.profiles import draw_saved, draw_unsaved
from hub_core.api.providers import health, list_providers
from hub_core.api.queue import QueueController
from hub_core.api.races import RacesController, find_races
from hub_core.api.rules import RulesController
from hub_core.api.weather import weather
from hub_core.api.webhooks import show_webhook, take_webhook
from hub_core.api.workouts import WorkoutsController, preflight
from hub_core.errors import HubError
from hub_core.services.hub import Hub
from hub_core.services.operating.log_ids import LOG_IDS
from hub_core.storage import new_id

#: A workout of the allowed size is far below this.
MAX_BODY_BYTES = 2_000_000

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(hub: Hub, *, wake: Callable[[], None], lifespan: Lifespan) -> Litestar:
    """The application. `wake` is rung after every request that may have queued work."""

    def provide_hub() -> Hub:
        return hub

    async def ring(request: Request[Any, Any, Any]) -> None:
        if request.method != "GET" or request.url.path.endswith("/callback"):
            wake()

    # Async, both: Litestar would run a plain function in a thread of its own.
    async def no_referrer(response: Response[Any]) -> Response[Any]:
        # The callback's URL holds a code; no page that it leads to shall learn it.
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        return response

    return Litestar(
        route_handlers=[
            PlatformController,
            AthletesController,
            ConnectionsController,
            WorkoutsController,
            ExportsController,
            ActivitiesController,
            DailyController,
            SleepController,
            NutritionController,
            RulesController,
            QueueController,
            AdviceController,
            PickupsController,
            IngestController,
            FeedsController,
            erase,
            receipt,
            hand_out,
            take_files,
            list_changes,
            take_mutations,
            take_webhook,
            show_webhook,
            preflight,
            periodize,
            draw_saved,
            draw_unsaved,
            oauth_callback,
            list_providers,
            RacesController,
            find_races,
            weather,
            health,
            metrics,
            assets,
        ],
        dependencies={
            "hub": Provide(provide_hub, sync_to_thread=False),
            "platform_id": Provide(provide_platform),
            "athlete": Provide(provide_athlete),
        },
        exception_handlers={
            HubError: on_hub_error,
            HTTPException: on_http_exception,
            RecursionError: on_recursion,
            Exception: on_any_exception,
        },
        after_request=no_referrer,
        after_response=ring,
        lifespan=[lifespan],
        state=State({"uploads": asyncio.Semaphore(UPLOADS_AT_ONCE)}),
        openapi_config=make_openapi(begin_request),
        request_class=StrictRequest,
        before_request=begin_request,
        middleware=observing_middleware(hub.settings),
        request_max_body_size=MAX_BODY_BYTES,
        logging_config=None,
    )


async def begin_request(request: Request[Any, Any, Any]) -> None:
    """Give its lines in the log an id, and refuse control characters in its path: nothing here is named so,
    and PostgreSQL fails on a NUL."""
    LOG_IDS.set({"request": new_id("req")})
    if not request.url.path.isprintable():
        raise NotFoundException
