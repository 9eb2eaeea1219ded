"""What the hub must know of the two sources: limits, licences, and whom to name."""

from __future__ import annotations

from hub_core.sdk import Capabilities, Manifest, Operation, RateBudget, Tier
from hub_weather.settings import WeatherSettings

_CAPABILITIES = Capabilities(operations=frozenset({Operation.FORECAST}))

OPEN_METEO = Manifest(
    name="weather",
    title="Weather (Open-Meteo)",
    api_version="1.0",
    capabilities=_CAPABILITIES,
    access="app",
    # Allowed are 600, 5000 and 10000 calls of ten variables. Ours have thirteen, and so weigh 1.3.
    rate_budgets=(RateBudget(460, 60), RateBudget(3_800, 3_600), RateBudget(7_600, 86_400)),
    homepage="https://open-meteo.com",
    attribution="Weather data by Open-Meteo.com (CC BY 4.0); air quality by CAMS",
    data_use="CC BY 4.0 with attribution. Without a key non-commercial only: no subscriptions, no ads.",
    tier=Tier.PLATINUM,
)
OPENWEATHER = Manifest(
    name="weather",
    title="Weather (OpenWeather)",
    api_version="1.0",
    capabilities=_CAPABILITIES,
    access="app",
    # A day of the past takes 24 calls, each of which is counted. 1000 a day are free.
    rate_budgets=(RateBudget(60, 60), RateBudget(1_000, 86_400)),
    homepage="https://openweathermap.org",
    attribution="Weather data provided by OpenWeather (openweathermap.org)",
    data_use="OpenWeather's terms for the subscription One Call by Call: with attribution.",
    tier=Tier.PLATINUM,
)


def manifest_of(settings: WeatherSettings) -> Manifest:
    """That of the source which is set: attribution and limits are its own."""
    return OPENWEATHER if settings.source == "openweather" else OPEN_METEO
