"""Who Apple Watch is to the hub, what its plans can carry, and its limits."""

from __future__ import annotations

from hub_core.sdk import Capabilities, CreateSemantics, Manifest, Metric, Operation, TargetForm, Tier
from hub_healthkit.activities import ACTIVITIES

_RANGE: frozenset[TargetForm] = frozenset({"range"})

CAPABILITIES = Capabilities(
    sports=frozenset(ACTIVITIES),
    durations=frozenset({"time", "distance", "open"}),
    # Zones are the watch's own and may be cut otherwise, so everything goes out in numbers. [sheet, 7.3]
    targets={
        Metric.POWER: _RANGE,
        Metric.HEART_RATE: _RANGE,
        Metric.PACE: _RANGE,
        Metric.SPEED: _RANGE,
        Metric.CADENCE: _RANGE,
    },
    ramps=False,
    max_repeat_depth=1,
    # A step on the watch has a name and no notes; the phone's app gets them.
    notes_length=0,
    # "One alert per step": a cadence beside another target goes into the step's name.
    secondary_cadence=False,
    operations=frozenset({Operation.EXPORT, Operation.INGEST}),
    # The same plan id is scheduled again: the phone replaces it.
    create=CreateSemantics.UPSERT,
    # The scheduler shows a week (WWDC 2023). Of how many it takes, 15 (there) and 50 (measured on iOS 17)
    # are told, and more than that wiped earlier ones: 15 unless the phone says more. [sheet, 7.2]
    horizon_days=7,
    max_scheduled=15,
)

MANIFEST = Manifest(
    name="healthkit",
    title="Apple Watch",
    capabilities=CAPABILITIES,
    delivery="pickup",
    homepage="https://developer.apple.com/documentation/workoutkit",
    attribution="Apple Watch",
    tier=Tier.PLATINUM,
    tells=frozenset({"activity", "sample"}),
    data_use=(
        "Planned workouts are handed to the athlete's own phone and to nobody else. What the phone sends is "
        "kept for the athlete and their platform. Apple's guidelines for HealthKit and WorkoutKit apply to "
        "the app: no advertising, no sale, and consent for each kind of data."
    ),
)
