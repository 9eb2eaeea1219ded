"""Targets in watts, beats and m/s, with one athlete's settings; and what a workout adds up to.

Rules as fitted to recorded events: a single percentage becomes a band outdoors and on foot, ranges are
taken as they are, zones run from just above the lower bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

SWIMS = {"Swim", "OpenWaterSwim"}
_RIDES = ("Ride", "Cyclocross", "Velomobile", "Handcycle")
#: Percent either side of a single value. [OpenAPI document: powerRange, hrRange, paceRange]
_BANDS = {"power": 2.5, "hr": 1.5, "pace": 2.5}
_PER_M = {"/km": 1000.0, "/mi": 1609.344, "/100m": 100.0, "/100y": 91.44}
_PER_M |= {"/250m": 250.0, "/400m": 400.0, "/500m": 500.0}
_OPEN_ZONE = 999


@dataclass
class AthleteSettings:
    """What the athlete has set at intervals.icu: W, bpm, m/s; zones as upper bounds."""

    ftp: float | None = 250
    lthr: float | None = 168
    max_hr: float | None = 186
    threshold_pace: float | None = 4.0
    swim_threshold_pace: float | None = 1.25
    power_zones: list[float] = field(default_factory=lambda: [55, 75, 90, 105, 120, 150, _OPEN_ZONE])
    hr_zones: list[float] = field(default_factory=lambda: [142, 150, 157, 166, 171, 177, 186])
    pace_zones: list[float] = field(default_factory=lambda: [77.5, 87.7, 94.3, 100, 103.4, 111.5, _OPEN_ZONE])

    def pace_for(self, sport: str) -> float | None:
        """Threshold speed of a sport. Rides have none."""
        if sport in SWIMS:
            return self.swim_threshold_pace
        return None if is_ride(sport) else self.threshold_pace

    def ftp_for(self, sport: str) -> float | None:
        """FTP is the rider's: on other sports a percentage of it is a percentage of nothing."""
        return self.ftp if is_ride(sport) else None


def is_ride(sport: str) -> bool:
    """Whether a `type` is one of the many rides."""
    return sport.endswith(_RIDES)


@dataclass(frozen=True)
class Resolved:
    """A target in absolute numbers. `start` comes first in time on a ramp, else it is the lower bound."""

    metric: str
    start: float
    end: float
    ramp: bool = False

    @property
    def middle(self) -> float:
        """The value in the middle."""
        return (self.start + self.end) / 2


def resolve(step: dict[str, Any], settings: AthleteSettings, sport: str, *, indoor: bool) -> Resolved | None:
    """The step's target; None without one. A missing threshold resolves to zero, as the server does."""
    metric = next((name for name in ("power", "hr", "pace") if name in step), None)
    if metric is None:
        return None
    value = step[metric]
    if str(value["units"]).endswith("_zone"):
        low, high = _zone(metric, value, settings, sport)
    elif "value" in value:
        low, high = _band(metric, _absolute(metric, value["value"], value["units"], settings, sport))
        if _is_fixed(metric, sport, indoor):
            low = high = _absolute(metric, value["value"], value["units"], settings, sport)
    else:
        low, high = (
            _absolute(metric, value[end], value["units"], settings, sport) for end in ("start", "end")
        )
    return Resolved(metric, low, high, bool(step.get("ramp")))


def _is_fixed(metric: str, sport: str, indoor: bool) -> bool:
    virtual = indoor or sport.startswith("Virtual")
    return (metric == "power" and virtual) or (metric == "pace" and sport in SWIMS)


def _band(metric: str, value: float) -> tuple[float, float]:
    share = _BANDS[metric] / 100
    low, high = value * (1 - share), value * (1 + share)
    return (low, high) if metric == "pace" else (math.floor(low), math.ceil(high))


def _absolute(metric: str, value: float, units: str, settings: AthleteSettings, sport: str) -> float:
    if units == "w":
        return value
    if units.startswith("secs"):
        per_m = _PER_M.get(units.removeprefix("secs"), 100.0 if sport in SWIMS else 1000.0)
        return per_m / value
    reference = {
        "%ftp": settings.ftp_for(sport),
        "%mmp": settings.ftp_for(sport),
        "%lthr": settings.lthr,
        "%hr": settings.max_hr,
        "%pace": settings.pace_for(sport),
    }[units]
    speed = value / 100 * (reference or 0)
    return speed if metric == "pace" else float(round(speed))


def _zone(metric: str, value: dict[str, Any], settings: AthleteSettings, sport: str) -> tuple[float, float]:
    first, last = (int(value[end] if end in value else value["value"]) for end in ("start", "end"))
    table = {"power": settings.power_zones, "hr": settings.hr_zones, "pace": settings.pace_zones}[metric]
    if not 1 <= first <= last <= len(table):
        return 0.0, 0.0
    below, top = ([0.0, *table][first - 1], table[last - 1])
    if metric == "hr":
        return float(below + 1 if below else 0), float(top)
    if metric == "power":
        ftp = settings.ftp_for(sport) or 0
        return float(round((below + 1 if below else 0) / 100 * ftp)), float(round(top / 100 * ftp))
    speed = settings.pace_for(sport) or 0
    return below / 100 * speed, top / 100 * speed


# -- totals -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Totals:
    """Of a workout: seconds, metres, and intensity in percent where it is known."""

    duration: int
    distance: float
    intensity: float | None

    @property
    def load(self) -> int | None:
        """Training load, as recorded events have it."""
        if self.intensity is None:
            return None
        return round(self.duration / 3600 * (self.intensity / 100) ** 2 * 100)


def total(steps: list[dict[str, Any]], settings: AthleteSettings, sport: str, *, indoor: bool) -> Totals:
    """What steps add up to, repeats multiplied. Distance steps count with an estimated duration."""
    duration, distance, squares, known = 0.0, 0.0, 0.0, 0.0
    for step, times in played(steps):
        resolved = resolve(step, settings, sport, indoor=indoor)
        seconds = step.get("duration") or 0
        duration += times * seconds
        distance += times * step.get("distance", 0)
        share = _share(resolved, settings, sport)
        if share:
            squares += times * seconds * share**2
            known += times * seconds
    intensity = round(math.sqrt(squares / known) * 100, 1) if known else None
    return Totals(round(duration), distance, intensity)


def estimate_durations(
    steps: list[dict[str, Any]], settings: AthleteSettings, sport: str, *, indoor: bool
) -> None:
    """Give distance steps the duration that the server guesses for them."""
    for step, _ in played(steps):
        if "distance" in step:
            resolved = resolve(step, settings, sport, indoor=indoor)
            paced = resolved is not None and resolved.metric == "pace" and resolved.middle > 0
            speed = resolved.middle if resolved and paced else settings.pace_for(sport)
            step["duration"] = round(step["distance"] / speed) if speed else 0


def played(steps: list[dict[str, Any]], times: int = 1) -> list[tuple[dict[str, Any], int]]:
    """Every step with how often it is done."""
    found = []
    for step in steps:
        if "steps" in step:
            found += played(step["steps"], times * step["reps"])
        else:
            found.append((step, times))
    return found


def _share(resolved: Resolved | None, settings: AthleteSettings, sport: str) -> float:
    """Of the threshold."""
    if resolved is None:
        return 0.0
    reference = {
        "power": settings.ftp_for(sport) or settings.ftp,
        "hr": settings.lthr,
        "pace": settings.pace_for(sport),
    }[resolved.metric]
    return resolved.middle / reference if reference else 0.0
