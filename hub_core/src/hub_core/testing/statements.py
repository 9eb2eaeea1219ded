"""Made-up statements about one athlete, for tests of merging and of everything that calls `observe`."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from hub_core.domain.merge.statement import Identity, Statement
from hub_core.domain.records import Activity, Sample, SampleMetric, Stage
from hub_core.domain.series import Column, Series
from hub_core.domain.sport import Sport

#: A morning in Berlin, in winter.
ZONE = dt.timezone(dt.timedelta(hours=1))
MORNING = dt.datetime(2026, 11, 14, 7, 0, tzinfo=ZONE)


def activity(external_id: str = "1", *, late_s: float = 0, **fields: Any) -> Activity:
    """An hour's run of 12 km on a morning, begun so many seconds late."""
    told: dict[str, Any] = {
        "sport": Sport.RUN,
        "start": MORNING + dt.timedelta(seconds=late_s),
        "duration_s": 3600.0,
        "distance_m": 12_000.0,
        **fields,
    }
    return Activity(external_id=external_id, **told)


def say[R](source: str, record: R, version: int = 1) -> Statement[R]:
    """A statement, by a record that has an external id."""
    return Statement(Identity(source, getattr(record, "external_id")), version, record)  # noqa: B009


def curve(
    *columns: Column, seconds: int = 3600, every_s: int = 5, ahead_s: float = 0.0, seed: float = 0.0
) -> Series:
    """A series whose curves go up and down as an interval workout does.

    `ahead_s`: the moment of the workout at which the recording began. Another `seed` is another workout.
    """
    times = [float(second) for second in range(0, seconds, every_s)]

    def height(at: float) -> float:
        return (
            math.sin(at / (170 + 31 * seed))
            + 0.6 * math.sin(at / (53 + 17 * seed) + seed)
            + at / (4000 + seed)
        )

    levels = {"heart_rate_bpm": (140.0, 20.0), "power_w": (220.0, 60.0), "speed_ms": (3.3, 0.4)}
    table: dict[Column, Any] = {"time_s": times}
    for column in columns:
        middle, spread = levels.get(column, (50.0, 1.0))
        table[column] = [middle + spread * height(at + ahead_s) for at in times]
    return Series.of(table)


def steps(
    external_id: str, minute: int, length: int, value: float, device: str = "", **fields: Any
) -> Sample:
    """Steps that were counted from a minute of the morning on, for so many minutes."""
    start = MORNING + dt.timedelta(minutes=minute)
    return Sample(
        external_id,
        SampleMetric.STEPS,
        start,
        start + dt.timedelta(minutes=length),
        value,
        device=device,
        **fields,
    )


def sleep(
    external_id: str, stage: Stage, start: dt.datetime, minutes: float, device: str = "Watch"
) -> Sample:
    """A stretch of one stage of sleep."""
    end = start + dt.timedelta(minutes=minutes)
    return Sample(external_id, SampleMetric.SLEEP, start, end, stage=stage, device=device)
