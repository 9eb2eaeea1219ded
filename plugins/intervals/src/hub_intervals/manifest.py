"""intervals.icu: who it is, how athletes connect, what it can carry."""

from __future__ import annotations

from hub_core.sdk import (
    ApiKeyAuth,
    Capabilities,
    CreateSemantics,
    Manifest,
    Metric,
    OAuth2,
    Operation,
    RateBudget,
    Sport,
    Tier,
)

#: The one scope that an export needs. WRITE implies READ. [intervals.icu forum, OAuth support]
CALENDAR_WRITE = "CALENDAR:WRITE"

CAPABILITIES = Capabilities(
    sports=frozenset(Sport),
    durations=frozenset({"time", "distance", "open"}),
    # Heart rate ranges in bpm and RPE have no syntax. [Workout Builder Syntax Quick Guide]
    targets={
        Metric.POWER: frozenset({"range", "percent", "zone"}),
        Metric.HEART_RATE: frozenset({"percent", "zone"}),
        Metric.PACE: frozenset({"range", "percent", "zone"}),
    },
    ramps=True,
    max_repeat_depth=1,
    secondary_cadence=True,
    operations=frozenset(
        {Operation.EXPORT, Operation.UPDATE, Operation.WITHDRAW, Operation.READ_BACK, Operation.FIND}
    ),
    # Under OAuth the bulk upsert on `external_id` makes a repeated create harmless, but it matches only
    # events of the same OAuth app: whether it matches for an API key is not documented. Looking the
    # day up and comparing `external_id` works under both, and one declaration has to fit both.
    create=CreateSemantics.SEARCHABLE,
)

MANIFEST = Manifest(
    name="intervals",
    title="intervals.icu",
    capabilities=CAPABILITIES,
    oauth2=OAuth2(
        scopes=(CALENDAR_WRITE,),
        scope_separator=",",
        pkce=False,
        # The token has no end and no refresh token: it lives until it is revoked, or until the athlete
        # authorizes the same app again. [intervals.icu forum, OAuth support]
        refreshable=False,
    ),
    api_key=ApiKeyAuth(
        help="Open https://intervals.icu/settings, scroll down to Developer Settings, "
        "and copy the API key that stands there."
    ),
    rate_budgets=(
        RateBudget(calls=10, per_s=1),
        RateBudget(calls=2_500, per_s=900),
        RateBudget(calls=8_000, per_s=86_400),
        RateBudget(calls=5_000, per_s=86_400, per="athlete"),
    ),
    homepage="https://intervals.icu",
    attribution="intervals.icu",
    tier=Tier.PLATINUM,
    data_use="Planned workouts are written to the athlete's own calendar. Nothing else is read or kept.",
)
