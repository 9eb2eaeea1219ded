"""Two workouts step by step: what was meant, and what somebody holds of it.

Both are played out, so that a repeat and its steps written out are the same. What is compared is what a step
does: how long, how hard, how fast the legs turn, what it is for. Names and notes are words for people, which
providers trim and wrap as they like.
"""

from __future__ import annotations

import msgspec

from hub_core.domain.describe import describe_duration, describe_step, describe_target
from hub_core.domain.outline import Placed, PlacedStep, expand_repeats, place_steps
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Duration,
    Intensity,
    Metric,
    Node,
    PercentTarget,
    RangeTarget,
    Repeat,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)

NOTHING = "nothing"
#: More would be read by nobody.
MOST_DIFFERENCES = 50
#: What is held comes from outside: nothing that plays out to more steps than this is played out.
MOST_PLAYED = 20_000

#: Nobody can feel less than this, and providers round: seconds, metres, percent points.
TOLERANCE_S = 1.0
TOLERANCE_M = 1.0
TOLERANCE_PERCENT = 0.5
#: In the unit of the metric. Speeds: half a percent more, as paces are rounded to whole seconds.
TOLERANCES = {
    Metric.POWER: 1.0,
    Metric.HEART_RATE: 1.0,
    Metric.CADENCE: 1.0,
    Metric.PACE: 0.01,
    Metric.SPEED: 0.01,
    Metric.RPE: 0.05,
}
_SPEEDS = frozenset({Metric.PACE, Metric.SPEED})
_SPEED_SHARE = 0.005
_DISTANCE_SHARE = 0.001
#: Bounds are floats: a tolerance of 1 W is meant to include 1 W.
_NOISE = 1e-9


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not as it was meant, in words, at the path of the step or at `workout`.

    `feature` is `duration`, `target`, `cadence` or `intensity`; `step` for one that is missing or too much;
    `date` or `workout` for the whole.
    """

    path: str
    feature: str
    meant: str
    held: str

    def words(self) -> str:
        """`steps[0]: the duration was to be 400 m and is 6:40 h`"""
        return f"{self.path}: the {self.feature} was to be {self.meant} and is {self.held}"


def compare_steps(meant: tuple[Placed, ...], held: tuple[Node, ...], sport: Sport) -> tuple[Difference, ...]:
    """All differences in the order of the workout, each path and thing once however often it is played.

    A step that is missing or too much doesn't make all those after it differ: what begins and what ends the
    same is left out first.
    """
    ours = play(meant)
    if ours and not held:
        return (Difference("workout", "workout", _count(len(ours)), "without any steps"),)
    if (played := count_played(held)) > MOST_PLAYED:
        return (Difference("workout", "workout", _count(len(ours)), _count(played)),)
    theirs = [node.step for node in play(place_steps(held))]
    if len(ours) != len(theirs):
        return _differ_in_length(ours, theirs, sport)
    pairs = zip(ours, theirs, strict=True)
    return _unique([one for node, step in pairs for one in _compare(node, step, sport)])


def tell_changes(
    before: tuple[Placed, ...], after: tuple[Placed, ...], sport: Sport
) -> tuple[Difference, ...]:
    """What people can read of the change from one compiled workout to another of the same plan."""
    ours, theirs = play(before), play(after)
    if len(ours) != len(theirs):
        return (Difference("workout", "workout", _count(len(ours)), _count(len(theirs))),)
    changes = []
    for one, other in zip(ours, theirs, strict=True):
        told = zip(_words(one.step, sport), _words(other.step, sport), strict=True)
        changes += [
            Difference(one.path, feature, old, new) for (feature, old), (_, new) in told if old != new
        ]
    return _unique(changes)


def _words(step: Step, sport: Sport) -> tuple[tuple[str, str], ...]:
    return (
        ("duration", describe_duration(step.duration)),
        ("target", _aim(step.target, sport)),
        ("cadence", _turns(step.cadence)),
    )


def play(nodes: tuple[Placed, ...]) -> list[PlacedStep]:
    """The steps in the order in which they are done, each as often as it is done."""
    return [node for node in expand_repeats(nodes, 0) if isinstance(node, PlacedStep)]


def count_played(nodes: tuple[Node, ...]) -> int:
    """How many steps that is."""
    return sum(
        max(0, node.times) * count_played(node.steps) if isinstance(node, Repeat) else 1 for node in nodes
    )


def _differ_in_length(ours: list[PlacedStep], theirs: list[Step], sport: Sport) -> tuple[Difference, ...]:
    first = 0
    while first < min(len(ours), len(theirs)) and not _compare(ours[first], theirs[first], sport):
        first += 1
    last = 0
    while last < min(len(ours), len(theirs)) - first and not _compare(
        ours[-1 - last], theirs[-1 - last], sport
    ):
        last += 1
    ours_left, theirs_left = ours[first : len(ours) - last], theirs[first : len(theirs) - last]
    differences = [Difference("workout", "workout", _count(len(ours)), _count(len(theirs)))]
    for node, step in zip(ours_left, theirs_left, strict=False):
        differences += _compare(node, step, sport)
    for node in ours_left[len(theirs_left) :]:
        differences.append(Difference(node.path, "step", describe_step(node.step, sport), NOTHING))
    for step in theirs_left[len(ours_left) :]:
        differences.append(Difference("workout", "step", NOTHING, describe_step(step, sport)))
    return _unique(differences)


def _compare(node: PlacedStep, held: Step, sport: Sport) -> list[Difference]:
    meant, path, held = _cadence_as_target(node.step), node.path, _cadence_as_target(held)
    differences = []
    if not is_same_duration(meant.duration, held.duration):
        words = describe_duration(meant.duration), describe_duration(held.duration)
        differences.append(Difference(path, "duration", *words))
    if not is_same_target(meant.target, held.target):
        differences.append(Difference(path, "target", _aim(meant.target, sport), _aim(held.target, sport)))
    if not is_same_cadence(meant.cadence, held.cadence):
        differences.append(Difference(path, "cadence", _turns(meant.cadence), _turns(held.cadence)))
    if not is_same_purpose(meant.intensity, held.intensity):
        differences.append(Difference(path, "intensity", meant.intensity, held.intensity))
    return differences


def is_same_purpose(one: Intensity, other: Intensity) -> bool:
    """Whether two steps are for the same."""
    return _purpose(one) is _purpose(other)


def _purpose(intensity: Intensity) -> Intensity:
    """Most providers have one word for work."""
    return Intensity.ACTIVE if intensity is Intensity.INTERVAL else intensity


def _cadence_as_target(step: Step) -> Step:
    """A cadence beside no target, and a target of that cadence, ask for the same."""
    if step.cadence is None or step.target is not None:
        return step
    target = RangeTarget(Metric.CADENCE, step.cadence.low, step.cadence.high)
    return msgspec.structs.replace(step, target=target, cadence=None)


def is_same_duration(one: Duration, other: Duration) -> bool:
    """Whether two steps end at the same moment, as near as devices count."""
    match one, other:
        case TimeDuration(duration_s=a), TimeDuration(duration_s=b):
            return _is_near(a, b, TOLERANCE_S)
        case DistanceDuration(distance_m=a), DistanceDuration(distance_m=b):
            return _is_near(a, b, max(TOLERANCE_M, _DISTANCE_SHARE * a))
    return type(one) is type(other)


def is_same_target(one: Target | None, other: Target | None) -> bool:
    """Whether two targets ask for the same, as near as anybody can feel. Bounds of one value are no ramp."""
    match one, other:
        case RangeTarget(), RangeTarget():
            if one.metric is not other.metric:
                return False
            allowed = TOLERANCES[one.metric]
            if one.metric in _SPEEDS:
                allowed += _SPEED_SHARE * one.high
        case PercentTarget(), PercentTarget():
            if (one.metric, one.of) != (other.metric, other.of):
                return False
            allowed = TOLERANCE_PERCENT
        case ZoneTarget(), ZoneTarget():
            return one == other
        case _:
            return one is other
    ramps_alike = one.ramp == other.ramp or max(one.high - one.low, other.high - other.low) <= 2 * allowed
    return ramps_alike and _is_near(one.low, other.low, allowed) and _is_near(one.high, other.high, allowed)


def is_same_cadence(one: CadenceRange | None, other: CadenceRange | None) -> bool:
    """Whether two cadences ask for the same."""
    if one is None or other is None:
        return one is other
    allowed = TOLERANCES[Metric.CADENCE]
    return _is_near(one.low, other.low, allowed) and _is_near(one.high, other.high, allowed)


def _is_near(one: float, other: float, allowed: float) -> bool:
    return abs(one - other) <= allowed + _NOISE


def _aim(target: Target | None, sport: Sport) -> str:
    return describe_target(target, sport) if target else NOTHING


def _turns(cadence: CadenceRange | None) -> str:
    if cadence is None:
        return NOTHING
    return describe_target(RangeTarget(Metric.CADENCE, cadence.low, cadence.high), Sport.RIDE)


def _count(steps: int) -> str:
    return f"of {steps} step{'' if steps == 1 else 's'}"


def _unique(differences: list[Difference]) -> tuple[Difference, ...]:
    return tuple(dict.fromkeys(differences))[:MOST_DIFFERENCES]
