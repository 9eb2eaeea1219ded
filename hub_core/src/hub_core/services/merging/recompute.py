"""Brings what the API shows up to date with observations and rules, in the caller's transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from hub_core.domain.merge import (
    DAILY_METRICS,
    Decision,
    Identity,
    Join,
    Link,
    Order,
    Pin,
    Rules,
    Split,
    Unlink,
)
from hub_core.services.hub import Hub
from hub_core.services.inbound.observations import Seen
from hub_core.services.merging.link_workouts import link_workouts
from hub_core.services.merging.merge_activities import merge_activities, show_again
from hub_core.services.merging.merge_days import merge_days
from hub_core.services.merging.shown import Shown, ShownDay, Writer
from hub_core.storage import find_row
from hub_core.storage.inbound_tables import Day, Observation, Rule, StoredActivity
from hub_core.storage.tables import Workout

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
        await link_workouts(writer, rules, dates)
    await merge_days(writer, rules, touched.dates)
    days = {
        ShownDay(one.collection, dt.date.fromisoformat(one.date))
        for one in writer.differences
        if one.collection != "activities"
    }
    return Shown(tuple(activities), tuple(sorted(days)))


async def recompute_decision(writer: Writer, rules: Rules, decision: Decision) -> None:
    """Compute anew what a decision of people is about; `rules` are those that are in force by now."""
    match decision:
        case Order():
            await _recompute_order(writer, rules, decision.metric.partition(".")[0])
        case Pin(date=dt.date() as date):
            await merge_days(writer, rules, {decision.kind: {date}})
        case Link() | Unlink():
            await link_workouts(writer, rules, await _dates_of(writer.athlete_id, decision))
        case Split():
            await _recompute_activities(writer, rules, {decision.member, *decision.others})
        case Join():
            await _recompute_activities(writer, rules, {decision.one, decision.other})
        case Pin():
            await _recompute_activities(writer, rules, {decision.member} if decision.member else set())


async def _recompute_activities(writer: Writer, rules: Rules, identities: set[Identity]) -> None:
    _, dates = await merge_activities(writer, rules, identities, ())
    await link_workouts(writer, rules, dates)


async def _recompute_order(writer: Writer, rules: Rules, kind: str) -> None:
    """An order tells whom to believe, not what is one: activities keep their statements."""
    if kind == "activity":
        rows = await StoredActivity.objects().where(
            (StoredActivity.athlete_id == writer.athlete_id) & (StoredActivity.deleted == False)  # noqa: E712
        )
        dates = await show_again(writer, rules, rows)
        await link_workouts(writer, rules, dates)
        return
    days = await Day.select(Day.date).where((Day.athlete_id == writer.athlete_id) & (Day.kind == kind))
    await merge_days(writer, rules, {kind: {dt.date.fromisoformat(row["date"]) for row in days}})


async def _dates_of(athlete_id: str, decision: Link | Unlink) -> set[str]:
    """The date of the workout, and that of the activity."""
    workout = await find_row(Workout, id=decision.workout_id)
    dates = {workout.date} if workout else set()
    told = await Observation.select(Observation.date).where(
        (Observation.athlete_id == athlete_id)
        & (Observation.kind == "activity")
        & (Observation.source == decision.member.source)
        & (Observation.external_id == decision.member.external_id)
    )
    return dates | {row["date"] for row in told if row["date"]}


async def relink_workouts(hub: Hub, athlete_id: str, workout_id: str, dates: set[str]) -> None:
    """A workout of these local dates has changed: look anew at what was done of it. Under `lock_athlete`."""
    done = await hub.engine.execute(
        "SELECT date FROM activity WHERE athlete_id = {} AND deleted = {} AND (workout_id = {} OR date IN ("  # noqa: S608
        + ", ".join("{}" for _ in dates)
        + "))",
        athlete_id,
        False,
        workout_id,
        *sorted(dates),
    )
    # Most plans are of days to come.
    if done:
        dates = dates | {row["date"] for row in done}
        await link_workouts(Writer(hub, athlete_id), await load_rules(athlete_id), dates)
