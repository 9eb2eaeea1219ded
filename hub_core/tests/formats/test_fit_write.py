"""FIT files that we write, decoded by a second, independent library and checked against the FIT profile."""

from __future__ import annotations

import datetime as dt
import struct
from typing import Any

import fitdecode
import pytest
from hypothesis import given, settings

from hub_core.domain.athlete import Athlete
from hub_core.domain.fidelity import Fidelity
from hub_core.domain.outline import count_nodes, place_steps
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
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_core.formats import WrittenFile, write_workout_file
from hub_core.testing.strategies import KNOWN_ATHLETE, planned_workouts

ATHLETE = Athlete(ftp_w=250, lthr_bpm=170, max_hr_bpm=190, threshold_speed_mps=4)
#: The raw numbers of the profile: type wkt_step_duration, wkt_step_target, intensity.
TIME, DISTANCE, OPEN, REPEAT = 0, 1, 5, 6
SPEED, HEART_RATE, NO_TARGET, CADENCE, POWER = 0, 1, 2, 3, 4


def decode(data: bytes) -> list[tuple[str, dict[int, Any]]]:
    """Messages by name, with the raw values by field number; checksums are checked."""
    messages = []
    with fitdecode.FitReader(data, check_crc=fitdecode.CrcCheck.RAISE) as reader:
        for frame in reader:
            if isinstance(frame, fitdecode.FitDataMessage):
                fields = {field.def_num: field.raw_value for field in frame.fields}
                messages.append((frame.name, fields))
    return messages


def write(*steps: Step | Repeat, sport: Sport = Sport.RIDE, **fields: Any) -> WrittenFile:
    return write_workout_file(PlannedWorkout("Plan", sport, steps, **fields), ATHLETE, "fit")


def fit_steps(written: WrittenFile) -> list[dict[int, Any]]:
    return [fields for name, fields in decode(written.data) if name == "workout_step"]


def fit_step(step: Step, sport: Sport = Sport.RIDE) -> dict[int, Any]:
    (fields,) = fit_steps(write(step, sport=sport))
    return fields


def test_the_frame() -> None:
    data = write(Step(TimeDuration(60))).data
    size, protocol, _, length, mark = struct.unpack("<BBHI4s", data[:12])
    assert (size, mark) == (14, b".FIT")
    # Older devices refuse files of protocol 2.0, which workouts need nothing of.
    assert protocol == 0x10
    assert len(data) == 14 + length + 2


def test_the_same_workout_gives_the_same_bytes() -> None:
    step = Step(TimeDuration(60))
    assert write(step).data == write(step).data
    numbers = {decode(write(Step(TimeDuration(seconds))).data)[0][1][3] for seconds in (60, 61)}
    assert len(numbers) == 2


def test_file_id_and_workout() -> None:
    written = write(
        Step(DistanceDuration(100)),
        Repeat(2, (Step(OpenDuration()),)),
        sport=Sport.POOL_SWIM,
        pool_length_m=33.33,
        description="Bahnen für alle",
        date=dt.date(2026, 3, 1),
    )
    (id_name, file_id), (name, workout), *steps = decode(written.data)
    assert (id_name, name, len(steps)) == ("file_id", "workout", 3)
    assert file_id[0] == 5  # type workout
    assert file_id[1] == 255  # manufacturer development
    assert file_id[3] > 0  # serial number
    assert file_id[4] == (dt.datetime(2026, 3, 1) - dt.datetime(1989, 12, 31)).total_seconds()  # noqa: DTZ001
    assert workout[4] == 5  # swimming
    assert workout[11] == 17  # lap swimming
    assert workout[6] == 3  # valid steps: the repeat is one
    assert workout[8] == "Plan"
    assert workout[14] == 3333  # cm
    assert workout[15] == 0  # metric
    assert workout[17] == "Bahnen für alle"
    assert [loss.feature for loss in written.fidelity.workout] == ["date"]


@pytest.mark.parametrize(
    ("sport", "expected"),
    [
        (Sport.RUN, (1, 0)),
        (Sport.TREADMILL_RUN, (1, 1)),
        (Sport.TRAIL_RUN, (1, 3)),
        (Sport.TRACK_RUN, (1, 4)),
        (Sport.RIDE, (2, 0)),
        (Sport.INDOOR_RIDE, (2, 6)),
        (Sport.MOUNTAIN_BIKE_RIDE, (2, 8)),
        (Sport.GRAVEL_RIDE, (2, 46)),
        (Sport.OPEN_WATER_SWIM, (5, 18)),
        (Sport.WALK, (11, 0)),
        (Sport.HIKE, (17, 0)),
        (Sport.ROW, (15, 0)),
        (Sport.STRENGTH, (10, 20)),
        (Sport.YOGA, (10, 43)),
        (Sport.OTHER, (0, 0)),
    ],
)
def test_sports(sport: Sport, expected: tuple[int, int]) -> None:
    workout = decode(write(Step(TimeDuration(60)), sport=sport).data)[1][1]
    assert (workout[4], workout[11]) == expected


