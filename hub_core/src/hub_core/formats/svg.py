"""A profile as a picture in SVG, for web pages: whole in itself, on light and dark, for eyes and readers.

No fonts, scripts or styles from elsewhere, and every text escaped. However long a workout is, the picture
stays small: one with many segments gives up the words that appear under the pointer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from hub_core.domain.axis import describe_scale, describe_totals, height_marks, time_marks
from hub_core.domain.describe import describe_seconds
from hub_core.domain.profile import Piece, Profile, Segment, Timing
from hub_core.formats._text import clean_xml, one_line

_WIDTH = 960
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 860, 60, 260
#: More segments than this are drawn without words of their own.
_MOST_WORDS = 300
_LONGEST_LABEL, _LONGEST_NAME, _LONGEST_DESCRIPTION = 120, 80, 1_500
#: A gap between bars, if they are wide enough for one.
_GAP, _WIDE = 1.0, 4.0
_MOST_TIMES = 12
#: How wide a letter of the legend is at most on average, and how far apart its lines are.
_LETTER, _LINE = 7, 22

#: By zone, the last one for all above it: readable on white and on black alike.
_COLOURS = ("#8b949e", "#388bfd", "#2ea043", "#d4a106", "#e8711c", "#da3633", "#a35fd0")
_STYLE = (
    ".hub-profile{font:13px system-ui,sans-serif}"
    ".hub-profile text{fill:#59636e}"
    ".hub-profile .name{font-size:18px;font-weight:600;fill:#1f2328}"
    ".hub-profile .line{stroke:#8b949e;stroke-opacity:.35}"
    ".hub-profile .threshold{stroke:#8b949e;stroke-dasharray:5 4}"
    ".hub-profile .band{fill-opacity:.5}"
    ".hub-profile .free{fill:#8b949e;fill-opacity:.25;stroke:#8b949e;stroke-dasharray:3 3}"
    ".hub-profile .guessed{stroke:#8b949e;stroke-width:4;stroke-dasharray:6 4}"
    ".hub-profile .open{stroke:#8b949e;stroke-width:4;stroke-dasharray:0 7;stroke-linecap:round}"
    + "".join(f".hub-profile .z{zone}{{fill:{colour}}}" for zone, colour in enumerate(_COLOURS, 1))
    + "@media(prefers-color-scheme:dark){"
    ".hub-profile text{fill:#9198a1}.hub-profile .name{fill:#f0f6fc}}"
)
_TIMING_CLASSES = {Timing.GUESSED: "guessed", Timing.OPEN: "open"}
_TIMING_WORDS = {Timing.GUESSED: "time guessed", Timing.OPEN: "until lap, drawn as 5 min"}


def draw_svg(profile: Profile) -> str:
    """The picture as a whole SVG document."""
    return "\n".join(_Picture(profile).lines()) + "\n"


class _Picture:
    """One picture in the making: knows where a moment and an effort lie on it."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._marks = height_marks(profile)
        self._top = self._marks[-1].percent
        self._total = profile.seconds or 1
        self._height = 0

    def lines(self) -> Iterator[str]:
        profile = self._profile
        legend = self._placed_legend()
        name, totals = _cut(profile.name, _LONGEST_NAME), " · ".join(describe_totals(profile))
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="hub-profile" role="img" '
            f'viewBox="0 0 {_WIDTH} {self._height}">'
        )
        yield f"<title>{_text(f'{name} · {totals}')}</title>"
        yield f"<desc>{_text(self._description())}</desc>"
        yield f"<style>{_STYLE}</style>"
        yield f'<text class="name" x="{_LEFT}" y="26">{_text(name)}</text>'
        yield f'<text x="{_LEFT}" y="46">{_text(totals)}</text>'
        yield from self._heights()
        yield from self._bars()
        yield from self._times()
        yield from legend
        yield "</svg>"

    def _x(self, moment: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * moment / self._total

    def _y(self, percent: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * percent / self._top

    def _description(self) -> str:
        """The steps in words, for those who can't see the picture."""
        said = (segment.label for segment in self._profile.segments[:_MOST_WORDS])
        return _cut("; ".join(said), _LONGEST_DESCRIPTION)

    def _heights(self) -> Iterator[str]:
        for mark in self._marks:
            y = self._y(mark.percent)
            style = "threshold" if mark.percent == 100 else "line"
            yield f'<path class="{style}" d="M{_LEFT} {_n(y)}H{_RIGHT}"/>'
            left, right = (mark.relative, mark.absolute) if mark.relative else (mark.absolute, "")
            if left:
                yield f'<text x="{_LEFT - 8}" y="{_n(y + 4)}" text-anchor="end">{_text(left)}</text>'
            if right:
                yield f'<text x="{_RIGHT + 8}" y="{_n(y + 4)}">{_text(right)}</text>'

    def _bars(self) -> Iterator[str]:
        segments = self._profile.segments
        if len(segments) <= _MOST_WORDS:
            for segment in segments:
                shapes = "".join(_paths(self._shapes(segment)))
                label = _text(_cut(segment.label, _LONGEST_LABEL))
                yield f"<g><title>{label}</title>{shapes}</g>"
            return
        yield from _paths(shape for segment in segments for shape in self._shapes(segment))

    def _shapes(self, segment: Segment) -> Iterator[tuple[str, str]]:
        """A segment as shapes, each with the class that it is painted by."""
        for piece in segment.pieces():
            colour = "free" if piece.zone is None else _zone_class(piece.zone)
            lows = (piece.begin.low, piece.end.low)
            highs = (piece.begin.high, piece.end.high)
            is_last = piece.start_s + piece.seconds >= segment.end_s
            yield colour, self._shape(piece, (0, 0), lows, is_last=is_last)
            if lows != highs:
                yield f"{colour} band", self._shape(piece, lows, highs, is_last=is_last)

    def _shape(
        self, piece: Piece, bottom: tuple[float, float], top: tuple[float, float], *, is_last: bool
    ) -> str:
        left, right = self._x(piece.start_s), self._x(piece.start_s + piece.seconds)
        if is_last and right - left >= _WIDE:
            right -= _GAP
        corners = [
            (left, self._y(bottom[0])),
            (left, self._y(top[0])),
            (right, self._y(top[1])),
            (right, self._y(bottom[1])),
        ]
        return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in corners) + "Z"

    def _times(self) -> Iterator[str]:
        yield f'<path class="line" d="M{_LEFT} {_BOTTOM}H{_RIGHT}"/>'
        marks, unit = time_marks(self._profile.seconds, _MOST_TIMES)
        for number, mark in enumerate(marks):
            x = self._x(mark.at_s)
            label = f"{mark.label} {unit}" if number == len(marks) - 1 else mark.label
            yield f'<path class="line" d="M{_n(x)} {_BOTTOM}v9"/>'
            yield f'<text x="{_n(x)}" y="{_BOTTOM + 24}" text-anchor="middle">{label}</text>'
        for timing, style in _TIMING_CLASSES.items():
            parts = "".join(
                f"M{_n(self._x(start))} {_BOTTOM + 4}H{_n(self._x(end))}"
                for start, end in _stretches(self._profile, timing)
            )
            if parts:
                yield f'<path class="{style}" d="{parts}"/>'

    def _legend(self) -> Iterator[tuple[str, str]]:
        """What each colour, sign and number means: a drawing of 24 by 11 or nothing, and words."""
        for zone, seconds in self._profile.zone_seconds().items():
            style, word = ("free", "no target") if zone is None else (_zone_class(zone), f"zone {zone}")
            time = describe_seconds(round(seconds) or seconds)
            yield f'<rect class="{style}" x="13" y="-10" width="11" height="11" rx="2"/>', f"{word}: {time}"
        timings = {segment.timing for segment in self._profile.segments}
        for timing, style in _TIMING_CLASSES.items():
            if timing in timings:
                yield f'<path class="{style}" d="M13 -4h12"/>', _TIMING_WORDS[timing]
        for note in describe_scale(self._profile):
            yield "", note

    def _placed_legend(self) -> list[str]:
        """The legend in lines as long as there is room."""
        lines = []
        x, y = _LEFT - 13, _BOTTOM + 50
        for sign, words in self._legend():
            width = (30 if sign else 0) + _LETTER * len(words)
            if x + width > _WIDTH and x > _LEFT:
                x, y = _LEFT - 13, y + _LINE
            at = 30 if sign else 13
            lines.append(f'<g transform="translate({x} {y})">{sign}<text x="{at}">{_text(words)}</text></g>')
            x += width + 10
        self._height = y + 16
        return lines


def _stretches(profile: Profile, timing: Timing) -> list[tuple[float, float]]:
    """Where segments of a timing begin and end, neighbours taken together."""
    found: list[tuple[float, float]] = []
    for segment in profile.segments:
        if segment.timing is not timing:
            continue
        if found and found[-1][1] == segment.start_s:
            found[-1] = (found[-1][0], segment.end_s)
        else:
            found.append((segment.start_s, segment.end_s))
    return found


def _paths(shapes: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Shapes of one class as one path."""
    by_class: dict[str, list[str]] = {}
    for style, shape in shapes:
        by_class.setdefault(style, []).append(shape)
    for style, drawn in by_class.items():
        yield f'<path class="{style}" d="{"".join(drawn)}"/>'


def _zone_class(zone: int) -> str:
    return f"z{min(zone, len(_COLOURS))}"


def _n(value: float) -> str:
    """A coordinate, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def _cut(text: str, longest: int) -> str:
    line = one_line(clean_xml(text))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _text(text: str) -> str:
    return escape(text, quote=False)
