"""How Fake behaves: a stand-in that keeps workouts and activities in memory."""

from __future__ import annotations

import datetime as dt
import hmac
from typing import Any
from urllib.parse import quote

import msgspec
from pydantic import SecretStr

from hub_core.sandbox import (
    CLIENT_ID,
    CLIENT_SECRET,
    EDITED_STEP_S,
    Answer,
    AthleteWish,
    Call,
    DeviceScreen,
    DeviceWorkout,
    OAuthServer,
    RecordedActivity,
    Refusal,
    Sandbox,
    endpoint,
)
from hub_core.sdk import DailyHealth, NutritionDay, SleepNight
from hub_fake.plugin import MANIFEST, SPORTS, FakeSettings

WEBHOOK_SECRET = "fake-webhook-secret"  # noqa: S105 (of a stand-in on loopback)
PAGE_SIZE = 2


class FakeSandbox(Sandbox):
    """Fake itself."""

    name = MANIFEST.name
    title = MANIFEST.title
    rate_budgets = MANIFEST.rate_budgets
    authorize_path = "/oauth/authorize"
    token_path = "/oauth/token"  # noqa: S105 (an address)

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.workouts: dict[tuple[str, str], dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.days: dict[tuple[str, str], dict[str, Any]] = {}
        self.files: dict[tuple[str, str], dict[str, Any]] = {}
        self.tells_addresses, self.origin = False, ""

    def make_oauth(self) -> OAuthServer:
        """Strict rotation, tokens for an hour."""
        return OAuthServer(self.clock, ("workouts", "activities"), requires_pkce=True, seed=self.seed)

    def settings(self, origin: str) -> FakeSettings:
        """Settings that point here."""
        self.origin = origin
        return FakeSettings(
            client_id=CLIENT_ID,
            client_secret=SecretStr(CLIENT_SECRET),
            webhook_secret=SecretStr(WEBHOOK_SECRET),
            authorize_url=f"{origin}/oauth/authorize",
            token_url=f"{origin}/oauth/token",
            api_url=origin,
        )

    def device(self, user: str) -> DeviceScreen:
        """The workouts by date."""
        mine = [(reference, body) for (who, reference), body in self.workouts.items() if who == user]
        mine.sort(key=lambda pair: pair[1]["date"])
        shown = tuple(
            DeviceWorkout(
                date=dt.date.fromisoformat(body["date"]),
                title=body["title"],
                sport=body["sport"],
                lines=_lines(body["steps"]),
                external_id=reference,
            )
            for reference, body in mine
        )
        return DeviceScreen("Fake watch", user, shown)

    def play(self, wish: AthleteWish) -> None:
        """In Fake's app."""
        named = [
            key for key, body in self.workouts.items() if (key[0], body["title"]) == (wish.user, wish.title)
        ]
        if not named:
            raise LookupError(f"there is no workout {wish.title!r}")
        body = self.workouts[named[0]]
        match wish.act:
            case "delete":
                del self.workouts[named[0]]
            case "move":
                body["date"] = wish.day().isoformat()
            case "edit":
                _flat(body["steps"])[0]["duration"] = {"type": "time", "duration_s": EDITED_STEP_S}

    # -- the account ----------------------------------------------------------------------------------

    @endpoint("GET", "/me")
    def me(self, call: Call) -> Answer:
        """The account."""
        return Answer({"id": call.user, "name": f"Fake {call.user}"})

    @endpoint("DELETE", "/me/consent")
    def delete_consent(self, call: Call) -> Answer:
        """All tokens of this athlete die."""
        self.oauth.revoke(call.user)
        return Answer(status=204)

    # -- workouts -------------------------------------------------------------------------------------

    @endpoint("PUT", "/workouts/{reference}", scope="workouts")
    def put_workout(self, call: Call) -> Answer:
        """Create or replace; with `existing=true` only replace."""
        key = (call.user, call.params["reference"])
        if call.query.get("existing") == "true" and key not in self.workouts:
            raise Refusal(404, "no such workout")
        body = call.json()
        if not isinstance(body, dict) or not isinstance(body.get("title"), str):
            raise Refusal(422, "title: a text is expected")
        if body.get("sport") not in SPORTS:
            raise Refusal(422, "sport: one of " + ", ".join(SPORTS))
        if len(body["title"]) > 80 or not body.get("steps"):
            raise Refusal(422, "a title has up to 80 characters, a workout at least one step")
        dt.date.fromisoformat(body["date"])
        for step in _flat(body["steps"]):
            target = step.get("target")
            if target and not 0 < target["low"] <= target["high"]:
                raise Refusal(422, "target: low is above high")
        self.workouts[key] = body
        return Answer({"id": key[1]})

    @endpoint("GET", "/workouts/{reference}", scope="workouts")
    def get_workout(self, call: Call) -> Answer:
        """One workout."""
        body = self.workouts.get((call.user, call.params["reference"]))
        if body is None:
            raise Refusal(404, "no such workout")
        return Answer(body)

    @endpoint("DELETE", "/workouts/{reference}", scope="workouts")
    def delete_workout(self, call: Call) -> Answer:
        """Remove one."""
        if self.workouts.pop((call.user, call.params["reference"]), None) is None:
            raise Refusal(404, "no such workout")
        return Answer(status=204)

    # -- activities -----------------------------------------------------------------------------------

    @endpoint("GET", "/events", scope="activities")
    def list_events(self, call: Call) -> Answer:
        """What happened to activities and days that begin in a window, in pages of two."""
        start, end = (dt.datetime.fromisoformat(call.query[name]) for name in ("from", "to"))
        page = int(call.query.get("page", "1"))
        mine = [event for event in self.events if event["user"] == call.user and start <= _begin(event) < end]
        return Answer({"events": mine[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]})

    def record_activity(self, user: str, activity: RecordedActivity) -> None:
        """Keep it, and tell the hub. The same name again is a new version."""
        known = sum(event.get("title") == activity.name for event in self.events)
        sport = next((theirs for theirs, ours in SPORTS.items() if ours is activity.sport), "kitesurfing")
        body = {
            "id": f"activity-{activity.name}",
            "version": known + 1,
            "sport": sport,
            "title": activity.name,
            "start": activity.start.isoformat(),
            "seconds": activity.duration_s,
            "metres": activity.distance_m,
        }
        told = {"user": user, "kind": "activity", "title": activity.name}
        if not self.tells_addresses:
            self._tell({**told, "activity": body})
            return
        path = f"/files/{body['id']}-{body['version']}"
        self.files[user, path] = body
        self._tell({**told, "url": f"{self.origin}{quote(path)}", "start": body["start"]})

    def tell_by_address(self) -> None:
        """From now on an activity has to be fetched."""
        self.tells_addresses = True

    @endpoint("GET", "/files/{name}", scope="activities")
    def get_file(self, call: Call) -> Answer:
        """An activity that was told by its address."""
        body = self.files.get((call.user, f"/files/{call.params['name']}"))
        if body is None:
            raise Refusal(410, "no such file")
        return Answer(body)

    def record_day(self, user: str, day: DailyHealth) -> None:
        """The watch has synchronized."""
        told = {"steps": day.steps, "rmssd": day.hrv_rmssd_ms, "sdnn": day.hrv_sdnn_ms}
        self._change_day(user, day.date, told)

    def record_night(self, user: str, night: SleepNight) -> None:
        """The watch has seen a night."""
        ends = {"asleep_from": night.start.isoformat(), "asleep_until": night.end.isoformat()}
        self._change_day(user, night.date, {**ends, "asleep_s": night.asleep_s})

    def record_meals(self, user: str, day: NutritionDay) -> None:
        """The athlete has written down what they ate."""
        self._change_day(user, day.date, {"kcal": day.energy_kcal})

    def _change_day(self, user: str, date: dt.date, told: dict[str, Any]) -> None:
        key = (user, date.isoformat())
        old = self.days.get(key, {"date": key[1], "version": 0})
        self.days[key] = {**old, **told, "version": old["version"] + 1}
        self._tell({"user": user, "kind": "day", "day": self.days[key]})

    def delete_activity(self, user: str, name: str) -> None:
        """Tell that it is gone."""
        last = next(event["activity"] for event in reversed(self.events) if event.get("title") == name)
        gone = {**last, "version": last["version"] + 1, "deleted": True}
        self._tell({"user": user, "kind": "activity", "title": name, "activity": gone})

    def end_consent(self, user: str) -> None:
        """All tokens of this athlete die, and the hub is told."""
        self.oauth.revoke(user)
        self.send([{"user": user, "kind": "consent_ended"}])

    def _tell(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        self.send([event])

    def send(self, events: list[dict[str, Any]]) -> None:
        """A signed webhook."""
        body, now = msgspec.json.encode({"events": events}), f"{self.clock.now():.0f}"
        signature = hmac.digest(WEBHOOK_SECRET.encode(), now.encode() + b"." + body, "sha256").hex()
        self.push(body, {"x-fake-signature": signature, "x-fake-time": now})


def _begin(event: dict[str, Any]) -> dt.datetime:
    """When the thing was that an event tells of."""
    if "day" in event:
        return dt.datetime.combine(dt.date.fromisoformat(event["day"]["date"]), dt.time(), dt.UTC)
    return dt.datetime.fromisoformat(event.get("start") or event["activity"]["start"])


def _flat(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [leaf for step in steps for leaf in (_flat(step["steps"]) if "times" in step else [step])]


def _lines(steps: list[dict[str, Any]], indent: str = "") -> tuple[str, ...]:
    lines: list[str] = []
    for step in steps:
        if "times" in step:
            lines += [
                f"{indent}{step['times']} x {step['name']}".rstrip(),
                *_lines(step["steps"], f"{indent}  "),
            ]
        else:
            facts = {name: value for name, value in step.items() if name != "type"}
            lines.append(indent + msgspec.json.encode(facts, order="sorted").decode())
    return tuple(lines)
