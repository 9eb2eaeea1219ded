"""A phone's batch becomes records, item by item."""

from __future__ import annotations

import collections
import datetime as dt
from collections.abc import Callable, Iterable

import msgspec

from hub_core.errors import InvalidInputError
from hub_core.formats.apple import read_auto_export, to_apple_sample, to_apple_stage
from hub_core.formats.apple.words import to_unit
from hub_core.formats.workout_json import invalid_input_from_msgspec
from hub_core.sdk import (
    Activity,
    Deleted,
    Delivery,
    Records,
    Refused,
    Rejected,
    Sample,
    SampleMetric,
    Stage,
    find_fault,
)
from hub_healthkit.ingest_workouts import to_activity
from hub_healthkit.moments import to_local
from hub_healthkit.schemas import Batch, Gone, Item, Parts, Quantity, SleepSample, Workout

#: More than a phone gathers in a week; a history comes in several batches.
MAX_ITEMS = 5_000
#: HKCategoryValueSleepAnalysis by its raw value. [sheet, 2.3]
_STAGES = (Stage.IN_BED, Stage.ASLEEP, Stage.AWAKE, Stage.CORE, Stage.DEEP, Stage.REM)
#: Ours: theirs, for the place of a fault.
_FIELDS = {"start": "startDate", "end": "endDate", "external_id": "id", "duration_s": "endDate"}
_WORKOUTS = "HKWorkoutType"

type Translate[T, R] = Callable[[T], R | None]


def to_records(delivery: Delivery, home: dt.tzinfo) -> Records:
    """What a phone said. `home` is the zone of items that tell none.

    `delivery.kind` is `batch` (the SDK's envelope), `steps`, `sleep` or `workouts` (one list without it), or
    `auto-export`. Raises `Rejected` for what can't be read as a whole.
    """
    try:
        if delivery.kind == "auto-export":
            remarks: list[str] = []
            records = read_auto_export(delivery.body, remarks)
            return msgspec.structs.replace(records, remarks=tuple(remarks))
        if delivery.kind == "batch":
            return _Reading(home, "data.").read(delivery.decode(Batch).data)
        return _Reading(home, "").read(delivery.decode(Parts))
    except InvalidInputError as error:
        raise Rejected(str(error)) from error


class _Reading:
    """What has been read of one batch so far. `prefix` is where its lists stand."""

    def __init__(self, home: dt.tzinfo, prefix: str) -> None:
        self._home = home
        self._prefix = prefix
        self._refused: list[Refused] = []
        self._left_out: collections.Counter[str] = collections.Counter()

    def read(self, parts: Parts) -> Records:
        """All lists."""
        told = sum(map(len, (parts.records, parts.sleep, parts.workouts, parts.deleted)))
        if told > MAX_ITEMS:
            raise Rejected(f"{told} items at once: send at most {MAX_ITEMS}")
        samples: list[Sample] = []
        activities: list[Activity] = []
        for place, quantity in self._items("records", parts.records, Quantity):
            self._keep(place, quantity, self._quantity, samples)
        for place, sleep in self._items("sleep", parts.sleep, SleepSample):
            self._keep(place, sleep, self._sleep, samples)
        for place, workout in self._items("workouts", parts.workouts, Workout):
            self._keep(place, workout, self._workout, activities)
        gone = [one for _, item in self._items("deleted", parts.deleted, Gone) for one in _gone(item)]
        remarks = tuple(f"{count} x {name} left out" for name, count in sorted(self._left_out.items()))
        return Records(
            activities=tuple(activities),
            samples=tuple(samples),
            deleted=tuple(gone),
            refused=tuple(self._refused),
            remarks=remarks,
        )

    def _items[T: Item | Gone](
        self, name: str, raw: Iterable[msgspec.Raw], kind: type[T]
    ) -> Iterable[tuple[tuple[str, int], T]]:
        decoder = msgspec.json.Decoder(kind, strict=False)
        for index, one in enumerate(raw):
            place = (name, index)
            try:
                item = decoder.decode(one)
            except msgspec.MsgspecError as error:
                told = invalid_input_from_msgspec(error)
                self._refuse(place, told.path, told.detail, _read_id(one))
                continue
            if item.id.strip():
                yield place, item
            else:
                self._refuse(place, "id", "must not be empty", "")

    def _keep[T: Item, R: Sample | Activity](
        self, place: tuple[str, int], item: T, translate: Translate[T, R], kept: list[R]
    ) -> None:
        """Translate one item; what is wrong with it is told."""
        try:
            record = translate(item)
        except InvalidInputError as error:
            self._refuse(place, error.path, error.detail, item.id)
            return
        if record is None:
            return
        if fault := find_fault(record):
            self._refuse(place, _FIELDS.get(fault[0], fault[0]), fault[1], item.id)
        else:
            kept.append(record)

    def _refuse(self, place: tuple[str, int], field: str, detail: str, external_id: str) -> None:
        name, index = place
        path = f"{self._prefix}{name}[{index}]" + (f".{field}" if field else "")
        self._refused.append(Refused(path, detail, index, external_id))

    def _quantity(self, item: Quantity) -> Sample | None:
        metric = to_apple_sample(item.type)
        if metric is None:
            self._left_out[item.type[:100]] += 1
            return None
        value = to_unit(item.value, item.unit, metric)
        if value is None:
            raise InvalidInputError(f"{item.unit[:20]!r} is no unit of {item.type}", path="unit")
        if value < 0:
            raise InvalidInputError("must not be negative", path="value")
        return self._sample(item, metric, value=value)

    def _sleep(self, item: SleepSample) -> Sample | None:
        stage = to_apple_stage(item.stage) if isinstance(item.stage, str) else _stage(item.stage)
        if stage is None:
            self._left_out[f"sleep stage {str(item.stage)[:50]}"] += 1
            return None
        return self._sample(item, SampleMetric.SLEEP, stage=stage)

    def _sample(
        self, item: Item, metric: SampleMetric, *, value: float = 0.0, stage: Stage | None = None
    ) -> Sample:
        start, end = to_local(item, self._home)
        return Sample(
            item.id.upper(),
            metric,
            start,
            end,
            value,
            stage,
            device=item.source.hardware,
            is_manual=item.is_manual,
        )

    def _workout(self, item: Workout) -> Activity:
        return to_activity(item, self._home)


def _stage(raw: int) -> Stage | None:
    return _STAGES[raw] if 0 <= raw < len(_STAGES) else None


def _gone(item: Gone) -> Iterable[Deleted]:
    """A deletion of a workout or of a sample; of both, when the app doesn't say."""
    if not item.type or item.type.startswith(_WORKOUTS):
        yield Deleted(item.id.upper(), "activity")
    if not item.type.startswith(_WORKOUTS):
        yield Deleted(item.id.upper(), "sample")


def _read_id(raw: msgspec.Raw) -> str:
    """The id of an item that can't be read, so that the sender finds it."""
    try:
        return msgspec.json.decode(raw, type=Gone).id
    except msgspec.MsgspecError:
        return ""
