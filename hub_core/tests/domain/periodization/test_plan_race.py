"""Plans for any race keep their limits; what can't be planned is said with a way out."""

from __future__ import annotations

import datetime as dt
import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_core.domain.athlete import Athlete
from hub_core.domain.normalize import normalize
from hub_core.domain.periodization import (
    Capacity,
    Discipline,
    Kind,
    Missing,
    NoPlan,
    Phase,
    RaceGoal,
    RacePlan,
    plan_race,
)
from hub_core.domain.science.fitness import ctl_after
from hub_core.domain.sport import Sport
from hub_core.domain.validate import validate
from hub_core.domain.workout import Metric, PercentTarget, RangeTarget, Repeat, Step, total_duration_s
from hub_core.errors import InvalidInputError
from hub_core.testing.strategies import KNOWN_ATHLETE

START = dt.date(2026, 11, 30)
MARATHON = RaceGoal(dt.date(2027, 4, 18), 42_195)
DAY = dt.timedelta(days=1)


def made(
    goal: RaceGoal = MARATHON,
    capacity: Capacity = Capacity(6, ctl=25),  # noqa: B008 - immutable
    start: dt.date = START,
    athlete: Athlete = KNOWN_ATHLETE,
) -> RacePlan:
    plan = plan_race(goal, capacity, start, athlete)
    assert isinstance(plan, RacePlan)
    return plan


starts = st.dates(dt.date(2024, 1, 1), dt.date(2040, 1, 1))
goals = st.tuples(st.sampled_from(Discipline), st.sampled_from([5e3, 21_097, 42_195, 51_500, 113e3, 2e5]))


@st.composite
def capacities(draw: st.DrawFn) -> Capacity:
    return Capacity(
        weekly_hours=draw(st.floats(1, 20)),
        ctl=draw(st.floats(0, 120)),
        sessions=draw(st.none() | st.integers(3, 7)),
        long_weekday=draw(st.integers(0, 6)),
        max_ramp=draw(st.floats(1, 8)),
        loading_weeks=draw(st.integers(2, 3)),
    )


@settings(max_examples=60)
@given(starts, st.integers(1, 400), goals, capacities())
def test_any_race_has_a_plan_within_all_limits_or_an_answer(
    start: dt.date, days: int, race: tuple[Discipline, float], capacity: Capacity
) -> None:
    goal = RaceGoal(start + days * DAY, race[1], race[0])
    plan = plan_race(goal, capacity, start, KNOWN_ATHLETE)
    if isinstance(plan, NoPlan):
        check_answer(plan, goal, capacity, start)
    else:
        check_calendar(plan, goal, start)
        check_loads(plan, capacity)
        check_taper(plan, goal)
        check_sessions(plan, goal)


def check_calendar(plan: RacePlan, goal: RaceGoal, start: dt.date) -> None:
    assert start <= plan.start == plan.weeks[0].start
    assert (plan.start - start).days < 7 or len(plan.weeks) == 52
    assert plan.weeks[-1].end == goal.date
    for before, after in itertools.pairwise(plan.weeks):
        assert before.start + 6 * DAY == before.end == after.start - DAY
    phases = [week.phase for week in plan.weeks]
    assert phases == sorted(phases, key=list(Phase).index)
    assert phases[-1] is Phase.RACE
    assert phases[-2] in (Phase.PEAK, Phase.TAPER)
    assert 4 <= phases.count(Phase.BUILD) <= 8
    assert Phase.BASE not in phases or phases.count(Phase.BUILD) == 8


def check_loads(plan: RacePlan, capacity: Capacity) -> None:
    ctl, loaded, in_a_row = capacity.ctl, 0, 0
    for week in plan.weeks:
        loads = [0.0] * 7
        for session in week.sessions:
            loads[(session.date - week.start).days] += session.load
        after = ctl_after(ctl, loads)
        assert after - ctl <= capacity.max_ramp + 0.01
        assert after == pytest.approx(week.ctl, abs=0.1)
        assert week.minutes <= capacity.weekly_hours * 60
        if week.end < plan.taper_start:
            in_a_row = 0 if week.is_recovery else in_a_row + 1
            assert in_a_row <= capacity.loading_weeks
            if week.is_recovery and loaded:
                assert week.minutes <= 0.61 * loaded
            loaded = loaded if week.is_recovery else week.minutes
        ctl = after


