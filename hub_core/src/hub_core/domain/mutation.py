"""What a client did while it was offline, and how that meets what others did meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from hub_core.domain.merge.rules import Pin
from hub_core.domain.workout import PlannedWorkout


class _Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="op"):
    """`id` is the client's own and never used twice; operations of one request run by `sequence`."""

    id: str
    sequence: int


class CreateWorkout(_Operation, frozen=True, kw_only=True, tag="create_workout"):
    """`entity` is the client's name for it, which becomes its `external_id`; other operations may use it."""

    entity: str
    workout: PlannedWorkout


class UpdateWorkout(_Operation, frozen=True, kw_only=True, tag="update_workout"):
    """Fields of the plan. `base_revision` is the one that the person had before their eyes; `base` has the
    fields that they had changed over it by then, in operations that were still on their way."""

    entity: str
    base_revision: int
    fields: dict[str, Any]
    base: dict[str, Any] = {}


class DeleteWorkout(_Operation, frozen=True, kw_only=True, tag="delete_workout"):
    """Not deleted when it has changed since `base_revision`, otherwise than `base` tells."""

    entity: str
    base_revision: int
    base: dict[str, Any] = {}


class PlanEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A workout of a plan. `entity` is the client's name for it: the same again is the same workout."""

    entity: str
    workout: PlannedWorkout


class ReplacePlan(_Operation, frozen=True, kw_only=True, tag="replace_plan"):
    """All that is planned from a date on is as here. What is past or done stays as it is."""

    start: dt.date = msgspec.field(name="from")
    workouts: tuple[PlanEntry, ...]


class EnterDaily(_Operation, frozen=True, kw_only=True, tag="enter_daily"):
    """Values of a day, entered by a person; null takes one back. `base`: what they saw before."""

    date: dt.date
    fields: dict[str, Any]
    base: dict[str, Any] = {}


class DescribeActivity(_Operation, frozen=True, kw_only=True, tag="describe_activity"):
    """Name, notes, perceived exertion (1 to 10); null takes one back. `base`: what they saw before."""

    entity: str
    fields: dict[str, Any]
    base: dict[str, Any] = {}


class PinField(_Operation, frozen=True, kw_only=True, tag="pin"):
    """A field takes one source's value, or this one."""

    pin: Pin


class Unpin(_Operation, frozen=True, kw_only=True, tag="unpin"):
    """A rule is undone."""

    rule: str


class LinkWorkout(_Operation, frozen=True, kw_only=True, tag="link"):
    """This activity is what was done of this workout."""

    workout: str
    activity: str


class UnlinkWorkout(_Operation, frozen=True, kw_only=True, tag="unlink"):
    """This activity is not what was done of this workout."""

    workout: str
    activity: str


type Operation = (
    CreateWorkout
    | UpdateWorkout
    | DeleteWorkout
    | ReplacePlan
    | EnterDaily
    | DescribeActivity
    | PinField
    | Unpin
    | LinkWorkout
    | UnlinkWorkout
)


class FieldConflict(msgspec.Struct, frozen=True):
    """Both sides have changed this field, to different values. `theirs` stands, yours is kept here."""

    field: str
    yours: Any
    theirs: Any


class OperationResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one operation.

    `applied` as it was meant. `merged`: others have changed other fields meanwhile, both stand; with
    `conflicts`, some of yours could not be set. `conflict`: nothing was set. `rejected`: it can't be done,
    see `detail` and `path`. `entity` is the hub's id of what it was about.
    """

    id: str
    status: Literal["applied", "merged", "conflict", "rejected"]
    entity: str = ""
    revision: int | None = None
    conflicts: tuple[FieldConflict, ...] = ()
    detail: str = ""
    path: str = ""


def merge_fields(
    base: Mapping[str, Any], theirs: Mapping[str, Any], yours: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[FieldConflict, ...]]:
    """Three-way, field by field: what can be set of yours, and what both sides have changed.

    A field that `base` doesn't name counts as unchanged by others.
    """
    settable, conflicts = {}, []
    for name, value in yours.items():
        theirs_now = theirs.get(name)
        if theirs_now in (value, base.get(name, theirs_now)):
            settable[name] = value
        else:
            conflicts.append(FieldConflict(name, value, theirs_now))
    return settable, tuple(conflicts)


def judge(
    operation_id: str, settable: object, conflicts: tuple[FieldConflict, ...], **told: Any
) -> OperationResult:
    """The result of a merge: `applied`, `merged` or `conflict`."""
    is_alone = told.pop("is_alone", True)
    status: Literal["applied", "merged", "conflict"] = "applied" if is_alone else "merged"
    if conflicts:
        status = "merged" if settable else "conflict"
    return OperationResult(operation_id, status, conflicts=conflicts, **told)
