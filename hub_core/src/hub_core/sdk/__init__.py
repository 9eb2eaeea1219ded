"""What a plugin imports. Everything that a provider needs to know of the hub is named here."""

from hub_core.domain.athlete import Athlete, ZoneTable
from hub_core.domain.compare import Difference, compare_steps
from hub_core.domain.describe import (
    describe_duration,
    describe_node,
    describe_pace,
    describe_seconds,
    describe_step,
    describe_target,
)
from hub_core.domain.fidelity import Fidelity, FidelityReport, Loss, StepFidelity, worst
from hub_core.domain.normalize import MissingThresholdError, MissingZoneError, resolve_target
from hub_core.domain.outline import (
    Placed,
    PlacedRepeat,
    PlacedStep,
    count_nodes,
    expand_repeats,
    place_steps,
    repeat_depth,
    walk,
)
from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.timing import OPEN_STEP_S
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Duration,
    Intensity,
    Metric,
    Node,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
    total_distance_m,
    total_duration_s,
)
from hub_core.sdk.adapt import Adapted, adapt_workout
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import (
    Misconfigured,
    NotFound,
    ProviderError,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    TokenExpired,
    Unsupported,
)
from hub_core.sdk.exports import CompiledWorkout, ProviderCopy, Receipt
from hub_core.sdk.hookspecs import hookimpl
from hub_core.sdk.http import ProviderHttp
from hub_core.sdk.inbound import Activity, Delivery, Records, WebhookRequest, Window, to_json, to_sport
from hub_core.sdk.manifest import (
    ApiKeyAuth,
    Capabilities,
    CreateSemantics,
    Manifest,
    OAuth2,
    Operation,
    RateBudget,
    TargetForm,
    Tier,
)
from hub_core.sdk.oauth import OAuthClient
from hub_core.sdk.pickups import Outcome, Pickup, PickupOutcome, Removal, Schedule, pickup_uuid
from hub_core.sdk.redaction import redact
from hub_core.sdk.retry_after import retry_after_s
from hub_core.sdk.settings import ProviderSettings
from hub_core.sdk.tokens import Account, TokenSet
from hub_core.sdk.version import API_VERSION
from hub_core.sdk.webhooks import verify_signature, verify_token
from hub_core.sdk.world import HourlyConditions, Place, Race, RaceQuery

__all__ = [
    "API_VERSION",
    "OPEN_STEP_S",
    "Account",
    "Activity",
    "Adapted",
    "ApiKeyAuth",
    "Athlete",
    "CadenceRange",
    "Capabilities",
    "CompiledWorkout",
    "CreateSemantics",
    "Delivery",
    "Difference",
    "DistanceDuration",
    "Duration",
    "Fidelity",
    "FidelityReport",
    "HourlyConditions",
    "Intensity",
    "Loss",
    "Manifest",
    "Metric",
    "Misconfigured",
    "MissingThresholdError",
    "MissingZoneError",
    "Node",
    "NotFound",
    "OAuth2",
    "OAuthClient",
    "OpenDuration",
    "Operation",
    "Outcome",
    "PercentTarget",
    "Pickup",
    "PickupOutcome",
    "Place",
    "Placed",
    "PlacedRepeat",
    "PlacedStep",
    "PlannedWorkout",
    "ProviderContext",
    "ProviderCopy",
    "ProviderError",
    "ProviderHttp",
    "ProviderSettings",
    "Race",
    "RaceQuery",
    "RangeTarget",
    "RateBudget",
    "Receipt",
    "ReconnectNeeded",
    "Records",
    "Reference",
    "Rejected",
    "Removal",
    "Repeat",
    "RetryLater",
    "Schedule",
    "Sport",
    "SportFamily",
    "Step",
    "StepFidelity",
    "Target",
    "TargetForm",
    "Tier",
    "TimeDuration",
    "TokenExpired",
    "TokenSet",
    "Unsupported",
    "WebhookRequest",
    "Window",
    "ZoneTable",
    "ZoneTarget",
    "adapt_workout",
    "compare_steps",
    "count_nodes",
    "describe_duration",
    "describe_node",
    "describe_pace",
    "describe_seconds",
    "describe_step",
    "describe_target",
    "expand_repeats",
    "hookimpl",
    "pickup_uuid",
    "place_steps",
    "redact",
    "repeat_depth",
    "resolve_target",
    "retry_after_s",
    "to_json",
    "to_sport",
    "total_distance_m",
    "total_duration_s",
    "verify_signature",
    "verify_token",
    "walk",
    "worst",
]
