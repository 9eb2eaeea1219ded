"""What athletes do with an ELEMNT: the summary of a workout, its file on the CDN, and the webhook."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from hub_core.sandbox import Answer, Call, RecordedActivity, Refusal, endpoint, write_activity_file
from hub_core.sdk import Sport
from hub_wahoo.ingest import SPORTS
from hub_wahoo.sandbox_api import WahooApi
from hub_wahoo.sandbox_store import StoredWorkout, write_instant

WEBHOOK_TOKEN = "wahoo-webhook-token"  # noqa: S105 (of a stand-in on loopback)
_TYPES: dict[Sport, int] = {}
for _theirs, _ours in SPORTS.items():
    _TYPES.setdefault(_ours, _theirs)  # the first is the plain one
_OTHER = 47
_DEVICE_TOKEN = "ELEMNT ROAM 5C21"  # noqa: S105 (a device's text in a field of that name)


class WahooDone(WahooApi):
    """The half of Wahoo that tells.

    Knobs: `has_files` (False: `file.url` is null), `fitness_app_id` (above 1000: another maker's app).
    """

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.has_files = True
        self.fitness_app_id = 1
        self.origin = ""
        self.files: dict[int, bytes] = {}
        self._done: dict[tuple[str, str], int] = {}

    def record_activity(self, user: str, activity: RecordedActivity) -> None:
        """The computer has uploaded; the same name again is an edit. With a `plan_id` it was that workout."""
        workout = self._entry(user, activity)
        self._done[user, activity.name] = workout.id
        self.files[workout.id] = write_activity_file(activity)
        workout.summary = self._summary(workout, activity)
        body = {**workout.summary, "workout": workout.entry()}
        self.tell(user, body)

    def tell_by_address(self) -> None:
        """A summary names its file."""
        self.has_files = True

    def tell(self, user: str, summary: dict[str, Any]) -> None:
        """The webhook of a summary."""
        webhook = {
            "event_type": "workout_summary",
            "webhook_token": WEBHOOK_TOKEN,
            "user": {"id": self.store.user_id(user)},
            "workout_summary": summary,
        }
        self.push(msgspec.json.encode(webhook))

    @endpoint("GET", "/cdn/activities/{file}", public=True)
    def get_activity_file(self, call: Call) -> Answer:
        """The CDN: no token is asked for."""
        number = call.params["file"].removesuffix(".fit")
        content = self.files.get(int(number)) if number.isdigit() else None
        if content is None:
            raise Refusal(404, "no such file")
        return Answer(content, content_type="application/vnd.ant.fit")

    def _entry(self, user: str, activity: RecordedActivity) -> StoredWorkout:
        known = activity.plan_id or str(self._done.get((user, activity.name), ""))
        if known:
            return self.store.workout(user, known)
        now = self.clock.iso()
        workout = StoredWorkout(
            id=next(self.store.next_workout_id),
            user=user,
            name=activity.name,
            workout_token=_DEVICE_TOKEN,
            workout_type_id=_TYPES.get(activity.sport, _OTHER),
            starts=activity.start.astimezone(dt.UTC),
            minutes=round(activity.duration_s / 60),
            plan_id=None,
            created_at=now,
            updated_at=now,
        )
        self.store.workouts[workout.id] = workout
        return workout

    def _summary(self, workout: StoredWorkout, activity: RecordedActivity) -> dict[str, Any]:
        now = dt.datetime.fromtimestamp(self.clock.now(), dt.UTC)
        if workout.summary:  # no two states are of the same second
            last = dt.datetime.fromisoformat(workout.summary["updated_at"])
            now = max(now, last + dt.timedelta(seconds=1))
        url = f"{self.origin}/cdn/activities/{workout.id}.fit" if self.has_files else None
        length = _decimal(activity.duration_s)
        return {
            "id": 77_000 + workout.id,
            "name": activity.name,
            "started_at": write_instant(activity.start.astimezone(dt.UTC)),
            "time_zone": self.time_zones.get(workout.user) or _zone_of(activity.start),
            "ascent_accum": None,
            "cadence_avg": None,
            "calories_accum": None,
            "distance_accum": _decimal(activity.distance_m),
            "duration_active_accum": length,
            "duration_paused_accum": "0.0",
            "duration_total_accum": length,
            "heart_rate_avg": _decimal(activity.heart_rate_bpm),
            "power_avg": None,
            "manual": False,
            "edited": workout.summary is not None,
            "fitness_app_id": self.fitness_app_id,
            "file": {"url": url},
            "created_at": write_instant(now),
            "updated_at": write_instant(now),
        }


def _decimal(value: float | None) -> str | None:
    """Decimal values are strings."""
    return None if value is None else f"{value:.2f}"


def _zone_of(moment: dt.datetime) -> str | None:
    """An IANA name for an offset of whole hours; its signs are the other way round."""
    seconds = (moment.utcoffset() or dt.timedelta()).total_seconds()
    if seconds % 3600:
        return None
    hours = int(seconds // 3600)
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/UTC"