def test_durations() -> None:
    assert {key: fit_step(Step(TimeDuration(90.5)))[key] for key in (1, 2)} == {1: TIME, 2: 90_500}
    assert {key: fit_step(Step(DistanceDuration(33.33)))[key] for key in (1, 2)} == {1: DISTANCE, 2: 3333}
    fields = fit_step(Step(OpenDuration()))
    assert fields[1] == OPEN
    assert 2 not in fields


def percent(low: float, high: float, of: Reference, metric: Metric = Metric.POWER) -> PercentTarget:
    return PercentTarget(metric, low, high, of)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (None, (NO_TARGET, None, None, None)),
        (RangeTarget(Metric.POWER, 200, 220), (POWER, 0, 1200, 1220)),
        (percent(88, 93, Reference.FTP), (POWER, 0, 88, 93)),
        # A zone's number would be one of the device's own table: 90 to 105 % of 250, halves to even.
        (ZoneTarget(Metric.POWER, 4, 4), (POWER, 0, 1225, 1262)),
        (ZoneTarget(Metric.POWER, 2, 3), (POWER, 0, 1138, 1225)),  # 55 to 90 %
        (RangeTarget(Metric.HEART_RATE, 140, 150), (HEART_RATE, 0, 240, 250)),
        (percent(70, 80, Reference.MAX_HR, Metric.HEART_RATE), (HEART_RATE, 0, 70, 80)),
        (percent(90, 100, Reference.LTHR, Metric.HEART_RATE), (HEART_RATE, 0, 253, 270)),
        (percent(90, 110, Reference.MAX_HR, Metric.HEART_RATE), (HEART_RATE, 0, 271, 309)),
        (ZoneTarget(Metric.HEART_RATE, 2, 2), (HEART_RATE, 0, 244, 253)),  # 85 to 90 % of 170
        (RangeTarget(Metric.CADENCE, 85, 95), (CADENCE, 0, 85, 95)),
        (RangeTarget(Metric.SPEED, 8.333, 10), (SPEED, 0, 8333, 10_000)),
        (ZoneTarget(Metric.SPEED, 3, 3), (SPEED, 0, 3508, 3772)),
        # 0 W + 1000 would be 1000 % of FTP.
        (RangeTarget(Metric.POWER, 0, 150), (POWER, 0, 1001, 1150)),
    ],
)
def test_targets_on_a_ride(target: Target | None, expected: tuple[int | None, ...]) -> None:
    fields = fit_step(Step(TimeDuration(60), target))
    assert tuple(fields.get(key) for key in (3, 4, 5, 6)) == expected


def test_without_a_threshold_a_zone_is_left_to_the_device() -> None:
    plan = PlannedWorkout("Plan", Sport.RIDE, (Step(TimeDuration(60), ZoneTarget(Metric.HEART_RATE, 5, 5)),))
    written = write_workout_file(plan, Athlete(), "fit")
    (fields,) = fit_steps(written)
    assert tuple(fields.get(key) for key in (3, 4, 5, 6)) == (HEART_RATE, 5, None, None)
    (step,) = written.fidelity.steps
    assert (step.level, step.losses[0].becomes) == (Fidelity.EXACT, "zone 5 as the device has it")


def test_paces_are_speeds_in_mm_per_second_the_slower_first() -> None:
    fields = fit_step(Step(TimeDuration(60), RangeTarget(Metric.PACE, 3.125, 3.333)), Sport.RUN)
    assert tuple(fields[key] for key in (3, 4, 5, 6)) == (SPEED, 0, 3125, 3333)
    relative = PercentTarget(Metric.PACE, 90, 95, Reference.THRESHOLD_PACE)
    fields = fit_step(Step(TimeDuration(60), relative), Sport.RUN)
    assert (fields[5], fields[6]) == (3600, 3800)


def test_the_second_target() -> None:
    step = Step(TimeDuration(60), RangeTarget(Metric.POWER, 200, 220), CadenceRange(85, 95))
    fields = fit_step(step)
    assert tuple(fields[key] for key in (19, 20, 21, 22)) == (CADENCE, 0, 85, 95)


def test_words_and_intensities() -> None:
    fields = fit_step(
        Step(TimeDuration(60), name="Schwelle", notes="Locker\nbleiben", intensity=Intensity.WARMUP)
    )
    assert (fields[0], fields[8], fields[7]) == ("Schwelle", "Locker\nbleiben", 2)
    numbers = [fit_step(Step(TimeDuration(60), intensity=intensity))[7] for intensity in Intensity]
    assert dict(zip(Intensity, numbers, strict=True)) == {
        Intensity.ACTIVE: 0,
        Intensity.REST: 1,
        Intensity.WARMUP: 2,
        Intensity.COOLDOWN: 3,
        Intensity.RECOVERY: 4,
        Intensity.INTERVAL: 5,
    }


