"""What the athlete's device would show: the proof that a workout arrived as it was meant."""

from __future__ import annotations

import datetime as dt

import msgspec


class DeviceWorkout(msgspec.Struct, frozen=True):
    """One workout on the device's calendar; `lines` are its steps as the device words them."""

    date: dt.date
    title: str
    sport: str
    lines: tuple[str, ...]
    external_id: str
    note: str = ""


class DeviceScreen(msgspec.Struct, frozen=True):
    """All that one user's device shows, by date. `device` is the model whose screen this is."""

    device: str
    user: str
    workouts: tuple[DeviceWorkout, ...]
