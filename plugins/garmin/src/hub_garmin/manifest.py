"""Who Garmin is: how athletes connect, what a workout may hold there, and what the limits are."""

from __future__ import annotations

from typing import Final

from hub_core.sdk import (
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

NAME: Final = "garmin"
#: Garmin documents no limit for the name; clients in production cut at 80 to 100.
NAME_LENGTH: Final = 80
#: [Training API V2, workout and step objects]
DESCRIPTION_LENGTH: Final = 1024
STEP_TEXT_LENGTH: Final = 512
MAX_STEPS: Final = 100

#: [Training API V2, limits] A rolling minute for all athletes together, a rolling day for each.
PRODUCTION_BUDGETS: Final = (RateBudget(3000, 60), RateBudget(1000, 86_400, "athlete"))
EVALUATION_BUDGETS: Final = (RateBudget(100, 60), RateBudget(200, 86_400, "athlete"))

_CAPABILITIES = Capabilities(
    sports=frozenset(Sport),
    durations=frozenset({"time", "distance", "open"}),
    # Percent and zones exist at Garmin, but refer to the thresholds and zones in Garmin Connect, which
    # may differ from the athlete's here: everything goes out in absolute numbers.
    targets={
        metric: frozenset({"range"})
        for metric in (Metric.POWER, Metric.HEART_RATE, Metric.PACE, Metric.SPEED, Metric.CADENCE)
    },
    ramps=False,
    max_repeat_depth=1,
    max_steps=MAX_STEPS,
    name_length=NAME_LENGTH,
    notes_length=STEP_TEXT_LENGTH,
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
            # Garmin forbids polling: what was missed is asked for, and comes as webhooks.
            Operation.BACKFILL,
        }
    ),
    # There is no list of workouts and no idempotency key: a create whose answer is lost can't be looked up.
    # Only the second call, the schedule, can, by the list of its day (`find_workout`).
    create=CreateSemantics.BLIND,
)

MANIFEST: Final = Manifest(
    name=NAME,
    title="Garmin Connect",
    capabilities=_CAPABILITIES,
    oauth2=OAuth2(
        scopes=(),  # Garmin ignores `scope`: the athlete ticks permissions on its consent page
        pkce=True,
        client_auth="body",
        rotates=True,  # each refresh ends the old refresh token
        refresh_margin_s=600,  # [OAuth2 PKCE guide: count a token as expired ten minutes early]
        refresh_token_life_s=90 * 86_400,  # token answers say it too, as `refresh_token_expires_in`
    ),
    webhook_proof="secret_path",  # Garmin signs nothing
    rate_budgets=PRODUCTION_BUDGETS,
    homepage="https://developer.garmin.com/gc-developer-program/",
    attribution="Garmin",
    tier=Tier.GOLD,
    tells=frozenset({"activity", "daily", "sleep"}),
    data_use=(
        "Planned workouts are written to the athlete's Garmin Connect calendar with the permission "
        "WORKOUT_IMPORT. Activities, days and nights are read as far as the athlete has ticked "
        "ACTIVITY_EXPORT, HEALTH_EXPORT and, for the past, HISTORICAL_DATA_EXPORT; what else Garmin sends is "
        "not kept. Disconnecting must also end the registration at Garmin, which `revoke_token` does."
    ),
)
