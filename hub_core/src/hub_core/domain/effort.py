"""How hard a step is, in percent of the athlete's threshold: what makes watts, beats and paces comparable.

Percentages stay what they are; absolute numbers are divided by the threshold of their metric. A threshold
that is needed and not known is taken as a rider's, runner's or swimmer's of no particular talent, and
`Scale.thresholds` says so: pictures are drawn with it, and nothing is ever sent.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass

from hub_core.domain.athlete import DEFAULT_ZONES, Athlete, ZoneTable
from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.workout import (
    Intensity,
    Metric,
    PercentTarget,
    Ramp,
    RangeTarget,
    Reference,
    Step,
    Target,
    ZoneTarget,
)

#: Where a step is drawn whose target doesn't tell how hard it is, in percent.
_FREE_PERCENT = {
    Intensity.REST: 25.0,
    Intensity.RECOVERY: 45.0,
    Intensity.COOLDOWN: 50.0,
    Intensity.WARMUP: 55.0,
    Intensity.ACTIVE: 60.0,
    Intensity.INTERVAL: 100.0,
}
#: Effort by feel: 8 of 10 is what can be held for an hour, and 10 a good deal above it.
RPE_AT_THRESHOLD, PERCENT_PER_RPE = 8, 8
_ASSUMED = {Reference.FTP: 200.0, Reference.LTHR: 160.0, Reference.MAX_HR: 178.0}
_LTHR_OF_MAX_HR = 0.9
_ASSUMED_MPS = {SportFamily.CYCLING: 10.0, SportFamily.RUNNING: 3.5, SportFamily.SWIMMING: 1.2}
_ASSUMED_OTHER_MPS, _ASSUMED_ROWING_MPS = 2.0, 4.0
#: Metrics in metres per second.
SPEEDS = frozenset({Metric.PACE, Metric.SPEED})


@dataclass(frozen=True)
class Effort:
    """From `low` to `high` percent of threshold; with a ramp from one to the other.

    `edges` are the zones that it is coloured by, in the same percent. `metric` is None when nothing says how
    hard the step is: then the numbers are where such a step is usually drawn.
    """

    low: float
    high: float
    ramp: Ramp | None = None
    metric: Metric | None = None
    edges: tuple[float, ...] = ()


@dataclass(frozen=True)
class Threshold:
    """What 100 % is for a metric. `value` is in the metric's unit, None if it was never needed."""

    metric: Metric
    of: Reference
    value: float | None
    is_assumed: bool


def find_zone(edges: tuple[float, ...], percent: float) -> int | None:
    """The zone of a percentage, counted from 1; None without zones. An edge belongs to the zone below it."""
    if len(edges) < 2:
        return None
    return min(max(bisect.bisect_left(edges, percent), 1), len(edges) - 1)


class Scale:
    """One athlete's measure of effort for one sport. It remembers which thresholds it took."""

    def __init__(self, athlete: Athlete, sport: Sport) -> None:
        self._athlete = athlete
        self._sport = sport
        self._asked: dict[Metric, None] = {}
        self._taken: set[Reference] = set()
        self._edges: dict[Metric, tuple[float, ...]] = {}

    def measure(self, step: Step) -> Effort:
        """How hard a step is. Never fails: what can't be known is drawn where it is usual."""
        target = step.target
        if target is None or target.metric is Metric.CADENCE:
            percent = _FREE_PERCENT[step.intensity]
            return Effort(percent, percent)
        self._asked[target.metric] = None
        low, high = self._bounds(target)
        ramp = None if isinstance(target, ZoneTarget) or low == high else target.ramp
        return Effort(low, high, ramp, target.metric, self._zones(target.metric))

    def speed_at(self, percent: float) -> float:
        """Metres per second at a percentage of the sport's threshold speed."""
        return self._take(self._basis(Metric.PACE), Metric.PACE) * percent / 100

    def knows_speed(self) -> bool:
        """Whether the athlete's own threshold speed in this sport is known."""
        return self._known(self._basis(Metric.PACE), Metric.PACE) is not None

    def thresholds(self) -> tuple[Threshold, ...]:
        """What 100 % was for each metric that was asked for, RPE left out: it has none."""
        return tuple(self._thresholds())

    def _thresholds(self) -> Iterator[Threshold]:
        for metric in self._asked:
            if metric is not Metric.RPE:
                of = self._basis(metric)
                known = self._known(of, metric)
                taken = self._take(of, metric) if of in self._taken else None
                yield Threshold(metric, of, known or taken, is_assumed=known is None and taken is not None)

    def _bounds(self, target: Target) -> tuple[float, float]:
        match target:
            case RangeTarget(metric=Metric.RPE):
                return _percent_of_rpe(target.low), _percent_of_rpe(target.high)
            case RangeTarget():
                threshold = self._take(self._basis(target.metric), target.metric)
                return target.low / threshold * 100, target.high / threshold * 100
            case PercentTarget():
                factor = self._factor(target.metric, target.of)
                return target.low * factor, target.high * factor
        edges = self._zones(target.metric)
        last = len(edges) - 1
        return edges[min(target.low, last) - 1], edges[min(target.high, last)]

    def _zones(self, metric: Metric) -> tuple[float, ...]:
        """The edges of the athlete's zones, in percent of the metric's own threshold."""
        if metric not in self._edges:
            table: ZoneTable | None = self._athlete.zone_table(metric, self._sport.family)
            table = table or DEFAULT_ZONES[Metric.POWER]  # effort by feel
            factor = 1 if metric is Metric.RPE else self._factor(metric, table.of)
            self._edges[metric] = tuple(edge * factor for edge in table.edges)
        return self._edges[metric]

    def _basis(self, metric: Metric) -> Reference:
        if metric is Metric.POWER:
            return Reference.FTP
        if metric is Metric.HEART_RATE:
            return Reference.LTHR
        return Reference.CSS if self._sport.family is SportFamily.SWIMMING else Reference.THRESHOLD_PACE

    def _factor(self, metric: Metric, of: Reference) -> float:
        """What turns percent of one threshold into percent of the metric's own."""
        basis = self._basis(metric)
        if of is basis or metric in SPEEDS:
            return 1
        return self._take(of, metric) / self._take(basis, metric)

    def _take(self, of: Reference, metric: Metric) -> float:
        self._taken.add(of)
        return self._known(of, metric) or self._assume(of)

    def _known(self, of: Reference, metric: Metric) -> float | None:
        # Threshold pace is a runner's: on a bicycle it measures nothing.
        is_runners = self._sport.family is SportFamily.RUNNING
        if metric in SPEEDS and of is Reference.THRESHOLD_PACE and not is_runners:
            return None
        return self._athlete.reference(of) or None

    def _assume(self, of: Reference) -> float:
        if of in {Reference.CSS, Reference.THRESHOLD_PACE}:
            other = _ASSUMED_ROWING_MPS if self._sport is Sport.ROW else _ASSUMED_OTHER_MPS
            return _ASSUMED_MPS.get(self._sport.family, other)
        if of is Reference.LTHR and self._athlete.max_hr_bpm:
            return self._athlete.max_hr_bpm * _LTHR_OF_MAX_HR
        if of is Reference.MAX_HR and self._athlete.lthr_bpm:
            return self._athlete.lthr_bpm / _LTHR_OF_MAX_HR
        return _ASSUMED[of]


def _percent_of_rpe(rpe: float) -> float:
    return 100 + (rpe - RPE_AT_THRESHOLD) * PERCENT_PER_RPE
