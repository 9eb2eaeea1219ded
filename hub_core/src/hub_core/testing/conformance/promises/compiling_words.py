"""`compile_workout` loses no word in silence, and explains what it does lose."""

from __future__ import annotations

import msgspec

from hub_core.domain.fidelity import Fidelity
from hub_core.domain.sport import Sport
from hub_core.domain.workout import Metric, PlannedWorkout, Step
from hub_core.sdk.exports import CompiledWorkout
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import exports
from hub_core.testing.conformance.plans import DURATIONS, SENSIBLE, make_plan, make_target


def _features(compiled: CompiledWorkout) -> set[str]:
    return {loss.feature for _, loss in compiled.fidelity.losses()}


def _long(bench: Bench, limit: int) -> tuple[PlannedWorkout, PlannedWorkout]:
    plan = bench.plan()
    step = plan.steps[0]
    assert isinstance(step, Step)  # noqa: S101 (it is the kit's own plan)
    noted = msgspec.structs.replace(plan, steps=(msgspec.structs.replace(step, notes="n" * (limit + 1)),))
    return msgspec.structs.replace(plan, name="n" * (limit + 1)), noted


@case(
    "compile.long_name",
    Tier.BRONZE,
    reason="a vendor that refuses a long name refuses the whole workout",
    hint="cut the name at name_length and report it",
    needs=(exports,),
)
async def _long_name(bench: Bench) -> None:
    limit = bench.able.name_length
    if limit is not None:
        features = _features(bench.compile(_long(bench, limit)[0]))
        expect("name" in features, f"a name of {limit + 1} characters leaves no loss for `name`")


@case(
    "compile.long_notes",
    Tier.BRONZE,
    reason="a coach's note that is cut off in mid-sentence can say the opposite",
    hint="cut notes at notes_length and report it",
    needs=(exports,),
)
async def _long_notes(bench: Bench) -> None:
    limit = bench.able.notes_length
    if limit is not None:
        features = _features(bench.compile(_long(bench, limit)[1]))
        expect(features & {"notes", "description"}, f"notes of {limit + 1} characters leave no loss")


@case(
    "compile.losses_explained",
    Tier.BRONZE,
    reason="`degraded` alone helps nobody: a coach needs what, why, and what to do",
    hint="give each loss a reason, and what it becomes or a suggestion",
    needs=(exports,),
)
async def _losses_explained(bench: Bench) -> None:
    for metric in Metric:
        for sport in Sport:
            target = make_target(metric, "range", sport.family)
            workout = make_plan(sport, Step(DURATIONS["open"], target), date=bench.sandbox.clock.today())
            for path, loss in bench.compile(workout).fidelity.losses():
                expect(loss.reason.strip(), f"{path}: the loss of {loss.feature} has no reason")
                helps = loss.becomes.strip() or loss.suggestion.strip()
                expect(helps, f"{path}: the loss of {loss.feature} says no more than that")


@case(
    "compile.exact_is_sent",
    Tier.BRONZE,
    reason="what the report calls exact and the payload doesn't hold is lost in silence",
    hint="put every part that you report as exact into the payload",
    needs=(exports,),
)
async def _exact_is_sent(bench: Bench) -> None:
    plan = bench.plan()
    base = bench.compile(plan)
    (step,) = plan.steps
    assert isinstance(step, Step)  # noqa: S101 (it is the kit's own plan)
    variants = {
        "the name": msgspec.structs.replace(plan, name="Other name"),
        "the description": msgspec.structs.replace(plan, description="Other words"),
        "a step's notes": _with_step(plan, msgspec.structs.replace(step, notes="Other words")),
        "a step's duration": _with_step(plan, _longer(step)),
        "a second step": msgspec.structs.replace(plan, steps=(step, step)),
    }
    for metric in sorted(bench.able.targets):
        target = make_target(metric, "range", plan.sport.family)
        if target is not None and plan.sport.family in SENSIBLE[metric]:
            variants[f"a target for {metric}"] = _with_step(
                plan, msgspec.structs.replace(step, target=target)
            )
    for what, variant in variants.items():
        compiled = bench.compile(variant)
        told = compiled.fidelity != base.fidelity and compiled.fidelity.level is not Fidelity.EXACT
        if variant == plan or told:
            continue
        expect(compiled.payload != base.payload, f"{what} changes nothing in the payload, and isn't reported")


@case(
    "compile.text",
    Tier.BRONZE,
    reason="names have accents, emoji, quotes and angle brackets",
    hint="build payloads as data, never by pasting text together",
    needs=(exports,),
)
async def _text(bench: Bench) -> None:
    name = 'Été 🏃 "5×1\'" <b>&</b> \\'
    payload = msgspec.json.encode(bench.compile(bench.plan(name=name)).payload).decode()
    expect("🏃" in payload and "Été" in payload, "a name with accents and emoji doesn't reach the payload")


def _with_step(plan: PlannedWorkout, step: Step) -> PlannedWorkout:
    return msgspec.structs.replace(plan, steps=(step,))


def _longer(step: Step) -> Step:
    field = {"time": "duration_s", "distance": "distance_m"}.get(str(step.duration.__struct_config__.tag))
    if field is None:
        return step
    longer = msgspec.structs.replace(step.duration, **{field: getattr(step.duration, field) * 2})
    return msgspec.structs.replace(step, duration=longer)
