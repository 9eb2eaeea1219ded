"""Fitness, fatigue and form: CTL, ATL and TSB over days."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from hub_core.domain.science._ranges import check_range
from hub_core.errors import InvalidInputError

CTL_DAYS, ATL_DAYS = 42, 7
#: So many days of history make a start from zero harmless: three time constants.
WARM_UP_DAYS = 126
_MOST_PER_DAY = 2_000


class Smoothing(StrEnum):
    """The weight of a day."""

    #: 1/τ, as TrainingPeaks writes it.
    TRAININGPEAKS = "trainingpeaks"
    #: 1 − e^(−1/τ), as GoldenCheetah does.
    EXPONENTIAL = "exponential"


class FitnessDay(msgspec.Struct, frozen=True):
    """After a day's training, in TSS a day; `tsb` is the form in that morning: yesterday's CTL − ATL."""

    date: dt.date
    load: float
    ctl: float
    atl: float
    tsb: float


def day_weight(days: int, smoothing: Smoothing = Smoothing.TRAININGPEAKS) -> float:
    """How much of the way to today's load an average over `days` goes. (2/(N+1) would halve the days.)"""
    check_range("days", days, 1, 365)
    return 1 / days if smoothing is Smoothing.TRAININGPEAKS else 1 - math.exp(-1 / days)


def fitness_curve(
    loads: Mapping[dt.date, float],
    first: dt.date,
    last: dt.date,
    *,
    ctl: float = 0,
    atl: float = 0,
    smoothing: Smoothing = Smoothing.TRAININGPEAKS,
) -> tuple[FitnessDay, ...]:
    """CTL, ATL and TSB for each day from `first` to `last`, both included.

    X(t) = X(t−1) + (load(t) − X(t−1))·α, τ = 42 days for CTL and 7 for ATL. `loads` are TSS of local days; a
    day that isn't in it is a day of rest, 0. `ctl` and `atl` are those of the evening before `first`: either
    known, or 0 and then the first 126 days are warming up. Raises `InvalidInputError` for dates in the wrong
    order and a load outside 0 to 2000.
    """
    if last < first:
        raise InvalidInputError(f"{last} is before {first}", path="last")
    slow, fast = day_weight(CTL_DAYS, smoothing), day_weight(ATL_DAYS, smoothing)
    curve = []
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        load = loads.get(day, 0)
        check_range(f"loads[{day}]", load, 0, _MOST_PER_DAY, "TSS")
        tsb = ctl - atl
        ctl += (load - ctl) * slow
        atl += (load - atl) * fast
        curve.append(FitnessDay(day, load, ctl, atl, tsb))
    return tuple(curve)


def ctl_after(ctl: float, loads: Iterable[float]) -> float:
    """The CTL after some days' loads in their order, by TrainingPeaks' weight."""
    for load in loads:
        ctl += (load - ctl) / CTL_DAYS
    return ctl


def load_for_ramp(ctl: float, ramp: float, days: int = 7) -> float:
    """The same load each day, in TSS, that lifts CTL by `ramp` in `days`: ctl + ramp / (1 − (1 − 1/42)^days).

    Raises `InvalidInputError` for a ramp that no load from 0 on makes.
    """
    check_range("ctl", ctl, 0, 300)
    check_range("days", days, 1, 365)
    load = ctl + ramp / (1 - (1 - 1 / CTL_DAYS) ** days)
    if not load >= 0:
        raise InvalidInputError(f"CTL can't fall by {-ramp:g} in {days} days", path="ramp")
    return load
