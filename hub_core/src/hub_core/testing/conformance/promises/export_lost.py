"""Whatever happens to an answer, the athlete ends up with one copy."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from hub_core.sandbox.faults import FaultKind
from hub_core.sdk.context import Checkpoint
from hub_core.sdk.errors import NotFound, RetryLater
from hub_core.sdk.exports import Receipt
from hub_core.sdk.manifest import CreateSemantics
from hub_core.testing.conformance.bench import Bench, Subject, changed, kept
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import can_repeat_create, exports, updates, withdraws
from hub_core.testing.conformance.rounds import list_calls, new_round, struck_rounds

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class _Killed(BaseException):
    """The process dies: nothing in a plugin may catch it."""


def _dying(note: Checkpoint, index: int, *, is_noted: bool) -> Checkpoint:
    """A checkpoint at whose call number `index` the process dies, before or after it is noted."""
    numbers = itertools.count()

    async def checkpoint(ids: Mapping[str, str]) -> None:
        dies = next(numbers) == index
        if not dies or is_noted:
            await note(ids)
        if dies:
            raise _Killed

    return checkpoint


def _is_no_upsert(subject: Subject) -> bool:
    """Plugins at whose provider a create that is merely repeated makes a second copy."""
    return subject.able.create is not CreateSemantics.UPSERT


@case(
    "export.repeated",
    Tier.SILVER,
    reason="the hub may die between the provider's answer and its own note of it, and then tries again",
    hint="on the next try look for context.reference and context.progress before anything is created",
    needs=(can_repeat_create,),
)
async def _repeated(bench: Bench) -> None:
    new = await new_round(bench, 0, "sent again after a success that nobody noted")
    await bench.export(new.context, new.plan)
    await new.expect_one(await bench.retry(new.context, new.plan, outcome_unknown=True))


@case(
    "export.lost_answer",
    Tier.SILVER,
    reason="networks drop answers: the workout is there, and a plain retry makes a second one",
    hint="let RetryLater(outcome_unknown=True) of context.http through, and look before you create again",
    needs=(can_repeat_create,),
)
async def _lost_answer(bench: Bench) -> None:
    async for new in struck_rounds(bench, FaultKind.DROP_AFTER):
        await new.settle(RetryLater)


@case(
    "export.cut_answer",
    Tier.SILVER,
    reason="a proxy cuts an answer in half: the workout is there, and its id is not known",
    hint="decode by context.http.decode, whose RetryLater says that the outcome is unknown",
    needs=(can_repeat_create,),
)
async def _cut_answer(bench: Bench) -> None:
    async for new in struck_rounds(bench, FaultKind.MALFORMED):
        await new.settle(RetryLater)


@case(
    "export.never_arrived",
    Tier.SILVER,
    reason="a request that never arrived must be sent again, although nobody can tell that it didn't",
    hint="when nothing is found after an unknown outcome, create it",
    needs=(can_repeat_create,),
)
async def _never_arrived(bench: Bench) -> None:
    async for new in struck_rounds(bench, FaultKind.DROP_BEFORE):
        await new.settle(RetryLater)


@case(
    "export.bad_gateway",
    Tier.SILVER,
    reason="a 502 says nothing about what happened behind the gateway",
    hint="let the RetryLater of context.http through; go on from context.progress on the next try",
    needs=(can_repeat_create,),
)
async def _bad_gateway(bench: Bench) -> None:
    async for new in struck_rounds(bench, FaultKind.STATUS, value=502):
        await new.settle(RetryLater)


@case(
    "export.outcome_unknown",
    Tier.SILVER,
    reason="the hub looks before it sends again only if it is told that something may have arrived",
    hint="raise RetryLater(..., outcome_unknown=True) when the answer to a creating call is lost",
    needs=(exports, _is_no_upsert),
)
async def _outcome_unknown(bench: Bench) -> None:
    async for new in struck_rounds(bench, FaultKind.DROP_AFTER):
        if new.method == "POST":
            sending = bench.export(new.context, new.plan)
            error = await bench.failing(sending, RetryLater, during=f"the export ({new.place})")
            told = isinstance(error, RetryLater) and error.outcome_unknown
            expect(told, f"{new.place}: the error does not say that the outcome is unknown")


@case(
    "export.checkpoints",
    Tier.SILVER,
    reason="what was created and not noted is created again, and the first copy stays for ever",
    hint="await context.checkpoint(ids) after each call that has created something",
    needs=(exports, _is_no_upsert),
)
async def _checkpoints(bench: Bench) -> None:
    journal = bench.sandbox.journal
    noted: list[int] = []

    async def note(ids: Mapping[str, str]) -> None:
        noted.append(len(list(journal)))
        for name, value in ids.items():
            expect(isinstance(value, str) and value, f"checkpoint was given {name!r}: {value!r}")

    context = await bench.connect()
    before = len(list(journal))
    await bench.export(changed(context, checkpoint=note))
    entries = list(journal)
    calls = [at for at in range(before, len(entries)) if entries[at].method not in _READING]
    for at, following in itertools.pairwise(calls):
        done = entries[at].method == "POST" and entries[at].status < 300
        place = f"{entries[at].method} {entries[at].path}"
        in_time = any(at < count <= following for count in noted)
        expect(in_time or not done, f"there is no checkpoint between {place} and the next call that writes")


@case(
    "export.killed",
    Tier.SILVER,
    reason="processes are killed in the middle of an export at every deployment",
    hint="go on from context.progress, and look for what was created after the last checkpoint",
    needs=(can_repeat_create,),
)
async def _killed(bench: Bench) -> None:
    await list_calls(bench)
    count = len(bench.harness.checkpoints)
    for number in range(2 * count):
        index, is_noted = number // 2, number % 2 == 1
        place = f"killed {'after' if is_noted else 'before'} checkpoint {index + 1} of {count} is noted"
        new = await new_round(bench, number, place)
        dying = _dying(new.context.checkpoint, index, is_noted=is_noted)
        try:
            await bench.export(changed(new.context, checkpoint=dying), new.plan)
        except _Killed:
            await new.expect_one(await bench.retry(new.context, new.plan, outcome_unknown=True))


@case(
    "export.withdraw_unfinished",
    Tier.SILVER,
    reason="an edit or a deletion can overtake an export that is half done: the half must go",
    hint="let withdraw_workout take a receipt that has only the ids of a checkpoint",
    needs=(exports, withdraws),
)
async def _withdraw_unfinished(bench: Bench) -> None:
    async for new in struck_rounds(bench, FaultKind.RATE_LIMIT):
        with bench.surviving(RetryLater, during=f"the export ({new.place})"):
            await bench.export(new.context, new.plan)
        bench.sandbox.faults.clear()
        if not bench.harness.checkpoints:
            continue
        half = Receipt(dict(bench.harness.checkpoints[-1]))
        with bench.surviving(during=f"withdrawing what was done so far ({new.place})"):
            await bench.call("withdraw_workout", context=new.context, receipt=half)
        expect(not bench.shown(new.user), f"{new.place}: what was done so far still stands on the device")
        await new.expect_one(await bench.export(new.context, new.plan))


@case(
    "export.lost_update",
    Tier.SILVER,
    reason="an update whose answer is lost is sent again, and must not become a second workout",
    hint="replace by id; what the update itself has to create, look up first",
    needs=(can_repeat_create, updates),
)
async def _lost_update(bench: Bench) -> None:
    context = await bench.connect()
    receipt = kept(await bench.export(context))
    newer = bench.plan(name="Kit changed")
    compiled = bench.compile(newer)
    before = len(list(bench.sandbox.journal))
    await bench.call("update_workout", context=context, compiled=compiled, receipt=receipt)
    for index in range(len(list(bench.sandbox.journal)) - before):
        new = await new_round(bench, index, f"answer {index + 1} of an update is lost")
        receipt = kept(await bench.export(new.context, new.plan))
        bench.harness.fault(FaultKind.DROP_AFTER, skip=index, times=1)
        with bench.surviving(RetryLater, during=f"the update ({new.place})"):
            await bench.call("update_workout", context=new.context, compiled=compiled, receipt=receipt)
        bench.sandbox.faults.clear()
        with bench.surviving(NotFound, during=f"the next try ({new.place})"):
            receipt = await bench.call(
                "update_workout", context=new.context, compiled=compiled, receipt=receipt
            )
        titles = [workout.title for workout in bench.shown(new.user)]
        expect(len(titles) == 1, f"{new.place}: the next try makes the device show {titles}")
        changed_name = newer.name[: bench.able.name_length]
        expect(changed_name in titles[0], f"{new.place}: the next try leaves {titles[0]!r}")
        await new.expect_one(receipt)


@case(
    "export.lost_withdrawal",
    Tier.SILVER,
    reason="a withdrawal whose answer is lost is sent again, and then finds nothing",
    hint="let 404 and 410 pass in every call of withdraw_workout",
    needs=(exports, withdraws),
)
async def _lost_withdrawal(bench: Bench) -> None:
    context = await bench.connect()
    receipt = kept(await bench.export(context))
    before = len(list(bench.sandbox.journal))
    await bench.call("withdraw_workout", context=context, receipt=receipt)
    for index in range(len(list(bench.sandbox.journal)) - before):
        new = await new_round(bench, index, f"answer {index + 1} of a withdrawal is lost")
        receipt = kept(await bench.export(new.context, new.plan))
        bench.harness.fault(FaultKind.DROP_AFTER, skip=index, times=1)
        with bench.surviving(RetryLater, during=f"the withdrawal ({new.place})"):
            await bench.call("withdraw_workout", context=new.context, receipt=receipt)
        bench.sandbox.faults.clear()
        with bench.surviving(during=f"the next try ({new.place})"):
            await bench.call("withdraw_workout", context=new.context, receipt=receipt)
        expect(not bench.shown(new.user), f"{new.place}: it still stands on the device")
