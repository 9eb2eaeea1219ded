"""The planned workout: a tagged tree of steps and repeats.

Units are in the names: seconds (`_s`), metres (`_m`). A target's numbers are watts, beats per minute,
metres per second (pace and speed alike, `low` being the slower), revolutions per minute, or 1-10 (RPE).

The JSON key of a repeat's children is `repeat`, so that the path of a step in a file, in an error of
the JSON decoder and in a report is one and the same: `steps[2].repeat[1]`.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Literal

import msgspec

from hub_core.domain.sport import Sport


class Metric(StrEnum):
    """What a target is about. Pace and speed are both m/s: they differ in what the device shows."""

    POWER = "power"
    HEART_RATE = "heart_rate"
    PACE = "pace"
    SPEED = "speed"
    CADENCE = "cadence"
    RPE = "rpe"


class Reference(StrEnum):
    """The athlete's threshold that a percentage refers to."""

    FTP = "ftp"
    LTHR = "lthr"
    MAX_HR = "max_hr"
    THRESHOLD_PACE = "threshold_pace"
    CSS = "css"


#: What a percentage, and so a zone, of each metric may refer to.
METRIC_REFERENCES = {
    Metric.POWER: frozenset({Reference.FTP}),
    Metric.HEART_RATE: frozenset({Reference.LTHR, Reference.MAX_HR}),
    Metric.PACE: frozenset({Reference.THRESHOLD_PACE, Reference.CSS}),
    Metric.SPEED: frozenset({Reference.THRESHOLD_PACE, Reference.CSS}),
}


class Intensity(StrEnum):
    """What a step is for, in the words of the FIT workout format."""

    ACTIVE = "active"
    INTERVAL = "interval"
    RECOVERY = "recovery"
    REST = "rest"
    WARMUP = "warmup"
    COOLDOWN = "cooldown"


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all parts of a workout share: immutable, strict about unknown fields."""


class TimeDuration(_Part, frozen=True, tag="time"):
    """Ends after `duration_s` seconds."""

    duration_s: float


class DistanceDuration(_Part, frozen=True, tag="distance"):
    """Ends after `distance_m` metres."""

    distance_m: float


class OpenDuration(_Part, frozen=True, tag="open"):
    """Ends when the athlete presses the lap button."""


Duration = TimeDuration | DistanceDuration | OpenDuration

Ramp = Literal["up", "down"]


class RangeTarget(_Part, frozen=True, tag="range"):
    """Absolute bounds, in the metric's unit. With `ramp` the value moves from one bound to the other."""

    metric: Metric
    low: float
    high: float
    ramp: Ramp | None = None


class PercentTarget(_Part, frozen=True, tag="percent"):
    """Bounds in percent (85, not 0.85) of one of the athlete's thresholds."""

    metric: Metric
    low: float
    high: float
    of: Reference
    ramp: Ramp | None = None


class ZoneTarget(_Part, frozen=True, tag="zone"):
    """From zone `low` to zone `high` (the same number for one zone), counted from 1."""

    metric: Metric
    low: int
    high: int


Target = RangeTarget | PercentTarget | ZoneTarget


class CadenceRange(_Part, frozen=True):
    """A secondary target beside the main one, in revolutions per minute."""

    low: float
    high: float


class Step(_Part, frozen=True, tag="step"):
    """One step: how long, how hard, and what the athlete should know."""

    duration: Duration
    target: Target | None = None
    cadence: CadenceRange | None = None
    intensity: Intensity = Intensity.ACTIVE
    name: str = ""
    notes: str = ""


class Repeat(_Part, frozen=True, tag="repeat"):
    """Its children, `times` times over. Repeats may nest."""

    times: int
    steps: tuple[Step | Repeat, ...] = msgspec.field(name="repeat")
    name: str = ""


Node = Step | Repeat


class PlannedWorkout(_Part, frozen=True):
    """A workout on a local calendar date, never at a UTC instant.

    `date` may be missing in a file; it must be there when a workout is saved. `time` is the athlete's
    wall clock, if the hour matters. `pool_length_m` is for pool swims.
    """

    name: str
    sport: Sport
    steps: tuple[Node, ...]
    date: dt.date | None = None
    time: dt.time | None = None
    description: str = ""
    pool_length_m: float | None = None


def total_duration_s(steps: tuple[Node, ...]) -> float:
    """The time of all timed steps, repeats counted, in seconds. Distance and open steps add nothing."""
    total = 0.0
    for node in steps:
        match node:
            case Repeat():
                total += node.times * total_duration_s(node.steps)
            case Step(duration=TimeDuration(duration_s=seconds)):
                total += seconds
    return total


def total_distance_m(steps: tuple[Node, ...]) -> float:
    """The distance of all distance steps, repeats counted, in metres."""
    total = 0.0
    for node in steps:
        match node:
            case Repeat():
                total += node.times * total_distance_m(node.steps)
            case Step(duration=DistanceDuration(distance_m=metres)):
                total += metres
    return total
