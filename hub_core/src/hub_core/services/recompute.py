"""Brings what the API shows up to date with observations and rules, in the caller's transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from hub_core.domain.merge import DAILY_METRICS, Decision, Identity, Rules
from hub_core.services.hub import Hub
from hub_core.services.link_workouts import link_workouts
from hub_core.services.merge_activities import merge_activities
from hub_core.services.merge_days import merge_days
from hub_core.services.observations import Seen
from hub_core.services.shown import Shown, ShownDay, Writer
from hub_core.storage.inbound_tables import Rule

_DAY_MS = 86_400_000


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
                if one.date:
                    self.spans.append((one.start_ms, one.end_ms))
            elif one.date:
                self._add_day(kind, one)

    def _add_day(self, kind: str, one: Seen) -> None:
        first = dt.date.fromisoformat(one.date)
        if kind == "sample" and one.metric != "sleep":
            if one.metric in DAILY_METRICS:
                # Into the next days as far as it lasts.
                self._add_dates("daily", first, 0, -(-(one.end_ms - one.start_ms) // _DAY_MS))
        elif kind in ("sleep", "sample"):
            # A stretch of sleep may belong to the night before or after, and then changes where that ends.
            self._add_dates("sleep", first, -1, 3 if kind == "sample" else 1)
        else:
            self._add_dates(kind, first, 0, 0)

    def _add_dates(self, kind: str, first: dt.date, before: int, after: int) -> None:
        days = {first + dt.timedelta(days=number) for number in range(before, after + 1)}
        self.dates.setdefault(kind, set()).update(days)


async def load_rules(athlete_id: str) -> Rules:
    """The decisions that are in force, the oldest first."""
    rows = (
        await Rule.objects()
        .where((Rule.athlete_id == athlete_id) & Rule.undone_ms.is_null())
        .order_by(Rule.created_ms, Rule.id)
    )
    return Rules(tuple(msgspec.json.decode(row.document, type=Decision) for row in rows))


async def recompute(hub: Hub, athlete_id: str, touched: Touched) -> Shown:
    """Compute anew what was touched, write what changed, and tell the change feed."""
    writer = Writer(hub, athlete_id)
    rules = await load_rules(athlete_id)
    activities: list[str] = []
    if touched.activities:
        activities, dates = await merge_activities(writer, rules, touched.activities, touched.spans)
        await link_workouts(hub, athlete_id, dates, rules)
    await merge_days(writer, rules, touched.dates)
    days = {
        ShownDay(one.collection, dt.date.fromisoformat(one.date))
        for one in writer.differences
        if one.collection != "activities"
    }
    return Shown(tuple(activities), tuple(sorted(days)))
