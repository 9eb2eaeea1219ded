"""How intervals.icu behaves: a stand-in for its calendar. What was done is in `sandbox_done`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hub_core.sandbox import EDITED_STEP_S, Answer, AthleteWish, Call, DeviceScreen, Refusal, endpoint
from hub_intervals.sandbox_accounts import athlete_id
from hub_intervals.sandbox_device import to_device_workout
from hub_intervals.sandbox_done import IntervalsDone
from hub_intervals.sandbox_events import Calendar, resolved
from hub_intervals.sandbox_resolve import AthleteSettings

_OAUTH_CLIENT_ID = 9001
_EVENTS = "/api/v1/athlete/{athlete}/events"
_EVENT = f"{_EVENTS}/{{event}}"


class IntervalsSandbox(IntervalsDone):
    """intervals.icu. Plain attributes, here, on `calendar` and on `athlete`, are switches for tests."""

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.calendar = Calendar()
        #: Thresholds and zones that every athlete has set.
        self.athlete = AthleteSettings()
        #: Whether the bulk upsert matches for API-key callers; not documented.
        self.upsert_matches_api_key = False

    def device(self, user: str) -> DeviceScreen:
        """The calendar, with the steps as they were understood."""
        shown = [event for event in self._events(athlete_id(user)) if event["category"] == "WORKOUT"]
        workouts = tuple(to_device_workout(event, self.athlete) for event in shown)
        return DeviceScreen("intervals.icu calendar", user, workouts)

    def play(self, wish: AthleteWish) -> None:
        """On the calendar page: away, to another day, or another first step."""
        mine = self._events(athlete_id(wish.user))
        event = next((one for one in mine if one.get("name") == wish.title), None)
        if event is None:
            raise LookupError(f"there is no event {wish.title!r}")
        match wish.act:
            case "delete":
                del self.calendar.events[event["id"]]
            case "move":
                moved = f"{wish.day()}{event['start_date_local'][10:]}"
                body = {"start_date_local": moved}
                self.calendar.change(event, body, settings=self.athlete, now=self.clock.iso())
            case "edit":
                step = event["workout_doc"]["steps"][0]
                while "steps" in step:
                    step = step["steps"][0]
                step["duration"] = EDITED_STEP_S

    @endpoint("GET", _EVENTS, scope="CALENDAR:READ")
    def list_events(self, call: Call) -> Answer:
        """A window of days, today and six more unless said otherwise; `newest` is inclusive."""
        mine = self._events(self.own_id(call))
        oldest = _day(call, "oldest") or self.clock.today()
        newest = _day(call, "newest") or oldest + dt.timedelta(days=6)
        categories = set(call.query_list("category"))
        found = [
            event
            for event in mine
            if oldest.isoformat() <= event["start_date_local"][:10] <= newest.isoformat()
            and (not categories or event["category"] in categories)
        ]
        if call.query.get("resolve") == "true":
            found = [resolved(event, self.athlete) for event in found]
        limit = call.query.get("limit")
        return Answer(found[: int(limit)] if limit else found)

    @endpoint("POST", _EVENTS, scope="CALENDAR:WRITE")
    def create_event(self, call: Call) -> Answer:
        """Never de-duplicates."""
        return Answer(self._create(call, self.own_id(call), call.json()))

    @endpoint("POST", f"{_EVENTS}/bulk", scope="CALENDAR:WRITE")
    def create_events(self, call: Call) -> Answer:
        """Creates; with `upsert=true` changes what the same app made with the same `external_id`."""
        own, bodies = self.own_id(call), call.json()
        if not isinstance(bodies, list):
            raise Refusal(422, "an array of events is expected")
        upserts = call.query.get("upsert") == "true"
        return Answer([self._upsert(call, own, body, upserts=upserts) for body in bodies])

    @endpoint("GET", _EVENT, scope="CALENDAR:READ")
    def get_event(self, call: Call) -> Answer:
        """One event."""
        return Answer(self._event(call))

    @endpoint("PUT", _EVENT, scope="CALENDAR:WRITE")
    def update_event(self, call: Call) -> Answer:
        """Changes only what is sent."""
        event = self._event(call)
        return Answer(self.calendar.change(event, call.json(), settings=self.athlete, now=self.clock.iso()))

    @endpoint("DELETE", _EVENT, scope="CALENDAR:WRITE")
    def delete_event(self, call: Call) -> Answer:
        """Removes one event."""
        del self.calendar.events[self._event(call)["id"]]
        return Answer({})

    @endpoint("PUT", f"{_EVENTS}/bulk-delete", scope="CALENDAR:WRITE")
    def delete_events(self, call: Call) -> Answer:
        """By `external_id` (own app only), else by `id`; what isn't there is passed over."""
        own, wishes = self.own_id(call), call.json()
        if not isinstance(wishes, list):
            raise Refusal(422, "an array is expected")
        doomed = {
            event["id"] for wish in wishes for event in self._events(own) if _is_meant(wish, event, call)
        }
        for event_id in doomed:
            del self.calendar.events[event_id]
        return Answer({"eventsDeleted": len(doomed)})

    def _create(self, call: Call, own: str, body: Any) -> dict[str, Any]:
        return self.calendar.create(
            body, athlete_id=own, client=_client(call), settings=self.athlete, now=self.clock.iso()
        )

    def _upsert(self, call: Call, own: str, body: Any, *, upserts: bool) -> dict[str, Any]:
        key = body.get("external_id") if isinstance(body, dict) else None
        client = _client(call)
        if upserts and key and (client is not None or self.upsert_matches_api_key):
            for event in self._events(own):
                if event.get("external_id") == key and event["oauth_client_id"] == client:
                    return self.calendar.change(event, body, settings=self.athlete, now=self.clock.iso())
        return self._create(call, own, body)

    def _events(self, own: str) -> list[dict[str, Any]]:
        mine = [event for event in self.calendar.events.values() if event["athlete_id"] == own]
        return sorted(mine, key=lambda event: (event["start_date_local"], event["id"]))

    def _event(self, call: Call) -> dict[str, Any]:
        own, text = self.own_id(call), call.params["event"]
        if not text.isdigit():
            raise Refusal(500, f"NumberFormatException: {text}")
        event = self.calendar.events.get(int(text))
        if event is None or event["athlete_id"] != own:
            raise Refusal(404, "Event not found")
        return event


def _client(call: Call) -> int | None:
    """The OAuth app behind a call; none behind an API key."""
    return _OAUTH_CLIENT_ID if call.grant and call.grant.access_token else None


def _is_meant(wish: Any, event: dict[str, Any], call: Call) -> bool:
    if not isinstance(wish, dict):
        raise Refusal(422, "objects with id or external_id are expected")
    if wish.get("external_id"):
        mine = event["oauth_client_id"] == _client(call)
        return bool(mine and event.get("external_id") == wish["external_id"])
    return bool(event["id"] == wish.get("id"))


def _day(call: Call, name: str) -> dt.date | None:
    text = call.query.get(name)
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        # A Java exception's text, with status 500: seen for badly typed query values.
        raise Refusal(
            500, f"java.time.format.DateTimeParseException: Text '{text}' could not be parsed"
        ) from None
