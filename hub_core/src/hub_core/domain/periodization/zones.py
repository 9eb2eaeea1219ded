"""How hard the parts of a session are, for each kind of target that an athlete's thresholds allow."""

from __future__ import annotations

from enum import StrEnum

from hub_core.domain.athlete import Athlete
from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.workout import Metric, PercentTarget, RangeTarget, Reference, Target


class Zone(StrEnum):
    """From a walk to a sprint."""

    RECOVERY = "recovery"
    EASY = "easy"
    STEADY = "steady"
    TEMPO = "tempo"
    THRESHOLD = "threshold"
    VO2 = "vo2"
    FAST = "fast"


_Percents = dict[Zone, tuple[float, float]]


def _percents(*bounds: tuple[float, float]) -> _Percents:
    return dict(zip(Zone, bounds, strict=True))


#: Percent of threshold speed, inside of intervals.icu's default running zones.
_RUN = _percents((60, 75), (72, 82), (76, 86), (88, 93), (96, 101), (104, 110), (112, 120))
#: Percent of FTP, inside of Coggan's levels.
_RIDE = _percents((40, 55), (57, 70), (63, 75), (78, 88), (94, 102), (108, 118), (125, 150))
#: Percent of critical swim speed.
_SWIM = _percents((70, 80), (80, 88), (85, 92), (92, 97), (98, 102), (103, 108), (108, 115))
#: Percent of LTHR, by Friel's zones. In a sprint the heart comes too late to be a target.
_HEART = _percents((60, 78), (72, 84), (76, 88), (89, 94), (95, 101), (100, 106), (0, 0))
_RPE = _percents((1, 2), (3, 4), (4, 5), (6, 6), (7, 8), (9, 9), (9, 10))

_OWN: dict[SportFamily, tuple[Metric, Reference, _Percents]] = {
    SportFamily.RUNNING: (Metric.PACE, Reference.THRESHOLD_PACE, _RUN),
    SportFamily.CYCLING: (Metric.POWER, Reference.FTP, _RIDE),
    SportFamily.SWIMMING: (Metric.PACE, Reference.CSS, _SWIM),
}


def intensity_of(zone: Zone, sport: Sport) -> float:
    """The intensity factor that a zone is planned with: the middle of its range, as a fraction of threshold.

    It is the same whatever the target is written in, so that a plan by heart rate has the load of one by
    power.
    """
    low, high = _OWN[sport.family][2][zone]
    return (low + high) / 200


def target_of(zone: Zone, sport: Sport, athlete: Athlete) -> Target | None:
    """The target in what the athlete knows: pace or power, else heart rate, else perceived exertion.

    Swimmers have no heart rate on their wrist that can be trusted.
    """
    metric, reference, percents = _OWN[sport.family]
    if athlete.reference(reference) is not None:
        return PercentTarget(metric, *percents[zone], of=reference)
    if athlete.lthr_bpm is not None and sport.family is not SportFamily.SWIMMING:
        if zone is Zone.FAST:
            return None
        return PercentTarget(Metric.HEART_RATE, *_HEART[zone], of=Reference.LTHR)
    return RangeTarget(Metric.RPE, *_RPE[zone])
