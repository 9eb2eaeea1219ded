"""intervals.icu's workout text: our workout as lines. The grammar and its traps: `intervals_text.py`."""

from __future__ import annotations

from hub_core.domain.athlete import Athlete
from hub_core.domain.fidelity import Loss
from hub_core.domain.outline import Placed, PlacedRepeat, PlacedStep, expand_repeats, place_steps, walk
from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.workout import (
    DistanceDuration,
    Intensity,
    Metric,
    PlannedWorkout,
    RangeTarget,
    Step,
    TimeDuration,
)
from hub_core.formats._intervals_items import means_intensity
from hub_core.formats._messages import Message, read_messages
from hub_core.formats._report import LossBook, Written, degraded, noted, unrolled_notes
from hub_core.formats._text import one_line, split_lines
from hub_core.formats.intervals_extent import write_extent, write_pool
from hub_core.formats.intervals_targets import write_cadence, write_target
from hub_core.formats.intervals_words import clean_words, guard_line

_UNSTRUCTURED = frozenset({Sport.STRENGTH, Sport.YOGA, Sport.OTHER})
_MAX_EFFORT = RangeTarget(Metric.RPE, 10, 10)


def write_intervals_text(workout: PlannedWorkout, athlete: Athlete) -> Written:
    """The workout as text for the description of a calendar event, with what is lost."""
    placed = place_steps(workout.steps)
    flat = expand_repeats(placed, 1)
    book = LossBook()
    reason = "intervals.icu has repeats of one level"
    for path, notes in unrolled_notes(placed, walk(flat), reason).items():
        book.add(path, notes)
    paragraphs: list[list[str]] = [[]]
    for node in flat:
        if isinstance(node, PlacedRepeat):
            # A repeat ends at a blank line, and needs one before it as well.
            paragraphs += [_write_repeat(node, book, athlete, workout.sport), []]
        else:
            paragraphs[-1].append(_write_placed(node, book, athlete, workout.sport))
    head, losses = _head(workout)
    texts = [*head, *("\n".join(lines) for lines in paragraphs)]
    data = "\n\n".join(text for text in texts if text) + "\n"
    return Written(data.encode(), book.by_path(), tuple(losses))


def _head(workout: PlannedWorkout) -> tuple[list[str], list[Loss]]:
    """The pool and the coach's words, made harmless."""
    said = f"name and sport ({workout.sport.replace('_', ' ')}) are chosen where the text is pasted"
    losses = [noted("name", "the text holds the steps only", said)]
    pool, pool_losses = write_pool(workout)
    losses += pool_losses
    lines = workout.description.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    guarded = "\n".join(guard_line(line) for line in lines).strip()
    if guarded != workout.description:
        reason = "intervals.icu would read some lines as steps, repeats or options"
        becomes = 'the same words; such lines begin with a back-tick, or say "3 times" for "3x"'
        losses.append(noted("description", reason, becomes))
    if workout.sport in _UNSTRUCTURED:
        reason = "intervals.icu has no structure for this sport, and may wipe text that looks like it"
        losses.append(degraded("sport", reason, "steps that may be wiped", "plan an endurance sport"))
    return [pool, guarded], losses


def _write_repeat(node: PlacedRepeat, book: LossBook, athlete: Athlete, sport: Sport) -> list[str]:
    name = clean_words(node.name)
    book.add(node.path, _altered("name", node.name, name))
    lines = [_write_placed(child, book, athlete, sport) for child in node.children]
    return [f"{name} {node.times}x".lstrip(), *lines]


def _write_placed(node: Placed, book: LossBook, athlete: Athlete, sport: Sport) -> str:
    if not isinstance(node, PlacedStep):
        raise TypeError("repeats have one level here")  # `expand_repeats` saw to it
    line, losses = _write_step(node.step, athlete, sport)
    book.add(node.path, losses)
    return line


def _write_step(step: Step, athlete: Athlete, sport: Sport) -> tuple[str, list[Loss]]:
    extent, extent_losses = write_extent(step.duration)
    is_max = step.target == _MAX_EFFORT
    target = write_target(None if is_max else step.target, athlete, sport)
    cadence, cadence_losses = write_cadence(step.cadence) if step.cadence else ("", ())
    cue, name, cue_losses = _cue(step, target.said)
    has_target = bool(target.items) and not target.items.endswith("rpm")
    mark = _mark(step, sport, name, has_target=has_target or is_max)
    effort = "maxeffort" if is_max else target.items
    lap = "" if isinstance(step.duration, TimeDuration | DistanceDuration) else "press lap"
    parts = ("-", cue, extent, effort, cadence, mark, lap)
    losses = [*extent_losses, *target.losses, *cadence_losses, *cue_losses]
    return " ".join(filter(None, parts)), losses


def _mark(step: Step, sport: Sport, name: str, *, has_target: bool) -> str:
    """What the step is for, where its words don't say it or say something else. A swimmer's rest is `0`."""
    is_rest = step.intensity is Intensity.REST and not has_target
    if is_rest and sport.family is SportFamily.SWIMMING:
        return "0"
    if means_intensity(name, has_target=has_target) is step.intensity:
        return ""
    return f"intensity={step.intensity}"


def _cue(step: Step, said: str) -> tuple[str, str, list[Loss]]:
    """The words in front of the length, the first of them alone, and what is lost.

    Timed cues end in `<!>`: `Hill 30^eyes up <!> 1m15s 95%`.
    """
    if not step.name and not step.notes:
        return said, said, []
    losses: list[Loss] = []
    name = clean_words(step.name)
    losses += _altered("name", step.name, name)
    plain, timed = [], []
    for message in read_messages(step.notes):
        words = clean_words(message.text)
        losses += _altered("notes", message.text, words)
        is_timed = message.offset and not message.by_distance and message.offset == round(message.offset)
        if is_timed:
            timed.append(f"{round(message.offset)}^{words}")
        else:
            plain.append(clean_words(Message.line(message)))
    if plain:
        losses.append(noted("notes", "a step's text is one line", "behind the step's name"))
    if "\n".join(split_lines(step.notes)) != step.notes:
        losses.append(noted("notes", "a cue is one line", "one cue for each line"))
    parts = [part for part in (name, said, *plain) if part]
    first = parts[0] if len(parts) == 1 else ". ".join(part.strip(" .;:") for part in parts)
    cue = f"{' '.join([first, *timed]).strip()} <!>" if timed else first
    return cue, first, losses


def _altered(feature: str, text: str, clean: str) -> list[Loss]:
    if clean == text:
        return []
    if clean == one_line(text):
        return [noted(feature, "a step's text is one line", f'"{clean}"')]
    reason = "intervals.icu would read digits as the duration, and some words as commands"
    return [degraded(feature, reason, f'"{clean}"', "write it without digits and keywords")]
