"""What a plugin has to be told: one subclass of `ProviderSettings` in each plugin's `settings.py`.

class AcmeSettings(ProviderSettings):
    model_config = SettingsConfigDict(env_prefix="HUB_ACME_")
    authorize_url: str = "https://acme.example/oauth/authorize"
    token_url: str = "https://acme.example/oauth/token"
    api_url: str = "https://api.acme.example"
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class ProviderSettings(BaseSettings):
    """Client credentials and base URLs. The environment sets each by the plugin's prefix.

    `read_back`: whether the provider's copy is looked at after each export, where it can be. It costs a call.
    `rate_budgets`: in place of the manifest's, as `200/300, 1000/86400 athlete` (calls/seconds), or `none`.
    `give_up_after_s`, `give_up_after_tries`: for so long, and so often, an export that fails is tried; in
    place of the hub's own, 0 tries for any number.
    """

    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    authorize_url: str = ""
    token_url: str = ""
    api_url: str = ""
    read_back: bool = True
    rate_budgets: str = ""
    give_up_after_s: int | None = Field(default=None, ge=60)
    give_up_after_tries: int | None = Field(default=None, ge=0)

    def is_configured(self) -> bool:
        """Whether there are client credentials, so that athletes can connect by OAuth."""
        return bool(self.client_id)

    def hosts(self) -> frozenset[str]:
        """`host[:port]` of every URL among the settings: the only hosts that the plugin may call."""
        urls = (getattr(self, name) for name in type(self).model_fields if name.endswith("_url"))
        return frozenset(urlsplit(url).netloc for url in urls if url)

    def secrets(self) -> tuple[str, ...]:
        """The values that must never be written anywhere."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(
            value.get_secret_value()
            for value in values
            if isinstance(value, SecretStr) and value.get_secret_value()
        )
