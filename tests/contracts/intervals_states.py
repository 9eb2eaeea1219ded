"""What intervals.icu's sandbox must hold before each exchange of `test_intervals_client.py`."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from typing import Any

import hub_intervals.plugin as plugin
from hub_core.sandbox import DEFAULT_USER, Call, Grant, RecordedActivity, Refusal
from hub_core.sdk import DailyHealth, Sport
from hub_intervals.export import to_event
from hub_intervals.sandbox import IntervalsSandbox
from hub_intervals.sandbox_accounts import API_KEY

from .plugin_contract import ATHLETE, DATE, PLAN, REFERENCE, SandboxState, ask, connect, consent, spend_limits

EVENT: dict[str, Any] = to_event(plugin.compile_workout(PLAN, ATHLETE), REFERENCE)

State = dict[str, Any]


def basic(key: str) -> str:
    return base64.b64encode(f"API_KEY:{key}".encode()).decode()


def connected(intervals: IntervalsSandbox) -> State:
    return {"access_token": connect(intervals).access_token}


def only_wellness(intervals: IntervalsSandbox) -> State:
    return {"access_token": connect(intervals, ("WELLNESS:WRITE",)).access_token}


def revoked(intervals: IntervalsSandbox) -> State:
    grant = connect(intervals)
    ask(intervals.disconnect_app, grant)
    return {"access_token": grant.access_token}


def with_api_key(_: IntervalsSandbox) -> State:
    return {"basic": basic(API_KEY)}


def key_renewed(intervals: IntervalsSandbox) -> State:
    intervals.api_keys = {"the-new-key": intervals.api_keys[API_KEY]}
    return {"basic": basic(API_KEY)}


RIDE = RecordedActivity(
    "Morning ride",
    Sport.RIDE,
    dt.datetime(2031, 4, 7, 6, 31, tzinfo=dt.timezone(dt.timedelta(hours=2))),
    3481.0,
    heart_rate_bpm=139.0,
)


def done(intervals: IntervalsSandbox) -> State:
    known = connected(intervals)
    intervals.record_activity(DEFAULT_USER, RIDE)
    return {**known, "activity_id": next(iter(intervals.activities))}


def of_strava(intervals: IntervalsSandbox) -> State:
    intervals.source = "STRAVA"
    return done(intervals)


def measured(intervals: IntervalsSandbox) -> State:
    known = connected(intervals)
    day = DailyHealth(DATE, steps=9120, hrv_rmssd_ms=41.5, hrv_sdnn_ms=58.0)
    intervals.record_day(DEFAULT_USER, day)
    return known


def limited(intervals: IntervalsSandbox) -> State:
    spend_limits(intervals)
    return connected(intervals)


def silently_limited(intervals: IntervalsSandbox) -> State:
    intervals.sends_retry_after = False
    return limited(intervals)


def hurried(intervals: IntervalsSandbox) -> State:
    known = connected(intervals)
    headers = {"authorization": f"Bearer {known['access_token']}"}
    intervals.clock.freeze()
    try:
        while True:
            intervals.authenticate(Call("GET", "/", {}, {}, headers, b""))
    except Refusal:
        return known


def _store(intervals: IntervalsSandbox, grant: Grant) -> State:
    stored = ask(intervals.create_event, grant, json=EVENT, athlete="0")
    return {"access_token": grant.access_token, "event_id": stored["id"]}


def stored(intervals: IntervalsSandbox) -> State:
    return _store(intervals, connect(intervals))


def not_pushed(intervals: IntervalsSandbox) -> State:
    intervals.calendar.push_errors = [{"service": "GARMIN", "message": "Token expired"}]
    return stored(intervals)


def garbled(intervals: IntervalsSandbox) -> State:
    grant = connect(intervals)
    event = EVENT | {"description": "- 400 metres 250w"}
    written = ask(intervals.create_event, grant, json=event, athlete="0")
    return {"access_token": grant.access_token, "event_id": written["id"]}


def deleted(intervals: IntervalsSandbox) -> State:
    grant = connect(intervals)
    known = _store(intervals, grant)
    ask(intervals.delete_event, grant, athlete="0", event=known["event_id"])
    return known


def consented(intervals: IntervalsSandbox) -> State:
    return {"code": consent(intervals, ("CALENDAR:WRITE",), pkce=False)}


def code_expired(intervals: IntervalsSandbox) -> State:
    known = consented(intervals)
    intervals.clock.advance(121)
    return known


STATES: Mapping[str, SandboxState] = {
    "an athlete is connected": connected,
    "an athlete has allowed the wellness data only": only_wellness,
    "an athlete has ended the consent": revoked,
    "an athlete has an API key": with_api_key,
    "an athlete has renewed the API key": key_renewed,
    "the app's calls of the quarter of an hour are spent": limited,
    "the app's calls of the quarter of an hour are spent, and nobody says until when": silently_limited,
    "the hub has just made many calls": hurried,
    "a ride with a heart rate was done": done,
    "an activity came from Strava": of_strava,
    "a day was measured": measured,
    "an event is stored": stored,
    "an event is stored, and could not be handed on to Garmin": not_pushed,
    "an event is stored whose text is not understood": garbled,
    "an event was deleted": deleted,
    "an athlete has just consented": consented,
    "an athlete has consented two minutes ago": code_expired,
}
