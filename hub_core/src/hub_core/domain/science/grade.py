"""What a slope costs: grade-adjusted pace by energy (Minetti) and by what runners do (Strava)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from hub_core.domain.science._ranges import check_range, interpolate
from hub_core.errors import InvalidInputError

#: The steepest slopes that Minetti measured, as fractions.
STEEPEST = 0.45
#: Metres over which heights are smoothed before a slope is taken: less is the noise of the barometer.
SMOOTHING_M = 50

_RUNNING = (155.4, -30.4, -43.3, 46.3, 19.5, 3.6)
_WALKING = (280.5, -58.7, -76.8, 51.9, 19.6, 2.5)
#: Slope and factor of Strava's model of 2017, as read off by aaron-schroeder/specialsauce. Beyond ±30 %
#: nothing.
_STRAVA = (
    (-0.30, 1.495),
    (-0.20, 1.081),
    (-0.15, 0.941),
    (-0.10, 0.876),
    (-0.08, 0.876),
    (-0.04, 0.918),
    (-0.02, 0.960),
    (0.0, 1.0),
    (0.02, 1.055),
    (0.04, 1.135),
    (0.06, 1.228),
    (0.08, 1.337),
    (0.10, 1.459),
    (0.15, 1.846),
    (0.20, 2.297),
    (0.30, 3.158),
)


class GradeModel(StrEnum):
    """By which model a slope is weighed."""

    #: Energy on a treadmill: right for the cost, too generous to those who run downhill.
    MINETTI = "minetti"
    #: Runners at the same heart rate: closer to what a hill does to a pace.
    STRAVA = "strava"


def running_cost(grade: float) -> float:
    """The energy of running on a slope, in J per kg and m. `grade` is a fraction: 0.1 rises 10 m in 100 m.

    155.4·i⁵ − 30.4·i⁴ − 43.3·i³ + 46.3·i² + 19.5·i + 3.6, Minetti et al., J. Appl. Physiol. 93 (2002).
    Measured from −0.45 to +0.45; `InvalidInputError` beyond. On the level it gives 3.6, where 3.40 ± 0.24
    was measured.
    """
    check_range("grade", grade, -STEEPEST, STEEPEST)
    return _polynomial(_RUNNING, grade)


def walking_cost(grade: float) -> float:
    """As `running_cost`, for walking: 280.5·i⁵ − 58.7·i⁴ − 76.8·i³ + 51.9·i² + 19.6·i + 2.5."""
    check_range("grade", grade, -STEEPEST, STEEPEST)
    return _polynomial(_WALKING, grade)


def _polynomial(coefficients: tuple[float, ...], x: float) -> float:
    value = 0.0
    for coefficient in coefficients:
        value = value * x + coefficient
    return value


def grade_factor(grade: float, model: GradeModel = GradeModel.MINETTI) -> float:
    """How many metres of the level a metre on this slope is worth. `grade` is a fraction.

    Steeper than the model knows (0.45 Minetti, 0.30 Strava) counts as its steepest, up to ±1: a barometer
    makes such slopes. Beyond ±1 it is `InvalidInputError`, for somebody gave percent.
    """
    check_range("grade", grade, -1, 1)
    if model is GradeModel.STRAVA:
        return interpolate(_STRAVA, grade)
    return running_cost(min(max(grade, -STEEPEST), STEEPEST)) / _RUNNING[-1]


def grade_adjusted_pace(pace_s_per_km: float, grade: float, model: GradeModel = GradeModel.MINETTI) -> float:
    """The pace on the level, in s/km, that is as hard as `pace_s_per_km` on a slope (a fraction).

    Pace / factor.
    """
    check_range("pace_s_per_km", pace_s_per_km, 60, 3600, "s/km")
    return pace_s_per_km / grade_factor(grade, model)


def grade_adjusted_distance(
    distance_m: Sequence[float],
    elevation_m: Sequence[float],
    model: GradeModel = GradeModel.MINETTI,
    smoothing_m: float = SMOOTHING_M,
) -> float:
    """The metres of the level that a course is worth: time divided by it is the grade-adjusted pace.

    `distance_m` are cumulative and `elevation_m` the heights there, sample by sample. Slopes are taken over
    stretches of `smoothing_m`, that of a shorter rest at the end together with the stretch before it. Raises
    `InvalidInputError` for series of different lengths and for a distance that goes back.
    """
    if len(distance_m) != len(elevation_m):
        raise InvalidInputError(
            f"{len(elevation_m)} heights for {len(distance_m)} distances", path="elevation_m"
        )
    check_range("smoothing_m", smoothing_m, 10, 1000, "m")
    total, before, start = 0.0, 0, 0
    for index in range(1, len(distance_m)):
        if not distance_m[index] >= distance_m[index - 1]:
            raise InvalidInputError("distances must not go back", path=f"distance_m[{index}]")
        run = distance_m[index] - distance_m[start]
        is_short = run < smoothing_m
        if run <= 0 or (is_short and index < len(distance_m) - 1):
            continue
        # The few metres at the end make a slope of anything: they share that of the stretch before them.
        first = before if is_short else start
        rise = elevation_m[index] - elevation_m[first]
        grade = rise / max(distance_m[index] - distance_m[first], smoothing_m / 2)
        total += run * grade_factor(min(max(grade, -1), 1), model)
        before, start = start, index
    return total
