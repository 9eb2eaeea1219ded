"""What must be configured: `HUB_MFP_CLIENT_ID`, `..._CLIENT_SECRET` and `..._WEBHOOK_SECRET`."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from hub_core.sdk import ProviderSettings


class MfpSettings(ProviderSettings):
    """Client credentials of an approved partner, and addresses.

    `authorize_url`: the documentation names the API's host; integrations have been seen that use
    `https://www.myfitnesspal.com/oauth2/auth`. `webhook_secret`: the last part of the address that
    MyFitnessPal's staff is given for notifications.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_MFP_")

    authorize_url: str = "https://api.myfitnesspal.com/v2/oauth2/auth"
    token_url: str = "https://api.myfitnesspal.com/v2/oauth2/token"  # noqa: S105 (an address)
    revoke_url: str = "https://api.myfitnesspal.com/v2/oauth2/revoke"
    api_url: str = "https://api.myfitnesspal.com"
    webhook_secret: SecretStr = SecretStr("")
