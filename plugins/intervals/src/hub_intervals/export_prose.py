"""Text for people: the coach's own words, and the sports that have nothing but words."""

from __future__ import annotations

from hub_core.formats.intervals_words import (
    clean_words,
    guard_line,
    spell_duration,
    spell_number,
    spell_numbers,
)
from hub_core.sdk import (
    DistanceDuration,
    Fidelity,
    Intensity,
    Loss,
    Placed,
    PlacedRepeat,
    Sport,
    Step,
    TimeDuration,
    describe_target,
)


def guard_prose(text: str) -> tuple[str, tuple[Loss, ...]]:
    """The coach's description, with lines that look like workout text made harmless."""
    guarded = "\n".join(guard_line(line) for line in text.strip().splitlines())
    if guarded == "\n".join(line.rstrip() for line in text.strip().splitlines()):
        return guarded, ()
    loss = Loss(
        "description",
        Fidelity.EXACT,
        "intervals.icu would read some of its lines as steps, repeats or options",
        'those lines begin with a back-tick, or say "3 times" for "3x"',
    )
    return guarded, (loss,)


def spell_prose(text: str) -> tuple[str, tuple[Loss, ...]]:
    """The coach's description without digits, for the sports whose text must not have any."""
    guarded, losses = guard_prose(text)
    spelled = "\n".join(spell_numbers(line) for line in guarded.splitlines())
    if spelled == guarded:
        return guarded, losses
    reason = "for this sport intervals.icu may wipe a description with digits in it"
    loss = Loss("description", Fidelity.DEGRADED, reason, "numbers in words", "write it without digits")
    return spelled, (*losses, loss)


def write_prose(placed: tuple[Placed, ...], sport: Sport, indent: str = "") -> list[str]:
    """The steps as lines for people, without a digit: `Plank: forty-five seconds`."""
    lines: list[str] = []
    for node in placed:
        lines.append(indent + prose_line(node, sport))
        if isinstance(node, PlacedRepeat):
            lines += write_prose(node.children, sport, f"{indent}• ")
    return lines


def prose_line(node: Placed, sport: Sport) -> str:
    """One step or repeat in words."""
    if isinstance(node, PlacedRepeat):
        name = f"{clean_words(node.name)}, " if node.name else ""
        return f"{name}{spell_number(node.times)} times:".capitalize()
    step = node.step
    parts = [_spell_extent(step)]
    if step.target:
        parts.append(spell_numbers(describe_target(step.target, sport)))
    if step.cadence:
        parts.append(spell_numbers(f"{step.cadence.low:g}-{step.cadence.high:g} rpm"))
    text = ", ".join(parts)
    title = clean_words(step.name) or _TITLES.get(step.intensity, "")
    text = f"{title}: {text}" if title else text.capitalize()
    return f"{text}. {clean_words(step.notes)}" if step.notes else text


_TITLES = {
    Intensity.WARMUP: "Warm up",
    Intensity.COOLDOWN: "Cool down",
    Intensity.RECOVERY: "Recovery",
    Intensity.REST: "Rest",
}


def _spell_extent(step: Step) -> str:
    match step.duration:
        case TimeDuration(duration_s=seconds):
            return spell_duration(seconds)
        case DistanceDuration(distance_m=metres):
            return f"{spell_number(metres)} metres"
    return "until done"
