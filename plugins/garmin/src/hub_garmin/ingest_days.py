"""Days, nights, and the slices that days are made of."""

from __future__ import annotations

import datetime as dt

from hub_core.sdk import (
    DailyHealth,
    Delivery,
    Records,
    Sample,
    SampleMetric,
    SleepNight,
    SleepStage,
    Stage,
)
from hub_garmin.moments import measured, positive, to_day, to_length, to_moment, whole
from hub_garmin.schemas_summaries import (
    BodyComp,
    Curve,
    Daily,
    Epoch,
    Hrv,
    Nap,
    OfDay,
    PulseOx,
    Respiration,
    Sleep,
    StressDetails,
    UserMetrics,
)

#: Their names in `sleepLevelsMap`; the unmeasurable has none.
_STAGES = {"deep": Stage.DEEP, "light": Stage.CORE, "rem": Stage.REM, "awake": Stage.AWAKE}
#: The watch's first word on a night, then its last, then the athlete's own.
_FIRM = {"AUTO_FINAL": 1, "ENHANCED_FINAL": 1, "DEVICE": 1, "AUTO_MANUAL": 2, "MANUAL": 2}
_FIRMNESS_STEP = 10**10
_BODY_BATTERY_MOST = 100


def from_daily(delivery: Delivery, upload_end_s: int) -> Records:
    """A day so far. Of two the one that covers more of the day is the later one."""
    theirs = delivery.decode(Daily)
    steps = whole(measured(theirs.steps))
    covered = round(to_length(theirs.duration_in_seconds or 0)) * 10**6 + min(steps or 0, 10**6 - 1)
    return _daily(
        delivery,
        theirs,
        version=upload_end_s * 1000 or covered,
        steps=steps,
        distance_m=measured(theirs.distance_in_meters),
        active_kcal=measured(theirs.active_kilocalories),
        basal_kcal=measured(theirs.bmr_kilocalories),
        floors=measured(theirs.floors_climbed),
        resting_heart_rate_bpm=positive(theirs.resting_heart_rate_in_beats_per_minute),
        stress_avg=measured(theirs.average_stress_level),
    )


def from_hrv(delivery: Delivery, upload_end_s: int) -> Records:
    """Garmin measures RMSSD."""
    theirs = delivery.decode(Hrv)
    return _daily(delivery, theirs, upload_end_s, hrv_rmssd_ms=positive(theirs.last_night_avg))


def from_stress(delivery: Delivery, upload_end_s: int) -> Records:
    """The ends between which body battery moved. The day's stress comes with `dailies`."""
    theirs = delivery.decode(StressDetails)
    levels = [
        value for value in _values(theirs.time_offset_body_battery_values) if value <= _BODY_BATTERY_MOST
    ]
    return _daily(
        delivery,
        theirs,
        upload_end_s or len(levels),
        body_battery_high=max(levels, default=None),
        body_battery_low=min(levels, default=None),
    )


def from_user_metrics(delivery: Delivery, upload_end_s: int) -> Records:
    """VO2max of running, or of cycling for who doesn't run."""
    theirs = delivery.decode(UserMetrics)
    return _daily(delivery, theirs, upload_end_s, vo2max=positive(theirs.vo2_max, theirs.vo2_max_cycling))


def from_pulse_ox(delivery: Delivery, upload_end_s: int) -> Records:
    """The mean of what the watch measured by itself."""
    theirs = delivery.decode(PulseOx)
    if theirs.on_demand:
        return Records()  # one moment, which says nothing of the day
    values = _values(theirs.time_offset_spo2_values)
    return _daily(delivery, theirs, upload_end_s or len(values), spo2_pct=_mean(values))


def from_respiration(delivery: Delivery, upload_end_s: int) -> Records:
    """The mean of the breaths a minute."""
    theirs = delivery.decode(Respiration)
    values = _values(theirs.time_offset_epoch_to_breaths)
    return _daily(delivery, theirs, upload_end_s or len(values), respiration_brpm=_mean(values))


def from_body_comp(delivery: Delivery, upload_end_s: int) -> Records:
    """A weighing; the day's last one has the highest version."""
    theirs = delivery.decode(BodyComp)
    at_s = theirs.measurement_time_in_seconds
    date = to_moment(at_s, theirs.measurement_time_offset_in_seconds).date()
    grams = positive(theirs.weight_in_grams)
    return Records(
        daily=(
            DailyHealth(
                date=date,
                external_id=f"{delivery.kind}-{at_s:.0f}",
                version=upload_end_s,
                weight_kg=grams / 1000 if grams else None,
                body_fat_pct=positive(theirs.body_fat_in_percent, theirs.percent_fat),
            ),
        )
    )


