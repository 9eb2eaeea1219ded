"""Races: the hooks. Ahotu's partner API, or a REST calendar, answer the same question."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hub_ahotu.graphql import AhotuCalendar
from hub_ahotu.manifest import manifest_of
from hub_ahotu.rest import RestCalendar
from hub_ahotu.settings import AhotuSettings
from hub_core.sdk import Manifest, ProviderContext, ProviderSettings, Race, RaceQuery, TokenSet, hookimpl

if TYPE_CHECKING:
    from hub_core.sandbox import Sandbox


@hookimpl
def provider_manifest() -> Manifest:
    """Who answers."""
    return manifest_of(AhotuSettings())


@hookimpl
def provider_settings() -> ProviderSettings:
    """The settings from the environment."""
    return AhotuSettings()


@hookimpl
def provider_sandbox() -> Sandbox:
    """A new stand-in of both calendars."""
    from hub_ahotu.sandbox import AhotuSandbox

    return AhotuSandbox(source=AhotuSettings().source)


@hookimpl
async def fetch_app_token(context: ProviderContext) -> TokenSet | None:
    """The partner's token, good for an hour. There is no refresh, and a REST calendar has a key at most."""
    settings = _settings(context)
    return await context.oauth().fetch_app_token(settings.scope) if settings.source == "ahotu" else None


@hookimpl
async def search_races(context: ProviderContext, query: RaceQuery) -> tuple[Race, ...]:
    """One record for each distance that matches."""
    settings = _settings(context)
    calendar = AhotuCalendar if settings.source == "ahotu" else RestCalendar
    return tuple(await calendar(context.http, settings).search(query, dt.datetime.now(dt.UTC).date()))


def _settings(context: ProviderContext) -> AhotuSettings:
    assert isinstance(context.settings, AhotuSettings)  # noqa: S101 (for mypy)
    return context.settings
