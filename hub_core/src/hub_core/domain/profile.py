"""A workout as a picture: what is done when, how hard, and for how long. Plain numbers, no drawing.

Across goes the time in seconds, up goes the effort in percent of threshold (`effort.py`). Where the plan
gives no time, one is taken so that the step has a place in the picture, and the segment says so.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from hub_core.domain.athlete import Athlete
from hub_core.domain.describe import describe_step
from hub_core.domain.effort import SPEEDS, Effort, Scale, Threshold, find_zone
from hub_core.domain.normalize import MissingThresholdError, MissingZoneError, resolve_target
from hub_core.domain.outline import PlacedStep, expand_repeats, place_steps, walk
from hub_core.domain.sport import Sport
from hub_core.domain.timing import OPEN_STEP_S, guess_speed
from hub_core.domain.workout import (
    DistanceDuration,
    Intensity,
    Metric,
    PlannedWorkout,
    RangeTarget,
    Step,
    Target,
    TimeDuration,
    total_distance_m,
)

#: Who is told no speed goes at half of threshold speed without effort, and at all of it at threshold.
_SLOWEST_PERCENT = 50
#: Slower than this is no speed to cover a distance with.
_STANDING_MPS = 0.05


class Timing(StrEnum):
    """Where a segment's time comes from."""

    PLANNED = "planned"
    #: A distance at the speed that the step asks for.
    PACED = "paced"
    #: A distance that says no speed, or one in percent of a threshold that isn't known.
    GUESSED = "guessed"
    #: Ends with the lap button: drawn with a nominal length.
    OPEN = "open"


@dataclass(frozen=True)
class Span:
    """From `low` to `high` percent of threshold."""

    low: float
    high: float


@dataclass(frozen=True)
class Piece:
    """A part of a segment in one zone (None: free). It begins and ends with a span: different ones slope."""

    start_s: float
    seconds: float
    begin: Span
    end: Span
    zone: int | None


@dataclass(frozen=True)
class Segment:
    """One step as it is done, each repetition a segment of its own. `label` is the step in words."""

    path: str
    label: str
    start_s: float
    seconds: float
    effort: Effort
    intensity: Intensity
    timing: Timing

    @property
    def end_s(self) -> float:
        """When it ends, in seconds from the beginning of the workout."""
        return self.start_s + self.seconds

    @property
    def is_free(self) -> bool:
        """Whether nothing says how hard it is: then its height is a custom, not a plan."""
        return self.effort.metric is None

    def span_at(self, part: float) -> Span:
        """What is asked for when this part of the segment (0 to 1) is over."""
        effort = self.effort
        if effort.ramp is None:
            return Span(effort.low, effort.high)
        done = part if effort.ramp == "up" else 1 - part
        value = effort.low + (effort.high - effort.low) * done
        return Span(value, value)

    def zone_at(self, part: float) -> int | None:
        """The zone that the middle of what is asked for lies in then."""
        span = self.span_at(part)
        return find_zone(self.effort.edges, (span.low + span.high) / 2)

    def pieces(self) -> Iterator[Piece]:
        """The segment cut where a ramp crosses into another zone; one piece for everything else."""
        cuts = [0.0, *self._crossings(), 1.0]
        for start, end in itertools.pairwise(cuts):
            yield Piece(
                self.start_s + self.seconds * start,
                self.seconds * (end - start),
                self.span_at(start),
                self.span_at(end),
                self.zone_at((start + end) / 2),
            )

    def _crossings(self) -> list[float]:
        low, high = self.effort.low, self.effort.high
        if self.effort.ramp is None:
            return []
        inner = [(edge - low) / (high - low) for edge in self.effort.edges if low < edge < high]
        return inner if self.effort.ramp == "up" else [1 - part for part in reversed(inner)]


