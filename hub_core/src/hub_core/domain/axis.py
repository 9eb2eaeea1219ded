"""The marks beside and below a profile, at numbers that people like."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hub_core.domain.describe import (
    REFERENCE_NAMES,
    describe_duration,
    describe_pace,
    describe_seconds,
    pace_unit,
)
from hub_core.domain.effort import RPE_AT_THRESHOLD, Threshold
from hub_core.domain.profile import Profile
from hub_core.domain.sport import Sport
from hub_core.domain.workout import DistanceDuration, Metric

#: At most so many marks beside a picture.
_MOST_HEIGHTS = 6
_TIME_STEPS_S = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
)  # fmt: skip
_UNITS = {Metric.POWER: "W", Metric.HEART_RATE: "bpm"}


@dataclass(frozen=True)
class HeightMark:
    """A height in percent of threshold, as a percentage and in the athlete's numbers; either may be empty."""

    percent: float
    relative: str
    absolute: str


@dataclass(frozen=True)
class TimeMark:
    """A moment, in seconds from the beginning."""

    at_s: float
    label: str


def height_marks(profile: Profile) -> tuple[HeightMark, ...]:
    """Evenly spaced marks above 0, the last one at or above the hardest step and never below threshold.

    Only what is true is written: percentages if the threshold is known or the targets are in percent, watts
    or paces if the threshold is known or the targets are in them.
    """
    highest = max(profile.highest, 100)
    step = _nice_step(highest / _MOST_HEIGHTS)
    count = max(1, math.ceil(round(highest / step, 6)))
    return tuple(_height_mark(profile, step * number) for number in range(1, count + 1))


def _nice_step(smallest: float) -> float:
    """10, 20, 25, 50, 100 percent and so on."""
    power = 10.0
    while True:
        for factor in (1, 2, 2.5, 5):
            if factor * power >= smallest:
                return factor * power
        power *= 10


def _height_mark(profile: Profile, percent: float) -> HeightMark:
    threshold = profile.threshold()
    if profile.metric is Metric.RPE:
        return HeightMark(percent, f"{percent:g} %", "")
    if threshold is None:
        return HeightMark(percent, "", "")
    is_known = threshold.value is not None and not threshold.is_assumed
    relative = f"{percent:g} %" if is_known or profile.is_relative else ""
    absolute = _absolute(threshold, percent, profile) if is_known or profile.is_absolute else ""
    return HeightMark(percent, relative, absolute)


def _absolute(threshold: Threshold, percent: float, profile: Profile) -> str:
    return describe_level(threshold.metric, (threshold.value or 0) * percent / 100, profile.sport)


def describe_level(metric: Metric, value: float, sport: Sport) -> str:
    """`250 W`, `168 bpm`, `4:05 /km`, `1:42 /100 m`, `2:05 /500 m`, `8.3 m/s`."""
    if metric is Metric.PACE:
        return f"{describe_pace(value, per_m=sport.pace_m)} {pace_unit(sport)}"
    return f"{value:.1f} m/s" if metric is Metric.SPEED else f"{value:.0f} {_UNITS[metric]}"


def describe_scale(profile: Profile) -> list[str]:
    """What 100 % is, and what had to be taken for granted to draw the picture."""
    known, assumed = [], []
    for one in profile.thresholds:
        level = "" if one.value is None else describe_level(one.metric, one.value, profile.sport)
        if one.is_assumed:
            assumed.append(f"{REFERENCE_NAMES[one.of]} is not known: drawn as if it were {level}")
        else:
            known.append(f"{REFERENCE_NAMES[one.of]} {level}".rstrip())
    if any(segment.effort.metric is Metric.RPE for segment in profile.segments):
        known.append(f"RPE {RPE_AT_THRESHOLD}")
    return ([f"100 % is {', '.join(known)}"] if known else []) + assumed


def time_marks(seconds: float, most: int) -> tuple[tuple[TimeMark, ...], str]:
    """At most `most` marks from 0 on at even times, and the unit that they are in."""
    smallest = seconds / max(most - 1, 1)
    step = next((one for one in _TIME_STEPS_S if one >= smallest), 0) or _days(smallest)
    count = math.floor(round(seconds / step, 6)) + 1
    moments = (step * index for index in range(count))
    return tuple(TimeMark(moment, _time_label(moment, step)) for moment in moments), _unit(step)


def _days(smallest: float) -> float:
    return 86_400 * _nice_step(smallest / 86_400)


def _unit(step: float) -> str:
    if step < 60:
        return "s"
    return "min" if step < 1800 else "h"


def _time_label(at_s: float, step: float) -> str:
    """In the unit of the step: `45`, `20`, `3`; half hours as `1:30`."""
    if step < 1800:
        return f"{at_s / (1 if step < 60 else 60):.0f}"
    if step % 3600 and at_s:
        return f"{at_s // 3600:.0f}:{at_s % 3600 // 60:02.0f}"
    return f"{at_s / 3600:.0f}"


def describe_totals(profile: Profile) -> list[str]:
    """`ride`, `1:08 h`, `12 km`: the sport, how long it takes, and how far it goes if that is planned."""
    minutes = round(profile.seconds / 60) * 60
    time = (
        f"about {describe_seconds(minutes)}"
        if profile.is_estimate and minutes
        else describe_seconds(profile.seconds)
    )
    distance = [describe_duration(DistanceDuration(profile.distance_m))] if profile.distance_m else []
    return [profile.sport.replace("_", " "), time, *distance]
