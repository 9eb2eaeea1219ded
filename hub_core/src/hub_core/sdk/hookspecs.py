"""The hooks. Each docstring says who answers, what comes back and what may be raised.

*Addressed*: the hub calls exactly one plugin. *Broadcast*: all that have it are asked.
Every hook but `provider_manifest` is optional; the manifest's operations must match the hooks that are
there. Hooks are coroutines unless said otherwise, and may take fewer arguments than specified.
What a hook may raise is in `hub_core.sdk.errors`; anything else counts as a fault of the plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from hub_core.domain.athlete import Athlete
    from hub_core.domain.records import Records
    from hub_core.domain.workout import PlannedWorkout
    from hub_core.sandbox.sandbox import Sandbox
    from hub_core.sdk.context import ProviderContext
    from hub_core.sdk.exports import CompiledWorkout, ProviderCopy, Receipt
    from hub_core.sdk.inbound import Delivery, WebhookRequest, Window
    from hub_core.sdk.manifest import Manifest
    from hub_core.sdk.settings import ProviderSettings
    from hub_core.sdk.tokens import Account, TokenSet
    from hub_core.sdk.world import HourlyConditions, Place, Race, RaceQuery

PROJECT = "hub_core"
#: The entry point group in which a plugin's package names its module.
GROUP = "hub_core.providers"
hookspec = pluggy.HookspecMarker(PROJECT)
#: Marks a plugin's function as the implementation of the hook of the same name.
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def provider_manifest() -> Manifest:  # type: ignore[empty-body]
    """Every plugin, once at load, not async. Returns the manifest. Mandatory."""


@hookspec
def provider_settings() -> ProviderSettings:  # type: ignore[empty-body]
    """Every plugin, at load, not async. Returns its settings as the environment gives them."""


@hookspec
def provider_sandbox() -> Sandbox:  # type: ignore[empty-body]
    """Every plugin that has one, not async. Returns a new stand-in of the provider."""


@hookspec
def tokens_from_api_key(key: str) -> TokenSet:  # type: ignore[empty-body]
    """Addressed, for providers with API keys, not async. The token set for a key that an athlete pasted.
    Raises `Rejected` for what can't be a key."""


@hookspec
def compile_workout(workout: PlannedWorkout, athlete: Athlete) -> CompiledWorkout:  # type: ignore[empty-body]
    """Addressed, pure, not async. The provider's payload, and for each step what survives of it.

    `workout` is valid and has its date; targets are as the coach wrote them (`resolve_target` makes them
    absolute). Never raises for what can't be carried: the report says `unsupported`, and the payload is the
    workout without it where the rest can be sent (for the policy `best_effort`). `meant` says in our own
    terms what the payload says.
    """


@hookspec
async def export_workout(context: ProviderContext, compiled: CompiledWorkout) -> Receipt:  # type: ignore[empty-body]
    """Addressed. Sends one compiled workout and returns the provider's ids.

    When that takes several calls, `await context.checkpoint(ids)` after each that created something; the
    next try finds them in `context.progress` and goes on from there. Send `context.reference` wherever
    the provider keeps a foreign id. Raises any `ProviderError`.
    """


@hookspec
async def update_workout(context: ProviderContext, compiled: CompiledWorkout, receipt: Receipt) -> Receipt:  # type: ignore[empty-body]
    """Addressed, optional. Replaces what `receipt` names. Raises `NotFound` when it is gone, so that the
    hub can send it anew, else any `ProviderError`. Without it the hub withdraws and sends again."""


@hookspec
async def withdraw_workout(context: ProviderContext, receipt: Receipt) -> None:
    """Addressed, optional. Removes what `receipt` names; what is gone already counts as removed.
    Raises any `ProviderError` but `NotFound`."""


