"""intervals.icu's workout text, as it stands in the description of a calendar event.

    Block one 4x
    - Hill 1m15s 92-97% LTHR
    - Jog down 2m 68-72% LTHR

Sources: its "Workout Builder Syntax Quick Guide" and "Complete Syntax Reference", and what open clients
found by trying. A line with a bullet is a step, a line that ends in `4x` repeats the steps up to the next
blank line, every other line is prose. `m` is minutes: `400m` takes 400 of them, and the server doesn't warn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.validate import MAX_NAME, MAX_NODES, validate
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Duration,
    Intensity,
    Metric,
    Node,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    Ramp,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_core.errors import InvalidInputError
from hub_core.formats._intervals_items import (
    PACE_METRES,
    Line,
    UnreadableLineError,
    means_intensity,
    read_line,
)
from hub_core.formats._text import decode_lines, one_line
from hub_core.formats.intervals_words import unguard_line

_REPEAT = re.compile(r"(?:(?P<name>.*\s))?(?P<times>\d{1,5})x", re.IGNORECASE)
_POOL = re.compile(r"pool length:\s*(\d{1,3}(?:\.\d{1,2})?)\s*(m|y)", re.IGNORECASE)
_YARD_M = 0.9144
_REFERENCES = {"%ftp": Reference.FTP, "%lthr": Reference.LTHR, "%hr": Reference.MAX_HR}
_METRICS = {"power": Metric.POWER, "hr": Metric.HEART_RATE, "pace": Metric.PACE}
#: From so many bare minutes on, `400m` is taken for metres that were mistaken for minutes.
_TOO_MANY_MINUTES = 200
_SHORTEST_SWIM = 25


@dataclass(frozen=True)
class _Numbered:
    """A step, and the number of its line."""

    number: int
    line: Line


@dataclass(frozen=True)
class _Block:
    """A repeat."""

    name: str
    times: int
    steps: list[_Numbered]


class _Reader:
    """Collects steps, prose and options, line by line."""

    def __init__(self) -> None:
        self.nodes: list[_Numbered | _Block] = []
        #: All steps, those of repeats among them.
        self.steps: list[_Numbered] = []
        self.prose: list[str] = []
        self.pool_m: float | None = None
        self._block: _Block | None = None
        self._block_line = 0
        self._follows_step = False

    def read(self, lines: list[str]) -> None:
        for number, raw in enumerate(lines, 1):
            line = raw.strip()
            if not line:
                self._close()
                if not self._follows_step:
                    self.prose.append("")
            elif line[0] in "-*":
                self._read_step(line.lstrip("-* \t"), number)
                self._follows_step = True
            else:
                self._read_header(raw.rstrip(), number)
        self._close()

    def _read_step(self, text: str, number: int) -> None:
        if len(self.steps) >= MAX_NODES:
            raise InvalidInputError(f"line {number}: more than {MAX_NODES} steps")
        try:
            step = _Numbered(number, read_line(text))
        except UnreadableLineError as error:
            raise InvalidInputError(f"line {number}: {error}") from error
        self.steps.append(step)
        (self._block.steps if self._block else self.nodes).append(step)

    def _read_header(self, raw: str, number: int) -> None:
        line = raw.strip()
        if pool := _POOL.fullmatch(line):
            self.pool_m = round(float(pool[1]) * (_YARD_M if pool[2].lower() == "y" else 1), 2)
        elif repeat := _REPEAT.fullmatch(line):
            self._close()
            self._block = _Block(one_line(repeat["name"] or ""), int(repeat["times"]), [])
            self._block_line = number
            self.nodes.append(self._block)
        else:
            if self._follows_step and self.prose and self.prose[-1]:
                self.prose.append("")
            self.prose.append(unguard_line(raw))
            self._follows_step = False

    def _close(self) -> None:
        if self._block and not self._block.steps:
            raise InvalidInputError(f"line {self._block_line}: a repeat without steps behind it")
        self._block = None


def read_intervals_text(
    data: bytes, name: str, sport: Sport | None = None, remarks: list[str] | None = None
) -> PlannedWorkout:
    """The workout in a text file (UTF-8 or UTF-16), checked by `validate`.

    The text has neither a name nor a sport: `name` is the file's, `sport` is asked for when the steps don't
    tell (by power, pace or a pool). What was left out is added to `remarks`. Raises `InvalidInputError` with
    the line.
    """
    remarks = [] if remarks is None else remarks
    reader = _Reader()
    reader.read(decode_lines(data))
    sport = sport or _guess_sport(reader)
    for step in reader.steps:
        _check_minutes(step.line, step.number, sport)
    workout = PlannedWorkout(
        name=name,
        sport=sport,
        steps=tuple(_build_node(node, sport, remarks) for node in reader.nodes),
        description="\n".join(reader.prose).strip(),
        pool_length_m=reader.pool_m,
    )
    validate(workout)
    return workout


def _guess_sport(reader: _Reader) -> Sport:
    if reader.pool_m:
        return Sport.POOL_SWIM
    lines = [step.line for step in reader.steps]
    units = {line.unit for line in lines}
    if units & {"/100m", "/100y"}:
        return Sport.POOL_SWIM
    if "/500m" in units:
        return Sport.ROW
    metrics = {line.metric for line in lines}
    if "power" in metrics or any(line.cadence or "freeride" in line.flags for line in lines):
        return Sport.RIDE
    if "pace" in metrics:
        return Sport.RUN
    if not lines:
        raise InvalidInputError("at least one step is needed, as in - 10m 60%", path="steps")
    raise InvalidInputError("the text doesn't tell, and must be given", path="sport")


def _check_minutes(line: Line, number: int, sport: Sport) -> None:
    minutes = line.bare_minutes
    is_swim = sport.family is SportFamily.SWIMMING and minutes and minutes % _SHORTEST_SWIM == 0
    if minutes >= _TOO_MANY_MINUTES or is_swim:
        raise InvalidInputError(
            f"line {number}: {minutes}m would be {minutes} minutes; write {minutes}mtr for metres, or"
            f" {minutes // 60}h{minutes % 60}m for the time"
        )


def _build_node(node: _Numbered | _Block, sport: Sport, remarks: list[str]) -> Node:
    if isinstance(node, _Numbered):
        return _build_step(node.number, node.line, sport, remarks)
    steps = (_build_step(step.number, step.line, sport, remarks) for step in node.steps)
    return Repeat(node.times, tuple(steps), node.name)


def _build_step(number: int, line: Line, sport: Sport, remarks: list[str]) -> Step:
    target = _target(line, number, sport, remarks)
    name, notes = line.cue, [message.line() for message in line.timed]
    if line.words:
        notes.append(" ".join(line.words))
    intensity = line.intensity or means_intensity(name, has_target=target is not None)
    if "rest" in line.flags:
        intensity = Intensity.REST
    if "maxeffort" in line.flags and target is None:
        target = RangeTarget(Metric.RPE, 10, 10)
    if "hidepower" in line.flags:
        remarks.append(f"line {number}: hidepower is left out")
    cadence = CadenceRange(min(line.cadence), max(line.cadence)) if line.cadence else None
    if cadence and sport.family is not SportFamily.CYCLING:
        notes.append(f"Cadence {cadence.low:g}–{cadence.high:g}")
        cadence = None
    if len(name) > MAX_NAME:  # a long name with what the writer had to say in words beside it
        name, rest = name[:MAX_NAME], name[MAX_NAME:]
        notes = [rest, *notes]
    return Step(_duration(line, number, remarks), target, cadence, intensity, name, "\n".join(notes))


def _duration(line: Line, number: int, remarks: list[str]) -> Duration:
    if "press lap" in line.flags:
        length = f"{line.seconds} s" if line.seconds else f"{line.metres} m"
        remarks.append(f"line {number}: ends with the lap button; its placeholder of {length} is left out")
        return OpenDuration()
    if line.metres is not None:
        return DistanceDuration(line.metres)
    return TimeDuration(line.seconds or 0)


def _target(line: Line, number: int, sport: Sport, remarks: list[str]) -> Target | None:
    if not line.metric:
        return None
    metric = _METRICS[line.metric]
    first, last = line.low, line.high
    is_ramp = "ramp" in line.flags
    if line.unit == "zone":
        if is_ramp:
            remarks.append(f"line {number}: a ramp between zones became the zones themselves")
        return ZoneTarget(metric, int(min(first, last)), int(max(first, last)))
    if line.unit.startswith("/"):  # seconds for a distance: more of them is slower
        per_m = PACE_METRES.get(line.unit) or sport.pace_m
        first, last = (round(per_m / seconds, 3) for seconds in (first, last))
    ramp: Ramp | None = None
    if is_ramp and first != last:
        ramp = "up" if first < last else "down"
    low, high = min(first, last), max(first, last)
    if line.unit == "w" or line.unit.startswith("/"):
        return RangeTarget(metric, low, high, ramp)
    pace = Reference.CSS if sport.family is SportFamily.SWIMMING else Reference.THRESHOLD_PACE
    return PercentTarget(metric, low, high, _REFERENCES.get(line.unit, pace), ramp)
