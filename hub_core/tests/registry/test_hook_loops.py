"""Hooks run on loops of their own: one that blocks or ends badly harms its own provider and nothing else."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import pytest

from hub_core.errors import LeaseLostError
from hub_core.registry import dispatcher as dispatcher_module
from hub_core.registry.answers import why_unfit
from hub_core.registry.dispatcher import Dispatcher, PluginFaultError
from hub_core.sdk import Receipt, RetryLater, hookspecs
from hub_core.sdk.hub_side import HubSideError, no_fault_of_plugins, on_hub_side

#: Does what the test puts into its context.
DOES = """
@hookimpl
async def export_workout(context):
    return await context.act()

@hookimpl
async def describe_account(context):
    context.act()

@hookimpl
def compile_workout(workout):
    return workout()
"""
NOTE: ContextVar[str] = ContextVar("note", default="")


@pytest.fixture
def acts(add_plugin: Any, load: Any) -> Any:
    """Two providers that do as they are told."""
    registry = load(*(add_plugin(name, DOES, ", Operation.EXPORT") for name in ("alpha", "beta")))
    assert registry.broken == {}
    dispatcher = Dispatcher(registry)
    yield dispatcher
    dispatcher.close()


async def do(dispatcher: Dispatcher, act: Any, provider: str = "alpha", hook: str = "export_workout") -> Any:
    return await dispatcher.call(provider, hook, context=SimpleNamespace(act=act), compiled=None)


async def receipt() -> Receipt:
    return Receipt({"thread": threading.current_thread().name})


async def test_each_provider_has_one_thread_for_its_hooks(acts: Dispatcher) -> None:
    given = [await do(acts, receipt, name) for name in ("alpha", "beta", "alpha")]
    assert [one.external_ids["thread"] for one in given] == [
        "hooks of alpha",
        "hooks of beta",
        "hooks of alpha",
    ]


@pytest.mark.parametrize("hook", ["export_workout", "compile_workout"])
async def test_a_hook_that_blocks_holds_up_neither_us_nor_others(
    acts: Dispatcher, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher_module, "HOOK_TIMEOUT_S", 0.2)
    monkeypatch.setattr(dispatcher_module, "SYNC_HOOK_TIMEOUT_S", 0.2)
    let_go = threading.Event()

    async def block() -> Receipt:
        return Receipt({"waited": str(let_go.wait(30))})

    given = {
        "export_workout": {"context": SimpleNamespace(act=block), "compiled": None},
        "compile_workout": {"workout": lambda: let_go.wait(30), "athlete": None},
    }[hook]
    if hook == "compile_workout":  # has been slow once
        monkeypatch.setattr(dispatcher_module, "QUICK_S", 0.01)
        with pytest.raises(PluginFaultError):
            await acts.call("alpha", hook, workout=lambda: time.sleep(0.02), athlete=None)
    blocked = asyncio.create_task(acts.call("alpha", hook, **given))
    try:
        with pytest.raises(PluginFaultError, match="TimeoutError"):
            await blocked
        assert await do(acts, receipt, "beta")
        with pytest.raises(PluginFaultError, match="TimeoutError"):
            await acts.call("alpha", hook, **given)  # waits behind the other one
    finally:
        let_go.set()
    # And it comes back by itself.
    monkeypatch.setattr(dispatcher_module, "HOOK_TIMEOUT_S", 30)
    assert await do(acts, receipt)


async def test_what_only_calculates_does_so_where_it_is_called(acts: Dispatcher) -> None:
    threads: list[str] = []

    for _ in range(2):
        with pytest.raises(PluginFaultError):
            await acts.call(
                "alpha",
                "compile_workout",
                workout=lambda: threads.append(threading.current_thread().name),
                athlete=None,
            )

    assert threads == [threading.current_thread().name] * 2


async def test_the_hub_s_half_runs_where_the_call_was_made(acts: Dispatcher) -> None:
    NOTE.set("job 7")

    async def half() -> Receipt:
        return Receipt({"thread": threading.current_thread().name, "note": NOTE.get()})

    async def act() -> Receipt:
        assert NOTE.get() == "job 7"
        return await on_hub_side(half)

    given = await do(acts, act)
    assert given.external_ids == {"thread": threading.current_thread().name, "note": "job 7"}
    # Where there is no hub, as in a plugin's own tests, it runs right there.
    assert (await half()).external_ids == (await on_hub_side(half)).external_ids


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (sqlite3.OperationalError("database is locked"), sqlite3.OperationalError),
        (RetryLater("not now"), RetryLater),
        (LeaseLostError("gone"), LeaseLostError),
    ],
    ids=["database", "provider", "lease"],
)
async def test_what_fails_in_the_hub_s_half_is_no_fault_of_the_plugin(
    acts: Dispatcher, error: Exception, told: type[Exception]
) -> None:
    async def half() -> None:
        with no_fault_of_plugins():
            raise error

    with pytest.raises(told) as caught:
        await do(acts, lambda: on_hub_side(half))
    assert caught.value is error


async def test_whoever_goes_on_after_the_end_is_refused(acts: Dispatcher) -> None:
    told: list[str] = []
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def half() -> None:
        told.append("was done")

    async def linger() -> None:
        await asyncio.sleep(0.05)
        try:
            await on_hub_side(half)
        except HubSideError as error:
            told.append(error.message)
        loop.call_soon_threadsafe(ended.set)

    kept = []

    async def act() -> Receipt:
        kept.append(asyncio.create_task(linger()))
        return Receipt({})

    await do(acts, act)
    await ended.wait()
    assert told == ["the call that this context was made for is over"]


async def test_cancelling_reaches_the_hook_and_through_it_the_hub_s_half(acts: Dispatcher) -> None:
    loop = asyncio.get_running_loop()
    begun, cancelled, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def half() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()

    async def act() -> None:
        try:
            await on_hub_side(half)
        finally:
            loop.call_soon_threadsafe(ended.set)

    task = asyncio.create_task(do(acts, act))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await ended.wait()
    await cancelled.wait()


async def cancelled_by_itself() -> None:
    raise asyncio.CancelledError


async def exits() -> None:
    raise SystemExit(1)


@pytest.mark.parametrize("act", [cancelled_by_itself, exits])
async def test_a_hook_can_end_nothing_but_itself(acts: Dispatcher, act: Any) -> None:
    with pytest.raises(PluginFaultError):
        await do(acts, act)
    assert await do(acts, receipt)


@pytest.mark.parametrize(
    ("answer", "words"), [(None, "NoneType instead of Receipt"), ("sent", "str instead of Receipt")]
)
async def test_a_wrong_answer_is_a_fault(acts: Dispatcher, answer: object, words: str) -> None:
    async def act() -> object:
        return answer

    with pytest.raises(PluginFaultError) as caught:
        await do(acts, act)
    assert caught.value.message == f"the alpha plugin failed in export_workout: {words}"


def test_what_every_hook_answers_with_is_known() -> None:
    """A hook whose specification names an answer takes no text for it."""
    specified = {
        name: str(spec.__annotations__["return"])
        for name, spec in vars(hookspecs).items()
        if hasattr(spec, hookspecs.PROJECT + "_spec") and not name.startswith("provider_")
    }
    unchecked = {name for name, answer in specified.items() if answer != "None" and not why_unfit(name, "x")}
    assert unchecked == set()
    may_be_none = {name for name, answer in specified.items() if answer.endswith("None")}
    assert {name for name in specified if not why_unfit(name, None)} == may_be_none
    assert why_unfit("receive_webhook", ("x",)) == "str instead of Delivery"
    assert why_unfit("receive_webhook", ()) == ""


async def test_closed_loops_end_and_come_back(acts: Dispatcher) -> None:
    running = asyncio.create_task(do(acts, lambda: asyncio.sleep(0.2, Receipt({"was": "running"})), "beta"))
    await do(acts, receipt)
    before = {thread for thread in threading.enumerate() if thread.name.startswith("hooks of alpha")}
    acts.close()
    for thread in before:
        await asyncio.to_thread(thread.join, 10)
        assert not thread.is_alive()
    assert (await running).external_ids == {"was": "running"}
    assert await do(acts, receipt)
