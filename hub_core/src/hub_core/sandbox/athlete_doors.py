"""Where somebody plays the athlete of a sandbox: trains, sleeps, eats, deletes, ends the consent."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import msgspec

from hub_core.domain.records import DailyHealth, NutritionDay, SleepNight
from hub_core.domain.sport import Sport
from hub_core.sandbox.call import Answer, Call, endpoint
from hub_core.sandbox.device import DeviceScreen, DeviceWorkout
from hub_core.sandbox.recorded import RecordedActivity

if TYPE_CHECKING:
    from hub_core.sandbox.clock import SandboxClock

#: Who signs in at a consent page unless somebody says otherwise.
DEFAULT_USER = "athlete-1"
#: What is done of a planned workout on the device's screen, unless somebody says otherwise.
_DONE_S = 2700.0
#: Words of the providers for a sport: ours, and metres a second.
_SPORTS = {
    "run": (Sport.RUN, 3.2),
    "cycl": (Sport.RIDE, 8.0),
    "rid": (Sport.RIDE, 8.0),
    "bik": (Sport.RIDE, 8.0),
    "swim": (Sport.POOL_SWIM, 1.1),
    "walk": (Sport.WALK, 1.5),
    "row": (Sport.ROW, 3.5),
}


class AthleteDoors:
    """The endpoints below `/sandbox` by which a test, a person or a page plays the athlete."""

    if TYPE_CHECKING:
        title: ClassVar[str]
        clock: SandboxClock
        time_zones: dict[str, str]

        def device(self, user: str) -> DeviceScreen: ...
        def record_activity(self, user: str, activity: RecordedActivity) -> None: ...
        def record_day(self, user: str, day: DailyHealth) -> None: ...
        def record_night(self, user: str, night: SleepNight) -> None: ...
        def record_meals(self, user: str, day: NutritionDay) -> None: ...
        def delete_activity(self, user: str, name: str) -> None: ...
        def end_consent(self, user: str) -> None: ...

    @endpoint("POST", "/sandbox/activities", public=True)
    def do_activity(self, call: Call) -> Answer:
        """`user` has done something: a `RecordedActivity` as JSON."""
        return self._decode_and_play(call, RecordedActivity, self.record_activity)

    @endpoint("POST", "/sandbox/days", public=True)
    def have_day(self, call: Call) -> Answer:
        """`user` has had a day: a `DailyHealth` as JSON."""
        return self._decode_and_play(call, DailyHealth, self.record_day)

    @endpoint("POST", "/sandbox/nights", public=True)
    def have_night(self, call: Call) -> Answer:
        """`user` has slept: a `SleepNight` as JSON."""
        return self._decode_and_play(call, SleepNight, self.record_night)

    @endpoint("POST", "/sandbox/meals", public=True)
    def have_meals(self, call: Call) -> Answer:
        """`user` has eaten: a `NutritionDay` as JSON."""
        return self._decode_and_play(call, NutritionDay, self.record_meals)

    @endpoint("DELETE", "/sandbox/activities/{name}", public=True)
    def undo_activity(self, call: Call) -> Answer:
        """`user` deletes the activity of that name."""
        return self._played(lambda user: self.delete_activity(user, call.params["name"]), call)

    @endpoint("DELETE", "/sandbox/consent", public=True)
    def undo_consent(self, call: Call) -> Answer:
        """`user` ends the consent at the provider."""
        return self._played(self.end_consent, call)

    def _decode_and_play[R](self, call: Call, kind: type[R], record: Callable[[str, R], None]) -> Answer:
        try:
            what = msgspec.json.decode(call.body, type=kind)
        except msgspec.MsgspecError as error:
            return Answer({"error": str(error)}, 400)
        return self._played(lambda user: record(user, what), call)

    def _played(self, act: Callable[[str], None], call: Call) -> Answer:
        try:
            act(call.query.get("user", DEFAULT_USER))
        except NotImplementedError:
            return Answer({"error": f"this can't be done at {self.title}"}, 404)
        return Answer(status=204)

    @endpoint("POST", "/sandbox/done", public=True)
    def do_planned(self, call: Call) -> Answer:
        """`user` does the planned workout `external_id` that the device shows, as its button says: it ends
        now and took 45 minutes, all of them today's. The page is shown again."""
        form = call.form()
        user = form.get("user") or DEFAULT_USER
        wanted = form.get("external_id", "")
        planned = next((one for one in self.device(user).workouts if one.external_id == wanted), None)
        if planned is None:
            return Answer({"error": "the device shows no such workout"}, 404)
        try:
            self.record_activity(user, self._as_done(user, planned))
        except NotImplementedError:
            return Answer({"error": f"this can't be done at {self.title}"}, 404)
        return Answer(status=303, headers={"Location": f"/device?user={user}"})

    def _as_done(self, user: str, planned: DeviceWorkout) -> RecordedActivity:
        sport, metres = next(
            (known for word, known in _SPORTS.items() if word in planned.sport.lower()), (Sport.OTHER, 0.0)
        )
        zone = zoneinfo.ZoneInfo(self.time_zones.get(user, "UTC"))
        now = dt.datetime.fromtimestamp(int(self.clock.now()), zone)
        start = now - dt.timedelta(seconds=_DONE_S)
        return RecordedActivity(
            planned.title,
            sport,
            # Just after midnight it is today's all the same, and not done on the day before.
            max(start, dt.datetime.combine(now, dt.time(), zone)),
            _DONE_S,
            distance_m=metres * _DONE_S or None,
            heart_rate_bpm=145,
            plan_id=planned.external_id,
        )
