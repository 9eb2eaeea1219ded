"""Stand-ins of both sources under one roof, below the same made-up sky."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import SecretStr

from hub_core.sandbox import Answer, Call, DeviceScreen, Grant, Refusal, Sandbox, endpoint
from hub_core.sandbox.rate_limits import RateLimits
from hub_core.sdk import HourlyConditions, RateBudget
from hub_weather.sandbox_open_meteo import OpenMeteoServer
from hub_weather.sandbox_openweather import OpenWeatherServer
from hub_weather.sandbox_sky import Sky
from hub_weather.settings import WeatherSettings

KEY = "openweather-sandbox-key"
Source = Literal["open-meteo", "openweather"]


class WeatherSandbox(Sandbox):
    """Open-Meteo below `/open-meteo/<host>/`, OpenWeather below `/openweather/`."""

    name = "weather"
    title = "Weather"
    has_device = False

    def __init__(self, *, seed: int = 1, source: Source = "open-meteo") -> None:
        super().__init__(seed=seed)
        self.source: Source = source
        self.sky = Sky()
        self.open_meteo = OpenMeteoServer(self.clock, self.sky)
        self.openweather = OpenWeatherServer(self.clock, self.sky)
        self.openweather.keys[KEY] = True
        if source == "openweather":
            self.limits = RateLimits((RateBudget(60, 60), RateBudget(2_000, 86_400)), self.clock)

    def settings(self, origin: str) -> WeatherSettings:
        """Settings that point here."""
        return WeatherSettings(
            source=self.source,
            api_key=SecretStr(KEY if self.source == "openweather" else ""),
            api_url=f"{origin}/open-meteo/api",
            archive_url=f"{origin}/open-meteo/archive-api",
            air_url=f"{origin}/open-meteo/air-quality-api",
            openweather_url=f"{origin}/openweather",
        )

    def device(self, user: str) -> DeviceScreen:
        """Nobody's device shows anything of this."""
        return DeviceScreen("Weather", user, ())

    def set_weather(self, conditions: HourlyConditions) -> None:
        """From now on that hour is so."""
        self.sky.set(conditions)

    def authenticate(self, call: Call) -> Grant:  # noqa: ARG002 (whoever asks)
        """Both tell by their own parameters who asks, if they want to know at all."""
        return Grant("app", (), "", None, None, None)

    def refusal_body(self, refusal: Refusal) -> Any:
        """Open-Meteo's, or OpenWeather's, whose `cod` is a text for some errors and a number for others."""
        if self.source == "open-meteo":
            return {"error": True, "reason": refusal.message}
        return {
            "cod": str(refusal.status) if refusal.status in (400, 404) else refusal.status,
            "message": refusal.message,
        }

    @endpoint("GET", "/open-meteo/{host}/v1/forecast")
    @endpoint("GET", "/open-meteo/{host}/v1/archive")
    @endpoint("GET", "/open-meteo/{host}/v1/air-quality")
    def ask_open_meteo(self, call: Call) -> Answer:
        """Hours of weather or air quality."""
        host = call.params["host"]
        wanted = {"api": "forecast", "archive-api": "archive", "air-quality-api": "air-quality"}
        if wanted.get(host.removeprefix("customer-")) != call.path.rpartition("/")[2]:
            raise Refusal(404, "Not Found")
        return self.open_meteo.answer(host, call)

    @endpoint("GET", "/openweather/data/{version}/{one}")
    @endpoint("GET", "/openweather/data/{version}/{one}/{two}")
    def ask_openweather(self, call: Call) -> Answer:
        """Hours of weather or air quality."""
        return self.openweather.answer(call.path.removeprefix("/openweather/"), call)
