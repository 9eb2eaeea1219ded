"""Why a workout is, or isn't, on the device: for each case the chain is true, and the next step helps."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from hub_core.domain.policy import FidelityPolicy
from hub_core.domain.workout import Metric, PlannedWorkout, RangeTarget, Step, TimeDuration
from hub_core.errors import InvalidInputError, NotFoundError
from hub_core.sandbox.faults import FaultKind
from hub_core.services.athletes.save_athlete import change_athlete, load_athlete
from hub_core.services.connections.disconnect_provider import choose_primary
from hub_core.services.exports.explain_workout import explain_export, explain_workout
from hub_core.services.exports.retry_export import list_exports, read_export
from hub_core.services.exports.statuses import ExportStatus
from hub_core.services.exports.tell_why import Stage, Why
from hub_core.services.workouts.save_workout import change_workout, delete_workout, save_workout
from hub_core.storage.holds import Hold, hold_provider
from hub_core.storage.tables import Export, Workout

RECIPES = "/workoutportal/workout/v2"


async def why(scene: Any, row: Workout) -> Why:
    (story,) = await explain_workout(scene.hub, scene.athlete, row.id)
    return story


def codes(story: Why, *stages: Stage) -> list[str]:
    return [fact.code for fact in story.chain if fact.stage in stages]


def broken(story: Why) -> list[str]:
    return [fact.code for fact in story.chain if not fact.is_ok]


async def test_nowhere_to_go(scene, plan: PlannedWorkout) -> None:
    row = await save_workout(scene.hub, scene.athlete, plan)
    story = await why(scene, row)
    assert (story.export_id, story.provider, story.status) == (None, None, "NOT_CONNECTED")
    assert codes(story, Stage.SAVED, Stage.SELECTED) == ["saved", "no_connection"]
    assert [(step.who, step.code) for step in story.next_steps] == [("athlete", "connect")]

    athlete = scene.athlete
    await change_athlete(scene.hub, athlete.platform_id, athlete.id, export_to="primary")
    scene.athlete = await load_athlete(athlete.platform_id, athlete.id)
    await scene.connect("garmin")
    await scene.connect("wahoo")
    undecided = await why(scene, await save_workout(scene.hub, scene.athlete, plan))
    assert undecided.reason_code == "no_primary"
    assert undecided.next_steps[0].call.startswith("PUT /v1/athletes/")

    asked = await save_workout(scene.hub, scene.athlete, plan, providers=("wahoo",))
    named = await why(scene, asked)
    assert (named.provider, codes(named, Stage.SELECTED)) == ("wahoo", ["asked"])

    yesterday = msgspec.structs.replace(plan, date=plan.date - dt.timedelta(days=2))
    past = await why(scene, await save_workout(scene.hub, scene.athlete, yesterday))
    assert broken(past) == ["past", "no_primary", "no_primary"]
    assert past.next_steps == ()


async def test_sent_and_read_back(scene, plan) -> None:
    await scene.connect("garmin")
    row = await save_workout(scene.hub, scene.athlete, plan)
    waiting = await why(scene, row)
    assert (waiting.status, waiting.reason_code) == ("PENDING", "queued")
    assert [(step.who, step.code) for step in waiting.next_steps] == [("hub", "wait")]

    await scene.run_all()
    story = await why(scene, row)
    assert [(fact.stage.value, fact.code) for fact in story.chain] == [
        ("saved", "saved"),
        ("selected", "all"),
        ("connection", "connected"),
        ("compiled", "exact"),
        ("token", "fresh"),
        ("request", "create"),
        ("answer", "sent"),
        ("read_back", "same"),
        ("now", "sent"),
    ]
    (request,) = [fact for fact in story.chain if fact.stage is Stage.REQUEST]
    assert f"POST /{RECIPES.strip('/')} → 200 in" in request.text
    assert "POST /training-api/schedule/ → 200 in" in request.text
    assert (broken(story), story.next_steps) == ([], ())
    times = [fact.at_ms for fact in story.chain if fact.at_ms is not None and fact.stage != "connection"]
    assert times[:-1] == sorted(times[:-1])  # the last one is when it was written down


async def test_edits_that_never_went_out(scene, plan) -> None:
    await scene.connect("garmin")
    row = await save_workout(scene.hub, scene.athlete, plan)
    for number in range(3):
        await change_workout(scene.hub, scene.athlete, row.id, {"name": f"Version {number}"})
    await scene.run_all()
    story = await why(scene, row)
    told = [fact.text for fact in story.chain if fact.code == "superseded"]
    assert told == ["Revisions 1 to 3 never went out: a newer one was saved before."]

    await delete_workout(scene.hub, scene.athlete, row.id)
    await scene.run_all()
    gone = await why(scene, row)
    assert "deleted" in codes(gone, Stage.SAVED)
    assert (gone.status, gone.reason_code) == ("SENT", "withdrawn")


async def test_held_and_retrying(scene, plan) -> None:
    await scene.connect("wahoo")
    later = msgspec.structs.replace(plan, date=plan.date + dt.timedelta(days=30))
    row = await save_workout(scene.hub, scene.athlete, later)
    await scene.run_due()
    story = await why(scene, row)
    assert story.reason_code == "held"
    (step,) = story.next_steps
    days_ahead = (step.at_ms / 1000 - dt.datetime.now(dt.UTC).timestamp()) / 86_400
    assert (step.who, round(days_ahead)) in {("hub", 24), ("hub", 23), ("hub", 25)}

    scene.fault("wahoo", FaultKind.STATUS, "/v1/plans", value=503)
    tried = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    story = await why(scene, tried)
    assert story.reason_code == "retrying"
    assert broken(story) == ["retrying"]
    assert "POST /v1/plans → 503" in next(f.text for f in story.chain if f.stage is Stage.REQUEST)
    assert [step.code for step in story.next_steps] == ["wait"]
    assert story.next_steps[0].at_ms > dt.datetime.now(dt.UTC).timestamp() * 1000

    until_ms = story.next_steps[0].at_ms + 60_000
    await hold_provider(scene.hub.engine, Hold("wahoo", "", "provider_down", "Wahoo is down.", until_ms))
    story, told = await why(scene, tried), await read_export(scene.athlete.id, story.export_id)
    assert story.reason_code == told.reason_code == "provider_down"
    assert story.next_steps[0].at_ms == told.next_try_ms == until_ms


async def test_what_cannot_be_sent(scene, plan) -> None:
    await scene.connect("wahoo")
    swim = msgspec.convert(
        msgspec.to_builtins(plan)
        | {"sport": "pool_swim", "steps": [msgspec.to_builtins(Step(TimeDuration(60)))]},
        PlannedWorkout,
    )
    row = await save_workout(scene.hub, scene.athlete, swim)
    await scene.run_all()
    story = await why(scene, row)
    assert story.reason_code == "unsupported"
    assert codes(story, Stage.COMPILED) == ["unsupported"]
    assert [step.code for step in story.next_steps] == ["change", "change_policy"]
    assert story.next_steps[0].call == f"PATCH /v1/athletes/{scene.athlete.id}/workouts/{row.id}"

    ramp = Step(TimeDuration(600), RangeTarget(Metric.POWER, 100, 180, "up"))
    athlete = scene.athlete
    await change_athlete(scene.hub, athlete.platform_id, athlete.id, fidelity_policy=FidelityPolicy.STRICT)
    stopped = await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(plan, steps=(ramp,)))
    await scene.run_all()
    story = await why(scene, stopped)
    assert codes(story, Stage.POLICY) == ["stopped"]
    assert story.reason_code == "stopped_by_policy"
    assert codes(story, Stage.REQUEST) == []
    assert story.next_steps[-1].call.endswith('{"fidelity_policy": "accept_degraded"}')

    accept = FidelityPolicy.ACCEPT_DEGRADED  # as that step says, and there is nothing else to do
    await change_athlete(scene.hub, athlete.platform_id, athlete.id, fidelity_policy=accept)
    await scene.run_all()
    assert ((await why(scene, stopped)).status, (await why(scene, row)).status) == ("SENT", "FAILED")


async def test_a_target_that_cannot_be_resolved(scene, plan) -> None:
    await scene.connect("garmin")
    row = await save_workout(scene.hub, scene.athlete, plan)
    # As for one that was saved before a rule was there.
    broken_plan = msgspec.to_builtins(plan) | {"steps": []}
    document = msgspec.json.encode(broken_plan).decode()
    await Workout.update({Workout.document: document}).where(Workout.id == row.id)
    await scene.run_all()
    story = await why(scene, row)
    assert story.reason_code == "validation_failed"
    assert codes(story, Stage.COMPILED) == ["validation_failed"]
    assert codes(story, Stage.REQUEST) == []
    assert [step.code for step in story.next_steps] == ["change"]


async def test_revoked(scene, plan) -> None:
    await scene.connect("garmin")
    scene.sandboxes["garmin"].sandbox.oauth.revoke("athlete-1")
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    story = await why(scene, row)
    assert (story.status, story.reason_code) == ("NOT_CONNECTED", "reconnect_needed")
    assert codes(story, Stage.CONNECTION, Stage.TOKEN) == ["reconnect", "refused"]
    (step,) = story.next_steps
    assert (step.who, step.code) == ("athlete", "reconnect")
    assert step.call == f"POST /v1/athletes/{scene.athlete.id}/connections/garmin/authorize"


async def test_the_outcome_is_unknown(scene, plan) -> None:
    await scene.connect("garmin")
    scene.fault("garmin", FaultKind.DROP_AFTER, RECIPES, method="POST", times=1)
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    looking = await why(scene, row)
    assert [(step.who, step.code) for step in looking.next_steps] == [("hub", "wait")]
    assert "RemoteProtocolError" in next(f.text for f in looking.chain if f.stage is Stage.REQUEST)

    await scene.run_all()
    story = await why(scene, row)
    assert (story.status, story.reason_code) == ("PENDING", "outcome_unknown")
    assert [step.code for step in story.next_steps] == ["it_is_there", "send_again"]
    assert all("/outcome {" in step.call for step in story.next_steps)


async def test_changed_by_the_provider_and_by_the_athlete(scene, plan) -> None:
    await scene.connect("garmin")
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    (held,) = scene.sandboxes["garmin"].sandbox.workouts.values()
    held["segments"][0]["steps"][0]["durationValue"] = 24_000
    await scene.run_all()
    story = await why(scene, row)
    assert story.reason_code == "changed_by_provider"
    (seen,) = [fact for fact in story.chain if fact.stage is Stage.READ_BACK]
    assert (seen.code, seen.is_ok) == ("changed", False)
    assert "6:40 h" in seen.text
    assert [step.code for step in story.next_steps] == ["retry"]

    values: dict[Any, Any] = {Export.reason_code: "drifted", Export.drift: "moved", Export.drift_ms: 5}
    await Export.update(values).where(Export.workout_id == row.id)
    drifted = await why(scene, row)
    assert codes(drifted, Stage.DRIFT) == ["moved"]
    assert [step.code for step in drifted.next_steps] == ["adopt", "restore"]


async def test_nobody_elses(scene, plan) -> None:
    for call in (explain_workout, explain_export):
        with pytest.raises(NotFoundError):
            await call(scene.hub, scene.athlete, "wk_nosuch")


@pytest.mark.parametrize("chosen", ["primary", "all"])
async def test_what_waits_for_a_choice_goes_out_once_it_is_made(
    scene, plan: PlannedWorkout, chosen: str
) -> None:
    athlete = scene.athlete
    await change_athlete(scene.hub, athlete.platform_id, athlete.id, export_to="primary")
    scene.athlete = await load_athlete(athlete.platform_id, athlete.id)
    for provider in ("garmin", "intervals"):
        await scene.connect(provider)
    row = await save_workout(scene.hub, scene.athlete, plan)
    assert (await why(scene, row)).reason_code == "no_primary"
    if chosen == "primary":
        await choose_primary(scene.hub, scene.athlete, "intervals")
    else:
        await change_athlete(scene.hub, athlete.platform_id, athlete.id, export_to="all")
    await scene.run_all()
    shown = {name: scene.titles(name) for name in ("garmin", "intervals")}
    assert shown == {"garmin": [plan.name] if chosen == "all" else [], "intervals": [plan.name]}
    assert [one.status for one in await list_exports(athlete.id)] == ["SENT"] * (2 if chosen == "all" else 1)


async def test_where_a_workout_was_asked_to_go_holds_for_its_edits_and_its_waiting(scene, plan) -> None:
    await scene.connect("intervals")
    waits = await save_workout(scene.hub, scene.athlete, plan, providers=("garmin",))
    assert (await why(scene, waits)).reason_code == "not_connected"
    await change_workout(scene.hub, scene.athlete, waits.id, {"name": "Edited"})
    await scene.connect("wahoo")  # which nobody has asked for
    assert (await why(scene, waits)).reason_code == "not_connected"
    await scene.connect("garmin")
    await scene.run_all()
    assert {name: scene.titles(name) for name in ("garmin", "wahoo", "intervals")} == {
        "garmin": ["Edited"],
        "wahoo": [],
        "intervals": [],
    }
    # No names: the athlete's usual way from now on, which is all of them here.
    await change_workout(scene.hub, scene.athlete, waits.id, {"name": "Usual"}, providers=())
    await scene.run_all()
    assert [scene.titles(name) for name in ("garmin", "wahoo", "intervals")] == [["Usual"]] * 3
    with pytest.raises(InvalidInputError, match="no provider 'garmin wahoo'"):
        await change_workout(scene.hub, scene.athlete, waits.id, {}, providers=("garmin wahoo",))


async def test_every_provider_that_was_named_gets_it_and_no_other(scene, plan) -> None:
    await scene.connect("garmin")
    row = await save_workout(scene.hub, scene.athlete, plan, providers=("garmin", "wahoo"))
    await scene.run_all()
    told = {one.provider: one for one in await explain_workout(scene.hub, scene.athlete, row.id)}
    assert (told["garmin"].status, told["wahoo"].reason_code) == ("SENT", "not_connected")
    (step,) = told["wahoo"].next_steps
    assert step.call == f"POST /v1/athletes/{scene.athlete.id}/connections/wahoo/authorize"
    before = await list_exports(scene.athlete.id, status=ExportStatus.SENT)

    await scene.connect("wahoo")
    assert before == await list_exports(scene.athlete.id, status=ExportStatus.SENT)  # and not sent anew
    await scene.run_all()
    assert scene.titles("wahoo") == [plan.name]

    await change_workout(scene.hub, scene.athlete, row.id, {}, providers=("wahoo",))
    await scene.run_all()
    assert (scene.titles("garmin"), scene.titles("wahoo")) == ([], [plan.name])
    with pytest.raises(InvalidInputError, match="mfp takes no workouts"):
        await change_workout(scene.hub, scene.athlete, row.id, {}, providers=("mfp",))


async def test_what_waits_for_its_day_follows_a_change_of_where_it_goes(scene, plan) -> None:
    await change_athlete(scene.hub, scene.athlete.platform_id, scene.athlete.id, export_to="primary")
    scene.athlete = await load_athlete(scene.athlete.platform_id, scene.athlete.id)
    await scene.connect("wahoo")
    far = msgspec.structs.replace(plan, date=plan.date + dt.timedelta(days=30))
    rows = [await save_workout(scene.hub, scene.athlete, far) for _ in range(2)]
    await scene.run_due()
    await scene.connect("garmin")  # nobody has chosen yet: it goes where it was to go
    await change_workout(scene.hub, scene.athlete, rows[0].id, {"date": plan.date})
    await scene.run_due()
    assert (await why(scene, rows[0])).status == "SENT"

    await choose_primary(scene.hub, scene.athlete, "garmin")
    scene.athlete = await load_athlete(scene.athlete.platform_id, scene.athlete.id)
    await change_workout(scene.hub, scene.athlete, rows[1].id, {"date": plan.date})
    await scene.run_all()
    assert [len(scene.titles(name)) for name in ("wahoo", "garmin")] == [1, 1]


async def test_what_goes_to_all_waits_for_the_one_that_has_to_be_connected_again(scene, plan) -> None:
    for name in ("garmin", "intervals"):
        await scene.connect(name)
    scene.sandboxes["garmin"].sandbox.oauth.revoke("athlete-1")
    first = await save_workout(scene.hub, scene.athlete, plan)  # by which the hub finds out
    await scene.run_all()
    await save_workout(scene.hub, scene.athlete, plan)
    await change_workout(scene.hub, scene.athlete, first.id, {"name": "Newer"})
    await scene.run_all()
    waits = await list_exports(scene.athlete.id, status=ExportStatus.NOT_CONNECTED)
    assert [(one.provider, one.reason_code) for one in waits] == [("garmin", "reconnect_needed")] * 2
    await scene.connect("garmin")
    await scene.run_all()
    assert sorted(scene.titles("garmin")) == sorted(scene.titles("intervals")) == sorted([plan.name, "Newer"])


async def test_what_was_over_before_it_could_go_out_says_so(scene, plan) -> None:
    row = await save_workout(
        scene.hub, scene.athlete, msgspec.structs.replace(plan, date=dt.date(2026, 1, 5))
    )
    await scene.connect("garmin")
    story = await why(scene, row)
    assert (story.status, story.reason_code, story.next_steps) == ("NOT_CONNECTED", "skipped", ())
    await scene.run_all()
    assert scene.titles("garmin") == []
