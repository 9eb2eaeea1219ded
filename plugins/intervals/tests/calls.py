"""What the tests of the hooks have in common."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    DistanceDuration,
    Intensity,
    Metric,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Sport,
    Step,
    TimeDuration,
)
from hub_core.testing.harness import ProviderHarness
from hub_intervals import plugin

ATHLETE = Athlete(ftp_w=250, lthr_bpm=168, threshold_speed_mps=4.0, css_mps=1.25)


DAY = dt.date(2031, 4, 7)


def hills(name: str = "Hills", minutes: int = 10, day: dt.date = DAY) -> CompiledWorkout:
    workout = PlannedWorkout(
        name,
        Sport.RUN,
        (
            Step(
                TimeDuration(60 * minutes),
                RangeTarget(Metric.HEART_RATE, 120, 140),
                intensity=Intensity.WARMUP,
            ),
            Repeat(
                4,
                (
                    Step(
                        DistanceDuration(400),
                        PercentTarget(Metric.HEART_RATE, 92, 97, Reference.LTHR),
                        name="Hill",
                    ),
                    Step(TimeDuration(120), intensity=Intensity.RECOVERY, name="Jog down"),
                ),
            ),
        ),
        day,
    )
    return plugin.compile_workout(workout, ATHLETE)


def with_text(description: str) -> CompiledWorkout:
    """A workout whose text went wrong on the way."""
    sent = hills()
    event = sent.payload["event"] | {"description": description}
    return msgspec.structs.replace(sent, payload=sent.payload | {"event": event})


def events(icu: ProviderHarness) -> list[dict[str, Any]]:
    return list(icu.sandbox.calendar.events.values())
