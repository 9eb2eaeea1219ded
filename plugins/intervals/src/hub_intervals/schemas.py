"""What intervals.icu answers, as far as the export reads it. Unknown fields are tolerated."""

from __future__ import annotations

import msgspec


class DocStep(msgspec.Struct):
    """A step of a parsed workout, or a repeat with `reps` and `steps`."""

    reps: int | None = None
    steps: list[DocStep] | None = None


class WorkoutDoc(msgspec.Struct):
    """What the server made of the workout text. `lthr` and the like are the thresholds it resolved with."""

    steps: list[DocStep] | None = None
    duration: float | None = None
    distance: float | None = None
    ftp: float | msgspec.UnsetType | None = msgspec.UNSET
    lthr: float | msgspec.UnsetType | None = msgspec.UNSET
    threshold_pace: float | msgspec.UnsetType | None = msgspec.UNSET


class PushError(msgspec.Struct):
    """A watch service that the server could not hand the workout on to."""

    service: str = ""
    message: str = ""


class Event(msgspec.Struct):
    """A calendar event."""

    id: int
    external_id: str | None = None
    description: str | None = None
    moving_time: float | None = None
    workout_doc: WorkoutDoc | None = None
    push_errors: list[PushError] | None = None


class AthleteProfile(msgspec.Struct):
    """The owner of a token. Ids are `i12345`; old accounts have plain digits."""

    id: str
    name: str | None = None
