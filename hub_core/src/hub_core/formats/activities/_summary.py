"""Fills what an activity's summary leaves out, from its samples. What a file says itself is not changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hub_core.domain.records import Activity
from hub_core.domain.series import Column, Series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: A longer gap between two samples is a pause, in which the last value did not go on.
_PAUSE_S = 30.0
#: Noise of a barometer: a climb counts from here on.
_CLIMB_M = 3.0
_EARTH_M = 6_371_008.8


def summarize(activity: Activity) -> Activity:
    """The activity with duration, distance, means and climbs from its series, where it has none."""
    series = activity.series
    if series is None or not len(series):
        return activity
    found: dict[str, Any] = {}

    def fill(name: str, value: float | None) -> None:
        if getattr(activity, name) is None and value is not None:
            found[name] = value

    if activity.duration_s <= 0:
        time = series.column("time_s")
        found["duration_s"] = float(time[-1]) if time is not None else 0.0
    fill("distance_m", _last(series.column("distance_m")))
    for name, column in _MEANS.items():
        fill(name, _mean(series, column))
    for name, column in _HIGHEST.items():
        fill(name, _highest(series.column(column)))
    if activity.elevation_gain_m is None and activity.elevation_loss_m is None:
        gain, loss = climbs(series.column("altitude_m"))
        fill("elevation_gain_m", gain)
        fill("elevation_loss_m", loss)
    return msgspec.structs.replace(activity, **found)


_MEANS: dict[str, Column] = {
    "avg_heart_rate_bpm": "heart_rate_bpm",
    "avg_power_w": "power_w",
    "avg_cadence_rpm": "cadence_rpm",
}
_HIGHEST: dict[str, Column] = {"max_heart_rate_bpm": "heart_rate_bpm", "max_power_w": "power_w"}


def climbs(altitude: NDArray[np.float64] | None) -> tuple[float | None, float | None]:
    """Metres up and down, with a hysteresis of 3 m: what stays below that is the sensor's noise."""
    import numpy as np

    if altitude is None:
        return None, None
    up = down = 0.0
    known = altitude[~np.isnan(altitude)].tolist()
    if not known:
        return None, None
    at = known[0]
    for metres in known:
        if metres - at >= _CLIMB_M:
            up += metres - at
            at = metres
        elif at - metres >= _CLIMB_M:
            down += at - metres
            at = metres
    return up, down


def distances(latitude: list[float | None], longitude: list[float | None]) -> list[float | None]:
    """Metres from the first point to each, along the sphere (haversine); None where no point is known."""
    import numpy as np

    lat, lon = (np.radians(np.array(values, dtype=float)) for values in (latitude, longitude))
    known = ~(np.isnan(lat) | np.isnan(lon))
    if not known.any():
        return [None] * len(latitude)
    a, b = lat[known], lon[known]
    half = np.sin(np.diff(a) / 2) ** 2 + np.cos(a[:-1]) * np.cos(a[1:]) * np.sin(np.diff(b) / 2) ** 2
    steps = 2 * _EARTH_M * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    total = np.full(len(lat), np.nan)
    total[known] = np.concatenate(([0.0], np.cumsum(steps)))
    return [None if np.isnan(value) else float(value) for value in total]


def _mean(series: Series, name: Column) -> float | None:
    """Over time: a value holds until the next sample, but not through a pause."""
    import numpy as np

    values, time = series.column(name), series.column("time_s")
    if values is None or time is None:
        return None
    spans = np.diff(time, append=time[-1] + 1.0)
    weights = np.where(np.isnan(values), 0.0, np.clip(spans, 0.0, _PAUSE_S))
    total = float(weights.sum())
    return round(float(np.nansum(values * weights)) / total, 2) if total > 0 else None


def _highest(values: NDArray[np.float64] | None) -> float | None:
    import numpy as np

    return None if values is None else float(np.nanmax(values))


def _last(values: NDArray[np.float64] | None) -> float | None:
    import numpy as np

    if values is None:
        return None
    known = values[~np.isnan(values)]
    return float(known[-1]) if len(known) else None
