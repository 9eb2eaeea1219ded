"""Who may call intervals.icu, and how often: OAuth, API keys, scopes, limits."""

from __future__ import annotations

import base64
import zlib
from typing import Any

from hub_core.sandbox import (
    CLIENT_ID,
    CLIENT_SECRET,
    DEFAULT_USER,
    Answer,
    Call,
    Grant,
    OAuthError,
    OAuthServer,
    Refusal,
    Rotation,
    Sandbox,
    Usage,
    endpoint,
)
from hub_core.sandbox.call import Handler
from hub_core.sdk import ProviderSettings, RateBudget
from hub_intervals.settings import IntervalsSettings

API_KEY = "sandbox-api-key"
WEBHOOK_SECRET = "intervals-webhook-secret"  # noqa: S105 (of a stand-in on loopback)
_AREAS = ("ACTIVITY", "WELLNESS", "CALENDAR", "CHATS", "LIBRARY", "SETTINGS")
_SCOPES = tuple(f"{area}:{right}" for area in _AREAS for right in ("READ", "WRITE"))


def _elsewhere(handler: Handler) -> Handler:
    """Serve a method at every path that nothing else is at: the router doesn't go back up from a branch."""
    for branch in ("", "/api", "/api/v1", "/api/v1/athlete/{athlete}"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            handler = endpoint(method, f"{branch}/{{rest:path}}", public=True)(handler)
    return handler


class IntervalsAccounts(Sandbox):
    """The part of intervals.icu that knows athletes and their credentials."""

    name = "intervals"
    title = "intervals.icu"
    rate_budgets = (RateBudget(calls=2_500, per_s=900), RateBudget(calls=8_000, per_s=86_400))

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        #: key -> the user whose key it is.
        self.api_keys = {API_KEY: DEFAULT_USER}
        #: Whether a 429 says when to come back.
        self.sends_retry_after = True
        #: Calls a second and in a burst that one IP address may make; None for no limit.
        self.per_ip_rate: float | None = 10.0
        self.per_ip_burst = 30.0
        self._ip_tokens, self._ip_at = self.per_ip_burst, self.clock.now()

    def make_oauth(self) -> OAuthServer:
        """Codes of two minutes, tokens without an end, no refresh."""
        return OAuthServer(
            self.clock,
            scopes=_SCOPES,
            rotation=Rotation.NONE,
            code_life_s=120,
            access_life_s=None,
            seed=self.seed,
        )

    def api_key(self, user: str) -> str:
        """The key of a user, who has made one by now."""
        known = {owner: key for key, owner in self.api_keys.items()}
        key = known.get(user, f"{API_KEY}-{user}")
        self.api_keys[key] = user
        return key

    def settings(self, origin: str) -> ProviderSettings:
        """Settings that point here."""
        return IntervalsSettings(
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,  # type: ignore[arg-type]
            authorize_url=f"{origin}/oauth/authorize",
            token_url=f"{origin}/api/oauth/token",
            api_url=origin,
            webhook_secret=WEBHOOK_SECRET,  # type: ignore[arg-type]
        )

    def refusal_body(self, refusal: Refusal) -> Any:
        """`{"status":401,"error":"Unauthorized"}`."""
        return {"status": refusal.status, "error": refusal.message}

    def rate_headers(self, usages: list[Usage], *, limited: bool) -> dict[str, str]:
        """The 15-minute and the daily window, in one header each."""
        headers = {
            "x-ratelimit-limit": ",".join(str(usage.budget.calls) for usage in usages),
            "x-ratelimit-remaining": ",".join(str(usage.remaining) for usage in usages),
        }
        if limited and self.sends_retry_after:
            headers["Retry-After"] = str(max(1, round(max(usage.reset_s for usage in usages))))
        return headers

    # -- who is calling -------------------------------------------------------------------------------

    def authenticate(self, call: Call) -> Grant:
        """A bearer token, or HTTP Basic with the literal user `API_KEY`."""
        self._take_ip_token()
        kind, _, credential = call.headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic":
            return self._key_grant(credential)
        if kind.lower() == "bearer" and credential in self.api_keys:
            raise Refusal(403, "Access denied")
        return super().authenticate(call)

    def _key_grant(self, credential: str) -> Grant:
        try:
            user, _, key = base64.b64decode(credential, validate=True).decode().partition(":")
        except ValueError as error:
            raise Refusal(401, "Unauthorized") from error
        if user != "API_KEY" or key not in self.api_keys:
            raise Refusal(401, "Unauthorized")
        return Grant(self.api_keys[key], _SCOPES, "", None, None, None)

    def check_scope(self, grant: Grant, scope: str) -> None:
        """WRITE implies READ."""
        if scope not in grant.scopes and scope.replace(":READ", ":WRITE") not in grant.scopes:
            raise Refusal(403, "Access denied")

    def _take_ip_token(self) -> None:
        """About ten calls a second after a short burst, refused without rate headers."""
        if self.per_ip_rate is None:
            return
        now = self.clock.now()
        refilled = self._ip_tokens + (now - self._ip_at) * self.per_ip_rate
        self._ip_tokens, self._ip_at = min(self.per_ip_burst, refilled), now
        if self._ip_tokens < 1:
            raise Refusal(429, "Too many requests")
        self._ip_tokens -= 1

    # -- OAuth ----------------------------------------------------------------------------------------

    @endpoint("GET", "/oauth/authorize", public=True)
    @endpoint("POST", "/oauth/authorize", public=True)
    def consent(self, call: Call) -> Answer:
        """The consent page, where areas can be unticked."""
        return super().consent(call)

    @endpoint("POST", "/api/oauth/token", public=True)
    def token(self, call: Call) -> Answer:
        """A token for a code. One lives for each athlete: a second one ends the first."""
        form = call.form()
        try:
            self.oauth.check_client(form.get("client_id", ""), form.get("client_secret"))
        except OAuthError:
            raise Refusal(401, "Unauthorized") from None
        if form.get("grant_type", "authorization_code") != "authorization_code":
            raise Refusal(400, "Unsupported grant_type")
        try:
            grant = self.oauth.redeem_code(code=form.get("code", ""), redirect_uri=None, verifier="")
        except OAuthError as error:
            raise Refusal(404, error.description) from None
        self.oauth.grants = [old for old in self.oauth.grants if old.user != grant.user or old is grant]
        return Answer(self.token_body(grant))

    def token_body(self, grant: Grant) -> dict[str, Any]:
        """No refresh token and no end; the scopes that were left ticked; whose token it is."""
        return {
            "token_type": "Bearer",
            "access_token": grant.access_token,
            "scope": ",".join(grant.scopes),
            "athlete": {"id": athlete_id(grant.user), "name": _name(grant.user)},
        }

    @endpoint("POST", "/api/v1/oauth/token", public=True)
    def wrong_token_url(self, call: Call) -> Answer:
        """A URL that people guess."""
        return _unknown_path(self.clock.iso(), call.path)

    @endpoint("POST", "/oauth/token", public=True)
    def other_wrong_token_url(self, _: Call) -> Answer:
        """Another one."""
        raise Refusal(405, "Method Not Allowed")

    @_elsewhere
    def unknown_path(self, call: Call) -> Answer:
        """Whatever isn't the API, as under a base URL that is wrong."""
        return _unknown_path(self.clock.iso(), call.path)

    @endpoint("DELETE", "/api/v1/disconnect-app")
    def disconnect_app(self, call: Call) -> Answer:
        """End the token; the app is told what it has just done."""
        self.end_consent(call.user)
        return Answer({})

    # -- the athlete ----------------------------------------------------------------------------------

    @endpoint("GET", "/api/v1/athlete/{athlete}")
    def get_athlete(self, call: Call) -> Answer:
        """The profile."""
        return Answer({"id": self.own_id(call), "name": _name(call.user), "sex": None, "sportSettings": []})

    def own_id(self, call: Call) -> str:
        """The caller's athlete id. `0` stands for it; anyone else's is refused."""
        own = athlete_id(call.user)
        if call.params["athlete"] not in {"0", own}:
            raise Refusal(403, "Access denied")
        return own


def athlete_id(user: str) -> str:
    """`athlete-1` is `i700001`."""
    digits = user.removeprefix("athlete-")
    number = int(digits) if digits.isdigit() else 10_000_000 + zlib.crc32(user.encode())
    return f"i{700_000 + number}"


def _name(user: str) -> str:
    return user.replace("-", " ").title()


def _unknown_path(now: str, path: str) -> Answer:
    """The web framework's own 404, unlike the application's."""
    return Answer({"timestamp": now, "status": 404, "error": "Not Found", "path": path}, 404)
