"""What MyFitnessPal answers, as far as the hub looks at it. Unknown fields are passed over."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec

#: An empty id would be the same for everybody.
Id = Annotated[str, msgspec.Meta(min_length=1)] | int


class Energy(msgspec.Struct, frozen=True, omit_defaults=True):
    """`unit` is `calories`, which means kcal, or `kilojoules`, as the athlete likes it."""

    unit: str | None = None
    value: float | None = None


class Contents(msgspec.Struct, frozen=True, omit_defaults=True):
    """The sums of one meal; grams. Nothing else of it is kept: vitamins are percentages of a table."""

    energy: Energy | None = None
    carbohydrates: float | None = None
    protein: float | None = None
    fat: float | None = None


class DiaryEntry(msgspec.Struct, frozen=True):
    """A meal (`diary_meal`), an exercise, or steps. `date` is the day of the athlete's own diary."""

    type: str | None = None
    date: str | None = None
    nutritional_contents: Contents | None = None


class Items[T](msgspec.Struct, frozen=True):
    """One or more."""

    items: list[T]


class Item[T](msgspec.Struct, frozen=True):
    """Exactly one."""

    item: T


class User(msgspec.Struct, frozen=True):
    """The account, without all that has to be asked for by `fields[]`."""

    id: Id
    username: str | None = None


class Subscription(msgspec.Struct, frozen=True):
    """What this app is told of. `content_type`: `diary_meal`, `diary_exercise`, ..."""

    content_type: str | None = None


class LoggedDay(msgspec.Struct, frozen=True):
    """A day as a poll has found it: the sums of its meals, which have no names here."""

    date: dt.date
    meals: list[Contents]


class ChangedDay(msgspec.Struct, frozen=True):
    """A day of which a notification says that its meals are others now."""

    date: dt.date
