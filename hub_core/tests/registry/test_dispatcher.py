"""One caller of hooks: an addressed call reaches one plugin, and its faults don't reach us."""

from __future__ import annotations

import asyncio
import gc
from types import SimpleNamespace
from typing import Any

import pytest

from hub_core.errors import LeaseLostError, NotFoundError
from hub_core.registry import dispatcher as dispatcher_module
from hub_core.registry.dispatcher import Dispatcher, PluginFaultError
from hub_core.sdk import Receipt, Rejected, RetryLater, TokenSet, Unsupported, hookimpl

ECHO = """
calls = []

@hookimpl
def compile_workout(workout, athlete):
    calls.append("compile_workout")

@hookimpl
def tokens_from_api_key(key):
    calls.append("tokens_from_api_key")
    return TokenSet("{name} " + key)

@hookimpl
async def export_workout(context, compiled):
    calls.append("export_workout")
    return Receipt({{"by": "{name}", "what": compiled}})

@hookimpl
async def find_workout(context, compiled):
    return None
"""
FAULTY = """
import asyncio
from hub_core.errors import LeaseLostError

@hookimpl
def compile_workout():
    raise KeyError("canary-secret")

@hookimpl
async def export_workout(context):
    await asyncio.sleep(context.takes_s)
    raise context.error

@hookimpl
async def withdraw_workout(context):
    await context.checkpoint({})
"""


@pytest.fixture
def echoes(add_plugin: Any, load: Any) -> Dispatcher:
    """Two plugins with the same hooks."""
    names = ("alpha", "beta")
    found = [add_plugin(name, ECHO.format(name=name), ", Operation.EXPORT") for name in names]
    registry = load(*found)
    assert registry.broken == {}
    return Dispatcher(registry)


@pytest.fixture
def faulty(add_plugin: Any, load: Any) -> Dispatcher:
    registry = load(add_plugin("faulty", FAULTY), add_plugin("other", ECHO.format(name="other")))
    assert registry.broken == {}
    return Dispatcher(registry)


def sent(name: str, what: str = "x") -> Receipt:
    """What ECHO answers."""
    return Receipt({"by": name, "what": what})


def calls(dispatcher: Dispatcher) -> dict[str, list[str]]:
    return {name: one.plugin.calls for name, one in dispatcher.registry.providers.items()}


async def test_an_addressed_call_reaches_exactly_one(echoes: Dispatcher) -> None:
    for _ in range(2):
        assert await echoes.call("alpha", "export_workout", context=None, compiled="x") == sent("alpha")
    assert calls(echoes) == {"alpha": ["export_workout"] * 2, "beta": []}
    assert await echoes.call("beta", "export_workout", context=None, compiled="x") == sent("beta")
    # A coroutine that nobody awaits would be told of here, and warnings are errors.
    gc.collect()


async def test_a_hook_that_is_not_async_is_called_the_same_way(echoes: Dispatcher) -> None:
    assert await echoes.call("beta", "tokens_from_api_key", key="x") == TokenSet("beta x")
    assert calls(echoes) == {"alpha": [], "beta": ["tokens_from_api_key"]}


async def test_nothing_may_come_back(echoes: Dispatcher) -> None:
    assert await echoes.call("alpha", "find_workout", context=None, compiled="x") is None


async def test_many_calls_at_once_do_not_mix(echoes: Dispatcher) -> None:
    names = ["alpha", "beta"] * 25
    answers = await asyncio.gather(
        *(echoes.call(name, "export_workout", context=None, compiled=str(n)) for n, name in enumerate(names))
    )
    assert answers == [sent(name, str(n)) for n, name in enumerate(names)]


async def test_what_a_plugin_lacks_is_unsupported(echoes: Dispatcher) -> None:
    with pytest.raises(Unsupported, match="alpha has no update_workout"):
        await echoes.call("alpha", "update_workout", context=None, compiled="x", receipt=None)
    with pytest.raises(Unsupported):
        await echoes.call("alpha", "receive_webhook", request=None, settings=None)
    with pytest.raises(NotFoundError):
        await echoes.call("nosuch", "export_workout", context=None, compiled="x")


async def fail(dispatcher: Dispatcher, error: BaseException, takes_s: float = 0) -> None:
    context = SimpleNamespace(error=error, takes_s=takes_s)
    await dispatcher.call("faulty", "export_workout", context=context, compiled="x")


