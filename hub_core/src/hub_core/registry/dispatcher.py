"""The one caller of hooks. An addressed call reaches exactly one provider, and is awaited here.

pluggy has no async of its own: calling an async hook starts a coroutine in every plugin. So the other
providers are taken out of the call, while hook wrappers such as an audit plugin stay in.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from hub_core.errors import LeaseLostError
from hub_core.registry.registry import Registry
from hub_core.sdk.errors import ProviderError, RetryLater, Unsupported

#: However many calls a hook makes, each within its own limit: after this the plugin is at fault.
HOOK_TIMEOUT_S = 60.0


class PluginFaultError(ProviderError):
    """A plugin raised something that the SDK doesn't know, or took for ever."""

    code = "plugin_fault"


@dataclass(frozen=True)
class Answers[T]:
    """What came of a broadcast, by provider in the order of their names: an answer, or why there is none."""

    given: dict[str, T]
    failed: dict[str, ProviderError]


class Dispatcher:
    """Calls hooks by name."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._callers: dict[tuple[str, str], Any] = {}

    def call_sync(self, provider: str, hook: str, **arguments: Any) -> Any:
        """Call a hook that is not async (`compile_workout`). Raises `Unsupported` without that hook."""
        try:
            results = self._caller(provider, hook)(**arguments)
        except ProviderError:
            raise
        except Exception as error:
            raise self._fault(provider, hook, error) from error
        return results[0] if results else None

    async def call(self, provider: str, hook: str, **arguments: Any) -> Any:
        """Call an async hook and wait for its result.

        Raises any `ProviderError` of the plugin, `Unsupported` without that hook, and
        `PluginFaultError` for whatever else it raises.
        """
        caller = self._caller(provider, hook)
        try:
            results = caller(**arguments)  # hook wrappers run here, and may break as well
            async with asyncio.timeout(HOOK_TIMEOUT_S):
                return await results[0] if results and inspect.isawaitable(results[0]) else None
        except (ProviderError, LeaseLostError):
            raise
        except Exception as error:
            raise self._fault(provider, hook, error) from error

    async def broadcast[T](
        self, hook: str, ask: Callable[[str], Awaitable[T]], *, limit_s: float
    ) -> Answers[T]:
        """Ask all real providers that have a hook at the same time; `ask` calls one of them by its name.

        After `limit_s` seconds what has come counts: who is slower has failed like who raises, and keeps
        nobody else waiting.
        """

        tasks = {name: asyncio.ensure_future(ask(name)) for name in self.registry.that_answer(hook)}
        answers: Answers[T] = Answers({}, {})
        try:
            if tasks:
                await asyncio.wait(tasks.values(), timeout=limit_s)
            for name, task in tasks.items():
                try:
                    if task.done():
                        answers.given[name] = task.result()
                    else:
                        answers.failed[name] = RetryLater(f"{name} gave no answer within {limit_s:g} s")
                except ProviderError as error:
                    answers.failed[name] = error
        finally:
            for task in tasks.values():
                task.cancel()  # and not waited for: a plugin may take its time over that, too
        return answers

    def _caller(self, provider: str, hook: str) -> Any:
        """The hook with this provider alone behind it."""
        known = self._callers.get((provider, hook))
        if known is not None:
            return known
        chosen = self.registry.get(provider)
        if not chosen.has_hook(hook):
            raise Unsupported(f"{provider} has no {hook}")
        others = [other.plugin for other in self.registry.providers.values() if other is not chosen]
        caller = self.registry.manager.subset_hook_caller(hook, remove_plugins=others)
        self._callers[provider, hook] = caller
        return caller

    def _fault(self, provider: str, hook: str, error: Exception) -> PluginFaultError:
        # The message of a foreign exception may quote anything, so only its kind is told.
        return PluginFaultError(f"the {provider} plugin failed in {hook}: {type(error).__name__}")
