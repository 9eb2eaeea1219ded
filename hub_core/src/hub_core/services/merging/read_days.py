"""Days as the API shows them, and what people enter for one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec

from hub_core.domain.merge import ATHLETE, VisibleDaily, VisibleNutrition, VisibleSleep
from hub_core.domain.merge.rules import DayKind
from hub_core.domain.records import DailyHealth, Deleted, NutritionDay, Records
from hub_core.errors import InvalidInputError
from hub_core.services.hub import Hub
from hub_core.services.inbound.lock_athlete import lock_athlete
from hub_core.services.inbound.observations import find_standing
from hub_core.services.inbound.observe import observe
from hub_core.storage import now_ms
from hub_core.storage.inbound_tables import Day, Observation

#: What can be so of a day of a person's life; beyond it a unit was mistaken.
_POSSIBLE = {
    "steps": (0, 300_000),
    "distance_m": (0, 500_000),
    "active_kcal": (0, 20_000),
    "basal_kcal": (300, 6_000),
    "floors": (0, 2_000),
    "resting_heart_rate_bpm": (20, 200),
    "hrv_rmssd_ms": (1, 400),
    "hrv_sdnn_ms": (1, 400),
    "body_battery_high": (0, 100),
    "body_battery_low": (0, 100),
    "stress_avg": (0, 100),
    "weight_kg": (15, 500),
    "body_fat_pct": (1, 80),
    "spo2_pct": (40, 100),
    "respiration_brpm": (3, 60),
    "vo2max": (8, 110),
    "energy_kcal": (0, 30_000),
    "carbohydrate_g": (0, 5_000),
    "protein_g": (0, 2_000),
    "fat_g": (0, 2_000),
}


async def list_days[V: (VisibleDaily, VisibleSleep, VisibleNutrition)](
    athlete_id: str, kind: DayKind, type_: type[V], start: str, end: str
) -> list[V]:
    """The days of one kind from one local date to another, both included, of which anything is known."""
    rows = (
        await Day.objects()
        .where(
            (Day.athlete_id == athlete_id)
            & (Day.kind == kind)
            & (Day.date >= start)
            & (Day.date <= end)
            & (Day.deleted == False)  # noqa: E712
        )
        .order_by(Day.date)
    )
    return [msgspec.json.decode(row.document, type=type_) for row in rows]


async def read_day[V: (VisibleDaily, VisibleSleep, VisibleNutrition)](
    athlete_id: str, kind: DayKind, type_: type[V], date: dt.date
) -> V:
    """One day; with nothing but its date when nothing is known of it."""
    days = await list_days(athlete_id, kind, type_, date.isoformat(), date.isoformat())
    return days[0] if days else type_(date=date)


async def enter_day[R: (DailyHealth, NutritionDay)](
    hub: Hub, athlete_id: str, type_: type[R], date: dt.date, values: Mapping[str, float | None]
) -> None:
    """Keep what a person enters for a day. A value of None takes back what they had entered before.

    It counts before what any device says, whenever that comes. Raises `InvalidInputError` naming the field.
    """
    for field, value in values.items():
        low, high = _POSSIBLE[field]
        if value is not None and not low <= value <= high:
            raise InvalidInputError(f"must be between {low} and {high}", path=field)
    async with hub.engine.transaction():
        await lock_athlete(hub, athlete_id)
        iso = date.isoformat()
        known = await find_standing(
            hub, athlete_id, type_, "o.source = {} AND o.external_id = {}", ATHLETE, iso
        )
        before = known[0].record if known else type_(date=date)
        version = await _next_version(athlete_id, "daily" if type_ is DailyHealth else "nutrition", iso)
        entered = msgspec.structs.replace(before, **values, version=version)
        if any(
            getattr(entered, name) is not None for name in _POSSIBLE.keys() & set(type_.__struct_fields__)
        ):
            said = (
                Records(daily=(entered,))
                if isinstance(entered, DailyHealth)
                else Records(nutrition=(entered,))
            )
        elif known:
            kind: DayKind = "daily" if type_ is DailyHealth else "nutrition"
            said = Records(deleted=(Deleted(iso, kind, version),))
        else:
            return
        await observe(hub, athlete_id, ATHLETE, said)


async def _next_version(athlete_id: str, kind: DayKind, external_id: str) -> int:
    """Now, and after all that was entered before, whatever the clock has done since."""
    last = (
        await Observation.select(Observation.version)
        .where(
            (Observation.athlete_id == athlete_id)
            & (Observation.kind == kind)
            & (Observation.source == ATHLETE)
            & (Observation.external_id == external_id)
        )
        .order_by(Observation.version, ascending=False)
        .first()
    )
    return max(now_ms(), last["version"] + 1 if last else 0)
