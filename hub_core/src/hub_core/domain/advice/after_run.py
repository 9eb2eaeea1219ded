"""How hard a run was, hills and weather taken out of its pace."""

from __future__ import annotations

import msgspec

from hub_core.domain.advice.rate_hour import wbgt_of
from hub_core.domain.fact import Fact
from hub_core.domain.science._ranges import check_range
from hub_core.domain.science.grade import GradeModel, grade_adjusted_distance
from hub_core.domain.science.load import tss
from hub_core.domain.science.pace_heat import slow_down_by_wbgt
from hub_core.domain.weather import HourlyConditions

#: How much more than elites the rest lose in heat: between 1.5 and 2 by studies that don't agree.
DEFAULT_LEVEL = 1.5
#: Nobody runs so far from their threshold: outside of it a threshold is old, or a GPS was lost.
_LOWEST_INTENSITY, _HIGHEST_INTENSITY = 0.2, 2.0


class RunDone(msgspec.Struct, frozen=True):
    """A run: metres and moving seconds, and if known its course: cumulative metres and heights there."""

    distance_m: float
    moving_s: float
    course_m: tuple[float, ...] = ()
    elevation_m: tuple[float, ...] = ()


class EffortScore(msgspec.Struct, frozen=True):
    """Paces in s/km: as run, on the level, and on the level in the best weather.

    `score` is TSS by the last of them, `intensity` its fraction of threshold; both None without a threshold
    pace, the score also where the two can't belong together. `is_weather_adjusted` and `is_grade_adjusted`
    say what could be taken out.
    """

    pace: float
    graded_pace: float
    neutral_pace: float
    slow_down_pct: float
    intensity: float | None
    score: float | None
    is_grade_adjusted: bool
    is_weather_adjusted: bool
    why: tuple[Fact, ...]


def score_run(
    run: RunDone,
    weather: HourlyConditions | None,
    threshold_speed_mps: float | None,
    *,
    level: float = DEFAULT_LEVEL,
    model: GradeModel = GradeModel.MINETTI,
) -> EffortScore:
    """The effort of a run.

    Pace / grade factor / (1 + slow-down), and hours · (threshold / pace)² · 100 of that.

    Hills are weighed by Minetti's energy over stretches of 50 m, heat and cold by 0.35 % for each °C of WBGT
    outside of 7.5 to 15 °C (Mantzios 2022) times `level`. In weather for which there is no number (under 0
    °C of WBGT, or above ACSM's cancel level) the pace stays as it is, and `why` says so. Raises
    `InvalidInputError` for a distance, time or course that can't be.
    """
    check_range("distance_m", run.distance_m, 100, 1_000_000, "m")
    check_range("moving_s", run.moving_s, 10, 7 * 86_400, "s")
    pace = run.moving_s / run.distance_m * 1000
    check_range("pace", pace, 60, 3600, "s/km")
    why = [Fact("pace", round(pace, 1), "s/km", "the run")]
    graded, has_course = pace, False
    if len(run.course_m) > 1:
        flat_m = grade_adjusted_distance(run.course_m, run.elevation_m, model)
        length_m = run.course_m[-1] - run.course_m[0]
        if flat_m > 0 and length_m > 0:
            factor, has_course = flat_m / length_m, True
            graded = pace / factor
            why.append(Fact("hills", round(factor, 3), "times the level", f"{model}, over 50 m"))
    if not has_course:
        why.append(Fact("hills", "not known", "", "no heights in the run"))
    slow_down = _slow_down(weather, level, why)
    neutral = graded / (1 + (slow_down or 0) / 100)
    intensity = score = None
    if threshold_speed_mps is not None:
        check_range("threshold_speed_mps", threshold_speed_mps, 0.5, 8, "m/s")
        threshold = 1000 / threshold_speed_mps
        intensity = threshold / neutral
        why.append(Fact("threshold pace", round(threshold, 1), "s/km", "the athlete"))
        if _LOWEST_INTENSITY <= intensity <= _HIGHEST_INTENSITY:
            score = tss(run.moving_s, intensity)
        else:
            why.append(Fact("score", "no number", "", "the threshold or the run can't be right"))
    return EffortScore(
        round(pace, 1),
        round(graded, 1),
        round(neutral, 1),
        round(slow_down or 0, 2),
        None if intensity is None else round(intensity, 3),
        None if score is None else round(score, 1),
        has_course,
        slow_down is not None,
        tuple(why),
    )


def _slow_down(weather: HourlyConditions | None, level: float, why: list[Fact]) -> float | None:
    wbgt = wbgt_of(weather) if weather else None
    if wbgt is None:
        why.append(Fact("weather", "not known", "", "no temperature and humidity for the hour"))
        return None
    why.append(Fact("WBGT", round(wbgt.value_c, 1), "°C", f"{wbgt.method}; {wbgt.error}"))
    found = slow_down_by_wbgt(wbgt.value_c, level)
    if found is None:
        why.append(Fact("slow-down", "no number", "", "outside of 0 to 27.8 °C of WBGT nothing is published"))
        return None
    source = f"Mantzios 2022 times {level:g}: {found.low:.1f} to {found.high:.1f} %"
    why.append(Fact("slow-down", round(found.likely, 2), "%", source))
    return found.likely
