"""The attributes of one element of a Zwift workout: read one by one, and refused when left over."""

from __future__ import annotations

import math
from xml.etree.ElementTree import Element

from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Duration,
    Metric,
    PercentTarget,
    Ramp,
    Reference,
    TimeDuration,
)
from hub_core.errors import InvalidInputError
from hub_core.formats._messages import Message

#: What only Zwift's world shows or counts: scenery, stars, the test at the end.
_GAME_ONLY = {
    "endatroadtime", "failthresholdduration", "flatroad", "forced_performance_test", "ftptest",
    "neverfails", "overunder", "ramptest", "replacement_prescription", "replacement_verb", "show_avg",
    "units", "zone",
}  # fmt: skip
#: Values of `pace` in run workouts: the race pace that the fractions refer to.
PACES = {"0": "1 mile", "1": "5 km", "2": "10 km", "3": "half marathon", "4": "marathon"}
_MESSAGE_TAGS = {"textevent", "textnotification"}


def pace_line(pace: str) -> str:
    """The note that says which race pace a run's percentages are of."""
    return f"Zwift counts percent of {pace} pace here."


class Attributes:
    """Reads an element's attributes by their lower-case names and remembers which were asked for."""

    def __init__(self, element: Element, path: str, sport: Sport, *, seconds: bool) -> None:
        self._element = element
        self._path = path
        self._is_run = sport.family is SportFamily.RUNNING
        self._seconds = seconds
        self._values = {name.lower(): value.strip() for name, value in element.attrib.items()}
        self._asked = {"pace"} | _GAME_ONLY

    def duration(self, name: str) -> Duration:
        """Seconds, or metres in a file that counts in them."""
        value = self._required(name)
        return TimeDuration(value) if self._seconds else DistanceDuration(value)

    def whole(self, name: str) -> int:
        """A whole number that must be there."""
        value = self._required(name)
        if value != int(value):
            raise self._wrong(f"{name} {value:g} is not a whole number")
        return int(value)

    def steady_target(self, name: str, low: str, high: str) -> PercentTarget:
        """One fraction as `name`, or two as `low` and `high`."""
        value = self._number(name)
        if value is not None and (self._number(low) is None or self._number(high) is None):
            return self._target(value, value)
        # Beside a range the single number is its middle.
        first, last = self._required(low, instead_of=name), self._required(high, instead_of=name)
        return self._target(min(first, last), max(first, last))

    def ramp_target(self) -> PercentTarget:
        """From `PowerLow` to `PowerHigh`; a single `Power` is a ramp that doesn't move."""
        value = self._number("power")
        start = value if value is not None else self._required("powerlow")
        end = value if value is not None else self._required("powerhigh")
        ramp: Ramp | None = None if start == end else "up" if start < end else "down"
        return self._target(min(start, end), max(start, end), ramp)

    def cadence(self, name: str) -> CadenceRange | None:
        """`Cadence`, or `CadenceLow` and `CadenceHigh`."""
        value = self._number(name)
        low, high = self._number(f"{name}low"), self._number(f"{name}high")
        if low is None and high is None:
            return None if value is None else CadenceRange(value, value)
        if low is None or high is None:
            raise self._wrong(f"{name}Low and {name}High belong together")
        return CadenceRange(low, high)

    def notes(self, *, of_set: bool = False) -> str:
        """What a run's fractions refer to, then the messages, each with the moment it is shown at."""
        lines = [self._message(child, of_set=of_set) for child in self._element]
        if self._is_run and "pace" in self._values:
            pace = self._values["pace"]
            if pace not in PACES:
                raise self._wrong(f"pace {pace!r} is not one of 0 to {len(PACES) - 1}")
            lines.insert(0, pace_line(PACES[pace]))
        return "\n".join(line for line in lines if line)

    def refuse_unread(self) -> None:
        """Raise for an attribute that nobody asked for."""
        if left := [name for name in self._element.attrib if name.lower() not in self._asked]:
            raise self._wrong(f"the attribute {left[0]} is not known here")

    def _message(self, child: Element, *, of_set: bool) -> str:
        if child.tag.lower() not in _MESSAGE_TAGS:
            raise self._wrong(f"<{child.tag}> is not known here")
        values = {name.lower(): value for name, value in child.attrib.items()}
        text = " ".join((values.get("message") or values.get("text") or "").split())
        seconds, metres = values.get("timeoffset", "0"), values.get("distoffset", "0")
        if text and (offset := self._finite("distoffset", metres)):
            return Message(text, offset, by_distance=True, of_set=of_set).line()
        if text:
            return Message(text, self._finite("timeoffset", seconds), of_set=of_set).line()
        return ""

    def _target(self, low: float, high: float, ramp: Ramp | None = None) -> PercentTarget:
        metric = Metric.PACE if self._is_run else Metric.POWER
        of = Reference.THRESHOLD_PACE if self._is_run else Reference.FTP
        # Fractions become percent: 1.12 * 100 is 112.00000000000001.
        return PercentTarget(metric, round(low * 100, 3), round(high * 100, 3), of, ramp)

    def _required(self, name: str, *, instead_of: str = "") -> float:
        value = self._number(name)
        if value is None:
            raise self._wrong(f"the attribute {instead_of or name} is missing")
        return value

    def _number(self, name: str) -> float | None:
        self._asked.add(name)
        text = self._values.get(name)
        return None if text is None else self._finite(name, text)

    def _finite(self, name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self._wrong(f"{name} {text[:40]!r} is not a number")
        return value

    def _wrong(self, message: str) -> InvalidInputError:
        return InvalidInputError(f"in <{self._element.tag}> {message}", path=self._path)
