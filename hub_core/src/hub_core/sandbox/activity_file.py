"""What an athlete did as the FIT file that a device would have written."""

from __future__ import annotations

from hub_core.domain.records import Activity, Device, Lap
from hub_core.domain.series import Column, Series
from hub_core.formats import write_fit_activity
from hub_core.sandbox.recorded import RecordedActivity

_STEP_S = 10


def write_activity_file(activity: RecordedActivity) -> bytes:
    """A sample every ten seconds, evenly paced, in one lap. The same activity gives the same bytes."""
    length_s, metres = activity.duration_s, activity.distance_m
    moments = [float(second) for second in (*range(0, int(length_s), _STEP_S), int(length_s))]
    columns: dict[Column, list[float]] = {"time_s": moments}
    if metres is not None:
        columns["distance_m"] = [metres * moment / length_s if length_s else 0.0 for moment in moments]
    if activity.heart_rate_bpm is not None:
        columns["heart_rate_bpm"] = [float(round(activity.heart_rate_bpm))] * len(moments)
    return write_fit_activity(
        Activity(
            activity.name,
            activity.sport,
            activity.start,
            length_s,
            metres,
            avg_heart_rate_bpm=activity.heart_rate_bpm,
            device=Device("", "development", "1"),
            laps=(Lap(0.0, length_s, metres, activity.heart_rate_bpm),),
            series=Series.of(dict(columns)),
        )
    )
