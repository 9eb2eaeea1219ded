"""What the athlete does in Fake's app shows on the device."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest

from hub_core.sandbox import AthleteWish
from hub_core.sandbox.server import serve_sandboxes
from hub_fake.sandbox import FakeSandbox

STEP = {"type": "step", "duration": {"type": "time", "duration_s": 60}}


def filled() -> FakeSandbox:
    sandbox = FakeSandbox()
    body = {"title": "Ride", "sport": "cycling", "date": "2031-04-07", "steps": [STEP | {"target": None}]}
    sandbox.workouts["athlete-1", "hub-1"] = body
    return sandbox


def test_it_is_moved_edited_and_deleted_by_its_title() -> None:
    sandbox = filled()
    sandbox.play(AthleteWish("move", "Ride", date=dt.date(2031, 4, 8)))
    sandbox.play(AthleteWish("edit", "Ride"))
    (shown,) = sandbox.device("athlete-1").workouts
    assert shown.date == dt.date(2031, 4, 8)
    assert "1800" in shown.lines[0]
    sandbox.play(AthleteWish("delete", "Ride"))
    assert sandbox.device("athlete-1").workouts == ()
    with pytest.raises(LookupError):
        sandbox.play(AthleteWish("delete", "Ride"))


def test_the_door_for_it() -> None:
    with serve_sandboxes([filled()]) as servers:
        door = f"{servers['fake'].origin}/sandbox/athlete"
        assert httpx.post(door, json={"act": "delete", "title": "Ride"}).status_code == 204
        for wish in ({"act": "delete", "title": "Ride"}, {"act": "eat", "title": "Ride"}):
            assert httpx.post(door, json=wish).status_code == 400
