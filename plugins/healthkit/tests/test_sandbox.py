"""The phone and its watch: what the scheduler takes, holds and shows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from hub_core.sandbox import sync_phone
from hub_core.sdk import (
    Metric,
    Pickup,
    PlannedWorkout,
    RangeTarget,
    Rejected,
    Removal,
    Repeat,
    Schedule,
    Sport,
    Step,
    TimeDuration,
    pickup_uuid,
)
from hub_core.testing.strategies import KNOWN_ATHLETE
from hub_healthkit.export import compile_workout
from hub_healthkit.sandbox import HealthKitSandbox

ANNA = "athlete-1"
EASY = Step(TimeDuration(600), RangeTarget(Metric.HEART_RATE, 118, 136))


@pytest.fixture
def sandbox() -> HealthKitSandbox:
    return HealthKitSandbox()


def pickup(
    sandbox: HealthKitSandbox,
    *steps: Step | Repeat,
    name: str = "Easy",
    reference: str = "hub-1",
    days: int = 1,
    sport: Sport = Sport.RUN,
    time: dt.time | None = None,
) -> Pickup:
    date = sandbox.clock.today() + dt.timedelta(days=days)
    compiled = compile_workout(
        PlannedWorkout(name, sport, steps or (EASY,), date=date, time=time), KNOWN_ATHLETE
    )
    schedule = Schedule(compiled.payload, compiled.date, compiled.time, compiled.time_zone)
    return Pickup("exp", "wk", 1, reference, pickup_uuid(reference), schedule=schedule)


def titles(sandbox: HealthKitSandbox, user: str = ANNA) -> list[str]:
    return [workout.title for workout in sandbox.device(user).workouts]


def test_what_is_scheduled_is_shown_as_the_watch_words_it(sandbox: HealthKitSandbox) -> None:
    fast = Step(TimeDuration(360), RangeTarget(Metric.PACE, 4.0, 4.2), name="Fast")
    receipt = sandbox.pick_up(ANNA, pickup(sandbox, EASY, Repeat(3, (fast, EASY))))
    assert receipt.external_ids == {"plan_id": receipt.external_id}
    (shown,) = sandbox.device(ANNA).workouts
    assert (shown.title, shown.sport, shown.external_id) == ("Easy", "Outdoor Run", receipt.external_id)
    assert shown.date == sandbox.clock.today() + dt.timedelta(days=1)
    assert shown.lines == (
        "Work: 10 min, 118–136 bpm",
        "3 times:",
        "  Work, Fast: 6 min, 4:10–3:58 /km",
        "  Work: 10 min, 118–136 bpm",
    )


def test_a_newer_plan_with_the_same_id_takes_the_place_of_the_older(sandbox: HealthKitSandbox) -> None:
    sandbox.pick_up(ANNA, pickup(sandbox, name="Old"))
    sandbox.pick_up(ANNA, pickup(sandbox, name="New", days=2))
    assert titles(sandbox) == ["New"]


def test_others_see_nothing_of_it(sandbox: HealthKitSandbox) -> None:
    sandbox.pick_up(ANNA, pickup(sandbox))
    assert titles(sandbox, "athlete-2") == []


def test_removing_does_not_tell_whether_there_was_anything(sandbox: HealthKitSandbox) -> None:
    one = pickup(sandbox)
    gone = msgspec.structs.replace(one, schedule=None, remove=Removal(one.uuid))
    sandbox.put_down(ANNA, gone)
    sandbox.pick_up(ANNA, one)
    sandbox.put_down(ANNA, gone)
    assert titles(sandbox) == []


def test_an_athlete_who_has_not_allowed_it_gets_nothing(sandbox: HealthKitSandbox) -> None:
    sandbox.is_authorized = False
    with pytest.raises(Rejected, match="not allowed"):
        sandbox.pick_up(ANNA, pickup(sandbox))


def test_the_scheduler_holds_fifteen_that_are_ahead(sandbox: HealthKitSandbox) -> None:
    for number in range(15):
        sandbox.pick_up(ANNA, pickup(sandbox, reference=f"hub-{number}"))
    with pytest.raises(Rejected, match="holds 15 workouts"):
        sandbox.pick_up(ANNA, pickup(sandbox, reference="hub-15"))
    sandbox.pick_up(ANNA, pickup(sandbox, reference="hub-3", name="Replaced"))
    sandbox.clock.advance(3 * 86_400)  # what is past doesn't count
    sandbox.pick_up(ANNA, pickup(sandbox, reference="hub-15"))
    assert len(titles(sandbox)) == 1


@pytest.mark.parametrize(("days", "fits"), [(7, True), (8, False), (-7, True), (-8, False)])
def test_the_scheduler_knows_a_week(sandbox: HealthKitSandbox, days: int, fits: bool) -> None:
    if fits:
        sandbox.pick_up(ANNA, pickup(sandbox, days=days))
    else:
        with pytest.raises(Rejected, match="8 days away"):
            sandbox.pick_up(ANNA, pickup(sandbox, days=days))


def test_older_systems_have_no_pools_and_no_names_of_steps(sandbox: HealthKitSandbox) -> None:
    sandbox.os_version = (17, 5)
    with pytest.raises(Rejected, match=r"needs iOS 18\.0, and this phone has 17\.5"):
        sandbox.pick_up(ANNA, pickup(sandbox, sport=Sport.POOL_SWIM))
    sandbox.pick_up(ANNA, pickup(sandbox, Step(TimeDuration(60), name="Named")))
    assert sandbox.device(ANNA).workouts[0].lines == ("Work: 1 min",)


def test_an_alert_that_this_watch_does_not_have_is_left_out_and_told(sandbox: HealthKitSandbox) -> None:
    swim = Step(TimeDuration(60), RangeTarget(Metric.PACE, 1.2, 1.3))
    receipt = sandbox.pick_up(ANNA, pickup(sandbox, swim, sport=Sport.POOL_SWIM))
    assert receipt.notes == ("This watch has no speedRange alert in swimming.",)
    assert sandbox.device(ANNA).workouts[0].lines == ("Work, 1:23–1:17 /100 m: 1 min",)
    sandbox.not_on_this_watch = frozenset()
    receipt = sandbox.pick_up(ANNA, pickup(sandbox, swim, sport=Sport.POOL_SWIM))
    assert receipt.notes == ()
    assert sandbox.device(ANNA).workouts[0].lines == ("Work, 1:23–1:17 /100 m: 1 min, 1:23–1:17 /100 m",)


def test_what_is_shown_is_in_order(sandbox: HealthKitSandbox) -> None:
    sandbox.pick_up(ANNA, pickup(sandbox, name="Evening", reference="a", time=dt.time(18)))
    sandbox.pick_up(ANNA, pickup(sandbox, name="Tomorrow", reference="b", days=2))
    sandbox.pick_up(ANNA, pickup(sandbox, name="Morning", reference="c", time=dt.time(6)))
    assert titles(sandbox) == ["Morning", "Evening", "Tomorrow"]


def test_a_round_of_the_phone_does_what_it_is_told_and_says_so(sandbox: HealthKitSandbox) -> None:
    keep, confirmed = pickup(sandbox), pickup(sandbox, reference="hub-2")
    too_far = pickup(sandbox, reference="hub-3", days=20)
    gone = Pickup("exp-4", "wk", 2, "hub-4", pickup_uuid("hub-4"), remove=Removal("OLD"))
    told = [gone, keep, msgspec.structs.replace(confirmed, is_confirmed=True), too_far]
    said: list[dict[str, Any]] = []

    def ask(method: str, path: str, body: dict[str, Any] | None) -> Any:
        if method == "GET":
            assert path == "/pickups/healthkit"
            return msgspec.to_builtins(told)
        assert path.startswith("/pickups/healthkit/exp")
        said.append(body or {})
        return None

    outcomes = sync_phone(sandbox, ANNA, ask)
    assert [one.outcome for one in outcomes] == ["removed", "scheduled", "failed"]
    assert [one["revision"] for one in said] == [2, 1, 1]
    assert said[1]["external_id"] == keep.uuid
    assert "20 days away" in said[2]["reason"]
    assert titles(sandbox) == ["Easy"]


def test_there_is_nothing_to_be_set(sandbox: HealthKitSandbox) -> None:
    assert sandbox.environment("http://127.0.0.1:1") == {}
    assert sandbox.settings("http://127.0.0.1:1").hosts() == frozenset()
