"""What Garmin's watches measure, in Garmin's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from hub_core.sandbox import RecordedActivity
from hub_core.sdk import DailyHealth, SleepNight, Sport, Stage
from hub_garmin.ingest_activities import SPORTS

_WORDS: dict[Sport, str] = {}
for _theirs, _ours in SPORTS.items():
    _WORDS.setdefault(_ours, _theirs)  # the first is the plain one
_LEVELS = {Stage.CORE: "light", Stage.DEEP: "deep", Stage.REM: "rem", Stage.AWAKE: "awake"}
_DAY_S = 86_400

Item = dict[str, Any]


def write_activity(activity: RecordedActivity, activity_id: int) -> Item:
    """An item of `activities`."""
    return _without_none(
        {
            "summaryId": str(activity_id),
            "activityId": activity_id,
            "activityType": _WORDS.get(activity.sport, "KITEBOARDING_V2"),
            "activityName": activity.name,
            "startTimeInSeconds": _epoch_s(activity.start),
            "startTimeOffsetInSeconds": _offset_s(activity.start),
            "durationInSeconds": activity.duration_s,
            "distanceInMeters": activity.distance_m,
            "averageHeartRateInBeatsPerMinute": activity.heart_rate_bpm,
            "deviceName": "Forerunner 965",
            "manual": False,
        }
    )


def write_file(activity: RecordedActivity, activity_id: int) -> Item:
    """An item of `activityFiles`, without its callback."""
    summary = write_activity(activity, activity_id)
    kept = (
        *("summaryId", "activityId", "activityType", "activityName"),
        *("deviceName", "manual", "startTimeInSeconds"),
    )
    return {**{name: summary[name] for name in kept}, "fileType": "FIT"}


def write_details(activity: RecordedActivity, activity_id: int) -> Item:
    """An item of `activityDetails`: a sample a minute, one lap."""
    start_s = _epoch_s(activity.start)
    samples = [
        _without_none(
            {
                "startTimeInSeconds": start_s + at_s,
                "heartRate": activity.heart_rate_bpm,
                "totalDistanceInMeters": _share(activity, at_s),
                "clockDurationInSeconds": at_s,
            }
        )
        for at_s in range(0, int(activity.duration_s) + 1, 60)
    ]
    return {
        "summaryId": f"{activity_id}-detail",
        "activityId": activity_id,
        "summary": write_activity(activity, activity_id),
        "samples": samples,
        "laps": [{"startTimeInSeconds": start_s}],
    }


def write_day(day: DailyHealth, zone: ZoneInfo) -> Iterator[tuple[str, Item]]:
    """The items that tell of a day, each with its key: Garmin spreads it over many kinds."""
    midnight = dt.datetime.combine(day.date, dt.time(), zone)
    head: Item = {
        "calendarDate": day.date.isoformat(),
        "startTimeInSeconds": _epoch_s(midnight),
        "startTimeOffsetInSeconds": _offset_s(midnight),
    }
    yield (
        "dailies",
        {
            **head,
            "activityType": "GENERIC",
            "durationInSeconds": _DAY_S,
            **_without_none(
                {
                    "steps": day.steps,
                    "distanceInMeters": day.distance_m,
                    "activeKilocalories": day.active_kcal,
                    "bmrKilocalories": day.basal_kcal,
                    "floorsClimbed": day.floors,
                    "restingHeartRateInBeatsPerMinute": day.resting_heart_rate_bpm,
                }
            ),
            "averageStressLevel": -1 if day.stress_avg is None else day.stress_avg,
        },
    )
    if day.hrv_rmssd_ms is not None:
        yield "hrv", {**head, "lastNightAvg": day.hrv_rmssd_ms, "hrvValues": {"300": day.hrv_rmssd_ms}}
    if day.body_battery_high is not None:
        levels = {"0": day.body_battery_low or 5, "180": day.body_battery_high}
        stress = {"0": -1, "180": -2}
        curves = {"timeOffsetBodyBatteryValues": levels, "timeOffsetStressLevelValues": stress}
        yield "stressDetails", {**head, "durationInSeconds": _DAY_S, **curves}
    if day.weight_kg is not None:
        at = {
            "measurementTimeInSeconds": head["startTimeInSeconds"] + 25_200,
            "measurementTimeOffsetInSeconds": head["startTimeOffsetInSeconds"],
        }
        weighed = {"weightInGrams": round(day.weight_kg * 1000), "bodyFatInPercent": day.body_fat_pct}
        yield "bodyComps", _without_none({**at, **weighed})
    if day.vo2max is not None:
        yield "userMetrics", {"calendarDate": head["calendarDate"], "vo2Max": day.vo2max}
    if day.spo2_pct is not None:
        yield "pulseox", {**head, "onDemand": False, "timeOffsetSpo2Values": {"60": day.spo2_pct}}
    if day.respiration_brpm is not None:
        breaths = {"0": day.respiration_brpm, "60": day.respiration_brpm}
        yield "allDayRespiration", {**head, "timeOffsetEpochToBreaths": breaths}


def write_night(night: SleepNight) -> Item:
    """An item of `sleeps`. Its duration is what was slept."""
    awake_s = night.awake_s or 0
    asleep_s = night.asleep_s
    if asleep_s is None:
        asleep_s = (night.end - night.start).total_seconds() - awake_s
    levels: dict[str, list[Item]] = {}
    for stage in night.stages:
        if stage.stage in _LEVELS:
            span = {"startTimeInSeconds": _epoch_s(stage.start), "endTimeInSeconds": _epoch_s(stage.end)}
            levels.setdefault(_LEVELS[stage.stage], []).append(span)
    in_all_s = (night.end - night.start).total_seconds()
    return _without_none(
        {
            "calendarDate": night.date.isoformat(),
            "startTimeInSeconds": _epoch_s(night.start),
            "startTimeOffsetInSeconds": _offset_s(night.start),
            "durationInSeconds": round(asleep_s),
            "deepSleepDurationInSeconds": night.deep_s,
            "lightSleepDurationInSeconds": night.core_s,
            "remSleepInSeconds": night.rem_s,
            "awakeDurationInSeconds": awake_s,
            "unmeasurableSleepInSeconds": max(0, round(in_all_s - asleep_s - awake_s)),
            "sleepLevelsMap": levels or None,
            "validation": "ENHANCED_FINAL",
            "overallSleepScore": None
            if night.score is None
            else {"value": night.score, "qualifierKey": "GOOD"},
        }
    )


def _share(activity: RecordedActivity, at_s: int) -> float | None:
    if activity.distance_m is None or not activity.duration_s:
        return None
    return activity.distance_m * at_s / activity.duration_s


def _epoch_s(moment: dt.datetime) -> int:
    return round(moment.timestamp())


def _offset_s(moment: dt.datetime) -> int:
    return round((moment.utcoffset() or dt.timedelta()).total_seconds())


def _without_none(item: Item) -> Item:
    """A metric that wasn't measured is absent."""
    return {name: value for name, value in item.items() if value is not None}
