"""The manifest: who a provider is, how people authenticate, what it carries, what its limits are."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from hub_core.domain.records import Kind
from hub_core.domain.sport import Sport
from hub_core.domain.workout import Metric

TargetForm = Literal["range", "percent", "zone"]
DurationKind = Literal["time", "distance", "open"]
WebhookProof = Literal["signature", "token", "secret_path"]
Way = Literal["push", "pickup"]
Access = Literal["athlete", "app"]
Purpose = Literal["workouts out", "activities in", "days in", "races", "weather"]


class Operation(StrEnum):
    """What the hub may ask of a provider, each with the hook of the same name."""

    EXPORT = "export_workout"
    UPDATE = "update_workout"
    WITHDRAW = "withdraw_workout"
    READ_BACK = "read_back_workout"
    FIND = "find_workout"
    INGEST = "ingest_activity"
    RECEIVE_WEBHOOK = "receive_webhook"
    POLL = "poll_deliveries"
    BACKFILL = "request_backfill"
    SEARCH_RACES = "search_races"
    FORECAST = "forecast_weather"


_PURPOSES: dict[Operation, Purpose] = {
    Operation.EXPORT: "workouts out",
    Operation.INGEST: "activities in",
    Operation.SEARCH_RACES: "races",
    Operation.FORECAST: "weather",
}


class CreateSemantics(StrEnum):
    """What a repeated create does, and so what the hub does after a lost answer.

    `UPSERT`: the same reference updates, so the call is simply repeated.
    `SEARCHABLE`: a copy can be looked up, so the hub looks (`find_workout`) before it sends again.
    `BLIND`: not everything can be told; what `find_workout` can't (`OutcomeUnknown`, or no such hook) waits
    for a person rather than risking a second copy.
    """

    UPSERT = "upsert"
    SEARCHABLE = "searchable"
    BLIND = "blind"


class Tier(StrEnum):
    """How far a plugin can be trusted, as the conformance kit computes it. Each includes those before it.

    `BRONZE` it does what it declares. `SILVER` nothing is doubled, lost or moved to another day. `GOLD` it
    withstands attacks, revoked consents and a vendor's surprises. `PLATINUM` the hub can keep it in step by
    itself.
    """

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


class OAuth2(msgspec.Struct, frozen=True):
    """OAuth 2 as this provider speaks it. The URLs stand in the plugin's settings.

    `client_auth`: where client id and secret travel in token requests (`body` or `basic`).
    `rotates`: a refresh returns a new refresh token. `refreshable`: there is a refresh at all.
    `verifier_on_refresh`: the PKCE verifier is asked for again on refresh.
    `refresh_margin_s`: seconds before the end at which a token counts as expired.
    `refresh_token_life_s`: how long a refresh token lives that nobody uses, where token answers don't say it
    themselves; the hub uses each in time. `max_live_tokens`: where the old pair lives until the new one is
    used, how many may live for one athlete; the hub then uses each new one at once.
    """

    scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    pkce: bool = True
    client_auth: Literal["body", "basic"] = "body"
    refreshable: bool = True
    rotates: bool = False
    verifier_on_refresh: bool = False
    refresh_margin_s: int = 300
    refresh_token_life_s: int = 30 * 86_400
    max_live_tokens: int | None = None


class ApiKeyAuth(msgspec.Struct, frozen=True):
    """A key that athletes create themselves. `help` tells them where."""

    help: str


class RateBudget(msgspec.Struct, frozen=True):
    """At most `calls` calls in any `per_s` seconds, for the whole app or for each athlete."""

    calls: int
    per_s: int
    per: Literal["app", "athlete"] = "app"


class Capabilities(msgspec.Struct, frozen=True):
    """What the provider can carry. `None` for a limit means that none is known.

    `targets` says which metrics it takes and in which forms without converting them.
    `max_repeat_depth`: 0 none, 1 plain repeats. `max_steps` counts repeats and children.
    `secondary_cadence`: sports that take a cadence beside the main target.
    `horizon_days`: how many days ahead the provider shows a workout on the device (0 is today).
    `max_scheduled`: how many workouts a phone can be counted on to hold at a time (`delivery="pickup"`).
    """

    sports: frozenset[Sport] = frozenset()
    durations: frozenset[DurationKind] = frozenset()
    targets: dict[Metric, frozenset[TargetForm]] = {}
    ramps: bool = False
    max_repeat_depth: int = 0
    max_steps: int | None = None
    name_length: int | None = None
    notes_length: int | None = None
    secondary_cadence: bool = False
    operations: frozenset[Operation] = frozenset()
    create: CreateSemantics = CreateSemantics.BLIND
    horizon_days: int | None = None
    max_scheduled: int | None = None


class Manifest(msgspec.Struct, frozen=True):
    """Everything the hub needs to know about a provider before it calls a hook.

    `name` is the folder's, the entry point's and the API's name. `oauth2` and `api_key` are the ways to
    connect. `webhook_proof` is how a webhook shows that it is the provider's: a signature over the body, a
    token in it, or nothing but a path that nobody else knows. `attribution` and `data_use` say what may be
    done with the provider's data. `api_version` is the plugin API that the plugin was written for.
    `tier` is what `hub check` computed, and the conformance tests fail when it isn't so any more.
    `is_example` marks a provider that nobody has an account at: no default ever chooses it.
    `delivery` is how workouts get there. `push`: the hub calls the provider. `pickup`: there is nobody to
    call, and a phone fetches what it has to hold; athletes then connect by the word of the phone's app,
    without OAuth or key, and `compile_workout` is all that exporting takes.
    `tells` are the kinds of records that come in, where any do.
    `access` is who asks. `athlete`: each athlete connects. `app`: nobody does, and the hub asks in its own
    name for what is nobody's, such as races and weather: with `fetch_app_token` where there is one, else
    with what the plugin's settings hold, or without any key.
    """

    name: str
    title: str
    capabilities: Capabilities = msgspec.field(default_factory=Capabilities)
    oauth2: OAuth2 | None = None
    api_key: ApiKeyAuth | None = None
    webhook_proof: WebhookProof | None = None
    rate_budgets: tuple[RateBudget, ...] = ()
    homepage: str = ""
    attribution: str = ""
    data_use: str = ""
    api_version: str = "1.0"
    tier: Tier | None = None
    is_example: bool = False
    delivery: Way = "push"
    access: Access = "athlete"
    tells: frozenset[Kind] = frozenset({"activity"})

    def hook_of(self, operation: Operation) -> str:
        """The hook that stands behind an operation. What a phone fetches is compiled, and never sent."""
        is_fetched = self.delivery == "pickup" and operation is Operation.EXPORT
        return "compile_workout" if is_fetched else operation.value

    def purposes(self) -> tuple[Purpose, ...]:
        """What it is for, in the words of people."""
        able = self.capabilities.operations
        served = [purpose for operation, purpose in _PURPOSES.items() if operation in able]
        only_days = "activity" not in self.tells
        return tuple("days in" if one == "activities in" and only_days else one for one in served)

    def spoken_oauth(self) -> OAuth2 | None:
        """How tokens are asked for. A provider that the hub asks in its own name may have client credentials,
        which no athlete connects by."""
        return OAuth2(pkce=False) if self.access == "app" else self.oauth2
