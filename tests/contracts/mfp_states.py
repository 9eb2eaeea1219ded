"""What MyFitnessPal's sandbox must hold before each exchange of `test_mfp_client.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub_core.sandbox import DEFAULT_USER
from hub_core.sdk import NutritionDay
from hub_mfp.sandbox import MfpSandbox, user_id

from .plugin_contract import DATE, SandboxState, connect, consent, spend_limits

#: As four equal meals it has no fraction that JSON could not carry.
EATEN = NutritionDay(DATE, "", 0, 2400.0, 300.0, 120.0, 80.0)
State = dict[str, Any]


def connected(mfp: MfpSandbox) -> State:
    grant = connect(mfp)
    known = {"access_token": grant.access_token, "refresh_token": grant.refresh_token}
    return {**known, "user_id": user_id(DEFAULT_USER)}


def logged(mfp: MfpSandbox) -> State:
    mfp.meal_names = ("Breakfast", "Dinner")
    mfp.record_meals(DEFAULT_USER, EATEN)
    return connected(mfp)


def in_kilojoules(mfp: MfpSandbox) -> State:
    mfp.energy_unit = "kilojoules"
    return logged(mfp)


def on_two_pages(mfp: MfpSandbox) -> State:
    mfp.page_size = 1
    return logged(mfp)


def limited(mfp: MfpSandbox) -> State:
    spend_limits(mfp)
    return connected(mfp)


def ended(mfp: MfpSandbox) -> State:
    known = connected(mfp)
    mfp.oauth.revoke(DEFAULT_USER)
    return known


def subscribed(mfp: MfpSandbox) -> State:
    known = connected(mfp)
    grant = mfp.oauth.grants[-1]
    mfp.subscriptions.append({"id": "s1", "user_id": user_id(grant.user), "content_type": "diary_meal"})
    return known


def consented(mfp: MfpSandbox) -> State:
    return {"code": consent(mfp, pkce=False)}


STATES: Mapping[str, SandboxState] = {
    "an athlete is connected": connected,
    "two meals were logged": logged,
    "two meals were logged in kilojoules": in_kilojoules,
    "two meals were logged, and come on two pages": on_two_pages,
    "the app's calls are spent": limited,
    "an athlete has ended the consent": ended,
    "an athlete is subscribed": subscribed,
    "an athlete has just consented": consented,
}
