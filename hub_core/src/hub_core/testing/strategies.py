"""Hypothesis strategies: valid planned workouts of every kind, for property tests of mappings.

@given(planned_workouts())
def test_every_step_is_reported(workout): ...

Needs `hypothesis`, which is imported on the first call only.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING, Any

from hub_core.domain.athlete import Athlete
from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.workout import (
    METRIC_REFERENCES,
    CadenceRange,
    DistanceDuration,
    Duration,
    Intensity,
    Metric,
    Node,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    Ramp,
    RangeTarget,
    Repeat,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

#: Plausible and well inside of what `validate` takes, in the unit of the metric.
_BOUNDS = {
    Metric.POWER: (50.0, 900.0),
    Metric.HEART_RATE: (60.0, 220.0),
    Metric.PACE: (0.5, 8.0),
    Metric.SPEED: (0.5, 20.0),
    Metric.CADENCE: (40.0, 140.0),
    Metric.RPE: (1.0, 10.0),
}

_RAMPS: tuple[Ramp | None, ...] = (None, None, "up", "down")

#: Someone whose every threshold is known, so that every generated target can be resolved.
KNOWN_ATHLETE = Athlete(
    ftp_w=250, lthr_bpm=170, max_hr_bpm=190, threshold_speed_mps=4.2, css_mps=1.3, weight_kg=70
)


def planned_workouts(sports: tuple[Sport, ...] = tuple(Sport), *, depth: int = 3) -> SearchStrategy[Any]:
    """Valid `PlannedWorkout`s for some sports, dated, with repeats nested up to `depth` (at most 3)."""
    import hypothesis.strategies as st

    @st.composite
    def build(draw: DrawFn) -> PlannedWorkout:
        sport = draw(st.sampled_from(sports))
        return PlannedWorkout(
            name=draw(_texts(1)),
            sport=sport,
            steps=draw(st.lists(nodes(sport, depth=depth), min_size=1, max_size=5).map(tuple)),
            date=draw(st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31))),
            time=draw(st.none() | st.times().map(lambda moment: moment.replace(microsecond=0))),
            description=draw(_texts()),
            pool_length_m=draw(st.sampled_from((25.0, 33.33, 50.0))) if sport is Sport.POOL_SWIM else None,
        )

    return build()


@functools.cache
def nodes(sport: Sport, *, depth: int = 3) -> SearchStrategy[Node]:
    """Steps, and repeats nested up to `depth`."""
    import hypothesis.strategies as st

    if depth == 0:
        return steps(sport)
    children = st.lists(nodes(sport, depth=depth - 1), min_size=1, max_size=3).map(tuple)
    return steps(sport) | st.builds(Repeat, times=st.integers(1, 3), steps=children, name=_texts())


@functools.cache
def steps(sport: Sport) -> SearchStrategy[Step]:
    """Steps with any target that is allowed for the sport."""
    import hypothesis.strategies as st

    @st.composite
    def build(draw: DrawFn) -> Step:
        target = draw(st.none() | targets(sport))
        cadence = None
        # Cadence is for cycling, and stands beside a target that is not cadence itself.
        if sport.family is SportFamily.CYCLING and not (target and target.metric is Metric.CADENCE):
            cadence = draw(st.none() | _spans(Metric.CADENCE).map(lambda span: CadenceRange(*span)))
        return Step(
            duration=draw(_durations()),
            target=target,
            cadence=cadence,
            intensity=draw(st.sampled_from(Intensity)),
            name=draw(_texts()),
            notes=draw(_texts()),
        )

    return build()


@functools.cache
def targets(sport: Sport) -> SearchStrategy[Target]:
    """Absolute, relative and zone targets, with and without a ramp."""
    import hypothesis.strategies as st

    @st.composite
    def build(draw: DrawFn) -> Target:
        allowed = [one for one in Metric if one is not Metric.CADENCE or sport.family is SportFamily.CYCLING]
        metric = draw(st.sampled_from(allowed))
        references = sorted(METRIC_REFERENCES.get(metric, ()))
        kind = draw(st.sampled_from(("range", "percent", "zone") if references else ("range",)))
        ramp = draw(st.sampled_from(_RAMPS))
        if kind == "zone":
            low = draw(st.integers(1, 5))
            return ZoneTarget(metric, low, draw(st.integers(low, 5)))
        if kind == "percent":
            low, high = sorted(draw(st.tuples(st.integers(30, 150), st.integers(30, 150))))
            return PercentTarget(metric, low, high, draw(st.sampled_from(references)), ramp)
        return RangeTarget(metric, *draw(_spans(metric)), ramp)

    return build()


@functools.cache
def _durations() -> SearchStrategy[Duration]:
    import hypothesis.strategies as st

    return st.one_of(
        st.integers(1, 7200).map(TimeDuration),
        st.integers(25, 40_000).map(DistanceDuration),
        st.just(OpenDuration()),
    )


@functools.cache
def _spans(metric: Metric) -> SearchStrategy[tuple[float, float]]:
    import hypothesis.strategies as st

    value = st.floats(*_BOUNDS[metric]).map(lambda number: round(number, 2))
    return st.tuples(value, value).map(lambda pair: (min(pair), max(pair)))


@functools.cache
def _texts(min_size: int = 0) -> SearchStrategy[str]:
    """Any script, quotes, markup and line ends; no control characters."""
    import hypothesis.strategies as st

    letters = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t")
    texts = st.text(letters, max_size=30)
    return texts.filter(str.strip) if min_size else texts
