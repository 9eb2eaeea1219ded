"""Zwift workout files (`.zwo`): our workout as elements. Sources and meanings are in `zwo.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from hub_core.domain.athlete import Athlete
from hub_core.domain.fidelity import Loss
from hub_core.domain.outline import Placed, PlacedRepeat, PlacedStep, expand_repeats, place_steps, walk
from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.workout import DistanceDuration, Intensity, PlannedWorkout
from hub_core.formats._messages import read_messages
from hub_core.formats._report import LossBook, Written, degraded, noted, unrolled_notes, unsupported
from hub_core.formats._text import NOT_XML, clean_xml, one_line
from hub_core.formats._zwo_steps import StepWriter, ZwoStep, number, take_pace

_NOT_OURS = "Zwift has rides and runs only"


def write_zwo(workout: PlannedWorkout, athlete: Athlete) -> Written:
    """The workout as a Zwift file, with what is lost."""
    by_distance = _is_by_distance(workout)
    steps = StepWriter(workout.sport, athlete, by_distance=by_distance)
    placed = place_steps(workout.steps)
    kept = tuple(_keep_sets(expand_repeats(placed, 1), steps))
    book = LossBook()
    for path, losses in unrolled_notes(placed, kept, "Zwift repeats pairs of plain steps only").items():
        book.add(path, losses)
    lines = ["<?xml version='1.0' encoding='utf-8'?>", "<workout_file>"]
    lines += _head(workout, by_distance=by_distance)
    lines.append("  <workout>")
    elements: dict[str, list[str]] = {}
    for node in kept:
        if node.path not in elements:  # each copy of an unrolled step is the same
            elements[node.path] = _write_node(node, steps, book)
        lines += elements[node.path]
    lines += ["  </workout>", "</workout_file>", ""]
    return Written("\n".join(lines).encode(), book.by_path(), tuple(_head_losses(workout)))


def _is_by_distance(workout: PlannedWorkout) -> bool:
    """A file counts in seconds or in metres as a whole, and Zwift lets only runs count in metres."""
    if not _is_run(workout):
        return False
    nodes = walk(place_steps(workout.steps))
    return {type(node.step.duration) for node in nodes if isinstance(node, PlacedStep)} == {DistanceDuration}


def _head(workout: PlannedWorkout, *, by_distance: bool) -> Iterator[str]:
    yield "  <author></author>"
    yield f"  <name>{escape(_name(workout))}</name>"
    yield f"  <description>{escape(_description(workout))}</description>"
    yield f"  <sportType>{'run' if _is_run(workout) else 'bike'}</sportType>"
    if by_distance:
        yield "  <durationType>distance</durationType>"


def _name(workout: PlannedWorkout) -> str:
    return clean_xml(one_line(workout.name))


def _description(workout: PlannedWorkout) -> str:
    return clean_xml(workout.description.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _is_run(workout: PlannedWorkout) -> bool:
    return workout.sport.family is SportFamily.RUNNING


def _head_losses(workout: PlannedWorkout) -> Iterator[Loss]:
    name, is_run = _name(workout), _is_run(workout)
    if name != workout.name:
        yield _altered("name", f'"{name}"', loses=NOT_XML.search(workout.name) is not None)
    if _description(workout) != workout.description:
        loses = NOT_XML.search(workout.description) is not None
        yield _altered("description", "the same words", loses=loses)
    if not is_run and workout.sport.family is not SportFamily.CYCLING:
        yield unsupported("sport", _NOT_OURS, "a ride", "use another format")
    elif workout.sport not in {Sport.RIDE, Sport.RUN}:
        yield noted("sport", _NOT_OURS, "a run" if is_run else "a ride")
    if workout.pool_length_m is not None:
        yield degraded("pool_length", "Zwift has no pools", "left out", "use another format")


def _altered(feature: str, becomes: str, *, loses: bool) -> Loss:
    if loses:
        reason = "XML can't hold some of its characters"
        return degraded(feature, reason, "a mark for each of them", "leave them out")
    return noted(feature, "white space is tidied", becomes)


def _keep_sets(nodes: Iterable[Placed], steps: StepWriter) -> Iterator[Placed]:
    """Repeats as they are where Zwift has them, else their steps one after the other."""
    for node in nodes:
        if isinstance(node, PlacedRepeat) and not _is_set(node, steps):
            yield from expand_repeats((node,), 0)
        else:
            yield node


def _is_set(node: PlacedRepeat, steps: StepWriter) -> bool:
    """Whether it is what `IntervalsT` says: a pair of steady steps, without words of the single steps."""
    pair = [child.step for child in node.children if isinstance(child, PlacedStep)]
    if len(pair) != 2 or len(node.children) != 2 or node.name:
        return False
    if node.children[0].path == node.children[1].path:  # an unrolled step, twice: no work and rest
        return False
    on, off = pair
    _, messages = take_pace(read_messages(on.notes))
    return (
        all(steps.is_steady(step) and not step.name for step in pair)
        and not off.notes
        and all(message.of_set and not message.by_distance for message in messages)
        # `CadenceResting` is one number; only the work has a range. [h4l's reference, IntervalsT]
        and (off.cadence is None or off.cadence.low == off.cadence.high)
    )


def _write_node(node: Placed, steps: StepWriter, book: LossBook) -> list[str]:
    if isinstance(node, PlacedRepeat):
        return _lines(_write_set(node, steps, book))
    written = steps.write(node.step)
    book.add(node.path, written.losses)
    return _lines(written)


def _write_set(node: PlacedRepeat, steps: StepWriter, book: LossBook) -> ZwoStep:
    """`IntervalsT`: its messages count from the start of the whole set."""
    on, off = (child for child in node.children if isinstance(child, PlacedStep))
    work = steps.write(on.step, intensity=Intensity.INTERVAL)
    pace, _ = take_pace(read_messages(on.step.notes))
    rest = steps.write(off.step, intensity=Intensity.RECOVERY, pace=pace)
    attributes = {"Repeat": str(node.times)}
    for written, half, cadence in ((work, "On", "Cadence"), (rest, "Off", "CadenceResting")):
        names = {
            "Duration": f"{half}Duration",
            "Power": f"{half}Power",
            "PowerLow": f"Power{half}Low",
            "PowerHigh": f"Power{half}High",
            "Cadence": cadence,
        }
        attributes |= {names.get(name, name): value for name, value in written.attributes.items()}
    book.add(on.path, work.losses)
    book.add(off.path, rest.losses)
    return ZwoStep("IntervalsT", attributes, work.messages, [])


def _lines(written: ZwoStep) -> list[str]:
    # Numbers, all of them: only texts have to be escaped.
    attributes = "".join([f' {name}="{value}"' for name, value in written.attributes.items()])
    if not written.messages:
        return [f"    <{written.tag}{attributes} />"]
    lines = [f"    <{written.tag}{attributes}>"]
    for message in written.messages:
        offset = "distoffset" if message.by_distance else "timeoffset"
        moment, text = number(message.offset), escape(message.text)
        lines.append(f'      <textevent {offset}="{moment}" message="{text}" />')
    return [*lines, f"    </{written.tag}>"]
