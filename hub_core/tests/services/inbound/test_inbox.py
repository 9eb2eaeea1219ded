"""Webhooks, polls and backfills with the `fake` plugin: stored, ingested once, never lost or doubled."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from hub_core.bootstrap import make_hub
from hub_core.cli.demo import DEMO_ATHLETE
from hub_core.domain.merge import VisibleDaily
from hub_core.domain.sport import Sport
from hub_core.errors import ConflictError, InvalidInputError, NotFoundError
from hub_core.pipeline.run_job import run_job
from hub_core.registry.registry import Provider
from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.sandbox.sandbox import Sandbox
from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.sdk.errors import Rejected, Unsupported
from hub_core.sdk.inbound import Delivery, NewsBy, to_json
from hub_core.services.athletes.issue_api_key import find_platform, issue_api_key
from hub_core.services.athletes.save_athlete import create_athlete, load_athlete
from hub_core.services.connections.connect_provider import begin_connection, finish_connection
from hub_core.services.connections.disconnect_provider import disconnect_provider, list_connections
from hub_core.services.hub import Hub
from hub_core.services.inbound.backfill_history import (
    BackfillState,
    cancel_backfill,
    list_backfills,
    start_backfill,
)
from hub_core.services.inbound.feed_state import FeedState, list_feeds
from hub_core.services.inbound.list_deliveries import list_deliveries, replay_delivery
from hub_core.services.inbound.receive_webhook import Received, receive_webhook
from hub_core.services.inbound.store_deliveries import store_deliveries
from hub_core.services.merging.read_days import list_days
from hub_core.settings import HubSettings
from hub_core.storage import generate_key, jobs
from hub_core.storage.inbound_tables import Observation, StoredActivity
from hub_core.storage.tables import Athlete, Connection
from hub_core.testing.harness import give_consent

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

DAY_MS = 24 * 3600 * 1000


class Inbox:
    """An athlete who is connected to Fake, and what Fake sends."""

    def __init__(self, hub: Hub, athlete: Athlete, sandbox: Sandbox) -> None:
        self.hub = hub
        self.athlete = athlete
        self.sandbox = sandbox
        self._heard = 0

    async def connect(self) -> None:
        back = urlsplit(await give_consent(await begin_connection(self.hub, self.athlete, "fake")))
        query = {key: values[0] for key, values in parse_qs(back.query).items()}
        done = await finish_connection(self.hub, "fake", state=query["state"], code=query["code"], error="")
        assert done.error == ""

    def do(self, name: str = "Tempo", days_ago: float = 1, seconds: float = 1800) -> None:
        start = dt.datetime.now(dt.timezone(dt.timedelta(hours=2))) - dt.timedelta(days=days_ago)
        activity = RecordedActivity(name, Sport.RUN, start.replace(microsecond=0), seconds, 5000.0)
        self.sandbox.record_activity("athlete-1", activity)

    async def push(self) -> list[Received]:
        """What Fake has sent since the last time arrives."""
        new = self.sandbox.outbox[self._heard :]
        self._heard = len(self.sandbox.outbox)
        return [await receive_webhook(self.hub, "fake", request) for request in new]

    async def run(self, kind: str = "") -> None:
        """Run the jobs of a kind once, or all until none waits but those that come round for ever."""
        for _ in range(1 if kind else 30):
            wanted = "kind = {}" if kind else "kind NOT IN ('poll', 'keep_connection', 'watch_drift')"
            await self.hub.engine.execute(
                'UPDATE "job" SET run_at_ms = 0, dispatched_ms = NULL'  # noqa: S608
                f" WHERE state = 'waiting' AND {wanted}",
                *([kind] if kind else []),
            )
            due = await self.hub.engine.execute(
                "SELECT id FROM \"job\" WHERE state = 'waiting' AND run_at_ms = 0"
            )
            for row in due:
                await run_job(self.hub, row["id"])
            if not due:
                return

    async def shown(self) -> list[StoredActivity]:
        return await StoredActivity.objects().where(StoredActivity.deleted.eq(False))

    async def said(self) -> int:
        return await Observation.count()

    async def states(self) -> list[tuple[str, str]]:
        return [(one.way, one.state) for one in await list_deliveries(self.athlete.id)]


@pytest.fixture
def fake_server(plugins: dict[str, Provider]) -> Iterator[SandboxServer]:
    with serve_sandboxes([plugins["fake"].plugin.provider_sandbox()], wait=False) as servers:
        yield servers["fake"]


@pytest.fixture
async def inbox(database_url: str, fake_server: SandboxServer) -> AsyncIterator[Inbox]:
    settings = HubSettings(database_url=database_url, encryption_keys=SecretStr(generate_key()))
    pointed = {"fake": fake_server.sandbox.settings(fake_server.origin)}
    hub = make_hub(settings, provider_settings=pointed)
    platform = await find_platform(await issue_api_key(hub, "coach"))
    assert platform
    made = await create_athlete(
        hub, platform, external_id="anna", name="Anna", thresholds=DEMO_ATHLETE, export_to="all"
    )
    inbox = Inbox(hub, await load_athlete(platform, made.id), fake_server.sandbox)
    await inbox.connect()
    yield inbox
    await hub.pool.close()
    await hub.engine.close()


async def test_a_webhook_is_stored_then_ingested_and_a_repeated_one_changes_nothing(inbox: Inbox) -> None:
    inbox.do()
    request = inbox.sandbox.outbox[-1]
    assert await inbox.push() == [Received(new=1)]
    assert await inbox.states() == [("webhook", "waiting")]
    assert await inbox.shown() == []
    assert await receive_webhook(inbox.hub, "fake", request) == Received(known=1)
    await inbox.run()
    (row,) = await inbox.shown()
    assert row.document
    assert await inbox.said() == 1
    assert await inbox.states() == [("webhook", "done")]


async def test_a_newer_version_replaces_an_older_one_also_when_that_comes_late(inbox: Inbox) -> None:
    inbox.do(seconds=1800)
    inbox.do(seconds=2400)
    older, newer = inbox.sandbox.outbox[-2:]
    for request in (newer, older):
        await receive_webhook(inbox.hub, "fake", request)
        await inbox.run()
    (row,) = await inbox.shown()
    assert row.end_ms - row.start_ms == 2_400_000
    assert await inbox.said() == 2


async def test_a_deletion_that_comes_before_what_it_deletes(inbox: Inbox) -> None:
    inbox.do()
    inbox.sandbox.delete_activity("athlete-1", "Tempo")
    made, gone = inbox.sandbox.outbox[-2:]
    for request in (gone, made):
        await receive_webhook(inbox.hub, "fake", request)
        await inbox.run()
    assert await inbox.shown() == []


async def test_forged_webhooks_and_those_of_strangers(inbox: Inbox) -> None:
    inbox.do()
    request = inbox.sandbox.outbox[-1]
    forged = type(request)(request.method, request.path, request.headers, request.query, request.body + b" ")
    with pytest.raises(Rejected):
        await receive_webhook(inbox.hub, "fake", forged)
    with pytest.raises(Unsupported):
        await receive_webhook(inbox.hub, "healthkit", request)
    inbox.sandbox.record_activity(
        "stranger", RecordedActivity("Swim", Sport.POOL_SWIM, dt.datetime.now(dt.UTC), 60.0)
    )
    assert await receive_webhook(inbox.hub, "fake", inbox.sandbox.outbox[-1]) == Received(unknown=1)
    assert await inbox.states() == []


async def test_the_end_of_a_consent_ends_the_connection_each_time_anew(inbox: Inbox) -> None:
    for _ in range(2):
        inbox.sandbox.end_consent("athlete-1")
        await inbox.push()
        await inbox.run()
        (connection,) = await list_connections(inbox.athlete)
        assert connection.status == "reconnect"
        assert "ended the consent" in connection.reason
        await inbox.connect()


async def test_nothing_comes_back_after_a_disconnect(inbox: Inbox) -> None:
    inbox.do("Before")
    await inbox.push()
    await disconnect_provider(inbox.hub, inbox.athlete, "fake")
    inbox.do("After")
    assert await inbox.push() == [Received(unknown=1)]
    await inbox.run()
    assert await inbox.states() == [("webhook", "dropped")]
    assert await inbox.said() == 0


async def test_what_can_not_be_read_is_kept_and_can_be_replayed(inbox: Inbox) -> None:
    inbox.sandbox.send([{"user": "athlete-1", "kind": "activity", "activity": {"id": "7"}}])  # type: ignore[attr-defined]
    await inbox.push()
    await inbox.run()
    (failed,) = await list_deliveries(inbox.athlete.id, state="failed")
    assert "version" in failed.reason
    assert (await replay_delivery(inbox.hub, inbox.athlete.id, failed.id)).state == "waiting"
    await inbox.run()
    assert await inbox.states() == [("webhook", "failed")]
    with pytest.raises(NotFoundError):
        await replay_delivery(inbox.hub, inbox.athlete.id, "dlv_0")
    with pytest.raises(InvalidInputError):
        await list_deliveries(inbox.athlete.id, state="gone")


async def test_the_poll_finds_what_no_webhook_told_and_takes_over(inbox: Inbox) -> None:
    await inbox.run("poll")
    (feed,) = await list_feeds(inbox.hub, inbox.athlete.id)
    assert feed.state is FeedState.LIVE
    assert feed.next_poll is not None
    assert feed.next_poll - dt.datetime.now(dt.UTC) > dt.timedelta(hours=23)
    inbox.do("Lost")
    inbox.sandbox.outbox.clear()
    await inbox.hub.engine.execute('UPDATE "feed" SET poll_ms = poll_ms - {}', DAY_MS)
    await inbox.run("poll")
    await inbox.run()
    assert len(await inbox.shown()) == 1
    (feed,) = await list_feeds(inbox.hub, inbox.athlete.id)
    assert feed.state is FeedState.SILENT
    assert "one thing" in feed.reason
    assert feed.next_poll is not None
    assert feed.next_poll - dt.datetime.now(dt.UTC) < dt.timedelta(minutes=16)
    inbox.do("Heard")
    await inbox.push()
    assert [one.state for one in await list_feeds(inbox.hub, inbox.athlete.id)] == [FeedState.LIVE]


async def test_a_webhook_and_a_poll_of_the_same_count_once(inbox: Inbox) -> None:
    inbox.do()
    await inbox.push()
    await inbox.run("poll")
    await inbox.run()
    assert await inbox.states() == [("webhook", "done")]
    assert await inbox.said() == 1


async def test_a_poll_that_fails_says_so_and_tries_again(inbox: Inbox) -> None:
    inbox.sandbox.faults.add(Fault(FaultKind.STATUS, "/events", value=503))
    await inbox.run("poll")
    (feed,) = await list_feeds(inbox.hub, inbox.athlete.id)
    assert "503" in feed.poll_error
    assert feed.next_poll is not None
    assert feed.next_poll - dt.datetime.now(dt.UTC) < dt.timedelta(minutes=1)
    inbox.sandbox.faults.clear()
    await inbox.run("poll")
    assert [one.poll_error for one in await list_feeds(inbox.hub, inbox.athlete.id)] == [""]


async def test_a_backfill_goes_window_by_window_newest_first_and_tells_how_far_it_is(inbox: Inbox) -> None:
    for number, days in enumerate((5, 40, 75, 80)):
        inbox.do(f"Run {number}", days_ago=days)
    inbox.sandbox.outbox.clear()
    today = dt.datetime.now(dt.UTC).date()
    view = await start_backfill(inbox.hub, inbox.athlete, "fake", today - dt.timedelta(days=89), today)
    assert (view.windows, view.windows_done, view.remaining_s) == (3, 0, None)
    with pytest.raises(ConflictError):
        await start_backfill(inbox.hub, inbox.athlete, "fake", today, today)
    for done in (1, 2, 3):
        await inbox.run("backfill")
        (view,) = await list_backfills(inbox.athlete.id)
        assert view.windows_done == done
        assert (view.remaining_s is None) == (done == 3)
    assert (view.state, view.deliveries, view.waiting) == (BackfillState.DONE, 4, 4)
    await inbox.run()
    assert len(await inbox.shown()) == 4
    again = await start_backfill(inbox.hub, inbox.athlete, "fake", today - dt.timedelta(days=89), today)
    await inbox.run()
    assert {one.deliveries for one in await list_backfills(inbox.athlete.id) if one.id == again.id} == {0}


async def test_a_backfill_is_resumed_after_faults_and_cancelled(inbox: Inbox) -> None:
    today = dt.datetime.now(dt.UTC).date()
    inbox.sandbox.faults.add(Fault(FaultKind.STATUS, "/events", value=503))
    view = await start_backfill(inbox.hub, inbox.athlete, "fake", today - dt.timedelta(days=59), today)
    await inbox.run("backfill")
    (view,) = await list_backfills(inbox.athlete.id)
    assert (view.state, view.windows_done) == (BackfillState.RUNNING, 0)
    assert "503" in view.reason
    inbox.sandbox.faults.clear()
    await inbox.run("backfill")
    (view,) = await list_backfills(inbox.athlete.id)
    assert (view.windows_done, view.reason) == (1, "")
    assert (await cancel_backfill(inbox.hub, inbox.athlete.id, view.id)).state is BackfillState.CANCELLED
    await inbox.run("backfill")
    assert [one.windows_done for one in await list_backfills(inbox.athlete.id)] == [1]
    for start, end in ((today, today - dt.timedelta(days=1)), (dt.date(1990, 1, 1), today)):
        with pytest.raises(InvalidInputError):
            await start_backfill(inbox.hub, inbox.athlete, "fake", start, end)
    with pytest.raises(InvalidInputError):
        await start_backfill(inbox.hub, inbox.athlete, "healthkit", today, today)


async def test_raw_content_is_sealed(inbox: Inbox) -> None:
    inbox.do("Secret place")
    await inbox.push()
    rows = await inbox.hub.engine.execute('SELECT content FROM "delivery"')
    assert b"Secret place" not in bytes(rows[0]["content"])


async def test_a_job_that_runs_twice_ingests_once(inbox: Inbox) -> None:
    inbox.do()
    await inbox.push()
    for _ in range(3):
        for job_id in await jobs.claim_due(inbox.hub.engine):
            await run_job(inbox.hub, job_id)
        await inbox.hub.engine.execute("UPDATE \"job\" SET state = 'waiting', run_at_ms = 0")
    assert await inbox.said() == 1


# -- vendors that tell no version -------------------------------------------------------------------------


async def tell(inbox: Inbox, steps: int, news_by: NewsBy = "content", key: str = "day") -> int:
    """Fake says how a day is now, under a key that only names the day; how many statements were news."""
    body = to_json({"date": "2026-11-20", "version": 0, "steps": steps})
    told = Delivery("athlete-1", "day", body, key, news_by=news_by)
    connection = await Connection.objects().first()
    assert connection
    async with inbox.hub.engine.transaction():
        return len(await store_deliveries(inbox.hub, connection, [told], "poll"))


async def steps_now(inbox: Inbox) -> int:
    await inbox.run()
    (day,) = await list_days(inbox.athlete.id, "daily", VisibleDaily, "2026-11-20", "2026-11-20")
    return day.steps or 0


async def test_what_was_changed_and_changed_back_is_heard_and_the_same_again_is_not(inbox: Inbox) -> None:
    for steps, new in ((100, 1), (100, 0), (200, 1), (100, 1), (100, 0)):
        assert await tell(inbox, steps) == new
        assert await steps_now(inbox) == steps
    assert [state for _, state in await inbox.states()] == ["done"] * 3


async def test_what_was_not_looked_at_yet_gives_way_to_what_is_newer(inbox: Inbox) -> None:
    assert [await tell(inbox, steps) for steps in (100, 200, 100)] == [1, 1, 1]
    assert await steps_now(inbox) == 100
    assert [state for _, state in await inbox.states()] == ["done", "dropped", "dropped"]


async def test_a_hint_is_news_unless_one_like_it_still_waits(inbox: Inbox) -> None:
    assert [await tell(inbox, 100, "change") for _ in range(3)] == [1, 0, 0]
    (job_id,) = (await inbox.hub.engine.execute("SELECT id FROM \"job\" WHERE kind = 'ingest'"))[0].values()
    assert await jobs.take(inbox.hub.engine, job_id)  # somebody looks now, and may have looked too early
    assert [await tell(inbox, 100, "change") for _ in range(2)] == [1, 0]
    await inbox.run()
    assert await tell(inbox, 100, "change") == 1


async def test_under_one_key_a_poll_is_heard_after_a_hint(inbox: Inbox) -> None:
    assert await tell(inbox, 100) == 1
    await inbox.run()
    assert await tell(inbox, 0, "change") == 1
    await inbox.run()
    assert await tell(inbox, 100) == 1
    assert await steps_now(inbox) == 100
