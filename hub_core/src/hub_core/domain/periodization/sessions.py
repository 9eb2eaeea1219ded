"""Sessions of any length: parts that add up to the second, their load, and the workout to export."""

from __future__ import annotations

import datetime as dt
import functools
from enum import StrEnum
from typing import NamedTuple

from hub_core.domain.athlete import Athlete
from hub_core.domain.describe import describe_seconds
from hub_core.domain.periodization.zones import Zone, intensity_of, target_of
from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.workout import Intensity, Node, PlannedWorkout, Repeat, Step, TimeDuration


class Kind(StrEnum):
    """What a session is for."""

    EASY = "easy"
    STRIDES = "strides"
    LONG = "long"
    LONG_RACE = "long_race"
    TEMPO = "tempo"
    THRESHOLD = "threshold"
    VO2 = "vo2"
    RACE_PACE = "race_pace"
    OPENERS = "openers"


class Part(NamedTuple):
    """`times` times `seconds` in a zone, each followed by `rest_s` of recovery."""

    zone: Zone
    seconds: int
    times: int = 1
    rest_s: int = 0
    intensity: Intensity = Intensity.ACTIVE

    @property
    def total_s(self) -> int:
        """All of it."""
        return self.times * (self.seconds + self.rest_s)


class Intervals(NamedTuple):
    """Seconds of work and of rest, and how much work makes sense in one session."""

    work_s: int
    rest_s: int
    most_s: int


_INTERVALS = {
    Kind.TEMPO: Intervals(12 * 60, 3 * 60, 60 * 60),
    Kind.THRESHOLD: Intervals(8 * 60, 2 * 60, 40 * 60),
    Kind.VO2: Intervals(3 * 60, 150, 24 * 60),
    Kind.RACE_PACE: Intervals(10 * 60, 2 * 60, 60 * 60),
}
_ZONES = {Kind.TEMPO: Zone.TEMPO, Kind.THRESHOLD: Zone.THRESHOLD, Kind.VO2: Zone.VO2}
_STRIDE = Part(Zone.FAST, 20, 6, 60, Intensity.INTERVAL)
_SHORTEST_WORK_S = 60
_SHORTEST_MIN = 20
#: A long session holds blocks at race pace from this length on, in minutes: less is a long session only.
_LONG_RACE_FROM_MIN = 75
_NAMES = {
    Kind.EASY: "Easy {sport}",
    Kind.STRIDES: "Easy {sport} with strides",
    Kind.LONG: "Long {sport}",
    Kind.LONG_RACE: "Long {sport} with race pace",
    Kind.TEMPO: "Tempo {sport}",
    Kind.THRESHOLD: "Threshold {sport}",
    Kind.VO2: "VO2max {sport}",
    Kind.RACE_PACE: "Race pace {sport}",
    Kind.OPENERS: "Openers before the race",
}
#: What these are is their length; of the others it is their intervals.
_NAMED_BY_LENGTH = frozenset({Kind.STRIDES, Kind.OPENERS, Kind.LONG_RACE})
_WORDS = {SportFamily.RUNNING: "run", SportFamily.CYCLING: "ride", SportFamily.SWIMMING: "swim"}


#: A search for the length that fits asks for the same sessions again and again.
_remember = functools.lru_cache(maxsize=8192)


@_remember
def lay_out(kind: Kind, minutes: int, race_zone: Zone) -> tuple[Part, ...]:
    """The parts of a session of exactly so many minutes. What is too short for its kind becomes easier."""
    seconds = minutes * 60
    match kind:
        case Kind.LONG:
            return (Part(Zone.STEADY, seconds),)
        case Kind.LONG_RACE if minutes >= _LONG_RACE_FROM_MIN:
            block = seconds * 15 // 100 // 60 * 60
            finish = 10 * 60
            start = seconds - 2 * (block + 300) - finish
            return (
                Part(Zone.STEADY, start),
                Part(race_zone, block, 2, 300, Intensity.INTERVAL),
                Part(Zone.EASY, finish, intensity=Intensity.COOLDOWN),
            )
        case Kind.LONG_RACE:
            return (Part(Zone.STEADY, seconds),)
        case Kind.STRIDES | Kind.OPENERS if minutes >= _SHORTEST_MIN:
            finish = 300
            return (
                Part(Zone.EASY, seconds - _STRIDE.total_s - finish),
                _STRIDE,
                Part(Zone.EASY, finish, intensity=Intensity.COOLDOWN),
            )
        case Kind.TEMPO | Kind.THRESHOLD | Kind.VO2 | Kind.RACE_PACE if minutes >= _SHORTEST_MIN:
            return _intervals(_INTERVALS[kind], _ZONES.get(kind, race_zone), seconds)
    return (Part(Zone.EASY, seconds),)


def _intervals(form: Intervals, zone: Zone, seconds: int) -> tuple[Part, ...]:
    warm_up = min(15 * 60, seconds // 4 // 60 * 60)
    cool_down = min(10 * 60, seconds * 15 // 100 // 60 * 60)
    room = seconds - warm_up - cool_down
    work, rest = form.work_s, form.rest_s
    while room < 2 * (work + rest) and work > _SHORTEST_WORK_S:
        work, rest = work // 2, max(rest // 2, 30)
    times = max(min(room // (work + rest), form.most_s // work), 1)
    warm_up += room - times * (work + rest)
    return (
        Part(Zone.EASY, warm_up, intensity=Intensity.WARMUP),
        Part(zone, work, times, rest, Intensity.INTERVAL),
        Part(Zone.EASY, cool_down, intensity=Intensity.COOLDOWN),
    )


@_remember
def load_of(parts: tuple[Part, ...], sport: Sport) -> float:
    """The training load in TSS.

    Hours · IF² · 100 over the parts, with the intensity that each is planned with.
    """
    total = 0.0
    for part in parts:
        total += part.times * part.seconds * intensity_of(part.zone, sport) ** 2
        total += part.times * part.rest_s * intensity_of(Zone.RECOVERY, sport) ** 2
    return total / 36


def to_workout(
    kind: Kind, parts: tuple[Part, ...], sport: Sport, athlete: Athlete, day: dt.date, description: str
) -> PlannedWorkout:
    """The planned workout, its targets in percent of the thresholds that the athlete has."""
    total = sum(part.total_s for part in parts)
    work = next((part for part in parts if part.rest_s), None)
    detail = describe_seconds(total)
    if work and kind not in _NAMED_BY_LENGTH:
        detail = f"{work.times} × {describe_seconds(work.seconds)}"
    return PlannedWorkout(
        name=f"{_NAMES[kind].format(sport=_WORDS[sport.family])}, {detail}",
        sport=sport,
        steps=tuple(_node(part, sport, athlete) for part in parts),
        date=day,
        description=description,
    )


def _node(part: Part, sport: Sport, athlete: Athlete) -> Node:
    target = target_of(part.zone, sport, athlete)
    step = Step(TimeDuration(part.seconds), target, intensity=part.intensity)
    if not part.rest_s:
        return step
    rest = Step(
        TimeDuration(part.rest_s), target_of(Zone.RECOVERY, sport, athlete), intensity=Intensity.RECOVERY
    )
    return Repeat(part.times, (step, rest))
