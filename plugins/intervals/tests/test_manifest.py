"""The manifest promises what the plugin has."""

from __future__ import annotations

from hub_core.sdk import Operation
from hub_intervals import plugin
from hub_intervals.manifest import MANIFEST
from hub_intervals.settings import IntervalsSettings


def test_operations_match_the_hooks() -> None:
    hooks = {operation for operation in Operation if hasattr(plugin, operation.value)}
    assert hooks == MANIFEST.capabilities.operations


def test_the_least_scopes_are_asked_for() -> None:
    assert MANIFEST.oauth2
    assert MANIFEST.oauth2.scopes == ("CALENDAR:WRITE", "ACTIVITY:READ", "WELLNESS:READ")
    assert not MANIFEST.oauth2.refreshable


def test_urls_are_the_real_ones() -> None:
    fields = IntervalsSettings.model_fields
    assert fields["token_url"].default == "https://intervals.icu/api/oauth/token"
    assert fields["api_url"].default == "https://intervals.icu"
