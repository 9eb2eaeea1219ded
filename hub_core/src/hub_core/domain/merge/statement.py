"""One source's word about one thing, and the faults with which it can't be taken."""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo

import msgspec

from hub_core.domain.records import Activity, DailyHealth, NutritionDay, Sample, SleepNight
from hub_core.domain.validate import MAX_DATE, MIN_DATE

#: The source of what athletes say themselves, and that of files that people hand in.
ATHLETE = "athlete"
FILE = "file"

type Record = Activity | DailyHealth | SleepNight | NutritionDay | Sample

_LONGEST_ACTIVITY_S = 14 * 86400.0
#: Days are computed from the samples around them, which works only when none is longer than this.
LONGEST_SAMPLE = dt.timedelta(hours=48)


class Identity(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """Who says it, and under which id of theirs. Rules refer to statements so."""

    source: str
    external_id: str

    def __str__(self) -> str:
        return f"{self.source}/{self.external_id}"


class Statement[R](msgspec.Struct, frozen=True):
    """What one source says of one thing: its newest word about it. `version` tells which of two is newer."""

    identity: Identity
    version: int
    record: R

    @property
    def source(self) -> str:
        """Who says it."""
        return self.identity.source


def local_start(activity: Activity) -> dt.datetime:
    """The start on the athlete's own clock: by its zone where that is told, else by its offset."""
    if activity.time_zone and not activity.start.utcoffset():
        try:
            return activity.start.astimezone(zoneinfo.ZoneInfo(activity.time_zone))
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            return activity.start
    return activity.start


def find_fault(record: Record) -> tuple[str, str] | None:
    """The field that makes a record unusable, and what is wrong with it; None when it can be taken."""
    match record:
        case Activity():
            return _activity_fault(record)
        case SleepNight():
            named = None if record.external_id else ("external_id", "a sleep needs an id")
            return named or _date_fault(record.date) or _span_fault(record.start, record.end)
        case Sample():
            named = None if record.external_id else ("external_id", "a sample needs an id")
            return named or _span_fault(record.start, record.end) or _sample_fault(record)
        case DailyHealth() | NutritionDay():
            return _date_fault(record.date)


def _activity_fault(activity: Activity) -> tuple[str, str] | None:
    if not activity.external_id:
        return "external_id", "an activity needs an id"
    if not 0 <= activity.duration_s <= _LONGEST_ACTIVITY_S:
        return "duration_s", f"must be between 0 and {_LONGEST_ACTIVITY_S:.0f} seconds"
    for index, lap in enumerate(activity.laps):
        if not (math.isfinite(lap.start_s) and math.isfinite(lap.duration_s)):
            return f"laps[{index}]", "has no usable time"
    return _instant_fault("start", activity.start)


def _sample_fault(sample: Sample) -> tuple[str, str] | None:
    if sample.metric == "sleep":
        return None if sample.stage else ("stage", "a sample of sleep needs a stage")
    return None if math.isfinite(sample.value) else ("value", "is no number")


def _span_fault(start: dt.datetime, end: dt.datetime) -> tuple[str, str] | None:
    fault = _instant_fault("start", start) or _instant_fault("end", end)
    if fault is None and not dt.timedelta() <= end - start <= LONGEST_SAMPLE:
        return "end", f"must be from the start to {LONGEST_SAMPLE.total_seconds() / 3600:.0f} h later"
    return fault


def _instant_fault(field: str, at: dt.datetime) -> tuple[str, str] | None:
    if at.tzinfo is None:
        return field, "needs an offset from UTC"
    return (field, fault[1]) if (fault := _date_fault(at.date())) else None


def _date_fault(date: dt.date) -> tuple[str, str] | None:
    is_told = MIN_DATE <= date <= MAX_DATE
    return None if is_told else ("date", f"must be between {MIN_DATE} and {MAX_DATE}")
