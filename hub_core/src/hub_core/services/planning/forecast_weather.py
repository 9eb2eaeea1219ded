"""Tells the weather of a place, hour by hour, and remembers it: by rounded place and hour.

Providers are told the rounded place only. It is what their own grids can tell apart, it makes neighbours
share an answer, and nobody's front door gets out.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence

import msgspec

from hub_core.domain.weather import HourlyConditions, Place, check_place
from hub_core.errors import InvalidInputError, NotFoundError
from hub_core.sdk.errors import ProviderError, RetryLater
from hub_core.sdk.inbound import Window
from hub_core.sdk.manifest import Operation
from hub_core.services.connections.ask_as_app import Failure, ask_as_app, explain_failure
from hub_core.services.hub import Hub
from hub_core.storage import now_ms
from hub_core.storage.tables import WeatherHour

#: Places are rounded to a twentieth of a degree: 5.6 km from north to south.
_STEPS = 20
_HOUR_MS = 3_600_000
#: Forecasts are computed anew every hour at most (OpenWeather: every 10 minutes).
FRESH_MS = _HOUR_MS
#: What is told of an hour this long after it is measured and analysed, and changes no more (ERA5: 5 days).
SETTLED_MS = 6 * 24 * _HOUR_MS
#: All providers together.
TIME_LIMIT_S = 20.0
MAX_DAYS = 40
_MIN_DATE, _MAX_DATE = dt.date(1940, 1, 2), dt.date(2199, 12, 1)
#: Between the local midnights of the earth's first and last zone.
_EAST, _WEST = dt.timedelta(hours=14), dt.timedelta(hours=12)


class Forecast(msgspec.Struct, frozen=True):
    """The hours that are known, each at the place's own offset; `place` is the rounded one they are of.

    `attribution` has to be shown with them. `issued` is when the oldest of them was told. `failed` names
    who was asked for newer ones and gave none.
    """

    place: Place
    hours: tuple[HourlyConditions, ...]
    attribution: tuple[str, ...]
    issued: dt.datetime | None = None
    failed: tuple[Failure, ...] = ()


async def forecast_days(
    hub: Hub, place: Place, first: dt.date, last: dt.date, *, is_needed: bool = True
) -> Forecast:
    """The hours of some dates, both included, as the place's own calendar has them."""
    for path, day in (("from", first), ("to", last)):
        if not _MIN_DATE <= day <= _MAX_DATE:
            raise InvalidInputError(f"must be between {_MIN_DATE} and {_MAX_DATE}", path=path)
    if not 0 <= (last - first).days < MAX_DAYS:
        raise InvalidInputError(f"must be from {first} and less than {MAX_DAYS} days later", path="to")
    start = dt.datetime.combine(first, dt.time(), dt.UTC) - _EAST
    end = dt.datetime.combine(last, dt.time(), dt.UTC) + dt.timedelta(days=1) + _WEST
    told = await forecast_weather(hub, place, Window(start, end), is_needed=is_needed)
    hours = tuple(hour for hour in told.hours if first <= hour.time.date() <= last)
    return msgspec.structs.replace(told, hours=hours)


async def forecast_weather(hub: Hub, place: Place, window: Window, *, is_needed: bool = True) -> Forecast:
    """The hours that begin in the window, from what is kept where that is fresh enough, else from providers.

    Raises `InvalidInputError` for a place that isn't on earth. Where nothing at all is known: `NotFoundError`
    without any provider of weather, and else the provider's error; no hours, if they aren't needed.
    """
    rounded = _rounded(place)
    wanted = list(range(-(-_ms(window.start) // _HOUR_MS) * _HOUR_MS, _ms(window.end), _HOUR_MS))
    rows = await _load(rounded, wanted)
    missing = [hour for hour in wanted if hour not in rows or not _is_fresh(rows[hour])]
    failed: dict[str, ProviderError] = {}
    if missing and (is_needed or hub.registry.that_answer(Operation.FORECAST)):
        await _ask(hub, rounded, missing, failed)
        rows = await _load(rounded, wanted)
    known = [rows[hour] for hour in wanted if hour in rows and rows[hour].conditions]
    if not known and failed and is_needed:
        raise next(iter(failed.values()))
    return Forecast(
        rounded,
        tuple(msgspec.json.decode(row.conditions, type=HourlyConditions) for row in known),
        tuple(sorted({row.attribution for row in known})),
        dt.datetime.fromtimestamp(min(row.issued_ms for row in known) / 1000, dt.UTC) if known else None,
        tuple(explain_failure(name, error) for name, error in failed.items()),
    )


async def _ask(hub: Hub, place: Place, missing: Sequence[int], failed: dict[str, ProviderError]) -> None:
    """One provider after the other, until one knows something: each answer costs a part of a limit."""
    names = hub.registry.that_answer(Operation.FORECAST)
    if not names:
        raise NotFoundError("no installed provider tells the weather")
    window = Window(_moment(missing[0]), _moment(missing[-1] + _HOUR_MS))
    for name in names:
        try:
            async with asyncio.timeout(TIME_LIMIT_S / len(names)):
                hours = await ask_as_app(hub, name, Operation.FORECAST, place=place, window=window)
        except TimeoutError:
            failed[name] = RetryLater(f"{name} gave no answer in time")
        except ProviderError as error:
            failed[name] = error
        else:
            await _keep(hub, place, name, missing, hours or ())
            if hours:
                return


async def _keep(
    hub: Hub, place: Place, name: str, missing: Sequence[int], hours: Sequence[HourlyConditions]
) -> None:
    """What was told, and of which hours nothing was; those are not asked for again at once."""
    told = {_ms(hour.time): msgspec.json.encode(hour).decode() for hour in hours}
    attribution, issued = hub.registry.get(name).manifest.attribution[:200], now_ms()
    places = ", ".join(["({}, {}, {}, {}, {}, {})"] * len(missing))
    values = [
        value
        for hour in missing
        for value in (_key(place, hour), name, attribution, hour, issued, told.get(hour, ""))
    ]
    await hub.engine.execute(
        'INSERT INTO "weather_hour" (id, provider, attribution, hour_ms, issued_ms, conditions)'  # noqa: S608 (only {})
        f" VALUES {places} ON CONFLICT (id) DO UPDATE SET"
        " provider = excluded.provider, attribution = excluded.attribution,"
        " issued_ms = excluded.issued_ms, conditions = excluded.conditions",
        *values,
    )


async def _load(place: Place, hours: Sequence[int]) -> dict[int, WeatherHour]:
    if not hours:
        return {}
    rows = await WeatherHour.objects().where(WeatherHour.id.is_in([_key(place, hour) for hour in hours]))
    return {row.hour_ms: row for row in rows}


def _is_fresh(row: WeatherHour) -> bool:
    settled = bool(row.conditions) and row.issued_ms - row.hour_ms >= SETTLED_MS
    return settled or now_ms() - row.issued_ms < FRESH_MS


def _rounded(place: Place) -> Place:
    check_place(place)
    return Place(_round(place.latitude), _round(place.longitude))


def _round(degrees: float) -> float:
    return round(degrees * _STEPS) / _STEPS + 0.0  # and no -0.0


def _key(place: Place, hour_ms: int) -> str:
    return f"{place.latitude:.2f},{place.longitude:.2f},{hour_ms}"


def _ms(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1000)


def _moment(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC)
