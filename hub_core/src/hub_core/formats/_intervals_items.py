"""One line of intervals.icu's workout text: cue, length, and what stands behind them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from hub_core.domain.workout import Intensity
from hub_core.formats._messages import Message
from hub_core.formats._text import one_line

_NUM = r"\d{1,7}(?:\.\d{1,6})?"
_TIME = re.compile(
    r"(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s?)?|(?:(\d{1,5})')?(?:(\d{1,6})\")?", re.IGNORECASE
)
_DISTANCE = re.compile(rf"({_NUM})(km|mi|mtr|meters?|yards|yrd|y)", re.IGNORECASE)
_METRES = {
    "km": 1000,
    "mi": 1609.344,
    "mtr": 1,
    "meter": 1,
    "meters": 1,
    "yards": 0.9144,
    "yrd": 0.9144,
    "y": 0.9144,
}
_PERCENT = re.compile(rf"({_NUM})%?(?:-({_NUM}))?%")
_WATTS = re.compile(rf"({_NUM})w?(?:-({_NUM}))?w", re.IGNORECASE)
_RPM = re.compile(rf"({_NUM})(?:-({_NUM}))?rpm", re.IGNORECASE)
_TIMES = re.compile(r"\d+x", re.IGNORECASE)
_ZONE = re.compile(r"Z(\d{1,2})(?:-Z?(\d{1,2}))?", re.IGNORECASE)
_PACE_UNITS = r"/(?:km|mi|100m|100y|250m|400m|500m)"
_PACE = re.compile(
    rf"(\d{{1,3}}):(\d\d)({_PACE_UNITS})?(?:-(\d{{1,3}}):(\d\d))?({_PACE_UNITS})?", re.IGNORECASE
)
#: Metres of each pace unit.
PACE_METRES = {
    "/km": 1000, "/mi": 1609.344, "/100m": 100, "/100y": 91.44, "/250m": 250, "/400m": 400, "/500m": 500,
}  # fmt: skip
_OPTION = re.compile(r"(intensity|hr|power)=(\w{1,20})", re.IGNORECASE)
_OPTION_VALUES = {"hr": {"lap", "1s"}, "power": {"lap", "3s", "10s", "30s"}}
_FLAGS = {"ramp", "freeride", "maxeffort", "hidepower"}
_INTENSITIES = {intensity.value: intensity for intensity in Intensity} | {"other": Intensity.ACTIVE}
#: Units of targets, and what one client's printer writes behind its own. [intervals-mcp-server]
_TARGET_UNITS = {"hr", "lthr", "pace", "mmp"}
_TOLERATED = {"w", "cadence", "power", "ftp"}
_NO_UNITS = {
    "metres": "mtr", "metre": "mtr", "secs": "s", "sec": "s", "seconds": "s", "second": "s", "mins": "m",
    "min": "m", "minutes": "m", "minute": "m", "hours": "h", "hour": "h", "m": "mtr", "meters": "mtr",
}  # fmt: skip
_TIMED_CUE = re.compile(r"(?:^|\s)(\d{1,5})\^")
#: The parser knows these steps by a word of their cue.
_PAUSE = re.compile(r"\b(?:rest|recovery)\b", re.IGNORECASE)
_WARMUP = re.compile(r"\bwarm[\s-]?up\b", re.IGNORECASE)
_COOLDOWN = re.compile(r"\bcool[\s-]?down\b", re.IGNORECASE)


class UnreadableLineError(Exception):
    """A line that is no step; the message says why."""


@dataclass
class Line:
    """What a step's line says. `low` and `high` are in `unit`: `%ftp`, `%lthr`, `%hr`, `%pace`, `w`, `zone`,
    or a unit of pace, whose numbers are seconds."""

    cue: str = ""
    timed: list[Message] = field(default_factory=list)
    seconds: int | None = None
    metres: float | None = None
    metric: str = ""
    unit: str = ""
    low: float = 0
    high: float = 0
    cadence: tuple[float, float] | None = None
    intensity: Intensity | None = None
    flags: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    #: Only minutes, as in `400m`: often meant as metres.
    bare_minutes: int = 0


def means_intensity(cue: str, *, has_target: bool) -> Intensity:
    """What the words of a cue make of a step, when nothing else says it."""
    if not cue:
        return Intensity.ACTIVE
    if _WARMUP.search(cue):
        return Intensity.WARMUP
    if _COOLDOWN.search(cue):
        return Intensity.COOLDOWN
    if _PAUSE.search(cue) and not has_target:
        return Intensity.REST
    return Intensity.ACTIVE


def read_line(text: str) -> Line:
    """The parts of a line, without its bullet. Raises `UnreadableLineError`."""
    line = Line()
    cues, timed, rest = text.rpartition("<!>")
    if timed:
        _read_timed(cues, line)
    tokens = rest.split()
    at = _find_extent(tokens)
    words = _read_cue(tokens[:at], line)
    if not timed:
        line.cue = one_line(" ".join(words))
    _read_extent(tokens[at], line)
    _read_items(tokens[at + 1 :], line)
    return line


def _read_timed(cues: str, line: Line) -> None:
    """`text 33^later text`: the number is the second at which the text behind it is shown."""
    parts = _TIMED_CUE.split(cues)
    line.cue = one_line(parts[0])
    for second, text in zip(parts[1::2], parts[2::2], strict=True):
        line.timed.append(Message(one_line(text), int(second)))


def _find_extent(tokens: list[str]) -> int:
    for index, token in enumerate(tokens):
        if _DISTANCE.fullmatch(token) or _seconds(token) is not None:
            return index
        if _TIMES.fullmatch(token):
            raise UnreadableLineError(
                f"{token!r} belongs on a line of its own, before the steps that it repeats"
            )
        if any(character.isdecimal() for character in token) and _is_item(token):
            raise UnreadableLineError(f"{token!r} stands before the length of the step")
    raise UnreadableLineError("the step has no length such as 10m, 30s or 400mtr")


def _is_item(token: str) -> bool:
    return any(pattern.fullmatch(token) for pattern in (_PERCENT, _WATTS, _RPM, _PACE))


def _read_cue(tokens: list[str], line: Line) -> list[str]:
    """Words. Keywords and zones count here as well."""
    words = []
    lowered = [token.lower() for token in tokens]
    for token, word, following in zip(tokens, lowered, [*lowered[1:], ""], strict=False):
        if word in _FLAGS:
            line.flags.add(word)
        elif zone := _ZONE.fullmatch(token):
            _set_target(line, "power", "zone", zone[1], zone[2])
        elif not _read_option(token, line):
            if (word, following) == ("press", "lap"):
                line.flags.add("press lap")
            words.append(token)
    return [] if lowered == ["press", "lap"] else words


def _read_extent(token: str, line: Line) -> None:
    if distance := _DISTANCE.fullmatch(token):
        line.metres = round(float(distance[1]) * _METRES[distance[2].lower()], 3)
        return
    line.seconds = _seconds(token)
    if re.fullmatch(r"\d{1,5}m", token, re.IGNORECASE):
        line.bare_minutes = int(token[:-1])


def _seconds(token: str) -> int | None:
    """`m` is minutes, always. A bare number is seconds."""
    match = _TIME.fullmatch(token)
    if not match or not token:
        return None
    hours, minutes, seconds, minutes2, seconds2 = (int(part or 0) for part in match.groups())
    return hours * 3600 + (minutes + minutes2) * 60 + seconds + seconds2


def _read_items(tokens: list[str], line: Line) -> None:
    index = 0
    while index < len(tokens):
        following = tokens[index + 1].lower() if index + 1 < len(tokens) else ""
        index += _read_item(tokens[index], following, line, tokens[index + 2 : index + 3])


def _read_item(token: str, following: str, line: Line, third: list[str]) -> int:
    """Read one item and return how many tokens it took."""
    word = token.lower()
    if word in _FLAGS:
        line.flags.add(word)
    elif word == "press" and following == "lap":
        line.flags.add("press lap")
        return 2
    elif word == "0":
        line.flags.add("rest")
    elif word in _NO_UNITS:
        raise UnreadableLineError(f"the unit {token!r} is not known there; write {_NO_UNITS[word]}")
    elif cadence := _RPM.fullmatch(token):
        line.cadence = _pair(cadence[1], cadence[2])
    elif (word.isdecimal() and following == "bpm") or word.endswith("bpm"):
        raise UnreadableLineError("there are no beats per minute; write % LTHR or % HR")
    elif taken := _read_target(token, following, line, third):
        return taken
    elif not _read_option(token, line):
        if any(character.isdecimal() for character in token):
            raise UnreadableLineError(f"{token!r} is not known")
        if word not in _TOLERATED:
            line.words.append(token)
    return 1


def _read_target(token: str, following: str, line: Line, third: list[str]) -> int:
    """Read a target and return how many tokens it took; 0 if it is none."""
    unit = following if following in _TARGET_UNITS else ""
    if match := _PERCENT.fullmatch(token):
        if unit == "mmp":
            line.words.append(" ".join([token, "MMP", *third]))
            return 2 + len(third)
        metric = {"hr": "hr", "lthr": "hr", "pace": "pace"}.get(unit, "power")
        _set_target(line, metric, f"%{unit or 'ftp'}", match[1], match[2])
    elif match := _ZONE.fullmatch(token):
        metric = {"hr": "hr", "lthr": "hr", "pace": "pace"}.get(unit, "power")
        _set_target(line, metric, "zone", match[1], match[2])
    elif match := _WATTS.fullmatch(token):
        _set_target(line, "power", "w", match[1], match[2])
        return 1
    elif match := _PACE.fullmatch(token):
        first = int(match[1]) * 60 + int(match[2])
        last = int(match[4]) * 60 + int(match[5]) if match[4] else first
        if not first or not last:
            raise UnreadableLineError(f"{token!r} is no pace")
        line.metric, line.low, line.high = "pace", first, last
        line.unit = (match[6] or match[3] or "/").lower()
        if following not in {"", "pace"} and not unit:
            return 1
    else:
        return 0
    return 2 if unit else 1


def _set_target(line: Line, metric: str, unit: str, low: str, high: str | None) -> None:
    if line.metric:
        raise UnreadableLineError("the step has two targets")
    line.metric, line.unit = metric, unit
    line.low, line.high = _pair(low, high)


def _pair(low: str, high: str | None) -> tuple[float, float]:
    return float(low), float(high if high is not None else low)


def _read_option(token: str, line: Line) -> bool:
    match = _OPTION.fullmatch(token)
    if not match:
        return False
    key, value = match[1].lower(), match[2].lower()
    if key == "intensity":
        if value not in _INTENSITIES:
            raise UnreadableLineError(f"{token!r} is not known; known are {', '.join(_INTENSITIES)}")
        line.intensity = _INTENSITIES[value]
    elif value not in _OPTION_VALUES[key]:
        raise UnreadableLineError(f"{token!r} is not known")
    else:
        line.words.append(token)
    return True
