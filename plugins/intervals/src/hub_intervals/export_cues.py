"""The words of a step: what the athlete reads, and what the server must not take for a command."""

from __future__ import annotations

import re

from hub_core.sdk import Fidelity, Intensity, Loss, Step
from hub_intervals.export_words import spell_numbers

#: The server knows these steps by a word in their text. `interval` and `active` are its normal step.
_WORDS = {
    Intensity.WARMUP: ("Warmup", re.compile(r"\bwarm[\s-]?up\b", re.IGNORECASE)),
    Intensity.COOLDOWN: ("Cooldown", re.compile(r"\bcool[\s-]?down\b", re.IGNORECASE)),
    Intensity.RECOVERY: ("Recovery", re.compile(r"\brecovery\b", re.IGNORECASE)),
    Intensity.REST: ("Rest", re.compile(r"\brest\b", re.IGNORECASE)),
}
#: Keywords work anywhere in a line, in any case. [Workout Builder, complete syntax reference]
_KEYWORDS = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"\bramp\b", "build"),
        (r"\bfreeride\b", "free riding"),
        (r"\bmaxeffort\b", "max effort"),
        (r"\bhidepower\b", "hide power"),
        (r"\bpress\s+lap\b", "push lap"),
        (r"<!>|[=^]", " "),  # timed cues and options such as `hr=lap`
        (r"^[\s*-]+", ""),
    )
)
#: A step without a target is a true pause on devices when its text has one of these.
_PAUSES = re.compile(r"\b(?:rest|recovery)\b", re.IGNORECASE)


def write_cue(step: Step, said: str, *, has_target: bool, is_quiet: bool = False) -> tuple[str, list[Loss]]:
    """The step's text: intensity, name, what could only be said in words, notes.

    `is_quiet` leaves the word of the intensity out, for steps that are known by another mark.
    """
    pauses = step.intensity is Intensity.REST
    losses: list[Loss] = []
    clean = {}
    for feature, text in (("name", step.name), ("notes", step.notes)):
        clean[feature] = clean_words(text, keeps_pauses=has_target or pauses)
        losses += _altered(feature, text, clean[feature])
    title = clean["name"] if is_quiet else _title(step.intensity, clean["name"], has_target=has_target)
    parts = [part.strip(" .;:") for part in (title, said, clean["notes"])]
    return ". ".join(part for part in parts if part), losses


def clean_words(text: str, *, keeps_pauses: bool = True) -> str:
    """One line without digits and commands."""
    text = spell_numbers(" ".join(text.split()))
    for pattern, words in _KEYWORDS:
        text = pattern.sub(words, text)
    if not keeps_pauses:
        text = _PAUSES.sub("easy", text)
    return " ".join(text.split())


def _title(intensity: Intensity, name: str, *, has_target: bool) -> str:
    if intensity not in _WORDS:
        return name
    if intensity is Intensity.RECOVERY and not has_target:
        return name or "Easy"
    word, said = _WORDS[intensity]
    if said.search(name):
        return said.sub(word, name, count=1)
    return f"{word}: {name}" if name else word


def _altered(feature: str, text: str, clean: str) -> list[Loss]:
    if clean != " ".join(text.split()):
        return [altered_words(feature, clean)]
    if "\n" in text.strip():
        return [Loss(feature, Fidelity.EXACT, "a step's text is one line", "line breaks become spaces")]
    return []


def altered_words(feature: str, clean: str) -> Loss:
    """The loss when a text had digits or commands in it."""
    reason = "intervals.icu would read digits as the duration, and some words as commands"
    return Loss(feature, Fidelity.DEGRADED, reason, f'"{clean}"', "write it without digits and keywords")
