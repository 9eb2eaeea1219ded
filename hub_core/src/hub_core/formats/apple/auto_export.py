"""The JSON of Health Auto Export's REST automation (version 2 of its workouts).

Source: the vendor's wiki page "API Export - JSON Format". Units follow the app's settings and stand beside
each value; names of workouts are labels in the phone's language.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import msgspec

from hub_core.domain.records import Activity, Records, Refused, Sample, SampleMetric, SleepNight
from hub_core.errors import InvalidInputError
from hub_core.formats.apple._health_record import read_time
from hub_core.formats.apple.words import to_apple_sample, to_apple_sport, to_apple_stage, to_unit
from hub_core.formats.workout_json import invalid_input_from_msgspec

_HOUR = 3600.0


class _Quantity(msgspec.Struct):
    qty: float | None = None
    units: str = ""


class _Heart(msgspec.Struct):
    avg: _Quantity | None = None
    max: _Quantity | None = None


class _Workout(msgspec.Struct, rename="camel"):
    start: str
    end: str
    id: str = ""
    name: str = ""
    duration: float | None = None
    is_indoor: bool | None = None
    location: str | None = None
    distance: _Quantity | None = None
    active_energy_burned: _Quantity | None = None
    elevation_up: _Quantity | None = None
    elevation_down: _Quantity | None = None
    heart_rate: _Heart | None = None
    avg_heart_rate: _Quantity | None = None
    max_heart_rate: _Quantity | None = None


class _Metric(msgspec.Struct):
    name: str
    units: str = ""
    data: list[dict[str, Any]] = []


class _Data(msgspec.Struct):
    metrics: list[_Metric] = []
    workouts: list[_Workout] = []


class _Export(msgspec.Struct):
    data: _Data


def read_auto_export(body: bytes, remarks: list[str]) -> Records:
    """The records in one export, with the points that can't be read as `refused`; kinds that aren't kept are
    added to `remarks`.

    Raises `InvalidInputError` with the place for what is no such JSON.
    """
    try:
        export = msgspec.json.decode(body, type=_Export, strict=False)
    except msgspec.ValidationError as error:
        raise invalid_input_from_msgspec(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInputError(f"this is no JSON: {error}") from error
    samples: list[Sample] = []
    nights: list[SleepNight] = []
    refused: list[Refused] = []
    for number, metric in enumerate(export.data.metrics):
        place = f"data.metrics[{number}].data"
        if metric.name == "sleep_analysis":
            _read_sleep(metric, place, samples, nights, refused)
        else:
            _read_metric(metric, place, samples, refused, remarks)
    activities = []
    for index, workout in enumerate(export.data.workouts):
        activity = _activity(workout)
        if activity is None:
            refused.append(Refused(f"data.workouts[{index}]", "its times can't be read", index, workout.id))
        else:
            activities.append(activity)
    return Records(
        activities=tuple(activities), samples=tuple(samples), sleep=tuple(nights), refused=tuple(refused)
    )


def _read_metric(
    metric: _Metric, place: str, samples: list[Sample], refused: list[Refused], remarks: list[str]
) -> None:
    ours = to_apple_sample(metric.name)
    if ours is None:
        if metric.data:
            remarks.append(f"{len(metric.data)} x {metric.name} left out")
        return
    for index, point in enumerate(metric.data):
        moment, raw = read_time(str(point.get("date", ""))), point.get("qty")
        value = to_unit(float(raw), metric.units, ours) if isinstance(raw, int | float) else None
        if moment is None or value is None:
            told = f"the date, value or unit of {metric.name} can't be read"
            refused.append(Refused(f"{place}[{index}]", told, index))
            continue
        source = str(point.get("source") or "")
        samples.append(
            Sample(_digest(metric.name, moment, source), ours, moment, moment, value, device=source)
        )


def _read_sleep(
    metric: _Metric,
    place: str,
    samples: list[Sample],
    nights: list[SleepNight],
    refused: list[Refused],
) -> None:
    for index, point in enumerate(metric.data):
        source = str(point.get("source") or "")
        read = _night(point, source) if "totalSleep" in point else _stage(point, source)
        if read is None:
            refused.append(Refused(f"{place}[{index}]", "this sleep can't be read", index))
        elif isinstance(read, SleepNight):
            nights.append(read)
        else:
            samples.append(read)


def _stage(point: dict[str, Any], source: str) -> Sample | None:
    start, end = (read_time(str(point.get(name, ""))) for name in ("startDate", "endDate"))
    stage = to_apple_stage(str(point.get("value", "")))
    if start is None or end is None or stage is None or end < start:
        return None
    key = _digest(f"sleep/{stage}/{end.isoformat()}", start, source)
    return Sample(key, SampleMetric.SLEEP, start, end, stage=stage, device=source)


def _night(point: dict[str, Any], source: str) -> SleepNight | None:
    """A night that the app has summed up, in hours."""
    start, end = (read_time(str(point.get(name, ""))) for name in ("sleepStart", "sleepEnd"))
    if start is None or end is None or end < start:
        return None

    def seconds(name: str) -> float | None:
        value = point.get(name)
        return float(value) * _HOUR if isinstance(value, int | float) else None

    return SleepNight(
        date=end.date(),
        external_id=_digest("night", end.replace(hour=0, minute=0, second=0), source),
        start=start,
        end=end,
        asleep_s=seconds("totalSleep"),
        in_bed_s=seconds("inBed"),
        core_s=seconds("core"),
        deep_s=seconds("deep"),
        rem_s=seconds("rem"),
        awake_s=seconds("awake"),
    )


def _activity(theirs: _Workout) -> Activity | None:
    start, end = read_time(theirs.start), read_time(theirs.end)
    if start is None or end is None or end < start:
        return None
    heart = theirs.heart_rate or _Heart()
    # "Outdoor Run": the word for the sport is within, in English at least.
    word = theirs.name.lower()
    sport = next((name for name in _LABELS if name in word), "other")
    indoor = theirs.is_indoor if theirs.is_indoor is not None else "indoor" in word
    return Activity(
        external_id=theirs.id.upper() or _digest(theirs.name, start, ""),
        sport=to_apple_sport(
            _LABELS.get(sport, "other"), indoor=indoor, swim_location="2" if "open" in word else ""
        ),
        start=start,
        duration_s=(end - start).total_seconds(),
        name=theirs.name[:200],
        moving_s=theirs.duration,
        distance_m=_in_ours(theirs.distance),
        energy_kcal=_in_ours(theirs.active_energy_burned),
        elevation_gain_m=_in_ours(theirs.elevation_up),
        elevation_loss_m=_in_ours(theirs.elevation_down),
        avg_heart_rate_bpm=_in_ours(heart.avg or theirs.avg_heart_rate),
        max_heart_rate_bpm=_in_ours(heart.max or theirs.max_heart_rate),
    )


#: Words within a workout's label: Apple's type.
_LABELS = {
    "run": "running", "cycl": "cycling", "ride": "cycling", "bike": "cycling", "swim": "swimming",
    "walk": "walking", "hik": "hiking", "row": "rowing", "strength": "traditionalStrengthTraining",
    "core": "coreTraining", "yoga": "yoga",
}  # fmt: skip


def _in_ours(quantity: _Quantity | None) -> float | None:
    return None if quantity is None or quantity.qty is None else to_unit(quantity.qty, quantity.units)


def _digest(name: str, moment: dt.datetime, source: str) -> str:
    text = f"{name}\x1f{moment.astimezone(dt.UTC).isoformat()}\x1f{source}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
