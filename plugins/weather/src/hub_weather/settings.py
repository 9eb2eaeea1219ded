"""Where the weather comes from: `HUB_WEATHER_SOURCE`, and `HUB_WEATHER_API_KEY` where a key is needed."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from hub_core.sdk import ProviderSettings


class WeatherSettings(ProviderSettings):
    """`source`: Open-Meteo needs no key and is free for non-commercial use; with a key it is the paid service
    on hosts of its own. OpenWeather needs a key with the subscription "One Call by Call".
    """

    model_config = SettingsConfigDict(env_prefix="HUB_WEATHER_")

    source: Literal["open-meteo", "openweather"] = "open-meteo"
    api_key: SecretStr = SecretStr("")
    api_url: str = "https://api.open-meteo.com"
    archive_url: str = "https://archive-api.open-meteo.com"
    air_url: str = "https://air-quality-api.open-meteo.com"
    openweather_url: str = "https://api.openweathermap.org"

    @model_validator(mode="after")
    def _use_paid_hosts(self) -> Self:
        """The free hosts answer a request that carries a key with a redirect, which nobody here follows."""
        if self.api_key.get_secret_value():
            for name in ("api_url", "archive_url", "air_url"):
                url: str = getattr(self, name)
                if url == type(self).model_fields[name].default:
                    setattr(self, name, url.replace("https://", "https://customer-"))
        return self

    def is_configured(self) -> bool:
        """Open-Meteo answers anybody."""
        return self.source == "open-meteo" or bool(self.api_key.get_secret_value())