def from_epoch(delivery: Delivery, upload_end_s: int) -> Records:
    """The steps of a quarter of an hour, where there were any."""
    theirs = delivery.decode(Epoch)
    start = to_moment(theirs.start_time_in_seconds, theirs.start_time_offset_in_seconds)
    length_s = to_length(theirs.duration_in_seconds)
    steps = measured(theirs.steps)
    if steps is None:
        return Records()
    motion = (theirs.activity_type or "").lower() or "any"
    return Records(
        samples=(
            Sample(
                external_id=f"epoch-{theirs.start_time_in_seconds:.0f}-{motion}",
                metric=SampleMetric.STEPS,
                start=start,
                end=start + dt.timedelta(seconds=length_s),
                value=steps,
                version=upload_end_s or round(length_s) * 10**6 + min(round(steps), 10**6 - 1),
            ),
        )
    )


def from_sleep(delivery: Delivery, upload_end_s: int) -> Records:
    """A night and its naps. A night in two parts comes as two, each under its own start."""
    theirs = delivery.decode(Sleep)
    start = to_moment(theirs.start_time_in_seconds, theirs.start_time_offset_in_seconds)
    asleep_s = to_length(theirs.duration_in_seconds)
    stages = tuple(_stages(theirs))
    end = max((stage.end for stage in stages), default=start + dt.timedelta(seconds=_in_all_s(theirs)))
    naps = tuple(_nap(nap, theirs) for nap in theirs.naps or [])
    if end == start:
        return Records(sleep=naps)
    score = theirs.overall_sleep_score
    night = SleepNight(
        date=theirs.calendar_date or end.date(),
        external_id=f"sleep-{theirs.start_time_in_seconds:.0f}",
        start=start,
        end=end,
        version=_FIRM.get(theirs.validation or "", 0) * _FIRMNESS_STEP + (upload_end_s or round(asleep_s)),
        asleep_s=asleep_s,
        core_s=measured(theirs.light_sleep_duration_in_seconds),
        deep_s=measured(theirs.deep_sleep_duration_in_seconds),
        rem_s=measured(theirs.rem_sleep_in_seconds),
        awake_s=measured(theirs.awake_duration_in_seconds),
        score=measured(score if isinstance(score, float | None) else score.value),
        stages=stages,
    )
    return Records(sleep=(night, *naps))


def _in_all_s(theirs: Sleep) -> float:
    """From start to end: what was slept, the time awake and what couldn't be measured."""
    unmeasurable = measured(
        theirs.unmeasurable_sleep_in_seconds, theirs.unmeasurable_sleep_duration_in_seconds
    )
    return (
        theirs.duration_in_seconds + (measured(theirs.awake_duration_in_seconds) or 0) + (unmeasurable or 0)
    )


def _stages(theirs: Sleep) -> list[SleepStage]:
    offset_s = theirs.start_time_offset_in_seconds
    stages = [
        SleepStage(
            _STAGES[name],
            to_moment(span.start_time_in_seconds, offset_s),
            to_moment(span.end_time_in_seconds, offset_s),
        )
        for name, spans in (theirs.sleep_levels_map or {}).items()
        if name in _STAGES
        for span in spans
        if span.end_time_in_seconds > span.start_time_in_seconds
    ]
    return sorted(stages, key=lambda stage: stage.start)


def _nap(nap: Nap, night: Sleep) -> SleepNight:
    offset_s = nap.nap_offset_in_seconds
    start = to_moment(
        nap.nap_start_time_in_seconds,
        night.start_time_offset_in_seconds if offset_s is None else offset_s,
    )
    length_s = to_length(nap.nap_duration_in_seconds)
    end = start + dt.timedelta(seconds=length_s)
    return SleepNight(
        date=end.date(),
        external_id=f"nap-{nap.nap_start_time_in_seconds:.0f}",
        start=start,
        end=end,
        asleep_s=length_s,
        is_nap=True,
    )


def _daily(delivery: Delivery, theirs: OfDay, version: int, **fields: float | None) -> Records:
    """One statement about a day. Each kind has its own id, or one would replace the other."""
    if all(value is None for value in fields.values()):
        return Records()
    date = to_day(theirs)
    return Records(
        daily=(DailyHealth(date=date, external_id=f"{delivery.kind}-{date}", version=version, **fields),)  # type: ignore[arg-type]
    )


def _values(curve: Curve | None) -> list[float]:
    """What was measured, whether it came as a map or as pairs. Negative values are reasons for none."""
    pairs = curve.items() if isinstance(curve, dict) else curve or ()
    return [value for _, value in pairs if measured(value) is not None and value is not None]


def _mean(values: list[float]) -> float | None:
    there = [value for value in values if value > 0]
    return round(sum(there) / len(there), 1) if there else None
