"""What has to be configured: `HUB_WAHOO_CLIENT_ID`, `..._CLIENT_SECRET` and `..._WEBHOOK_TOKEN`."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from hub_core.sdk import ProviderSettings


class WahooSettings(ProviderSettings):
    """Client credentials from Wahoo's developer portal. Sandbox and production tiers share one host."""

    model_config = SettingsConfigDict(env_prefix="HUB_WAHOO_")

    authorize_url: str = "https://api.wahooligan.com/oauth/authorize"
    token_url: str = "https://api.wahooligan.com/oauth/token"  # noqa: S105 (an address, not a token)
    api_url: str = "https://api.wahooligan.com"
    #: Where the files of plans and of activities are. [Wahoo docs, plans and webhooks, samples]
    cdn_url: str = "https://cdn.wahooligan.com"
    #: What every webhook carries, as it was entered in the portal.
    webhook_token: SecretStr = SecretStr("")
