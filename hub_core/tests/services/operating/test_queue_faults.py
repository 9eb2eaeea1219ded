"""Messages that come twice and out of order, plugins that break, and when it is enough: F08, F11, F41, B3."""

from __future__ import annotations

import asyncio
import random

import msgspec
import pytest

from hub_core.domain.workout import PlannedWorkout
from hub_core.pipeline.run_job import run_job
from hub_core.sandbox.faults import FaultKind
from hub_core.sdk import hookimpl
from hub_core.services.exports.retry_export import list_exports
from hub_core.services.exports.settle_export import patience_of
from hub_core.services.operating.inspect_queue import list_jobs
from hub_core.services.sync.read_changes import read_changes
from hub_core.services.workouts.save_workout import change_workout, save_workout
from hub_core.storage import now_ms

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

SEED = 8


async def test_f08_messages_that_come_three_times_in_any_order_end_the_same(
    scene, plan: PlannedWorkout
) -> None:
    chance = random.Random(SEED)
    await scene.connect("intervals")
    saved = [
        await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(plan, name=f"Ride {number}"))
        for number in range(8)
    ]
    found = await scene.hub.engine.execute("SELECT id FROM \"job\" WHERE kind = 'export_workout'")
    messages = [row["id"] for row in found] * 3
    chance.shuffle(messages)
    half = len(messages) // 2
    await asyncio.gather(*(run_job(scene.hub, message) for message in messages[:half]))
    for row in saved[:4]:  # the messages of the older version come after the newer one was saved
        edit = msgspec.structs.replace(plan, name=f"Newer {row.name}")
        await change_workout(scene.hub, scene.athlete, row.id, edit)
    await asyncio.gather(*(run_job(scene.hub, message) for message in messages[half:]))
    await scene.run_all()

    wanted = [f"Newer {row.name}" for row in saved[:4]] + [row.name for row in saved[4:]]
    shown = scene.titles("intervals")
    lost, doubled = set(wanted) - set(shown), len(shown) - len(set(shown))
    wrong = [one for one in await list_exports(scene.athlete.id) if one.status != "SENT"]
    print(f"F08 seed {SEED}: {len(lost)} lost, {doubled} doubled, {len(wrong)} wrong")  # noqa: T201
    assert (sorted(shown), wrong) == (sorted(wanted), [])


async def test_f11_f41_a_plugin_that_breaks_harms_nobody_else_and_ends_as_dead(
    scene, plan: PlannedWorkout
) -> None:
    for name in ("garmin", "wahoo", "intervals"):
        await scene.connect(name)

    class Broken:
        """A hook wrapper, as an installed plugin may bring one, that breaks on one provider's payloads."""

        @staticmethod
        @hookimpl(wrapper=True)
        def export_workout(context):
            result = yield
            if context.provider == "garmin":
                result[0].close()
                raise ValueError(f"with {context.token().access_token}")
            return result

    scene.hub.registry.manager.register(Broken, name="broken")
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    ends = {one.provider: (one.status, one.reason_code) for one in await list_exports(scene.athlete.id)}
    assert ends.pop("garmin") == ("FAILED", "gave_up")
    assert set(ends.values()) == {("SENT", "sent")}
    (dead,) = await list_jobs(scene.hub, scene.athlete.platform_id, "dead")
    assert (dead.provider, dead.tries) == ("garmin", 5)
    assert dead.reason == "Given up after 5 tries: the garmin plugin failed in export_workout: ValueError"


async def test_b3_after_the_tries_that_are_set_it_is_failed_for_good_and_the_athlete_is_told(
    scene, plan: PlannedWorkout
) -> None:
    await scene.connect("garmin")
    scene.hub.settings.give_up_after_tries = 3
    scene.hub.settings.retry_first_wait_s = scene.hub.settings.retry_longest_wait_s = 300
    scene.fault("garmin", FaultKind.STATUS, value=503)
    before = (await read_changes(scene.hub, scene.athlete, "", 100, ["exports"])).next_cursor
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    waiting = await scene.export()
    assert (waiting.status, waiting.reason_code) == ("PENDING", "retrying")
    assert waiting.next_try_ms <= now_ms() + 300_000
    await scene.run_all()

    export = await scene.export()
    assert (export.status, export.reason_code, export.next_try_ms) == ("FAILED", "gave_up", None)
    assert export.reason.startswith("Given up after 3 tries: ")
    assert [attempt.code for attempt in export.attempts] == ["retrying", "retrying", "gave_up"]
    (dead,) = await list_jobs(scene.hub, scene.athlete.platform_id, "dead")
    assert dead.tries == 3
    # What an application of the athlete hears of it.
    page = await read_changes(scene.hub, scene.athlete, before, 100, ["exports"])
    (told,) = [change.entity for change in page.changes]
    assert (told.status, told.reason) == (export.status, export.reason)


def test_b3_a_provider_may_be_given_up_sooner_or_later_than_the_others(scene) -> None:
    scene.hub.settings.give_up_after_tries = 3
    own = scene.hub.registry.get("garmin").settings
    own.give_up_after_tries, own.give_up_after_s = 0, 60
    found = {name: patience_of(scene.hub, name) for name in ("garmin", "wahoo")}
    assert {name: (one.tries, one.for_s) for name, one in found.items()} == {
        "garmin": (None, 60),
        "wahoo": (3, 86_400),
    }
