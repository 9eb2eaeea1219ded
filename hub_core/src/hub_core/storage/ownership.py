"""Which rows are an athlete's, told from the tables themselves, so that a table added later is not forgotten.

A table is an athlete's by its column `athlete_id`, or by a column that names a row of such a table
(`export_id`). A job is by its subject. What is neither has to be listed as nobody's.
"""

from __future__ import annotations

import functools

import msgspec
from piccolo.columns import Boolean, Varchar
from piccolo.table import Table

from hub_core.storage.tables import TABLES, Athlete, Job

#: Rows of platforms and of the hub, in which no athlete is named.
NOBODYS = frozenset({"platform", "api_key", "weather_hour", "circuit", "erasure"})


class Owned(msgspec.Struct, frozen=True):
    """The rows of one table that are an athlete's: a condition with their id in each of its places."""

    table: type[Table]
    condition: str

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table._meta.tablename

    @property
    def key(self) -> str:
        """The column by which its rows are told apart and ordered."""
        return str(self.table._meta.primary_key._meta.name)

    @property
    def columns(self) -> dict[str, bool]:
        """The names of its columns, and whether each is true or false."""
        return {column._meta.name: isinstance(column, Boolean) for column in self.table._meta.columns}

    def arguments(self, athlete_id: str) -> list[str]:
        """What goes into the places of the condition."""
        return [athlete_id] * self.condition.count("{}")


@functools.cache
def owned_tables() -> tuple[Owned, ...]:
    """All tables with rows of athletes, in an order in which they can be deleted: the athlete comes last."""
    others = [table for table in TABLES if table is not Job]
    direct = [table for table in others if "athlete_id" in _columns(table)]
    below = [Owned(table, condition) for table in others if (condition := _through_parent(table, direct))]
    own = [Owned(table, '"athlete_id" = {}') for table in direct]
    return (Owned(Job, _subjects(direct)), *below, *own, Owned(Athlete, '"id" = {}'))


def _columns(table: type[Table]) -> set[str]:
    return {column._meta.name for column in table._meta.columns}


def _through_parent(table: type[Table], parents: list[type[Table]]) -> str:
    if table in parents:
        return ""
    for parent in parents:
        name = parent._meta.tablename
        if f"{name}_id" in _columns(table):
            return f'"{name}_id" IN (SELECT "id" FROM "{name}" WHERE "athlete_id" = {{}})'  # noqa: S608
    return ""


def _subjects(tables: list[type[Table]]) -> str:
    named = [table for table in tables if isinstance(table._meta.primary_key, Varchar)]
    ids = [
        f'SELECT "id" FROM "{table._meta.tablename}" WHERE "athlete_id" = {{}}'  # noqa: S608 (our own names)
        for table in named
    ]
    return f'"athlete_id" = {{}} OR "subject_id" = {{}} OR "subject_id" IN ({" UNION ALL ".join(ids)})'
