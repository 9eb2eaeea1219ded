"""intervals.icu keeps no time of an activity's last change: what stands is what was said or seen last."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from pydantic import SecretStr

from hub_core.bootstrap import make_hub
from hub_core.cli.serve import make_sandboxes
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.sport import Sport
from hub_core.pipeline.run_job import run_job
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.sandbox.server import serve_sandboxes
from hub_core.sdk.inbound import WebhookRequest
from hub_core.services.athletes.issue_api_key import find_platform, issue_api_key
from hub_core.services.athletes.save_athlete import create_athlete, load_athlete
from hub_core.services.connections.connect_provider import begin_connection, finish_connection
from hub_core.services.hub import Hub
from hub_core.services.inbound.receive_webhook import receive_webhook
from hub_core.services.merging.read_activity import read_visible
from hub_core.settings import HubSettings
from hub_core.storage import generate_key
from hub_core.storage.inbound_tables import StoredActivity
from hub_core.testing.harness import give_consent

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Diary:
    """An athlete at intervals.icu, whose hub hears what it is told and looks when it is asked to."""

    def __init__(self, hub: Hub, sandbox: Any) -> None:
        self.hub = hub
        self.sandbox = sandbox

    def ride(self, distance_m: float = 400.0) -> WebhookRequest:
        """A ride was uploaded, or has other figures now; what is told of it."""
        start = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=1)
        self.sandbox.record_activity(
            "athlete-1", RecordedActivity("Ride", Sport.RIDE, start, 60.0, distance_m)
        )
        told: WebhookRequest = self.sandbox.outbox[-1]
        return told

    def rename(self, name: str) -> None:
        """The athlete edits the name, and nobody tells: neither a webhook nor a time in the activity."""
        for activity in self.sandbox.activities.values():
            activity["name"] = name

    async def hear(self, request: WebhookRequest) -> None:
        await receive_webhook(self.hub, "intervals", request)
        await self._run("ingest")

    async def look(self) -> None:
        await asyncio.sleep(0.005)  # what was told and what is seen are of two milliseconds
        await self._run("poll")
        await self._run("ingest")

    async def shown(self) -> str:
        (row,) = await StoredActivity.objects().where(StoredActivity.deleted.eq(False))
        return read_visible(row).name

    async def _run(self, kind: str) -> None:
        sql = "UPDATE \"job\" SET run_at_ms = 0, dispatched_ms = NULL WHERE kind = {} AND state = 'waiting'"
        for row in await self.hub.engine.execute(f"{sql} RETURNING id", kind):
            await run_job(self.hub, row["id"])


@pytest.fixture
async def diary(database_url: str) -> AsyncIterator[Diary]:
    with serve_sandboxes(make_sandboxes(["intervals"]), wait=False) as servers:
        server = servers["intervals"]
        server.sandbox.per_ip_rate = None  # type: ignore[attr-defined]
        settings = HubSettings(database_url=database_url, encryption_keys=SecretStr(generate_key()))
        pointed = server.sandbox.settings(server.origin).model_copy(update={"rate_budgets": "none"})
        hub = make_hub(settings, provider_settings={"intervals": pointed})
        platform = await find_platform(await issue_api_key(hub, "coach"))
        assert platform
        made = await create_athlete(
            hub, platform, external_id="anna", name="", thresholds=Thresholds(), export_to="all"
        )
        athlete = await load_athlete(platform, made.id)
        back = urlsplit(await give_consent(await begin_connection(hub, athlete, "intervals")))
        query = {key: values[0] for key, values in parse_qs(back.query).items()}
        await finish_connection(hub, "intervals", state=query["state"], code=query["code"], error="")
        yield Diary(hub, server.sandbox)
        await hub.pool.close()
        await hub.engine.close()


async def test_what_a_look_finds_is_newer_than_what_was_told_before(diary: Diary) -> None:
    upload = diary.ride()
    await diary.hear(upload)
    analysis = diary.ride(390.0)  # told, and late on its way
    diary.rename("Hill repeats")
    await diary.look()
    assert await diary.shown() == "Hill repeats"
    await diary.hear(analysis)
    assert await diary.shown() == "Hill repeats"
    # What was edited back is an edit, though it was said in the same words before.
    for name in ("Ride", "Hill repeats", "Ride"):
        diary.rename(name)
        await diary.look()
        assert await diary.shown() == name
    diary.rename("Told")
    await diary.hear(_of_now(diary))
    assert await diary.shown() == "Told"


async def test_a_webhook_without_a_moment_lets_the_hub_ask_again(diary: Diary) -> None:
    old = diary.ride()
    diary.rename("Hill repeats")
    await diary.hear(_of_now(diary))
    assert await diary.shown() == "Hill repeats"
    await diary.hear(_without_moment(old))
    assert await diary.shown() == "Hill repeats"
    diary.rename("Once more")
    await diary.hear(_without_moment(_of_now(diary)))
    assert await diary.shown() == "Once more"


def _of_now(diary: Diary) -> WebhookRequest:
    (activity,) = diary.sandbox.activities.values()
    diary.sandbox.tell("athlete-1", "ACTIVITY_UPDATED", activity=activity)
    told: WebhookRequest = diary.sandbox.outbox[-1]
    return told


def _without_moment(request: WebhookRequest) -> WebhookRequest:
    body = msgspec.json.decode(request.body)
    del body["events"][0]["timestamp"]
    return msgspec.structs.replace(request, body=msgspec.json.encode(body))
