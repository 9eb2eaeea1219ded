"""Writes a recorded activity as a FIT file: what sandboxes hand out, and what people take along.

Source: the FIT profile and the file type "activity", as published with the FIT SDK.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pyfitparsernative

from hub_core.domain.records import Activity
from hub_core.domain.series import Column
from hub_core.formats._fit_words import SPORTS
from hub_core.formats.activities._fit_messages import DEGREES

#: Ours: the field of a `record`.
_FIELDS: dict[Column, str] = {
    "heart_rate_bpm": "heart_rate",
    "power_w": "power",
    "cadence_rpm": "cadence",
    "speed_ms": "enhanced_speed",
    "distance_m": "distance",
    "altitude_m": "enhanced_altitude",
    "latitude_deg": "position_lat",
    "longitude_deg": "position_long",
    "temperature_c": "temperature",
}
_WHOLE = frozenset({"heart_rate", "power", "cadence", "temperature"})


def write_fit_activity(activity: Activity) -> bytes:
    """The activity with its laps and samples; one without a series has two samples, its start and its end."""
    start, end = _time(activity.start), _time(activity.end)
    offset = activity.start.utcoffset() or dt.timedelta()
    device = activity.device
    head: dict[str, Any] = {
        "message_type": "file_id",
        "type": "activity",
        "manufacturer": (device.manufacturer if device else "") or "development",
        "time_created": start,
    }
    if device and device.serial.isdecimal():
        head["serial_number"] = int(device.serial)
    sport, sub_sport = SPORTS[activity.sport]
    session = {
        "message_type": "session",
        "timestamp": end,
        "start_time": start,
        "sport": sport,
        "sub_sport": sub_sport,
        "total_elapsed_time": activity.duration_s,
        "total_timer_time": activity.moving_s if activity.moving_s is not None else activity.duration_s,
        **_known(activity),
    }
    laps = [
        {
            "message_type": "lap",
            "timestamp": _time(activity.start + dt.timedelta(seconds=lap.start_s + lap.duration_s)),
            "start_time": _time(activity.start + dt.timedelta(seconds=lap.start_s)),
            "total_elapsed_time": lap.duration_s,
            "total_timer_time": lap.duration_s,
            **_some(total_distance=lap.distance_m, avg_heart_rate=_whole(lap.avg_heart_rate_bpm)),
        }
        for lap in activity.laps
    ]
    tail = {
        "message_type": "activity",
        "timestamp": end,
        "local_timestamp": _time(activity.end + offset),
        "total_timer_time": session["total_timer_time"],
        "num_sessions": 1,
    }
    data: bytes = pyfitparsernative.write_fit_bytes([head, *_records(activity), *laps, session, tail])
    return data


def _records(activity: Activity) -> list[dict[str, Any]]:
    series = activity.series
    if series is None:
        ends = ((activity.start, 0.0), (activity.end, activity.distance_m))
        return [
            {"message_type": "record", "timestamp": _time(moment), **_some(distance=metres)}
            for moment, metres in ends
        ]
    columns = {_FIELDS[name]: series.column(name) for name in series.names() if name != "time_s"}
    time = series.column("time_s")
    assert time is not None  # noqa: S101 (every series has it)
    records = []
    for index, second in enumerate(time):
        moment = activity.start + dt.timedelta(seconds=float(second))
        record: dict[str, Any] = {"message_type": "record", "timestamp": _time(moment)}
        for field, values in columns.items():
            value = float(values[index]) if values is not None else math.nan
            if not math.isnan(value):
                record[field] = _scaled(field, value)
        records.append(record)
    return records


def _scaled(field: str, value: float) -> float | int:
    if field.startswith("position"):
        return round(value / DEGREES)
    return round(value) if field in _WHOLE else value


def _known(activity: Activity) -> dict[str, Any]:
    return _some(
        total_distance=activity.distance_m,
        total_ascent=_whole(activity.elevation_gain_m),
        total_descent=_whole(activity.elevation_loss_m),
        avg_heart_rate=_whole(activity.avg_heart_rate_bpm),
        max_heart_rate=_whole(activity.max_heart_rate_bpm),
        avg_power=_whole(activity.avg_power_w),
        max_power=_whole(activity.max_power_w),
        normalized_power=_whole(activity.normalized_power_w),
        avg_cadence=_whole(activity.avg_cadence_rpm),
        total_calories=_whole(activity.energy_kcal),
    )


def _some(**fields: float | None) -> dict[str, float]:
    return {name: value for name, value in fields.items() if value is not None}


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _time(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).replace(microsecond=0, tzinfo=None).isoformat()
