"""What came from one provider is forgotten; what others said is shown as if it had never been there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hub_core.domain.records import Activity, DailyHealth, Records
from hub_core.domain.sport import Sport
from hub_core.pipeline.run_job import run_job
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.services.connections.disconnect_provider import disconnect_provider, list_connections
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.services.inbound.observe import observe
from hub_core.services.inbound.receive_webhook import receive_webhook
from hub_core.storage import jobs
from hub_core.storage.inbound_tables import Observation, StoredActivity, StoredDelivery

START = dt.datetime(2031, 4, 7, 6, 30, tzinfo=dt.UTC)


async def shown(hub: Hub, athlete_id: str) -> list[tuple[str, str]]:
    """The documents of all activities and days, hidden ones too."""
    rows = await hub.engine.execute(
        'SELECT date, document FROM "activity" WHERE athlete_id = {} UNION ALL'
        ' SELECT date, document FROM "day" WHERE athlete_id = {} ORDER BY 1, 2',
        athlete_id,
        athlete_id,
    )
    return [(row["date"], row["document"]) for row in rows]


def said(source: str, heart_rate: float, steps: int) -> Records:
    activity = Activity(f"{source}-1", Sport.RUN, START, 1800.0, 5000.0, avg_heart_rate_bpm=heart_rate)
    return Records((activity,), daily=(DailyHealth(START.date(), external_id=f"{source}-d", steps=steps),))


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
async def test_history_goes_on_request_and_what_others_say_stays(scene: Any) -> None:
    hub, garmin, athlete = scene.hub, scene.sandboxes["garmin"].sandbox, scene.athlete
    await observe(hub, athlete.id, "wahoo", said("wahoo", 150.0, 4_000))
    before = await shown(hub, athlete.id)
    await scene.connect("garmin")
    await observe(hub, athlete.id, "garmin", said("garmin", 141.0, 9_000))
    only = Activity("garmin-2", Sport.POOL_SWIM, START + dt.timedelta(days=1), 900.0, 1000.0)
    await observe(hub, athlete.id, "garmin", Records((only,)))
    garmin.record_activity("athlete-1", RecordedActivity("Tempo", Sport.RUN, START, 1800.0, 5000.0))
    for request in garmin.outbox:
        await receive_webhook(hub, "garmin", request)
    await scene.run_all()
    assert await shown(hub, athlete.id) != before

    answer = await disconnect_provider(hub, athlete, "garmin", with_history=True)
    assert answer.revoked
    assert answer.history is not None
    assert answer.history.observations >= 3
    assert answer.history.deliveries >= 1
    assert answer.history.jobs >= 2
    assert answer.history.activities >= 1
    assert await shown(hub, athlete.id) == before
    assert not await Observation.exists().where(Observation.source == "garmin")
    rows = await hub.engine.execute(
        'SELECT id FROM "delivery" UNION ALL SELECT id FROM "backfill" UNION ALL SELECT id FROM "feed"'
        " UNION ALL SELECT subject_id FROM \"job\" WHERE kind IN ('ingest', 'poll', 'backfill')"
    )
    assert rows == []
    (connection,) = await list_connections(athlete)
    assert (connection.display_name, connection.provider_user_id) == ("", "")
    # Asked again there is nothing left to forget.
    again = await disconnect_provider(hub, athlete, "garmin", with_history=True)
    assert again.history is not None
    assert set(vars_of(again.history)) == {0}


def vars_of(history: Any) -> list[int]:
    return [getattr(history, name) for name in history.__struct_fields__]


async def test_a_disconnect_alone_keeps_the_history(scene: Any) -> None:
    await scene.connect("garmin")
    await observe(scene.hub, scene.athlete.id, "garmin", said("garmin", 141.0, 9_000))
    answer = await disconnect_provider(scene.hub, scene.athlete, "garmin")
    assert answer.history is None
    assert await StoredActivity.count() == 1


async def test_what_waited_when_the_athlete_left_is_not_kept_even_raw(scene: Any) -> None:
    hub, garmin = scene.hub, scene.sandboxes["garmin"].sandbox
    await scene.connect("garmin")
    garmin.record_activity("athlete-1", RecordedActivity("Tempo", Sport.RUN, START, 1800.0, 5000.0))
    for request in garmin.outbox:
        await receive_webhook(hub, "garmin", request)
    await disconnect_provider(hub, scene.athlete, "garmin")
    await scene.run_all()
    rows = await StoredDelivery.objects()
    assert {(row.state, row.content, row.file) for row in rows} == {("dropped", None, None)}
    assert await Observation.count() == 0


async def test_a_job_that_was_running_does_not_ask_the_athlete_back(scene: Any) -> None:
    """It finds no token, and that is no reason to wish for another consent: they have left."""
    hub, garmin = scene.hub, scene.sandboxes["garmin"].sandbox
    await scene.connect("garmin")
    garmin.record_activity("athlete-1", RecordedActivity("Tempo", Sport.RUN, START, 1800.0, 5000.0))
    for request in garmin.outbox:
        await receive_webhook(hub, "garmin", request)
    await hub.engine.execute('UPDATE "connection" SET tokens = NULL')  # as far as the disconnect has come
    await hub.engine.execute('UPDATE "connection" SET status = {}', ConnectionStatus.DISCONNECTED)
    for job_id in await jobs.claim_due(hub.engine):
        await run_job(hub, job_id)
    (connection,) = await list_connections(scene.athlete)
    assert connection.status == ConnectionStatus.DISCONNECTED
