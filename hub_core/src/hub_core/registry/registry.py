"""Finds the installed plugins. One that is broken is named and left out, and the others go on."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy
from pydantic import ValidationError

from hub_core.errors import HubError, NotFoundError
from hub_core.sdk import hookspecs
from hub_core.sdk.manifest import Manifest, Operation
from hub_core.sdk.redaction import redact
from hub_core.sdk.settings import ProviderSettings
from hub_core.sdk.version import explain_incompatibility

#: Of what is told about a broken plugin, in characters.
_LONGEST = 250


@dataclass(frozen=True)
class Provider:
    """One loaded plugin: its manifest, its settings, and the object that pluggy knows it by."""

    manifest: Manifest
    settings: ProviderSettings
    plugin: Any

    @property
    def name(self) -> str:
        """The name in the API, the entry point and the folder."""
        return self.manifest.name

    def has_hook(self, hook: str) -> bool:
        """Whether the plugin answers a hook."""
        return callable(getattr(self.plugin, hook, None))


class Registry:
    """The providers by name, and what is wrong with those that could not be loaded."""

    def __init__(self, manager: pluggy.PluginManager) -> None:
        self.manager = manager
        self.providers: dict[str, Provider] = {}
        self.broken: dict[str, str] = {}

    def get(self, name: str) -> Provider:
        """The provider of that name. Raises `NotFoundError` that lists the known ones."""
        try:
            return self.providers[name]
        except KeyError:
            if name in self.broken:
                raise NotFoundError(f"{name} could not be loaded: {self.broken[name]}") from None
            known = ", ".join(sorted(self.providers)) or "none"
            raise NotFoundError(f"there is no provider {name!r}; installed are: {known}") from None

    def exporters(self) -> tuple[str, ...]:
        """The names of the real providers that take workouts."""
        return self.that_answer(Operation.EXPORT)

    def that_answer(self, operation: str) -> tuple[str, ...]:
        """The names of the real providers that declare an operation, in their order."""
        return tuple(
            sorted(
                name
                for name, one in self.providers.items()
                if operation in one.manifest.capabilities.operations and not one.manifest.is_example
            )
        )


def load_registry(
    settings: Mapping[str, ProviderSettings] | None = None, found: Iterable[EntryPoint] | None = None
) -> Registry:
    """Load every plugin of the entry point group `hub_core.providers`.

    `settings` replaces what the environment says, for the plugins that it names.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    registry = Registry(manager)
    installed = _installed(tuple(sys.path)) if found is None else found
    for entry in sorted(installed, key=lambda entry: entry.name):
        if entry.name in registry.providers:
            registry.broken[f"{entry.name} ({entry.value})"] = "another plugin has this name already"
            continue
        try:
            plugin = entry.load()
            registry.providers[entry.name] = _register(
                registry, entry.name, plugin, (settings or {}).get(entry.name)
            )
        except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever it does, the hub starts)
            _forget(registry, entry.name)
            registry.broken[entry.name] = _explain(entry.name, error)
    return registry


@functools.cache
def _installed(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:  # noqa: ARG001 (what is cached hangs on it)
    """The plugins on the path. To find them takes 30 ms: the metadata of every installed package is read."""
    return tuple(entry_points(group=hookspecs.GROUP))


def _register(registry: Registry, name: str, plugin: Any, settings: ProviderSettings | None) -> Provider:
    registry.manager.register(plugin, name=name)
    registry.manager.check_pending()
    if not callable(getattr(plugin, "provider_manifest", None)):
        raise HubError("provider_manifest() is missing")
    manifest = plugin.provider_manifest()
    if not isinstance(manifest, Manifest):
        raise HubError("provider_manifest() returns no Manifest")
    if manifest.name != name:
        raise HubError(f"the manifest is named {manifest.name!r}, the entry point {name!r}")
    if problem := explain_incompatibility(name, manifest.api_version):
        raise HubError(problem)
    _check_hooks(plugin, manifest)
    if settings is None:
        settings = plugin.provider_settings() if hasattr(plugin, "provider_settings") else ProviderSettings()
    if not isinstance(settings, ProviderSettings):
        raise HubError("provider_settings() returns no ProviderSettings")
    return Provider(manifest, settings, plugin)


def _check_hooks(plugin: Any, manifest: Manifest) -> None:
    for operation in manifest.capabilities.operations:
        needed = manifest.hook_of(operation)
        if not callable(getattr(plugin, needed, None)):
            missing = "such hook" if needed == operation else needed
            raise HubError(f"the manifest declares {operation}, but there is no {missing}")
    if manifest.api_key is not None and not callable(getattr(plugin, "tokens_from_api_key", None)):
        raise HubError("the manifest has api_key, but there is no hook tokens_from_api_key")
    for name, spec in vars(hookspecs).items():
        hook = getattr(plugin, name, None)
        if not getattr(spec, f"{hookspecs.PROJECT}_spec", None) or hook is None:
            continue
        if not hasattr(hook, f"{hookspecs.PROJECT}_impl"):
            raise HubError(f"{name} is not marked with @hookimpl")
        if inspect.iscoroutinefunction(spec) != inspect.iscoroutinefunction(hook):
            raise HubError(f"{name} must {'be' if inspect.iscoroutinefunction(spec) else 'not be'} async")


def _forget(registry: Registry, name: str) -> None:
    if registry.manager.has_plugin(name):
        registry.manager.unregister(name=name)


def _explain(name: str, error: BaseException) -> str:
    """In one line, without the values of settings."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        variable = "_".join(["hub", name, *map(str, first["loc"])]).upper()
        return f"{variable}: {first['msg']}"[:_LONGEST]
    text = redact(" ".join(str(error).split()))
    return f"{type(error).__name__}: {text}"[:_LONGEST] if text else type(error).__name__
