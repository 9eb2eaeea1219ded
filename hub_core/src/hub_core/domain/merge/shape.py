"""Whether two series tell the same story: correlation of their curves on a common clock."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import msgspec

from hub_core.domain.series import Series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Clocks of bike computers and phones differ by seconds, badly set ones by minutes. Beyond this it would be
#: easier to find a curve that looks alike than to be right.
MAX_SHIFT_S = 600
_GRID_S = 5.0
_LONGEST_GAP_S = 30.0
_LEAST_OVERLAP_S = 300.0
#: Another shift than none has to be better by so much: intervals look alike one interval later, too.
_SHIFT_MARGIN = 0.1

#: Beats or watts, as a standard deviation.
_LEAST_SPREAD = 2.0

ShapeColumn = Literal["heart_rate_bpm", "power_w"]


class Shape(msgspec.Struct, frozen=True):
    """How alike two curves are, -1 to 1, and by how much the second clock is ahead of the first."""

    correlation: float
    shift_s: float


def compare_shapes(one: Series, other: Series, column: ShapeColumn, ahead_s: float) -> Shape | None:
    """Correlate a column of two series; `ahead_s` is how long after the first one the second began.

    None when there are not five minutes of both, or a curve is flat.
    """
    import numpy as np

    first, second = _on_grid(one, column, 0.0), _on_grid(other, column, ahead_s)
    if first is None or second is None:
        return None
    (a, a_from), (b, b_from) = first, second
    found: dict[int, float] = {}
    for shift in range(-int(MAX_SHIFT_S / _GRID_S), int(MAX_SHIFT_S / _GRID_S) + 1):
        # The second one moved back by its shift.
        begin = b_from - shift
        low, high = max(a_from, begin), min(a_from + len(a), begin + len(b))
        if (high - low) * _GRID_S < _LEAST_OVERLAP_S:
            continue
        x, y = a[low - a_from : high - a_from], b[low - begin : high - begin]
        both = ~(np.isnan(x) | np.isnan(y))
        if both.sum() * _GRID_S < _LEAST_OVERLAP_S:
            continue
        found[shift] = _pearson(x[both], y[both])
    usable = {shift: value for shift, value in found.items() if not math.isnan(value)}
    if not usable:
        return None
    best = min(usable, key=lambda shift: (-round(usable[shift], 6), abs(shift), shift))
    if 0 in usable and usable[best] < usable[0] + _SHIFT_MARGIN:
        best = 0
    return Shape(round(usable[best], 4), best * _GRID_S)


def _on_grid(series: Series, column: ShapeColumn, ahead_s: float) -> tuple[NDArray[np.float64], int] | None:
    """The column in steps of the grid, NaN in gaps, and the number of its first step."""
    import numpy as np

    times, values = series.column("time_s"), series.column(column)
    if times is None or values is None or not len(times):
        return None
    told = ~(np.isnan(values) | np.isnan(times))
    times, values = times[told] + ahead_s, values[told]
    if len(times) < 2:
        return None
    first, last = math.ceil(times[0] / _GRID_S), math.floor(times[-1] / _GRID_S)
    if last <= first:
        return None
    grid = np.arange(first, last + 1) * _GRID_S
    filled = np.interp(grid, times, values)
    after = np.clip(np.searchsorted(times, grid), 1, len(times) - 1)
    filled[times[after] - times[after - 1] > _LONGEST_GAP_S] = np.nan
    return filled, first


def _pearson(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    x, y = x - x.mean(), y - y.mean()
    spread_x, spread_y = math.sqrt(float(x @ x) / len(x)), math.sqrt(float(y @ y) / len(y))
    # A flat curve looks like every other one.
    if min(spread_x, spread_y) < _LEAST_SPREAD:
        return math.nan
    return float(x @ y) / (spread_x * spread_y * len(x))
