"""Athletes delete, move and edit what was sent: it is noticed, and becomes what the policy says."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from hub_core.domain.drift import OnDrift
from hub_core.domain.policy import OnUpdate
from hub_core.domain.workout import Metric, PlannedWorkout, TimeDuration, ZoneTarget
from hub_core.errors import ConflictError
from hub_core.sandbox.athlete_wish import AthleteWish
from hub_core.sandbox.faults import FaultKind
from hub_core.services.athletes.save_athlete import change_athlete, load_athlete
from hub_core.services.connections.schedule_care import WATCH_KIND
from hub_core.services.exports.explain_workout import explain_export
from hub_core.services.exports.fidelity_policy import change_platform
from hub_core.services.exports.retry_export import ExportView, list_exports
from hub_core.services.exports.settle_drift import settle_drift
from hub_core.services.exports.watch_drift import CONFIRM_MS
from hub_core.services.workouts.save_workout import change_workout, load_workout, read_document, save_workout
from hub_core.storage.tables import Export, Job

PROVIDERS = ("garmin", "wahoo", "intervals")


async def send(scene: Any, plan: PlannedWorkout, *names: str) -> str:
    for name in names:
        await scene.connect(name)
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    exports = await list_exports(scene.athlete.id)
    assert {one.verification.state for one in exports} == {"same"}
    return row.id


async def look(scene: Any, *, passed_ms: int = 86_400_000) -> None:
    """One round of each watch, after so much time."""
    await scene.hub.engine.execute(
        'UPDATE "export" SET verified_ms = verified_ms - {}, drift_ms = drift_ms - {}', passed_ms, passed_ms
    )
    await scene.hub.engine.execute(
        'UPDATE "job" SET run_at_ms = 0, dispatched_ms = NULL WHERE kind = {}', WATCH_KIND
    )
    await scene.run_due()


async def watch(scene: Any) -> None:
    """As long as it takes to be sure."""
    await look(scene)
    await look(scene, passed_ms=CONFIRM_MS)


def play(scene: Any, name: str, act: Any, title: str, date: dt.date | None = None) -> None:
    scene.sandboxes[name].sandbox.play(AthleteWish(act, title, date=date))


async def decide(scene: Any, policy: OnDrift) -> None:
    athlete = scene.athlete
    await change_athlete(scene.hub, athlete.platform_id, athlete.id, on_drift=policy)
    scene.athlete = await load_athlete(athlete.platform_id, athlete.id)


def longer(step: Any) -> Any:
    return msgspec.structs.replace(step, duration=TimeDuration(1800))


async def at(scene: Any, name: str) -> ExportView:
    return next(one for one in await list_exports(scene.athlete.id) if one.provider == name)


async def test_at_each_provider_it_is_asked_and_can_be_adopted_or_restored(scene, plan) -> None:
    """Deleted at Garmin, moved at Wahoo, edited at intervals.icu; nothing is touched before an answer."""
    workout_id = await send(scene, plan, *PROVIDERS)
    moved_to = plan.date + dt.timedelta(days=1)
    play(scene, "garmin", "delete", plan.name)
    play(scene, "wahoo", "move", plan.name, moved_to)
    play(scene, "intervals", "edit", plan.name)
    await look(scene)
    assert (await at(scene, "garmin")).status == "SENT"  # looked at twice before it counts
    await look(scene, passed_ms=CONFIRM_MS)

    found = {name: await at(scene, name) for name in PROVIDERS}
    kinds = {name: (one.status, one.reason_code, one.drift.kind) for name, one in found.items()}
    assert kinds == {
        "garmin": ("FAILED", "drifted", "deleted"),
        "wahoo": ("FAILED", "drifted", "moved"),
        "intervals": ("FAILED", "drifted", "edited"),
    }
    assert "is 30 min" in found["intervals"].reason
    assert f"is {moved_to}" in found["wahoo"].reason
    assert scene.titles("garmin") == []

    restored = await settle_drift(scene.hub, scene.athlete, found["garmin"].id, "restore")
    assert (restored.status, restored.reason_code, restored.drift) == ("PENDING", "queued", None)
    kept = await settle_drift(scene.hub, scene.athlete, found["intervals"].id, "adopt")
    assert (kept.status, kept.reason_code) == ("SENT", "adopted")
    assert "and the plan follows: steps[0]: the duration was to be 20 min and is 30 min" in kept.reason
    await scene.run_all()
    # Wahoo got the new steps; the athlete moves it there once more.
    play(scene, "wahoo", "move", plan.name, moved_to)
    await look(scene)
    await settle_drift(scene.hub, scene.athlete, found["wahoo"].id, "adopt")
    await scene.run_all()
    row = await load_workout(scene.athlete.id, workout_id)
    assert (row.revision, row.date) == (3, moved_to.isoformat())
    assert read_document(row) == msgspec.structs.replace(
        plan, date=moved_to, steps=(longer(plan.steps[0]), *plan.steps[1:])
    )
    assert {(await at(scene, name)).status for name in PROVIDERS} == {"SENT"}
    assert [scene.titles(name) for name in PROVIDERS] == [[plan.name]] * 3
    with pytest.raises(ConflictError):
        await settle_drift(scene.hub, scene.athlete, found["garmin"].id, "adopt")


async def test_the_policy_restore_sends_it_again(scene, plan) -> None:
    # The athlete's word for a provider, then theirs for all, then the platform's for the provider.
    await decide(scene, OnDrift.RESTORE)
    athlete = scene.athlete
    await change_platform(scene.hub, athlete.platform_id, on_drift_at={"wahoo": OnDrift.ADOPT})
    await send(scene, plan, "wahoo", "intervals")
    play(scene, "wahoo", "delete", plan.name)
    play(scene, "intervals", "edit", plan.name)
    await watch(scene)
    await scene.run_all()
    for name in ("wahoo", "intervals"):
        export = await at(scene, name)
        assert (export.status, export.verification.state, export.drift) == ("SENT", "same", None)
        assert scene.titles(name) == [plan.name]


async def test_the_policy_adopt_follows_the_athlete(scene, plan) -> None:
    await decide(scene, OnDrift.ADOPT)
    workout_id = await send(scene, plan, "garmin")
    play(scene, "garmin", "delete", plan.name)
    await watch(scene)
    await scene.run_all()
    export = await at(scene, "garmin")
    assert (export.status, export.reason_code, export.external_ids) == ("SENT", "removed_by_athlete", {})
    assert (await load_workout(scene.athlete.id, workout_id)).removed_at == "garmin"
    assert scene.titles("garmin") == []

    await change_workout(scene.hub, scene.athlete, workout_id, {"name": "Shorter"})
    await scene.run_all()
    assert scene.titles("garmin") == ["Shorter"]
    assert (await load_workout(scene.athlete.id, workout_id)).removed_at == ""


async def test_each_provider_may_have_a_policy_of_its_own(scene, plan) -> None:
    await change_platform(
        scene.hub,
        scene.athlete.platform_id,
        on_drift=OnDrift.ASK,
        on_drift_at={"wahoo": OnDrift.ADOPT, "intervals": OnDrift.ADOPT},
    )
    await change_athlete(
        scene.hub, scene.athlete.platform_id, scene.athlete.id, on_drift_at={"intervals": OnDrift.RESTORE}
    )
    await send(scene, plan, *PROVIDERS)
    for name in PROVIDERS:
        play(scene, name, "delete", plan.name)
    await watch(scene)
    await scene.run_all()
    codes = {name: (await at(scene, name)).reason_code for name in PROVIDERS}
    assert codes == {"garmin": "drifted", "wahoo": "removed_by_athlete", "intervals": "sent"}


async def test_an_adopted_edit_goes_to_the_other_providers_and_makes_no_second_copy(scene, plan) -> None:
    await decide(scene, OnDrift.ADOPT)
    await change_platform(scene.hub, scene.athlete.platform_id, on_update=OnUpdate.CREATE)
    workout_id = await send(scene, plan, "intervals", "garmin")
    play(scene, "intervals", "edit", plan.name)
    scene.sandboxes["intervals"].sandbox.journal.clear()
    await watch(scene)
    await scene.run_all()
    row = await load_workout(scene.athlete.id, workout_id)
    assert read_document(row).steps == (longer(plan.steps[0]), *plan.steps[1:])
    export = await at(scene, "intervals")
    assert (export.status, export.reason_code, export.verification.state) == ("SENT", "adopted", "same")
    assert {entry.method for entry in scene.sandboxes["intervals"].sandbox.journal} == {"GET"}
    assert scene.titles("intervals") == [plan.name]
    assert (await at(scene, "garmin")).sent_revision == 2
    # It is watched as before: the next edit is noticed, and so is the one after that.
    await watch(scene)
    assert (await at(scene, "intervals")).reason_code == "adopted"
    why = await explain_export(scene.hub, scene.athlete, export.id)
    (fact,) = [one for one in why.chain if one.stage == "drift"]
    assert (fact.code, "the plan follows" in fact.text) == ("adopted", True)


async def test_what_the_plan_would_lose_is_not_adopted_and_the_day_is(scene, plan) -> None:
    """The first step's effort is in a zone, which three hundred watts are none of: the coach's word stays."""
    await decide(scene, OnDrift.ADOPT)
    zoned = msgspec.structs.replace(plan.steps[0], target=ZoneTarget(Metric.POWER, 2, 2))
    planned = msgspec.structs.replace(plan, steps=(zoned, *plan.steps[1:]))
    workout_id = await send(scene, planned, "garmin", "wahoo")
    garmin = scene.sandboxes["garmin"].sandbox
    moved_to = plan.date + dt.timedelta(days=1)
    play(scene, "garmin", "move", plan.name, moved_to)
    (held,) = garmin.workouts.values()
    held["segments"][0]["steps"][0] |= {"targetValueLow": 300, "targetValueHigh": 310}
    await watch(scene)
    await scene.run_all()
    row = await load_workout(scene.athlete.id, workout_id)
    assert read_document(row) == msgspec.structs.replace(planned, date=moved_to)
    export = await at(scene, "garmin")
    assert (export.status, export.reason_code, export.sent_revision) == ("SENT", "kept_as_edited", 2)
    for told in ("plan follows to that day", "The steps of the plan stay", "steps[0]", "is no zone"):
        assert told in export.reason
    (held,) = garmin.workouts.values()
    assert held["segments"][0]["steps"][0]["targetValueLow"] == 300
    assert (await at(scene, "wahoo")).sent_revision == 2


async def test_what_cannot_be_looked_at_has_not_changed(scene, plan) -> None:
    await decide(scene, OnDrift.ADOPT)
    await send(scene, plan, "intervals")
    play(scene, "intervals", "delete", plan.name)
    for status in (500, 502, 429, 400):
        scene.fault("intervals", FaultKind.STATUS, "/api/v1/athlete/0/events", value=status)
        await watch(scene)
        scene.sandboxes["intervals"].sandbox.faults.clear()
        export = await at(scene, "intervals")
        assert (export.status, export.reason_code, export.drift) == ("SENT", "sent", None), status
    await watch(scene)
    assert (await at(scene, "intervals")).reason_code == "removed_by_athlete"


async def test_all_gone_at_once_is_asked_whatever_the_policy(scene, plan) -> None:
    await decide(scene, OnDrift.ADOPT)
    await scene.connect("garmin")
    for day in range(4):
        later = msgspec.structs.replace(plan, name=f"Ride {day}", date=plan.date + dt.timedelta(days=day))
        await save_workout(scene.hub, scene.athlete, later)
    await scene.run_all()
    # The provider answers 404 for everything, and then has it again: nobody is told anything.
    scene.fault("garmin", FaultKind.STATUS, "/training-api/", value=404)
    await look(scene)
    scene.sandboxes["garmin"].sandbox.faults.clear()
    await look(scene, passed_ms=CONFIRM_MS)
    exports = await list_exports(scene.athlete.id)
    assert {(one.status, one.drift) for one in exports} == {("SENT", None)}
    assert await Export.count().where(Export.drift_ms.is_not_null()) == 0

    scene.fault("garmin", FaultKind.STATUS, "/training-api/", value=404)
    await watch(scene)
    exports = await list_exports(scene.athlete.id)
    assert {(one.reason_code, one.drift.kind) for one in exports} == {("drifted", "deleted")}
    scene.sandboxes["garmin"].sandbox.faults.clear()
    assert len(scene.titles("garmin")) == 4


async def test_only_what_is_ours_and_ahead_is_looked_at(scene, plan) -> None:
    await send(scene, plan, "garmin")
    journal = scene.sandboxes["garmin"].sandbox.journal
    journal.clear()
    await look(scene, passed_ms=3_600_000)
    assert list(journal) == []  # it was looked at an hour ago
    await look(scene)
    asked = [(entry.method, entry.path.rsplit("/", 1)[0]) for entry in journal]
    assert asked == [("GET", "/training-api/workout/v2"), ("GET", "/training-api/schedule")]
    journal.clear()
    await scene.hub.engine.execute('UPDATE "workout" SET date = {}', "2020-01-01")
    await look(scene)
    assert list(journal) == []
    (job,) = await Job.objects().where(Job.kind == WATCH_KIND)
    assert job.state == "waiting"


async def test_an_edit_while_it_is_looked_at_wins(scene, plan) -> None:
    workout_id = await send(scene, plan, "garmin")
    play(scene, "garmin", "edit", plan.name)
    await change_workout(scene.hub, scene.athlete, workout_id, {"name": "Newer"})
    await look(scene)  # nothing that is on its way out is looked at
    await scene.run_all()
    export = await at(scene, "garmin")
    assert (export.status, export.sent_revision, export.drift) == ("SENT", 2, None)
    assert scene.titles("garmin") == ["Newer"]
