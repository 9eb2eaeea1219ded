"""Air quality in the bands of two agencies, and what they mean for somebody who breathes hard."""

from __future__ import annotations

import itertools
from enum import IntEnum

from hub_core.domain.science._ranges import check_range


class AirFlag(IntEnum):
    """How bad the air is for training, on one ladder for both agencies' words; higher is worse."""

    GOOD = 0
    FAIR = 1
    SENSITIVE = 2
    UNHEALTHY = 3
    VERY_UNHEALTHY = 4
    HAZARDOUS = 5


#: The US index's last number in each band: good, moderate, unhealthy for sensitive groups, unhealthy, very
#: unhealthy (EPA). What is above is hazardous.
_US_UP_TO = (50, 100, 150, 200, 300)
#: The European index's: good, fair, moderate, poor, very poor (EEA). What is above is extremely poor.
_EU_UP_TO = (20, 40, 60, 80, 100)
#: µg/m³ at 0, 20, 40, 60, 80 and 100 points of the European index (EEA, revision of 2024, hourly values).
_EU_EDGES = {
    "pm2_5": (0, 5, 15, 50, 90, 140),
    "pm10": (0, 15, 45, 120, 195, 270),
    "no2": (0, 10, 25, 60, 100, 150),
    "o3": (0, 60, 100, 120, 160, 180),
    "so2": (0, 20, 40, 125, 190, 275),
}
_POINTS_PER_BAND = 20
#: PM2.5 (µg/m³, mean of 24 h) at each edge of the US index, EPA 2024.
_US_PM25 = ((0, 0), (9.0, 50), (35.5, 100), (55.5, 150), (125.5, 200), (225.5, 300))


def flag_us(us_aqi: float) -> AirFlag:
    """The band of a US index (EPA; 0 to 500, what is beyond it counts as hazardous)."""
    return _flag("us_aqi", us_aqi, _US_UP_TO)


def flag_eu(eu_aqi: float) -> AirFlag:
    """The band of a European index (EEA 2024; 100 and above is extremely poor).

    Its numbers aren't the US ones.
    """
    return _flag("eu_aqi", eu_aqi, _EU_UP_TO)


def _flag(name: str, index: float, up_to: tuple[float, ...]) -> AirFlag:
    check_range(name, index, 0, 5_000)
    return AirFlag(sum(1 for edge in up_to if index > edge))


def eu_aqi_of(
    *,
    pm2_5: float | None = None,
    pm10: float | None = None,
    no2: float | None = None,
    o3: float | None = None,
    so2: float | None = None,
) -> float | None:
    """The European index of hourly concentrations in µg/m³: the worst pollutant counts. None without any.

    Straight lines of 20 points between the edges of the EEA's bands (2024), on past 100 with the last slope.
    For sources that give no index; one that they give is to be preferred, for the bands have changed.
    """
    given = {"pm2_5": pm2_5, "pm10": pm10, "no2": no2, "o3": o3, "so2": so2}
    return max((_eu_part(name, value) for name, value in given.items() if value is not None), default=None)


def _eu_part(name: str, value: float) -> float:
    check_range(name, value, 0, 10_000, "µg/m³")
    edges = _EU_EDGES[name]
    band = min(sum(1 for edge in edges[1:] if value > edge), len(edges) - 2)
    low, high = edges[band], edges[band + 1]
    return _POINTS_PER_BAND * (band + (value - low) / (high - low))


def us_aqi_of_pm25(pm2_5_24h: float) -> float | None:
    """The US index of the mean PM2.5 of 24 hours, in µg/m³ (EPA 2024).

    Straight lines between its breakpoints.

    None above 225.5: copies differ on the edges of the last band, and all of it is hazardous. An hour's
    value isn't what it is defined for.
    """
    check_range("pm2_5_24h", pm2_5_24h, 0, 10_000, "µg/m³")
    for (x0, y0), (x1, y1) in itertools.pairwise(_US_PM25):
        if pm2_5_24h <= x1:
            return y0 + (y1 - y0) * (pm2_5_24h - x0) / (x1 - x0)
    return None
