"""The series of an activity, as columns."""

from __future__ import annotations

from typing import Any

from hub_core.sdk import Series
from hub_intervals.schemas import Stream

#: Theirs: ours, and the least value that a sensor means. `watts` is the corrected power.
_COLUMNS: dict[str, tuple[Any, float]] = {
    "heartrate": ("heart_rate_bpm", 1),
    "watts": ("power_w", 0),
    "cadence": ("cadence_rpm", 0),
    "velocity_smooth": ("speed_ms", 0),
    "distance": ("distance_m", 0),
    "altitude": ("altitude_m", -1000),
    "temp": ("temperature_c", -100),
}
#: Named, so that the uncorrected power doesn't come as well.
TYPES = ("time", "latlng", *_COLUMNS)
_LARGEST = 1e7


def to_series(streams: list[Stream]) -> Series | None:
    """The columns that are as long as the time; None without a time. Pauses are gaps in it."""
    by_type = {stream.type: stream for stream in streams}
    times = _numbers(by_type.get("time"), 0)
    kept, last = [], -1.0
    for index, moment in enumerate(times):
        if moment is not None and moment > last:
            kept.append(index)
            last = moment
    if not kept:
        return None
    columns: dict[Any, list[float | None]] = {"time_s": times}
    for name, (ours, least) in _COLUMNS.items():
        columns[ours] = _numbers(by_type.get(name), least)
    columns["latitude_deg"], columns["longitude_deg"] = to_places(by_type.get("latlng"), len(times))
    return Series.of(
        {
            name: [values[index] for index in kept]
            for name, values in columns.items()
            if len(values) == len(times)
        }
    )


def to_places(stream: Stream | None, count: int) -> tuple[list[float | None], list[float | None]]:
    """Latitudes and longitudes: as two lists, as one of pairs, or as one in turns. All have been seen."""
    data = (stream and stream.data) or []
    if stream and stream.data2:
        latitudes, longitudes = data, stream.data2
    elif len(data) == count and any(isinstance(one, list) for one in data):
        pairs = [one if isinstance(one, list) and len(one) == 2 else (None, None) for one in data]
        latitudes, longitudes = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    elif len(data) == 2 * count:
        latitudes, longitudes = data[::2], data[1::2]
    else:
        return [], []
    return _clean(latitudes, -90, 90), _clean(longitudes, -180, 180)


def _numbers(stream: Stream | None, least: float) -> list[float | None]:
    return _clean((stream and stream.data) or [], least, _LARGEST)


def _clean(values: list[Any], least: float, most: float) -> list[float | None]:
    return [one if isinstance(one, int | float) and least <= one <= most else None for one in values]
