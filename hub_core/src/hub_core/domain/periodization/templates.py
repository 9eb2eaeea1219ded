"""Which session stands on which day of a week, by phase."""

from __future__ import annotations

from typing import NamedTuple

from hub_core.domain.periodization.goal import Discipline, RaceGoal, demand_of
from hub_core.domain.periodization.phases import Frame, Phase
from hub_core.domain.periodization.sessions import Kind
from hub_core.domain.periodization.zones import Zone
from hub_core.domain.sport import Sport


class Slot(NamedTuple):
    """A day, counted from that of the long session, what is done, and its share of the week's time."""

    after_long: int
    kind: Kind
    sport: Sport
    share: float

    @property
    def is_key(self) -> bool:
        """Whether the week is about it."""
        return self.kind not in (Kind.EASY, Kind.STRIDES, Kind.OPENERS)


#: Days after the long session, in the order in which they are used when there are more sessions. Quality is
#: two
#: and four days after it, so that hard days never follow each other.
_DAYS = {
    Discipline.RUN: (0, 2, 4, 3, 6, 5, 1),
    Discipline.RIDE: (0, 2, 4, 3, 6, 5, 1),
    Discipline.TRIATHLON: (0, 2, 3, 4, 6, 5, 1),
}
_QUALITY_DAYS = (2, 4)
#: A triathlete's week: the long ride, a hard run, a hard ride, and swims between.
_TRIATHLON_SPORTS = {
    0: Sport.RIDE,
    1: Sport.POOL_SWIM,
    2: Sport.RUN,
    3: Sport.POOL_SWIM,
    4: Sport.RIDE,
    5: Sport.POOL_SWIM,
    6: Sport.RUN,
}
_SPORTS = {Discipline.RUN: Sport.RUN, Discipline.RIDE: Sport.RIDE}
_SHARES = {Kind.LONG: 2.0, Kind.LONG_RACE: 2.0, Kind.EASY: 0.9}
#: The two hard sessions of a week, and the long one; where there are two pairs, weeks take turns.
_QUALITY = {
    Phase.BASE: ((Kind.TEMPO, Kind.STRIDES), (Kind.STRIDES, Kind.TEMPO)),
    Phase.BUILD: ((Kind.THRESHOLD, Kind.RACE_PACE), (Kind.VO2, Kind.RACE_PACE)),
    Phase.PEAK: ((Kind.VO2, Kind.RACE_PACE), (Kind.VO2, Kind.RACE_PACE)),
    Phase.TAPER: ((Kind.THRESHOLD, Kind.RACE_PACE), (Kind.THRESHOLD, Kind.RACE_PACE)),
    Phase.RACE: ((Kind.RACE_PACE, Kind.STRIDES), (Kind.RACE_PACE, Kind.STRIDES)),
}
_RECOVERY = (Kind.STRIDES, Kind.EASY)


def race_zone(goal: RaceGoal) -> Zone:
    """About how hard the race itself is: for an hour threshold, for hours tempo, for a day steady."""
    rows = (Zone.THRESHOLD, Zone.TEMPO, Zone.TEMPO, Zone.STEADY)
    if goal.discipline is Discipline.RIDE:
        rows = (Zone.THRESHOLD, Zone.TEMPO, Zone.STEADY, Zone.STEADY)
    if goal.discipline is Discipline.TRIATHLON:
        rows = (Zone.THRESHOLD, Zone.THRESHOLD, Zone.TEMPO, Zone.STEADY)
    edges = {Discipline.RUN: (12e3, 25e3, 50e3), Discipline.RIDE: (60e3, 130e3, 250e3)}
    limits = edges.get(goal.discipline, (30e3, 60e3, 120e3))
    return rows[sum(goal.distance_m > limit for limit in limits)]


def fill_week(frame: Frame, number: int, goal: RaceGoal, sessions: int) -> tuple[Slot, ...]:
    """The sessions of a week in the order of `after_long`; `number` weeks are left to the race."""
    quality = _RECOVERY if frame.is_recovery else _QUALITY[frame.phase][number % 2]
    is_specific = frame.phase is Phase.BUILD and number % 2 == 0 and not frame.is_recovery
    slots = []
    for day in sorted(_DAYS[goal.discipline][:sessions]):
        if day == 0:
            kind = Kind.LONG_RACE if is_specific else Kind.LONG
        elif day in _QUALITY_DAYS:
            kind = quality[_QUALITY_DAYS.index(day)]
        else:
            kind = Kind.EASY
        sport = _SPORTS.get(goal.discipline) or _TRIATHLON_SPORTS[day]
        slots.append(Slot(day, kind, sport, _SHARES.get(kind, 1.0)))
    return tuple(slots)


def longest_minutes(slot: Slot, goal: RaceGoal) -> int:
    """How long one session may get."""
    if slot.kind in (Kind.LONG, Kind.LONG_RACE):
        return demand_of(goal.discipline, goal.distance_m).longest_min
    if slot.sport is Sport.POOL_SWIM:
        return 75
    return 150 if slot.sport is Sport.RIDE else 90
