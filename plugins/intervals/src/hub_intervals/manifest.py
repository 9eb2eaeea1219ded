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

#: What an export needs. WRITE implies READ. [intervals.icu forum, OAuth support]
CALENDAR_WRITE = "CALENDAR:WRITE"
#: What comes in; athletes may leave either out.
ACTIVITY_READ, WELLNESS_READ = "ACTIVITY:READ", "WELLNESS:READ"

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
        {
            Operation.EXPORT,
            Operation.UPDATE,
            Operation.WITHDRAW,
            Operation.READ_BACK,
            Operation.FIND,
            Operation.INGEST,
            Operation.RECEIVE_WEBHOOK,
            Operation.POLL,
        }
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
        scopes=(CALENDAR_WRITE, ACTIVITY_READ, WELLNESS_READ),
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
    webhook_proof="token",  # in the body
    rate_budgets=(
        RateBudget(calls=10, per_s=1),
        RateBudget(calls=2_500, per_s=900),
        RateBudget(calls=8_000, per_s=86_400),
        RateBudget(calls=5_000, per_s=86_400, per="athlete"),
    ),
    homepage="https://intervals.icu",
    attribution="intervals.icu",
    tier=Tier.PLATINUM,
    tells=frozenset({"activity", "daily", "nutrition"}),
    data_use=(
        "Planned workouts are written to the athlete's own calendar; activities and wellness are read as far "
        "as the athlete allows. Activities that intervals.icu has from Strava are not told, and not kept."
    ),
)
