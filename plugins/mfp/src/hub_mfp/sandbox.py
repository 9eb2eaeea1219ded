"""How MyFitnessPal behaves, by its documentation: the header triple, `fields[]`, pages by `Link`, hints."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import zlib
from typing import Any
from urllib.parse import urlencode

import msgspec
from pydantic import SecretStr

from hub_core.sandbox import (
    CLIENT_ID,
    CLIENT_SECRET,
    DEFAULT_USER,
    Answer,
    Call,
    Grant,
    OAuthServer,
    Refusal,
    Sandbox,
    Usage,
    endpoint,
)
from hub_core.sdk import NutritionDay
from hub_mfp.manifest import MANIFEST, SCOPES
from hub_mfp.settings import MfpSettings

WEBHOOK_SECRET = "mfp-webhook-secret"  # noqa: S105 (of a stand-in on loopback)
_CODES = {400: "failed-validation", 401: "unauthorized", 404: "not-found", 429: "rate-limited"}
_DEFAULT_TYPES = "diary_meal,exercise,steps_aggregate"
#: Only these fields come when none are asked for: scalars.
_SCALARS = ("type", "date", "diary_meal", "id", "steps", "start_time", "duration")
_MOST_ITEMS = 100
Item = dict[str, Any]


class MfpSandbox(Sandbox):
    """MyFitnessPal.

    Knobs: `page_size` (theirs is 100; less, so that each day takes pages), `energy_unit` of the athletes,
    `meal_names`, which are their own, and `hint` (how an address names its date).
    """

    name = MANIFEST.name
    title = MANIFEST.title
    rate_budgets = MANIFEST.rate_budgets
    authorize_path = "/v2/oauth2/auth"
    token_path = "/v2/oauth2/token"  # noqa: S105 (an address)
    has_device = False

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.page_size = 3
        self.energy_unit = "calories"
        self.meal_names = ("Frühstück", "Lunch", "夕食", "Snacks")
        # As in the documentation's own sample, which is no proper query.
        self.hint = "entry_date&{date}"
        self.origin = "https://api.myfitnesspal.com"
        self.diary: dict[tuple[str, str], list[Item]] = {}
        self.subscriptions: list[Item] = []
        self._numbers = itertools.count(1)

    def make_oauth(self) -> OAuthServer:
        """Codes of ten minutes, tokens of an hour, a new pair with each refresh."""
        return OAuthServer(self.clock, SCOPES, seed=self.seed)

    def settings(self, origin: str) -> MfpSettings:
        """Settings that point here."""
        self.origin = origin
        return MfpSettings(
            client_id=CLIENT_ID,
            client_secret=SecretStr(CLIENT_SECRET),
            authorize_url=f"{origin}/v2/oauth2/auth",
            token_url=f"{origin}/v2/oauth2/token",
            revoke_url=f"{origin}/v2/oauth2/revoke",
            api_url=origin,
            webhook_secret=SecretStr(WEBHOOK_SECRET),
        )

    def fill(self) -> None:
        """Three days, the last of them half written."""
        for ago, part in ((2, 1.0), (1, 1.0), (0, 0.5)):
            date = self.clock.today() - dt.timedelta(days=ago)
            day = NutritionDay(date, "", 0, 2500 * part, 320 * part, 120 * part, 75 * part)
            self.record_meals(DEFAULT_USER, day)

    def refusal_body(self, refusal: Refusal) -> Any:
        """A code and a text."""
        code = _CODES.get(refusal.status, "internal")
        return {"error": code, "error_description": refusal.message}

    def rate_headers(self, usages: list[Usage], *, limited: bool) -> dict[str, str]:
        """When to come back; what is left is not told."""
        wait_s = max((usage.reset_s for usage in usages), default=0.0)
        return {"Retry-After": str(max(1, round(wait_s)))} if limited else {}

    # -- who is calling -------------------------------------------------------------------------------

    def authenticate(self, call: Call) -> Grant:
        """Token, client and user have to belong together."""
        if call.headers.get("accept") != "application/json":
            raise Refusal(400, "Accept: application/json is expected")
        if "mfp-client-id" not in call.headers or "mfp-user-id" not in call.headers:
            raise Refusal(400, "mfp-client-id and mfp-user-id are required")
        grant = super().authenticate(call)
        named = (call.headers["mfp-client-id"], call.headers["mfp-user-id"])
        if named != (CLIENT_ID, user_id(grant.user)):
            raise Refusal(401, "token, client and user do not match", headers={"WWW-Authenticate": "Bearer"})
        return grant

    def token(self, call: Call) -> Answer:
        """A refresh has to name the user."""
        form = call.form()
        if form.get("grant_type") == "refresh_token":
            owners = {one.refresh_token: user_id(one.user) for one in self.oauth.grants}
            if form.get("user_id") != owners.get(form.get("refresh_token"), form.get("user_id", "")):
                return Answer(
                    {"error": "invalid_request", "error_description": "user_id is missing or another"}, 400
                )
        return super().token(call)

    def token_body(self, grant: Grant) -> dict[str, Any]:
        """With the user, and without the scopes."""
        body = {**super().token_body(grant), "token_type": "Bearer", "user_id": user_id(grant.user)}
        del body["scope"]
        return body

    @endpoint("POST", "/v2/oauth2/revoke", public=True)
    def revoke(self, call: Call) -> Answer:
        """Either token ends both; the client shows itself by HTTP Basic."""
        login = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {login}":
            raise Refusal(401, "client credentials are expected", headers={"WWW-Authenticate": "Basic"})
        token = call.form().get("token")
        ended = [one for one in self.oauth.grants if token in (one.access_token, one.refresh_token)]
        if not ended:
            return Answer({"error": "invalid_grant", "error_description": "unknown token"}, 400)
        self.oauth.grants = [one for one in self.oauth.grants if one not in ended]
        return Answer({})

    # -- the API --------------------------------------------------------------------------------------

    @endpoint("GET", "/v2/users/{user}")
    def get_user(self, call: Call) -> Answer:
        """The scalars of one's own account."""
        own = user_id(call.user)
        if call.params["user"] != own:
            raise Refusal(404, "no such user")
        return Answer({"item": {"id": own, "username": f"eats_{call.user}"}})

    @endpoint("GET", "/v2/diary", scope="diary")
    def list_entries(self, call: Call) -> Answer:
        """Of one day, a page of them; the next page's address is in the header `Link` alone."""
        date, first = self._asked(call)
        types = call.query.get("types", _DEFAULT_TYPES).split(",")
        entries = self.diary.get((user_id(call.user), date.isoformat()), [])
        mine = [one for one in entries if one["type"] in types]
        last = first + min(self.page_size, int(call.query.get("max_items", _MOST_ITEMS)))
        headers = {}
        if last < len(mine):
            query = urlencode({**call.query, "page_token": f"p{last}"})
            headers["Link"] = f"<http://{call.headers.get('host', '')}/v2/diary?{query}>; rel=next"
        shown = (*_SCALARS, call.query.get("fields[]"))
        return Answer(
            {"items": [{name: one[name] for name in shown if name in one} for one in mine[first:last]]},
            headers=headers,
        )

    def _asked(self, call: Call) -> tuple[dt.date, int]:
        token = call.query.get("page_token", "p0")
        try:
            date = dt.date.fromisoformat(call.query["entry_date"])
            asked = int(call.query.get("max_items", _MOST_ITEMS))
            first = int(token.removeprefix("p"))
        except (KeyError, ValueError):
            raise Refusal(400, "entry_date, max_items or page_token is missing or wrong") from None
        if not 0 < asked <= _MOST_ITEMS:
            raise Refusal(400, f"max_items: at most {_MOST_ITEMS}")
        return date, first

    @endpoint("GET", "/v2/subscriptions", scope="subscriptions")
    def list_subscriptions(self, call: Call) -> Answer:
        """The athlete's own."""
        own = user_id(call.user)
        return Answer({"items": [one for one in self.subscriptions if one["user_id"] == own]})

    @endpoint("POST", "/v2/subscriptions", scope="subscriptions")
    def subscribe(self, call: Call) -> Answer:
        """An empty body subscribes every type that the app is registered for. Twice is twice."""
        if call.body:
            raise Refusal(400, "an empty body is expected")
        new = {
            "id": f"s{next(self._numbers)}",
            "client_id": CLIENT_ID,
            "user_id": user_id(call.user),
            "content_type": "diary_meal",
            "created_at": self.clock.iso(),
        }
        self.subscriptions.append(new)
        return Answer({"items": [new]}, 201, {"Location": f"/v2/subscriptions/{new['id']}"})

    # -- what athletes do -----------------------------------------------------------------------------

    def record_meals(self, user: str, day: NutritionDay) -> None:
        """The diary of a day, in equal meals; one without any number is emptied."""
        kcal = day.energy_kcal
        factor = 4.184 if self.energy_unit == "kilojoules" else 1.0
        totals = {
            "carbohydrates": day.carbohydrate_g,
            "protein": day.protein_g,
            "fat": day.fat_g,
            "sodium": None if kcal is None else kcal,
        }
        part = len(self.meal_names)
        contents: Item = {name: total / part for name, total in totals.items() if total is not None}
        if kcal is not None:
            contents["energy"] = {"unit": self.energy_unit, "value": kcal * factor / part}
        meals = [
            {"type": "diary_meal", "date": day.date.isoformat(), "diary_meal": name}
            | {"nutritional_contents": contents}
            for name in self.meal_names
        ]
        self.change_day(user, day.date, meals if contents else [])

    def change_day(self, user: str, date: dt.date, entries: list[Item]) -> None:
        """The entries of a day are others now, and whoever has subscribed is told that they are."""
        own = user_id(user)
        self.diary[own, date.isoformat()] = entries
        query = f"types=diary_meal&{self.hint.format(date=date)}"
        hint = {"user_id": own, "item_type": "diary_meal", "item_url": f"{self.origin}/v2/diary?{query}"}
        for one in self.subscriptions:
            if one["user_id"] == own:
                self.push(msgspec.json.encode([hint]), path=f"/v1/webhooks/{self.name}/{WEBHOOK_SECRET}")


def user_id(user: str) -> str:
    """A number as theirs, the same for the same athlete after every start."""
    return str(70_000_000 + zlib.crc32(user.encode()) % 10_000_000)
