"""Weather and air quality: the hooks. Two sources answer the same question in the same units."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hub_core.sdk import (
    HourlyConditions,
    Manifest,
    Place,
    ProviderContext,
    ProviderSettings,
    Window,
    hookimpl,
)
from hub_weather import open_meteo, openweather
from hub_weather.manifest import manifest_of
from hub_weather.settings import WeatherSettings

if TYPE_CHECKING:
    from hub_core.sandbox import Sandbox


@hookimpl
def provider_manifest() -> Manifest:
    """Who answers."""
    return manifest_of(WeatherSettings())


@hookimpl
def provider_settings() -> ProviderSettings:
    """The settings from the environment."""
    return WeatherSettings()


@hookimpl
def provider_sandbox() -> Sandbox:
    """A new stand-in of both sources."""
    from hub_weather.sandbox import WeatherSandbox

    return WeatherSandbox(source=WeatherSettings().source)


@hookimpl
async def forecast_weather(
    context: ProviderContext, place: Place, window: Window
) -> tuple[HourlyConditions, ...] | None:
    """The hours of the window that the source knows."""
    settings = context.settings
    assert isinstance(settings, WeatherSettings)  # noqa: S101 (for mypy)
    now = dt.datetime.now(dt.UTC)
    source = openweather if settings.source == "openweather" else open_meteo
    return tuple(await source.hours(context.http, settings, place, window, now)) or None
