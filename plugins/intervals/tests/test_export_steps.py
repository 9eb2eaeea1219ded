"""How a step is written: lengths, targets, cues."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from hub_core.sdk import (
    Athlete,
    CadenceRange,
    DistanceDuration,
    Fidelity,
    Intensity,
    Metric,
    PercentTarget,
    RangeTarget,
    Reference,
    Sport,
    Step,
    TimeDuration,
    ZoneTable,
    ZoneTarget,
    resolve_target,
)
from hub_intervals.sandbox_resolve import AthleteSettings, resolve
from hub_intervals.sandbox_text import read_workout

from .written import ATHLETE, POWER, compiled, losses, meant_total, minutes, only_loss, text

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
        (ZoneTarget(Metric.POWER, 1, 4), Sport.RIDE, "Z1-Z4"),
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


def test_a_power_zone_is_sent_in_percent_because_the_servers_begin_later() -> None:
    """`Z3` of 75 and 90 % begins there at 76 %: at an FTP of 250 W that is 2 W above ours."""
    workout = compiled(Step(minutes(10), ZoneTarget(Metric.POWER, 3, 3)), sport=Sport.RIDE)
    assert workout.payload["event"]["description"] == "- 10m 75-90%"
    assert "1 % of FTP above" in only_loss(workout).reason
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