def check_taper(plan: RacePlan, goal: RaceGoal) -> None:
    days = (goal.date - plan.taper_start).days + 1
    assert 8 <= days <= 14
    full = [week for week in plan.weeks if week.end < plan.taper_start]
    assert not full[-1].is_recovery
    tapered = sum(session.minutes for session in plan.sessions if session.date >= plan.taper_start)
    cut = 100 * (1 - tapered / days / (full[-1].minutes / 7))
    assert 41 <= cut <= 60
    assert cut == pytest.approx(plan.taper_cut_pct, abs=0.1)
    # As often as before: the day of the race takes one at most away.
    before = len(full[-1].sessions)
    in_race_week = [session for session in plan.weeks[-1].sessions if session.date >= plan.taper_start]
    assert len(in_race_week) >= before - 1


def check_sessions(plan: RacePlan, goal: RaceGoal) -> None:
    dates = [session.date for session in plan.sessions]
    assert dates == sorted(set(dates))
    assert dates[-1] < goal.date
    hard = [session.date for session in plan.sessions if session.is_key]
    assert all((after - before).days > 1 for before, after in itertools.pairwise(hard))
    assert all((goal.date - day).days > 3 for day in hard)
    for session in plan.sessions:
        validate(session.workout)
        normalize(session.workout, KNOWN_ATHLETE)
        assert session.workout.date == session.date
        assert total_duration_s(session.workout.steps) == session.minutes * 60
        assert session.load > 0


def check_answer(answer: NoPlan, goal: RaceGoal, capacity: Capacity, start: dt.date) -> None:
    assert answer.message
    assert answer.why
    assert (answer.missing is Missing.HOURS) == (answer.earliest_date is None)
    if answer.earliest_date:
        assert answer.earliest_date.weekday() == goal.date.weekday()
        made(msgspec.structs.replace(goal, date=answer.earliest_date), capacity, start)
        earlier = msgspec.structs.replace(goal, date=answer.earliest_date - 7 * DAY)
        assert isinstance(plan_race(earlier, capacity, start, KNOWN_ATHLETE), NoPlan)
    if answer.hours_needed:
        made(goal, msgspec.structs.replace(capacity, weekly_hours=answer.hours_needed), start)
    if answer.distance_m:
        assert answer.distance_m < goal.distance_m
        made(msgspec.structs.replace(goal, distance_m=answer.distance_m), capacity, start)


def test_twenty_weeks_to_a_marathon() -> None:
    """Race Sunday 18 April 2027: two weeks of taper, eight of build, ten of base."""
    plan = made()
    assert len(plan.weeks) == 20
    assert plan.taper_start == dt.date(2027, 4, 5)
    build = [week for week in plan.weeks if week.phase is Phase.BUILD]
    base = [week for week in plan.weeks if week.phase is Phase.BASE]
    assert (build[0].start, build[-1].end, len(build)) == (dt.date(2027, 2, 8), dt.date(2027, 4, 4), 8)
    assert (base[0].start, base[-1].end, len(base)) == (dt.date(2026, 11, 30), dt.date(2027, 2, 7), 10)
    assert plan.ctl_at_taper > 45 > plan.ctl_at_start
    assert plan.form_on_race_day > 5


def test_the_same_input_gives_the_same_plan() -> None:
    assert msgspec.json.encode(made()) == msgspec.json.encode(made())


def test_too_little_time_is_said_with_what_is_possible() -> None:
    answer = plan_race(MARATHON, Capacity(6), dt.date(2027, 2, 1), KNOWN_ATHLETE)
    assert isinstance(answer, NoPlan)
    assert answer.missing is Missing.TIME
    assert answer.weeks == 11
    assert answer.distance_m == 10_000
    assert answer.earliest_date is not None
    assert "11 whole weeks are too few" in answer.message
    assert "10 km is possible" in answer.message


