"""What is known of an athlete: thresholds, zones, and the zone of the clock."""

from __future__ import annotations

import itertools
import zoneinfo

import msgspec

from hub_core.domain.sport import SportFamily
from hub_core.domain.workout import METRIC_REFERENCES, Metric, Reference
from hub_core.errors import InvalidInputError


class ZoneTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Zones as edges in percent of a threshold: N + 1 ascending numbers make N zones."""

    of: Reference
    edges: tuple[float, ...]


#: Used when the athlete has no table of their own. The last edge only closes the open top zone.
DEFAULT_ZONES: dict[Metric, ZoneTable] = {
    # Coggan's seven power levels, "Training and Racing with a Power Meter".
    Metric.POWER: ZoneTable(Reference.FTP, (0, 55, 75, 90, 105, 120, 150, 300)),
    # Friel's five heart rate zones in percent of LTHR, 5a to 5c taken as one.
    Metric.HEART_RATE: ZoneTable(Reference.LTHR, (0, 85, 90, 95, 100, 115)),
    # intervals.icu's default running pace zones, in percent of threshold speed.
    Metric.PACE: ZoneTable(Reference.THRESHOLD_PACE, (0, 77.5, 87.7, 94.3, 100, 103.4, 111.5, 150)),
}


class Athlete(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Thresholds and zones. Watts, bpm, metres per second, kilograms; `time_zone` is an IANA name.

    Nothing is guessed: what is not known stays None, and a target that needs it can't be resolved.
    """

    ftp_w: float | None = None
    lthr_bpm: float | None = None
    max_hr_bpm: float | None = None
    threshold_speed_mps: float | None = None
    css_mps: float | None = None
    weight_kg: float | None = None
    zones: dict[Metric, ZoneTable] = {}
    time_zone: str = "UTC"

    def reference(self, of: Reference) -> float | None:
        """The threshold behind a percentage, or None if it isn't known."""
        return {
            Reference.FTP: self.ftp_w,
            Reference.LTHR: self.lthr_bpm,
            Reference.MAX_HR: self.max_hr_bpm,
            Reference.THRESHOLD_PACE: self.threshold_speed_mps,
            Reference.CSS: self.css_mps,
        }[of]

    def zone_table(self, metric: Metric, family: SportFamily) -> ZoneTable | None:
        """The athlete's own table for a metric, else the published default, else None."""
        table = self.zones.get(metric) or DEFAULT_ZONES.get(metric)
        if table is None and metric is Metric.SPEED:
            table = self.zones.get(Metric.PACE) or DEFAULT_ZONES[Metric.PACE]
        if table and family is SportFamily.SWIMMING and table.of is Reference.THRESHOLD_PACE:
            return ZoneTable(Reference.CSS, table.edges)
        return table


#: The field of `Athlete` that each reference lives in: what an error tells people to set.
REFERENCE_FIELDS = {
    Reference.FTP: "ftp_w",
    Reference.LTHR: "lthr_bpm",
    Reference.MAX_HR: "max_hr_bpm",
    Reference.THRESHOLD_PACE: "threshold_speed_mps",
    Reference.CSS: "css_mps",
}

#: Plausible values: outside of these a unit was mistaken (4:00 /km is 4.17 m/s, not 240).
_PLAUSIBLE = {
    "ftp_w": (20, 700),
    "lthr_bpm": (60, 230),
    "max_hr_bpm": (80, 250),
    "threshold_speed_mps": (0.5, 8),
    "css_mps": (0.2, 3),
    "weight_kg": (20, 300),
}


def check_athlete(athlete: Athlete) -> None:
    """Raise `InvalidInputError` for an implausible threshold, a bad zone table or an unknown time zone."""
    for field, (low, high) in _PLAUSIBLE.items():
        value = getattr(athlete, field)
        if value is not None and not low <= value <= high:
            raise InvalidInputError(f"{value:g} is outside {low:g} to {high:g}; check the unit", path=field)
    for metric, table in athlete.zones.items():
        if table.of not in METRIC_REFERENCES.get(metric, frozenset()):
            raise InvalidInputError(
                f"zones of {metric} are not in percent of {table.of}", path=f"zones.{metric}.of"
            )
        edges = table.edges
        if len(edges) < 2 or not all(a < b for a, b in itertools.pairwise(edges)) or not edges[0] >= 0:
            raise InvalidInputError(
                "edges must be at least two ascending percentages", path=f"zones.{metric}.edges"
            )
    try:
        zoneinfo.ZoneInfo(athlete.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError("not an IANA time zone such as Europe/Berlin", path="time_zone") from error
