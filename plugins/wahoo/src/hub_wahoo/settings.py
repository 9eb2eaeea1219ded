"""What has to be configured: `HUB_WAHOO_CLIENT_ID` and `HUB_WAHOO_CLIENT_SECRET`."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from hub_core.sdk import ProviderSettings


class WahooSettings(ProviderSettings):
    """Client credentials from Wahoo's developer portal. Sandbox and production tiers share one host."""

    model_config = SettingsConfigDict(env_prefix="HUB_WAHOO_")

    authorize_url: str = "https://api.wahooligan.com/oauth/authorize"
    token_url: str = "https://api.wahooligan.com/oauth/token"  # noqa: S105 (an address, not a token)
    api_url: str = "https://api.wahooligan.com"
    #: Where the files of plans are. [Wahoo docs, plans, sample]
    cdn_url: str = "https://cdn.wahooligan.com"
