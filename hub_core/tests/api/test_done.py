"""The athlete presses a button on the device's screen, and the planned workout is done."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest

from hub_core.sandbox.sender import send_webhook
from hub_core.testing.processes import wait_until


@pytest.mark.parametrize("provider", ["garmin", "intervals", "wahoo"])
def test_a_planned_workout_is_done_on_the_device_and_comes_back(
    running: Any, person: Any, plan: dict[str, Any], provider: str
) -> None:
    person.connect(provider, person.user)
    # Garmin doesn't tell which plan it was: day, sport and length have to do.
    steps = [{"type": "step", "duration": {"type": "time", "duration_s": 2700}}]
    today = dt.datetime.now(dt.UTC).date().isoformat()
    workout_id = person.save({**plan, "date": today, "steps": steps})
    person.settled()
    sandbox = running.sandboxes[provider]
    heard = len(sandbox.sandbox.outbox)
    with httpx.Client(base_url=sandbox.origin, params={"user": person.user}) as browser:
        (shown,) = browser.get("/device", headers={"Accept": "application/json"}).json()["workouts"]
        assert "Do it now" in browser.get("/device").text
        form = {"user": person.user, "external_id": shown["external_id"]}
        done = browser.post("/sandbox/done", data=form)
        assert (done.status_code, done.headers["location"]) == (303, f"/device?user={person.user}")
        assert browser.post("/sandbox/done", data={**form, "external_id": "no"}).status_code == 404
    client = running.client()
    assert all(send_webhook(client, request) for request in sandbox.sandbox.outbox[heard:])

    wait_until(lambda: person.get("/activities"), "the activity")
    (one,) = person.get("/activities")
    assert (one["activity"]["name"], one["activity"]["sport"]) == (plan["name"], plan["sport"])
    workout = person.get(f"/workouts/{workout_id}")
    assert (workout["done"], workout["activity_id"]) == (True, one["id"])
