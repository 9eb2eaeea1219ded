"""What a watch can do in each sport: the tables behind the compiled plan. Pure data.

`ASK` stands where the sources disagree or say nothing: the phone asks its watch
(`CustomWorkout.supportsAlert`) and leaves the alert out where the answer is no.
Marks: [doc] Apple's documentation, [code] a public implementation, [inferred] our reading.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from hub_core.sdk import Metric, Sport


class Support(StrEnum):
    """Whether the watch has an alert for a metric in an activity."""

    YES = "yes"
    ASK = "ask"
    NO = "no"


class Activity(NamedTuple):
    """An HKWorkoutActivityType by name and number, and where it is done."""

    name: str
    raw: int
    location: str


#: There are no types for trail, track, gravel and mountain bike: `LESS_PRECISE` says so. [doc, 2.1]
#: Where Apple's own app knows no indoors and outdoors, `unknown` is the initialiser's default. [doc]
ACTIVITIES = {
    Sport.RUN: Activity("running", 37, "outdoor"),
    Sport.TRAIL_RUN: Activity("running", 37, "outdoor"),
    Sport.TRACK_RUN: Activity("running", 37, "outdoor"),
    Sport.TREADMILL_RUN: Activity("running", 37, "indoor"),
    Sport.RIDE: Activity("cycling", 13, "outdoor"),
    Sport.GRAVEL_RIDE: Activity("cycling", 13, "outdoor"),
    Sport.MOUNTAIN_BIKE_RIDE: Activity("cycling", 13, "outdoor"),
    Sport.INDOOR_RIDE: Activity("cycling", 13, "indoor"),
    Sport.POOL_SWIM: Activity("swimming", 46, "indoor"),
    Sport.OPEN_WATER_SWIM: Activity("swimming", 46, "outdoor"),
    Sport.WALK: Activity("walking", 52, "outdoor"),
    Sport.HIKE: Activity("hiking", 24, "outdoor"),
    Sport.ROW: Activity("rowing", 35, "unknown"),
    # Traditional (weights) rather than functional (body weight): a choice of ours.
    Sport.STRENGTH: Activity("traditionalStrengthTraining", 50, "unknown"),
    Sport.YOGA: Activity("yoga", 57, "unknown"),
    Sport.OTHER: Activity("other", 3000, "unknown"),
}
#: Ours: what the watch makes of it, and the smallest rewrite that would be exact.
LESS_PRECISE = {
    Sport.TRAIL_RUN: ("an outdoor run", "plan it as a run"),
    Sport.TRACK_RUN: ("an outdoor run", "plan it as a run"),
    Sport.GRAVEL_RIDE: ("an outdoor ride", "plan it as a ride"),
    Sport.MOUNTAIN_BIKE_RIDE: ("an outdoor ride", "plan it as a ride"),
}

#: Activities without a distance on the watch, among ours. [code]
NO_DISTANCE = frozenset({"traditionalStrengthTraining", "yoga", "other"})

#: Heart rate: in every activity. [code] Power in running: Apple's notes of June 2024 say yes, a public
#: implementation says cycling only. [sheet, 7.2] Speed beyond running, cycling and walking: [inferred].
_ALERTS: dict[Metric, dict[str, Support]] = {
    Metric.POWER: {"cycling": Support.YES, "running": Support.ASK},
    Metric.PACE: {
        "running": Support.YES,
        "cycling": Support.YES,
        "walking": Support.YES,
        "hiking": Support.ASK,
        "rowing": Support.ASK,
        "swimming": Support.ASK,
    },
    Metric.CADENCE: {"cycling": Support.YES, "running": Support.YES},
    Metric.RPE: {},
}
_ALERTS[Metric.SPEED] = _ALERTS[Metric.PACE]


def alert_support(metric: Metric, activity: Activity) -> Support:
    """Whether a step of this activity can have an alert for this metric."""
    if metric is Metric.HEART_RATE:
        return Support.YES
    return _ALERTS[metric].get(activity.name, Support.NO)
