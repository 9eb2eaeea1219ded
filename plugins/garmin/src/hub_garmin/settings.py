"""What must be configured for Garmin: `HUB_GARMIN_CLIENT_ID`, `..._CLIENT_SECRET`, `..._WEBHOOK_SECRET`."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from hub_core.sdk import ProviderSettings


class GarminSettings(ProviderSettings):
    """Client credentials and base URLs of Garmin.

    `user_api_url` is where user id, permissions and registration live. Garmin serves them under two
    names; `https://apis.garmin.com/partner-gateway` is the newer one.
    `evaluation_key`: the client id is an evaluation key, whose limits are lower.
    `webhook_secret`: the last part of the address that Garmin's portal is given for all webhooks.
    `backfill_days`: how much history is asked for at a time. Sources say 30 to 90 days; 30 is always taken.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_GARMIN_")

    authorize_url: str = "https://connect.garmin.com/oauth2Confirm"
    token_url: str = "https://diauth.garmin.com/di-oauth2-service/oauth/token"  # noqa: S105 (an address)
    api_url: str = "https://apis.garmin.com"
    user_api_url: str = "https://apis.garmin.com/wellness-api"
    evaluation_key: bool = False
    webhook_secret: SecretStr = SecretStr("")
    backfill_days: int = 30
