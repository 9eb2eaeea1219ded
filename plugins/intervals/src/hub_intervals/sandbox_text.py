"""The server's reader of native workout text, with its failures. Knows nothing of the plugin.

Whatever it can't read voids the whole workout: no steps, no error. What it misreads it keeps:
`400m` is 400 minutes. [Workout Builder Syntax Quick Guide; complete syntax reference; live probes]
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_REPEAT = re.compile(r"(?:^|\s)(\d+)x\s*$", re.IGNORECASE)
_POOL = re.compile(r"pool length:\s*(\d+)\s*(m|y)\s*$", re.IGNORECASE)
_TIME = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?|(?:(\d+)')?(?:(\d+)\")?", re.IGNORECASE)
_DISTANCE = re.compile(r"(\d+(?:\.\d+)?)(km|mi|mtr|meters|yards|yrd|y)", re.IGNORECASE)
_METRES = {
    "km": 1000.0,
    "mi": 1609.344,
    "mtr": 1.0,
    "meters": 1.0,
    "yards": 0.9144,
    "yrd": 0.9144,
    "y": 0.9144,
}
_NUM = r"(\d+(?:\.\d+)?)"
_PERCENT = re.compile(rf"{_NUM}%?(?:-{_NUM})?%")
_WATTS = re.compile(rf"{_NUM}w?(?:-{_NUM})?w", re.IGNORECASE)
_RPM = re.compile(r"(\d+)(?:-(\d+))?rpm", re.IGNORECASE)
_ZONE = re.compile(r"Z(\d+)(?:-Z?(\d+))?", re.IGNORECASE)
_PER = r"(/(?:km|mi|100m|100y|250m|400m|500m))?"
_PACE = re.compile(rf"(\d+):(\d\d){_PER}(?:-(\d+):(\d\d){_PER})?", re.IGNORECASE)
_OPTION = re.compile(r"(intensity|hr|power)=(\w+)", re.IGNORECASE)
_FLAGS = {"ramp", "freeride", "maxeffort", "hidepower"}
_INTENSITIES = {"active", "rest", "warmup", "cooldown", "recovery", "interval", "other"}
#: Units that people write and the server doesn't know.
_NO_UNITS = {"metres", "meters", "meter", "metre", "secs", "sec", "min", "mins", "minutes", "seconds"}
_PAUSE = re.compile(r"\b(rest|recovery)\b", re.IGNORECASE)
_WARMUP = re.compile(r"\bwarm\s?up\b", re.IGNORECASE)
_COOLDOWN = re.compile(r"\bcool\s?down\b", re.IGNORECASE)


class UnreadableError(Exception):
    """The reader gives up on the workout."""


@dataclass
class ReadWorkout:
    """What came of a description: steps, options, and the lines that are only prose."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    prose: list[str] = field(default_factory=list)


def read_workout(text: str, *, knows_meters: bool = False) -> ReadWorkout:
    """The workout in a description; without steps when any line can't be read."""
    try:
        return _Reader(knows_meters).read(text)
    except UnreadableError:
        return ReadWorkout()


class _Reader:
    def __init__(self, knows_meters: bool) -> None:
        self._knows_meters = knows_meters
        self._found = ReadWorkout()
        #: Where steps go: the workout, or the repeat that is open.
        self._into = self._found.steps

    def read(self, text: str) -> ReadWorkout:
        follows_step = False
        for line in text.splitlines():
            if line.startswith("-"):
                self._into.append(_read_step(line[1:].strip(), self._knows_meters))
            elif not line.strip():
                self._into = self._found.steps
            else:
                self._read_header(line.strip(), follows_step)
            follows_step = line.startswith("-")
        self._found.steps = [step for step in self._found.steps if step.get("steps", True)]
        return self._found

    def _read_header(self, line: str, follows_step: bool) -> None:
        if pool := _POOL.match(line):
            self._found.options["pool_length"] = int(pool[1])
        elif repeat := _REPEAT.search(line):
            if follows_step:
                raise UnreadableError("a repeat needs a blank line before it")
            block: dict[str, Any] = {"reps": int(repeat[1]), "steps": []}
            if label := line[: repeat.start()].strip():
                block["text"] = label
            self._found.steps.append(block)
            self._into = block["steps"]
        else:
            self._found.prose.append(line)


def _read_step(line: str, knows_meters: bool) -> dict[str, Any]:
    tokens = line.split()
    at = next((i for i, token in enumerate(tokens) if _is_number_led(token)), None)
    if at is None:
        raise UnreadableError("a step without a length")
    step: dict[str, Any] = {}
    cue = _read_cue(tokens[:at], step)
    _read_extent(tokens[at], step, knows_meters)
    _read_items(tokens[at + 1 :], step)
    if cue:
        step["text"] = cue
    _mark_intensity(cue, step)
    return step


def _is_number_led(token: str) -> bool:
    """The first digit is taken for the length; only a zone is something else."""
    return any(character.isdecimal() for character in token) and not _ZONE.fullmatch(token)