@pytest.mark.parametrize(
    "error", [KeyError("canary-secret"), ValueError("canary-secret"), AssertionError("canary-secret"),
              TimeoutError("canary-secret"), ExceptionGroup("canary-secret", [ValueError("canary-secret")])],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
async def test_a_fault_tells_its_kind_and_not_its_message(faulty: Dispatcher, error: Exception) -> None:
    with pytest.raises(PluginFaultError) as caught:
        await fail(faulty, error)
    assert caught.value.message == f"the faulty plugin failed in export_workout: {type(error).__name__}"
    assert type(caught.value.__cause__) is type(error)
    assert "canary" not in f"{caught.value!r} {caught.value}"


async def test_a_fault_while_compiling_is_one_as_well(faulty: Dispatcher) -> None:
    with pytest.raises(PluginFaultError, match="the faulty plugin failed in compile_workout: KeyError"):
        await faulty.call("faulty", "compile_workout", workout="x", athlete=None)


@pytest.mark.parametrize("error", [RetryLater("not now", after_s=3), LeaseLostError("gone")])
async def test_errors_that_the_hub_knows_pass_untouched(faulty: Dispatcher, error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        await fail(faulty, error)
    assert caught.value is error


async def test_a_plugin_that_never_ends_is_ended(faulty: Dispatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher_module, "HOOK_TIMEOUT_S", 0.05)
    with pytest.raises(PluginFaultError, match="failed in export_workout: TimeoutError"):
        await fail(faulty, ValueError(), takes_s=60)


async def test_a_call_can_be_cancelled(faulty: Dispatcher) -> None:
    task = asyncio.create_task(fail(faulty, ValueError(), takes_s=60))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_arguments_that_a_plugin_does_not_take_are_left_out(add_plugin: Any, load: Any) -> None:
    code = """
        @hookimpl
        def compile_workout(workout):
            raise Rejected(workout)

        @hookimpl
        async def export_workout():
            return Receipt({})
    """
    acme = Dispatcher(load(add_plugin("acme", code, ", Operation.EXPORT")))
    with pytest.raises(Rejected, match="x"):
        await acme.call("acme", "compile_workout", workout="x", athlete="y")
    assert await acme.call("acme", "export_workout", context=None, compiled="x") == Receipt({})


class Audit:
    """A plugin that only looks on."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    @hookimpl(wrapper=True)
    def export_workout(self, compiled: Any) -> Any:
        self.seen.append(compiled)
        return (yield)


@pytest.mark.parametrize("when", ["before the first call", "after the first call"])
async def test_a_wrapper_stays_in_the_call(echoes: Dispatcher, when: str) -> None:
    audit = Audit()
    if when == "after the first call":
        await echoes.call("alpha", "export_workout", context=None, compiled="unseen")
    echoes.registry.manager.register(audit)
    for name in ("alpha", "beta"):
        assert await echoes.call(name, "export_workout", context=None, compiled="x") == sent(name)
    assert audit.seen == ["x", "x"]


WORLD = """
import datetime as dt
@hookimpl
async def search_races(context, query):
    return (Race(query, query, dt.date(2027, 5, 2), query),)
"""


@pytest.fixture
def world(add_plugin: Any, load: Any) -> Dispatcher:
    """Three that search races, one of them made up, and one that doesn't."""
    plugins = [add_plugin(name, WORLD, ", Operation.SEARCH_RACES") for name in ("gamma", "alpha", "beta")]
    example = add_plugin("sample", WORLD, ", Operation.SEARCH_RACES, is_example=True")
    registry = load(*plugins, example, add_plugin("other", ECHO.format(name="other"), ", Operation.EXPORT"))
    assert registry.broken == {}
    return Dispatcher(registry)


async def test_a_broadcast_reaches_all_real_ones_in_their_order(world: Dispatcher) -> None:
    answers = await world.broadcast(
        "search_races",
        lambda name: world.call(name, "search_races", context=None, query=f"for {name}"),
        limit_s=5,
    )
    told = [(name, [race.name for race in races]) for name, races in answers.given.items()]
    assert told == [(name, [f"for {name}"]) for name in ("alpha", "beta", "gamma")]
    assert answers.failed == {}


async def test_who_fails_or_is_slow_is_named_and_the_others_are_heard(world: Dispatcher) -> None:
    ended: list[str] = []

    async def ask(name: str) -> str:
        if name == "beta":
            raise RetryLater("down")
        if name == "gamma":
            try:
                await asyncio.sleep(60)
            finally:
                ended.append(name)
        return name

    answers = await world.broadcast("search_races", ask, limit_s=0.05)
    assert answers.given == {"alpha": "alpha"}
    told = {name: str(error) for name, error in answers.failed.items()}
    assert told == {"beta": "down", "gamma": "gamma gave no answer within 0.05 s"}
    await asyncio.sleep(0)
    assert ended == ["gamma"]


async def test_nobody_to_ask_is_no_answer_and_no_failure(world: Dispatcher) -> None:
    answers = await world.broadcast("forecast_weather", lambda name: asyncio.sleep(0), limit_s=5)
    assert (answers.given, answers.failed) == ({}, {})


async def test_a_broadcast_that_is_cancelled_ends_all_its_calls(world: Dispatcher) -> None:
    ended: list[str] = []

    async def ask(name: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(name)

    asking = asyncio.ensure_future(world.broadcast("search_races", ask, limit_s=60))
    await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.sleep(0)
    assert sorted(ended) == ["alpha", "beta", "gamma"]
