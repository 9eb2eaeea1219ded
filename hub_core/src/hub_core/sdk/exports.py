"""What goes out: a compiled workout, and the receipt for one that was sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from hub_core.domain.fidelity import FidelityReport


class CompiledWorkout(msgspec.Struct, frozen=True):
    """A workout as a provider wants it, and what was lost on the way.

    `payload` is plain JSON data, in the plugin's own layout. `date`, `time` and `time_zone` are the
    athlete's wall clock: how a day is said to the provider is the plugin's business.
    """

    payload: dict[str, Any]
    fidelity: FidelityReport
    date: dt.date
    time: dt.time | None = None
    time_zone: str = "UTC"


class Receipt(msgspec.Struct, frozen=True):
    """The provider's own ids of what it holds, by the plugin's names (`{"workout_id": "7"}`).

    `external_id` is the one that people would look for. `notes` are facts worth telling them.
    """

    external_ids: dict[str, str]
    external_id: str = ""
    notes: tuple[str, ...] = ()


class ProviderCopy(msgspec.Struct, frozen=True):
    """What the provider holds now. `exists` is false when it is gone; `payload` is the provider's form."""

    exists: bool
    payload: dict[str, Any] = {}
