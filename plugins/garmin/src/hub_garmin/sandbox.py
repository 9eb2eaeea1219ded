"""How Garmin behaves: a strict stand-in for all that the plugin speaks with."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

from pydantic import SecretStr

from hub_core.sandbox import (
    CLIENT_ID,
    CLIENT_SECRET,
    EDITED_STEP_S,
    Answer,
    AthleteWish,
    Call,
    DeviceScreen,
    Grant,
    OAuthServer,
    Refusal,
    Rotation,
    Usage,
    endpoint,
)
from hub_core.sdk import RateBudget
from hub_garmin.sandbox_device import show_workout
from hub_garmin.sandbox_wellness import WEBHOOK_SECRET, WellnessSandbox
from hub_garmin.settings import GarminSettings

PERMISSIONS = (
    *("ACTIVITY_EXPORT", "HEALTH_EXPORT", "WORKOUT_IMPORT", "COURSE_IMPORT", "MCT_EXPORT"),
    "HISTORICAL_DATA_EXPORT",
)
#: The only one that isn't ticked when the consent page opens.
_UNTICKED = "HISTORICAL_DATA_EXPORT"


class GarminSandbox(WellnessSandbox):
    """Garmin's stand-in.

    Switches beside those of `TrainingSandbox` and `WellnessSandbox`: `permissions_shape` (`object` or
    `array`), `tells_retry_after` (on a 429), and `oauth.access_life_s`.
    """

    name = "garmin"
    title = "Garmin Connect"
    # OAuth calls count for the app's minute, but not for the athlete's day.
    rate_budgets = (RateBudget(3000, 60), RateBudget(1000, 86_400, "athlete"))

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.permissions_shape = "object"
        self.tells_retry_after = True
        self._issued: dict[str, str] = {}

    def make_oauth(self) -> OAuthServer:
        """Access for a day, refresh for about 90 days; a refresh ends the old refresh token."""
        return OAuthServer(
            self.clock,
            PERMISSIONS,
            Rotation.STRICT,
            access_life_s=86_400,
            refresh_life_s=7_775_998,
            requires_pkce=True,
            seed=self.seed,
        )

    def settings(self, origin: str) -> GarminSettings:
        """All hosts at this sandbox."""
        self.origin = origin  # for the addresses in pings
        return GarminSettings(
            client_id=CLIENT_ID,
            client_secret=SecretStr(CLIENT_SECRET),
            authorize_url=f"{origin}/oauth2Confirm",
            token_url=f"{origin}/di-oauth2-service/oauth/token",
            api_url=origin,
            user_api_url=f"{origin}/wellness-api",
            webhook_secret=SecretStr(WEBHOOK_SECRET),
        )

    def device(self, user: str) -> DeviceScreen:
        """The training calendar of this user's watch."""
        plans = sorted(self.plans_of(user), key=lambda plan: (plan["date"], plan["scheduleId"]))
        shown = tuple(show_workout(self.workouts[plan["workoutId"]], plan["date"]) for plan in plans)
        return DeviceScreen("Garmin Forerunner 965", user, shown)

    def play(self, wish: AthleteWish) -> None:
        """In Garmin Connect's calendar: off it, to another day, or another first step."""
        plan = next(
            (one for one in self.plans_of(wish.user) if self._title(one) == wish.title),
            None,
        )
        if plan is None:
            raise LookupError(f"there is no {wish.title!r} on the calendar")
        match wish.act:
            case "delete":
                del self.schedules[plan["scheduleId"]]
            case "move":
                plan["date"] = wish.day().isoformat()
            case "edit":
                step = self.workouts[plan["workoutId"]]["segments"][0]["steps"][0]
                while "steps" in step:
                    step = step["steps"][0]
                step |= {"durationType": "TIME", "durationValue": EDITED_STEP_S}

    def _title(self, plan: dict[str, Any]) -> str:
        return str(self.workouts[plan["workoutId"]]["workoutName"])

    # -- how it refuses ------------------------------------------------------------------------------------

    def authenticate(self, call: Call) -> Grant:
        """401 without a token or with an old one, 403 for one that Garmin doesn't know (any more)."""
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refusal(401, "Unauthorized")
        if grant := self.oauth.grant_for(token):
            return grant
        if token in self._issued:
            raise Refusal(401, "Token is not active")
        raise Refusal(403, "Unknown token")

    def check_scope(self, grant: Grant, scope: str) -> None:
        """412: the token is good, the permission isn't there."""
        if scope not in grant.scopes:
            raise Refusal(412, f"User has not granted the permission {scope}")

    def refusal_body(self, refusal: Refusal) -> Any:
        """`errorMessage`, as on the wellness API."""
        return {"errorMessage": refusal.message}

    def rate_headers(self, usages: list[Usage], *, limited: bool) -> dict[str, str]:
        """Nothing but `Retry-After` on a 429, and that not always."""
        if not limited or not self.tells_retry_after:
            return {}
        return {"Retry-After": str(max(1, round(max(usage.reset_s for usage in usages))))}

    # -- OAuth ---------------------------------------------------------------------------------------------

    @endpoint("GET", "/oauth2Confirm", public=True)
    @endpoint("POST", "/oauth2Confirm", public=True)
    def consent(self, call: Call) -> Answer:
        """The consent page: the athlete ticks permissions, whatever `scope` was asked for."""
        query = {name: value for name, value in call.query.items() if name != "scope"}
        answer = super().consent(dataclasses.replace(call, query=query))
        if isinstance(answer.body, str):
            page = answer.body.replace(f"value='{_UNTICKED}' checked", f"value='{_UNTICKED}'")
            return dataclasses.replace(answer, body=page)
        return answer

    @endpoint("POST", "/di-oauth2-service/oauth/token", public=True)
    def token(self, call: Call) -> Answer:
        """Code or refresh token for a pair; counted against the app's minute."""
        form = call.form()
        who = form.get("refresh_token") or form.get("code", "")
        fits, usages = self.limits.take(f"oauth {who}")
        if not fits:
            raise Refusal(429, "Limit per minute exceeded", headers=self.rate_headers(usages, limited=True))
        return super().token(call)

    def token_body(self, grant: Grant) -> dict[str, Any]:
        """With a fixed scope that says nothing of the permissions."""
        self._issued[grant.access_token] = grant.user
        return {
            **super().token_body(grant),
            "scope": "PARTNER_WRITE PARTNER_READ CONNECT_READ CONNECT_WRITE",
            "jti": hashlib.sha256(grant.access_token.encode()).hexdigest()[:32],
            "refresh_token_expires_in": round((grant.refresh_expires_at or 0) - self.clock.now()),
        }

    # -- the user ------------------------------------------------------------------------------------------

    @endpoint("GET", "/wellness-api/rest/user/id")
    @endpoint("GET", "/partner-gateway/rest/user/id")
    def get_user_id(self, call: Call) -> Answer:
        """Opaque, and the same after a new consent."""
        return Answer({"userId": self.garmin_id(call.user)})

    @endpoint("GET", "/wellness-api/rest/user/permissions")
    @endpoint("GET", "/partner-gateway/rest/user/permissions")
    def get_permissions(self, call: Call) -> Answer:
        """What the athlete has granted, in an object or bare."""
        granted = self._granted(call)
        return Answer({"permissions": granted} if self.permissions_shape == "object" else granted)

    @endpoint("GET", "/userPermissions/")
    def probe_permissions(self, call: Call) -> Answer:
        """The Training API's own probe: a bare list."""
        return Answer(self._granted(call))

    def _granted(self, call: Call) -> list[str]:
        return list(call.grant.scopes) if call.grant else []

    @endpoint("DELETE", "/wellness-api/rest/user/registration")
    @endpoint("DELETE", "/partner-gateway/rest/user/registration")
    def delete_registration(self, call: Call) -> Answer:
        """Every token of the user is unknown from now on; a last webhook says so."""
        self.end_consent(call.user)
        self._issued = {token: user for token, user in self._issued.items() if user != call.user}
        return Answer(status=204)
