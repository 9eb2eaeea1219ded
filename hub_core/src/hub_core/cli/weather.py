"""`hub weather`: the coming week at a place, or any days, past ones too."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from hub_core.cli.local import run_with_hub
from hub_core.cli.show import console
from hub_core.cli.values import read_date, read_place
from hub_core.services.planning.forecast_weather import Forecast, forecast_days

#: So many days are shown hour by hour.
_IN_DETAIL = 2


def weather(
    place: Annotated[str, typer.Argument(metavar="LAT,LON", help="As 52.5,13.4.")],
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="Today if left out.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="DATE", help="Included; a week if left out.")] = "",
    hourly: Annotated[bool, typer.Option("--hourly", help="Every hour, however many days.")] = False,
) -> None:
    """Show the weather at a place by day, or by hour for one or two days."""
    where = read_place(place, "LAT,LON")
    first = read_date(start, "--from") or dt.datetime.now(dt.UTC).date()
    last = read_date(end, "--to") or first + dt.timedelta(days=0 if start else 6)
    told = run_with_hub(lambda hub: forecast_days(hub, where, first, last))
    console.print(_hours(told) if hourly or (last - first).days < _IN_DETAIL else _days(told))
    for failure in told.failed:
        console.print(f"[red]{failure.provider}[/]: {escape(failure.message)}", soft_wrap=True)
    for attribution in told.attribution:
        console.print(f"[dim]{escape(attribution)}[/]", soft_wrap=True)


def _table(told: Forecast, *columns: str) -> Table:
    """Narrow enough for a terminal of 80 columns."""
    at = f"{told.place.latitude:.2f}, {told.place.longitude:.2f}"
    title = f"Weather at {at} [dim](wind in m/s, rain in mm, air quality European/US)[/]"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE, padding=(0, 1, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    if not told.hours:
        table.caption = "Nothing is known of these days."
    return table


def _days(told: Forecast) -> Table:
    table = _table(told, "Day", "°C", "Feels", "Humid", "Wind", "Gust", "Rain", "Chance", "UV", "Air")
    for day, group in itertools.groupby(told.hours, lambda hour: hour.time.date()):
        hours = list(group)
        table.add_row(
            f"{day:%a %d %b}",
            _span(hour.temperature_c for hour in hours),
            _span(hour.apparent_c for hour in hours),
            _span((hour.humidity_pct for hour in hours), "%"),
            _most(hour.wind_ms for hour in hours),
            _most(hour.gust_ms for hour in hours),
            _sum(hour.precipitation_mm for hour in hours),
            _most((hour.precipitation_probability_pct for hour in hours), "%"),
            _most(hour.uv_index for hour in hours),
            f"{_most(hour.eu_aqi for hour in hours)}/{_most(hour.us_aqi for hour in hours)}",
        )
    return table


def _hours(told: Forecast) -> Table:
    names = (
        "Hour",
        "°C",
        "Feels",
        "Dew",
        "Humid",
        "Wind",
        "Gust",
        "Rain",
        "Chance",
        "W/m²",
        "Air",
    )
    table = _table(told, *names)
    for hour in told.hours:
        table.add_row(
            f"{hour.time:%a %d %H:%M}",
            _number(hour.temperature_c),
            _number(hour.apparent_c),
            _number(hour.dew_point_c),
            _number(hour.humidity_pct, "%"),
            _number(hour.wind_ms),
            _number(hour.gust_ms),
            _tenth(hour.precipitation_mm),
            _number(hour.precipitation_probability_pct, "%"),
            _number(hour.radiation_wm2),
            f"{_number(hour.eu_aqi)}/{_number(hour.us_aqi)}",
        )
        # A line between days.
        if hour.time.hour == 23:
            table.add_section()
    return table


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _number(value: float | None, unit: str = "") -> str:
    return "–" if value is None else f"{round(value)}{unit}"


def _tenth(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _span(values: Iterable[float | None], unit: str = "") -> str:
    known = _known(values)
    return f"{_number(min(known))} … {_number(max(known), unit)}" if known else "–"


def _most(values: Iterable[float | None], unit: str = "") -> str:
    return _number(max(_known(values), default=None), unit)


def _sum(values: Iterable[float | None]) -> str:
    known = _known(values)
    return _tenth(sum(known)) if known else "–"
