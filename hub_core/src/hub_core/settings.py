"""What the operator can set, by environment variables that begin with `HUB_`."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class HubSettings(BaseSettings):
    """The hub's own settings; each plugin has its own (`HUB_GARMIN_...`).

    `database_url`: `sqlite:///file.db` or `postgresql://...`. `broker_url`: empty for the broker inside
    this process, or `redis://...` for any number of `hub worker` processes. `encryption_keys`: comma-
    separated, the first encrypts and all decrypt. `public_url`: how browsers reach this hub, for OAuth
    redirects. `environment`: outside `development` the hub refuses to make up its own encryption key.
    `give_up_after_s`, `give_up_after_tries`: for so long, and so often, an export that fails is tried, unless
    a provider has its own; 0 tries for any number. `retry_first_wait_s`, `retry_longest_wait_s`: the longest
    wait after the first try that failed, and after any. `second_look_s`: how long after a look at a
    provider's copy that differs it is looked at again.
    `metrics_token`: what `/metrics` asks for, open when empty. `metrics_port`: where `hub worker` shows its
    own, 0 for nowhere. `traces_url`: where traces go by OTLP over HTTP, empty for nowhere.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_")

    # These two may hold a password.
    database_url: str = Field(default="sqlite:///hub.db", repr=False)
    broker_url: str = Field(default="", repr=False)
    encryption_keys: SecretStr = SecretStr("")
    environment: Literal["development", "production"] = "development"
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65_535)
    worker_threads: int = Field(default=8, ge=1, le=1_000)
    give_up_after_s: int = Field(default=86_400, ge=60)
    give_up_after_tries: int = Field(default=0, ge=0)
    retry_first_wait_s: float = Field(default=2, ge=0.1, le=86_400)
    retry_longest_wait_s: float = Field(default=3_600, ge=0.1, le=86_400)
    second_look_s: float = Field(default=60, ge=0, le=3_600)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    metrics_token: SecretStr = SecretStr("")
    metrics_port: int = Field(default=0, ge=0, le=65_535)
    traces_url: str = ""

    @field_validator("public_url", "traces_url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        """Raise when the hub starts, and not when an athlete has consented."""
        if url and not (url.startswith(("http://", "https://")) and urlsplit(url).hostname):
            raise ValueError("must be an http(s) URL")
        return url

    @property
    def is_embedded(self) -> bool:
        """Whether jobs run inside the API's own process."""
        return not self.broker_url
