"""What the manifest declares is not only compiled: the provider takes it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

import msgspec

from hub_core.domain.fidelity import Fidelity
from hub_core.domain.sport import SportFamily
from hub_core.domain.workout import Metric, PlannedWorkout, RangeTarget, Step
from hub_core.sandbox.sandbox import DEFAULT_USER
from hub_core.sdk.errors import ProviderError
from hub_core.testing.conformance.bench import Bench, changed
from hub_core.testing.conformance.case import Broken, Tier, case, expect
from hub_core.testing.conformance.needs import exports
from hub_core.testing.conformance.plans import (
    DURATIONS,
    make_plan,
    make_target,
    nested,
    plain_duration,
    sensible_sports,
    target_plans,
    with_cadence,
)

#: Between two exports on the provider's clock: some count calls by the second.
_PAUSE_S = 10


def declared_plans(bench: Bench) -> Iterator[tuple[str, PlannedWorkout]]:
    """A workout for each thing that the manifest says, and which thing that is.

    All for tomorrow: the provider's clock goes on between them, and may pass midnight.
    """
    able, day = bench.able, bench.sandbox.clock.today() + dt.timedelta(days=1)
    for sport in sorted(able.sports):
        for kind in sorted(able.durations):
            yield f"{sport} by {kind}", make_plan(sport, Step(DURATIONS[kind]), date=day)
    for metric, forms in sorted(able.targets.items()):
        for form in sorted(forms):
            for plan in target_plans(able, metric, form, day):
                yield f"{metric} as {form} in {plan.sport}", plan
        for sport in sensible_sports(able, metric) if able.ramps else ():
            target = make_target(metric, "range", sport.family)
            if isinstance(target, RangeTarget):
                ramp = msgspec.structs.replace(target, ramp="up")
                plan = make_plan(sport, Step(plain_duration(able), ramp), date=day)
                yield f"a ramp of {metric} in {sport}", plan
    for depth in range(1, min(able.max_repeat_depth, 3) + 1):
        yield f"repeats {depth} deep", nested(able, depth, day)
    # A cadence is for cycling: `validate` refuses it elsewhere, and no plugin gets to see it (row A6).
    for sport in sensible_sports(able, Metric.CADENCE) if able.secondary_cadence else ():
        if sport.family is SportFamily.CYCLING:
            yield f"cadence in {sport}", with_cadence(able, sport, day)


@case(
    "export.declared",
    Tier.BRONZE,
    reason="a form that the provider refuses is found out by the first coach who uses it",
    hint="make a strict sandbox from the provider's documentation, and send what it takes",
    needs=(exports,),
)
async def _sends_what_it_declares(bench: Bench) -> None:
    user, room = DEFAULT_USER, bench.able.max_scheduled or math.inf
    context = await bench.connect()
    for index, (feature, plan) in enumerate(declared_plans(bench)):
        plan = msgspec.structs.replace(plan, name=f"Kit {index}")
        if bench.compile(plan).fidelity.level is Fidelity.UNSUPPORTED:
            continue  # the hub sends no such thing, and the compile group asks whether it should
        bench.sandbox.clock.advance(_PAUSE_S)
        if len(bench.shown(user)) >= room:
            user = f"kit-athlete-{index}"
            context = await bench.connect(user)
        try:
            await bench.export(changed(context, reference=f"hub-kit-{index}"), plan)
        except ProviderError as error:
            raise Broken(f"{feature} is declared, and sending it raised {error}") from error
        titles = [workout.title for workout in bench.shown(user)]
        expect(any(plan.name in title for title in titles), f"{feature} is sent, and no device shows it")
