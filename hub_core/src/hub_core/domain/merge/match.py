"""Whether two statements are about one activity: a score that can be read, made of evidence.

Identity is enough alone. Everything else needs two kinds of evidence that don't follow from each other,
because at the same hour people also do two things, and because on many days they do the same thing.
"""

from __future__ import annotations

import msgspec

from hub_core.domain.merge.shape import MAX_SHIFT_S, Shape, ShapeColumn, compare_shapes
from hub_core.domain.merge.statement import Identity, Statement
from hub_core.domain.records import Activity, Device
from hub_core.domain.sport import Sport, SportFamily

#: Time that fits perfectly is worth 0.5 and can't reach this alone; a second kind of evidence must speak.
THRESHOLD = 0.6
KINDS_NEEDED = 2
#: The shared part of both spans together. A multisport parent shares less with each of its legs.
LEAST_OVERLAP = 0.7
#: A sport that nobody named may be any, also a multisport parent: then time has to fit closely.
LEAST_OVERLAP_UNNAMED = 0.9

#: From this value on, so many points. Below the last one of a row there are none.
_TIME_POINTS = ((0.97, 0.5), (0.9, 0.45), (0.8, 0.35), (LEAST_OVERLAP, 0.25))
_DISTANCE_POINTS = ((0.99, 0.3), (0.97, 0.25), (0.93, 0.15), (0.85, 0.0))
_DISTANCE_APART = -0.3
_SHAPE_POINTS = ((0.95, 0.45), (0.85, 0.35), (0.7, 0.2), (0.3, 0.0))
#: Optical sensors lose the pulse now and then, so a curve that differs doesn't end it.
_SHAPE_APART = -0.2
_DEVICE_POINTS = 0.4
_ORIGIN_POINTS = 0.25
_PLAN_POINTS = 0.2
_FIGURE_POINTS = 0.2

_ON_FOOT = {Sport.WALK, Sport.HIKE}
_SHAPES: tuple[tuple[ShapeColumn, str, str], ...] = (
    ("heart_rate_bpm", "heart_rate", "heart rate"),
    ("power_w", "power", "power"),
)


class Evidence(msgspec.Struct, frozen=True):
    """One thing that speaks for it, or against it with negative points, in words."""

    kind: str
    points: float
    words: str


class Match(msgspec.Struct, frozen=True):
    """How likely two statements are one activity. `is_certain`: they name each other."""

    one: Identity
    other: Identity
    score: float
    evidence: tuple[Evidence, ...]
    is_certain: bool = False

    @property
    def is_enough(self) -> bool:
        """Whether they are taken as one."""
        kinds = {one.kind for one in self.evidence if one.points > 0}
        return self.is_certain or (self.score >= THRESHOLD and len(kinds) >= KINDS_NEEDED)


def judge(one: Statement[Activity], other: Statement[Activity]) -> Match | str:
    """Weigh two statements; a text is a veto. Which one comes first makes no difference."""
    if other.identity < one.identity:
        one, other = other, one
    if words := _name_each_other(one, other):
        return Match(one.identity, other.identity, 1.0, (Evidence("identity", 1.0, words),), is_certain=True)
    if veto := find_veto(one, other):
        return veto
    shapes = _shapes(one.record, other.record)
    shift_s = _shift(shapes)
    overlap = overlap_share(one.record, other.record, shift_s)
    least = LEAST_OVERLAP_UNNAMED if _is_unnamed(one.record, other.record) else LEAST_OVERLAP
    if overlap < least:
        return f"only {overlap:.0%} of the time is shared"
    clock = f", the clocks being {shift_s:+.0f} s apart" if shift_s else ""
    evidence = [
        Evidence("time", _points(overlap, _TIME_POINTS), f"{overlap:.0%} of the time is shared{clock}")
    ]
    evidence += _distance_evidence(one.record, other.record)
    evidence += _shape_evidence(shapes)
    if not shapes:
        evidence += _figure_evidence(one.record, other.record)
    evidence += _name_evidence(one, other)
    score = round(max(0.0, min(0.99, sum(part.points for part in evidence))), 2)
    return Match(one.identity, other.identity, score, tuple(evidence))


