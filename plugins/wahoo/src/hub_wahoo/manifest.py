"""Who Wahoo is, how athletes connect, what its plans can carry, and its limits."""

from __future__ import annotations

from hub_core.sdk import Capabilities, CreateSemantics, Manifest, Metric, OAuth2, Operation, RateBudget, Tier
from hub_wahoo.export import WORKOUT_TYPES

#: Asked for at consent. Scopes can't be added later without connecting again, so `offline_data`, which
#: webhooks need, is among them from the start. [Wahoo docs, scopes]
SCOPES = ("user_read", "plans_read", "plans_write", "workouts_read", "workouts_write", "offline_data")

CAPABILITIES = Capabilities(
    sports=frozenset(WORKOUT_TYPES),
    durations=frozenset({"time", "distance"}),
    targets={
        Metric.POWER: frozenset({"range", "percent"}),
        Metric.HEART_RATE: frozenset({"range"}),
        Metric.PACE: frozenset({"range"}),
        Metric.SPEED: frozenset({"range"}),
        Metric.CADENCE: frozenset({"range"}),
        Metric.RPE: frozenset({"range"}),
    },
    ramps=False,
    # The format nests without a stated end; no client is known to send more than one level.
    max_repeat_depth=1,
    # The plan's description holds the notes of all steps. [Wahoo docs, plan format 1.0, header]
    notes_length=5000,
    # It is sent, but bike computers show the first target only. [Wahoo docs, plans overview]
    secondary_cadence=False,
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
    # POST is not idempotent, but plans are searched by external id, workouts scanned by token.
    create=CreateSemantics.SEARCHABLE,
    # Devices sync workouts from today to six days ahead. [Wahoo docs, plans overview]
    horizon_days=6,
)

MANIFEST = Manifest(
    name="wahoo",
    title="Wahoo",
    capabilities=CAPABILITIES,
    # The old pair dies when the new access token is first used. [Wahoo docs, authentication]
    oauth2=OAuth2(
        scopes=SCOPES,
        pkce=True,
        rotates=True,
        verifier_on_refresh=False,
        # Tokens that nobody has used are removed 60 days after they were made; the life of a refresh token
        # is not documented. At most ten may be unrevoked. [Wahoo docs, authentication]
        refresh_token_life_s=60 * 86_400,
        max_live_tokens=10,
    ),
    webhook_proof="token",  # in the body [Wahoo docs, webhooks]
    # For the whole app, production tier. [Wahoo docs, rate limits]
    rate_budgets=(RateBudget(200, 300), RateBudget(1000, 3600), RateBudget(5000, 86_400)),
    homepage="https://cloud-api.wahooligan.com",
    attribution="Wahoo",
    tier=Tier.PLATINUM,
    data_use=(
        "Workouts are written for, and the account and what was done with Wahoo's own apps and devices are "
        "read for, the athlete who connected and nobody else; "
        "disconnecting revokes all of the app's permissions at Wahoo. "
        "Wahoo's API agreement decides about any further use."
    ),
)
