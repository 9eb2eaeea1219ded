"""The picture of a workout as numbers: when, how hard, how long, and what of it is a guess."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given

from hub_core.domain.athlete import Athlete
from hub_core.domain.outline import expand_repeats, place_steps
from hub_core.domain.profile import Piece, Profile, Span, Timing, make_profile
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    DistanceDuration,
    Intensity,
    Metric,
    Node,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    TimeDuration,
    total_duration_s,
)
from hub_core.testing.strategies import KNOWN_ATHLETE, planned_workouts

#: FTP 250 W, LTHR 170, maximum 190 bpm, 4.2 m/s, CSS 1.3 m/s.
ANNA = KNOWN_ATHLETE
NOBODY = Athlete()


def ftp(low: float, high: float, ramp: Any = None) -> PercentTarget:
    return PercentTarget(Metric.POWER, low, high, Reference.FTP, ramp)


def profile(*steps: Node, sport: Sport = Sport.RIDE, athlete: Athlete = ANNA) -> Profile:
    return make_profile(PlannedWorkout("Plan", sport, steps), athlete)


def test_a_session_from_beginning_to_end() -> None:
    warm = Step(TimeDuration(600), ftp(50, 70, "up"), intensity=Intensity.WARMUP, name="Warm-up")
    hard = Step(TimeDuration(120), RangeTarget(Metric.POWER, 300, 300), intensity=Intensity.INTERVAL)
    easy = Step(TimeDuration(60), intensity=Intensity.RECOVERY)
    made = profile(warm, Repeat(2, (hard, easy)))
    told = [(one.path, one.start_s, one.seconds, one.effort.low, one.effort.high) for one in made.segments]
    assert told == [
        ("steps[0]", 0, 600, 50, 70),
        ("steps[1].repeat[0]", 600, 120, 120, 120),
        ("steps[1].repeat[1]", 720, 60, 45, 45),
        ("steps[1].repeat[0]", 780, 120, 120, 120),
        ("steps[1].repeat[1]", 900, 60, 45, 45),
    ]
    assert [one.label for one in made.segments[:3]] == [
        "Warm-up: 10 min at ramp 50–70 % FTP (warmup)",
        "2 min at 300 W",
        "1 min (recovery)",
    ]
    assert [one.is_free for one in made.segments[:3]] == [False, False, True]
    assert (made.seconds, made.is_estimate, made.highest) == (960, False, 120)
    assert (made.metric, made.is_relative, made.is_absolute) == (Metric.POWER, True, True)
    # The ramp leaves zone 1 at 55 %, a quarter of its way; 120 % is the end of zone 5.
    assert made.zone_seconds() == pytest.approx({1: 150, 2: 450, 5: 240, None: 120})


def test_a_ramp_is_a_slope_cut_where_its_zone_changes() -> None:
    up, down = profile(
        Step(TimeDuration(400), ftp(50, 90, "up")), Step(TimeDuration(400), ftp(50, 90, "down"))
    ).segments
    assert [up.span_at(part).low for part in (0, 0.5, 1)] == [50, 70, 90]
    assert [down.span_at(part).low for part in (0, 0.5, 1)] == [90, 70, 50]
    assert list(up.pieces()) == [
        Piece(0, 50, Span(50, 50), Span(55, 55), 1),
        Piece(50, 200, Span(55, 55), Span(75, 75), 2),
        Piece(250, 150, Span(75, 75), Span(90, 90), 3),
    ]
    assert [(one.start_s, one.zone) for one in down.pieces()] == [(400, 3), (550, 2), (750, 1)]


SWIM, RUN, RIDE, WALK = Sport.POOL_SWIM, Sport.RUN, Sport.RIDE, Sport.WALK
SLOW, MIDDLE = RangeTarget(Metric.PACE, 2, 4), PercentTarget(Metric.PACE, 100, 100, Reference.THRESHOLD_PACE)
BY_BEAT = PercentTarget(Metric.HEART_RATE, 80, 80, Reference.LTHR)
TIMES: list[tuple[Step, Sport, Athlete, float, Timing]] = [
    (Step(TimeDuration(90)), RIDE, NOBODY, 90, Timing.PLANNED),
    # The middle of 2 and 4 m/s; all of 4.2 m/s.
    (Step(DistanceDuration(900), SLOW), RUN, NOBODY, 300, Timing.PACED),
    (Step(DistanceDuration(4200), MIDDLE), RUN, ANNA, 1000, Timing.PACED),
    # Whose threshold is not known: 12 km/h, 30 km/h, 2:00 /100 m, 1.5 m/s.
    (Step(DistanceDuration(1000), MIDDLE), RUN, NOBODY, 300, Timing.GUESSED),
    (Step(DistanceDuration(1000)), RIDE, ANNA, 120, Timing.GUESSED),
    (Step(DistanceDuration(100)), SWIM, NOBODY, 120, Timing.GUESSED),
    (Step(DistanceDuration(1500)), WALK, ANNA, 1000, Timing.GUESSED),
    # 80 % of effort are 90 % of threshold speed, 3.78 m/s; nobody runs 0 m/s.
    (Step(DistanceDuration(3780), BY_BEAT), RUN, ANNA, 1000, Timing.GUESSED),
    (Step(DistanceDuration(1000), RangeTarget(Metric.PACE, 0, 0)), RUN, NOBODY, 300, Timing.GUESSED),
    (Step(OpenDuration(), SLOW), RUN, ANNA, 300, Timing.OPEN),
]


@pytest.mark.parametrize(("step", "sport", "athlete", "seconds", "timing"), TIMES, ids=range(len(TIMES)))
def test_every_step_gets_a_time(
    step: Step, sport: Sport, athlete: Athlete, seconds: float, timing: Timing
) -> None:
    made = profile(step, sport=sport, athlete=athlete)
    assert made.seconds == pytest.approx(seconds)
    assert made.segments[0].timing is timing
    assert made.is_estimate == (timing is not Timing.PLANNED)


def test_the_metric_is_that_of_the_work() -> None:
    easy = Step(TimeDuration(1500), PercentTarget(Metric.HEART_RATE, 0, 80, Reference.LTHR))
    hard = Step(TimeDuration(1440), MIDDLE)
    assert profile(easy, hard, sport=RUN).metric is Metric.PACE
    assert profile(easy, sport=RUN).metric is Metric.HEART_RATE
    assert profile(Step(TimeDuration(60))).metric is None


@given(planned_workouts())
def test_all_of_a_workout_is_drawn_in_its_order(workout: PlannedWorkout) -> None:
    for athlete in (ANNA, NOBODY):
        made = make_profile(workout, athlete)
        played = expand_repeats(place_steps(workout.steps), 0)
        assert [one.path for one in made.segments] == [one.path for one in played]
        planned = [one.seconds for one in made.segments if one.timing is Timing.PLANNED]
        assert sum(planned) == pytest.approx(total_duration_s(workout.steps))
        assert sum(one.seconds for one in made.segments) == pytest.approx(made.seconds)
        assert made.segments[0].start_s == 0
        for before, after in itertools.pairwise(made.segments):
            assert before.end_s == after.start_s
        assert all(one.seconds > 0 for one in made.segments)


@given(planned_workouts())
def test_pieces_are_the_whole_segment(workout: PlannedWorkout) -> None:
    made = make_profile(workout, ANNA)
    for segment in made.segments:
        pieces = list(segment.pieces())
        assert sum(piece.seconds for piece in pieces) == pytest.approx(segment.seconds)
        assert (pieces[0].begin, pieces[-1].end) == (segment.span_at(0), segment.span_at(1))
        assert all(before.end == after.begin for before, after in itertools.pairwise(pieces))
        assert (pieces[0].zone is None) == segment.is_free
    assert sum(made.zone_seconds().values()) == pytest.approx(made.seconds)
