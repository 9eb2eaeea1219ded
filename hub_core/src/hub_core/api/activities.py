"""Activities: what was done, merged from all that is said of it, with reasons."""

from __future__ import annotations

from typing import Annotated, get_args

import msgspec
from litestar import Controller, delete, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from hub_core.api.access import TheAthlete, TheHub
from hub_core.api.dates import From, To, read_past
from hub_core.domain.merge import ATHLETE, Identity, Join, Link, Split, Unlink
from hub_core.domain.series import Column
from hub_core.errors import ConflictError, InvalidInputError
from hub_core.services.merging.decide_merge import RuleChange, decide
from hub_core.services.merging.enter_activity import enter_activity
from hub_core.services.merging.explain_activity import ActivityReasons, explain_activity
from hub_core.services.merging.read_activity import (
    ActivityView,
    SeriesView,
    list_activities,
    load_activity,
    read_series,
    read_visible,
    view_activity,
)
from hub_core.storage.inbound_tables import StoredActivity

Columns = Annotated[
    str, QueryParameter(description="Names with commas between; all that there are when empty.")
]
EverySeconds = Annotated[
    float | None, QueryParameter(description="One value for so many seconds; as recorded when left out.")
]


class OtherActivity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An activity that is the same one."""

    activity_id: str


class ActivityWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the athlete says about it; exertion from 1 to 10. Null takes back what was said before."""

    name: str | msgspec.UnsetType | None = msgspec.UNSET
    notes: str | msgspec.UnsetType | None = msgspec.UNSET
    perceived_exertion: float | msgspec.UnsetType | None = msgspec.UNSET


class PlannedWorkoutId(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The planned workout that was done."""

    workout_id: str


class ActivitiesController(Controller):
    """An athlete's activities. What is shown is computed from all statements and the athlete's rules."""

    path = "/v1/athletes/{athlete_id:str}/activities"
    tags = ("activities",)

    @get()
    async def list_all(self, athlete: TheAthlete, start: From = None, end: To = None) -> list[ActivityView]:
        """The activities of some local dates, both included: by default of the last four weeks."""
        return await list_activities(athlete.id, *read_past(athlete, start, end))

    @get("/{activity_id:str}")
    async def read(self, athlete: TheAthlete, activity_id: FromPath[str]) -> ActivityView:
        """One activity; also by the id of one that has been merged into it."""
        return view_activity(await load_activity(athlete.id, activity_id))

    @patch("/{activity_id:str}")
    async def enter(
        self, hub: TheHub, athlete: TheAthlete, activity_id: FromPath[str], data: JSONBody[ActivityWords]
    ) -> ActivityView:
        """Say what only the athlete knows: name, notes, exertion. It stays whatever devices say."""
        words = {name: getattr(data, name) for name in data.__struct_fields__}
        given = {name: value for name, value in words.items() if value is not msgspec.UNSET}
        return await enter_activity(hub, athlete.id, activity_id, given)

    @get("/{activity_id:str}/series")
    async def series(
        self,
        hub: TheHub,
        athlete: TheAthlete,
        activity_id: FromPath[str],
        columns: Columns = "",
        every_s: EverySeconds = None,
    ) -> SeriesView:
        """The time series as columns, each from the device that is believed about it, on one clock."""
        if every_s is not None and not 1 <= every_s <= 86_400:
            raise InvalidInputError("must be between 1 and 86400", path="every_s")
        return await read_series(hub, athlete.id, activity_id, _read_columns(columns), every_s)

    @get("/{activity_id:str}/why")
    async def why(self, hub: TheHub, athlete: TheAthlete, activity_id: FromPath[str]) -> ActivityReasons:
        """Why it is one activity, who is believed about each field, what else was said, and the rules."""
        return await explain_activity(hub, athlete.id, activity_id)

    @post("/{activity_id:str}/split", status_code=200)
    async def split(
        self,
        hub: TheHub,
        athlete: TheAthlete,
        activity_id: FromPath[str],
        data: JSONBody[Identity],
        preview: FromQuery[bool] = False,
    ) -> RuleChange:
        """Take one statement out of the activity, for good. `preview`: only tell what would change."""
        members = set(read_visible(await load_activity(athlete.id, activity_id)).members)
        if data not in members:
            raise InvalidInputError("this activity has no such statement", path="external_id")
        if len(members) == 1:
            raise ConflictError("this activity has one statement only")
        return await decide(hub, athlete.id, Split(data, tuple(sorted(members - {data}))), preview=preview)

    @post("/{activity_id:str}/join", status_code=200)
    async def join(
        self,
        hub: TheHub,
        athlete: TheAthlete,
        activity_id: FromPath[str],
        data: JSONBody[OtherActivity],
        preview: FromQuery[bool] = False,
    ) -> RuleChange:
        """Make one activity of two. `preview`: only tell what would change."""
        one = await load_activity(athlete.id, activity_id)
        other = await load_activity(athlete.id, data.activity_id)
        if one.id == other.id:
            raise ConflictError("they are one activity already")
        rule = Join(_name(one), _name(other))
        return await decide(hub, athlete.id, rule, preview=preview)

    @put("/{activity_id:str}/workout")
    async def link(
        self,
        hub: TheHub,
        athlete: TheAthlete,
        activity_id: FromPath[str],
        data: JSONBody[PlannedWorkoutId],
        preview: FromQuery[bool] = False,
    ) -> RuleChange:
        """Say which planned workout was done with it."""
        rule = Link(data.workout_id, _name(await load_activity(athlete.id, activity_id)))
        return await decide(hub, athlete.id, rule, preview=preview)

    @delete("/{activity_id:str}/workout", status_code=200)
    async def unlink(
        self, hub: TheHub, athlete: TheAthlete, activity_id: FromPath[str], preview: FromQuery[bool] = False
    ) -> RuleChange:
        """Say that it was not the planned workout that it is linked with."""
        row = await load_activity(athlete.id, activity_id)
        if row.workout_id is None:
            raise ConflictError("it is linked with no planned workout")
        rule = Unlink(row.workout_id, _name(row))
        return await decide(hub, athlete.id, rule, preview=preview)


def _name(row: StoredActivity) -> Identity:
    """The statement that a rule names an activity by. The athlete's own words may be taken back."""
    members = read_visible(row).members
    return next((member for member in members if member.source != ATHLETE), members[0])


def _read_columns(text: str) -> tuple[Column, ...]:
    asked = [name.strip() for name in text.split(",") if name.strip()]
    known = {str(name): name for name in get_args(Column)}
    for name in asked:
        if name not in known:
            raise InvalidInputError(f"{name!r} is none of {', '.join(known)}", path="columns")
    return tuple(known[name] for name in asked)
