"""What a plugin reads back is what the provider holds: the same when it is, and another when it is not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec

from hub_core.domain.compare import compare_steps
from hub_core.domain.fidelity import Fidelity
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    DistanceDuration,
    Duration,
    Metric,
    Node,
    PlannedWorkout,
    RangeTarget,
    Repeat,
    Step,
    TimeDuration,
)
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.exports import CompiledWorkout, Receipt
from hub_core.testing.conformance.bench import Bench, changed, kept
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import exports, reads_back, tells_meant, updates
from hub_core.testing.conformance.plans import make_plan, plain_duration, sensible_sports
from hub_core.testing.conformance.promises.export_declared import declared_plans

#: Between two exports on the provider's clock: some count calls by the second.
_PAUSE_S = 10
#: Declared things in one workout, where its steps are not counted too closely.
_AT_ONCE, _ROOM = 8, 50


def _plans(bench: Bench) -> Iterator[PlannedWorkout]:
    """All that is declared, several things of a sport in one workout."""
    by_sport: dict[Sport, list[Node]] = {}
    for _, plan in declared_plans(bench):
        if bench.compile(plan).fidelity.level is not Fidelity.UNSUPPORTED:
            by_sport.setdefault(plan.sport, []).extend(plan.steps)
    size = _AT_ONCE if (bench.able.max_steps or _ROOM) >= _ROOM else 1
    for sport, nodes in by_sport.items():
        for steps in itertools.batched(nodes, size):
            yield make_plan(sport, *steps, date=bench.sandbox.clock.today())


async def _held(bench: Bench, context: ProviderContext, receipt: Receipt) -> tuple[Node, ...]:
    """The steps that the plugin reads back."""
    copy = await bench.call("read_back_workout", context=context, receipt=kept(receipt))
    expect(copy.exists, "read_back_workout says that it is gone, and it was just sent")
    expect(copy.workout is not None, "compile_workout tells `meant`, and read_back_workout no `workout`")
    steps: tuple[Node, ...] = copy.workout.steps
    return steps


@case(
    "export.read_back_same",
    Tier.SILVER,
    reason="a look that finds differences where there are none makes people send, and look, again and again",
    hint="translate every word that you send back into ours, and say in `meant` what you round or leave out",
    needs=(exports, reads_back, tells_meant),
)
async def _same(bench: Bench) -> None:
    context = await bench.connect()
    for index, plan in enumerate(_plans(bench)):
        compiled = bench.compile(plan)
        expect(compiled.meant is not None, f"for {plan.sport} compile_workout doesn't tell what is meant")
        bench.sandbox.clock.advance(_PAUSE_S)
        here = changed(context, reference=f"hub-kit-{index}")
        held = await _held(bench, here, await bench.export(here, plan))
        differences = compare_steps(compiled.meant or (), held, plan.sport)
        words = "; ".join(one.words() for one in differences[:3])
        expect(not differences, f"nothing was changed in {plan.sport}, and yet {words}")


def _longer(duration: Duration) -> Duration:
    match duration:
        case TimeDuration(duration_s=seconds):
            return TimeDuration(2 * seconds)
        case DistanceDuration(distance_m=metres):
            return DistanceDuration(2 * metres)
    return duration


def _changes(bench: Bench) -> tuple[PlannedWorkout, dict[str, PlannedWorkout]]:
    """A workout, and others that differ from it in one thing each."""
    able, today = bench.able, bench.sandbox.clock.today()
    aim = next(
        (
            metric
            for metric in Metric
            if "range" in able.targets.get(metric, ()) and sensible_sports(able, metric)
        ),
        None,
    )
    sport = sensible_sports(able, aim)[0] if aim else bench.plan().sport
    target = RangeTarget(aim, *_BOUNDS[aim]) if aim else None
    first, second = Step(plain_duration(able), target), Step(_longer(plain_duration(able)))
    whole = make_plan(sport, first, second, date=today)
    others: dict[str, tuple[Node, ...]] = {
        "a step that is twice as long": (msgspec.structs.replace(first, duration=second.duration), second),
        "a step that is missing": (first,),
        "a step too much": (first, second, first),
        "the steps the other way round": (second, first),
    }
    if target:
        higher = msgspec.structs.replace(target, low=target.high, high=target.high * 1.1)
        others["a higher target"] = (msgspec.structs.replace(first, target=higher), second)
        wider = msgspec.structs.replace(target, high=target.high * 1.1)
        others["a target that reaches higher"] = (msgspec.structs.replace(first, target=wider), second)
        others["a step without its target"] = (msgspec.structs.replace(first, target=None), second)
    if able.max_repeat_depth:
        others["all of it twice over"] = (Repeat(2, (first, second)),)
    return whole, {name: msgspec.structs.replace(whole, steps=steps) for name, steps in others.items()}


#: In the unit of the metric, where a tenth more is still plausible.
_BOUNDS = {
    Metric.POWER: (200, 220),
    Metric.HEART_RATE: (120, 130),
    Metric.PACE: (1.0, 1.2),
    Metric.SPEED: (3.2, 3.6),
    Metric.CADENCE: (80, 90),
    Metric.RPE: (4, 5),
}


async def _put(bench: Bench, context: ProviderContext, compiled: CompiledWorkout, before: Receipt) -> Receipt:
    """Another workout in the place of the one that was sent."""
    if not updates(bench.subject):
        other: Receipt = await bench.call("export_workout", context=context, compiled=compiled)
        return other
    new: Receipt = await bench.call(
        "update_workout", context=context, compiled=compiled, receipt=kept(before)
    )
    return new


@case(
    "export.read_back_changed",
    Tier.SILVER,
    reason="a provider that changes a workout says nothing; athletes find out on the road",
    hint="translate what the provider answers now, every step of it, and remember nothing of what was sent",
    needs=(exports, reads_back, tells_meant),
)
async def _changed(bench: Bench) -> None:
    context = await bench.connect()
    whole, others = _changes(bench)
    compiled = bench.compile(whole)
    receipt = await bench.export(context, whole)
    await _held(bench, context, receipt)
    for index, (change, other) in enumerate(others.items()):
        sent = bench.compile(other)
        if sent.payload == compiled.payload:
            continue  # the provider has no words for the difference, as the report says
        bench.sandbox.clock.advance(_PAUSE_S)
        here = context if updates(bench.subject) else changed(context, reference=f"hub-kit-{index}")
        receipt = await _put(bench, here, sent, receipt)
        held = await _held(bench, here, receipt)
        differences = compare_steps(compiled.meant or (), held, whole.sport)
        expect(differences, f"the provider holds {change}, and what is read back is as it was sent")
