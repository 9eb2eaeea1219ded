"""Python looks for this module when it starts: a process that finds it here has a wall clock that can be set.

`HUB_TEST_CLOCK` names a file of eight bytes: by how many seconds the clock is wrong, as a double.
"""

from __future__ import annotations

import mmap
import os
import struct
import time

with open(os.environ["HUB_TEST_CLOCK"], "r+b") as _file:
    _shift = mmap.mmap(_file.fileno(), 8)
_time, _time_ns = time.time, time.time_ns


def _wrong_by() -> float:
    (seconds,) = struct.unpack("d", _shift)
    return float(seconds)


time.time = lambda: _time() + _wrong_by()
time.time_ns = lambda: _time_ns() + int(1e9 * _wrong_by())