def test_long_words_are_cut_between_characters() -> None:
    written = write(Step(TimeDuration(60), name="ü" * 200, notes="n" * 300))
    (fields,) = fit_steps(written)
    assert fields[0] == "ü" * 127
    assert fields[8] == "n" * 254
    (step,) = written.fidelity.steps
    assert [(loss.feature, loss.becomes) for loss in step.losses] == [
        ("name", "the first 127 characters"),
        ("notes", "the first 254 characters"),
    ]


def test_repeats_point_back_at_their_first_step() -> None:
    step = Step(TimeDuration(60))
    written = write(step, Repeat(3, (Repeat(4, (step, step), "inner"), step), "outer"), step)
    messages = fit_steps(written)
    assert [fields[254] for fields in messages] == [0, 1, 2, 3, 4, 5, 6]
    assert [fields[1] for fields in messages] == [TIME, TIME, TIME, REPEAT, TIME, REPEAT, TIME]
    assert [(fields[2], fields[4], fields[0]) for fields in (messages[3], messages[5])] == [
        (1, 4, "inner"),
        (1, 3, "outer"),
    ]
    assert written.fidelity.level is Fidelity.EXACT


def test_once_is_no_repeat() -> None:
    written = write(Repeat(1, (Step(TimeDuration(60)), Step(TimeDuration(30)))))
    assert [fields[1] for fields in fit_steps(written)] == [TIME, TIME]
    assert written.fidelity.steps[0].losses[0].reason == "once is no repeat"


def test_a_ramp_becomes_steps() -> None:
    ramp = PercentTarget(Metric.POWER, 40, 80, Reference.FTP, "down")
    written = write(Step(TimeDuration(100), ramp, name="Cool down", notes="Easy"))
    messages = fit_steps(written)
    assert [(fields[2], fields[5], fields[6]) for fields in messages] == [
        (25_000, 70, 80),
        (25_000, 60, 70),
        (25_000, 50, 60),
        (25_000, 40, 50),
    ]
    assert [fields[0] for fields in messages] == [f"Cool down {n}/4" for n in (1, 2, 3, 4)]
    assert [fields.get(8) for fields in messages] == ["Easy", None, None, None]
    (loss,) = written.fidelity.steps[0].losses
    assert loss.becomes.startswith("4 steps: 25 s at 70–80 % FTP, 25 s at 60–70 % FTP")


@pytest.mark.parametrize(
    ("target", "feature", "becomes"),
    [
        (RangeTarget(Metric.RPE, 7, 8), "target", 'the words "RPE 7–8" in the notes'),
        (RangeTarget(Metric.POWER, 200.4, 220), "target", "200–220 W"),
        (PercentTarget(Metric.POWER, 88.5, 93, Reference.FTP), "target", "88–93 % FTP"),
        (RangeTarget(Metric.PACE, 8, 9), "target", "8–9 m/s"),
        (PercentTarget(Metric.PACE, 90, 90, Reference.CSS), "target", 'the words "90 % CSS" in the notes'),
        (RangeTarget(Metric.POWER, 100, 200, "up"), "ramp", "1 step: until lap at 100–200 W"),
    ],
)
def test_what_is_lost(target: Target, feature: str, becomes: str) -> None:
    written = write(Step(OpenDuration(), target))
    losses = [loss for loss in written.fidelity.steps[0].losses if loss.level is not Fidelity.EXACT]
    assert (losses[0].feature, losses[0].becomes) == (feature, becomes)
    if "words" in becomes:
        assert fit_steps(written)[0][8] in becomes


@settings(max_examples=15)
@given(planned_workouts())
def test_every_file_keeps_the_profile(workout: PlannedWorkout) -> None:
    (id_name, _), (name, head), *steps = decode(write_workout_file(workout, KNOWN_ATHLETE, "fit").data)
    assert (id_name, name) == ("file_id", "workout")
    assert head[6] == len(steps)
    assert len(steps) >= count_nodes(place_steps(workout.steps)) - sum(
        node.times == 1 for node in repeats(workout.steps)
    )
    for index, (kind, fields) in enumerate(steps):
        assert (kind, fields[254]) == ("workout_step", index)
        if fields[1] == REPEAT:
            assert fields[2] < index
            assert fields[4] >= 2
            continue
        assert fields[1] in {TIME, DISTANCE, OPEN}
        assert fields[1] == OPEN or fields[2] >= 1
        assert fields[3] in {SPEED, HEART_RATE, NO_TARGET, CADENCE, POWER}
        if fields.get(4) == 0:  # a range of its own
            assert fields[5] <= fields[6]
            offset = {POWER: 1000, HEART_RATE: 100}.get(fields[3])
            # Both ends are percent, or both are not.
            assert offset is None or (fields[5] > offset) == (fields[6] > offset)


def repeats(nodes: Any) -> list[Repeat]:
    found = [node for node in nodes if isinstance(node, Repeat)]
    return found + [inner for node in found for inner in repeats(node.steps)]
