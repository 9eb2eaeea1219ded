"""What an athlete did, as the person who plays them in a sandbox says it."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.sport import Sport


class RecordedActivity(msgspec.Struct, frozen=True):
    """`start` has the athlete's own offset from UTC. Seconds, metres, beats per minute.

    `plan_id`: the provider's id of the planned workout that it was, as the device's screen shows it.
    """

    name: str
    sport: Sport
    start: dt.datetime
    duration_s: float
    distance_m: float | None = None
    heart_rate_bpm: float | None = None
    plan_id: str = ""
