"""A workout that is doubled, lost or left behind is caught: one broken plugin for each case."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from hub_core.sandbox import Answer, Call, DeviceScreen, DeviceWorkout, Refusal, endpoint
from hub_core.sdk import (
    CompiledWorkout,
    CreateSemantics,
    Node,
    NotFound,
    Operation,
    ProviderContext,
    ProviderCopy,
    Receipt,
    Rejected,
    Repeat,
    RetryLater,
    TimeDuration,
)
from hub_core.testing.conformance import CASES
from hub_fake.sandbox import FakeSandbox

Declare = Callable[..., None]
Break = Callable[[SimpleNamespace, Declare], Any]


# -- a provider that takes two calls, and makes something new at each --------------------------------------


class LibrarySandbox(FakeSandbox):
    """A workout is put into a library, and from there on the calendar, which alone the device shows."""

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.made: dict[str, dict[str, Any]] = {}
        self.numbers = itertools.count(1)

    @endpoint("POST", "/library", scope="workouts")
    @endpoint("POST", "/calendar", scope="workouts")
    def create(self, call: Call) -> Answer:
        new = str(next(self.numbers))
        self.made[new] = {"id": new, "kind": call.path, "user": call.user, **call.json()}
        return Answer({"id": new}, 201)

    @endpoint("GET", "/calendar", scope="workouts")
    def entries(self, call: Call) -> Answer:
        return Answer([one for one in self.made.values() if self.is_entry(one, call.user)])

    @endpoint("PUT", "/made/{id}", scope="workouts")
    def change(self, call: Call) -> Answer:
        self.own(call).update(call.json())
        return Answer({})

    @endpoint("DELETE", "/made/{id}", scope="workouts")
    def delete(self, call: Call) -> Answer:
        del self.made[self.own(call)["id"]]
        return Answer(status=204)

    def own(self, call: Call) -> dict[str, Any]:
        found = self.made.get(call.params["id"])
        if found is None or found["user"] != call.user:
            raise Refusal(404, "no such thing")
        return found

    def is_entry(self, one: dict[str, Any], user: str) -> bool:
        return one["kind"] == "/calendar" and one["user"] == user and one["recipe"] in self.made

    def device(self, user: str) -> DeviceScreen:
        recipes = [self.made[one["recipe"]] for one in self.made.values() if self.is_entry(one, user)]
        return DeviceScreen("", user, tuple(map(show, recipes)))


def show(recipe: dict[str, Any]) -> DeviceWorkout:
    date = dt.date.fromisoformat(recipe["date"])
    return DeviceWorkout(date, recipe["title"], "", tuple(map(str, recipe["steps"])), recipe["id"])


class Library:
    """The hooks for it, done well; a broken one overrides a part."""

    async def create(self, context: ProviderContext, path: str, body: dict[str, Any]) -> str:
        answer = await context.http.request("POST", path, json=body)
        return str(context.http.decode(answer, dict[str, Any])["id"])

    async def note(self, context: ProviderContext, ids: dict[str, str]) -> None:
        await context.checkpoint(ids)

    async def find_workout(self, context: ProviderContext, compiled: CompiledWorkout) -> Receipt | None:
        answer = await context.http.request("GET", "/calendar")
        for entry in context.http.decode(answer, list[dict[str, Any]]):
            if entry["reference"] == context.reference:
                return Receipt({"recipe": entry["recipe"], "entry": entry["id"]}, entry["id"])
        return None

    async def export_workout(self, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
        ids = dict(context.progress)
        if "recipe" not in ids:
            ids["recipe"] = await self.create(context, "/library", compiled.payload)
            await self.note(context, ids)
        if "entry" not in ids:
            entry = {"recipe": ids["recipe"], "reference": context.reference}
            ids["entry"] = await self.create(context, "/calendar", entry)
            await self.note(context, ids)
        return Receipt(ids, ids["entry"])

    async def withdraw_workout(self, context: ProviderContext, receipt: Receipt) -> None:
        for made in receipt.external_ids.values():
            await context.http.request("DELETE", f"/made/{made}", allow={404})

    async def update_workout(
        self, context: ProviderContext, compiled: CompiledWorkout, receipt: Receipt
    ) -> Receipt:
        await context.http.request("PUT", f"/made/{receipt.external_ids['recipe']}", json=compiled.payload)
        return Receipt(receipt.external_ids, receipt.external_ids["entry"])


def use_library(library: Library, *more: Operation) -> Break:
    """Make the fake a plugin of that provider."""

    def change(fake: SimpleNamespace, declare: Declare) -> None:
        wanted = frozenset({Operation.EXPORT, Operation.FIND, Operation.WITHDRAW, *more})
        declare(capabilities={"operations": wanted, "create": CreateSemantics.SEARCHABLE})
        fake.provider_sandbox = LibrarySandbox
        for hook in wanted:
            setattr(fake, hook, getattr(library, hook))

    return change


class Blind(Library):
    async def find_workout(self, context: ProviderContext, compiled: CompiledWorkout) -> Receipt | None:
        return None


class FindsAnything(Library):
    async def find_workout(self, context: ProviderContext, compiled: CompiledWorkout) -> Receipt | None:
        return await super().find_workout(context, compiled) or Receipt({"recipe": "1", "entry": "2"}, "2")


class DecodesItself(Library):
    async def create(self, context: ProviderContext, path: str, body: dict[str, Any]) -> str:
        answer = await context.http.request("POST", path, json=body)
        return str(msgspec.json.decode(answer.content)["id"])


class GivesUp(Library):
    async def export_workout(self, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
        if context.outcome_unknown:
            raise Rejected("it may be there already")
        return await super().export_workout(context, compiled)


class SaysNothing(Library):
    async def create(self, context: ProviderContext, path: str, body: dict[str, Any]) -> str:
        try:
            return await super().create(context, path, body)
        except RetryLater as error:
            raise RetryLater(error.message) from error


class NotesNothing(Library):
    async def note(self, context: ProviderContext, ids: dict[str, str]) -> None:
        pass


class NeedsAll(Library):
    async def withdraw_workout(self, context: ProviderContext, receipt: Receipt) -> None:
        for name in ("recipe", "entry"):
            await context.http.request("DELETE", f"/made/{receipt.external_ids[name]}", allow={404})


class AddsThenRemoves(Library):
    async def update_workout(
        self, context: ProviderContext, compiled: CompiledWorkout, receipt: Receipt
    ) -> Receipt:
        new = await self.export_workout(context, compiled)
        await self.withdraw_workout(context, receipt)
        return new


# -- the fake, with one hook done wrong ---------------------------------------------------------------------


def replaced(hook: str, wrong: Callable[..., Any]) -> Break:
    """The fake with another function for a hook, which is given the real one first."""

    def change(fake: SimpleNamespace, declare: Declare) -> None:
        real = getattr(fake, hook)
        setattr(fake, hook, functools.wraps(real)(functools.partial(wrong, real)))

    return change


async def send_next_day(real: Any, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
    payload = compiled.payload | {"date": "2031-01-01"}
    return await real(context, msgspec.structs.replace(compiled, payload=payload))


async def send_by_title(real: Any, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
    name = compiled.payload["title"].replace(" ", "-")
    await context.http.request("PUT", f"/workouts/{name}", json=compiled.payload)
    return Receipt({"workout_id": name}, name)


def send_as_the_first_one() -> Break:
    contexts: list[ProviderContext] = []

    async def send(real: Any, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
        contexts.append(context)
        return await real(contexts[0], compiled)

    return lambda fake, declare: (contexts.clear(), replaced("export_workout", send)(fake, declare))


async def send_and_return_a_number(real: Any, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
    await real(context, compiled)
    return Receipt({"workout_id": 7}, "7")  # type: ignore[dict-item]


async def withdraw_by_external_id(real: Any, context: ProviderContext, receipt: Receipt) -> None:
    await real(context, Receipt({"workout_id": receipt.external_id or "unknown"}))


async def update_beside(
    real: Any, context: ProviderContext, compiled: CompiledWorkout, receipt: Receipt
) -> Receipt:
    await context.http.request("PUT", "/workouts/another", json=compiled.payload)
    return receipt


async def update_on_the_old_day(
    real: Any, context: ProviderContext, compiled: CompiledWorkout, receipt: Receipt
) -> Receipt:
    old = await context.http.request("GET", f"/workouts/{receipt.external_ids['workout_id']}")
    payload = compiled.payload | {"date": old.json()["date"]}
    return await real(context, msgspec.structs.replace(compiled, payload=payload), receipt)


async def update_with_another_receipt(real: Any, *given: Any, **named: Any) -> Receipt:
    await real(*given, **named)
    return Receipt({"workout_id": "another"}, "another")


async def update_what_is_gone(
    real: Any, context: ProviderContext, compiled: CompiledWorkout, receipt: Receipt
) -> Receipt:
    try:
        return await real(context, compiled, receipt)
    except NotFound:
        return receipt


async def do_nothing(real: Any, **_: Any) -> None:
    pass


async def withdraw_what_is_there(real: Any, context: ProviderContext, receipt: Receipt) -> None:
    await context.http.request("DELETE", f"/workouts/{receipt.external_ids['workout_id']}")


async def withdraw_all(real: Any, context: ProviderContext, receipt: Receipt) -> None:
    for name in ("hub-wk-1", "hub-wk-2"):
        await real(context, Receipt({"workout_id": name}))


async def read_back_blindly(real: Any, context: ProviderContext, receipt: Receipt) -> ProviderCopy:
    return ProviderCopy(True, dict(receipt.external_ids))


async def read_minutes_for_seconds(real: Any, context: ProviderContext, receipt: Receipt) -> ProviderCopy:
    """The classic of read-back: the provider's unit is not ours."""
    copy: ProviderCopy = await real(context, receipt)
    if copy.workout is None:
        return copy
    steps = tuple(map(in_minutes, copy.workout.steps))
    return msgspec.structs.replace(copy, workout=msgspec.structs.replace(copy.workout, steps=steps))


