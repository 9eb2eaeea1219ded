"""Measures training load: TSS of each activity, and fitness, fatigue and form of each day."""

from __future__ import annotations

import datetime as dt
import statistics

import msgspec

from hub_core.domain.advice import ActivityLoad, DoneActivity, measure_load
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.fact import Fact
from hub_core.domain.merge import VisibleDaily
from hub_core.domain.science.fitness import CTL_DAYS, WARM_UP_DAYS, FitnessDay, fitness_curve
from hub_core.domain.sport import Sport
from hub_core.services.hub import Hub
from hub_core.services.merging.read_activity import ActivityView, list_activities
from hub_core.services.merging.read_days import list_days
from hub_core.services.planning.measure_series import SeriesMeasure, measure_series
from hub_core.storage.inbound_tables import StoredActivity
from hub_core.storage.tables import Athlete

DAY = dt.timedelta(days=1)
#: What was done longer before the first day asked for is worth 1 in 400 of what it was: e^(-252/42).
_HISTORY = 2 * WARM_UP_DAYS * DAY
#: A resting heart rate is the median of so many days up to the activity's.
_REST_DAYS = 28
#: What is summed up of a day: less is an error of a sensor, not a day.
_MOST_PER_DAY = 2_000


class LoadedActivity(msgspec.Struct, frozen=True):
    """An activity and its load."""

    activity_id: str
    date: dt.date
    sport: Sport
    name: str
    load: ActivityLoad


class TrainingLoad(msgspec.Struct, frozen=True):
    """Days and activities from `first` to `last`. CTL, ATL and TSB are in TSS a day.

    The averages begin with 0 on `history_from`, the first day of which an activity is known. Until
    `warm_until` they are too low, for what was done before isn't known; None when they aren't. `without_load`
    are activities of that history for which no form of TSS can be computed: they count as 0.
    """

    first: dt.date
    last: dt.date
    history_from: dt.date | None
    warm_until: dt.date | None
    without_load: tuple[str, ...]
    days: tuple[FitnessDay, ...]
    activities: tuple[LoadedActivity, ...]
    why: tuple[Fact, ...]


async def measure_training_load(hub: Hub, athlete: Athlete, first: dt.date, last: dt.date) -> TrainingLoad:
    """The load of some local dates, both included, by the thresholds that hold now."""
    oldest = await _first_date(athlete.id)
    begin = first if oldest is None else min(max(oldest, first - _HISTORY), first)
    done = await load_activities(hub, athlete, begin, last)
    sums: dict[dt.date, float] = {}
    for one in done:
        sums[one.date] = min(sums.get(one.date, 0) + (one.load.tss or 0), _MOST_PER_DAY)
    curve = fitness_curve(sums, begin, last)
    warm_until = None if oldest is None else oldest + WARM_UP_DAYS * DAY
    if warm_until and warm_until <= first:
        warm_until = None
    unknown = tuple(one.activity_id for one in done if one.load.tss is None)
    return TrainingLoad(
        first,
        last,
        None if oldest is None or oldest > last else begin,
        warm_until,
        unknown,
        tuple(_rounded(day) for day in curve if day.date >= first),
        tuple(one for one in done if one.date >= first),
        _why(len(done), len(unknown), begin, warm_until),
    )


async def load_activities(hub: Hub, athlete: Athlete, first: dt.date, last: dt.date) -> list[LoadedActivity]:
    """The activities of some local dates, both included, each with its load."""
    views = await list_activities(athlete.id, first.isoformat(), last.isoformat())
    thresholds = msgspec.json.decode(athlete.thresholds, type=Thresholds)
    measures = await measure_series(hub, athlete.id, views)
    resting = await _resting(athlete.id, first, last)
    return [
        LoadedActivity(
            view.id,
            view.activity.date,
            view.activity.sport,
            view.activity.name,
            measure_load(_facts(view, measures[view.id], _rest_at(resting, view.activity.date)), thresholds),
        )
        for view in views
    ]


async def current_ctl(hub: Hub, athlete: Athlete, day: dt.date) -> Fact:
    """The CTL of the evening before a local day, and what it rests on."""
    load = await measure_training_load(hub, athlete, day - DAY, day - DAY)
    if load.history_from is None:
        return Fact("starting CTL", 0.0, "TSS/day", "no activity is known: taken as untrained")
    source = f"activities since {load.history_from}"
    if load.warm_until:
        source += f"; too low until {load.warm_until}, for nothing is known of before"
    if load.without_load:
        source += f"; {len(load.without_load)} of them count as 0"
    return Fact("starting CTL", round(load.days[-1].ctl, 1), "TSS/day", source)


async def _first_date(athlete_id: str) -> dt.date | None:
    row = (
        await StoredActivity.select(StoredActivity.date)
        .where((StoredActivity.athlete_id == athlete_id) & (StoredActivity.deleted == False))  # noqa: E712
        .order_by(StoredActivity.date)
        .first()
    )
    return dt.date.fromisoformat(row["date"]) if row else None


async def _resting(athlete_id: str, first: dt.date, last: dt.date) -> list[tuple[dt.date, float]]:
    start = first - _REST_DAYS * DAY
    days = await list_days(athlete_id, "daily", VisibleDaily, start.isoformat(), last.isoformat())
    return [(day.date, rate) for day in days if (rate := day.resting_heart_rate_bpm) is not None]


def _rest_at(resting: list[tuple[dt.date, float]], date: dt.date) -> float | None:
    near = [rate for day, rate in resting if 0 <= (date - day).days < _REST_DAYS]
    return statistics.median(near) if near else None


def _facts(view: ActivityView, measure: SeriesMeasure, rest_bpm: float | None) -> DoneActivity:
    done = view.activity
    told = done.normalized_power_w
    return DoneActivity(
        done.sport,
        done.moving_s or done.duration_s,
        done.distance_m,
        measure.hills,
        told if told is not None else measure.normalized_w,
        measure.power_s if told is None else None,
        done.avg_heart_rate_bpm,
        rest_bpm,
    )


def _rounded(day: FitnessDay) -> FitnessDay:
    return FitnessDay(
        day.date, round(day.load, 1), round(day.ctl, 1), round(day.atl, 1), round(day.tsb, 1) + 0.0
    )


def _why(done: int, unknown: int, begin: dt.date, warm_until: dt.date | None) -> tuple[Fact, ...]:
    facts = [
        Fact("activities", done, "", f"since {begin}; before it CTL and ATL are taken as 0"),
        Fact("averages", f"{CTL_DAYS} and 7", "days", "TrainingPeaks: X + (load - X) / days"),
    ]
    if unknown:
        facts.append(Fact("without a load", unknown, "activities", "they count as 0"))
    if warm_until:
        facts.append(Fact("warm-up", warm_until.isoformat(), "", f"{WARM_UP_DAYS} days: too low until then"))
    return tuple(facts)
