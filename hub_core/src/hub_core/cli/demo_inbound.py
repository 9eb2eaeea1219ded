"""The second half of `hub demo`: one ride comes back from every provider, and is shown once."""

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
from hub_core.services.read_activity import ActivityView

_PATIENCE_S = 30
#: Clocks of devices differ by seconds, and their distances by a percent.
_DIFFERENCES = ((0, 1.0), (4, 1.004), (9, 0.997))

Call = Callable[..., Any]


def tell_what_comes_in(call: Call, athlete: str, sandboxes: list[Sandbox]) -> None:
    """The athlete rides with several devices, each provider sends its webhook, and one activity is shown."""
    start = (dt.datetime.now().astimezone() - dt.timedelta(hours=2)).replace(
        minute=0, second=0, microsecond=0
    )
    told = []
    for sandbox, (late_s, factor) in zip(sandboxes, _DIFFERENCES, strict=False):
        ride = RecordedActivity(
            "Ride home",
            Sport.RIDE,
            start + dt.timedelta(seconds=late_s),
            3600.0 - late_s,
            distance_m=30_000 * factor,
            heart_rate_bpm=142,
        )
        sandbox.record_activity(DEFAULT_USER, ride)
        told.append(sandbox.title)
    console.print(f"\n[bold]A ride comes back: {', '.join(told)} each send their webhook[/]\n")
    view = _wait(call, athlete, len(told))
    console.print(activity_table([view]))
    console.print()
    console.print(_believed(call("GET", f"{athlete}/activities/{view.id}/why")))


def _wait(call: Call, athlete: str, members: int) -> ActivityView:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        views = msgspec.convert(call("GET", f"{athlete}/activities"), list[ActivityView], strict=False)
        if len(views) == 1 and len(views[0].activity.members) == members:
            return views[0]
        time.sleep(0.1)
    raise HubError(f"the ride has not come from all providers after {_PATIENCE_S} s")


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
