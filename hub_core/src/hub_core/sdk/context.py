"""What a plugin is handed for one call. It holds all that the plugin needs, and nothing to keep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from hub_core.sdk.errors import Misconfigured, ReconnectNeeded
from hub_core.sdk.http import ProviderHttp
from hub_core.sdk.oauth import OAuthClient
from hub_core.sdk.settings import ProviderSettings
from hub_core.sdk.tokens import TokenSet

Checkpoint = Callable[[Mapping[str, str]], Awaitable[None]]


async def _no_checkpoint(_: Mapping[str, str]) -> None:
    """Outside of exports there is nothing to remember."""


@dataclass(frozen=True)
class ProviderContext:
    """One call's surroundings. `repr` shows no secret.

    `reference`: our own stable name for this workout at this provider, at most 40 characters of
    `a-z0-9_-`; the same on every try. `progress`: the ids that an earlier try of this export has
    checkpointed. `outcome_unknown`: an earlier create may have had an effect that nobody heard of.
    `time_zone`: the athlete's own IANA zone, for what is told without any.
    """

    provider: str
    http: ProviderHttp
    settings: ProviderSettings = field(repr=False)
    tokens: TokenSet | None = field(default=None, repr=False)
    oauth_client: OAuthClient | None = field(default=None, repr=False)
    provider_user_id: str = ""
    reference: str = ""
    progress: Mapping[str, str] = field(default_factory=dict)
    outcome_unknown: bool = False
    time_zone: str = "UTC"
    checkpoint: Checkpoint = field(default=_no_checkpoint, repr=False)

    def token(self) -> TokenSet:
        """The connection's token set. Raises `ReconnectNeeded` when there is none."""
        if self.tokens is None:
            raise ReconnectNeeded(f"{self.provider} is not connected")
        return self.tokens

    def oauth(self) -> OAuthClient:
        """The provider's OAuth, ready to refresh. Raises `Misconfigured` for a provider without OAuth."""
        if self.oauth_client is None:
            raise Misconfigured(f"{self.provider} does not use OAuth")
        return self.oauth_client
