"""A workout arrives as planned, and can be changed, looked up and taken back."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.workout import PlannedWorkout
from hub_core.sandbox.sandbox import DEFAULT_USER
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import NotFound, ProviderError
from hub_core.sdk.exports import ProviderCopy, Receipt
from hub_core.testing.conformance.bench import Bench, changed, kept
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import (
    can_repeat_create,
    exports,
    finds,
    reads_back,
    updates,
    withdraws,
)

_OTHER = "athlete-2"


def _expect_shown(bench: Bench, plan: PlannedWorkout, after: str, user: str = DEFAULT_USER) -> None:
    """The device shows this workout and no other."""
    shown = bench.shown(user)
    expect(len(shown) == 1, f"{after} the device shows {len(shown)} workouts")
    title = plan.name[: bench.able.name_length]
    expect(title in shown[0].title, f"{after} the device shows {shown[0].title!r} and not {title!r}")
    expect(shown[0].date == plan.date, f"{after} it stands on {shown[0].date} and not on {plan.date}")


async def _update(bench: Bench, context: ProviderContext, plan: PlannedWorkout, receipt: Receipt) -> Receipt:
    compiled, old = bench.compile(plan), kept(receipt)
    new: Receipt = await bench.call("update_workout", context=context, compiled=compiled, receipt=old)
    return new


async def _withdraw(bench: Bench, context: ProviderContext, receipt: Receipt) -> None:
    await bench.call("withdraw_workout", context=context, receipt=kept(receipt))


async def _read_back(bench: Bench, context: ProviderContext, receipt: Receipt) -> ProviderCopy:
    copy: ProviderCopy = await bench.call("read_back_workout", context=context, receipt=kept(receipt))
    return copy


async def _find(bench: Bench, context: ProviderContext) -> Receipt | None:
    """A look-up after a lost answer."""
    found: Receipt | None = await bench.call(
        "find_workout", context=changed(context, outcome_unknown=True), compiled=bench.compile(bench.plan())
    )
    return found


# -- it arrives -------------------------------------------------------------------------------------------


@case(
    "export.arrives",
    Tier.BRONZE,
    reason="an answer of 200 is no proof: athletes look at their device",
    hint="do all that the provider needs to show it (a library is not yet a calendar), and let the sandbox "
    "show no more than a real device does",
    needs=(exports,),
)
async def _arrives(bench: Bench) -> None:
    plan = bench.plan()
    await bench.export(await bench.connect(), plan)
    _expect_shown(bench, plan, "after the export")
    expect(bench.shown()[0].lines, "the device shows a workout without steps")


@case(
    "export.two_workouts",
    Tier.BRONZE,
    reason="two workouts of one day, or the same one twice a week, must not overwrite each other",
    hint="tell workouts apart by context.reference, not by name or date",
    needs=(exports,),
)
async def _two_workouts(bench: Bench) -> None:
    context = await bench.connect()
    first = await bench.export(context)
    second = await bench.export(changed(context, reference="hub-wk-2"))
    shown = len(bench.shown())
    expect(shown == 2, f"of two workouts with the same content and date the device shows {shown}")
    expect(kept(first) != kept(second), f"both have the receipt {first.external_ids}")


@case(
    "export.two_athletes",
    Tier.BRONZE,
    reason="one athlete's plan on another's watch is a breach of privacy",
    hint="use the token of the context that the hook is given, and keep nothing between calls",
    needs=(exports,),
)
async def _two_athletes(bench: Bench) -> None:
    context, other = await bench.connect(), await bench.connect(_OTHER)
    plan, others = bench.plan(), bench.plan(name="Kit other")
    receipt = await bench.export(context, plan)
    expect(not bench.shown(_OTHER), "the device of another athlete shows it")
    await bench.export(changed(other, reference="hub-wk-2"), others)
    _expect_shown(bench, plan, "after an export of each of two athletes")
    _expect_shown(bench, others, "after an export of each of two athletes", _OTHER)
    if withdraws(bench.subject):
        with bench.surviving(ProviderError, during="withdrawing another athlete's workout"):
            await _withdraw(bench, other, receipt)
        _expect_shown(bench, plan, "after another athlete withdrew it")


@case(
    "export.receipt",
    Tier.BRONZE,
    reason="the ids are all that the hub knows of a workout once it is sent",
    hint="return Receipt({name: id}, external_id): ids as text, and the one that people would look for",
    needs=(exports,),
)
async def _receipt(bench: Bench) -> None:
    receipt = await bench.export(await bench.connect())
    expect(isinstance(receipt, Receipt), f"export_workout returned {type(receipt).__name__}")
    expect(receipt.external_id and isinstance(receipt.external_id, str), "external_id is empty or no text")
    expect(receipt.external_ids, "external_ids is empty")
    for name, value in receipt.external_ids.items():
        is_text = isinstance(name, str) and isinstance(value, str)
        expect(is_text and value, f"external_ids has {name!r}: {value!r}")


@case(
    "export.receipt_is_enough",
    Tier.SILVER,
    reason="another process, weeks later, has nothing but the ids that were stored",
    hint="put every id that a later call needs into external_ids; keep nothing in the module",
    needs=(exports, withdraws),
)
async def _receipt_is_enough(bench: Bench) -> None:
    context = await bench.connect()
    receipt = await bench.export(context)
    later = bench.harness.context(context.tokens, provider_user_id=context.provider_user_id)
    await _withdraw(bench, later, receipt)
    expect(not bench.shown(), "withdrawn by the ids alone it still stands on the device")


# -- it changes -------------------------------------------------------------------------------------------


@case(
    "export.update",
    Tier.BRONZE,
    reason="a coach's change that leaves the old workout beside the new one is done twice",
    hint="replace what the receipt names, all of it: name and steps",
    needs=(exports, updates),
)
async def _update_replaces(bench: Bench) -> None:
    context, plan = await bench.connect(), bench.plan()
    receipt = await bench.export(context, plan)
    before = bench.shown()[0].lines
    newer = bench.plan(name="Kit changed", steps=plan.steps * 2)
    await _update(bench, context, newer, receipt)
    _expect_shown(bench, newer, "after the update")
    expect(bench.shown()[0].lines != before, f"the steps are still the old ones: {before}")


@case(
    "export.update_moves",
    Tier.SILVER,
    reason="a workout that stays on its old day is missed",
    hint="send the date in the update as well, wherever the provider keeps it",
    needs=(exports, updates),
)
async def _update_moves(bench: Bench) -> None:
    context, plan = await bench.connect(), bench.plan()
    receipt = await bench.export(context, plan)
    sees_tomorrow = bench.able.horizon_days is None or bench.able.horizon_days > 0
    if sees_tomorrow and plan.date is not None:
        moved = bench.plan(date=plan.date + dt.timedelta(days=1))
        await _update(bench, context, moved, receipt)
        _expect_shown(bench, moved, "after the move to the next day")


@case(
    "export.update_receipt",
    Tier.SILVER,
    reason="a receipt that is wrong after an update leaves a copy that nobody can remove",
    hint="return from update_workout the ids of what is there now",
    needs=(exports, updates, withdraws),
)
async def _update_receipt(bench: Bench) -> None:
    context = await bench.connect()
    receipt = await bench.export(context)
    receipt = await _update(bench, context, bench.plan(name="Kit changed"), receipt)
    await _withdraw(bench, context, receipt)
    expect(not bench.shown(), "withdrawn by the receipt of its update it still stands on the device")


@case(
    "export.update_deleted",
    Tier.SILVER,
    reason="athletes delete workouts at the provider; the next edit then fails for ever, or vanishes",
    hint="raise NotFound (the hub sends it anew), or make it anew and return its receipt",
    needs=(exports, updates, withdraws),
)
async def _update_deleted(bench: Bench) -> None:
    context = await bench.connect()
    receipt = await bench.export(context)
    await _withdraw(bench, context, receipt)
    newer, again = bench.plan(name="Kit changed"), None
    with bench.surviving(NotFound, during="the update of what was deleted at the provider"):
        again = await _update(bench, context, newer, receipt)
    if again is None:
        again = await bench.export(context, newer)
    _expect_shown(bench, newer, "after the update of what was deleted")
    await _withdraw(bench, context, again)
    expect(not bench.shown(), "the receipt of the new copy does not lead to it")


# -- it is taken back -------------------------------------------------------------------------------------


@case(
    "export.withdraw",
    Tier.BRONZE,
    reason="a cancelled workout that stays on the watch is done by the conscientious",
    hint="remove everything that the receipt names",
    needs=(exports, withdraws),
)
async def _withdraw_removes(bench: Bench) -> None:
    context = await bench.connect()
    await _withdraw(bench, context, await bench.export(context))
    expect(not bench.shown(), "it still stands on the device")


@case(
    "export.withdraw_twice",
    Tier.BRONZE,
    reason="what the athlete has deleted, or a lost answer has removed, is gone: that is no failure",
    hint="let 404 and 410 pass in withdraw_workout",
    needs=(exports, withdraws),
)
async def _withdraw_twice(bench: Bench) -> None:
    context = await bench.connect()
    receipt = await bench.export(context)
    await _withdraw(bench, context, receipt)
    with bench.surviving(during="withdrawing what is gone"):
        await _withdraw(bench, context, receipt)


@case(
    "export.withdraw_one",
    Tier.BRONZE,
    reason="whoever deletes by name or day deletes too much",
    hint="delete by the ids of the receipt",
    needs=(exports, withdraws),
)
async def _withdraw_one(bench: Bench) -> None:
    context = await bench.connect()
    first = await bench.export(context)
    await bench.export(changed(context, reference="hub-wk-2"))
    await _withdraw(bench, context, first)
    shown = len(bench.shown())
    expect(shown == 1, f"of two equal workouts one was withdrawn, and the device shows {shown}")


# -- it is looked up --------------------------------------------------------------------------------------


@case(
    "export.read_back",
    Tier.BRONZE,
    reason="the hub must see whether the provider still has what it was sent",
    hint="return ProviderCopy(True, what it holds), and ProviderCopy(False) for a 404",
    needs=(exports, reads_back),
)
async def _read_back_tells(bench: Bench) -> None:
    context = await bench.connect()
    receipt = await bench.export(context)
    copy = await _read_back(bench, context, receipt)
    expect(copy.exists, "read_back_workout says that it is gone, and the device shows it")
    expect(copy.payload, "read_back_workout tells nothing of what the provider holds")
    msgspec.json.encode(copy.payload)  # plain JSON data, for people want to see it
    if withdraws(bench.subject):
        await _withdraw(bench, context, receipt)
        with bench.surviving(during="reading back what is gone"):
            copy = await _read_back(bench, context, receipt)
        expect(not copy.exists, "read_back_workout says that it exists, and it was withdrawn")


@case(
    "export.find_nothing",
    Tier.SILVER,
    reason="a look-up that finds what isn't there leaves the athlete without a workout",
    hint="return None when no copy carries our reference",
    needs=(can_repeat_create, finds),
)
async def _find_nothing(bench: Bench) -> None:
    context = await bench.connect()
    expect(await _find(bench, context) is None, "find_workout found something before anything was sent")
    await bench.export(context)
    found = await _find(bench, changed(context, reference="hub-wk-2"))
    expect(found is None, "find_workout found another workout of the day")


@case(
    "export.find_copy",
    Tier.SILVER,
    reason="a copy that isn't found after a lost answer is sent a second time",
    hint="look for context.reference or context.progress, on every page, and return the whole receipt",
    needs=(exports, finds),
)
async def _find_copy(bench: Bench) -> None:
    context = await bench.connect()
    sent = await bench.export(context)
    found = await _find(bench, bench.harness.again(context))
    expect(found is not None, "find_workout found nothing, and the device shows it")
    if found is not None:
        same = found.external_id == sent.external_id
        expect(same, f"find_workout found {found.external_id}, and {sent.external_id} was sent")
    if found is not None and updates(bench.subject):
        newer = bench.plan(name="Kit changed")
        await _update(bench, context, newer, found)
        _expect_shown(bench, newer, "after an update of what was found")
