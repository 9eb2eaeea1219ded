"""ERG and MRC: our workout as a course for an ergometer. The layout is in `course.py`."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.describe import describe_cadence, describe_target
from hub_core.domain.fidelity import Loss
from hub_core.domain.normalize import MissingThresholdError, MissingZoneError
from hub_core.domain.outline import PlacedStep, expand_repeats, place_steps, walk
from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.workout import (
    Intensity,
    Metric,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Step,
)
from hub_core.formats._messages import Message, read_messages
from hub_core.formats._power import (
    Effort,
    cadence_losses,
    intensity_notes,
    missing_losses,
    text_notes,
    to_effort,
    to_percent,
    to_seconds,
    to_watts,
)
from hub_core.formats._report import LossBook, Written, degraded, noted, unrolled_notes, unsupported
from hub_core.formats._text import one_line, split_lines

#: How long a message stays on the screen.
_SHOWN_S = 10
#: 0.01 % of any FTP is less than a tenth of a watt.
_PERCENT_DIGITS = 2


class _Part(msgspec.Struct, frozen=True):
    """What a step is in a course, wherever it begins: powers, length, messages by their moment, losses."""

    start: str
    end: str
    seconds: float
    messages: list[tuple[float, str]]
    losses: list[Loss]


@dataclass
class _Course:
    """The lines as they grow, and the moment that the course has reached."""

    seconds: float = 0
    data: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def write_erg(workout: PlannedWorkout, athlete: Athlete) -> Written:
    """The workout as an ERG file in watts, with what is lost."""
    return _write(workout, athlete, in_watts=True)


def write_mrc(workout: PlannedWorkout, athlete: Athlete) -> Written:
    """The workout as an MRC file in percent of FTP, with what is lost."""
    return _write(workout, athlete, in_watts=False)


def _write(workout: PlannedWorkout, athlete: Athlete, *, in_watts: bool) -> Written:
    placed = place_steps(workout.steps)
    course, book = _Course(), LossBook()
    for path, losses in unrolled_notes(placed, (), "a course has no repeats").items():
        book.add(path, losses)
    parts: dict[str, _Part] = {}
    for node in expand_repeats(placed, 0):
        if not isinstance(node, PlacedStep):
            continue
        if node.path not in parts:  # each copy of a repeated step is the same
            parts[node.path] = _plan_step(node.step, athlete, workout.sport, in_watts=in_watts)
            book.add(node.path, parts[node.path].losses)
        _add_part(parts[node.path], course)
    header, header_losses = _header(workout, athlete, in_watts=in_watts)
    lines = [*header, "[COURSE DATA]", *course.data, "[END COURSE DATA]"]
    if course.text:
        lines += ["[COURSE TEXT]", *course.text, "[END COURSE TEXT]"]
    # Windows programs wrote and read these files; all others take either line end.
    data = "\r\n".join([*lines, ""]).encode()
    return Written(data, book.by_path(), (*header_losses, *_workout_losses(workout)))


def _header(workout: PlannedWorkout, athlete: Athlete, *, in_watts: bool) -> tuple[list[str], list[Loss]]:
    name, description = one_line(workout.name), one_line(workout.description)
    suffix = "erg" if in_watts else "mrc"
    lines = ["[COURSE HEADER]", "VERSION = 2", "UNITS = METRIC"]
    lines += [f"DESCRIPTION = {description}", f"FILE NAME = {name}.{suffix}"]
    if in_watts and athlete.ftp_w and _all_relative(workout):
        # Some programs scale the watts by the FTP they know over this one [GoldenCheetah, ErgFile.cpp]:
        # right for a plan in percent, wrong for one in watts.
        lines.append(f"FTP = {athlete.ftp_w:g}")
    lines += [f"MINUTES {'WATTS' if in_watts else 'PERCENT'}", "[END COURSE HEADER]"]
    losses = []
    if name != workout.name:
        losses.append(noted("name", "the header has one line for it", f'"{name}"'))
    if description != workout.description:
        losses.append(noted("description", "the header has one line for it", "line breaks become spaces"))
    return lines, losses


def _all_relative(workout: PlannedWorkout) -> bool:
    nodes = walk(place_steps(workout.steps))
    targets = [node.step.target for node in nodes if isinstance(node, PlacedStep)]
    return all(target is None or not isinstance(target, RangeTarget) for target in targets)


def _workout_losses(workout: PlannedWorkout) -> list[Loss]:
    losses = []
    if workout.sport.family is not SportFamily.CYCLING:
        reason = "course files are for ergometers and trainers"
        losses.append(unsupported("sport", reason, "a ride", "plan it as a ride, or use another format"))
    elif workout.sport is not Sport.RIDE:
        losses.append(noted("sport", "a course file doesn't say which kind of ride it is", "a ride"))
    if workout.pool_length_m is not None:
        losses.append(degraded("pool_length", "there are no pools here", "left out", "use FIT"))
    return losses


def _plan_step(step: Step, athlete: Athlete, sport: Sport, *, in_watts: bool) -> _Part:
    effort, losses, said = _effort(step, athlete, sport, in_watts=in_watts)
    seconds, duration_losses = to_seconds(step, athlete, sport)
    messages = []
    for message in _messages(step, said):
        is_late = message.offset >= seconds
        messages.append((0.0 if is_late else message.offset, message.text))
        if is_late:
            losses.append(_late(message))
    losses = [
        *duration_losses,
        *losses,
        *cadence_losses(step),
        *intensity_notes(step, Intensity.ACTIVE, "a course doesn't say what a part is for"),
        *text_notes(step),
    ]
    return _Part(f"{effort.start:g}", f"{effort.end:g}", seconds, messages, losses)


def _add_part(part: _Part, course: _Course) -> None:
    end = course.seconds + part.seconds
    course.data += [f"{_minutes(course.seconds)}\t{part.start}", f"{_minutes(end)}\t{part.end}"]
    for offset, text in part.messages:
        course.text.append(f"{round(course.seconds + offset, 3):.10g}\t{text}\t{_SHOWN_S}")
    course.seconds = end


def _messages(step: Step, said: list[str]) -> list[Message]:
    """Name, what has no place in the data, and notes."""
    lines = [Message(line) for line in [*split_lines(step.name), *said]]
    if step.cadence:
        lines.append(Message(describe_cadence(step.cadence)))
    notes = read_messages(step.notes)
    return lines + [Message(note.line()) if note.by_distance or note.of_set else note for note in notes]


def _late(message: Message) -> Loss:
    reason = "its moment comes after the end of the step"
    return degraded("notes", reason, f'"{message.text}" at the start of the step', "show it earlier")


def _effort(
    step: Step, athlete: Athlete, sport: Sport, *, in_watts: bool
) -> tuple[Effort, list[Loss], list[str]]:
    """The power, what is lost, and what only a message can say."""
    nothing, target = Effort(0, 0), step.target
    if target is None:
        reason = "an ergometer needs a power at every moment"
        if step.intensity is Intensity.REST:
            return nothing, [degraded("target", reason, "0 W, as for coasting", "plan 0 W")], []
        return nothing, [unsupported("target", reason, "0 W", "give the step a power target")], []
    if target.metric is not Metric.POWER:
        words = describe_target(target, sport)
        becomes = f'0 W and the message "{words}"'
        reason = f"an ergometer holds watts, not {target.metric.replace('_', ' ')}"
        return nothing, [unsupported("target", reason, becomes, "give the step a power target")], [words]
    try:
        bounds: RangeTarget | PercentTarget
        bounds, losses = (to_watts if in_watts else to_percent)(target, athlete, sport)
    except (MissingThresholdError, MissingZoneError) as error:
        words = describe_target(target, sport)
        becomes = f'0 W and the message "{words}"'
        return nothing, missing_losses(target, error, sport, becomes), [words]
    effort, effort_losses = to_effort(bounds, sport, 0 if in_watts else _PERCENT_DIGITS)
    return effort, [*losses, *effort_losses], []


def _minutes(seconds: float) -> str:
    """`6.60`: two decimals where they are enough, four for other whole seconds, five for parts of them."""
    hundredths = seconds / 0.6
    whole = round(hundredths)
    if abs(hundredths - whole) < 1e-6:
        return f"{whole / 100:.2f}"
    return f"{seconds / 60:.4f}" if seconds == round(seconds) else f"{seconds / 60:.5f}"
