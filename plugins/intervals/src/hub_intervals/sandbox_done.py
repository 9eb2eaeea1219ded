"""What athletes do and measure: activities, series, wellness, and the webhooks that tell of them."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import msgspec

from hub_core.sandbox import Answer, Call, RecordedActivity, Refusal, endpoint
from hub_core.sdk import DailyHealth, NutritionDay, Sport
from hub_intervals.ingest import SPORTS
from hub_intervals.sandbox_accounts import WEBHOOK_SECRET, IntervalsAccounts, athlete_id

_WORDS: dict[Sport, str] = {}
for _theirs, _ours in SPORTS.items():
    _WORDS.setdefault(_ours, _theirs)  # the first is the plain one
_STEP_S = 10
Item = dict[str, Any]


class IntervalsDone(IntervalsAccounts):
    """The half of intervals.icu that tells.

    Switches: `source` and `tells_sparsely` of activities (`ACTIVITY_UPDATED` with an id alone), `places` of
    the stream `latlng` (`two`, `pairs`, `flat`).
    """

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.source = "GARMIN_CONNECT"
        self.tells_sparsely = False
        self.places = "two"
        self.activities: dict[str, Item] = {}
        self.streams: dict[str, list[Item]] = {}
        self.wellness: dict[tuple[str, str], Item] = {}
        self._recorded: dict[tuple[str, str], str] = {}
        self._numbers = itertools.count(900_000_001)
        self._told_s = 0.0

    # -- what athletes do -----------------------------------------------------------------------------

    def record_activity(self, user: str, activity: RecordedActivity) -> None:
        """It was uploaded and analyzed; the same name again is an edit."""
        known = self._recorded.get((user, activity.name))
        activity_id = known or f"i{next(self._numbers)}"
        self._recorded[user, activity.name] = activity_id
        body = self._write(user, activity, activity_id)
        self.activities[activity_id] = body
        told = {"id": activity_id, "icu_athlete_id": body["icu_athlete_id"]} if self.tells_sparsely else body
        self.tell(user, "ACTIVITY_UPDATED" if known else "ACTIVITY_UPLOADED", activity=told)

    def delete_activity(self, user: str, name: str) -> None:
        """Only a stub of it is told, with zeros where numbers were."""
        body = self.activities.pop(self._recorded.pop((user, name)))
        stub = {"id": body["id"], "icu_athlete_id": body["icu_athlete_id"], "source": body["source"]}
        self.tell(
            user, "ACTIVITY_DELETED", activity={**stub, "distance": 0.0, "moving_time": 0, "race": False}
        )

    def record_day(self, user: str, day: DailyHealth) -> None:
        """The day's numbers, as a watch's service hands them on."""
        told = {
            "weight": day.weight_kg,
            "restingHR": day.resting_heart_rate_bpm,
            "hrv": day.hrv_rmssd_ms,
            "hrvSDNN": day.hrv_sdnn_ms,
            "spO2": day.spo2_pct,
            "respiration": day.respiration_brpm,
            "vo2max": day.vo2max,
            "bodyFat": day.body_fat_pct,
            "steps": day.steps,
        }
        self._change_day(user, day.date, told)

    def record_meals(self, user: str, day: NutritionDay) -> None:
        """What was eaten, as an app has written it."""
        told = {
            "kcalConsumed": day.energy_kcal,
            "carbohydrates": day.carbohydrate_g,
            "protein": day.protein_g,
            "fatTotal": day.fat_g,
        }
        self._change_day(user, day.date, told)

    def end_consent(self, user: str) -> None:
        """The athlete removes the app."""
        self.oauth.revoke(user)
        self.tell(user, "APP_SCOPE_CHANGED", client_id=9001, client_name="Hub", scope="", deauthorized=True)

    def change_scopes(self, user: str, scopes: tuple[str, ...]) -> None:
        """The athlete ticks other boxes; the token stays good."""
        for grant in self.oauth.grants:
            if grant.user == user:
                grant.scopes = scopes
        self.tell(user, "APP_SCOPE_CHANGED", client_id=9001, scope=",".join(scopes), deauthorized=False)

    def tell(self, user: str, kind: str, **fields: Any) -> None:
        """A webhook with one event."""
        self._told_s = max(self.clock.now(), self._told_s + 0.001)  # no two events are of one moment
        when = dt.datetime.fromtimestamp(self._told_s, dt.UTC).isoformat(timespec="milliseconds")
        event = {"athlete_id": athlete_id(user), "type": kind, "timestamp": when, **fields}
        self.push(msgspec.json.encode({"secret": WEBHOOK_SECRET, "events": [event]}))

    # -- the API --------------------------------------------------------------------------------------

    @endpoint("GET", "/api/v1/athlete/{athlete}/activities", scope="ACTIVITY:READ")
    def list_activities(self, call: Call) -> Answer:
        """Of some local days, newest first."""
        own, (oldest, newest) = self.own_id(call), _days(call)
        mine = [
            one
            for one in self.activities.values()
            if one["icu_athlete_id"] == own and oldest <= one["start_date_local"][:10] <= newest
        ]
        return Answer(sorted(mine, key=lambda one: one["start_date_local"], reverse=True))

    @endpoint("GET", "/api/v1/activity/{activity}", scope="ACTIVITY:READ")
    def get_activity(self, call: Call) -> Answer:
        """One activity, without its intervals."""
        return Answer(self._activity(call))

    @endpoint("GET", "/api/v1/activity/{activity}/streams", scope="ACTIVITY:READ")
    def get_streams(self, call: Call) -> Answer:
        """Those of the wanted types; a 404 where there are none."""
        streams = self.streams.get(self._activity(call)["id"])
        if not streams:
            raise Refusal(404, "Streams not found")
        wanted = call.query_list("types")
        return Answer([one for one in streams if not wanted or one["type"] in wanted])

    @endpoint("GET", "/api/v1/athlete/{athlete}/wellness", scope="WELLNESS:READ")
    def list_wellness(self, call: Call) -> Answer:
        """The days of which something is known."""
        own, (oldest, newest) = self.own_id(call), _days(call)
        days = sorted(date for who, date in self.wellness if who == own and oldest <= date <= newest)
        return Answer([self.wellness[own, date] for date in days])

    def _activity(self, call: Call) -> Item:
        found = self.activities.get(call.params["activity"])
        if found is None:
            raise Refusal(404, "Activity not found")
        if found["icu_athlete_id"] != athlete_id(call.user):
            raise Refusal(403, "Access denied")
        return found

    # -- what is kept ---------------------------------------------------------------------------------

    def _write(self, user: str, activity: RecordedActivity, activity_id: str) -> Item:
        own, local = athlete_id(user), activity.start.replace(tzinfo=None)
        if self.source == "STRAVA":
            stub = {"id": activity_id[1:], "icu_athlete_id": own, "source": "STRAVA", "_note": "(theirs)"}
            return {**stub, "start_date_local": local.isoformat(timespec="seconds")}
        if activity.heart_rate_bpm is not None:
            self.streams[activity_id] = self._streams(activity, activity.heart_rate_bpm)
        return {
            "id": activity_id,
            "icu_athlete_id": own,
            "type": _WORDS.get(activity.sport, "Kitesurf"),
            "trainer": activity.sport.is_indoor,
            "name": activity.name,
            "start_date": activity.start.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "start_date_local": local.isoformat(timespec="seconds"),
            "timezone": self.time_zones.get(user),
            "elapsed_time": round(activity.duration_s),
            "moving_time": round(activity.duration_s),
            "distance": activity.distance_m,
            "average_heartrate": activity.heart_rate_bpm,
            "paired_event_id": int(activity.plan_id) if activity.plan_id else None,
            "source": self.source,
            "external_id": f"8{activity_id[1:]}",
            "device_name": "Forerunner 965",
            "file_type": "fit",
            "stream_types": [one["type"] for one in self.streams.get(activity_id, [])],
            "analyzed": self.clock.iso(),
        }

    def _streams(self, activity: RecordedActivity, heart_rate_bpm: float) -> list[Item]:
        times = [*range(0, int(activity.duration_s), _STEP_S), int(activity.duration_s)]
        latitudes = [round(47.1 + index * 1e-4, 6) for index in range(len(times))]
        longitudes = [8.2] * len(times)
        where: Item = {"data": latitudes, "data2": longitudes}
        if self.places == "pairs":
            where = {"data": [list(pair) for pair in zip(latitudes, longitudes, strict=True)]}
        if self.places == "flat":
            where = {"data": [part for pair in zip(latitudes, longitudes, strict=True) for part in pair]}
        beats: list[float | None] = [heart_rate_bpm] * len(times)
        beats[1:2] = [None]  # the strap slipped
        return [_stream("time", data=times), _stream("heartrate", data=beats), _stream("latlng", **where)]

    def _change_day(self, user: str, date: dt.date, told: Item) -> None:
        """Only keys that are sent are changed."""
        key = (athlete_id(user), date.isoformat())
        changed = {name: value for name, value in told.items() if value is not None}
        carried = {"tempWeight": True, "tempRestingHR": True, "ctl": 41.2, "atl": 38.9}
        old = self.wellness.get(key, {"id": key[1], **carried})
        self._told_s = max(self.clock.now(), self._told_s + 0.001)
        updated = dt.datetime.fromtimestamp(self._told_s, dt.UTC).isoformat(timespec="milliseconds")
        self.wellness[key] = {**old, **changed, "updated": updated}
        self.tell(user, "WELLNESS_UPDATED", records=[self.wellness[key]])


def _stream(kind: str, **fields: Any) -> Item:
    plain = {"name": None, "data2": None, "valueTypeIsArray": False, "anomalies": None, "custom": False}
    return {"type": kind, **plain, "allNull": False, **fields}


def _days(call: Call) -> tuple[str, str]:
    """Both ends as `YYYY-MM-DD`; `oldest` must be there."""
    try:
        oldest, newest = (
            dt.date.fromisoformat((call.query.get(name) or default)[:10]).isoformat()
            for name, default in (("oldest", ""), ("newest", "9999-12-31"))
        )
    except ValueError:
        text = "java.time.format.DateTimeParseException: Text could not be parsed"
        raise Refusal(500, text) from None
    return oldest, newest
