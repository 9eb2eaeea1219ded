"""FIT workout files as people have them. The files are built here, byte by byte."""

from __future__ import annotations

import struct
from typing import Any

import pyfitparsernative
import pytest

from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Intensity,
    Metric,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    TimeDuration,
    ZoneTarget,
)
from hub_core.errors import InvalidInputError
from hub_core.formats import ReadFile, read_workout, write_workout_file
from hub_core.formats.fit import decode_messages
from hub_core.testing.strategies import KNOWN_ATHLETE

ENUM, UINT8, UINT16, UINT32, UINT32Z, STRING = 0x00, 0x02, 0x84, 0x86, 0x8C, 0x07
SIZES = {ENUM: "B", UINT8: "B", UINT16: "H", UINT32: "I", UINT32Z: "I"}
FILE_ID, WORKOUT, STEP = 0, 26, 27
#: Field: number and type. [Profile: workout_step]
FIELDS = {
    "name": (0, STRING), "duration_type": (1, ENUM), "duration": (2, UINT32), "target_type": (3, ENUM),
    "target": (4, UINT32), "low": (5, UINT32), "high": (6, UINT32), "intensity": (7, ENUM),
    "notes": (8, STRING), "equipment": (9, ENUM), "category": (10, UINT16), "second_type": (19, ENUM),
    "second": (20, UINT32), "second_low": (21, UINT32), "second_high": (22, UINT32), "index": (254, UINT16),
    "private": (77, UINT8),
}  # fmt: skip
HEAD = {
    "sport": (4, ENUM),
    "count": (6, UINT16),
    "name": (8, STRING),
    "sub_sport": (11, ENUM),
    "private": (13, ENUM),
}


