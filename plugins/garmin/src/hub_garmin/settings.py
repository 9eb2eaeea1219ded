"""What must be configured for Garmin: `HUB_GARMIN_CLIENT_ID` and `HUB_GARMIN_CLIENT_SECRET`."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from hub_core.sdk import ProviderSettings


class GarminSettings(ProviderSettings):
    """Client credentials and base URLs of Garmin.

    `user_api_url` is where user id, permissions and registration live. Garmin serves them under two
    names; `https://apis.garmin.com/partner-gateway` is the newer one.
    `evaluation_key`: the client id is an evaluation key, whose limits are lower.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_GARMIN_")

    authorize_url: str = "https://connect.garmin.com/oauth2Confirm"
    token_url: str = "https://diauth.garmin.com/di-oauth2-service/oauth/token"  # noqa: S105 (an address)
    api_url: str = "https://apis.garmin.com"
    user_api_url: str = "https://apis.garmin.com/wellness-api"
    evaluation_key: bool = False
