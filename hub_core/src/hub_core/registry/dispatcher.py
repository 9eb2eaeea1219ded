"""The one caller of hooks. An addressed call reaches exactly one provider, and is awaited here.

pluggy has no async of its own: calling an async hook starts a coroutine in every plugin. So the other
providers are taken out of the call, while hook wrappers such as an audit plugin stay in.

An async hook runs on another thread's loop, and the limit of its time is kept by ours: it holds even for one
that blocks.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from hub_core.errors import LeaseLostError
from hub_core.registry.answers import why_unfit
from hub_core.registry.hook_loops import HookLoops
from hub_core.registry.registry import Registry
from hub_core.sdk import hookspecs
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ProviderError, RetryLater, Unsupported
from hub_core.sdk.hub_side import HookCall, HubSideError
from hub_core.sdk.traffic import CallOutcome

log = logging.getLogger(__name__)

#: However many calls a hook makes, each within its own limit: after this the plugin is at fault.
HOOK_TIMEOUT_S = 60.0
#: Hooks that aren't async only calculate with what they are handed.
SYNC_HOOK_TIMEOUT_S = 10.0
#: They do so where they are called, until one takes longer than this: to change threads costs more than most.
QUICK_S = 0.25


class PluginFaultError(ProviderError):
    """A plugin raised something that the SDK doesn't know, answered with something else, or took for ever."""

    code = "plugin_fault"


@dataclass(frozen=True)
class Answers[T]:
    """What came of a broadcast, by provider in the order of their names: an answer, or why there is none."""

    given: dict[str, T]
    failed: dict[str, ProviderError]


class _StoppedItself(Exception):  # noqa: N818
    """Stands for what would end more than the hook: `sys.exit()`, or a cancellation that nobody asked for."""


class Dispatcher:
    """Calls hooks by name: async ones, and others of slow plugins, on loops of their own (docs/adr/0020)."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._callers: dict[tuple[str, str], Any] = {}
        self._loops = HookLoops()
        self._slow: set[str] = set()

    def close(self) -> None:
        """Let the threads of the hooks end. They come back with the next call."""
        self._loops.close()

    async def call(self, provider: str, hook: str, **arguments: Any) -> Any:
        """Call a hook, async or not, and wait for its answer.

        Raises any `ProviderError` of the plugin, `Unsupported` without that hook, `PluginFaultError` for
        whatever else it raises, answers or does to the clock, and what failed in the hub's half as itself.
        """
        caller = self._caller(provider, hook)
        is_async = inspect.iscoroutinefunction(getattr(hookspecs, hook))
        lane, limit_s = (provider, HOOK_TIMEOUT_S) if is_async else (f"{provider}, sync", SYNC_HOOK_TIMEOUT_S)
        limit = asyncio.timeout(limit_s)
        try:
            if is_async or provider in self._slow:
                async with limit:
                    with HookCall().made():
                        answer = await self._loops.start(lane, _run(caller, arguments))
            else:
                answer = await self._run_here(provider, hook, _run(caller, arguments))
        except (ProviderError, LeaseLostError):
            raise
        except HubSideError as error:
            raise error.__cause__ or error from None
        except Exception as error:
            if limit.expired():
                await _tell_silence(arguments.get("context"), limit_s)
            # The message of a foreign exception may quote anything, so only its kind is told.
            raise self._fault(provider, hook, type(error).__name__) from error
        if unfit := why_unfit(hook, answer):
            raise self._fault(provider, hook, unfit)
        return answer

    async def _run_here(self, provider: str, hook: str, work: Awaitable[Any]) -> Any:
        began = time.monotonic()
        try:
            return await work
        finally:
            if (seconds := time.monotonic() - began) > QUICK_S:
                self._slow.add(provider)
                log.warning(
                    "%s took %.1f s in the %s plugin: its like run in a thread from now on",
                    hook,
                    seconds,
                    provider,
                )

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

    def _fault(self, provider: str, hook: str, what: str) -> PluginFaultError:
        return PluginFaultError(f"the {provider} plugin failed in {hook}: {what}")


async def _run(caller: Any, arguments: dict[str, Any]) -> Any:
    """The call as the provider's loop runs it. Hook wrappers run here as well, and may break or block too."""
    try:
        results = caller(**arguments)
        answer = results[0] if results else None
        return await answer if inspect.isawaitable(answer) else answer
    except Exception as error:
        if _is_given_up():
            log.warning("a hook that was given up has ended with %s", type(error).__name__)
            return None
        raise
    except (asyncio.CancelledError, SystemExit) as error:
        if _is_given_up():
            raise
        raise _StoppedItself from error


def _is_given_up() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _tell_silence(context: object, seconds: float) -> None:
    """A hook that took too long speaks against its provider like a call without an answer, so that a plugin
    that hangs is soon held back."""
    if isinstance(context, ProviderContext) and context.http.traffic:
        host = urlsplit(context.http.base_url).netloc
        await context.http.traffic.leave(CallOutcome("HOOK", host, seconds, error="the plugin took too long"))
