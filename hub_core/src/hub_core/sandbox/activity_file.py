"""What an athlete did as the FIT file that a device would have written."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyfitparsernative

from hub_core.domain.sport import SportFamily
from hub_core.sandbox.recorded import RecordedActivity

_SPORTS = {
    SportFamily.RUNNING: "running",
    SportFamily.CYCLING: "cycling",
    SportFamily.SWIMMING: "swimming",
}
_STEP_S = 10


def write_activity_file(activity: RecordedActivity) -> bytes:
    """A sample every ten seconds, evenly paced, in one lap. The same activity gives the same bytes."""
    length_s, metres = activity.duration_s, activity.distance_m
    start = activity.start.astimezone(dt.UTC).replace(tzinfo=None)
    end = start + dt.timedelta(seconds=length_s)
    total: dict[str, Any] = {
        "timestamp": _iso(end),
        "start_time": _iso(start),
        "total_elapsed_time": length_s,
        "total_timer_time": length_s,
    }
    if metres is not None:
        total["total_distance"] = metres
    if activity.heart_rate_bpm is not None:
        total["avg_heart_rate"] = round(activity.heart_rate_bpm)
    moments = [*range(0, int(length_s), _STEP_S), int(length_s)]
    sport = _SPORTS.get(activity.sport.family, "generic")
    offset = activity.start.utcoffset() or dt.timedelta()
    return bytes(
        pyfitparsernative.write_fit_bytes(
            [
                {
                    "message_type": "file_id",
                    "type": "activity",
                    "manufacturer": "development",
                    "product": 1,
                    "serial_number": 1,
                    "time_created": _iso(start),
                },
                *(_record(activity, start, moment) for moment in moments),
                {"message_type": "lap", **total},
                {"message_type": "session", "sport": sport, "sub_sport": "generic", **total},
                {
                    "message_type": "activity",
                    "timestamp": _iso(end),
                    "local_timestamp": _iso(end + offset),
                    "total_timer_time": length_s,
                    "num_sessions": 1,
                    "type": "manual",
                },
            ]
        )
    )


def _record(activity: RecordedActivity, start: dt.datetime, moment_s: int) -> dict[str, Any]:
    record: dict[str, Any] = {
        "message_type": "record",
        "timestamp": _iso(start + dt.timedelta(seconds=moment_s)),
    }
    if activity.distance_m is not None:
        done = moment_s / activity.duration_s if activity.duration_s else 0.0
        record["distance"] = round(activity.distance_m * done, 2)
    if activity.heart_rate_bpm is not None:
        record["heart_rate"] = round(activity.heart_rate_bpm)
    return record


def _iso(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds")
