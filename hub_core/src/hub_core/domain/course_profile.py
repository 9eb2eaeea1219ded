"""How long a course is and how much it climbs, from the points of a recorded or drawn track."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from hub_core.domain.race import distance_km
from hub_core.domain.weather import Place

#: Ground is looked at every 20 m: nearer points differ by noise, and no climb of a race is shorter.
STEP_M = 20.0
#: Heights are medians of so many neighbours, so that a single wild one is gone.
_NEIGHBOURS = 5
#: A turn counts once it is this high. Heights of GPS and of terrain models waver by 5 to 10 m; without it a
#: flat marathon climbs hundreds of metres. A barometer's waver by 2 to 3, and lose little by it.
HYSTERESIS_M = 5.0
#: For a picture.
_DRAWN = 200
_MAX_SAMPLES = 50_000


class CourseProfile(msgspec.Struct, frozen=True):
    """A course in metres. Gain and loss are None where the track has no heights; `points` are pairs of
    distance and height for a picture, at most 200."""

    distance_m: float
    start: Place
    finish: Place
    gain_m: float | None = None
    loss_m: float | None = None
    lowest_m: float | None = None
    highest_m: float | None = None
    hysteresis_m: float = HYSTERESIS_M
    points: tuple[tuple[float, float], ...] = ()


def make_course_profile(track: Sequence[Place]) -> CourseProfile:
    """The profile of a track of at least two points. Heights that are missing between others are drawn
    straight; none at all leave the climb unknown."""
    along = [0.0]
    for one, other in pairwise(track):
        along.append(along[-1] + 1000 * distance_km(one, other))
    known = [
        (metres, place.elevation_m)
        for metres, place in zip(along, track, strict=True)
        if place.elevation_m is not None
    ]
    profile = CourseProfile(round(along[-1], 1), _bare(track[0]), _bare(track[-1]))
    if len(known) < 2:
        return profile
    step = max(STEP_M, along[-1] / _MAX_SAMPLES)
    ground = _smooth([_height(known, number * step) for number in range(int(along[-1] / step) + 1)])
    gain, loss = climb(ground)
    every = max(1, math.ceil(len(ground) / _DRAWN))
    return msgspec.structs.replace(
        profile,
        gain_m=round(gain, 1),
        loss_m=round(loss, 1),
        lowest_m=round(min(ground), 1),
        highest_m=round(max(ground), 1),
        points=tuple(
            (round(index * step, 1), round(ground[index], 1)) for index in range(0, len(ground), every)
        ),
    )


def climb(heights: Sequence[float], hysteresis_m: float = HYSTERESIS_M) -> tuple[float, float]:
    """The metres up and down between turning points that lie at least so far apart. What wavers by less is
    no turn; what climbs on counts whole."""
    gain = loss = 0.0
    low = high = heights[0]
    going = 0
    for height in heights:
        if going >= 0:
            high = max(high, height)
        if going <= 0:
            low = min(low, height)
        if going >= 0 and high - height >= hysteresis_m:
            gain += high - low if going else 0.0
            going, low = -1, height
        elif going <= 0 and height - low >= hysteresis_m:
            loss += high - low if going else 0.0
            going, high = 1, height
    return gain + (high - low if going > 0 else 0.0), loss + (high - low if going < 0 else 0.0)


def _height(known: Sequence[tuple[float, float]], metres: float) -> float:
    """On the straight line between the neighbours; level before the first and behind the last."""
    index = bisect_right(known, (metres, math.inf))
    if index == 0:
        return known[0][1]
    if index == len(known):
        return known[-1][1]
    (before, low), (behind, high) = known[index - 1], known[index]
    return low + (high - low) * (metres - before) / (behind - before)


def _smooth(heights: list[float]) -> list[float]:
    """Medians; towards the ends of fewer neighbours, the same number on both sides."""
    smooth = []
    for index, height in enumerate(heights):
        reach = min(_NEIGHBOURS // 2, index, len(heights) - 1 - index)
        smooth.append(statistics.median(heights[index - reach : index + reach + 1]) if reach else height)
    return smooth


def _bare(place: Place) -> Place:
    return Place(place.latitude, place.longitude)
