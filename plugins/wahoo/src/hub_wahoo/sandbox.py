"""How Wahoo's cloud behaves: a strict stand-in of its OAuth, plans and workouts, with an ELEMNT's screen.

Knobs are plain attributes of `WahooSandbox`; each says what it stands for.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from typing import Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from hub_core.sandbox import (
    CLIENT_ID,
    CLIENT_SECRET,
    EDITED_STEP_S,
    Answer,
    AthleteWish,
    Call,
    DeviceScreen,
    DeviceWorkout,
    Grant,
    OAuthError,
    OAuthServer,
    Rotation,
    Usage,
    endpoint,
)
from hub_core.sandbox.rate_limits import RateLimits
from hub_core.sdk import ProviderSettings, RateBudget
from hub_wahoo.sandbox_device import SPORTS, show_plan
from hub_wahoo.sandbox_done import WEBHOOK_TOKEN, WahooDone
from hub_wahoo.sandbox_store import StoredWorkout
from hub_wahoo.settings import WahooSettings

SCOPES = (
    *("email", "user_read", "user_write", "workouts_read", "workouts_write", "offline_data"),
    *("plans_read", "plans_write", "power_zones_read", "power_zones_write", "routes_read", "routes_write"),
)
#: Day, hour, five minutes: the order of the rate-limit headers.
PROFILES = {
    "production": (RateBudget(5000, 86_400), RateBudget(1000, 3600), RateBudget(200, 300)),
    "sandbox": (RateBudget(250, 86_400), RateBudget(100, 3600), RateBudget(25, 300)),
}
TOKEN_CAP = 10
TOKEN_KEPT_S = 60 * 86_400
DEVICE = "ELEMNT ROAM"
#: A device syncs workouts from today to six days ahead.
DEVICE_DAYS = 6


class WahooSandbox(WahooDone):
    """Wahoo's cloud on loopback."""

    name = "wahoo"
    title = "Wahoo"
    rate_budgets = PROFILES["production"]

    def __init__(self, *, seed: int = 1, profile: Literal["production", "sandbox"] = "production") -> None:
        super().__init__(seed=seed)
        self.limits = RateLimits(PROFILES[profile], self.clock)
        #: False: a public app, without a secret, whose PKCE verifier is asked for at refresh too.
        self.confidential = True
        #: Portal flags: what goes with the consent.
        self.revoke_deletes_workouts = False
        self.revoke_deletes_plans = False

    def make_oauth(self) -> OAuthServer:
        """Two hours, rotation at the first use of the new token, ten tokens at most."""
        return OAuthServer(
            self.clock,
            SCOPES,
            rotation=Rotation.ON_FIRST_USE,
            access_life_s=7200,
            max_live_tokens=TOKEN_CAP,
            seed=self.seed,
        )

    def settings(self, origin: str) -> ProviderSettings:
        """Wahoo's addresses, all at `origin`."""
        self.origin = origin  # for the addresses of files
        return WahooSettings(
            client_id=CLIENT_ID,
            client_secret=SecretStr(CLIENT_SECRET if self.confidential else ""),
            authorize_url=f"{origin}/oauth/authorize",
            token_url=f"{origin}/oauth/token",
            api_url=origin,
            cdn_url=origin,
            webhook_token=SecretStr(WEBHOOK_TOKEN),
        )

    def check_scope(self, grant: Grant, scope: str) -> None:
        """Without `user_read` nothing is answered at all."""
        for needed in ("user_read", scope):
            super().check_scope(grant, needed)

    def rate_headers(self, usages: list[Usage], *, limited: bool) -> dict[str, str]:
        """Largest window first; the reset is in seconds, and 0 while there is room."""
        reset_s = math.ceil(max(usage.reset_s for usage in usages)) if limited else 0
        return {
            "X-RateLimit-Limit": ", ".join(str(usage.budget.calls) for usage in usages),
            "X-RateLimit-Remaining": ", ".join(str(usage.remaining) for usage in usages),
            "X-RateLimit-Reset": str(reset_s),
        }

    # -- OAuth ----------------------------------------------------------------------------------------

    @endpoint("GET", "/oauth/authorize", public=True)
    @endpoint("POST", "/oauth/authorize", public=True)
    def authorize(self, call: Call) -> Answer:
        """The consent page; a public app must come with a PKCE challenge."""
        self._apply_app_kind()
        return self.consent(call)

    @endpoint("POST", "/oauth/token", public=True)
    def token(self, call: Call) -> Answer:
        """Parameters come in the body, or in the address as in Wahoo's docs."""
        self._apply_app_kind()
        now = self.clock.now()
        self.oauth.grants = [one for one in self.oauth.grants if one.created_at + TOKEN_KEPT_S > now]
        fields = call.query | call.form()
        if not self.confidential:
            fields["client_secret"] = CLIENT_SECRET  # a public app has none to send
        return super().token(dataclasses.replace(call, body=urlencode(fields).encode()))

    def _apply_app_kind(self) -> None:
        self.oauth.requires_pkce = self.oauth.verifier_on_refresh = not self.confidential

    def token_refusal(self, error: OAuthError) -> Answer:
        """The cap is told in prose, where others have a code."""
        if error.error == "too_many_tokens":
            return Answer({"error": f"{error.description} Revoke some of them first."}, 400)
        return super().token_refusal(error)

    def token_body(self, grant: Grant) -> dict[str, Any]:
        """As the server framework behind Wahoo words it."""
        return super().token_body(grant) | {"token_type": "Bearer", "created_at": int(grant.created_at)}

    @endpoint("DELETE", "/v1/permissions")
    def delete_permissions(self, call: Call) -> Answer:
        """All tokens of the user and this app die; portal flags say what goes with them."""
        self.oauth.revoke(call.user)
        if self.revoke_deletes_workouts:
            for workout in self.store.own_workouts(call.user):
                if workout.starts.timestamp() > self.clock.now():
                    del self.store.workouts[workout.id]
        if self.revoke_deletes_plans:
            for plan in self.store.own_plans(call.user):
                self.store.delete_plan(plan)
        return Answer(status=204)

    @endpoint("GET", "/v1/user", scope="user_read")
    def get_user(self, call: Call) -> Answer:
        """Decimals are strings; the email needs a scope of its own."""
        body = {
            "id": self.store.user_id(call.user),
            "height": "1.78",
            "weight": "71.50",
            "first": "Sandbox",
            "last": call.user,
            "birth": "1990-05-17",
            "gender": 3,
            "created_at": "2025-01-15T09:30:00.000Z",
            "updated_at": "2025-01-15T09:30:00.000Z",
        }
        if call.grant and "email" in call.grant.scopes:
            body["email"] = f"{call.user}@example.com"
        return Answer(body)

    def device(self, user: str) -> DeviceScreen:
        """Workouts with a plan, from today to six days ahead; all others are kept and never synced."""
        zone = ZoneInfo(self.time_zones.get(user, "UTC"))
        today = dt.datetime.fromtimestamp(self.clock.now(), zone).date()
        shown = []
        for workout in reversed(self.store.own_workouts(user)):
            date = workout.starts.astimezone(zone).date()
            plan = self.store.plans.get(workout.plan_id or 0)
            if plan and plan.document and 0 <= (date - today).days <= DEVICE_DAYS:
                shown.append(_on_device(workout, plan.document, date))
        return DeviceScreen(DEVICE, user, tuple(shown))

    def play(self, wish: AthleteWish) -> None:
        """In Wahoo's app: away, to another day, or another first step."""
        mine = self.store.own_workouts(wish.user)
        workout = next((one for one in mine if one.name == wish.title), None)
        if workout is None:
            raise LookupError(f"there is no workout {wish.title!r}")
        match wish.act:
            case "delete":
                del self.store.workouts[workout.id]
            case "move":
                zone = ZoneInfo(self.time_zones.get(wish.user, "UTC"))
                local = workout.starts.astimezone(zone)
                moved = dt.datetime.combine(wish.day(), local.time(), zone)
                workout.starts = moved.astimezone(dt.UTC)
            case "edit":
                document = self.store.plans[workout.plan_id or 0].document or {}
                step = document["intervals"][0]
                while "intervals" in step:
                    step = step["intervals"][0]
                step |= {"exit_trigger_type": "time", "exit_trigger_value": EDITED_STEP_S}


def _on_device(workout: StoredWorkout, document: dict[str, Any], date: dt.date) -> DeviceWorkout:
    description = document["header"].get("description", "")
    return DeviceWorkout(
        date=date,
        title=workout.name,
        sport=SPORTS.get(workout.workout_type_id, "Other"),
        lines=show_plan(document),
        external_id=str(workout.id),
        note="" if description == workout.name else description,
    )
