"""What Wahoo's sandbox must hold before each exchange of `test_wahoo_client.py`."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

import hub_wahoo.plugin as plugin
from hub_core.sandbox import DEFAULT_USER, Grant, RecordedActivity
from hub_core.sdk import Sport
from hub_wahoo.sandbox import TOKEN_CAP, WahooSandbox

from .plugin_contract import (
    ATHLETE,
    PLAN,
    REFERENCE,
    VERIFIER,
    SandboxState,
    ask,
    connect,
    consent,
    spend_limits,
)

COMPILED = plugin.compile_workout(PLAN, ATHLETE)
#: The plan as the client is handed it.
DOCUMENT = msgspec.json.encode(COMPILED.payload["plan"])
UPDATED_AT = "2031-04-06T18:00:00.000Z"
STARTS = "2031-04-07T12:00:00.000Z"

State = dict[str, Any]


def data_uri(document: bytes) -> str:
    return "data:application/json;base64," + base64.b64encode(document).decode()


def connected(wahoo: WahooSandbox) -> State:
    return {"access_token": connect(wahoo).access_token}


def only_reading(wahoo: WahooSandbox) -> State:
    return {"access_token": connect(wahoo, ("user_read", "plans_read", "workouts_read")).access_token}


def done(wahoo: WahooSandbox) -> State:
    known = connected(wahoo)
    wahoo.settings("http://127.0.0.1")
    start = dt.datetime.fromisoformat(STARTS)
    wahoo.record_activity(DEFAULT_USER, RecordedActivity("Cycling", Sport.RIDE, start, 4405.0))
    return known


def without_user_read(wahoo: WahooSandbox) -> State:
    return {"access_token": connect(wahoo, ("plans_read", "plans_write")).access_token}


def expired(wahoo: WahooSandbox) -> State:
    known = connected(wahoo)
    wahoo.clock.advance(7201)
    return known


def revoked(wahoo: WahooSandbox) -> State:
    grant = connect(wahoo)
    ask(wahoo.delete_permissions, grant)
    return {"access_token": grant.access_token}


def limited(wahoo: WahooSandbox) -> State:
    spend_limits(wahoo)
    return connected(wahoo)


def not_approved(wahoo: WahooSandbox) -> State:
    wahoo.approved = False
    return connected(wahoo)


def _store_plan(wahoo: WahooSandbox, grant: Grant) -> State:
    fields = {"file": data_uri(DOCUMENT), "external_id": REFERENCE, "provider_updated_at": UPDATED_AT}
    stored = ask(wahoo.create_plan, grant, json={"plan": fields})
    return {"access_token": grant.access_token, "plan_id": stored["id"]}


def _store_workout(wahoo: WahooSandbox, grant: Grant) -> State:
    known = _store_plan(wahoo, grant)
    fields = {
        **COMPILED.payload["workout"],
        "workout_token": REFERENCE,
        "starts": STARTS,
        "plan_id": known["plan_id"],
    }
    stored = ask(wahoo.create_workout, grant, json={"workout": fields})
    return {**known, "workout_id": stored["id"]}


def plan_stored(wahoo: WahooSandbox) -> State:
    return _store_plan(wahoo, connect(wahoo))


def plan_deleted(wahoo: WahooSandbox) -> State:
    grant = connect(wahoo)
    known = _store_plan(wahoo, grant)
    ask(wahoo.delete_plan, grant, id=known["plan_id"])
    return known


def plan_deleted_and_listed(wahoo: WahooSandbox) -> State:
    wahoo.lists_deleted_plans = True
    return plan_deleted(wahoo)


def workout_stored(wahoo: WahooSandbox) -> State:
    return _store_workout(wahoo, connect(wahoo))


def plan_of_workout_deleted(wahoo: WahooSandbox) -> State:
    grant = connect(wahoo)
    known = _store_workout(wahoo, grant)
    ask(wahoo.delete_plan, grant, id=known["plan_id"])
    return known


def workout_deleted(wahoo: WahooSandbox) -> State:
    grant = connect(wahoo)
    known = _store_workout(wahoo, grant)
    ask(wahoo.delete_workout, grant, id=known["workout_id"])
    return known


def consented(wahoo: WahooSandbox) -> State:
    return {"code": consent(wahoo)}


def code_used(wahoo: WahooSandbox) -> State:
    known = consented(wahoo)
    wahoo.oauth.redeem_code(code=known["code"], redirect_uri=None, verifier=VERIFIER)
    return known


def ten_tokens(wahoo: WahooSandbox) -> State:
    for _ in range(TOKEN_CAP):
        connect(wahoo)
    return consented(wahoo)


def refreshable(wahoo: WahooSandbox) -> State:
    return {"refresh_token": connect(wahoo).refresh_token}


def refreshed_before(wahoo: WahooSandbox) -> State:
    known = refreshable(wahoo)
    wahoo.oauth.refresh(known["refresh_token"])
    return known


def refreshed_and_used(wahoo: WahooSandbox) -> State:
    known = refreshable(wahoo)
    wahoo.oauth.grant_for(wahoo.oauth.refresh(known["refresh_token"]).access_token)
    return known


STATES: Mapping[str, SandboxState] = {
    "an athlete is connected": connected,
    "an athlete has allowed reading only": only_reading,
    "an athlete has not allowed user_read": without_user_read,
    "an athlete's access token has expired": expired,
    "an athlete has ended the consent": revoked,
    "the app's quota is spent": limited,
    "the app is not approved": not_approved,
    "a plan is stored": plan_stored,
    "a plan was deleted": plan_deleted,
    "a plan was deleted, and is still listed": plan_deleted_and_listed,
    "a workout was done": done,
    "a workout is stored": workout_stored,
    "a workout is stored, and its plan was deleted": plan_of_workout_deleted,
    "a workout was deleted": workout_deleted,
    "an athlete has just consented": consented,
    "an athlete's code was used before": code_used,
    "an athlete has ten live tokens and consents again": ten_tokens,
    "an athlete has a refresh token": refreshable,
    "an athlete's refresh token was used, but not the new access token": refreshed_before,
    "an athlete's refresh token was used, and the new access token too": refreshed_and_used,
}