def clock_shift(one: Activity, other: Activity) -> float:
    """By how many seconds the clock of the second one is ahead, as far as their curves tell."""
    return _shift(_shapes(one, other))


def could_be_one(one: Activity, other: Activity) -> bool:
    """Whether they could share enough time, were their clocks as wrong as they may be. Asked first: cheap."""
    short, long_ = sorted((one, other), key=lambda activity: activity.duration_s)
    begins, first = short.start.timestamp(), long_.start.timestamp()
    outside = max(first - begins, begins - (first + long_.duration_s - short.duration_s), 0.0)
    outside = max(0.0, outside - MAX_SHIFT_S)
    return short.duration_s - outside >= LEAST_OVERLAP * (long_.duration_s + outside)


def wants_series(one: Statement[Activity], other: Statement[Activity]) -> bool:
    """Whether a judgement needs the curves of both."""
    if _name_each_other(one, other) or find_veto(one, other):
        return False
    return any(_has(one.record, column) and _has(other.record, column) for column, _, _ in _SHAPES)


def find_veto(one: Statement[Activity], other: Statement[Activity]) -> str:
    """Why two statements can't be one whatever else they say, unless they name each other."""
    if one.source == other.source and not _are_other_recorders(one.record, other.record):
        return f"{one.source} tells of two activities"
    groups = {_sport_group(one.record.sport), _sport_group(other.record.sport)} - {None}
    if len(groups) > 1:
        return f"{one.record.sport} and {other.record.sport} are different sports"
    return ""


def overlap_share(one: Activity, other: Activity, shift_s: float = 0.0) -> float:
    """The shared part of the time that both cover together, 0 to 1."""
    starts = one.start.timestamp(), other.start.timestamp() - shift_s
    ends = starts[0] + one.duration_s, starts[1] + other.duration_s
    shared = min(ends) - max(starts)
    whole = max(ends) - min(starts)
    if whole <= 0:
        return 1.0 if starts[0] == starts[1] else 0.0
    return max(0.0, shared / whole)


def _name_each_other(one: Statement[Activity], other: Statement[Activity]) -> str:
    a, b = one.record, other.record
    if a.file_digest and a.file_digest == b.file_digest:
        return "they are of the same file"
    if not one.identity.external_id or not other.identity.external_id:
        return ""
    for relay, origin in ((one, other), (other, one)):
        if (relay.record.origin, relay.record.origin_id) == (origin.source, origin.identity.external_id):
            return f"{relay.source} passes on {origin.identity}"
    if a.origin and a.origin_id and (a.origin, a.origin_id) == (b.origin, b.origin_id):
        return f"both pass on {a.origin}/{a.origin_id}"
    return ""


def _are_other_recorders(one: Activity, other: Activity) -> bool:
    """Whether one source passes on what two devices recorded: then they may be one activity all the same."""
    if one.origin and other.origin and one.origin != other.origin:
        return True
    return bool(_device_name(one.device) and _device_name(other.device)) and (
        _device_name(one.device) != _device_name(other.device)
    )


def _device_name(device: Device | None) -> str:
    return " ".join((device.manufacturer, device.serial or device.name)).strip().casefold() if device else ""


def _sport_group(sport: Sport) -> str | None:
    """Sports that one person could call each other's names; None could be any."""
    if sport is Sport.OTHER:
        return None
    if sport in _ON_FOOT or sport.family is SportFamily.RUNNING:
        return "on foot"
    return sport.value if sport.family is SportFamily.OTHER else sport.family.value


def _is_unnamed(one: Activity, other: Activity) -> bool:
    return (one.sport is Sport.OTHER) != (other.sport is Sport.OTHER)


