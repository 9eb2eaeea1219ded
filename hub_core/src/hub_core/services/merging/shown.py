"""Writes what is shown, and tells the change feed; keeps what changed, for those who want to look first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import msgspec

from hub_core.services.hub import Hub
from hub_core.services.sync.changes import record_change
from hub_core.storage import new_id, now_ms, save_row
from hub_core.storage.inbound_tables import Day, StoredActivity

#: These follow from the fields that are told beside them.
_NOT_COMPARED = {"sources", "columns", "counters"}


class EntityChange(msgspec.Struct, frozen=True):
    """What changes of one entity: for each field the value before and after; null where there is none.

    `operation`: `upsert`, or `delete` when it is shown no longer.
    """

    collection: str
    id: str
    date: str
    operation: str
    fields: dict[str, tuple[Any, Any]]


class ShownDay(msgspec.Struct, frozen=True, order=True):
    """A day of one kind: `daily`, `sleep` or `nutrition`."""

    kind: str
    date: dt.date


class Shown(msgspec.Struct, frozen=True):
    """The ids of the visible activities that hold what was touched, and the days that changed."""

    activities: tuple[str, ...] = ()
    days: tuple[ShownDay, ...] = ()


@dataclass
class Writer:
    """Collects what a re-computation has changed."""

    hub: Hub
    athlete_id: str
    differences: list[EntityChange] = field(default_factory=list)

    async def write_activity(self, row: StoredActivity, before: str) -> None:
        """Save an activity whose document, members or state has changed; `before` is its live document."""
        row.updated_ms = now_ms()
        await save_row(row)
        after = "" if row.deleted else row.document
        await self._tell("activities", row.id, row.date, before, after)

    async def write_day(self, kind: str, date: dt.date, document: str) -> None:
        """Save a day; an empty document is a day of which nobody says anything any more."""
        iso = date.isoformat()
        mine = (Day.athlete_id == self.athlete_id) & (Day.kind == kind) & (Day.date == iso)
        row = await Day.objects().where(mine).first()
        if row is None:
            if not document:
                return
            row = Day(id=new_id("day"), athlete_id=self.athlete_id, kind=kind, date=iso, created_ms=now_ms())
        before = "" if row.deleted else row.document
        if before == document:
            return
        row.document = document or row.document
        row.deleted = not document
        row.updated_ms = now_ms()
        await save_row(row)
        await self._tell(kind, row.id, iso, before, document)

    def tell_link(self, row: StoredActivity, before: str | None, after: str | None) -> None:
        """An activity is linked with another planned workout, or with none."""
        fields = {"workout_id": (before, after)}
        self.differences.append(EntityChange("activities", row.id, row.date, "upsert", fields))

    async def _tell(self, collection: str, id_: str, date: str, before: str, after: str) -> None:
        operation = "upsert" if after else "delete"
        await record_change(self.hub, self.athlete_id, collection, id_, operation)
        self.differences.append(EntityChange(collection, id_, date, operation, _compare(before, after)))


def _compare(before: str, after: str) -> dict[str, tuple[Any, Any]]:
    old: dict[str, Any] = msgspec.json.decode(before) if before else {}
    new: dict[str, Any] = msgspec.json.decode(after) if after else {}
    names = sorted((old.keys() | new.keys()) - _NOT_COMPARED)
    return {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}
