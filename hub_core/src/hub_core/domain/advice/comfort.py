"""From where on weather is bad for training: rules of the hub, to be changed by whoever differs."""

from __future__ import annotations

import msgspec

from hub_core.domain.science.air_quality import AirFlag
from hub_core.domain.science.wbgt import CANCEL_ABOVE_C


class Comfort(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """From where on an hour isn't recommended at all, and what makes a move worth it.

    WBGT and felt cold in °C, gusts in m/s, hours on the local clock: a session begins at `first_hour` at the
    earliest and is over by `last_hour`, unless the athlete's availability says otherwise. `least_gain` is in
    points.
    """

    wbgt_above_c: float = CANCEL_ABOVE_C
    felt_below_c: float = -27
    gust_above_ms: float = 17
    air_from: AirFlag = AirFlag.UNHEALTHY
    first_hour: int = 5
    last_hour: int = 22
    least_gain: float = 10
