"""Times at which a session of some length could be done, each with what speaks for and against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import msgspec

from hub_core.domain.advice.comfort import Comfort
from hub_core.domain.advice.rate_hour import HourRating, Reason, rate_hour
from hub_core.domain.fact import Fact
from hub_core.domain.weather import HourlyConditions, Place
from hub_core.errors import InvalidInputError

HOUR = dt.timedelta(hours=1)


class Window(msgspec.Struct, frozen=True):
    """When an athlete has time: two instants that know their offset."""

    start: dt.datetime
    end: dt.datetime


class Slot(msgspec.Struct, frozen=True):
    """A start and an end. 0 points are perfect; `why` has the worst of each thing in that time."""

    start: dt.datetime
    end: dt.datetime
    points: float
    is_recommended: bool
    why: tuple[Fact, ...]


class Sky:
    """The weather of some days for one kind of session, rated hour by hour."""

    def __init__(
        self,
        conditions: Sequence[HourlyConditions],
        comfort: Comfort,
        zone: ZoneInfo,
        place: Place | None = None,
        *,
        is_hard: bool = False,
    ) -> None:
        self.zone = zone
        self._comfort = comfort
        self._hours: dict[dt.datetime, HourRating] = {}
        for hour in conditions:
            if hour.time.utcoffset() is None:
                raise InvalidInputError("an hour of weather needs its offset", path="conditions.time")
            if rating := rate_hour(hour, comfort, place, is_hard=is_hard):
                self._hours[hour.time.astimezone(dt.UTC)] = rating

    def rate(self, start: dt.datetime, duration_s: float) -> Slot | None:
        """A session from an instant on. None if the weather isn't known for all of its time."""
        end = start + dt.timedelta(seconds=duration_s)
        weighted, reasons = 0.0, dict[str, Reason]()
        hour = start.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
        while hour < end:
            rating = self._hours.get(hour)
            if rating is None:
                return None
            weighted += rating.points * (min(end, hour + HOUR) - max(start, hour)).total_seconds()
            for reason in rating.reasons:
                worst = reasons.get(reason.fact.name)
                if worst is None or (reason.stops, reason.points) > (worst.stops, worst.points):
                    reasons[reason.fact.name] = reason
            hour += HOUR
        ordered = sorted(reasons.values(), key=lambda one: (not one.stops, -one.points))
        return Slot(
            start.astimezone(self.zone),
            end.astimezone(self.zone),
            round(weighted / duration_s, 1),
            not any(reason.stops for reason in ordered),
            tuple(reason.fact for reason in ordered),
        )

    def list_slots(
        self,
        day: dt.date,
        duration_s: float,
        not_before: dt.datetime,
        windows: Sequence[Window] | None,
    ) -> tuple[Slot, ...]:
        """The slots that begin on a local day, at full hours and when a window opens, the best first.

        With windows only inside of them; without, on the hours that `Comfort` allows. Nothing before
        `not_before`.
        """
        found = []
        for start in self._starts(day, windows):
            end = start + dt.timedelta(seconds=duration_s)
            if start < not_before or not self._is_allowed(start, end, windows):
                continue
            if slot := self.rate(start, duration_s):
                found.append(slot)
        return tuple(sorted(found, key=lambda slot: (not slot.is_recommended, slot.points, slot.start)))

    def _starts(self, day: dt.date, windows: Sequence[Window] | None) -> Iterator[dt.datetime]:
        hours = {hour for hour in self._hours if hour.astimezone(self.zone).date() == day}
        opened = {window.start.astimezone(dt.UTC) for window in windows or ()}
        hours |= {start for start in opened if start.astimezone(self.zone).date() == day}
        yield from sorted(hours)

    def _is_allowed(self, start: dt.datetime, end: dt.datetime, windows: Sequence[Window] | None) -> bool:
        if windows is not None:
            return any(window.start <= start and end <= window.end for window in windows)
        first, last = start.astimezone(self.zone), end.astimezone(self.zone)
        is_same_day = first.date() == last.date()
        closing = dt.time(self._comfort.last_hour) if self._comfort.last_hour < 24 else dt.time.max
        return is_same_day and first.hour >= self._comfort.first_hour and last.time() <= closing
