"""The manifest says what the plugin does, no more and no less."""

from __future__ import annotations

import pytest

import hub_garmin.plugin as garmin
from hub_core.sdk import CreateSemantics, Operation
from hub_garmin.export import SPORTS
from hub_garmin.manifest import EVALUATION_BUDGETS, MANIFEST, PRODUCTION_BUDGETS


def test_every_operation_has_its_hook_and_every_hook_its_operation() -> None:
    hooks = {operation for operation in Operation if hasattr(garmin, operation.value)}
    assert hooks == MANIFEST.capabilities.operations


def test_a_lost_create_cannot_be_looked_up() -> None:
    assert MANIFEST.capabilities.create is CreateSemantics.BLIND


def test_every_sport_has_a_word_at_garmin() -> None:
    assert MANIFEST.capabilities.sports == set(SPORTS)


def test_tokens_are_refreshed_ten_minutes_early_and_rotate() -> None:
    oauth2 = MANIFEST.oauth2
    assert oauth2 is not None
    assert (oauth2.refresh_margin_s, oauth2.rotates, oauth2.pkce, oauth2.client_auth) == (
        600,
        True,
        True,
        "body",
    )
    assert oauth2.scopes == ()


def test_evaluation_keys_have_lower_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert garmin.provider_manifest().rate_budgets == PRODUCTION_BUDGETS
    monkeypatch.setenv("HUB_GARMIN_EVALUATION_KEY", "true")
    assert garmin.provider_manifest().rate_budgets == EVALUATION_BUDGETS
    assert [(budget.calls, budget.per_s, budget.per) for budget in EVALUATION_BUDGETS] == [
        (100, 60, "app"),
        (200, 86_400, "athlete"),
    ]


def test_settings_name_the_real_hosts_and_no_others() -> None:
    hosts = garmin.provider_settings().hosts()
    assert hosts == {"connect.garmin.com", "diauth.garmin.com", "apis.garmin.com"}