@hookspec
async def read_back_workout(context: ProviderContext, receipt: Receipt) -> ProviderCopy:  # type: ignore[empty-body]
    """Addressed, optional. What the provider holds now under `receipt`, and in our own terms.

    The hub asks once after each export, and compares `ProviderCopy.workout` with `CompiledWorkout.meant`
    step by step. Raises any `ProviderError`.
    """


@hookspec
async def find_workout(context: ProviderContext, compiled: CompiledWorkout) -> Receipt | None:
    """Addressed, optional. Looks for a copy after a lost answer, by `context.reference` and
    `context.progress`; None when there is none. Raises `OutcomeUnknown` when that can't be told, else any
    `ProviderError`."""


@hookspec
async def describe_account(context: ProviderContext) -> Account:  # type: ignore[empty-body]
    """Addressed, after connecting. Whose account it is and which scopes were granted.
    Raises `ReconnectNeeded` when the grant is too small to be of use, else any `ProviderError`."""


@hookspec
async def refresh_token(context: ProviderContext) -> TokenSet:  # type: ignore[empty-body]
    """Addressed. Exchanges the refresh token for a new token set, and stores nothing.

    Raises `ReconnectNeeded` only when the provider refused the token for good (`invalid_grant`), and
    `RetryLater` when it could not be reached or answered in another way.
    """


@hookspec
async def revoke_token(context: ProviderContext) -> None:
    """Addressed, optional, on disconnect. Tells the provider that we are done; a token that is dead
    already counts as revoked. Raises any `ProviderError`."""


@hookspec
def receive_webhook(request: WebhookRequest, settings: ProviderSettings) -> tuple[Delivery, ...]:  # type: ignore[empty-body]
    """Addressed, optional, not async. Verifies a request and splits it by athlete.
    Raises `Rejected` when it isn't from the provider or can't be read."""


@hookspec
async def ingest_activity(context: ProviderContext, delivery: Delivery) -> Records:  # type: ignore[empty-body]
    """Addressed. Turns one raw delivery into normalized records. Unknown values become unknown, never
    errors. Raises `Rejected` for what can't be read at all, else any `ProviderError`."""


@hookspec
async def poll_deliveries(context: ProviderContext, window: Window) -> tuple[Delivery, ...]:  # type: ignore[empty-body]
    """Addressed, optional. What the provider knows about a window of time: the net under the webhooks.
    Raises any `ProviderError`."""


@hookspec
async def subscribe_webhooks(context: ProviderContext) -> None:
    """Addressed, optional, for providers that push only what was asked for athlete by athlete.

    Called with each look at a connection, from its first moment on: subscribes what isn't subscribed, and
    changes nothing else. Raises any `ProviderError`, which is shown and keeps nothing else from being done.
    """


@hookspec
async def request_backfill(context: ProviderContext, window: Window) -> None:
    """Addressed, optional. Asks the provider to send history, which then comes as webhooks.
    Raises any `ProviderError`."""


@hookspec
async def fetch_app_token(context: ProviderContext) -> TokenSet | None:
    """Addressed, optional, for providers that the hub asks in its own name (`access="app"`). A new token for
    the hub itself, as by `context.oauth().fetch_app_token()`. The hub keeps it until it ends, and asks again
    when it is refused; None where the settings need none. Raises `Misconfigured` without credentials or with
    wrong ones, else `RetryLater`."""


@hookspec
async def search_races(context: ProviderContext, query: RaceQuery) -> tuple[Race, ...]:  # type: ignore[empty-body]
    """Broadcast, inside a time limit. The races that match, one record for each distance, with those that
    are cancelled; a plugin that fails is named beside the results of the others.
    Raises any `ProviderError`."""


@hookspec
async def forecast_weather(
    context: ProviderContext, place: Place, window: Window
) -> tuple[HourlyConditions, ...] | None:
    """Broadcast, one after the other until one has it. The hours that begin in the window, past or to come,
    in their order, at the place's own offset from UTC where it is known; None when it knows none of them.
    Raises any `ProviderError`."""
