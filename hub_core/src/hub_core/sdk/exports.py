"""What goes out: a compiled workout, and the receipt for one that was sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from hub_core.domain.fidelity import FidelityReport
from hub_core.domain.outline import Placed
from hub_core.domain.workout import PlannedWorkout


class CompiledWorkout(msgspec.Struct, frozen=True):
    """A workout as a provider wants it, and what was lost on the way.

    `payload` is plain JSON data, in the plugin's own layout. `date`, `time` and `time_zone` are the
    athlete's wall clock: how a day is said to the provider is the plugin's business.

    `meant` is what the payload says, in our own terms: the steps as they go out, each with the path of the
    step that it came from. What was degraded on the way is degraded there too. The hub compares it with
    what the provider holds afterwards; None when the plugin doesn't tell.
    """

    payload: dict[str, Any]
    fidelity: FidelityReport
    date: dt.date
    time: dt.time | None = None
    time_zone: str = "UTC"
    meant: tuple[Placed, ...] | None = None


class Receipt(msgspec.Struct, frozen=True):
    """The provider's own ids of what it holds, by the plugin's names (`{"workout_id": "7"}`).

    `external_id` is the one that people would look for. `notes` are facts worth telling them.
    """

    external_ids: dict[str, str]
    external_id: str = ""
    notes: tuple[str, ...] = ()


class ProviderCopy(msgspec.Struct, frozen=True):
    """What the provider holds now. `exists` is false when it is gone; `payload` is the provider's form.

    `workout` is that form translated back, from what the provider says and from nothing else: steps and, if
    it can be told without the athlete's time zone, the date. None when it can't be translated: an
    unknown word is no proof of a change. `notes` are facts worth telling people. `starts` is for providers
    that keep an instant and no date: the hub knows the athlete's time zone.
    """

    exists: bool
    payload: dict[str, Any] = {}
    workout: PlannedWorkout | None = None
    notes: tuple[str, ...] = ()
    starts: dt.datetime | None = None
