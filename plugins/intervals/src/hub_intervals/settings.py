"""What the intervals.icu plugin has to be told: `HUB_INTERVALS_...`."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from hub_core.sdk import ProviderSettings


class IntervalsSettings(ProviderSettings):
    """Client credentials of an approved OAuth app. With API keys alone they may stay empty."""

    model_config = SettingsConfigDict(env_prefix="HUB_INTERVALS_")

    authorize_url: str = "https://intervals.icu/oauth/authorize"
    #: `/oauth/token` answers 405 and `/api/v1/oauth/token` 404: only this one is right.
    token_url: str = "https://intervals.icu/api/oauth/token"  # noqa: S105 (a URL)
    api_url: str = "https://intervals.icu"
    #: What every webhook carries, as the app's page shows it.
    webhook_secret: SecretStr = SecretStr("")