def test_three_weeks_are_no_plan_even_for_the_fit() -> None:
    answer = plan_race(RaceGoal(START + 21 * DAY, 10_000), Capacity(8, ctl=70), START, KNOWN_ATHLETE)
    assert isinstance(answer, NoPlan)
    assert answer.earliest_date == START + 42 * DAY
    assert "6 weeks are enough" in answer.message


def test_too_few_hours_are_told_from_too_little_time() -> None:
    answer = plan_race(MARATHON, Capacity(1.5, ctl=20), START, KNOWN_ATHLETE)
    assert isinstance(answer, NoPlan)
    assert answer.missing is Missing.HOURS
    assert answer.hours_needed is not None
    assert answer.hours_needed > 1.5


def test_targets_are_written_in_what_the_athlete_knows() -> None:
    def metrics(athlete: Athlete, discipline: Discipline = Discipline.RUN) -> set[object]:
        goal = msgspec.structs.replace(MARATHON, discipline=discipline)
        plan = made(goal, Capacity(8, ctl=40), athlete=athlete)
        steps: list[Step] = []
        for session in plan.sessions:
            for node in session.workout.steps:
                steps += node.steps if isinstance(node, Repeat) else (node,)  # type: ignore[arg-type]
        targets = [step.target for step in steps]
        return {
            (target.metric, target.of if isinstance(target, PercentTarget) else "")
            for target in targets
            if isinstance(target, (PercentTarget, RangeTarget))
        }

    assert metrics(Athlete(threshold_speed_mps=4, lthr_bpm=170)) == {("pace", "threshold_pace")}
    assert metrics(Athlete(lthr_bpm=170)) == {("heart_rate", "lthr")}
    assert metrics(Athlete()) == {(Metric.RPE, "")}
    assert metrics(Athlete(ftp_w=250), Discipline.RIDE) == {("power", "ftp")}


def test_a_triathlete_does_all_three() -> None:
    goal = RaceGoal(dt.date(2027, 6, 20), 113_000, Discipline.TRIATHLON)
    plan = made(goal, Capacity(9, ctl=40))
    for week in plan.weeks[:-1]:
        assert {session.workout.sport for session in week.sessions} == {
            Sport.RUN,
            Sport.RIDE,
            Sport.POOL_SWIM,
        }


def test_a_beginner_gets_fewer_sessions_and_not_shorter_ones() -> None:
    plan = made(RaceGoal(dt.date(2027, 8, 1), 10_000), Capacity(10))
    first, last = plan.weeks[0], plan.weeks[-3]
    assert len(first.sessions) < len(last.sessions)
    assert first.minutes / len(first.sessions) >= 25


def test_the_day_before_is_openers_and_quality_ends_before_the_last_days() -> None:
    last = made().sessions[-1]
    assert (last.kind, last.date) == (Kind.OPENERS, dt.date(2027, 4, 17))


@pytest.mark.parametrize(
    ("goal", "capacity", "path"),
    [
        (RaceGoal(START, 10_000), Capacity(6), "race.date"),
        (RaceGoal(dt.date(2027, 4, 18), 42.2), Capacity(6), "race.distance_m"),
        (MARATHON, Capacity(0.5), "weekly_hours"),
        (MARATHON, Capacity(float("nan")), "weekly_hours"),
        (MARATHON, Capacity(6, ctl=-1), "ctl"),
        (MARATHON, Capacity(6, max_ramp=12), "max_ramp"),
        (MARATHON, Capacity(6, sessions=9), "sessions"),
        (MARATHON, Capacity(6, long_weekday=7), "long_weekday"),
        (RaceGoal(dt.date(2027, 4, 18), 51_500, Discipline.TRIATHLON), Capacity(6, sessions=2), "sessions"),
        (RaceGoal(dt.date(2999, 1, 1), 10_000), Capacity(6), "race.date"),
    ],
    ids=str,
)
def test_what_cant_be_meant_is_refused_by_name(goal: RaceGoal, capacity: Capacity, path: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        plan_race(goal, capacity, START, KNOWN_ATHLETE)
    assert refused.value.path == path
