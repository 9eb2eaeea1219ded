"""The weather of a place."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from hub_core.api.access import PlatformId, TheHub
from hub_core.domain.weather import Place
from hub_core.errors import InvalidInputError
from hub_core.services.planning.forecast_weather import Forecast, forecast_days

DAYS_AHEAD = 6


@get("/v1/weather", tags=["weather"])
async def weather(
    hub: TheHub,
    platform_id: PlatformId,  # noqa: ARG001 (asks for a key)
    lat: Annotated[float | None, QueryParameter(name="lat", description="Degrees, WGS 84.")] = None,
    lon: Annotated[float | None, QueryParameter(name="lon", description="Degrees, WGS 84.")] = None,
    start: Annotated[dt.date | None, QueryParameter(name="from", description="Today when empty.")] = None,
    end: Annotated[dt.date | None, QueryParameter(name="to", description="Included; a week in all.")] = None,
) -> Forecast:
    """Temperature, humidity, wind, radiation and air quality, hour by hour on some local dates of a place,
    past or to come. Show the attribution with it."""
    if lat is None or lon is None:
        raise InvalidInputError("a place is needed", path="lat" if lat is None else "lon")
    first = start or dt.datetime.now(dt.UTC).date()
    return await forecast_days(hub, Place(lat, lon), first, end or first + dt.timedelta(days=DAYS_AHEAD))
