"""Time series of an activity: columns, never one object per sample (a ride has 20,000 of them)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: `time_s`: seconds since the activity's start, growing, gaps possible; every series has it.
Column = Literal[
    "time_s",
    "heart_rate_bpm",
    "power_w",
    "cadence_rpm",
    "speed_ms",
    "distance_m",
    "altitude_m",
    "latitude_deg",
    "longitude_deg",
    "temperature_c",
]
COLUMNS: tuple[Column, ...] = get_args(Column)
#: A float32 places a runner to within a metre or two; time of a day in thousandths needs more, too.
_DOUBLE = frozenset({"time_s", "latitude_deg", "longitude_deg"})


class Series(msgspec.Struct, frozen=True):
    """Columns of the same length; NaN where a sample has no value.

    `packed` holds each column as little-endian floats (64 bits for time and place, else 32). Make one with
    `Series.of`, read one with `column`.
    """

    packed: dict[Column, bytes]

    @classmethod
    def of(cls, columns: dict[Column, Iterable[float | None]]) -> Series:
        """From lists or arrays; columns without a single value are left out.

        Raises `ValueError` when `time_s` is missing or lengths differ.
        """
        import numpy as np

        arrays = {
            name: np.asarray(values if isinstance(values, np.ndarray) else list(values), dtype=float)
            for name, values in columns.items()
        }
        if "time_s" not in arrays or len({len(values) for values in arrays.values()}) != 1:
            raise ValueError("a series has `time_s`, and all columns have its length")
        return cls(
            {
                name: values.astype(_dtype(name)).tobytes()
                for name, values in arrays.items()
                if name == "time_s" or not bool(np.isnan(values).all())
            }
        )

    def __len__(self) -> int:
        return len(self.packed["time_s"]) // 8

    def names(self) -> tuple[Column, ...]:
        """The columns that are there, in one order."""
        return tuple(name for name in COLUMNS if name in self.packed)

    def column(self, name: Column) -> NDArray[np.float64] | None:
        """One column, or None when nothing was recorded."""
        import numpy as np

        packed = self.packed.get(name)
        return None if packed is None else np.frombuffer(packed, dtype=_dtype(name)).astype(np.float64)


def _dtype(name: str) -> str:
    return "<f8" if name in _DOUBLE else "<f4"
