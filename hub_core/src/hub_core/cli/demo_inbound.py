"""The second half of `hub demo`: one run comes back from every provider, and is shown once."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import msgspec
from rich.table import Table

from hub_core.cli.activities import activity_table
from hub_core.cli.show import console
from hub_core.domain.describe import describe_seconds
from hub_core.domain.sport import Sport
from hub_core.errors import HubError
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.sandbox.sandbox import DEFAULT_USER, Sandbox
from hub_core.services.merging.read_activity import ActivityView

_PATIENCE_S = 30
_RUN_S = 3000.0
_RUN_M = 10_000.0
#: Clocks of devices differ by seconds, and their distances by a percent.
_DIFFERENCES = ((0, 1.0), (4, 1.004), (9, 0.997))

Call = Callable[..., Any]


def tell_what_comes_in(call: Call, athlete: str, sandboxes: list[Sandbox], *, with_phone: bool) -> None:
    """The athlete runs with several devices; providers send webhooks, a phone its batch, and one is shown."""
    earlier = dt.datetime.now().astimezone() - dt.timedelta(hours=2)
    start = earlier.replace(minute=0, second=0, microsecond=0)
    told = []
    for sandbox, (late_s, factor) in zip(sandboxes, _DIFFERENCES, strict=False):
        run = RecordedActivity(
            "Evening run",
            Sport.RUN,
            start + dt.timedelta(seconds=late_s),
            _RUN_S - late_s,
            distance_m=_RUN_M * factor,
            heart_rate_bpm=148,
        )
        sandbox.record_activity(DEFAULT_USER, run)
        told.append(sandbox.title)
    if with_phone:
        call("POST", f"{athlete}/ingest/workouts", json={"workouts": [_of_the_watch(start)]})
        told.append("an iPhone")
    console.print(f"\n[bold]A run comes back, told by {' and '.join([', '.join(told[:-1]), told[-1]])}[/]\n")
    view = _wait(call, athlete, len(told))
    console.print(activity_table([view]))
    console.print()
    console.print(_believed(call("GET", f"{athlete}/activities/{view.id}/why")))


def _of_the_watch(start: dt.datetime) -> dict[str, Any]:
    """What the app on the phone sends of the same run."""
    begun, end = start - dt.timedelta(seconds=5), start + dt.timedelta(seconds=_RUN_S + 20)
    return {
        "id": "6F0E2B0E-92A5-4B5E-9D0B-1F3C6B0A7711",
        "type": "running",
        "startDate": begun.isoformat(),
        "endDate": end.isoformat(),
        "zoneOffset": f"{start:%:z}",
        "source": {"name": "Watch", "productType": "Watch7,2"},
        "values": [
            {"type": "duration", "unit": "s", "value": _RUN_S + 20},
            {"type": "distance", "unit": "m", "value": _RUN_M * 1.012},
            {"type": "averageHeartRate", "unit": "bpm", "value": 150},
        ],
    }


def _wait(call: Call, athlete: str, members: int) -> ActivityView:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        views = msgspec.convert(call("GET", f"{athlete}/activities"), list[ActivityView], strict=False)
        if len(views) == 1 and len(views[0].activity.members) == members:
            return views[0]
        time.sleep(0.1)
    raise HubError(f"the run has not come from all providers after {_PATIENCE_S} s")


def _believed(why: dict[str, Any]) -> Table:
    """For some fields: what is shown, who said it, why they are believed, and what the others said."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Shown", no_wrap=True)
    table.add_column("Said by", no_wrap=True)
    table.add_column("Why")
    table.add_column("Others said")
    for field in why["fields"]:
        show = _FIELDS.get(field["field"])
        if show:
            others = sorted({f"{show(one['value'])} ({one['source']})" for one in field["losers"]})
            table.add_row(show(field["value"]), field["source"], field["words"], ", ".join(others))
    return table


_FIELDS: dict[str, Callable[[Any], str]] = {
    "start": lambda value: f"{dt.datetime.fromisoformat(value):%H:%M:%S}",
    "duration_s": lambda value: describe_seconds(round(value)),
    "distance_m": lambda value: f"{value / 1000:.2f} km",
    "avg_heart_rate_bpm": lambda value: f"{value:.0f} bpm",
}
