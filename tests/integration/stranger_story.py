"""What `test_stranger` runs in the stranger's environment: the hub, and one plugin that nobody knows."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
import tempfile

from hub_core.cli.demo import example_files
from hub_core.cli.serve import make_sandboxes
from hub_core.registry.dispatcher import Dispatcher
from hub_core.registry.registry import load_registry
from hub_core.sandbox import RecordedActivity
from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.sdk import ProviderContext, ProviderHttp, Records, Sport
from hub_core.sdk.client_pool import ClientPool
from hub_core.storage import generate_key
from hub_core.testing.processes import HubProcesses, wait_until

NAME = sys.argv[1]
USER = "athlete-1"


def send(server: SandboxServer) -> list[str]:
    """A platform saves a workout; the titles on the device in the end."""
    plan = json.loads(example_files()[1].read_text())
    plan["date"] = server.sandbox.clock.today().isoformat()
    with tempfile.TemporaryDirectory() as folder:
        own = {"HUB_DATABASE_URL": f"sqlite:///{folder}/hub.db", "HUB_ENCRYPTION_KEYS": generate_key()}
        with HubProcesses(own | server.sandbox.environment(server.origin)) as hub:
            athlete = hub.platform().athlete()
            athlete.connect(NAME)
            athlete.save(plan)
            wait_until(lambda: server.sandbox.device(USER).workouts, "the workout")
    return [workout.title for workout in server.sandbox.device(USER).workouts]


async def take(server: SandboxServer) -> list[str]:
    """The athlete runs; the names of the activities that the hub's dispatcher makes of the webhook."""
    settings = server.sandbox.settings(server.origin)
    dispatcher = Dispatcher(load_registry({NAME: settings}))
    start = dt.datetime.combine(server.sandbox.clock.today(), dt.time(7), dt.timezone(dt.timedelta(hours=2)))
    run = RecordedActivity("Morning run", Sport.RUN, start, 1800, 5000)
    server.sandbox.record_activity(USER, run)
    http = ProviderHttp(NAME, settings.api_url, settings.hosts(), ClientPool())
    context = ProviderContext(NAME, http, settings)
    names = []
    for request in server.sandbox.outbox:
        for delivery in await dispatcher.call(NAME, "receive_webhook", request=request, settings=settings):
            records: Records = await dispatcher.call(
                NAME, "ingest_activity", context=context, delivery=delivery
            )
            names += [activity.name for activity in records.activities]
    return names


if __name__ == "__main__":
    with serve_sandboxes(make_sandboxes([NAME])) as servers:
        sent = send(servers[NAME])
        taken = asyncio.run(take(servers[NAME]))
    sys.stdout.write(json.dumps({"on the device": sent, "activities": taken}))
