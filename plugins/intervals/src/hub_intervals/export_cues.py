"""The words of a step: what the athlete reads, and what the server must not take for a command."""

from __future__ import annotations

import re

from hub_core.formats.intervals_words import clean_words
from hub_core.sdk import Fidelity, Intensity, Loss, Step

#: The server knows these steps by a word in their text. `interval` and `active` are its normal step.
_WORDS = {
    Intensity.WARMUP: ("Warmup", re.compile(r"\bwarm[\s-]?up\b", re.IGNORECASE)),
    Intensity.COOLDOWN: ("Cooldown", re.compile(r"\bcool[\s-]?down\b", re.IGNORECASE)),
    Intensity.RECOVERY: ("Recovery", re.compile(r"\brecovery\b", re.IGNORECASE)),
    Intensity.REST: ("Rest", re.compile(r"\brest\b", re.IGNORECASE)),
}
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
        words = clean_words(text)
        clean[feature] = words if has_target or pauses else _PAUSES.sub("easy", words)
        losses += _altered(feature, text, clean[feature])
    title = clean["name"] if is_quiet else _title(step.intensity, clean["name"], has_target=has_target)
    parts = [part.strip(" .;:") for part in (title, said, clean["notes"])]
    return ". ".join(part for part in parts if part), losses


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
