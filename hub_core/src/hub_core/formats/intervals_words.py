"""Words that intervals.icu's parser takes for words: without digits, and without commands.

In a step's text it takes the first digits for the duration, and keywords count anywhere in a line.
"""

from __future__ import annotations

import re

_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen")
_SMALL = (*_ONES, *_TEENS, "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SPAN = re.compile(r"(?<=\d)\s*[-–—]\s*(?=\d)")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def spell_numbers(text: str) -> str:
    """The text without a digit: `3x400 at 7-8` is `three x four hundred at seven to eight`."""
    text = _SPAN.sub(" to ", text)
    text = _THOUSANDS.sub(lambda match: match[0].replace(",", ""), text)
    return _NUMBER.sub(_spell_match, text)


def spell_number(value: float) -> str:
    """A number in words, to one decimal: `seven`, `thirty point five`."""
    return spell_numbers(f"{round(value, 1):g}")


def spell_duration(seconds: float) -> str:
    """`one hour five minutes`, `one minute thirty seconds`."""
    whole = round(seconds)
    parts = ((whole // 3600, "hour"), (whole % 3600 // 60, "minute"), (whole % 60, "second"))
    said = [f"{_spell(count)} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(said) or "zero seconds"


def _spell_match(match: re.Match[str]) -> str:
    words = _spell_token(match[0])
    before = match.string[: match.start()][-1:]
    after = match.string[match.end() :][:1]
    return f"{' ' if before.isalpha() else ''}{words}{' ' if after.isalpha() else ''}"


def _spell_token(token: str) -> str:
    whole, *rest = re.split(r"([.,:])", token)
    words = [_spell(int(whole))]
    for mark, digits in zip(rest[::2], rest[1::2], strict=True):
        if mark == ":":
            words.append(_spell(int(digits)))
        else:
            words.append(f"point {' '.join(_SMALL[int(digit)] for digit in digits)}")
    return " ".join(words)


def _spell(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_SMALL[number % 10]}" if number % 10 else "")
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if size <= number < 1_000_000:
            return f"{_spell(number // size)} {name}" + (f" {_spell(number % size)}" if number % size else "")
    return " ".join(_SMALL[int(digit)] for digit in str(number))


#: [Workout Builder, complete syntax reference]
_COMMANDS = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"\bramp\b", "build"),
        (r"\bfreeride\b", "free riding"),
        (r"\bmaxeffort\b", "max effort"),
        (r"\bhidepower\b", "hide power"),
        (r"\bpress\s+lap\b", "push lap"),
        (r"<!>|[=^%]", " "),  # timed cues, options such as `hr=lap`, and targets
        (r"^[\s*`-]+", ""),
    )
)
_REPEAT = re.compile(r"(\d+)\s*x\s*$", re.IGNORECASE)
#: Prose that would be read as a step or an option; a back-tick in front stops that. [tp2intervals]
_GUARDED = re.compile(r"`*(?:[-*]|pool\s+length\s*:)", re.IGNORECASE)


def clean_words(text: str) -> str:
    """One line without digits and commands."""
    if not text:
        return ""
    clean = spell_numbers(" ".join(text.split()))
    while True:  # what one replacement leaves may be the next one's command
        before = clean
        for pattern, words in _COMMANDS:
            clean = pattern.sub(words, clean)
        clean = " ".join(clean.split())
        if clean == before:
            return clean


def guard_line(line: str) -> str:
    """A line of prose that nothing in it can be mistaken for workout text."""
    line = _REPEAT.sub(r"\1 times", line.rstrip())
    return f"`{line.lstrip()}" if _GUARDED.match(line.lstrip()) else line


def unguard_line(line: str) -> str:
    """The line before it was guarded."""
    return line[1:] if line.startswith("`") and _GUARDED.match(line[1:]) else line
