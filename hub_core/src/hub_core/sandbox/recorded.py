"""What an athlete did, as the person who plays them in a sandbox says it."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.sport import Sport


class RecordedActivity(msgspec.Struct, frozen=True):
    """`start` has the athlete's own offset from UTC. Seconds and metres."""

    name: str
    sport: Sport
    start: dt.datetime
    duration_s: float
    distance_m: float | None = None
