"""The manifest promises what the plugin has, and nothing else."""

from __future__ import annotations

import hub_wahoo.plugin as plugin
from hub_core.sdk import CreateSemantics, Operation, Sport, SportFamily
from hub_wahoo.manifest import MANIFEST
from hub_wahoo.settings import WahooSettings


def test_every_declared_operation_has_its_hook_and_every_hook_is_declared() -> None:
    assert {operation for operation in Operation if hasattr(plugin, operation.value)} == (
        MANIFEST.capabilities.operations
    )


def test_sports_are_biking_and_running() -> None:
    families = {sport.family for sport in MANIFEST.capabilities.sports}
    assert families == {SportFamily.CYCLING, SportFamily.RUNNING}
    assert Sport.POOL_SWIM not in MANIFEST.capabilities.sports


def test_a_lost_create_is_looked_up() -> None:
    assert MANIFEST.capabilities.create is CreateSemantics.SEARCHABLE


def test_devices_see_seven_days_with_today() -> None:
    assert MANIFEST.capabilities.horizon_days == 6


def test_rate_budgets_are_per_app() -> None:
    assert {(one.calls, one.per_s, one.per) for one in MANIFEST.rate_budgets} == {
        (200, 300, "app"),
        (1000, 3600, "app"),
        (5000, 86_400, "app"),
    }


def test_all_scopes_are_asked_for_at_once() -> None:
    assert MANIFEST.oauth2 is not None
    assert set(MANIFEST.oauth2.scopes) == {
        *("user_read", "plans_read", "plans_write"),
        *("workouts_read", "workouts_write", "offline_data"),
    }


def test_settings_default_to_the_real_addresses() -> None:
    settings = WahooSettings()
    assert settings.hosts() == {"api.wahooligan.com", "cdn.wahooligan.com"}
    assert not settings.is_configured()
