"""A workout drawn as blocks in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from hub_core.domain.axis import describe_scale, describe_totals, height_marks, time_marks
from hub_core.domain.describe import describe_seconds
from hub_core.domain.profile import Profile, Segment, Timing

#: By zone, the last one for all above it. Readable on black and on white.
ZONE_STYLES = ("grey62", "dodger_blue2", "green3", "gold3", "dark_orange", "red3", "medium_orchid3")
_FREE_STYLE = "grey50"
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_SOLID, _BAND, _FREE, _THRESHOLD = "█", "▒", "░", "."
_AXIS = {Timing.PLANNED: "─", Timing.PACED: "─", Timing.GUESSED: "≈", Timing.OPEN: "○"}
_AXIS_WORDS = {Timing.GUESSED: "≈ time guessed", Timing.OPEN: "○ until lap, drawn as 5 min"}
_NARROWEST, _WIDEST = 20, 140
#: A mark of the time axis and the space around it.
_MARK_WIDTH = 6


@dataclass(frozen=True)
class Column:
    """What one column of the terminal shows, in percent of threshold."""

    low: float
    high: float
    zone: int | None
    is_free: bool
    timing: Timing


def make_columns(profile: Profile, count: int) -> list[Column]:
    """The workout in so many columns of equal time.

    A column shows the segment in its middle. A segment that is too short for a middle of its own is shown in
    the column that it falls in, which then reaches from the lowest to the highest of what happens there.
    """
    total = profile.seconds
    shown: list[list[tuple[Segment, float]]] = [[] for _ in range(count)]
    index = 0
    for segment in profile.segments:
        first = index
        while index < count and (index + 0.5) / count * total <= segment.end_s:
            middle = (index + 0.5) / count * total
            shown[index].append((segment, _part(segment, middle)))
            index += 1
        if index == first:
            middle = segment.start_s + segment.seconds / 2
            shown[min(int(middle / total * count) if total else 0, count - 1)].append((segment, 0.5))
    return [_column(one) for one in shown]


def _part(segment: Segment, moment: float) -> float:
    return (moment - segment.start_s) / segment.seconds if segment.seconds else 0.5


def _column(shown: list[tuple[Segment, float]]) -> Column:
    spans = [segment.span_at(part) for segment, part in shown]
    hardest, part = max(shown, key=lambda one: one[0].span_at(one[1]).high)
    timings = [segment.timing for segment, _ in shown]
    return Column(
        min(span.low for span in spans),
        max(span.high for span in spans),
        hardest.zone_at(part),
        hardest.is_free,
        next((timing for timing in (Timing.OPEN, Timing.GUESSED) if timing in timings), Timing.PLANNED),
    )


class ProfilePicture:
    """A profile as blocks, as wide as the terminal: print it with rich. It reads without colours too.

    It is about `rows` lines high, headline, time and legend not counted.
    """

    def __init__(self, profile: Profile, *, rows: int = 12) -> None:
        self._profile = profile
        self._rows = rows
        self._marks = height_marks(profile)

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        yield from self._lines(min(options.max_width, _WIDEST))

    def _lines(self, width: int) -> Iterator[Text]:
        """The picture from top to bottom: headline, bars, time, legend."""
        left, right = self._labels()
        margin = max(map(len, left)) + 2
        inner = max(width - margin - max(map(len, right)) - 1, _NARROWEST)
        columns = make_columns(self._profile, inner)
        yield self._headline(width)
        yield Text()
        per_mark = max(1, round(self._rows / len(self._marks)))
        cell = self._marks[0].percent / per_mark
        has_bands = False
        for row in reversed(range(per_mark * len(self._marks))):
            mark = row // per_mark if row % per_mark == per_mark - 1 else None
            line = Text(no_wrap=True, overflow="crop")
            label = "" if mark is None else left[mark]
            line.append(label.ljust(margin - 1) + ("│" if mark is None else "┤"), "dim")
            for number, column in enumerate(columns):
                letter, style = _cell(column, row * cell, cell, number)
                line.append(letter, style)
                has_bands = has_bands or letter == _BAND
            if mark is not None and right[mark]:
                line.append(f" {right[mark]}", "dim")
            line.rstrip()
            yield line
        yield from self._time_axis(columns, margin)
        yield Text()
        yield from self._legend(width, has_bands=has_bands)

    def _labels(self) -> tuple[list[str], list[str]]:
        """What stands left of the bars and right of them, for each mark."""
        relative, absolute = (
            [getattr(mark, one) for mark in self._marks] for one in ("relative", "absolute")
        )
        widest = max(map(len, absolute))
        if not any(relative):
            return [label.rjust(widest) for label in absolute], [""] * len(absolute)
        return [label.rjust(max(map(len, relative))) for label in relative], [
            label.rjust(widest) for label in absolute
        ]

    def _headline(self, width: int) -> Text:
        totals = "".join(f" · {one}" for one in describe_totals(self._profile))
        # What a terminal would obey is no part of a name.
        name = "".join(letter if letter.isprintable() else " " for letter in self._profile.name)
        line = Text(" ".join(name.split()), "bold")
        line.truncate(max(width - len(totals), 10), overflow="ellipsis")
        return Text.assemble(line, totals)

    def _time_axis(self, columns: list[Column], margin: int) -> Iterator[Text]:
        count = len(columns)
        marks, unit = time_marks(self._profile.seconds, max(2, count // _MARK_WIDTH))
        total = self._profile.seconds or 1
        places = {min(int(mark.at_s / total * count), count - 1): mark.label for mark in marks}
        line = Text(" " * (margin - 1), "dim").append("└", "dim")
        for number, column in enumerate(columns):
            line.append("┬" if number in places else _AXIS[column.timing], "dim")
        yield line
        labels = " " * margin
        for place, label in places.items():
            labels = labels.ljust(margin + place - len(label) // 2) + label
        yield Text(f"{labels} {unit}", "dim", no_wrap=True, overflow="crop")

    def _legend(self, width: int, *, has_bands: bool) -> Iterator[Text]:
        """Zones with their times, signs, and what 100 % is, on as few lines as they need."""
        parts = []
        for zone, seconds in self._profile.zone_seconds().items():
            sign, word = (_FREE, "no target") if zone is None else (_SOLID, f"zone {zone}")
            time = describe_seconds(round(seconds) or seconds)
            parts.append(Text.assemble((sign, zone_style(zone)), f" {word}: {time}"))
        if has_bands:
            parts.append(Text(f"{_BAND} from – to"))
        timings = {segment.timing for segment in self._profile.segments}
        parts += [Text(words) for timing, words in _AXIS_WORDS.items() if timing in timings]
        parts += [Text(note, "dim") for note in describe_scale(self._profile)]
        line = Text()
        for part in parts:
            if line and len(line) + len(part) + 3 > width:
                yield line
                line = Text()
            line.append("   " if line else "").append(part)
        yield line


def zone_style(zone: int | None) -> str:
    """The colour of a zone; grey for what is free."""
    return _FREE_STYLE if zone is None else ZONE_STYLES[min(zone, len(ZONE_STYLES)) - 1]


def _cell(column: Column, bottom: float, height: float, number: int) -> tuple[str, str]:
    """One letter of the picture, which stands for so much percent from `bottom` on, and its colour."""
    if column.high <= bottom and (bottom or column.is_free):
        line = bottom == 100 and number % 2 == 0
        return (_THRESHOLD, "dim") if line else (" ", "")
    style = zone_style(column.zone)
    full = (column.high - bottom) / height
    if column.is_free:
        return _FREE if full >= 0.5 else " ", style
    if full < 1:
        # What takes time is seen, however easy it is.
        return _EIGHTHS[max(round(full * 8), 0 if bottom else 1)], style
    return _SOLID if column.low >= bottom + height / 2 else _BAND, style
