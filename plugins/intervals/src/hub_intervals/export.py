"""Our workout as an intervals.icu calendar event: pure functions and tables.

The workout travels as native text in the event's `description`. The server parses it and says nothing when
it can't: `meant` is what it has to understand, and the hub compares what it did understand with that.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub_core.formats.intervals_extent import write_pool
from hub_core.formats.intervals_words import clean_words
from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    Fidelity,
    FidelityReport,
    Intensity,
    Loss,
    Placed,
    PlacedRepeat,
    PlacedStep,
    PlannedWorkout,
    Sport,
    StepFidelity,
    describe_node,
    expand_repeats,
    place_steps,
    total_duration_s,
    walk,
    worst,
)
from hub_intervals.export_cues import altered_words
from hub_intervals.export_prose import guard_prose, prose_line, spell_prose, write_prose
from hub_intervals.export_steps import Line, write_line

PROVIDER = "intervals"

EventBody = dict[str, Any]

#: ours -> theirs. [intervals.icu API, OpenAPI document: the event's `type`]
TYPES = {
    Sport.RUN: "Run",
    Sport.TRAIL_RUN: "TrailRun",
    Sport.TRACK_RUN: "Run",
    Sport.TREADMILL_RUN: "Run",  # with `indoor`; VirtualRun is for games
    Sport.RIDE: "Ride",
    Sport.INDOOR_RIDE: "Ride",  # with `indoor`; VirtualRide is for games
    Sport.GRAVEL_RIDE: "GravelRide",
    Sport.MOUNTAIN_BIKE_RIDE: "MountainBikeRide",
    Sport.POOL_SWIM: "Swim",
    Sport.OPEN_WATER_SWIM: "OpenWaterSwim",
    Sport.WALK: "Walk",
    Sport.HIKE: "Hike",
    Sport.ROW: "Rowing",
    Sport.STRENGTH: "WeightTraining",
    Sport.YOGA: "Yoga",
    Sport.OTHER: "Other",
}
_INDOOR = frozenset({Sport.INDOOR_RIDE, Sport.TREADMILL_RUN})
#: Without endurance targets the server's parser may wipe description and steps: these get prose.
_PROSE_ONLY = frozenset({Sport.STRENGTH, Sport.YOGA, Sport.OTHER})
_WORK = frozenset({Intensity.ACTIVE, Intensity.INTERVAL})


@dataclass(frozen=True)
class _Body:
    """The description, what it should parse to, which target devices get, and all losses.

    `expects` is what else the server must know: thresholds that its athlete needs, and ours.
    """

    description: str
    target: str
    meant: tuple[Placed, ...]
    expects: dict[str, Any]
    steps: Mapping[str, tuple[Loss, ...]]
    workout: tuple[Loss, ...]
    moving_time_s: int = 0


def compile_workout(workout: PlannedWorkout, athlete: Athlete) -> CompiledWorkout:
    """The event, what it should parse to (`meant`), and what is lost. Never raises for a valid workout."""
    placed = place_steps(workout.steps)
    body = _prose(workout, placed) if workout.sport in _PROSE_ONLY else _native(workout, placed, athlete)
    event: dict[str, Any] = {
        "category": "WORKOUT",
        "type": TYPES[workout.sport],
        "name": " ".join(workout.name.split()),
        "description": body.description,
        "indoor": workout.sport in _INDOOR,
        # Without it a pace workout reaches Garmin as heart rate.
        "target": body.target,
    }
    if body.moving_time_s:
        event["moving_time"] = body.moving_time_s
    steps = tuple(_step_fidelity(node, workout.sport, body.steps.get(node.path, ())) for node in walk(placed))
    losses = (*_sport_losses(workout.sport), *body.workout)
    level = worst([step.level for step in steps] + [loss.level for loss in losses])
    return CompiledWorkout(
        payload={"event": event, "expects": body.expects},
        fidelity=FidelityReport(PROVIDER, level, steps, losses),
        date=workout.date or dt.date.min,
        time=workout.time,
        time_zone=athlete.time_zone,
        meant=body.meant,
    )


def to_event(compiled: CompiledWorkout, reference: str) -> EventBody:
    """The body of a create or an update, with our reference and the day."""
    start = to_start_date_local(compiled)
    return {**compiled.payload["event"], "external_id": reference, "start_date_local": start}


def to_start_date_local(compiled: CompiledWorkout) -> str:
    """`2031-04-07T06:30:00`, the athlete's wall clock without a zone. A bare date is refused."""
    return dt.datetime.combine(compiled.date, compiled.time or dt.time()).isoformat(timespec="seconds")


def _step_fidelity(node: Placed, sport: Sport, losses: tuple[Loss, ...]) -> StepFidelity:
    level = worst([loss.level for loss in losses])
    return StepFidelity(node.path, describe_node(node, sport), level, losses)


def _sport_losses(sport: Sport) -> tuple[Loss, ...]:
    if sport is not Sport.TRACK_RUN:
        return ()
    return (Loss("sport", Fidelity.DEGRADED, "intervals.icu has no track run", "a run", "plan it as a run"),)


# -- endurance sports: native workout text -----------------------------------------------------------------


