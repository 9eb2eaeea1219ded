"""Plugins are found, checked and, when broken, named and left out."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from hub_core.errors import NotFoundError
from hub_core.registry.registry import load_registry
from hub_core.sdk import ProviderSettings
from hub_core.sdk.hookspecs import GROUP

BROKEN: dict[str, tuple[str, str | None, str]] = {
    "raises at import": ("raise RuntimeError('boom')", "", "RuntimeError: boom"),
    "imports what is not there": ("import acme_sdk", "", "ModuleNotFoundError: No module named 'acme_sdk'"),
    "is no Python": ("def (", "", "SyntaxError"),
    "leaves the process": ("import sys; sys.exit(3)", "", "SystemExit: 3"),
    "has no manifest": ("", None, "provider_manifest() is missing"),
    "returns no manifest": (
        "@hookimpl\ndef provider_manifest(): return {'name': 'acme'}", None, "returns no Manifest"),
    "fails in its manifest": ("@hookimpl\ndef provider_manifest(): 1 / 0", None, "ZeroDivisionError"),
    "has another name": (
        "@hookimpl\ndef provider_manifest(): return manifest('other')", None, "named 'other'"),
    "asks for an unknown argument": (
        "@hookimpl\nasync def export_workout(context, compiled, weather): ...", "", "weather"),
    "invents a hook": ("@hookimpl\ndef export_workuot(context): ...", "", "export_workuot"),
    "is not async": (
        "@hookimpl\ndef export_workout(context, compiled): ...", "", "export_workout must be async"),
    "is async": (
        "@hookimpl\nasync def compile_workout(workout): ...", "", "compile_workout must not be async"),
    "forgets the mark": (
        "async def export_workout(context, compiled): ...", "", "export_workout is not marked"),
    "has a value for a hook": ("export_workout = 'soon'", "", "export_workout is not marked"),
    "declares what it lacks": ("", ", Operation.UPDATE", "declares update_workout"),
    "is fetched and compiles nothing": (
        "", ", Operation.EXPORT, delivery='pickup'", "there is no compile_workout"),
    "takes no API keys": ("", ", api_key=ApiKeyAuth('here')", "tokens_from_api_key"),
    "fails in its settings": (
        "@hookimpl\ndef provider_settings(): raise ValueError('no')", "", "ValueError: no"),
    "has no settings": (
        "@hookimpl\ndef provider_settings(): return None", "", "returns no ProviderSettings"),
    "says much": ("raise RuntimeError('x' * 5000 + '\\n' + 'y' * 5000)", "", "RuntimeError: xxx"),
    "says nothing": ("raise RuntimeError", "", "RuntimeError"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "manifest", "problem"), BROKEN.values(), ids=BROKEN)
def test_a_plugin_that_is_broken_is_named_and_the_others_go_on(
    add_plugin: Any, load: Any, code: str, manifest: str | None, problem: str
) -> None:
    registry = load(add_plugin("acme", code, manifest), add_plugin("aaa"), add_plugin("zzz"))
    assert set(registry.providers) == {"aaa", "zzz"}
    assert set(registry.broken) == {"acme"}
    assert problem in registry.broken["acme"]
    assert len(registry.broken["acme"]) < 300
    assert "\n" not in registry.broken["acme"]
    assert [name for name, _ in registry.manager.list_name_plugin()] == ["aaa", "zzz"]
    registry.manager.check_pending()


def test_a_module_that_is_not_installed_is_named(load: Any) -> None:
    registry = load(EntryPoint("acme", "no_such_module.plugin", GROUP))
    assert "no_such_module" in registry.broken["acme"]


def test_of_two_plugins_of_one_name_the_first_stays(add_plugin: Any, load: Any) -> None:
    same = "@hookimpl\ndef compile_workout(workout): return {!r}"
    first = add_plugin("acme", same.format("first"))
    second = add_plugin("acme_too", same.format("second"), entry="acme")
    registry = load(first, second)
    assert set(registry.providers) == {"acme"}
    assert registry.broken == {"acme (hub_test_acme_too)": "another plugin has this name already"}
    assert registry.manager.hook.compile_workout(workout=None, athlete=None) == ["first"]


def test_a_broken_plugin_leaves_its_name_to_another(add_plugin: Any, load: Any) -> None:
    registry = load(add_plugin("acme_too", "1 / 0", entry="acme"), add_plugin("acme"))
    assert (set(registry.providers), set(registry.broken)) == ({"acme"}, {"acme"})


def test_what_is_wrong_with_a_setting_is_told_without_its_value(
    add_plugin: Any, load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_ACME_LIMIT", "canary-value")
    code = """
        from pydantic_settings import SettingsConfigDict

        class AcmeSettings(ProviderSettings):
            model_config = SettingsConfigDict(env_prefix="HUB_ACME_")
            limit: int = 1

        @hookimpl
        def provider_settings():
            return AcmeSettings()
    """
    registry = load(add_plugin("acme", code))
    assert "HUB_ACME_LIMIT" in registry.broken["acme"]
    assert "canary" not in registry.broken["acme"]


def test_secrets_in_a_plugins_complaint_are_masked(add_plugin: Any, load: Any) -> None:
    code = "raise RuntimeError('cannot log in with client_secret=canary-secret')"
    assert "canary" not in load(add_plugin("acme", code)).broken["acme"]


def test_a_small_plugin_gets_settings_without_having_any(add_plugin: Any, load: Any) -> None:
    acme = load(add_plugin("acme")).get("acme")
    assert (acme.name, acme.manifest.title) == ("acme", "Acme")
    assert isinstance(acme.settings, ProviderSettings)
    assert not acme.settings.is_configured()
    assert acme.has_hook("provider_manifest")
    assert not acme.has_hook("export_workout")


def test_settings_can_be_replaced(add_plugin: Any, load: Any) -> None:
    given = ProviderSettings(client_id="mine")
    assert load(add_plugin("acme"), acme=given).get("acme").settings is given


def test_an_unknown_provider_is_answered_with_the_known_ones(add_plugin: Any, load: Any) -> None:
    registry = load(add_plugin("beta"), add_plugin("alpha"))
    with pytest.raises(NotFoundError, match="'nosuch'; installed are: alpha, beta"):
        registry.get("nosuch")
    with pytest.raises(NotFoundError, match="installed are: none"):
        load().get("nosuch")


def test_the_shipped_plugins_are_found_by_their_entry_points() -> None:
    registry = load_registry()
    assert {"garmin", "healthkit", "intervals", "wahoo"} <= set(registry.providers)
    assert registry.broken == {}
