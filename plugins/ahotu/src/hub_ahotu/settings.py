"""Which calendar is asked, and with what credentials: `HUB_AHOTU_...`."""

from __future__ import annotations

from typing import Literal

import msgspec
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from hub_ahotu.mapping import RUNSIGNUP, RestMapping
from hub_core.sdk import ProviderSettings


class AhotuSettings(ProviderSettings):
    """`source`: Ahotu's own API needs partner credentials; a calendar with a REST API may do without.

    `token_url` and `api_url` are told by Ahotu's account manager, and differ between partners. `mapping` is
    how another REST calendar is asked and read, as JSON; RunSignup's when empty. `api_key` and `api_secret`
    are the REST calendar's.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_AHOTU_")

    source: Literal["ahotu", "rest"] = "ahotu"
    token_url: str = "https://wsg-auth.auth.us-east-1.amazoncognito.com/oauth2/token"  # noqa: S105 (an address)
    api_url: str = "https://api.ahotu.com/graphql"
    scope: str = ""
    page_size: int = Field(default=50, ge=1, le=1000)
    rest_url: str = "https://runsignup.com/Rest"
    api_key: SecretStr = SecretStr("")
    api_secret: SecretStr = SecretStr("")
    mapping: str = ""

    @field_validator("mapping")
    @classmethod
    def _check_mapping(cls, text: str) -> str:
        """Raise when the hub starts, and not at the first search."""
        if text:
            try:
                msgspec.json.decode(text, type=RestMapping)
            except msgspec.MsgspecError as error:
                raise ValueError(f"no mapping: {error}") from error
        return text

    def is_configured(self) -> bool:
        """A REST calendar may be open to anybody."""
        return self.source == "rest" or bool(self.client_id)

    def rest_mapping(self) -> RestMapping:
        """How the REST calendar is asked and read."""
        return msgspec.json.decode(self.mapping, type=RestMapping) if self.mapping else RUNSIGNUP