def _read_cue(tokens: list[str], step: dict[str, Any]) -> str:
    """The words in front of the length. Keywords and zones count here as well."""
    words = []
    lowered = [token.lower() for token in tokens]
    for index, token in enumerate(tokens):
        if lowered[index] in _FLAGS:
            step[lowered[index]] = True
        elif lowered[index : index + 2] == ["press", "lap"]:
            step["until_lap_press"] = True
        elif lowered[index] == "lap" and lowered[index - 1 : index] == ["press"]:
            continue
        elif zone := _ZONE.fullmatch(token):
            step["power"] = _value(zone[1], zone[2], "power_zone", int)
        elif not _read_option(token, step):
            words.append(token)
    return " ".join(words)


def _read_extent(token: str, step: dict[str, Any], knows_meters: bool) -> None:
    distance = _DISTANCE.fullmatch(token)
    if distance and (knows_meters or distance[2].lower() != "meters"):
        step["distance"] = _tidy(float(distance[1]) * _METRES[distance[2].lower()])
        return
    seconds = _seconds(token)
    if seconds is None:
        raise UnreadableError(f"not a length: {token}")
    step["duration"] = seconds


def _seconds(token: str) -> int | None:
    """`m` is minutes, always. A bare number is seconds."""
    match = _TIME.fullmatch(token)
    if not match or not token:
        return None
    hours, minutes, seconds, minutes2, seconds2 = (int(part or 0) for part in match.groups())
    return hours * 3600 + (minutes + minutes2) * 60 + seconds + seconds2


def _read_items(tokens: list[str], step: dict[str, Any]) -> None:
    rest = [*tokens, "", ""]
    index = 0
    while index < len(tokens):
        index += _read_item(rest[index], rest[index + 1], step)


def _read_item(token: str, following: str, step: dict[str, Any]) -> int:
    """Read one item and return how many tokens it took. Unknown words are passed over."""
    word, unit = token.lower(), following.lower()
    if word in _FLAGS:
        step[word] = True
    elif word == "press" and unit == "lap":
        step["until_lap_press"] = True
        return 2
    elif word == "0":
        step["rest"] = True
    elif word.isdigit() and "duration" in step:
        step["duration"] += int(word)  # seen: `2m 145 bpm` lasts 265 s
    elif word in _NO_UNITS or _read_option(token, step):
        if word in _NO_UNITS:
            raise UnreadableError(f"unknown unit: {token}")
    elif match := _RPM.fullmatch(token):
        step["cadence"] = _value(match[1], match[2], "rpm", int)
    else:
        return _read_target(token, unit, step)
    return 1


def _read_option(token: str, step: dict[str, Any]) -> bool:
    match = _OPTION.fullmatch(token)
    if not match:
        return False
    if match[1].lower() == "intensity" and match[2].lower() in _INTENSITIES:
        step["intensity"] = match[2].lower()
    return True


def _read_target(token: str, unit: str, step: dict[str, Any]) -> int:
    if match := _PERCENT.fullmatch(token):
        metric, units = {
            "hr": ("hr", "%hr"),
            "lthr": ("hr", "%lthr"),
            "pace": ("pace", "%pace"),
            "mmp": ("power", "%mmp"),
        }.get(unit, ("power", "%ftp"))
        step[metric] = _value(match[1], match[2], units)
    elif match := _ZONE.fullmatch(token):
        metric = unit if unit in {"hr", "pace"} else "power"
        step[metric] = _value(match[1], match[2], f"{metric}_zone", int)
    elif match := _WATTS.fullmatch(token):
        step["power"] = _value(match[1], match[2], "w")
    elif (match := _PACE.fullmatch(token)) and unit == "pace":
        seconds = [int(m) * 60 + int(s) for m, s in ((match[1], match[2]), (match[4], match[5])) if m]
        units = f"secs{(match[6] or match[3] or '').lower()}"
        step["pace"] = _value(str(seconds[0]), str(seconds[1]) if len(seconds) > 1 else None, units, int)
    elif any(character.isdecimal() for character in token):
        raise UnreadableError(f"unknown item: {token}")
    else:
        return 1
    return 2 if unit in {"hr", "lthr", "pace", "mmp"} else 1


def _value(low: str, high: str | None, units: str, kind: type[int] | type[float] = float) -> dict[str, Any]:
    if high is None:
        return {"value": _tidy(kind(low)), "units": units}
    return {"start": _tidy(kind(low)), "end": _tidy(kind(high)), "units": units}


def _mark_intensity(cue: str, step: dict[str, Any]) -> None:
    if _WARMUP.search(cue):
        step["warmup"] = True
    if _COOLDOWN.search(cue):
        step["cooldown"] = True
    has_target = any(metric in step for metric in ("power", "hr", "pace"))
    if step.pop("rest", False) or (_PAUSE.search(cue) and not has_target and "intensity" not in step):
        step["intensity"] = "rest"


def _tidy(value: float) -> float | int:
    return int(value) if value == int(value) else round(value, 3)
