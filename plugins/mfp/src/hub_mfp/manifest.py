"""Who MyFitnessPal is, how athletes connect, and what it may be asked."""

from __future__ import annotations

from hub_core.sdk import Capabilities, Manifest, OAuth2, Operation, RateBudget, Tier

#: What is needed to read the diary and to be told of changes. [MyFitnessPal API v2, OAuth scopes]
SCOPES = ("diary", "subscriptions")

MANIFEST = Manifest(
    name="mfp",
    title="MyFitnessPal",
    capabilities=Capabilities(
        operations=frozenset({Operation.INGEST, Operation.RECEIVE_WEBHOOK, Operation.POLL})
    ),
    oauth2=OAuth2(
        scopes=SCOPES,
        pkce=False,  # not documented
        # An answer to a refresh may bring a new refresh token, which is then the one to keep.
        rotates=True,
        # "when less than 25 % of its life remains", which is an hour. [MyFitnessPal API v2, refresh]
        refresh_margin_s=900,
        refresh_token_life_s=365 * 86_400,  # documented as without an end
    ),
    webhook_proof="secret_path",  # MyFitnessPal signs nothing
    # Numbers are not published; this is a courtesy of ours. A day is a call, so a year of history takes
    # about a minute of it.
    rate_budgets=(RateBudget(300, 60),),
    homepage="https://myfitnesspalapi.com",
    attribution="MyFitnessPal",
    tier=Tier.PLATINUM,
    tells=frozenset({"nutrition"}),
    data_use=(
        "Energy, carbohydrate, protein and fat of a day are read for the athlete who connected and nobody "
        "else; no meals, foods, measurements or exercise. Disconnecting revokes the tokens at MyFitnessPal. "
        "The partner agreement decides about any further use."
    ),
)
