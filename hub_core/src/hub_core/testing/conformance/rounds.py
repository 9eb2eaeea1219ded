"""Exports that go wrong at each of their calls in turn, and how they have to end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from hub_core.domain.workout import PlannedWorkout
from hub_core.sandbox.faults import FaultKind
from hub_core.sandbox.journal import Entry
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ProviderError
from hub_core.sdk.exports import Receipt
from hub_core.testing.conformance.bench import Bench, kept
from hub_core.testing.conformance.case import Broken, expect
from hub_core.testing.conformance.needs import withdraws


@dataclass(frozen=True)
class Round:
    """An athlete's own export; `place` tells where it goes wrong, `method` is that of the call there."""

    bench: Bench
    user: str
    context: ProviderContext
    plan: PlannedWorkout
    place: str
    method: str = ""

    async def settle(self, *kinds: type[ProviderError]) -> None:
        """Send, and after an error of `kinds` once more as the hub does. The device must show it once."""
        receipt, outcome_unknown = None, False
        with self.bench.surviving(*kinds, during=f"the export ({self.place})"):
            try:
                receipt = await self.bench.export(self.context, self.plan)
            except ProviderError as error:
                outcome_unknown = getattr(error, "outcome_unknown", False)
                raise
        self.bench.sandbox.faults.clear()
        if receipt is None:
            with self.bench.surviving(during=f"the next try ({self.place})"):
                receipt = await self.bench.retry(self.context, self.plan, outcome_unknown=outcome_unknown)
        if receipt is None:
            raise Broken(f"{self.place}: the next try returned no receipt")
        await self.expect_one(receipt)

    async def expect_one(self, receipt: Receipt) -> None:
        """The device shows the workout once, and the receipt is for that one."""
        shown = self.bench.shown(self.user)
        expect(len(shown) == 1, f"{self.place}: after the next try the device shows it {len(shown)} times")
        if withdraws(self.bench.subject):
            await self.bench.call("withdraw_workout", context=self.context, receipt=kept(receipt))
            expect(
                not self.bench.shown(self.user), f"{self.place}: the receipt is not for what the device shows"
            )


async def struck_rounds(bench: Bench, kind: FaultKind, **fields: Any) -> AsyncIterator[Round]:
    """For each call that an export makes: a round with this fault at that call."""
    calls = await list_calls(bench)
    for index, call in enumerate(calls):
        place = f"{kind} at call {index + 1} of {len(calls)}, {call.method} {call.path}"
        new = await new_round(bench, index, place, call.method)
        bench.harness.fault(kind, skip=index, times=1, **fields)
        yield new


async def new_round(bench: Bench, number: int, place: str, method: str = "") -> Round:
    """A round of an athlete who has just connected."""
    bench.sandbox.faults.clear()
    bench.harness.checkpoints.clear()
    bench.sandbox.clock.advance(10)  # some providers allow few calls a second
    user = f"athlete-{number + 2}"
    return Round(bench, user, await bench.connect(user), bench.plan(), place, method)


async def list_calls(bench: Bench) -> list[Entry]:
    """The calls of an export in which nothing goes wrong."""
    context = await bench.connect()
    before = len(list(bench.sandbox.journal))
    await bench.export(context)
    return list(bench.sandbox.journal)[before:]