def _distance_evidence(one: Activity, other: Activity) -> list[Evidence]:
    if not one.distance_m or not other.distance_m:
        return []
    share = min(one.distance_m, other.distance_m) / max(one.distance_m, other.distance_m)
    words = f"{one.distance_m / 1000:.2f} and {other.distance_m / 1000:.2f} km"
    if one.sport.is_indoor or other.sport.is_indoor:
        # Indoors each device guesses the distance by itself: only a copied figure says anything.
        return [Evidence("distance", 0.3, f"{words}, copied")] if share >= 0.999 else []
    points = _points(share, _DISTANCE_POINTS) if share >= _DISTANCE_POINTS[-1][0] else _DISTANCE_APART
    return [Evidence("distance", points, words)]


def _shapes(one: Activity, other: Activity) -> dict[str, Shape]:
    if one.series is None or other.series is None:
        return {}
    ahead = other.start.timestamp() - one.start.timestamp()
    found = {}
    for column, kind, _ in _SHAPES:
        if (
            _has(one, column)
            and _has(other, column)
            and (shape := compare_shapes(one.series, other.series, column, ahead))
        ):
            found[kind] = shape
    return found


def _shift(shapes: dict[str, Shape]) -> float:
    """The clocks' difference by the curve that fits best, if one fits well."""
    best = max(shapes.values(), key=lambda shape: (shape.correlation, shape.shift_s), default=None)
    return best.shift_s if best and best.correlation >= _SHAPE_POINTS[1][0] else 0.0


def _shape_evidence(shapes: dict[str, Shape]) -> list[Evidence]:
    found = []
    for _, kind, words in _SHAPES:
        if shape := shapes.get(kind):
            is_apart = shape.correlation < _SHAPE_POINTS[-1][0]
            points = _SHAPE_APART if is_apart else _points(shape.correlation, _SHAPE_POINTS)
            found.append(
                Evidence(kind, points, f"the curves of {words} correlate by {shape.correlation:.2f}")
            )
    return found


def _figure_evidence(one: Activity, other: Activity) -> list[Evidence]:
    """Figures that agree so closely that they were measured or copied together; for want of curves."""
    pairs = (
        (one.avg_heart_rate_bpm, other.avg_heart_rate_bpm),
        (one.max_heart_rate_bpm, other.max_heart_rate_bpm),
    )
    if all(a and b and abs(a - b) <= 1.0 for a, b in pairs):
        return [Evidence("figures", _FIGURE_POINTS, "average and highest heart rate agree within 1 bpm")]
    a, b = one.energy_kcal, other.energy_kcal
    if a and b and min(a, b) > 50 and min(a, b) / max(a, b) >= 0.99:
        return [Evidence("figures", _FIGURE_POINTS, f"{a:.0f} and {b:.0f} kcal")]
    return []


def _name_evidence(one: Statement[Activity], other: Statement[Activity]) -> list[Evidence]:
    a, b = one.record, other.record
    found = []
    if a.device and b.device and a.device.serial and _device_name(a.device) == _device_name(b.device):
        found.append(Evidence("device", _DEVICE_POINTS, f"the same device, {a.device.serial}"))
    if a.origin == other.source or b.origin == one.source:
        relay, origin = (one, other) if a.origin == other.source else (other, one)
        found.append(
            Evidence("origin", _ORIGIN_POINTS, f"{relay.source} says that {origin.source} recorded it")
        )
    if a.planned_reference and a.planned_reference == b.planned_reference:
        found.append(Evidence("plan", _PLAN_POINTS, "both name the same planned workout"))
    return found


def _has(activity: Activity, column: ShapeColumn) -> bool:
    return activity.series is not None and column in activity.series.packed


def _points(value: float, table: tuple[tuple[float, float], ...]) -> float:
    return next((points for least, points in table if value >= least), 0.0)
