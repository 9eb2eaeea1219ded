"""Activities as the API shows them: lists, one, and its series."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hub_core.domain.merge import Identity, Statement, VisibleActivity
from hub_core.domain.merge.match import clock_shift
from hub_core.domain.records import Activity
from hub_core.domain.series import COLUMNS, Column, Series
from hub_core.errors import NotFoundError
from hub_core.services.hub import Hub
from hub_core.services.inbound.observations import find_standing, is_one_of, load_series
from hub_core.storage.inbound_tables import StoredActivity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Between samples that are further apart nothing is made up.
_LONGEST_GAP_S = 30.0
#: These are places and counts: of several samples the first one is shown, not their mean.
_NOT_AVERAGED = {"time_s", "distance_m", "latitude_deg", "longitude_deg"}
_DIGITS: dict[str, int] = {"latitude_deg": 6, "longitude_deg": 6}


class ActivityView(msgspec.Struct, frozen=True):
    """A visible activity. `workout_id`: the planned workout that was done with it."""

    id: str
    workout_id: str | None
    updated_ms: int
    activity: VisibleActivity


class SeriesView(msgspec.Struct, frozen=True):
    """Columns of the same length; null where there is no value. `sources`: whose statement each is from."""

    length: int
    columns: dict[Column, list[float | None]]
    sources: dict[Column, Identity]


def view_activity(row: StoredActivity) -> ActivityView:
    """The row as a view."""
    return ActivityView(row.id, row.workout_id, row.updated_ms, read_visible(row))


def read_visible(row: StoredActivity) -> VisibleActivity:
    """What a row shows."""
    return msgspec.json.decode(row.document, type=VisibleActivity)


async def list_activities(athlete_id: str, start: str, end: str) -> list[ActivityView]:
    """The visible activities from one local date to another, both included, by their start."""
    rows = (
        await StoredActivity.objects()
        .where(
            (StoredActivity.athlete_id == athlete_id)
            & (StoredActivity.date >= start)
            & (StoredActivity.date <= end)
            & (StoredActivity.deleted == False)  # noqa: E712
        )
        .order_by(StoredActivity.start_ms, StoredActivity.id)
    )
    return [view_activity(row) for row in rows]


async def load_activity(athlete_id: str, activity_id: str) -> StoredActivity:
    """A visible activity, also by the id of one that it has taken in. Raises `NotFoundError`."""
    seen: set[str] = set()
    wanted: str | None = activity_id
    while wanted and wanted not in seen:
        seen.add(wanted)
        mine = (StoredActivity.id == wanted) & (StoredActivity.athlete_id == athlete_id)
        row = await StoredActivity.objects().where(mine).first()
        if row is not None and not row.deleted:
            return row
        wanted = row.merged_into if row else None
    raise NotFoundError("there is no such activity")


async def read_series(
    hub: Hub,
    athlete_id: str,
    activity_id: str,
    columns: tuple[Column, ...] = (),
    every_s: float | None = None,
) -> SeriesView:
    """The series of an activity, each column from the statement that is believed about it.

    Columns of another device are brought to the clock of the first one. `every_s`: one value for so many
    seconds, the mean of those in between. Raises `NotFoundError` when nobody has recorded a series.
    """
    row = await load_activity(athlete_id, activity_id)
    visible = read_visible(row)
    if "time_s" not in visible.columns:
        raise NotFoundError("nobody has recorded a series of this activity")
    wanted = [name for name in COLUMNS if name in visible.columns and (not columns or name in columns)]
    condition, arguments = is_one_of(set(visible.columns.values()))
    members = {
        one.identity: one for one in await find_standing(hub, athlete_id, Activity, condition, *arguments)
    }
    tellers = {visible.columns["time_s"], *(visible.columns[name] for name in wanted)}
    loaded = {
        identity: await _with_series(hub, athlete_id, members[identity])
        for identity in tellers & members.keys()
    }
    clock = loaded[visible.columns["time_s"]]
    table = {name: _on_clock(clock, loaded[visible.columns[name]], name) for name in ("time_s", *wanted)}
    table["time_s"] = table["time_s"] + (clock.record.start - visible.start).total_seconds()
    if every_s:
        table = _thin_out(table, every_s)
    return SeriesView(
        len(table["time_s"]),
        {name: _to_json(name, table[name]) for name in dict.fromkeys(("time_s", *wanted))},
        {name: visible.columns[name] for name in dict.fromkeys(("time_s", *wanted))},
    )


async def _with_series(hub: Hub, athlete_id: str, one: Statement[Activity]) -> Statement[Activity]:
    series = await load_series(hub, athlete_id, one)
    return msgspec.structs.replace(one, record=msgspec.structs.replace(one.record, series=series))


def _on_clock(clock: Statement[Activity], teller: Statement[Activity], name: Column) -> NDArray[np.float64]:
    """A column at the moments of the series that gives the clock."""
    import numpy as np

    times, values = _column(clock, "time_s"), _column(teller, name)
    if teller is clock:
        return values
    own = _column(teller, "time_s") - clock_shift(clock.record, teller.record)
    own = own + (teller.record.start - clock.record.start).total_seconds()
    told = ~np.isnan(values)
    own, values = own[told], values[told]
    found = np.interp(times, own, values, left=np.nan, right=np.nan)
    if len(own) > 1:
        after = np.clip(np.searchsorted(own, times), 1, len(own) - 1)
        found[own[after] - own[after - 1] > _LONGEST_GAP_S] = np.nan
    return found


def _column(one: Statement[Activity], name: Column) -> NDArray[np.float64]:
    import numpy as np

    series = one.record.series or Series.of({"time_s": []})
    values = series.column(name)
    return np.full(len(series), np.nan) if values is None else values


def _thin_out(table: dict[Column, NDArray[np.float64]], every_s: float) -> dict[Column, NDArray[np.float64]]:
    import numpy as np

    buckets = np.floor(table["time_s"] / every_s)
    names, first, place = np.unique(buckets, return_index=True, return_inverse=True)
    thin: dict[Column, NDArray[np.float64]] = {}
    for column, values in table.items():
        if column == "time_s":
            thin[column] = names * every_s
        elif column in _NOT_AVERAGED:
            thin[column] = values[first]
        else:
            told = ~np.isnan(values)
            sums = np.bincount(place[told], values[told], minlength=len(names))
            counts = np.bincount(place[told], minlength=len(names))
            thin[column] = np.divide(sums, counts, out=np.full(len(names), np.nan), where=counts > 0)
    return thin


def _to_json(name: Column, values: NDArray[np.float64]) -> list[float | None]:
    import numpy as np

    rounded = np.round(values, _DIGITS.get(name, 3))
    return [None if value != value else value for value in rounded.tolist()]