def _native(workout: PlannedWorkout, placed: tuple[Placed, ...], athlete: Athlete) -> _Body:
    lines = {
        node.path: write_line(node.step, athlete, workout.sport)
        for node in walk(placed)
        if isinstance(node, PlacedStep)
    }
    flat = expand_repeats(placed, 1)
    pool, pool_losses = write_pool(workout)
    prose, prose_losses = guard_prose(workout.description)
    paragraphs = (pool, prose, *_paragraphs(flat, lines))
    target, target_losses = _main_target(placed, lines)
    repeats = {node.path: _repeat_losses(node, flat) for node in placed_repeats(placed)}
    return _Body(
        description="\n\n".join(text for text in paragraphs if text),
        target=target,
        meant=_to_meant(placed, lines),
        expects=_expects(flat, lines.values()),
        steps=repeats | {path: line.losses for path, line in lines.items()},
        workout=(*pool_losses, *prose_losses, *target_losses),
    )


def _to_meant(nodes: tuple[Placed, ...], lines: Mapping[str, Line]) -> tuple[Placed, ...]:
    """The plan's own tree with the steps as their lines say them."""
    return tuple(
        PlacedRepeat(node.path, node.times, _to_meant(node.children, lines), node.name)
        if isinstance(node, PlacedRepeat)
        else PlacedStep(node.path, lines[node.path].meant)
        for node in nodes
    )


def placed_repeats(placed: tuple[Placed, ...]) -> list[PlacedRepeat]:
    """All repeats, at any depth."""
    return [node for node in walk(placed) if isinstance(node, PlacedRepeat)]


def _paragraphs(flat: tuple[Placed, ...], lines: dict[str, Line]) -> list[str]:
    """The steps as paragraphs: a repeat ends at a blank line, and needs one before it as well."""
    paragraphs: list[list[str]] = [[]]
    for node in flat:
        if isinstance(node, PlacedRepeat):
            header = f"{clean_words(node.name)} {node.times}x".lstrip()
            paragraphs += [[header, *(lines[child.path].text for child in node.children)], []]
        else:
            paragraphs[-1].append(lines[node.path].text)
    return ["\n".join(paragraph) for paragraph in paragraphs]


def _repeat_losses(node: PlacedRepeat, flat: tuple[Placed, ...]) -> tuple[Loss, ...]:
    if any(kept.path == node.path for kept in placed_repeats(flat)):
        name = clean_words(node.name)
        return (altered_words("name", name),) if name != " ".join(node.name.split()) else ()
    inside = len(expand_repeats((node,), 0))
    losses = [
        Loss(
            "repeat",
            Fidelity.EXACT,
            "intervals.icu has repeats of one level" if node.times > 1 else "once is no repeat",
            f"unrolled into {inside} steps",
            "use repeats of one level",
        )
    ]
    if node.name:
        reason = "an unrolled repeat has no header to stand in"
        losses.append(Loss("name", Fidelity.DEGRADED, reason, "left out", "name the steps instead"))
    return tuple(losses)


def _main_target(placed: tuple[Placed, ...], lines: dict[str, Line]) -> tuple[str, tuple[Loss, ...]]:
    """Which kind of target devices get: the one that most of the work has."""
    kinds: list[tuple[str, bool]] = [
        (lines[node.path].target.kind, node.step.intensity in _WORK)
        for node in expand_repeats(placed, 0)
        if isinstance(node, PlacedStep) and lines[node.path].target.kind
    ]
    if not kinds:
        return "AUTO", ()
    counted = Counter(kind for kind, is_work in kinds if is_work) or Counter(kind for kind, _ in kinds)
    main = counted.most_common(1)[0][0]
    others = sorted({kind for kind, _ in kinds} - {main})
    if not others:
        return main, ()
    said = " and ".join(others)
    loss = Loss(
        "target",
        Fidelity.DEGRADED,
        "intervals.icu hands one kind of target of a workout on to devices",
        f"devices get {main}; {said} targets may show on the intervals.icu calendar only",
        f"give all steps {main} targets",
    )
    return main, (loss,)


def _expects(flat: tuple[Placed, ...], lines: Iterable[Line]) -> dict[str, Any]:
    """How many steps are written, and which thresholds the server needs to make numbers of them."""
    targets = [line.target for line in lines]
    return {
        "steps": sum(isinstance(node, PlacedStep) for node in walk(flat)),
        "thresholds": sorted({target.threshold for target in targets if target.threshold}),
        "lthr_bpm": next((target.lthr_bpm for target in targets if target.lthr_bpm), None),
    }


# -- sports without structure: prose ----------------------------------------------------------------------


def _prose(workout: PlannedWorkout, placed: tuple[Placed, ...]) -> _Body:
    prose, prose_losses = spell_prose(workout.description)
    _, pool_losses = write_pool(workout)
    text = "\n".join(write_prose(placed, workout.sport))
    steps = {node.path: (_prose_loss(prose_line(node, workout.sport)),) for node in walk(placed)}
    return _Body(
        description="\n\n".join(part for part in (prose, text) if part),
        target="AUTO",
        meant=(),
        expects={"steps": 0},
        steps=steps,
        workout=(*pool_losses, *prose_losses),
        moving_time_s=round(total_duration_s(workout.steps)),
    )


def _prose_loss(line: str) -> Loss:
    reason = "intervals.icu has no structure for this sport, and may wipe text that looks like it"
    return Loss("structure", Fidelity.DEGRADED, reason, f'the words "{line}" in the description')