def crc(data: bytes) -> int:
    """The checksum bit by bit, as another witness."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


def message(number: int, table: dict[str, tuple[int, int]], *, order: str = "<", **values: Any) -> bytes:
    """A definition and its data, in either byte order."""
    fields, body = b"", b""
    for name, value in values.items():
        field, kind = table[name]
        raw = value.encode() + b"\0" if kind == STRING else struct.pack(order + SIZES[kind], value)
        fields += bytes([field, len(raw), kind])
        body += raw
    head = bytes([0x40, 0, order == ">"]) + struct.pack(order + "H", number) + bytes([len(values)])
    return head + fields + b"\0" + body


def frame(records: bytes, *, header: int = 14, protocol: int = 0x20) -> bytes:
    start = struct.pack("<BBHI4s", header, protocol, 2132, len(records), b".FIT")
    start += struct.pack("<H", crc(start)) if header == 14 else b""
    return start + records + struct.pack("<H", crc(start + records))


FILE = message(FILE_ID, {"type": (0, ENUM)}, type=5)
EASY = {"duration_type": 0, "duration": 60_000, "target_type": 2}


def workout(*steps: dict[str, Any], order: str = "<", head: dict[str, Any] | None = None) -> bytes:
    records = FILE + message(WORKOUT, HEAD, order=order, **(head or {"sport": 2, "name": "Plan"}))
    for index, step in enumerate(steps):
        records += message(STEP, FIELDS, order=order, **({"index": index} | step))
    return frame(records)


def read(data: bytes) -> ReadFile:
    return read_workout(data, "file.fit")


def read_step(sport: int = 2, **fields: Any) -> Step:
    (step,) = read(workout(EASY | fields, head={"sport": sport})).workout.steps
    assert isinstance(step, Step)
    return step


def refusal(data: bytes) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        read(data)
    return caught.value


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_whole_file_in_both_byte_orders(order: str) -> None:
    data = workout(
        {
            "duration_type": 0,
            "duration": 600_000,
            "target_type": 1,
            "target": 2,
            "intensity": 2,
            "name": "Warm",
        },
        {"duration_type": 1, "duration": 100_000, "target_type": 4, "target": 0, "low": 1250, "high": 1270},
        {"duration_type": 5, "target_type": 2, "intensity": 4, "notes": "Bis es geht"},
        {"duration_type": 6, "duration": 1, "target_type": 2, "target": 4, "name": "Satz"},
        order=order,
    )
    found = read(data)
    assert found.remarks == ()
    assert found.workout == PlannedWorkout(
        "Plan",
        Sport.RIDE,
        (
            Step(TimeDuration(600), ZoneTarget(Metric.HEART_RATE, 2, 2), None, Intensity.WARMUP, "Warm"),
            Repeat(
                4,
                (
                    Step(DistanceDuration(1000), RangeTarget(Metric.POWER, 250, 270)),
                    Step(OpenDuration(), intensity=Intensity.RECOVERY, notes="Bis es geht"),
                ),
                "Satz",
            ),
        ),
    )


def test_a_short_header_and_one_without_a_checksum() -> None:
    records = workout(EASY)[14:-2]
    assert read(frame(records, header=12, protocol=0x10)).workout.name == "Plan"
    whole = bytearray(frame(records))
    whole[12:14] = b"\0\0"
    assert read(bytes(whole[:-2]) + struct.pack("<H", crc(whole[:-2]))).workout.name == "Plan"


@pytest.mark.parametrize(
    ("fields", "target"),
    [
        (
            {"target_type": 4, "target": 0, "low": 88, "high": 93},
            PercentTarget(Metric.POWER, 88, 93, Reference.FTP),
        ),
        ({"target_type": 4, "target": 0, "low": 1000, "high": 1150}, RangeTarget(Metric.POWER, 0, 150)),
        ({"target_type": 4, "low": 1200}, RangeTarget(Metric.POWER, 200, 200)),
        ({"target_type": 4, "target": 0, "low": 1220, "high": 1200}, RangeTarget(Metric.POWER, 200, 220)),
        (
            {"target_type": 1, "low": 70, "high": 80},
            PercentTarget(Metric.HEART_RATE, 70, 80, Reference.MAX_HR),
        ),
        ({"target_type": 1, "low": 240, "high": 250}, RangeTarget(Metric.HEART_RATE, 140, 150)),
        ({"target_type": 0, "low": 8000, "high": 9000}, RangeTarget(Metric.SPEED, 8, 9)),
        ({"target_type": 3, "low": 85, "high": 95}, RangeTarget(Metric.CADENCE, 85, 95)),
        ({"target_type": 2}, None),
    ],
)
def test_targets(fields: dict[str, int], target: Any) -> None:
    assert read_step(**fields) == Step(TimeDuration(60), target)


def test_speed_is_a_pace_on_foot_and_in_water() -> None:
    for sport in (1, 5, 11, 15, 17):
        step = read_step(sport, target_type=0, low=3000, high=3200)
        assert step.target == RangeTarget(Metric.PACE, 3, 3.2)


def test_second_targets() -> None:
    power = {"target_type": 4, "low": 1200, "high": 1220}
    cadence = {"second_type": 3, "second": 0, "second_low": 85, "second_high": 95}
    assert read_step(**power, **cadence).cadence == CadenceRange(85, 95)
    beats = {"second_type": 1, "second": 0, "second_low": 240, "second_high": 250}
    assert read_step(**power, **beats).notes == "Second target: heart rate 140–150 bpm."
    # Cadence is for cycling here; what a runner's file says stays in words.
    assert read_step(1, target_type=3, low=170, high=180).notes == "Target: cadence 170–180 per minute."


@pytest.mark.parametrize(
    ("fields", "notes"),
    [
        ({"duration_type": 2, "duration": 225}, "Ends when the heart rate is below 125 bpm."),
        ({"duration_type": 3, "duration": 80}, "Ends when the heart rate is above 80 % of the maximum."),
        ({"duration_type": 14, "duration": 1150}, "Ends when the power is below 150 W."),
        ({"duration_type": 4, "duration": 300}, "Ends after 300 kcal."),
        ({"duration_type": 29, "duration": 12}, "Ends after 12 repetitions."),
        ({"duration_type": 200, "duration": 7}, "Ends at 200 7."),
        (
            {"duration_type": 29, "duration": 8, "category": 28},
            "Ends after 8 repetitions.\nExercise category: squat.",
        ),
        ({"duration_type": 4, "duration": 9, "notes": "Go"}, "Ends after 9 kcal.\nGo"),
    ],
)
def test_conditions_become_words(fields: dict[str, Any], notes: str) -> None:
    step = read_step(**fields)
    assert (step.duration, step.notes) == (OpenDuration(), notes)


def test_targets_without_a_word_here_stay_as_words() -> None:
    assert read_step(target_type=5, target=3).notes == "Target: grade 3."
    assert read_step(target_type=90, target=3).notes == "Target: 90 3."
    assert read_step(target_type=10, target=0, low=1200, high=1200).notes == "Counts the lap's average power."
    assert read_step(target_type=7, low=1100, high=1100).target == RangeTarget(Metric.POWER, 100, 100)
    assert read_step(5, equipment=1).notes == "Equipment: swim fins."


def test_what_is_private_is_told() -> None:
    data = workout(EASY | {"private": 9, "intensity": 6}, head={"sport": 2, "sub_sport": 7, "private": 1})
    extra = message(0xFF00, {"x": (1, UINT8)}, x=5)
    found = read(frame(data[14:-2] + extra))
    assert found.workout.name == "file"
    assert found.remarks == (
        "workout: unknown_field_13 is private to who made the file, and was left out",
        "workout_step[0]: unknown_field_77 is private to who made the file, and was left out",
        "workout_step[0]: intensity 'other' has no word here, and became active",
        "messages of kind mfg_range_min are left out",
    )


@pytest.mark.parametrize(
    ("head", "sport", "remarks"),
    [
        ({"sport": 1, "sub_sport": 3}, Sport.TRAIL_RUN, ()),
        (
            {"sport": 2, "sub_sport": 58},
            Sport.INDOOR_RIDE,
            ("the sport cycling / virtual_activity became indoor_ride",),
        ),
        ({"sport": 2, "sub_sport": 240}, Sport.RIDE, ("the sport cycling / 240 became ride",)),
        ({"sport": 8}, Sport.OTHER, ("the sport tennis / generic became other",)),
        ({"name": "x"}, Sport.OTHER, ()),
    ],
)
def test_sports(head: dict[str, Any], sport: Sport, remarks: tuple[str, ...]) -> None:
    found = read(workout(EASY, head=head))
    assert (found.workout.sport, found.remarks) == (sport, remarks)


def test_steps_are_taken_by_their_index() -> None:
    data = workout(EASY | {"index": 1, "name": "second"}, EASY | {"index": 0x8000, "name": "first"})
    assert [getattr(step, "name", "") for step in read(data).workout.steps] == ["first", "second"]


def test_every_truncation_is_told_with_its_byte() -> None:
    whole = workout(EASY, EASY)
    for length in range(14, len(whole)):
        assert f"cut off at byte {length} of {len(whole)}" in str(refusal(whole[:length]))
    for length in range(14):
        refusal(whole[:length])


def test_every_flipped_bit_is_found() -> None:
    whole = workout(EASY)
    for place in range(len(whole)):
        for bit in range(8):
            refusal(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<workout_file/>", "not a FIT file: .FIT is missing at byte 8"),
        (b"\x0f" + frame(FILE)[1:], "byte 0 of the FIT file: a header of 15 bytes"),
        (frame(FILE, protocol=0x30), "byte 1 of the FIT file: protocol 3.0"),
        (frame(FILE) + b"\n", "ends at byte 27, and more follows"),
        (frame(FILE)[:-1] + b"\xff", "checksum at byte 25"),
        (b"\x0e\x10" + frame(FILE)[2:], "the header's checksum at byte 12"),
        (frame(b"\x05\x01"), "the record at byte 14 is of a kind that was not defined"),
        (frame(FILE + b"\x00"), "the record at byte 25 goes beyond the end at byte 26"),
        (frame(FILE + b"\x41\x00\x07\x00\x00\x00"), "byte 27: byte order 7"),
        (frame(FILE + b"\x41\x00\x00\x1b\x00\x01\x02\x04\x05"), "byte 33: the type 0x05 is not known"),
        (frame(FILE + b"\x41\x00\x00"), "the definition at byte 25 goes beyond"),
        (frame(FILE + b"\x41\x00\x00\x1b\x00\xff"), "the record at byte 25 goes beyond"),
        (frame(FILE + b"\x61\x00\x00\x1b\x00\x00"), "the record at byte 25 goes beyond"),
        (frame(b"\x40\x00\x00\x00\x00\x00" + b"\x00" * 6000), "more than 5000 records"),
        (frame(message(FILE_ID, {"type": (0, ENUM)}, type=4)), "holds activity"),
        (frame(FILE), "one workout is expected in a FIT file, not 0"),
        (frame(message(WORKOUT, HEAD, sport=1)), "says that it holds nothing"),
        (workout(), "at least one step"),
        (workout(EASY, head={"count": 2}), "should have 2 steps and holds 1"),
        (workout(EASY | {"index": 3}), "not numbered from 0"),
        (workout({"duration_type": 0}), "workout_step[0]: duration_value is missing"),
        (
            workout(EASY, {"duration_type": 6, "duration": 5, "target": 2}),
            "repeats from step 5, where nothing begins",
        ),
        (workout(EASY, {"duration_type": 6, "duration": 0}), "workout_step[1]: it doesn't say how often"),
        (workout(EASY, {"duration_type": 6, "duration": 0, "target": 501}), "501 is outside 1 to 500"),
        (workout(EASY, {"duration_type": 11, "duration": 0, "target": 80}), "repeat_until_hr_greater_than"),
        (workout(EASY, *[{"duration_type": 6, "duration": 0, "target": 2}] * 9), "nest deeper than 8"),
        (workout(*[EASY] * 501), "more than 500 steps"),
        (workout(EASY | {"duration": 0}), "above 0"),
        (workout(EASY | {"target_type": 4, "low": 1000, "high": 60_000}), "check the unit"),
        (workout(EASY | {"name": "a\x01"}), "control characters"),
    ],
)
def test_what_is_no_workout(data: bytes, words: str) -> None:
    assert words in str(refusal(data))


def test_a_middle_of_another_repeat_is_no_place_to_begin() -> None:
    inner = {"duration_type": 6, "duration": 0, "target": 2}
    assert "from step 1, where nothing begins" in str(
        refusal(workout(EASY, EASY, inner, inner | {"duration": 1}))
    )


def test_a_panic_of_the_decoder_is_a_refusal() -> None:
    """A private field of an unknown type: the decoder divides by its size, which is 0."""
    panicking = frame(FILE + bytes([0x41, 0, 0, 27, 0, 1, 77, 4, 0x11, 1]) + bytes(4))
    with pytest.raises(BaseException, match="divisor of zero") as caught:
        pyfitparsernative.parse_fit_bytes(panicking)
    assert not isinstance(caught.value, Exception)
    with pytest.raises(InvalidInputError, match=r"decoded: .*divisor of zero"):
        decode_messages(panicking)
    assert "byte 33: the type 0x11 is not known" in str(refusal(panicking))


def test_compressed_times_and_developer_fields_are_walked_over() -> None:
    definition = bytes([0x61, 0, 0]) + struct.pack("<H", 0xFF01) + bytes([1, 1, 1, 2, 1, 0, 3, 0])
    extra = definition + b"\x01\x05abc" + b"\xa0\x05abc"
    assert read(frame(workout(EASY)[14:-2] + extra)).workout.name == "Plan"


def test_ours_is_read_with_what_others_add() -> None:
    ours = write_workout_file(
        PlannedWorkout("Ours", Sport.RUN, (Step(TimeDuration(60)),)), KNOWN_ATHLETE, "fit"
    )
    more = message(STEP, FIELDS, index=1, **EASY)
    assert len(read(frame(ours.data[14:-2] + more)).workout.steps) == 2
