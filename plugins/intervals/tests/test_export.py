"""What our workouts become, by the rules of the native workout text."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_core.sdk import (
    Athlete,
    CadenceRange,
    CompiledWorkout,
    DistanceDuration,
    Duration,
    Fidelity,
    Intensity,
    Loss,
    Metric,
    Node,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Sport,
    Step,
    TimeDuration,
    ZoneTable,
    ZoneTarget,
    expand_repeats,
    resolve_target,
)
from hub_intervals.export import compile_workout, to_start_date_local
from hub_intervals.sandbox_resolve import AthleteSettings, resolve
from hub_intervals.sandbox_text import read_workout

ATHLETE = Athlete(ftp_w=250, lthr_bpm=168, max_hr_bpm=186, threshold_speed_mps=4.0, css_mps=1.25)
DAY = dt.date(2031, 4, 7)
POWER = PercentTarget(Metric.POWER, 88, 93, Reference.FTP)


def minutes(count: float) -> TimeDuration:
    return TimeDuration(count * 60)


def compiled(
    *steps: Node, sport: Sport = Sport.RIDE, athlete: Athlete = ATHLETE, **fields: Any
) -> CompiledWorkout:
    fields.setdefault("date", DAY)
    return compile_workout(PlannedWorkout(fields.pop("name", "Session"), sport, steps, **fields), athlete)


def text(*steps: Node, sport: Sport = Sport.RIDE, athlete: Athlete = ATHLETE, **fields: Any) -> str:
    description: str = compiled(*steps, sport=sport, athlete=athlete, **fields).payload["event"][
        "description"
    ]
    return description


def meant_total(workout: CompiledWorkout, kind: type[Duration]) -> float:
    """Seconds or metres of all steps of a kind, played out; of open ones how many there are."""
    total = 0.0
    for node in expand_repeats(workout.meant or (), 0):
        match node.step.duration:  # type: ignore[union-attr]
            case TimeDuration(duration_s=length) | DistanceDuration(distance_m=length) as duration:
                total += length if isinstance(duration, kind) else 0
            case duration:
                total += isinstance(duration, kind)
    return total


def losses(workout: CompiledWorkout) -> list[tuple[str, Loss]]:
    return workout.fidelity.losses()


def only_loss(workout: CompiledWorkout) -> Loss:
    [(_, loss)] = losses(workout)
    return loss


# -- the whole event --------------------------------------------------------------------------------------


def test_over_unders_as_one_event() -> None:
    workout = compiled(
        Step(
            minutes(12),
            PercentTarget(Metric.POWER, 48, 72, Reference.FTP, "up"),
            CadenceRange(88, 88),
            Intensity.WARMUP,
        ),
        Repeat(
            3,
            (
                Step(
                    minutes(6),
                    PercentTarget(Metric.POWER, 94, 94, Reference.FTP),
                    CadenceRange(92, 92),
                    name="Under",
                ),
                Step(
                    minutes(2),
                    PercentTarget(Metric.POWER, 107, 107, Reference.FTP),
                    CadenceRange(96, 96),
                    name="Over",
                ),
                Step(minutes(4), PercentTarget(Metric.POWER, 52, 52, Reference.FTP), name="Easy"),
            ),
        ),
        Step(
            minutes(9),
            PercentTarget(Metric.POWER, 42, 58, Reference.FTP, "down"),
            intensity=Intensity.COOLDOWN,
        ),
        sport=Sport.INDOOR_RIDE,
        name="Over-unders 3x8",
        time=dt.time(6, 30),
    )
    assert workout.payload["event"] == {
        "category": "WORKOUT",
        "type": "Ride",
        "name": "Over-unders 3x8",
        "description": "- Warmup 12m ramp 48-72% 88rpm\n\n3x\n- Under 6m 94% 92rpm\n- Over 2m 107% 96rpm\n"
        "- Easy 4m 52%\n\n- Cooldown 9m ramp 58-42%",
        "indoor": True,
        "target": "POWER",
    }
    assert meant_total(workout, TimeDuration) == 3420
    assert workout.payload["expects"]["steps"] == 5
    assert to_start_date_local(workout) == "2031-04-07T06:30:00"
    assert workout.fidelity.level is Fidelity.EXACT
    assert [step.path for step in workout.fidelity.steps] == [
        "steps[0]",
        "steps[1]",
        "steps[1].repeat[0]",
        "steps[1].repeat[1]",
        "steps[1].repeat[2]",
        "steps[2]",
    ]
    assert losses(workout) == []


def test_start_date_is_never_a_bare_date() -> None:
    assert to_start_date_local(compiled(Step(minutes(10)))) == "2031-04-07T00:00:00"


@pytest.mark.parametrize(
    ("sport", "kind", "indoor"),
    [
        (Sport.RUN, "Run", False),
        (Sport.TRAIL_RUN, "TrailRun", False),
        (Sport.TREADMILL_RUN, "Run", True),
        (Sport.RIDE, "Ride", False),
        (Sport.INDOOR_RIDE, "Ride", True),
        (Sport.GRAVEL_RIDE, "GravelRide", False),
        (Sport.MOUNTAIN_BIKE_RIDE, "MountainBikeRide", False),
        (Sport.POOL_SWIM, "Swim", False),
        (Sport.OPEN_WATER_SWIM, "OpenWaterSwim", False),
        (Sport.WALK, "Walk", False),
        (Sport.HIKE, "Hike", False),
        (Sport.ROW, "Rowing", False),
    ],
)
def test_type_and_indoor(sport: Sport, kind: str, indoor: bool) -> None:
    workout = compiled(Step(minutes(10)), sport=sport)
    assert (workout.payload["event"]["type"], workout.payload["event"]["indoor"]) == (kind, indoor)
    assert workout.fidelity.level is Fidelity.EXACT


def test_track_run_becomes_a_run_and_says_so() -> None:
    workout = compiled(Step(minutes(10)), sport=Sport.TRACK_RUN)
    assert workout.payload["event"]["type"] == "Run"
    assert only_loss(workout).feature == "sport"


# -- rule 1 and 2: lengths --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (30, "30s"),
        (60, "1m"),
        (90, "1m30s"),
        (3600, "1h"),
        (3750, "1h2m30s"),
        (24_000, "6h40m"),
        (3605, "1h5s"),
    ],
)
def test_times_have_only_h_m_and_s(seconds: int, written: str) -> None:
    assert text(Step(TimeDuration(seconds))) == f"- {written}"


@pytest.mark.parametrize(
    ("metres", "written"),
    [
        (400, "400mtr"),
        (999, "999mtr"),
        (1000, "1km"),
        (1500, "1.5km"),
        (12_345, "12.345km"),
        (20_000, "20km"),
        (100, "100mtr"),
        (1609.344, "1609.344mtr"),
        (22.86, "22.86mtr"),
    ],
)
def test_m_means_minutes_so_metres_are_mtr_or_km(metres: float, written: str) -> None:
    workout = compiled(Step(DistanceDuration(metres)), sport=Sport.RUN)
    assert workout.payload["event"]["description"] == f"- {written}"
    assert meant_total(workout, DistanceDuration) == metres
    assert losses(workout) == []


def test_half_seconds_are_rounded_and_reported() -> None:
    workout = compiled(Step(TimeDuration(90.6)))
    assert workout.payload["event"]["description"] == "- 1m31s"
    assert meant_total(workout, TimeDuration) == 91
    assert only_loss(workout).becomes == "1:31 min"
    assert workout.fidelity.level is Fidelity.DEGRADED


# -- rule 3: percent and zones ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "sport", "written"),
    [
        (PercentTarget(Metric.HEART_RATE, 50, 70, Reference.LTHR), Sport.RIDE, "50-70% LTHR"),
        (PercentTarget(Metric.HEART_RATE, 45, 60, Reference.LTHR, "up"), Sport.RIDE, "ramp 45-60% LTHR"),
        (PercentTarget(Metric.HEART_RATE, 70, 80, Reference.MAX_HR), Sport.RUN, "70-80% HR"),
        (ZoneTarget(Metric.POWER, 3, 4), Sport.RIDE, "Z3-Z4"),
        (PercentTarget(Metric.POWER, 94.5, 94.5, Reference.FTP), Sport.GRAVEL_RIDE, "94.5%"),
        (PercentTarget(Metric.PACE, 70, 70, Reference.THRESHOLD_PACE), Sport.RUN, "70% Pace"),
        (ZoneTarget(Metric.PACE, 3, 5), Sport.RUN, "Z3-Z5 Pace"),
        (PercentTarget(Metric.PACE, 100, 106, Reference.CSS), Sport.POOL_SWIM, "100-106% Pace"),
        (RangeTarget(Metric.POWER, 215, 230), Sport.RIDE, "215-230w"),
        (RangeTarget(Metric.POWER, 100, 200, "down"), Sport.RIDE, "ramp 200-100w"),
        (RangeTarget(Metric.POWER, 200, 200, "up"), Sport.RIDE, "200w"),
        (RangeTarget(Metric.PACE, 1000 / 280, 1000 / 265), Sport.RUN, "4:40-4:25/km Pace"),
        (RangeTarget(Metric.PACE, 1000 / 300, 1000 / 270, "down"), Sport.RUN, "ramp 4:30-5:00/km Pace"),
        (RangeTarget(Metric.PACE, 100 / 95, 100 / 95), Sport.OPEN_WATER_SWIM, "1:35/100m Pace"),
        (RangeTarget(Metric.PACE, 500 / 130, 500 / 120), Sport.ROW, "2:10-2:00/500m Pace"),
    ],
)
def test_native_targets(target: Any, sport: Sport, written: str) -> None:
    workout = compiled(Step(minutes(10), target), sport=sport)
    assert workout.payload["event"]["description"] == f"- 10m {written}"
    assert workout.fidelity.level is Fidelity.EXACT


@pytest.mark.parametrize(
    ("metric", "table", "sport", "written"),
    [
        (Metric.POWER, ZoneTable(Reference.FTP, (0, 60, 80)), Sport.RIDE, "60-80%"),
        (Metric.HEART_RATE, ZoneTable(Reference.MAX_HR, (50, 60, 70)), Sport.HIKE, "60-70% HR"),
        (Metric.PACE, ZoneTable(Reference.THRESHOLD_PACE, (0, 75, 90)), Sport.POOL_SWIM, "75-90% Pace"),
    ],
)
def test_a_zone_of_the_athletes_own_table_is_not_left_to_the_servers_table(
    metric: Metric, table: ZoneTable, sport: Sport, written: str
) -> None:
    athlete = msgspec.structs.replace(ATHLETE, zones={metric: table})
    workout = compiled(Step(minutes(10), ZoneTarget(metric, 2, 2)), sport=sport, athlete=athlete)
    assert workout.payload["event"]["description"] == f"- 10m {written}"
    assert workout.fidelity.level is Fidelity.EXACT
    assert only_loss(workout).reason == "intervals.icu has zones of its own, which may be cut otherwise"
    beyond = compiled(Step(minutes(10), ZoneTarget(metric, 2, 3)), sport=sport, athlete=athlete)
    assert beyond.fidelity.level is Fidelity.UNSUPPORTED


@pytest.mark.parametrize(
    ("zones", "written", "beats"),
    [
        # Friel's five by our table, of an LTHR of 168; the server's athlete has seven by default.
        ((1, 1), "0-85% LTHR", (0, 143)),
        ((2, 2), "85-90% LTHR", (143, 151)),
        ((2, 3), "85-95% LTHR", (143, 160)),
        ((5, 5), "100-115% LTHR", (168, 193)),
    ],
)
def test_heart_rate_zones_are_sent_in_percent_because_the_servers_are_cut_otherwise(
    zones: tuple[int, int], written: str, beats: tuple[int, int]
) -> None:
    target = ZoneTarget(Metric.HEART_RATE, *zones)
    workout = compiled(Step(minutes(10), target), sport=Sport.RUN)
    assert workout.payload["event"]["description"] == f"- 10m {written}"
    assert workout.payload["event"]["target"] == "HR"
    assert (only_loss(workout).level, workout.fidelity.level) == (Fidelity.EXACT, Fidelity.EXACT)
    assert resolve_target(target, ATHLETE, Sport.RUN) == RangeTarget(Metric.HEART_RATE, *beats)
    [step] = read_workout(f"- 10m {written}").steps
    resolved = resolve(step, AthleteSettings(lthr=168), "Run", indoor=False)
    assert resolved is not None
    assert (resolved.start, resolved.end) == beats


@pytest.mark.parametrize("target", [POWER, ZoneTarget(Metric.POWER, 3, 3)])
def test_bare_percent_on_a_run_is_zero_watts_so_watts_are_sent(target: Any) -> None:
    workout = compiled(Step(minutes(10), target), sport=Sport.RUN)
    line = workout.payload["event"]["description"]
    assert line.endswith("w")
    assert "%" not in line
    assert "Z" not in line
    assert only_loss(workout).becomes.startswith("220–232 W" if target == POWER else "188–225 W")


def test_pace_percent_of_another_sports_threshold_becomes_a_pace() -> None:
    target = PercentTarget(Metric.PACE, 80, 100, Reference.THRESHOLD_PACE)
    workout = compiled(Step(minutes(10), target), sport=Sport.POOL_SWIM)
    assert workout.payload["event"]["description"] == "- 10m 0:31-0:25/100m Pace"
    assert workout.fidelity.level is Fidelity.DEGRADED


@pytest.mark.parametrize(
    ("target", "sport", "kind"),
    [
        (POWER, Sport.RIDE, "POWER"),
        (ZoneTarget(Metric.HEART_RATE, 2, 2), Sport.RIDE, "HR"),
        (ZoneTarget(Metric.PACE, 2, 2), Sport.RUN, "PACE"),
        (None, Sport.RUN, "AUTO"),
    ],
)
def test_target_is_named_or_garmin_gets_heart_rate(target: Any, sport: Sport, kind: str) -> None:
    assert compiled(Step(minutes(10), target), sport=sport).payload["event"]["target"] == kind


def test_mixed_targets_take_the_one_of_the_work() -> None:
    easy = ZoneTarget(Metric.HEART_RATE, 1, 1)
    workout = compiled(
        Step(minutes(10), easy, intensity=Intensity.WARMUP),
        Step(minutes(10), POWER),
        Step(minutes(10), easy, intensity=Intensity.COOLDOWN),
    )
    assert workout.payload["event"]["target"] == "POWER"
    lost = [(path, loss.feature) for path, loss in losses(workout) if loss.level is Fidelity.DEGRADED]
    assert lost == [("workout", "target")]


# -- rule 4: beats ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lthr", [150, 161, 168, 173, 190])
def test_bpm_has_no_syntax_and_percent_rounds_back_to_the_same_beats(lthr: int) -> None:
    athlete = Athlete(lthr_bpm=lthr)
    for beat in range(90, 200, 7):
        target = RangeTarget(Metric.HEART_RATE, beat, beat)
        line = text(Step(minutes(2), target), athlete=athlete)
        assert line.startswith("- 2m ")
        percent = float(line.removeprefix("- 2m ").removesuffix("% LTHR"))
        assert round(percent / 100 * lthr) == beat


def test_bpm_are_exact_and_never_written_as_bpm() -> None:
    workout = compiled(Step(minutes(2), RangeTarget(Metric.HEART_RATE, 140, 151)), sport=Sport.RUN)
    assert workout.payload["event"]["description"] == "- 2m 83.3-90% LTHR"
    loss = only_loss(workout)
    assert (loss.level, loss.becomes) == (Fidelity.EXACT, "83.3-90% LTHR")
    assert workout.payload["expects"]["lthr_bpm"] == 168


def test_bpm_with_max_hr_only() -> None:
    athlete = Athlete(max_hr_bpm=200)
    assert (
        text(Step(minutes(2), RangeTarget(Metric.HEART_RATE, 140, 150)), athlete=athlete) == "- 2m 70-75% HR"
    )


def test_bpm_without_a_threshold_is_unsupported() -> None:
    workout = compiled(Step(minutes(2), RangeTarget(Metric.HEART_RATE, 140, 150)), athlete=Athlete())
    assert workout.fidelity.level is Fidelity.UNSUPPORTED
    assert only_loss(workout).suggestion == "set the athlete's lthr_bpm"


def test_missing_ftp_names_the_field() -> None:
    workout = compiled(Step(minutes(2), POWER), sport=Sport.RUN, athlete=Athlete())
    assert workout.fidelity.level is Fidelity.UNSUPPORTED
    assert only_loss(workout).suggestion == "set the athlete's ftp_w"


def test_broken_beats_and_watts_are_rounded_and_reported() -> None:
    workout = compiled(
        Step(minutes(2), RangeTarget(Metric.POWER, 200.5, 210)),
        Step(minutes(2), RangeTarget(Metric.POWER, 200, 210), CadenceRange(84.6, 90)),
    )
    assert workout.payload["event"]["description"] == "- 2m 200-210w\n- 2m 200-210w 85-90rpm"
    assert [loss.feature for _, loss in losses(workout)] == ["target", "cadence"]


# -- rule 5: cues -----------------------------------------------------------------------------------------


def test_a_digit_in_a_cue_would_be_the_duration() -> None:
    workout = compiled(Step(DistanceDuration(100), name="Drill 50 kick"), sport=Sport.POOL_SWIM)
    assert workout.payload["event"]["description"] == "- Drill fifty kick 100mtr"
    assert only_loss(workout).level is Fidelity.DEGRADED
    assert only_loss(workout).becomes == '"Drill fifty kick"'


@pytest.mark.parametrize(
    ("name", "cue"),
    [
        ("Z3 effort", "Z three effort"),
        ("3x400", "three x four hundred"),
        ("7-8 out of 10", "seven to eight out of ten"),
        ("4:05 pace", "four five pace"),
        ("1,500 m", "one thousand five hundred m"),
        ("2.5 easy", "two point five easy"),
        ("٣ laps", "three laps"),
        ("Ramp it", "build it"),
        ("freeride", "free riding"),
        ("Press lap at the top", "push lap at the top"),
        ("hr=lap", "hr lap"),
        ("- Dash", "Dash"),
    ],
)
def test_cues_hold_no_digits_and_no_keywords(name: str, cue: str) -> None:
    workout = compiled(Step(minutes(5), POWER, name=name))
    assert workout.payload["event"]["description"] == f"- {cue} 5m 88-93%"
    assert only_loss(workout).feature == "name"


def test_notes_follow_the_name_on_one_line() -> None:
    workout = compiled(Step(minutes(5), POWER, name="Hill", notes="Stay tall.\nQuick feet."))
    assert workout.payload["event"]["description"] == "- Hill. Stay tall. Quick feet 5m 88-93%"
    assert only_loss(workout).level is Fidelity.EXACT


@pytest.mark.parametrize(
    ("intensity", "name", "cue"),
    [
        (Intensity.WARMUP, "", "Warmup "),
        (Intensity.WARMUP, "Easy spin", "Warmup: Easy spin "),
        (Intensity.WARMUP, "Warm up", "Warmup "),
        (Intensity.COOLDOWN, "cool-down", "Cooldown "),
        (Intensity.RECOVERY, "", "Recovery "),
        (Intensity.REST, "Rest", "Rest "),
        (Intensity.INTERVAL, "", ""),
        (Intensity.ACTIVE, "", ""),
    ],
)
def test_intensity_is_a_word_in_the_cue(intensity: Intensity, name: str, cue: str) -> None:
    assert text(Step(minutes(5), POWER, intensity=intensity, name=name)) == f"- {cue}5m 88-93%"


# -- rule 6: repeats --------------------------------------------------------------------------------------


def test_repeats_have_a_blank_line_before_and_after() -> None:
    step = Step(minutes(1))
    assert text(step, Repeat(4, (step, step)), Repeat(2, (step,)), step) == (
        "- 1m\n\n4x\n- 1m\n- 1m\n\n2x\n- 1m\n\n- 1m"
    )


def test_repeat_name_is_the_header_without_digits() -> None:
    workout = compiled(Repeat(4, (Step(minutes(1)),), name="Block 1"))
    assert workout.payload["event"]["description"] == "Block one 4x\n- 1m"
    assert only_loss(workout).feature == "name"


def test_nested_repeats_are_unrolled_to_one_level() -> None:
    inner = Repeat(2, (Step(minutes(1), POWER), Step(minutes(2))))
    workout = compiled(Repeat(3, (inner, Step(minutes(5)))))
    assert workout.payload["event"]["description"] == "3x\n- 1m 88-93%\n- 2m\n- 1m 88-93%\n- 2m\n- 5m"
    assert meant_total(workout, TimeDuration) == 3 * (2 * 180 + 300)
    assert workout.fidelity.level is Fidelity.EXACT
    assert [(path, loss.becomes) for path, loss in losses(workout)] == [
        ("steps[0].repeat[0]", "unrolled into 4 steps")
    ]


def test_the_name_of_an_unrolled_repeat_is_reported() -> None:
    workout = compiled(Repeat(1, (Step(minutes(1)),), name="Once"))
    assert workout.payload["event"]["description"] == "- 1m"
    assert [loss.feature for _, loss in losses(workout)] == ["repeat", "name"]


# -- rule 7 and 8: rest and lap ---------------------------------------------------------------------------


def test_rest_without_a_target_is_a_true_pause() -> None:
    assert text(Step(TimeDuration(90), intensity=Intensity.REST), sport=Sport.RUN) == "- Rest 1m30s"


def test_swimmers_rest_is_a_zero() -> None:
    step = Step(TimeDuration(20), intensity=Intensity.REST)
    assert text(step, sport=Sport.POOL_SWIM) == "- 20s 0"


@pytest.mark.parametrize(
    ("name", "line"), [("", "- Easy 1m30s intensity=recovery"), ("Jog", "- Jog 1m30s intensity=recovery")]
)
def test_recovery_without_a_target_must_not_pause(name: str, line: str) -> None:
    assert text(Step(TimeDuration(90), intensity=Intensity.RECOVERY, name=name), sport=Sport.RUN) == line


def test_the_word_rest_in_a_step_without_a_target_must_not_pause() -> None:
    workout = compiled(Step(minutes(5), name="Rest your arms"))
    assert workout.payload["event"]["description"] == "- easy your arms 5m"
    assert only_loss(workout).level is Fidelity.DEGRADED


def test_press_lap_needs_a_placeholder_length() -> None:
    workout = compiled(Step(OpenDuration(), ZoneTarget(Metric.POWER, 2, 2), name="Press on"))
    assert workout.payload["event"]["description"] == "- Press on 5m Z2 press lap"
    assert meant_total(workout, OpenDuration) == 1
    assert workout.fidelity.level is Fidelity.EXACT


# -- rule 9, 12 and what has no syntax --------------------------------------------------------------------


def test_cadence_alone_is_not_a_target() -> None:
    workout = compiled(Step(minutes(10), RangeTarget(Metric.CADENCE, 85, 95)))
    assert workout.payload["event"]["description"] == "- 10m 85-95rpm"
    assert only_loss(workout).level is Fidelity.DEGRADED


def test_rpe_is_cue_text_in_words() -> None:
    workout = compiled(Step(minutes(10), RangeTarget(Metric.RPE, 7, 8), name="Tempo"), sport=Sport.RUN)
    assert workout.payload["event"]["description"] == "- Tempo. RPE seven to eight 10m"
    assert only_loss(workout).level is Fidelity.DEGRADED


def test_speed_on_a_bike_is_cue_text_in_words() -> None:
    workout = compiled(Step(minutes(10), RangeTarget(Metric.SPEED, 30 / 3.6, 32.5 / 3.6)))
    assert (
        workout.payload["event"]["description"] == "- speed thirty to thirty-two point five km per hour 10m"
    )
    assert only_loss(workout).level is Fidelity.DEGRADED


def test_speed_on_foot_becomes_a_pace() -> None:
    workout = compiled(Step(minutes(10), RangeTarget(Metric.SPEED, 3.333, 4)), sport=Sport.RUN)
    assert workout.payload["event"]["description"] == "- 10m 5:00-4:10/km Pace"
    assert only_loss(workout).becomes == "5:00–4:10 /km"


# -- rule 10: pace ----------------------------------------------------------------------------------------


def test_pace_in_whole_seconds_is_reported_when_it_shifts_the_speed() -> None:
    exact = compiled(Step(minutes(10), RangeTarget(Metric.PACE, 3.333, 4.0)), sport=Sport.RUN)
    assert losses(exact) == []
    fast_swim = compiled(
        Step(minutes(10), RangeTarget(Metric.PACE, 100 / 60.4, 100 / 60.4)), sport=Sport.POOL_SWIM
    )
    assert fast_swim.payload["event"]["description"] == "- 10m 1:00/100m Pace"
    assert only_loss(fast_swim).level is Fidelity.DEGRADED


def test_standing_still_has_no_pace() -> None:
    workout = compiled(Step(minutes(10), RangeTarget(Metric.PACE, 0, 4)), sport=Sport.RUN)
    assert workout.payload["event"]["description"] == "- 10m 59:59-4:10/km Pace"
    assert workout.fidelity.level is Fidelity.DEGRADED


# -- rule 11: prose ---------------------------------------------------------------------------------------


def test_prose_that_looks_like_a_step_or_a_repeat_is_escaped() -> None:
    workout = compiled(
        Step(minutes(10)), description="Two things:\n- be kind\n  * drink\nMain set 3x\n\nEnjoy 2 laps"
    )
    assert workout.payload["event"]["description"] == (
        "Two things:\n`- be kind\n`* drink\nMain set 3 times\n\nEnjoy 2 laps\n\n- 10m"
    )
    assert only_loss(workout).level is Fidelity.EXACT


def test_pool_length_is_a_header() -> None:
    workout = compiled(Step(DistanceDuration(300)), sport=Sport.POOL_SWIM, pool_length_m=25)
    assert workout.payload["event"]["description"] == "pool length: 25m\n\n- 300mtr"
    assert losses(workout) == []


def test_an_odd_pool_is_left_out_and_reported() -> None:
    workout = compiled(Step(DistanceDuration(300)), sport=Sport.POOL_SWIM, pool_length_m=22.86)
    assert workout.payload["event"]["description"] == "- 300mtr"
    assert only_loss(workout).feature == "pool_length"


# -- rule 16: sports without structure --------------------------------------------------------------------


@pytest.mark.parametrize("sport", [Sport.STRENGTH, Sport.YOGA, Sport.OTHER])
def test_strength_and_yoga_are_prose_without_digits(sport: Sport) -> None:
    workout = compiled(
        Repeat(3, (Step(TimeDuration(45), RangeTarget(Metric.RPE, 7, 8), name="Squats x10"),)),
        Step(OpenDuration(), intensity=Intensity.COOLDOWN),
        sport=sport,
        description="Bring 2 towels",
    )
    event = workout.payload["event"]
    assert event["description"] == (
        "Bring two towels\n\nThree times:\n• Squats x ten: forty-five seconds, RPE seven to eight\n"
        "Cool down: until done"
    )
    assert not any(character.isdigit() for character in event["description"])
    assert event["moving_time"] == 135
    assert workout.payload["expects"]["steps"] == 0
    assert workout.fidelity.level is Fidelity.DEGRADED
    assert all(step.level is Fidelity.DEGRADED for step in workout.fidelity.steps)


# -- whatever people write --------------------------------------------------------------------------------

_HAZARDS = ["rest", "Recovery", "Ramp", "3x", "400m", "Z2", "5'", "press lap", "-", "*", "88%", "0", "hr=lap"]
_HAZARDS += ["<!>", "33^", "٣", "4:05/km Pace", "pool length: 25m", "freeride", "1,5", "A1b2", "\n", "`", "x"]
_TEXTS = st.lists(st.sampled_from(_HAZARDS) | st.text("ab9 -\n", max_size=5), max_size=5).map(" ".join)


@settings(max_examples=50)
@given(name=_TEXTS, notes=_TEXTS, repeat=_TEXTS, description=_TEXTS, intensity=st.sampled_from(Intensity))
def test_no_text_is_taken_for_a_step_a_target_or_a_repeat(
    name: str, notes: str, repeat: str, description: str, intensity: Intensity
) -> None:
    step = Step(minutes(10), name=name, notes=notes, intensity=intensity)
    read = read_workout(text(Repeat(3, (step,), name=repeat), step, description=description, sport=Sport.RUN))
    block, last = read.steps
    assert block["reps"] == 3
    for found in (*block["steps"], last):
        assert found["duration"] == 600
        assert not found.keys() & {"power", "hr", "pace", "ramp", "freeride", "until_lap_press", "distance"}
        assert (found.get("intensity") == "rest") == (intensity is Intensity.REST)
    assert "pool_length" not in read.options