def in_minutes(node: Node) -> Node:
    if isinstance(node, Repeat):
        return msgspec.structs.replace(node, steps=tuple(map(in_minutes, node.steps)))
    if not isinstance(node.duration, TimeDuration):
        return node
    return msgspec.structs.replace(node, duration=TimeDuration(60 * node.duration.duration_s))


def read_back_from_memory() -> Break:
    """What was read first is told for ever."""
    told: list[ProviderCopy] = []

    async def read(real: Any, context: ProviderContext, receipt: Receipt) -> ProviderCopy:
        told.append(await real(context, receipt))
        return told[0]

    return lambda fake, declare: (told.clear(), replaced("read_back_workout", read)(fake, declare))


def send_under_new_names() -> Break:
    numbers = itertools.count()

    async def send(real: Any, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
        name = f"try-{next(numbers)}"
        await context.http.request("PUT", f"/workouts/{name}", json=compiled.payload)
        return Receipt({"workout_id": name}, name)

    return replaced("export_workout", send)


async def refuse_at_502(real: Any, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
    try:
        return await real(context, compiled)
    except RetryLater as error:
        raise Rejected(error.message) from error


def turn_targets_round(real: Any, workout: Any, athlete: Any) -> CompiledWorkout:
    """A pace in seconds per kilometre is the other way round than one in metres per second: a classic."""
    compiled: CompiledWorkout = real(workout, athlete)
    for step in compiled.payload["steps"]:
        if target := step.get("target"):
            target["low"], target["high"] = target["high"], target["low"]
    return compiled


BREAKS: dict[str, Break] = {
    "export.declared": replaced("compile_workout", turn_targets_round),
    "export.arrives": replaced("export_workout", send_next_day),
    "export.two_workouts": replaced("export_workout", send_by_title),
    "export.two_athletes": send_as_the_first_one(),
    "export.receipt": replaced("export_workout", send_and_return_a_number),
    "export.receipt_is_enough": replaced("withdraw_workout", withdraw_by_external_id),
    "export.update": replaced("update_workout", update_beside),
    "export.update_moves": replaced("update_workout", update_on_the_old_day),
    "export.update_receipt": replaced("update_workout", update_with_another_receipt),
    "export.update_deleted": replaced("update_workout", update_what_is_gone),
    "export.withdraw": replaced("withdraw_workout", do_nothing),
    "export.withdraw_twice": replaced("withdraw_workout", withdraw_what_is_there),
    "export.withdraw_one": replaced("withdraw_workout", withdraw_all),
    "export.read_back": replaced("read_back_workout", read_back_blindly),
    "export.read_back_same": replaced("read_back_workout", read_minutes_for_seconds),
    "export.read_back_changed": read_back_from_memory(),
    "export.find_nothing": use_library(FindsAnything()),
    "export.find_copy": use_library(Blind()),
    "export.repeated": send_under_new_names(),
    "export.lost_answer": send_under_new_names(),
    "export.cut_answer": use_library(DecodesItself()),
    "export.never_arrived": use_library(GivesUp()),
    "export.bad_gateway": replaced("export_workout", refuse_at_502),
    "export.outcome_unknown": use_library(SaysNothing()),
    "export.checkpoints": use_library(NotesNothing()),
    "export.killed": use_library(Blind()),
    "export.withdraw_unfinished": use_library(NeedsAll()),
    "export.lost_update": use_library(AddsThenRemoves(), Operation.UPDATE),
    "export.lost_withdrawal": replaced("withdraw_workout", withdraw_what_is_there),
}


@pytest.mark.parametrize("case_id", BREAKS)
def test_the_kit_catches_it(
    case_id: str, fake: SimpleNamespace, declare: Declare, assert_caught: Any
) -> None:
    BREAKS[case_id](fake, declare)
    assert_caught(case_id)


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "export"}


@pytest.mark.parametrize("case_id", [case_id for case_id in BREAKS if "read_back" not in case_id])
def test_a_provider_that_takes_two_calls_can_keep_it(
    case_id: str, fake: SimpleNamespace, declare: Declare, check: Any
) -> None:
    use_library(Library(), Operation.UPDATE)(fake, declare)
    assert not check(case_id).evidence
