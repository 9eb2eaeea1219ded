"""A provider's stand-in: strict, stateful, repeatable. Plugins subclass `Sandbox` in their `sandbox.py`.

A subclass marks its methods with `@endpoint`; the harness serves them with Litestar and looks after
tokens, scopes, rate limits, faults and the journal. It answers besides:

    GET  /device            what the athlete's device shows (a page, or JSON with Accept: application/json)
    GET  /sandbox/journal   what was asked and answered; DELETE forgets it
    POST /sandbox/faults    turn a fault switch on (`Fault`); DELETE turns all off
    POST /sandbox/activities, /sandbox/days, /sandbox/nights, /sandbox/meals?user=...
                            what the athlete has done (`RecordedActivity`, and our records of days)
    POST /sandbox/athlete   what the athlete does to a planned workout (`AthleteWish`)
    POST /sandbox/clock     {"advance_s": 3600} or {"freeze": true} or {"reset": true}
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode

import msgspec
from pydantic import SecretStr

from hub_core.domain.records import DailyHealth, NutritionDay, SleepNight
from hub_core.sandbox.athlete_doors import DEFAULT_USER, AthleteDoors
from hub_core.sandbox.athlete_wish import AthleteWish
from hub_core.sandbox.call import Answer, Call, Endpoint, Refusal, endpoint
from hub_core.sandbox.clock import ClockWish, SandboxClock
from hub_core.sandbox.device import DeviceScreen
from hub_core.sandbox.faults import Fault, Faults
from hub_core.sandbox.journal import Journal
from hub_core.sandbox.oauth_server import CLIENT_ID, CLIENT_SECRET, Grant, OAuthError, OAuthServer
from hub_core.sandbox.pages import consent_page, device_page
from hub_core.sandbox.rate_limits import RateLimits, Usage
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.sdk.exports import Receipt
from hub_core.sdk.inbound import WebhookRequest
from hub_core.sdk.manifest import RateBudget
from hub_core.sdk.pickups import Pickup
from hub_core.sdk.settings import ProviderSettings
from hub_core.sdk.world import HourlyConditions, Race


class Sandbox(AthleteDoors):
    """The harness. A subclass names itself, sets up `oauth`, and brings endpoints and a device screen."""

    name: ClassVar[str]
    title: ClassVar[str]
    #: What the provider enforces on API calls (not on OAuth, unless an endpoint says otherwise).
    rate_budgets: ClassVar[tuple[RateBudget, ...]] = ()
    #: Where `consent` and `token` answer; a subclass with stranger ways leaves these empty.
    authorize_path: ClassVar[str] = ""
    token_path: ClassVar[str] = ""
    #: Whether activities come with the athlete's own offset from UTC; False where the vendor tells UTC alone.
    tells_offset: ClassVar[bool] = True

    #: Whether athletes have a device that shows something of it; False where nobody connects.
    has_device: ClassVar[bool] = True

    def __init__(self, *, seed: int = 1) -> None:
        self.seed = seed
        self.clock = SandboxClock()
        self.faults = Faults(seed)
        self.journal = Journal()
        self.limits = RateLimits(self.rate_budgets, self.clock)
        self.oauth = self.make_oauth()
        # No two providers hand out the same token, or a leak of one could not be told from the other's.
        self.oauth.reseed(f"{self.name}/{seed}")
        #: Webhooks that the provider has sent out, oldest first.
        self.outbox: list[WebhookRequest] = []
        #: Where each user's device is, for its calendar days; UTC for everyone else.
        self.time_zones: dict[str, str] = {}

    # -- what a provider fills in ---------------------------------------------------------------------

    def make_oauth(self) -> OAuthServer:
        """The authorization server, with this provider's lives and rotation. Providers by key need no own."""
        return OAuthServer(self.clock, (), seed=self.seed)

    def api_key(self, user: str) -> str:
        """An API key as this user would find it on their profile page; it is taken like a token."""
        return self.oauth.issue_key(user)

    def settings(self, origin: str) -> ProviderSettings:
        """The plugin's settings that point it at this sandbox, served at `origin` (`http://127.0.0.1:9001`)."""
        raise NotImplementedError

    def environment(self, origin: str) -> dict[str, str]:
        """The variables that give the plugin of another process these settings."""
        settings = self.settings(origin)
        prefix = settings.model_config.get("env_prefix", "")
        variables = {}
        for name in type(settings).model_fields:
            value = getattr(settings, name)
            text = value.get_secret_value() if isinstance(value, SecretStr) else value
            if isinstance(text, str) and text:
                variables[f"{prefix}{name}".upper()] = text
        return variables

    def fill(self) -> None:
        """Put something in that people can look at. Tests begin with an empty one."""

    def device(self, user: str) -> DeviceScreen:
        """What this user's device shows now."""
        raise NotImplementedError

    def record_activity(self, user: str, activity: RecordedActivity) -> None:
        """The athlete has done something, and the provider has it now. One that pushes calls `push`."""
        raise NotImplementedError

    def delete_activity(self, user: str, name: str) -> None:
        """The athlete deletes the activity of that name at the provider, which tells whoever it tells."""
        raise NotImplementedError

    def tell_by_address(self) -> None:
        """From now on webhooks say where what was done can be fetched, as far as this provider does so."""
        raise NotImplementedError

    def record_day(self, user: str, day: DailyHealth) -> None:
        """The athlete's day as far as their device has measured it. The same date again replaces it."""
        raise NotImplementedError

    def record_night(self, user: str, night: SleepNight) -> None:
        """The athlete has slept."""
        raise NotImplementedError

    def record_meals(self, user: str, day: NutritionDay) -> None:
        """The athlete has written down what they ate on a day."""
        raise NotImplementedError

    def play(self, wish: AthleteWish) -> None:
        """The athlete deletes, moves or edits a planned workout, on the device or in the provider's app.
        Raises `LookupError` when they have none of that title."""
        raise NotImplementedError

    def end_consent(self, user: str) -> None:
        """The athlete ends the consent at the provider, which tells whoever it tells."""
        raise NotImplementedError

    def pick_up(self, user: str, pickup: Pickup) -> Receipt:
        """The athlete's phone has fetched a workout and schedules it, in place of an older revision. For
        providers whose workouts are fetched. Raises `Rejected` for what the device doesn't take."""
        raise NotImplementedError

    def put_down(self, user: str, pickup: Pickup) -> None:
        """The athlete's phone takes a workout off the device; one that isn't there is fine."""
        raise NotImplementedError

    def phone_sends(self, user: str) -> Iterable[dict[str, Any]]:  # noqa: ARG002 (most have no phone)
        """What the athlete's phone has not sent yet, as bodies of `ingest/batch` in their order."""
        return ()

    def hold_race(self, race: Race) -> None:
        """The calendar has this race now. For providers that search races: races with the same `event` and
        date are distances of one edition."""
        raise NotImplementedError

    def set_weather(self, conditions: HourlyConditions) -> None:
        """From now on the hour that begins at `conditions.time` is so, and what is None in it is not known.
        For providers of weather."""
        raise NotImplementedError

    def refusal_body(self, refusal: Refusal) -> Any:
        """The provider's own error body."""
        return {"error": refusal.message}

    def rate_headers(self, usages: list[Usage], *, limited: bool) -> dict[str, str]:  # noqa: ARG002
        """The provider's rate-limit headers on every answer; `limited` on a 429."""
        return {}

    def push(self, body: bytes, headers: dict[str, str] | None = None, path: str = "") -> None:
        """Send a webhook to the hub; `path` is what stands behind the hub's own address."""
        path = path or f"/v1/webhooks/{self.name}"
        sent = {"content-type": "application/json", **(headers or {})}
        self.outbox.append(WebhookRequest("POST", path, sent, {}, body))

    def authenticate(self, call: Call) -> Grant:
        """The grant behind a call: by bearer token, unless a provider has more ways."""
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        grant = self.oauth.grant_for(token) if kind.lower() == "bearer" else None
        if grant is None:
            raise Refusal(401, "Unauthorized")
        return grant

    def check_scope(self, grant: Grant, scope: str) -> None:
        """Raise unless the grant covers a scope."""
        if scope not in grant.scopes:
            raise Refusal(403, f"insufficient scope: {scope} is needed")

    # -- OAuth, as most providers speak it; a subclass stacks @endpoint on these -----------------------

    def consent(self, call: Call) -> Answer:
        """The consent page (GET), and the athlete's answer to it (POST)."""
        asked = call.query if call.method == "GET" else call.form()
        if asked.get("client_id") != CLIENT_ID or asked.get("response_type") != "code":
            raise Refusal(400, "unknown client_id or response_type")
        if self.oauth.requires_pkce and asked.get("code_challenge_method") != "S256":
            raise Refusal(400, "code_challenge with S256 is required")
        if call.method == "GET":
            scopes = tuple(asked.get("scope", "").replace(",", " ").split()) or self.oauth.scopes
            known = tuple(scope for scope in scopes if scope in self.oauth.scopes)
            return Answer(consent_page(self.title, known, asked), content_type="text/html; charset=utf-8")
        return self._consented(call, asked)

    def _consented(self, call: Call, asked: dict[str, str]) -> Answer:
        redirect_uri, state = asked.get("redirect_uri", ""), asked.get("state")
        back = {"state": state} if state else {}
        if asked.get("decision") == "allow":
            granted = parse_qs(call.body.decode()).get("granted", [])
            back["code"] = self.oauth.issue_code(
                user=asked.get("user") or DEFAULT_USER,
                scopes=tuple(scope for scope in granted if scope in self.oauth.scopes),
                redirect_uri=redirect_uri,
                challenge=asked.get("code_challenge", ""),
            )
        else:
            back["error"] = "access_denied"
        joiner = "&" if "?" in redirect_uri else "?"
        return Answer(status=302, headers={"Location": f"{redirect_uri}{joiner}{urlencode(back)}"})

    def token(self, call: Call) -> Answer:
        """The token endpoint, client credentials in the body."""
        form = call.form()
        try:
            self.oauth.check_client(form.get("client_id", ""), form.get("client_secret"))
            verifier = form.get("code_verifier", "")
            if form.get("grant_type") == "refresh_token":
                grant = self.oauth.refresh(form.get("refresh_token", ""), verifier=verifier)
            elif form.get("grant_type") == "authorization_code":
                grant = self.oauth.redeem_code(
                    code=form.get("code", ""), redirect_uri=form.get("redirect_uri"), verifier=verifier
                )
            else:
                raise OAuthError("unsupported_grant_type", "grant_type is missing or unknown")
        except OAuthError as error:
            return self.token_refusal(error)
        return Answer(self.token_body(grant))

    def token_refusal(self, error: OAuthError) -> Answer:
        """A 400 in the words of RFC 6749."""
        return Answer({"error": error.error, "error_description": error.description}, 400)

    def token_body(self, grant: Grant) -> dict[str, Any]:
        """The token answer."""
        body: dict[str, Any] = {"access_token": grant.access_token, "token_type": "bearer"}
        if grant.refresh_token:
            body["refresh_token"] = grant.refresh_token
        if grant.expires_at is not None:
            body["expires_in"] = round(grant.expires_at - self.clock.now())
        body["scope"] = " ".join(grant.scopes)
        return body

    # -- the sandbox's own doors ----------------------------------------------------------------------

    @endpoint("GET", "/device", public=True)
    def show_device(self, call: Call) -> Answer:
        """The device's screen, as a page or as JSON."""
        screen = self.device(call.query.get("user", DEFAULT_USER))
        if "application/json" in call.headers.get("accept", ""):
            return Answer(screen)
        page = device_page(screen, can_do=type(self).record_activity is not Sandbox.record_activity)
        return Answer(page, content_type="text/html; charset=utf-8")

    @endpoint("GET", "/sandbox/journal", public=True)
    def show_journal(self, _: Call) -> Answer:
        """All entries, oldest first."""
        return Answer(list(self.journal))

    @endpoint("DELETE", "/sandbox/journal", public=True)
    def clear_journal(self, _: Call) -> Answer:
        """Forget all entries."""
        self.journal.clear()
        return Answer(status=204)

    @endpoint("POST", "/sandbox/faults", public=True)
    def add_fault(self, call: Call) -> Answer:
        """Turn a fault switch on."""
        try:
            self.faults.add(msgspec.json.decode(call.body, type=Fault))
        except msgspec.MsgspecError as error:
            return Answer({"error": str(error)}, 400)
        return Answer(status=204)

    @endpoint("DELETE", "/sandbox/faults", public=True)
    def clear_faults(self, _: Call) -> Answer:
        """Turn all fault switches off."""
        self.faults.clear()
        return Answer(status=204)

    @endpoint("POST", "/sandbox/athlete", public=True)
    def play_athlete(self, call: Call) -> Answer:
        """Do what an athlete does on the device or in the provider's app."""
        try:
            self.play(msgspec.json.decode(call.body, type=AthleteWish))
        except (msgspec.MsgspecError, LookupError, NotImplementedError) as error:
            return Answer({"error": str(error) or "this athlete can't do that"}, 400)
        return Answer(status=204)

    @endpoint("POST", "/sandbox/clock", public=True)
    def set_clock(self, call: Call) -> Answer:
        """Move, stop or reset the clock."""
        try:
            self.clock.follow(msgspec.json.decode(call.body, type=ClockWish))
        except msgspec.MsgspecError as error:
            return Answer({"error": str(error)}, 400)
        return Answer({"now": self.clock.now()})

    # -- answering ------------------------------------------------------------------------------------

    def endpoints(self) -> list[tuple[Endpoint, Any]]:
        """Every marked method with its marks."""
        methods = (getattr(self, name) for name in dir(type(self)) if not name.startswith("__"))
        marked = [(mark, method) for method in methods for mark in getattr(method, "endpoints", ())]
        oauth = [
            ("GET", self.authorize_path, self.consent),
            ("POST", self.authorize_path, self.consent),
            ("POST", self.token_path, self.token),
        ]
        return marked + [
            (Endpoint(method, path, None, True), answer) for method, path, answer in oauth if path
        ]

    def answer(self, mark: Endpoint, method: Any, call: Call) -> Answer:
        """Check token, budget and scope of a call, and have it answered."""
        headers: dict[str, str] = {}
        try:
            if not mark.public:
                grant = self.authenticate(call)
                fits, usages = self.limits.take(grant.user)
                headers = self.rate_headers(usages, limited=not fits)
                if not fits:
                    raise Refusal(429, "rate limit exceeded")
                if mark.scope:
                    self.check_scope(grant, mark.scope)
                call = Call(call.method, call.path, call.params, call.query, call.headers, call.body, grant)
            answer: Answer = method(call)
        except Refusal as refusal:
            body = self.refusal_body(refusal)
            return Answer(body, refusal.status, headers | refusal.headers)
        return Answer(answer.body, answer.status, headers | answer.headers, answer.content_type)


__all__ = ["CLIENT_ID", "CLIENT_SECRET", "DEFAULT_USER", "Sandbox"]
