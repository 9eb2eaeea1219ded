"""After a change of thresholds: what was sent and would go out otherwise now, on both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from hub_core.cli.demo import DEMO_ATHLETE
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    Metric,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    TimeDuration,
)
from hub_core.errors import InvalidInputError
from hub_core.sandbox.faults import FaultKind
from hub_core.services.athletes.save_athlete import change_athlete, load_athlete
from hub_core.services.exports.stale_exports import StaleChange, list_stale, resend_stale
from hub_core.services.workouts.save_workout import change_workout, save_workout

on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

SHARE = Step(TimeDuration(480), PercentTarget(Metric.POWER, 90, 100, Reference.FTP))
EASY = Step(TimeDuration(120), RangeTarget(Metric.POWER, 120, 140))
STEPS = (EASY, Repeat(4, (SHARE, EASY)))


async def set_athlete(scene: Any, **thresholds: Any) -> None:
    known = {"ftp_w": 200, "lthr_bpm": 168, "threshold_speed_mps": 4.0, "css_mps": 1.0}
    new = msgspec.structs.replace(DEMO_ATHLETE, **known | thresholds)
    platform = scene.athlete.platform_id
    await change_athlete(scene.hub, platform, scene.athlete.id, thresholds=new)
    scene.athlete = await load_athlete(platform, scene.athlete.id)


async def sent(scene: Any, plan: PlannedWorkout, *providers: str, **fields: Any) -> str:
    """A workout that is there."""
    await set_athlete(scene)
    for name in providers:
        await scene.connect(name)
    ride = msgspec.structs.replace(plan, **{"steps": STEPS, "description": "", **fields})
    row = await save_workout(scene.hub, scene.athlete, ride)
    await scene.run_all()
    return row.id


@pytest.mark.parametrize("name", ["garmin", "wahoo"])
async def test_what_was_resolved_is_listed_with_what_it_was_and_would_be(scene, plan, name: str) -> None:
    await sent(scene, plan, name)
    assert await list_stale(scene.hub, scene.athlete) == []
    await set_athlete(scene, ftp_w=250)
    (stale,) = await list_stale(scene.hub, scene.athlete)
    assert (stale.provider, stale.name, stale.date, stale.stopped) == (name, plan.name, str(plan.date), "")
    assert stale.changes == (StaleChange("steps[1].repeat[0]", "target", "180–200 W", "225–250 W"),)


async def test_a_percentage_that_travels_as_one_is_not_stale(scene, plan) -> None:
    await sent(scene, plan, "intervals")
    await set_athlete(scene, ftp_w=250)
    assert await list_stale(scene.hub, scene.athlete) == []


async def test_a_threshold_that_the_workout_doesn_t_use_changes_nothing(scene, plan) -> None:
    await sent(scene, plan, "garmin")
    await set_athlete(scene, lthr_bpm=150, css_mps=1.5)
    assert await list_stale(scene.hub, scene.athlete) == []


@pytest.mark.parametrize(
    ("sport", "target", "thresholds", "was", "now"),
    [
        (
            Sport.RUN,
            PercentTarget(Metric.PACE, 95, 100, Reference.THRESHOLD_PACE),
            {"threshold_speed_mps": 4.4},
            "4:23–4:10 /km",
            "3:59–3:47 /km",
        ),
        (
            Sport.RUN,
            PercentTarget(Metric.HEART_RATE, 90, 95, Reference.LTHR),
            {"lthr_bpm": 180},
            "151–160 bpm",
            "162–171 bpm",
        ),
        (
            Sport.OPEN_WATER_SWIM,
            PercentTarget(Metric.PACE, 100, 100, Reference.CSS),
            {"css_mps": 1.25},
            "1:40 /100 m",
            "1:20 /100 m",
        ),
    ],
)
async def test_every_threshold_counts(scene, plan, sport, target, thresholds, was: str, now: str) -> None:
    await sent(scene, plan, "garmin", sport=sport, steps=(Step(TimeDuration(600), target),))
    await set_athlete(scene, **thresholds)
    (stale,) = await list_stale(scene.hub, scene.athlete)
    (change,) = stale.changes
    assert (change.sent, change.now) == (was, now)


async def test_what_is_over_is_not_listed_and_today_is_by_the_athlete_s_clock(scene, plan) -> None:
    ahead = dt.datetime.now(dt.timezone(dt.timedelta(hours=14))).date()
    await sent(scene, plan, "garmin", date=ahead - dt.timedelta(days=1))
    await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(plan, steps=STEPS, date=ahead))
    await scene.run_all()
    await set_athlete(scene, ftp_w=250, time_zone="Pacific/Kiritimati")
    assert [one.date for one in await list_stale(scene.hub, scene.athlete)] == [str(ahead)]


@on_both
async def test_one_call_sends_them_all_again_in_the_place_of_their_copies(scene, plan) -> None:
    await sent(scene, plan, "garmin", "wahoo", "intervals")
    await set_athlete(scene, ftp_w=250)
    queued = await resend_stale(scene.hub, scene.athlete)
    assert {one.provider for one in queued} == {"garmin", "wahoo"}
    assert {one.status for one in queued} == {"PENDING"}
    await scene.run_all()
    assert await list_stale(scene.hub, scene.athlete) == []
    assert await resend_stale(scene.hub, scene.athlete) == []
    for name in ("garmin", "wahoo", "intervals"):
        assert scene.titles(name) == [plan.name]
    (workout,) = scene.sandboxes["garmin"].sandbox.device("athlete-1").workouts
    assert "  Bike: 8 min, 225–250 W" in workout.lines


async def test_a_phone_s_word_about_the_old_numbers_doesn_t_end_the_wait_for_the_new(scene, plan) -> None:
    await set_athlete(scene)
    await scene.connect_phone()
    await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(plan, steps=STEPS))
    await scene.run_due()
    (old,) = await scene.pickups()
    await set_athlete(scene, ftp_w=250)
    await resend_stale(scene.hub, scene.athlete)
    told = await scene.say(old, external_id="PLAN-1")
    assert (told.status, told.reason_code) == ("PENDING", "queued")
    await scene.run_due()
    (new,) = await scene.pickups()
    assert (new.revision, new.is_confirmed) == (old.revision, False)
    assert new.schedule.payload != old.schedule.payload
    sent = await scene.say(new, external_id="PLAN-1")
    assert (sent.status, sent.sent_revision) == ("SENT", 1)
    assert await list_stale(scene.hub, scene.athlete) == []


async def test_some_of_them_by_id(scene, plan) -> None:
    await sent(scene, plan, "garmin", "wahoo")
    await set_athlete(scene, ftp_w=250)
    first, second = await list_stale(scene.hub, scene.athlete)
    with pytest.raises(InvalidInputError, match=r"ids\[1\]"):
        await resend_stale(scene.hub, scene.athlete, (first.id, "exp_another"))
    assert len(await list_stale(scene.hub, scene.athlete)) == 2
    (queued,) = await resend_stale(scene.hub, scene.athlete, (first.id, first.id))
    assert queued.id == first.id
    assert await resend_stale(scene.hub, scene.athlete, ()) == []
    await scene.run_all()
    assert [one.id for one in await list_stale(scene.hub, scene.athlete)] == [second.id]


async def test_an_answer_that_is_lost_while_sending_again_leaves_one(scene, plan) -> None:
    await sent(scene, plan, "garmin")
    await set_athlete(scene, ftp_w=250)
    scene.fault("garmin", FaultKind.DROP_AFTER, "/training-api/workout/v2", method="PUT", times=1)
    await resend_stale(scene.hub, scene.athlete)
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.sent_revision, export.verification.state) == ("SENT", 1, "same")
    assert scene.titles("garmin") == [plan.name]


async def test_what_waits_to_be_sent_is_compiled_when_it_goes_out(scene, plan) -> None:
    workout_id = await sent(scene, plan, "garmin")
    shorter = msgspec.structs.replace(plan, steps=(SHARE,))
    await change_workout(scene.hub, scene.athlete, workout_id, shorter)
    await set_athlete(scene, ftp_w=250)
    assert await list_stale(scene.hub, scene.athlete) == []
    await scene.run_all()
    assert await list_stale(scene.hub, scene.athlete) == []


async def test_a_threshold_that_is_gone_tells_what_would_stop_it(scene, plan) -> None:
    await sent(scene, plan, "garmin")
    await set_athlete(scene, ftp_w=None)
    (stale,) = await list_stale(scene.hub, scene.athlete)
    assert stale.stopped.startswith("would be stopped by your policy accept_degraded: steps[1].repeat[0]: ")
    await resend_stale(scene.hub, scene.athlete)
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("FAILED", "unsupported")


async def test_a_plugin_that_was_changed_meanwhile_lists_without_words(scene, plan) -> None:
    await sent(scene, plan, "garmin")
    await scene.hub.engine.execute("UPDATE \"export\" SET sent_digest = 'another'")
    await set_athlete(scene, ftp_w=250)
    (stale,) = await list_stale(scene.hub, scene.athlete)
    assert stale.changes == ()
