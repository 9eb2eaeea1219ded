"""Every format at once: what the report calls exact is read back, what is lost is lost as it says."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_core.domain.athlete import Athlete
from hub_core.domain.describe import describe_duration, describe_target
from hub_core.domain.fidelity import Fidelity, FidelityReport, Loss
from hub_core.domain.normalize import resolve_target
from hub_core.domain.outline import PlacedStep, expand_repeats, place_steps, walk
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    Intensity,
    Metric,
    Node,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
    total_distance_m,
    total_duration_s,
)
from hub_core.errors import InvalidInputError
from hub_core.formats import FORMATS, find_format, read_workout, read_workout_file, write_workout_file
from hub_core.testing.strategies import KNOWN_ATHLETE, planned_workouts

NOBODY = Athlete()
OTHERS = [name for name in FORMATS if name != "json"]
#: A watt, a beat, a turn; for speeds half a percent.
NEAR = {Metric.POWER: 1.0, Metric.HEART_RATE: 1.0, Metric.CADENCE: 0.5, Metric.RPE: 0.0}


def tidy(target: Target | None) -> Target | None:
    """A ramp between equal numbers is none."""
    if target is None or isinstance(target, ZoneTarget) or target.low != target.high:
        return target
    return msgspec.structs.replace(target, ramp=None)


def tidy_nodes(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    return tuple(
        msgspec.structs.replace(node, steps=tidy_nodes(node.steps))
        if isinstance(node, Repeat)
        else tidy_step(node)
        for node in nodes
    )


def tidy_step(step: Step) -> Step:
    return msgspec.structs.replace(step, target=tidy(step.target))


def played(workout: PlannedWorkout) -> list[PlacedStep]:
    return [node for node in expand_repeats(place_steps(workout.steps), 0) if isinstance(node, PlacedStep)]


class Trip:
    """One workout to a file and back."""

    def __init__(self, workout: PlannedWorkout, name: str, athlete: Athlete = KNOWN_ATHLETE) -> None:
        self.ours = workout
        written = write_workout_file(workout, athlete, name)
        self.report: FidelityReport = written.fidelity
        read = read_workout(written.data, f"file{FORMATS[name].suffix}", sport=workout.sport)
        self.theirs = read.workout
        self.losses = {step.path: step.losses for step in self.report.steps}

    def check(self) -> None:
        assert [step.path for step in self.report.steps] == [
            node.path for node in walk(place_steps(self.ours.steps))
        ]
        if not any(self.losses.values()):
            assert tidy_nodes(self.theirs.steps) == tidy_nodes(self.ours.steps)
        self._check_head()
        theirs = iter(played(self.theirs))
        for node in played(self.ours):
            losses = self.losses[node.path]
            parts = [tidy_step(next(theirs).step) for _ in range(self._count(losses))]
            check_step(tidy_step(node.step), parts, losses, self.theirs.sport)
        assert next(theirs, None) is None
        self._check_totals()

    def _count(self, losses: tuple[Loss, ...]) -> int:
        ramps = [loss for loss in losses if loss.feature == "ramp"]
        return int(ramps[0].becomes.split()[0]) if ramps else 1

    def _check_head(self) -> None:
        lost = {loss.feature for loss in self.report.workout}
        for feature, ours, theirs in (
            ("name", self.ours.name, self.theirs.name),
            ("sport", self.ours.sport, self.theirs.sport),
            ("description", self.ours.description, self.theirs.description),
            ("pool_length", self.ours.pool_length_m, self.theirs.pool_length_m),
            ("date", self.ours.date, self.theirs.date),
        ):
            assert ours == theirs or feature in lost, feature

    def _check_totals(self) -> None:
        lost = [loss for losses in self.losses.values() for loss in losses if loss.feature == "duration"]
        if not lost:
            ours, theirs = self.ours.steps, self.theirs.steps
            assert total_duration_s(theirs) == pytest.approx(total_duration_s(ours), abs=1e-6)
            assert total_distance_m(theirs) == pytest.approx(total_distance_m(ours), abs=1e-6)


def check_step(ours: Step, parts: list[Step], losses: tuple[Loss, ...], sport: Sport) -> None:
    by_feature: dict[str, list[Loss]] = {}
    for loss in losses:
        by_feature.setdefault(loss.feature, []).append(loss)
    theirs = parts[0]
    if not losses:
        assert parts == [ours]
    if len(parts) > 1:
        check_ramp(ours, parts, by_feature["ramp"][0], sport)
        return
    check_duration(ours, theirs, by_feature.get("duration", []))
    if "ramp" not in by_feature:
        check_target(ours, theirs, by_feature.get("target", []), sport)
    if "cadence" not in by_feature and not is_cadence(ours.target):
        assert theirs.cadence == ours.cadence
    said = [loss.becomes for loss in by_feature.get("intensity", [])]
    assert theirs.intensity == ours.intensity or said == [f"{theirs.intensity} instead of {ours.intensity}"]
    # What only words can say stands among the words.
    if not {"name", "notes"} & set(by_feature) and "the words" not in str(losses):
        assert theirs.name == ours.name
        if "message" not in str(losses) and "set in Zwift" not in str(losses):
            assert theirs.notes == ours.notes


def is_cadence(target: Target | None) -> bool:
    return target is not None and target.metric is Metric.CADENCE


def check_duration(ours: Step, theirs: Step, losses: list[Loss]) -> None:
    if not losses:
        assert theirs.duration == ours.duration
    for loss in losses:
        if loss.level is not Fidelity.EXACT:
            assert loss.becomes.startswith(describe_duration(theirs.duration))


def check_target(ours: Step, theirs: Step, losses: list[Loss], sport: Sport) -> None:
    if not losses:
        assert theirs.target == ours.target
    elif all(loss.level is Fidelity.EXACT for loss in losses):
        assert is_near(ours.target, theirs.target, sport)
    else:
        said = [loss.becomes for loss in losses]
        told = any(tells(text, theirs, sport) for text in said)
        assert told or is_near(ours.target, theirs.target, sport, is_paced=True), (said, theirs.target)


def is_near(ours: Target | None, theirs: Target | None, sport: Sport, *, is_paced: bool = False) -> bool:
    """Whether both are the same for this athlete; `is_paced` if a speed may have become a pace."""
    if ours is None or theirs is None:
        return ours is theirs
    first, second = (resolve_target(target, KNOWN_ATHLETE, sport) for target in (ours, theirs))
    pairs = ((first.low, second.low), (first.high, second.high))
    if is_paced and first.metric is Metric.SPEED:
        first = msgspec.structs.replace(first, metric=Metric.PACE)
    return first.metric == second.metric and all(
        abs(a - b) <= NEAR.get(first.metric, 0.006 * a + 0.001) for a, b in pairs
    )


def tells(text: str, theirs: Step, sport: Sport) -> bool:
    """Whether a loss says what the file has now."""
    target = theirs.target
    if target is None:
        return any(word in text for word in ("words", "message", "no target", "open target", "free step"))
    if isinstance(target, RangeTarget | PercentTarget) and target.low == target.high == 0:
        return text.startswith("0 W")
    if isinstance(target, RangeTarget | PercentTarget) and "middle" in text:
        middle = float(re.split(" %| W", text)[0])
        return target.low <= middle <= target.high
    if "59:59" in text:  # the slowest pace; in mm/s it is one of 59:57
        return target.metric is Metric.PACE
    if rower := re.fullmatch(r"(\d+):(\d\d)(?:-(\d+):(\d\d))? /500m", text):
        slow, fast = (
            int(rower[1]) * 60 + int(rower[2]),
            int(rower[3] or rower[1]) * 60 + int(rower[4] or rower[2]),
        )
        return (target.low, target.high) == (round(500 / slow, 3), round(500 / fast, 3))
    if "that is set in Zwift" in text:  # percent of another pace
        return target.metric is Metric.PACE
    for told in (target, resolve_target(target, KNOWN_ATHLETE, sport)):
        words = describe_target(told, sport)
        numbers = re.findall(r"[\d.:]+", words)
        if words in text or numbers == re.findall(r"[\d.:]+", text)[: len(numbers)]:
            return True
    return False


def check_ramp(ours: Step, parts: list[Step], loss: Loss, sport: Sport) -> None:
    """The parts last as long as the ramp, in its order, and cover it without a gap."""
    target = ours.target
    assert isinstance(target, RangeTarget | PercentTarget)
    assert total_duration_s(tuple(parts)) == pytest.approx(total_duration_s((ours,)), abs=0.01)
    assert total_distance_m(tuple(parts)) == pytest.approx(total_distance_m((ours,)), abs=0.01)
    bounds = [(part.target.low, part.target.high) for part in parts if part.target]
    assert len(bounds) == len(parts)
    if target.ramp == "down":
        bounds.reverse()
    assert all(one[1] == pytest.approx(two[0], abs=0.002) for one, two in itertools.pairwise(bounds))
    assert loss.level is Fidelity.DEGRADED


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25)
@given(workout=planned_workouts())
def test_what_is_exact_is_read_back_and_the_rest_is_lost_as_reported(
    name: str, workout: PlannedWorkout
) -> None:
    Trip(workout, name).check()


@pytest.mark.parametrize("name", ["erg", "mrc", "zwo", "fit", "intervals"])
@settings(max_examples=20)
@given(workout=planned_workouts((Sport.RIDE, Sport.INDOOR_RIDE)))
def test_rides(name: str, workout: PlannedWorkout) -> None:
    Trip(workout, name).check()


@pytest.mark.parametrize("name", OTHERS)
@settings(max_examples=10)
@given(workout=planned_workouts(depth=1))
def test_without_thresholds_a_file_is_whole_and_says_what_it_lacks(
    name: str, workout: PlannedWorkout
) -> None:
    written = write_workout_file(workout, NOBODY, name)
    back = read_workout(written.data, f"x{FORMATS[name].suffix}", sport=workout.sport).workout
    assert len(played(back)) >= len(played(workout))
    for path, loss in written.fidelity.losses():
        assert loss.reason, path
        assert loss.becomes or loss.suggestion, path


def percents(*, steady: bool = True) -> st.SearchStrategy[Target]:
    """Whole percents of FTP: one number, or a ramp."""

    def build(low: int, width: int, ramp: str) -> Target:
        moves = ramp if width else None
        return PercentTarget(Metric.POWER, low, low + width, Reference.FTP, moves)  # type: ignore[arg-type]

    widths = st.just(0) if steady else st.integers(0, 40)
    return st.builds(build, st.integers(30, 150), widths, st.sampled_from(("up", "down")))


def watts() -> st.SearchStrategy[Target]:
    def build(low: int, width: int, ramp: str) -> Target:
        return RangeTarget(Metric.POWER, low, low + width, ramp if width else None)  # type: ignore[arg-type]

    return st.builds(build, st.integers(50, 400), st.integers(0, 100), st.sampled_from(("up", "down")))


CADENCES = st.none() | st.integers(60, 110).map(lambda low: CadenceRange(low, low + 10))
TIMES = st.integers(1, 7200).map(TimeDuration)
WORDS = st.text("abcdefghij äöüß", min_size=1, max_size=20).map(lambda text: " ".join(text.split()))


def only(
    target: st.SearchStrategy[Target], **fields: st.SearchStrategy[object]
) -> st.SearchStrategy[PlannedWorkout]:
    steps = st.lists(st.builds(Step, duration=TIMES, target=target, **fields), min_size=1, max_size=8)
    return steps.map(lambda some: PlannedWorkout("Plan", Sport.RIDE, tuple(some)))


EXACT = {
    "json": planned_workouts(),
    "erg": only(watts()),
    "mrc": only(percents(steady=False)),
    "zwo": only(percents(steady=False), cadence=CADENCES),
    "fit": only(
        percents(),
        cadence=CADENCES,
        name=WORDS,
        notes=WORDS,
        intensity=st.sampled_from(Intensity),
    ),
    "intervals": only(
        percents(steady=False) | watts(), cadence=CADENCES, intensity=st.sampled_from(Intensity)
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_what_a_format_is_made_for_is_exact(name: str) -> None:
    @settings(max_examples=20)
    @given(EXACT[name])
    def check(workout: PlannedWorkout) -> None:
        trip = Trip(workout, name)
        assert trip.report.level is Fidelity.EXACT
        assert trip.theirs.steps == workout.steps

    check()


@settings(max_examples=20)
@given(EXACT["fit"], st.integers(2, 5), st.integers(2, 5))
def test_fit_keeps_nested_repeats(workout: PlannedWorkout, outer: int, inner: int) -> None:
    steps = (Repeat(outer, (Repeat(inner, workout.steps, "inner"), *workout.steps), "outer"),)
    trip = Trip(msgspec.structs.replace(workout, steps=steps), "fit")
    assert trip.report.level is Fidelity.EXACT
    assert trip.theirs.steps == steps


def test_formats_are_found_by_name_and_suffix() -> None:
    assert [one.suffix for one in FORMATS.values()] == [".json", ".fit", ".zwo", ".erg", ".mrc", ".txt"]
    assert find_format("FIT") is find_format(".fit")
    assert all(one.title for one in FORMATS.values())
    with pytest.raises(
        InvalidInputError, match="'tcx' is no format; there are json, fit, zwo, erg, mrc, intervals"
    ):
        find_format("tcx")


def test_an_invalid_workout_is_not_written() -> None:
    for name in FORMATS:
        with pytest.raises(InvalidInputError, match="above 0"):
            write_workout_file(PlannedWorkout("x", Sport.RIDE, (Step(TimeDuration(0)),)), NOBODY, name)


def test_a_file_is_written_and_read_by_its_suffix(tmp_path: Path) -> None:
    workout = PlannedWorkout("Plan", Sport.RIDE, (Step(TimeDuration(60), None),))
    for one in FORMATS.values():
        path = tmp_path / f"Plan{one.suffix.upper()}"
        path.write_bytes(write_workout_file(workout, NOBODY, one.name).data)
        read = read_workout_file(path, sport=Sport.RIDE)
        assert (read.name, read.sport, total_duration_s(read.steps)) == ("Plan", Sport.RIDE, 60)


def test_the_report_names_the_format_and_a_date_is_the_calendars() -> None:
    workout = PlannedWorkout("Plan", Sport.RIDE, (Step(TimeDuration(60)),), date=dt.date(2026, 3, 1))
    for name in OTHERS:
        report = write_workout_file(workout, KNOWN_ATHLETE, name).fidelity
        assert report.provider == name
        assert [loss.level for loss in report.workout if loss.feature == "date"] == [Fidelity.EXACT]
    assert write_workout_file(workout, KNOWN_ATHLETE, "json").fidelity.workout == ()


@pytest.mark.chaos
@pytest.mark.parametrize("name", FORMATS)
def test_many_workouts(name: str) -> None:
    @settings(max_examples=1500)
    @given(planned_workouts())
    def check(workout: PlannedWorkout) -> None:
        Trip(workout, name).check()

    check()
