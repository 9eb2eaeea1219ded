"""The door that plugins come in by: what it shows, and what each hook promises."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from types import FunctionType, ModuleType

import pluggy
import pytest

import hub_core.sdk
from hub_core.errors import HubError
from hub_core.sdk import errors, hookspecs
from hub_core.sdk.manifest import Operation

HOOKS = {
    name: function
    for name, function in vars(hookspecs).items()
    if isinstance(function, FunctionType) and hasattr(function, f"{hookspecs.PROJECT}_spec")
}


def test_the_list_is_what_can_be_imported() -> None:
    public = {
        name
        for name, value in vars(hub_core.sdk).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert set(hub_core.sdk.__all__) == public
    constants_first = sorted(
        hub_core.sdk.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)
    )
    assert constants_first == hub_core.sdk.__all__


@pytest.mark.parametrize("name", hub_core.sdk.__all__)
def test_everything_public_says_what_it_is(name: str) -> None:
    value = getattr(hub_core.sdk, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert (value.__doc__ or "").strip()


@pytest.mark.parametrize("module", [info.name for info in pkgutil.iter_modules(hub_core.sdk.__path__)])
def test_every_module_says_what_it_is(module: str) -> None:
    assert importlib.import_module(f"hub_core.sdk.{module}").__doc__


def test_the_first_four_hooks_keep_their_names() -> None:
    assert {"export_workout", "ingest_activity", "refresh_token", "search_races"} <= HOOKS.keys()
    assert {operation.value for operation in Operation} <= HOOKS.keys()


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_says_who_answers_and_what_it_raises(name: str) -> None:
    text = " ".join((HOOKS[name].__doc__ or "").split())
    assert text.startswith(("Addressed", "Broadcast", "Every plugin"))
    if inspect.iscoroutinefunction(HOOKS[name]):
        assert "Raises " in text
    else:
        assert "not async" in text


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_annotated(name: str) -> None:
    signature = inspect.signature(HOOKS[name])
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty


def test_the_hooks_can_be_registered_and_implemented() -> None:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)

    class Fewer:
        @hub_core.sdk.hookimpl
        async def export_workout(self, compiled: object) -> object:
            return compiled

    manager.register(Fewer())
    manager.check_pending()


def test_the_errors_are_in_one_tree_and_each_has_its_code() -> None:
    kinds = [value for value in vars(errors).values() if inspect.isclass(value)]
    raised = [kind for kind in kinds if issubclass(kind, errors.ProviderError)]
    assert all(issubclass(kind, HubError) for kind in raised)
    assert len({kind.code for kind in raised}) == len(raised)
    drawn = errors.__doc__
    assert all(kind.__name__ in drawn for kind in raised if kind is not errors.ProviderError)


def test_the_door_is_light() -> None:
    heavy = "('litestar', 'piccolo', 'dramatiq', 'redis', 'uvicorn', 'cryptography', 'numpy')"
    code = f"import sys, hub_core.sdk; print([m for m in {heavy} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
