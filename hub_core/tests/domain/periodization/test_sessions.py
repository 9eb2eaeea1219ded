"""Sessions of any length add up."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.periodization.sessions import Kind, lay_out, load_of, to_workout
from hub_core.domain.periodization.zones import Zone
from hub_core.domain.sport import Sport
from hub_core.domain.validate import validate
from hub_core.domain.workout import Repeat
from hub_core.testing.strategies import KNOWN_ATHLETE

SPORTS = [Sport.RUN, Sport.RIDE, Sport.POOL_SWIM]


@given(st.sampled_from(Kind), st.integers(1, 400), st.sampled_from(Zone), st.sampled_from(SPORTS))
def test_any_session_lasts_what_it_should_and_is_valid(
    kind: Kind, minutes: int, race_zone: Zone, sport: Sport
) -> None:
    parts = lay_out(kind, minutes, race_zone)
    assert sum(part.total_s for part in parts) == minutes * 60
    assert all(part.seconds > 0 for part in parts)
    validate(to_workout(kind, parts, sport, KNOWN_ATHLETE, dt.date(2027, 1, 1), ""))


@given(st.sampled_from([Kind.TEMPO, Kind.THRESHOLD, Kind.VO2]), st.integers(20, 200))
def test_hard_work_is_never_more_than_makes_sense(kind: Kind, minutes: int) -> None:
    work = next(part for part in lay_out(kind, minutes, Zone.TEMPO) if part.rest_s)
    most = {Kind.TEMPO: 60, Kind.THRESHOLD: 40, Kind.VO2: 24}[kind]
    assert 1 <= work.times * work.seconds / 60 <= most


def test_an_hour_at_threshold_is_nearly_100() -> None:
    parts = lay_out(Kind.EASY, 60, Zone.TEMPO)
    easy = load_of(parts, Sport.RUN)
    at_threshold = load_of(tuple(part._replace(zone=Zone.THRESHOLD) for part in parts), Sport.RUN)
    assert at_threshold == pytest.approx(97, abs=1)
    assert easy == pytest.approx(59.3, abs=0.1)  # 0.77² of it


def test_a_threshold_session_reads_as_a_coach_would_write_it() -> None:
    parts = lay_out(Kind.THRESHOLD, 65, Zone.TEMPO)
    workout = to_workout(Kind.THRESHOLD, parts, Sport.RUN, KNOWN_ATHLETE, dt.date(2027, 1, 1), "Build.")
    assert workout.name == "Threshold run, 4 × 8 min"
    warm_up, intervals, cool_down = workout.steps
    assert isinstance(intervals, Repeat)
    assert intervals.times == 4
    assert [step.intensity for step in (warm_up, *intervals.steps, cool_down)] == [  # type: ignore[union-attr]
        "warmup",
        "interval",
        "recovery",
        "cooldown",
    ]
