"""The refusal of values that can't be, and the look-up of bands."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from hub_core.errors import InvalidInputError


def check_range(name: str, value: float, low: float, high: float, unit: str = "") -> None:
    """Raise `InvalidInputError` whose path is `name` unless low ≤ value ≤ high. No number is outside too."""
    if not low <= value <= high:
        text = f"{value:g} is outside {low:g} to {high:g} {unit}".rstrip()
        raise InvalidInputError(text, path=name)


def check_temperature(value: float, name: str = "temperature_c") -> None:
    """Raise unless this can be the temperature of air on earth, in degrees Celsius."""
    check_range(name, value, -95, 65, "°C")


def check_humidity(value: float, name: str = "humidity_pct") -> None:
    """Raise unless this is a relative humidity in percent."""
    check_range(name, value, 0, 100, "%")


def check_wind(value: float, name: str = "wind_ms") -> None:
    """Raise unless this can be a wind, in metres per second."""
    check_range(name, value, 0, 115, "m/s")


def interpolate(points: Sequence[tuple[float, float]], x: float) -> float:
    """The y at `x` on the line through points of ascending x; the ends' values beyond them."""
    xs = [point[0] for point in points]
    if x <= xs[0]:
        return points[0][1]
    if x >= xs[-1]:
        return points[-1][1]
    right = bisect.bisect_right(xs, x)
    (x0, y0), (x1, y1) = points[right - 1], points[right]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
