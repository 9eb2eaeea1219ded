"""The samples of a FIT file: columns by field name, and out of them a series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hub_core.domain.series import Column, Series
from hub_core.formats.activities._fit_messages import DEGREES, Message, instant, number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Columns of equal length by field name, `timestamp` in Unix time among them; NaN for no value.
type Samples = Mapping[str, NDArray[np.float64]]
#: Fields of a `record` that are read, beside its `timestamp`. Of the pairs the first is the better one.
FIELDS = frozenset(
    {
        "heart_rate", "power", "cadence", "fractional_cadence", "enhanced_speed", "speed", "distance",
        "enhanced_altitude", "altitude", "position_lat", "position_long", "temperature",
    }
)  # fmt: skip
#: 1990-01-01 in Unix time: devices that don't know the time count from the day before.
_KNOWN_TIME = 631_152_000.0
#: Larger numbers are none.
_LARGEST = 1e12


def samples_of(records: Sequence[Message], *more: str) -> Samples:
    """The columns of decoded messages; `more` are fields of developers."""
    import numpy as np

    def moment(record: Message) -> float:
        found = instant(record.get("timestamp"))
        return np.nan if found is None else found.timestamp()

    columns = {"timestamp": np.array([moment(one) for one in records], dtype=float)}
    for name in sorted(FIELDS.union(more)):
        if any(name in one for one in records):
            columns[name] = np.array([number(one, name) for one in records], dtype=float)
    return with_time(columns)


def with_time(columns: Samples) -> Samples:
    """The samples whose time is known, with NaN for what is no sensible number."""
    import numpy as np

    if "timestamp" not in columns:
        return {"timestamp": np.empty(0)}
    keep = columns["timestamp"] >= _KNOWN_TIME
    return {
        name: np.where(np.abs(values[keep]) < _LARGEST, values[keep], np.nan)
        for name, values in columns.items()
    }


def first_time(samples: Samples) -> dt.datetime | None:
    """When the first sample was taken."""
    times = samples["timestamp"]
    return dt.datetime.fromtimestamp(float(times.min()), dt.UTC) if len(times) else None


def between(samples: Samples, start: dt.datetime, end: dt.datetime) -> Samples:
    """The samples from `start` to `end`, both included."""
    times = samples["timestamp"]
    within = (times >= start.timestamp()) & (times <= end.timestamp())
    return {name: values[within] for name, values in samples.items()}


def to_series(samples: Samples, start: dt.datetime, longest_s: float, power_field: str) -> Series | None:
    """The samples in the order of their times; of two with one time the later one stands, and what only the
    earlier one has stays with it."""
    import numpy as np

    seconds = samples["timestamp"] - start.timestamp()
    order = np.argsort(seconds, kind="stable")
    order = order[(seconds[order] >= 0) & (seconds[order] <= longest_s)]
    if not len(order):
        return None
    time = seconds[order]
    firsts = np.flatnonzero(np.diff(time, prepend=-1.0))
    rows = np.arange(len(order))

    def field(*names: str) -> NDArray[np.float64]:
        """The first of some fields, where it has a value."""
        found = np.full(len(firsts), np.nan)
        for name in names:
            if name not in samples:
                continue
            values = samples[name][order]
            if len(firsts) != len(values):
                values = values[np.maximum.reduceat(np.where(np.isnan(values), firsts_of_rows, rows), firsts)]
            found = np.where(np.isnan(found), values, found)
        return found

    firsts_of_rows = np.repeat(firsts, np.diff(firsts, append=len(order)))
    columns: dict[Column, NDArray[np.float64]] = {
        "time_s": time[firsts],
        "heart_rate_bpm": field("heart_rate"),
        "power_w": field("power", power_field),
        "cadence_rpm": field("cadence") + np.nan_to_num(field("fractional_cadence")),
        "speed_ms": field("enhanced_speed", "speed"),
        "distance_m": field("distance"),
        "altitude_m": field("enhanced_altitude", "altitude"),
        "latitude_deg": field("position_lat") * DEGREES,
        "longitude_deg": field("position_long") * DEGREES,
        "temperature_c": field("temperature"),
    }
    return Series.of(dict(columns))