@dataclass(frozen=True)
class Profile:
    """The picture of one workout. `metric` is the one that most of its work is planned by."""

    name: str
    sport: Sport
    segments: tuple[Segment, ...]
    thresholds: tuple[Threshold, ...]
    metric: Metric | None
    #: Whether any target of that metric is in percent or zones, and whether any is in absolute numbers.
    is_relative: bool
    is_absolute: bool
    distance_m: float

    @property
    def seconds(self) -> float:
        """How long it is drawn."""
        return self.segments[-1].end_s

    @property
    def is_estimate(self) -> bool:
        """Whether any of its time isn't planned."""
        return any(segment.timing is not Timing.PLANNED for segment in self.segments)

    @property
    def highest(self) -> float:
        """The hardest that anything is, in percent."""
        return max(segment.effort.high for segment in self.segments)

    def threshold(self) -> Threshold | None:
        """What 100 % is for the metric of the workout."""
        return next((one for one in self.thresholds if one.metric is self.metric), None)

    def zone_seconds(self) -> dict[int | None, float]:
        """How long each zone lasts, from the lowest; None, what is free, at the end."""
        found: dict[int | None, float] = {}
        for segment in self.segments:
            for piece in segment.pieces():
                found[piece.zone] = found.get(piece.zone, 0) + piece.seconds
        return dict(sorted(found.items(), key=lambda one: (one[0] is None, one[0] or 0)))


def make_profile(workout: PlannedWorkout, athlete: Athlete) -> Profile:
    """The picture of a valid workout. Repeats are played out; nothing is refused."""
    scale = Scale(athlete, workout.sport)
    drawn = {
        placed.path: _draw(placed, scale, athlete, workout.sport)
        for placed in walk(place_steps(workout.steps))
        if isinstance(placed, PlacedStep)
    }
    segments: list[Segment] = []
    start = 0.0
    for played in expand_repeats(place_steps(workout.steps), 0):
        segments.append(replace(drawn[played.path], start_s=start))
        start = segments[-1].end_s
    metric = _main_metric(segments)
    own = [target for target in _targets(workout) if target.metric is metric]
    return Profile(
        workout.name,
        workout.sport,
        tuple(segments),
        scale.thresholds(),
        metric,
        is_relative=any(not isinstance(target, RangeTarget) for target in own),
        is_absolute=any(isinstance(target, RangeTarget) for target in own),
        distance_m=total_distance_m(workout.steps),
    )


def _targets(workout: PlannedWorkout) -> Iterator[Target]:
    for placed in walk(place_steps(workout.steps)):
        if isinstance(placed, PlacedStep) and placed.step.target:
            yield placed.step.target


def _draw(placed: PlacedStep, scale: Scale, athlete: Athlete, sport: Sport) -> Segment:
    step = placed.step
    effort = scale.measure(step)
    seconds, timing = _time(step, effort, scale, athlete, sport)
    words = describe_step(step, sport)
    name = " ".join(step.name.split())
    label = f"{name}: {words}" if name else words
    return Segment(placed.path, label, 0.0, seconds, effort, step.intensity, timing)


def _time(step: Step, effort: Effort, scale: Scale, athlete: Athlete, sport: Sport) -> tuple[float, Timing]:
    match step.duration:
        case TimeDuration(duration_s=seconds):
            return seconds, Timing.PLANNED
        case DistanceDuration(distance_m=metres):
            speed = _planned_speed(step, athlete, sport)
            if speed > _STANDING_MPS:
                return metres / speed, Timing.PACED
            return metres / _usual_speed(effort, scale, sport), Timing.GUESSED
    return OPEN_STEP_S, Timing.OPEN


def _planned_speed(step: Step, athlete: Athlete, sport: Sport) -> float:
    """The middle of the speeds that the step asks for; 0 if it asks for none, or they can't be known."""
    if step.target is None or step.target.metric not in SPEEDS:
        return 0
    try:
        resolved = resolve_target(step.target, athlete, sport)
    except (MissingThresholdError, MissingZoneError):
        return 0
    return (resolved.low + resolved.high) / 2


def _usual_speed(effort: Effort, scale: Scale, sport: Sport) -> float:
    """The speed of someone with this threshold at this effort; without one, that of nobody in particular."""
    if not scale.knows_speed():
        return guess_speed(sport)
    percent = min((effort.low + effort.high) / 2, 100)
    return scale.speed_at(_SLOWEST_PERCENT + percent * (100 - _SLOWEST_PERCENT) / 100)


def _main_metric(segments: list[Segment]) -> Metric | None:
    """The metric of most of the work: of a hard half and an easy one, that of the hard one."""
    work: dict[Metric, float] = {}
    for segment in segments:
        if segment.effort.metric:
            done = segment.seconds * (segment.effort.low + segment.effort.high)
            work[segment.effort.metric] = work.get(segment.effort.metric, 0) + done
    return max(work, key=lambda metric: work[metric], default=None)
