"""The hooks by which a plugin calls its provider, each with arguments that fit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from hub_core.sdk.context import ProviderContext
from hub_core.sdk.manifest import Operation
from hub_core.testing.conformance.bench import Bench, changed, kept
from hub_core.testing.conformance.needs import exports, polls

Calls = dict[str, Callable[[], Awaitable[Any]]]


async def workout_calls(bench: Bench, context: ProviderContext) -> Calls:
    """Everything that can be done with a workout, after one was sent; in an order in which all succeed."""
    if not exports(bench.subject):
        return {}
    plan = bench.plan()
    compiled = bench.compile(plan)
    receipt = kept(await bench.export(context, plan))
    again = bench.harness.again(context, outcome_unknown=True)
    arguments: dict[str, dict[str, Any]] = {
        Operation.EXPORT: {"context": changed(context, reference="hub-wk-2"), "compiled": compiled},
        Operation.FIND: {"context": again, "compiled": compiled},
        Operation.UPDATE: {"context": context, "compiled": compiled, "receipt": receipt},
        Operation.READ_BACK: {"context": context, "receipt": receipt},
        Operation.WITHDRAW: {"context": context, "receipt": receipt},
    }
    return {
        hook: partial(bench.call, hook, **given)
        for hook, given in arguments.items()
        if hook in bench.able.operations
    }


async def all_calls(bench: Bench, context: ProviderContext) -> Calls:
    """All of them; after the last two the context's token may be dead."""
    calls = await workout_calls(bench, context)
    if polls(bench.subject):
        calls[Operation.POLL] = partial(bench.poll, context)
    for name in ("describe_account", "refresh_token", "revoke_token"):
        if bench.subject.has_hook(name):
            calls[name] = partial(bench.call, name, context=context)
    return calls
