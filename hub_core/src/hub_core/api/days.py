"""Days: health, nights and meals of local dates, merged from all that is said of them, with reasons."""

from __future__ import annotations

import datetime as dt

import msgspec
from litestar import Controller, get, put
from litestar.params import FromPath, JSONBody

from hub_core.api.access import TheAthlete, TheHub
from hub_core.api.dates import From, To, read_past
from hub_core.domain.merge import VisibleDaily, VisibleNutrition, VisibleSleep
from hub_core.domain.records import DailyHealth, NutritionDay
from hub_core.domain.validate import MAX_DATE, MIN_DATE
from hub_core.errors import InvalidInputError
from hub_core.services.merging.explain_day import DayReasons, explain_day
from hub_core.services.merging.read_days import enter_day, list_days, read_day

type Entered = float | msgspec.UnsetType | None
type Counted = int | msgspec.UnsetType | None


class DailyEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person enters. It counts before what devices say; null takes back what was entered before."""

    steps: Counted = msgspec.UNSET
    distance_m: Entered = msgspec.UNSET
    active_kcal: Entered = msgspec.UNSET
    basal_kcal: Entered = msgspec.UNSET
    floors: Entered = msgspec.UNSET
    resting_heart_rate_bpm: Entered = msgspec.UNSET
    hrv_rmssd_ms: Entered = msgspec.UNSET
    hrv_sdnn_ms: Entered = msgspec.UNSET
    body_battery_high: Entered = msgspec.UNSET
    body_battery_low: Entered = msgspec.UNSET
    stress_avg: Entered = msgspec.UNSET
    weight_kg: Entered = msgspec.UNSET
    body_fat_pct: Entered = msgspec.UNSET
    spo2_pct: Entered = msgspec.UNSET
    respiration_brpm: Entered = msgspec.UNSET
    vo2max: Entered = msgspec.UNSET


class NutritionEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person enters of a day's meals. What is given counts before any diary; null takes it back."""

    energy_kcal: Entered = msgspec.UNSET
    carbohydrate_g: Entered = msgspec.UNSET
    protein_g: Entered = msgspec.UNSET
    fat_g: Entered = msgspec.UNSET


def _given(data: msgspec.Struct) -> dict[str, float | None]:
    values = {name: getattr(data, name) for name in data.__struct_fields__}
    given = {name: value for name, value in values.items() if value is not msgspec.UNSET}
    if not given:
        raise InvalidInputError("nothing is given")
    return given


def _check_date(date: dt.date) -> None:
    if not MIN_DATE <= date <= MAX_DATE:
        raise InvalidInputError(f"must be between {MIN_DATE} and {MAX_DATE}", path="date")


class DailyController(Controller):
    """An athlete's health day by day. Each value tells its source."""

    path = "/v1/athletes/{athlete_id:str}/daily"
    tags = ("daily health",)

    @get()
    async def list_all(self, athlete: TheAthlete, start: From = None, end: To = None) -> list[VisibleDaily]:
        """The days of some local dates, both included, of which anything is known; by default four weeks."""
        return await list_days(athlete.id, "daily", VisibleDaily, *read_past(athlete, start, end))

    @get("/{date:date}")
    async def read(self, athlete: TheAthlete, date: FromPath[dt.date]) -> VisibleDaily:
        """One day."""
        return await read_day(athlete.id, "daily", VisibleDaily, date)

    @put("/{date:date}")
    async def enter(
        self, hub: TheHub, athlete: TheAthlete, date: FromPath[dt.date], data: JSONBody[DailyEntry]
    ) -> VisibleDaily:
        """Enter values by hand; they stay whatever devices say, before or later."""
        _check_date(date)
        await enter_day(hub, athlete.id, DailyHealth, date, _given(data))
        return await read_day(athlete.id, "daily", VisibleDaily, date)

    @get("/{date:date}/why")
    async def why(self, hub: TheHub, athlete: TheAthlete, date: FromPath[dt.date]) -> DayReasons:
        """Who is believed about each value of a day, and what else was said."""
        return await explain_day(hub, athlete.id, "daily", date)


class SleepController(Controller):
    """An athlete's nights and naps, by the local date on which they end."""

    path = "/v1/athletes/{athlete_id:str}/sleep"
    tags = ("sleep",)

    @get()
    async def list_all(self, athlete: TheAthlete, start: From = None, end: To = None) -> list[VisibleSleep]:
        """The nights that end on some local dates, both included; by default four weeks."""
        return await list_days(athlete.id, "sleep", VisibleSleep, *read_past(athlete, start, end))

    @get("/{date:date}")
    async def read(self, athlete: TheAthlete, date: FromPath[dt.date]) -> VisibleSleep:
        """The night that ends on a date, and its naps."""
        return await read_day(athlete.id, "sleep", VisibleSleep, date)

    @get("/{date:date}/why")
    async def why(self, hub: TheHub, athlete: TheAthlete, date: FromPath[dt.date]) -> DayReasons:
        """Whose night was taken, and what others said."""
        return await explain_day(hub, athlete.id, "sleep", date)


class NutritionController(Controller):
    """An athlete's meals, as totals of days."""

    path = "/v1/athletes/{athlete_id:str}/nutrition"
    tags = ("nutrition",)

    @get()
    async def list_all(
        self, athlete: TheAthlete, start: From = None, end: To = None
    ) -> list[VisibleNutrition]:
        """The days of some local dates, both included, with anything logged; by default four weeks."""
        return await list_days(athlete.id, "nutrition", VisibleNutrition, *read_past(athlete, start, end))

    @get("/{date:date}")
    async def read(self, athlete: TheAthlete, date: FromPath[dt.date]) -> VisibleNutrition:
        """One day."""
        return await read_day(athlete.id, "nutrition", VisibleNutrition, date)

    @put("/{date:date}")
    async def enter(
        self, hub: TheHub, athlete: TheAthlete, date: FromPath[dt.date], data: JSONBody[NutritionEntry]
    ) -> VisibleNutrition:
        """Enter values by hand; they stay whatever diaries say."""
        _check_date(date)
        await enter_day(hub, athlete.id, NutritionDay, date, _given(data))
        return await read_day(athlete.id, "nutrition", VisibleNutrition, date)

    @get("/{date:date}/why")
    async def why(self, hub: TheHub, athlete: TheAthlete, date: FromPath[dt.date]) -> DayReasons:
        """Whose day was taken, and what others said."""
        return await explain_day(hub, athlete.id, "nutrition", date)
