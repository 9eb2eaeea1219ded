"""How a phone and its watch behave: what WorkoutKit refuses, how much its scheduler holds, what is shown.

There is no server to stand in for, so there are no endpoints but the sandbox's own. A phone's round over
the hub's API is `hub_core.sandbox.sync_phone`. Knobs are plain attributes; each says what it stands for.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from hub_core.sandbox import DeviceScreen, DeviceWorkout, RecordedActivity, Sandbox
from hub_core.sdk import Pickup, ProviderSettings, Receipt, Rejected
from hub_healthkit.sandbox_device import name_sport, show_plan
from hub_healthkit.sandbox_health import HealthStore, to_workout
from hub_healthkit.sandbox_validation import ALERT_ACTIVITIES, check_moment, check_plan

DEVICE = "Apple Watch"
#: The scheduler's floor by what is told of it. [sheet, 7.2]
MAX_SCHEDULED = 15
DAYS_AHEAD = 7


@dataclass(frozen=True)
class Held:
    """A ScheduledWorkoutPlan: plan and moment, and that it is for a person's wall clock."""

    uuid: str
    revision: int
    at: dt.datetime
    payload: dict[str, Any]
    notes: tuple[str, ...] = ()


class HealthKitSandbox(Sandbox):
    """Phones with a watch each, by user."""

    name = "healthkit"
    title = "Apple Watch"

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.scheduled: dict[str, dict[str, Held]] = {}
        #: What their Health apps hold.
        self.health: dict[str, HealthStore] = {}
        self._recorded: dict[tuple[str, str], str] = {}
        #: iOS, and with it what a plan may have: names of steps and pools come with 18.
        self.os_version = (18, 0)
        #: `WorkoutScheduler.maxAllowedScheduledWorkoutCount`.
        self.max_scheduled = MAX_SCHEDULED
        #: False: the athlete has not allowed the app to schedule (`authorizationState` denied).
        self.is_authorized = True
        #: What `CustomWorkout.supportsAlert` says no to here; sources disagree on the first of each.
        self.not_on_this_watch = frozenset({("speedRange", "swimming")})

    def settings(self, origin: str) -> ProviderSettings:  # noqa: ARG002 (there is nothing to point anywhere)
        """There is nothing to be set."""
        return ProviderSettings()

    def environment(self, origin: str) -> dict[str, str]:  # noqa: ARG002
        """There is nothing to be set."""
        return {}

    # -- what the app does ----------------------------------------------------------------------------

    def pick_up(self, user: str, pickup: Pickup) -> Receipt:
        """Build the plan, put it in place of an older one, and read back what the scheduler shows."""
        if not self.is_authorized:
            raise Rejected("the athlete has not allowed workouts to be scheduled: Settings, Fitness")
        if pickup.schedule is None:
            raise Rejected("there is nothing to schedule")
        payload = pickup.schedule.payload
        check_plan(payload, self.os_version, self.not_on_this_watch)
        at = check_moment(payload["scheduledAt"])
        days = (at.date() - self.today(user)).days
        if not -DAYS_AHEAD <= days <= DAYS_AHEAD:
            raise Rejected(f"the scheduler shows a week, and {at:%Y-%m-%d} is {abs(days)} days away")
        mine = self.scheduled.setdefault(user, {})
        others = [one for one in mine.values() if one.uuid != pickup.uuid and self._is_ahead(user, one)]
        if len(others) >= self.max_scheduled:
            raise Rejected(f"the scheduler holds {self.max_scheduled} workouts, and that many are ahead")
        held = Held(pickup.uuid, pickup.revision, at, payload)
        held = dataclasses.replace(held, notes=self._notes(payload["workout"]))
        mine[pickup.uuid] = held
        return Receipt({"plan_id": held.uuid}, held.uuid, held.notes)

    def put_down(self, user: str, pickup: Pickup) -> None:
        """`WorkoutScheduler.remove` does not tell whether there was anything."""
        self.scheduled.get(user, {}).pop(pickup.uuid, None)

    def _notes(self, workout: dict[str, Any]) -> tuple[str, ...]:
        """What this watch leaves out, though nobody was surprised by it."""
        steps = [step for block in workout["blocks"] for step in block["steps"]]
        steps += [workout[slot] for slot in ("warmup", "cooldown") if slot in workout]
        kinds = {step["alert"]["kind"] for step in steps if "alert" in step}
        missing = sorted(kind for kind in kinds if not self.can_alert(kind, workout["activity"]))
        return tuple(f"This watch has no {kind} alert in {workout['activity']}." for kind in missing)

    # -- what the athlete does ------------------------------------------------------------------------

    def record_activity(self, user: str, activity: RecordedActivity) -> None:
        """The watch has written it into Health; the same name again is an edit."""
        known, store = self._recorded.get((user, activity.name)), self.health_of(user)
        workout = to_workout(activity)
        self._recorded[user, activity.name] = store.edit(known, **workout) if known else store.keep(**workout)

    def delete_activity(self, user: str, name: str) -> None:
        """The athlete deletes it in the Health app."""
        self.health_of(user).delete(self._recorded.pop((user, name)))

    def phone_sends(self, user: str) -> Iterator[dict[str, Any]]:
        """What the SDK has not sent yet."""
        return self.health_of(user).send_new()

    def health_of(self, user: str) -> HealthStore:
        """This user's Health app. No two of them name a sample alike."""
        return self.health.setdefault(user, HealthStore(seed=1000 * self.seed + len(self.health)))

    # -- what the watch shows -------------------------------------------------------------------------

    def can_alert(self, kind: str, activity: str) -> bool:
        """`CustomWorkout.supportsAlert`."""
        return activity in ALERT_ACTIVITIES[kind] and (kind, activity) not in self.not_on_this_watch

    def today(self, user: str) -> dt.date:
        """The date where this user's phone is."""
        zone = ZoneInfo(self.time_zones.get(user, "UTC"))
        return dt.datetime.fromtimestamp(self.clock.now(), zone).date()

    def device(self, user: str) -> DeviceScreen:
        """What is scheduled from today on, in order."""
        ahead = [one for one in self.scheduled.get(user, {}).values() if self._is_ahead(user, one)]
        ahead.sort(key=lambda one: (one.at, one.uuid))
        return DeviceScreen(DEVICE, user, tuple(self._show(one) for one in ahead))

    def _is_ahead(self, user: str, held: Held) -> bool:
        return held.at.date() >= self.today(user)

    def _show(self, held: Held) -> DeviceWorkout:
        workout = held.payload["workout"]
        return DeviceWorkout(
            date=held.at.date(),
            title=workout["displayName"],
            sport=name_sport(workout),
            lines=show_plan(workout, self.can_alert, with_names=self.os_version >= (18, 0)),
            external_id=held.uuid,
            note=" ".join(held.notes),
        )
