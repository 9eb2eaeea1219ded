"""What intervals.icu answers, as far as the export reads it. Unknown fields are tolerated."""

from __future__ import annotations

import msgspec


class DocValue(msgspec.Struct):
    """A target: one value, or two ends, of which `start` comes first in time on a ramp."""

    units: str = ""
    value: float | None = None
    start: float | None = None
    end: float | None = None


class DocStep(msgspec.Struct):
    """A step of a parsed workout, or a repeat with `reps` and `steps`.

    A step with a `distance` has a `duration` too, which the server guessed.
    """

    reps: int | None = None
    steps: list[DocStep] | None = None
    duration: float | None = None
    distance: float | None = None
    until_lap_press: bool | None = None
    ramp: bool | None = None
    power: DocValue | None = None
    hr: DocValue | None = None
    pace: DocValue | None = None
    cadence: DocValue | None = None


class ParsedDoc(msgspec.Struct):
    """The steps that the server made of the workout text."""

    steps: list[DocStep] | None = None


class WorkoutDoc(msgspec.Struct):
    """The thresholds that the server resolved the workout with."""

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
    workout_doc: WorkoutDoc | None = None
    push_errors: list[PushError] | None = None


class AthleteProfile(msgspec.Struct):
    """The owner of a token. Ids are `i12345`; old accounts have plain digits."""

    id: str
    name: str | None = None
