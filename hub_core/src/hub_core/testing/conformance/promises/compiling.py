"""`compile_workout` says before anything is sent what will survive, and is right."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.fidelity import Fidelity, worst
from hub_core.domain.outline import PlacedRepeat, place_steps, walk
from hub_core.domain.sport import Sport
from hub_core.domain.workout import Metric, RangeTarget, Step
from hub_core.sdk.exports import CompiledWorkout
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import exports
from hub_core.testing.conformance.plans import (
    DURATIONS,
    FORMS,
    SENSIBLE,
    main_sport,
    make_plan,
    make_target,
    nested,
    plain_duration,
    sensible_sports,
    target_plans,
    with_cadence,
)


def _today(bench: Bench) -> dt.date:
    return bench.sandbox.clock.today()


def _step_level(compiled: CompiledWorkout) -> Fidelity:
    return compiled.fidelity.steps[0].level


@case(
    "compile.pure",
    Tier.BRONZE,
    reason="the preflight shows one compile and the export sends another: both must be the same",
    hint="no clock, randomness or I/O in compile_workout; what depends on the moment goes into the export",
    needs=(exports,),
)
async def _pure(bench: Bench) -> None:
    workout = bench.plan()
    first, second = bench.compile(workout), bench.compile(workout)
    expect(first == second, "two compiles of one workout differ")
    msgspec.json.encode(first.payload)  # plain JSON data, for the hub keeps it


@case(
    "compile.date",
    Tier.BRONZE,
    reason="a workout on the wrong day is worse than none",
    hint="pass workout.date, workout.time and athlete.time_zone on as they are",
    needs=(exports,),
)
async def _date(bench: Bench) -> None:
    workout = bench.plan()
    compiled = bench.compile(workout, Athlete(time_zone="Pacific/Kiritimati"))
    expect(compiled.date == workout.date, f"the date became {compiled.date} from {workout.date}")
    expect(compiled.time_zone == "Pacific/Kiritimati", f"the zone became {compiled.time_zone}")


@case(
    "compile.report",
    Tier.BRONZE,
    reason="a step without a line in the report is a step about which nobody was told",
    hint="give each step and repeat a line, named by its path as place_steps tells it",
    needs=(exports,),
)
async def _report(bench: Bench) -> None:
    workout = nested(bench.able, 2, _today(bench))
    report = bench.compile(workout).fidelity
    wanted = [node.path for node in walk(place_steps(workout.steps))]
    told = [line.path for line in report.steps]
    expect(told == wanted, f"the report has lines for {told}, the workout has {wanted}")
    expect(report.provider == bench.manifest.name, f"the report names {report.provider!r}")


@case(
    "compile.level",
    Tier.BRONZE,
    reason="the policy of an athlete or platform looks at the level alone",
    hint="a line's level is the worst of its losses, the report's the worst of all: use worst()",
    needs=(exports,),
)
async def _level(bench: Bench) -> None:
    for sport in Sport:
        for metric in Metric:
            target = make_target(metric, "range", sport.family)
            workout = make_plan(sport, Step(plain_duration(bench.able), target), date=_today(bench))
            report = bench.compile(workout).fidelity
            for line in report.steps:
                level = worst([loss.level for loss in line.losses])
                expect(line.level is level, f"{line.path} is {line.level}, its losses are {level}")
            level = worst([*(line.level for line in report.steps), *(one.level for one in report.workout)])
            expect(report.level is level, f"the report is {report.level}, its parts are {level}")


@case(
    "compile.sports",
    Tier.BRONZE,
    reason="a declared sport that doesn't arrive is a promise broken on race week",
    hint="carry every declared sport, or take it out of the manifest",
    needs=(exports,),
)
async def _sports(bench: Bench) -> None:
    for sport in sorted(bench.able.sports):
        compiled = bench.compile(make_plan(sport, Step(plain_duration(bench.able)), date=_today(bench)))
        level = compiled.fidelity.level
        expect(level is not Fidelity.UNSUPPORTED, f"{sport} is declared, and comes out as {level}")


@case(
    "compile.other_sports",
    Tier.BRONZE,
    reason="a swim that is sent as a run is done as a run",
    hint="report the sport as unsupported for the whole workout; never raise, never pick another in silence",
    needs=(exports,),
)
async def _other_sports(bench: Bench) -> None:
    for sport in sorted(set(Sport) - bench.able.sports):
        plan = make_plan(sport, Step(plain_duration(bench.able)), date=_today(bench))
        report = bench.compile(plan).fidelity
        expect(report.level is not Fidelity.EXACT, f"{sport} is not declared, and comes out as exact")
        told = any(loss.feature == "sport" for loss in report.workout)
        expect(told, f"{sport} is not declared, and no loss of `sport` says so for the whole workout")


@case(
    "compile.durations",
    Tier.BRONZE,
    reason="a capability that is declared and not kept makes the preflight lie",
    hint="make each declared kind of duration exact, or take it out of the manifest",
    needs=(exports,),
)
async def _durations(bench: Bench) -> None:
    for kind in sorted(bench.able.durations):
        sports = sorted(bench.able.sports)
        plans = [make_plan(sport, Step(DURATIONS[kind]), date=_today(bench)) for sport in sports]
        exact = any(_step_level(bench.compile(plan)) is Fidelity.EXACT for plan in plans)
        expect(exact, f"durations by {kind} are declared, and are exact in no sport")


@case(
    "compile.other_durations",
    Tier.BRONZE,
    reason="an open step that quietly became five minutes ends in the middle of a warm-up",
    hint="report what a duration becomes that the provider doesn't have",
    needs=(exports,),
)
async def _other_durations(bench: Bench) -> None:
    for kind in sorted(set(DURATIONS) - bench.able.durations):
        for sport in sorted(bench.able.sports):
            compiled = bench.compile(make_plan(sport, Step(DURATIONS[kind]), date=_today(bench)))
            silent = _step_level(compiled) is Fidelity.EXACT
            expect(not silent, f"durations by {kind} are not declared, and come out as exact in {sport}")


@case(
    "compile.targets",
    Tier.BRONZE,
    reason="pace that becomes 0:00 and watts that become zones are the field's first complaint",
    hint="make each declared form of a target exact in a sport where it makes sense, or don't declare it",
    needs=(exports,),
)
async def _targets(bench: Bench) -> None:
    for metric, forms in sorted(bench.able.targets.items()):
        for form in sorted(forms):
            plans = list(target_plans(bench.able, metric, form, _today(bench)))
            exact = any(_step_level(bench.compile(plan)) is Fidelity.EXACT for plan in plans)
            expect(exact or not plans, f"{metric} as {form} is declared, and is exact in no sport")


@case(
    "compile.other_targets",
    Tier.BRONZE,
    reason="a target that vanishes without a word is found out on the road",
    hint="report a target that isn't carried as degraded, and say what is sent instead",
    needs=(exports,),
)
async def _other_targets(bench: Bench) -> None:
    for metric in sorted(set(Metric) - set(bench.able.targets)):
        for plan in target_plans(bench.able, metric, "range", _today(bench)):
            level = _step_level(bench.compile(plan))
            expect(level is not Fidelity.EXACT, f"{metric} is not declared, and is exact in {plan.sport}")


@case(
    "compile.converted_targets",
    Tier.BRONZE,
    reason="what was converted goes stale when the threshold changes: the hub must know",
    hint="a form that isn't declared leaves a loss (it may be exact) that says what it becomes",
    needs=(exports,),
)
async def _converted_targets(bench: Bench) -> None:
    for metric, forms in sorted(bench.able.targets.items()):
        for form in sorted(set(FORMS) - forms):
            for plan in target_plans(bench.able, metric, form, _today(bench)):
                losses = bench.compile(plan).fidelity.steps[0].losses
                expect(losses, f"{metric} as {form} is not declared, and {plan.sport} reports no conversion")


@case(
    "compile.missing_threshold",
    Tier.BRONZE,
    reason="most athletes have not entered every threshold",
    hint="catch MissingThresholdError and MissingZoneError, and report which number is needed",
    needs=(exports,),
)
async def _missing_threshold(bench: Bench) -> None:
    for metric in sorted(SENSIBLE):
        for form in ("percent", "zone"):
            for plan in target_plans(bench.able, metric, form, _today(bench)):
                line = bench.compile(plan, Athlete()).fidelity.steps[0]
                carried = form in bench.able.targets.get(metric, ())
                told = carried or line.level is not Fidelity.EXACT
                expect(told, f"{metric} as {form} is exact in {plan.sport} although no threshold is known")


@case(
    "compile.repeats",
    Tier.BRONZE,
    reason="a provider's own repeats keep the lap counter on the watch right",
    hint="carry repeats as deep as declared, or declare less",
    needs=(exports,),
)
async def _repeats(bench: Bench) -> None:
    for depth in range(1, min(bench.able.max_repeat_depth, 3) + 1):
        lines = bench.compile(nested(bench.able, depth, _today(bench))).fidelity.steps
        losses = [loss for line in lines for loss in line.losses if loss.feature == "repeat"]
        expect(not losses, f"repeats {depth} deep are declared, and are reported: {losses}")


@case(
    "compile.deep_repeats",
    Tier.BRONZE,
    reason="a nested repeat that is cut off loses half of the session",
    hint="expand_repeats(steps, depth) flattens them; report it on the repeat that was written out",
    needs=(exports,),
)
async def _deep_repeats(bench: Bench) -> None:
    depth = bench.able.max_repeat_depth + 1
    workout = nested(bench.able, depth, _today(bench))
    repeats = {node.path for node in walk(place_steps(workout.steps)) if isinstance(node, PlacedRepeat)}
    losses = bench.compile(workout).fidelity.losses()
    told = any(path in repeats or loss.feature == "repeat" for path, loss in losses)
    expect(told, f"repeats {depth} deep are more than declared, and no loss is about a repeat")


@case(
    "compile.max_steps",
    Tier.BRONZE,
    reason="a provider that cuts off step 101 leaves the athlete without a cool-down",
    hint="report a workout with too many steps as unsupported, or declare no limit where there is none",
    needs=(exports,),
)
async def _max_steps(bench: Bench) -> None:
    limit = bench.able.max_steps
    if limit is None:
        return
    step = Step(plain_duration(bench.able))
    sport = main_sport(bench.able)
    fits = bench.compile(make_plan(sport, *[step] * limit, date=_today(bench))).fidelity.level
    expect(fits is not Fidelity.UNSUPPORTED, f"{limit} steps are declared, and come out as {fits}")
    over = bench.compile(make_plan(sport, *[step] * (limit + 1), date=_today(bench))).fidelity.level
    expect(over is not Fidelity.EXACT, f"{limit + 1} steps come out as exact, and the limit is {limit}")


@case(
    "compile.ramps",
    Tier.BRONZE,
    reason="a warm-up from 100 to 200 W that became steady 150 W is another warm-up",
    hint="carry ramps if they are declared, else report what each becomes",
    needs=(exports,),
)
async def _ramps(bench: Bench) -> None:
    levels = set()
    for metric in sorted(bench.able.targets):
        for sport in sensible_sports(bench.able, metric):
            target = make_target(metric, "range", sport.family)
            if isinstance(target, RangeTarget):
                ramp = msgspec.structs.replace(target, ramp="up")
                plan = make_plan(sport, Step(plain_duration(bench.able), ramp), date=_today(bench))
                levels.add(_step_level(bench.compile(plan)))
    if bench.able.ramps:
        expect(Fidelity.EXACT in levels, "ramps are declared, and are exact nowhere")
    else:
        expect(Fidelity.EXACT not in levels, "ramps are not declared, and come out as exact")


@case(
    "compile.cadence",
    Tier.BRONZE,
    reason="low-cadence strength work without its cadence is just riding",
    hint="carry a secondary cadence if it is declared, else report it on the step",
    needs=(exports,),
)
async def _cadence(bench: Bench) -> None:
    found = []
    for sport in sensible_sports(bench.able, Metric.CADENCE):
        losses = bench.compile(with_cadence(bench.able, sport, _today(bench))).fidelity.steps[0].losses
        found.append(any(loss.feature == "cadence" for loss in losses))
    if bench.able.secondary_cadence:
        expect(not all(found) or not found, "a secondary cadence is declared, and is lost in every sport")
    else:
        expect(all(found), "a secondary cadence is not declared, and its loss is not reported")
