"""`hub load`: fitness, fatigue and form, week by week."""

from __future__ import annotations

import collections
import datetime as dt
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from hub_core.cli.local import local_athlete, run_with_hub
from hub_core.cli.show import console
from hub_core.cli.values import read_date
from hub_core.errors import InvalidInputError
from hub_core.services.hub import Hub
from hub_core.services.planning.measure_load import TrainingLoad, measure_training_load

_WEEKS = 12
_DAY = dt.timedelta(days=1)
_LONGEST_DAYS = 370
_BAR = 16


def load(
    start: Annotated[
        str, typer.Option("--from", metavar="DATE", help="Twelve weeks before the last day if left out.")
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="DATE", help="Included; today if left out.")] = "",
) -> None:
    """Show your training load by week: TSS, fitness (CTL), fatigue (ATL) and form (TSB)."""
    last = read_date(end, "--to") or dt.datetime.now().astimezone().date()
    first = read_date(start, "--from") or last - 7 * _WEEKS * _DAY + _DAY
    if not 0 <= (last - first).days <= _LONGEST_DAYS:
        raise InvalidInputError(f"must be from {first} and at most {_LONGEST_DAYS} days later", path="--to")

    async def measure(hub: Hub) -> TrainingLoad:
        return await measure_training_load(hub, await local_athlete(hub), first, last)

    told = run_with_hub(measure)
    if told.history_from is None:
        console.print(
            "No activities are known. Bring some in with `hub import` or `hub connect`.", style="dim"
        )
        return
    console.print(_table(told))
    forms = collections.Counter(one.load.form or "none" for one in told.activities)
    console.print(
        "TSS by " + ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in forms.items())
    )
    for fact in told.why:
        value = f"{fact.value} {fact.unit}".strip()
        console.print(Text(f"{fact.name}: {value} ({fact.source})", "dim"))


def _table(told: TrainingLoad) -> Table:
    table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("Week to", no_wrap=True)
    for name in ("TSS", "CTL", "ATL", "TSB"):
        table.add_column(name, no_wrap=True, justify="right" if name == "TSB" else "left")
    # Whole weeks back from the last day; the first one may be shorter.
    ends = range(len(told.days) - 1, -1, -7)
    weeks = [told.days[max(0, end - 6) : end + 1] for end in reversed(ends)]
    sums = [sum(day.load for day in days) for days in weeks]
    most_sum = max(sums) or 1
    most = max(max(days[-1].ctl, days[-1].atl) for days in weeks) or 1
    for days, total in zip(weeks, sums, strict=True):
        day = days[-1]
        is_warming = told.warm_until is not None and day.date < told.warm_until
        table.add_row(
            Text(f"{day.date:%d %b %Y}", "dim" if is_warming else ""),
            _bar(total, most_sum, "white"),
            _bar(day.ctl, most, "cyan"),
            _bar(day.atl, most, "magenta"),
            Text(f"{day.tsb:+.0f}", "green" if day.tsb >= 0 else "yellow"),
        )
    return table


def _bar(value: float, most: float, style: str) -> Text:
    return Text("█" * round(_BAR * value / most), style).append(f" {value:.0f}", "default")
