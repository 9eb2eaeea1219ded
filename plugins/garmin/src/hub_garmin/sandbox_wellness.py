"""What Garmin tells of athletes: webhooks, pulls, files, backfill."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from hub_core.sandbox import CLIENT_ID, Answer, Call, RecordedActivity, Refusal, endpoint, write_activity_file
from hub_core.sdk import DailyHealth, SleepNight
from hub_garmin.ingest import SUMMARIES
from hub_garmin.sandbox_records import Item, write_activity, write_day, write_details, write_file, write_night
from hub_garmin.sandbox_training import TrainingSandbox

WEBHOOK_SECRET = "garmin-webhook-secret-of-the-sandbox"  # noqa: S105 (of a stand-in on loopback)
_ACTIVITY, _HEALTH, _HISTORY = "ACTIVITY_EXPORT", "HEALTH_EXPORT", "HISTORICAL_DATA_EXPORT"
_OF_ACTIVITIES = frozenset({"activities", "activityDetails", "activityFiles", "manuallyUpdatedActivities"})
#: Where a path of backfill is spelled unlike the key of the webhook.
_BACKFILL_NAMES = {"respiration": "allDayRespiration", "pulseOx": "pulseox", "moveiq": "moveIQActivities"}
_DAY_S = 86_400
_FIRST_ACTIVITY_ID = 190_000_001


@dataclass
class Upload:
    """One summary as it was last uploaded."""

    user: str
    kind: str
    item: Item
    start_s: int
    at_s: int


@dataclass
class StoredFile:
    """A file that waits to be fetched, which works once and for a day."""

    user: str
    content: bytes
    token: str
    until_s: float


class WellnessSandbox(TrainingSandbox):
    """The half of Garmin that tells.

    Switches: `pings` (the kinds that are told by a callback in place of the data), `sends_details` and
    `sends_files` (beside each activity's summary), `names_app` (by the header), `change_shape` of permissions
    (`list` or `map`), `earliest_backfill_s` (epoch seconds).
    """

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.pings: set[str] = set()
        self.sends_details = False
        self.sends_files = False
        self.names_app = True
        self.change_shape = "list"
        self.earliest_backfill_s = 0
        self.origin = ""
        self.uploads: dict[tuple[str, str, str], Upload] = {}
        self.files: dict[str, StoredFile] = {}
        self._recorded: dict[str, RecordedActivity] = {}
        self._activity_ids: dict[tuple[str, str], int] = {}
        self._pull_tokens: set[str] = set()
        self._asked: set[tuple[str, ...]] = set()
        self._numbers = itertools.count(1)
        self._gathered: dict[str, list[Item]] | None = None

    # -- what athletes do --------------------------------------------------------------------------------

    def record_activity(self, user: str, activity: RecordedActivity) -> None:
        """The watch has synchronized. The same name again is the same activity, changed."""
        ids = self._activity_ids
        activity_id = ids.setdefault((user, activity.name), _FIRST_ACTIVITY_ID + len(ids))
        start_s, key = round(activity.start.timestamp()), str(activity_id)
        self._recorded[key] = activity
        self._upload(user, "activities", key, write_activity(activity, activity_id), start_s)
        if self.sends_details:
            self._upload(user, "activityDetails", key, write_details(activity, activity_id), start_s)
        if self.sends_files:
            self._upload(user, "activityFiles", key, write_file(activity, activity_id), start_s)

    def tell_by_address(self) -> None:
        """Every kind is pinged, as it can be set in Garmin's portal."""
        self.pings = set(SUMMARIES)

    def edit_activity(self, user: str, name: str, **fields: Any) -> None:
        """The athlete corrects an activity on Garmin's site; `fields` are Garmin's."""
        activity_id = self._activity_ids[user, name]
        old = self.uploads[user, "activities", str(activity_id)]
        item = {**old.item, **fields}
        self._upload(user, "manuallyUpdatedActivities", str(activity_id), item, old.start_s)

    def record_day(self, user: str, day: DailyHealth) -> None:
        """The watch has synchronized: each kind is told in a body of its own."""
        zone = ZoneInfo(self.time_zones.get(user, "UTC"))
        start_s = round(dt.datetime.combine(day.date, dt.time(), zone).timestamp())
        for kind, item in write_day(day, zone):
            self._upload(user, kind, day.date.isoformat(), item, start_s)

    def record_night(self, user: str, night: SleepNight) -> None:
        """The watch has seen a night."""
        item = write_night(night)
        start_s = item["startTimeInSeconds"]
        self._upload(user, "sleeps", str(start_s), item, start_s)

    def end_consent(self, user: str) -> None:
        """The athlete ends it on Garmin's site: every token is unknown from now on, and the app is told."""
        self.oauth.revoke(user)
        self._notify({"deregistrations": [{"userId": self.garmin_id(user)}]})

    def set_permissions(self, user: str, permissions: tuple[str, ...]) -> None:
        """What the athlete changes later on Garmin's site; the tokens stay good, and the app is told."""
        for grant in self.oauth.grants:
            if grant.user == user:
                grant.scopes = permissions
        told: Any = list(permissions)
        if self.change_shape == "map":
            told = {name: name in permissions for name in self.oauth.scopes}
        change = {
            "userId": self.garmin_id(user),
            "summaryId": f"x1-{next(self._numbers)}",
            "permissions": told,
            "changeTimeInSeconds": int(self.clock.now()),
        }
        self._notify({"userPermissionsChange": [change]})

    @contextmanager
    def one_body(self) -> Iterator[None]:
        """All that happens inside is told in one webhook, whoever did it."""
        self._gathered = {}
        yield
        body, self._gathered = self._gathered, None
        self._notify(body)

    # -- webhooks ----------------------------------------------------------------------------------------

    def garmin_id(self, user: str) -> str:
        """Opaque, and the same after a new consent."""
        return hashlib.sha256(f"garmin {user}".encode()).hexdigest()[:32]

    def _upload(self, user: str, kind: str, key: str, item: Item, start_s: int) -> None:
        upload = Upload(user, kind, item, start_s, int(self.clock.now()))
        self.uploads[user, kind, key] = upload
        self._tell(upload)

    def _tell(self, upload: Upload) -> None:
        granted = [grant.scopes for grant in self.oauth.grants if grant.user == upload.user]
        if granted and not any(_permission(upload.kind) in scopes for scopes in granted):
            return
        item = {"userId": self.garmin_id(upload.user)}
        if upload.kind == "activityFiles":
            item |= {**upload.item, "callbackURL": self._file_address(upload)}
        elif upload.kind in self.pings:
            item |= self._ping(upload)
        else:
            item |= upload.item
        self._notify({upload.kind: [item]})

    def _ping(self, upload: Upload) -> Item:
        token = f"cb-{next(self._numbers)}"
        self._pull_tokens.add(token)
        span = {"uploadStartTimeInSeconds": upload.at_s, "uploadEndTimeInSeconds": upload.at_s + 1}
        query = "&".join(f"{name}={value}" for name, value in {**span, "token": token}.items())
        return {**span, "callbackURL": f"{self.origin}/wellness-api/rest/{upload.kind}?{query}"}

    def _file_address(self, upload: Upload) -> str:
        file_id, token = str(upload.item["activityId"]), f"cb-{next(self._numbers)}"
        content = write_activity_file(self._recorded[file_id])
        self.files[file_id] = StoredFile(upload.user, content, token, self.clock.now() + _DAY_S)
        return f"{self.origin}/wellness-api/rest/activityFile?id={file_id}&token={token}"

    def _notify(self, body: dict[str, list[Item]]) -> None:
        if self._gathered is not None:
            for kind, items in body.items():
                self._gathered.setdefault(kind, []).extend(items)
            return
        headers = {"garmin-client-id": CLIENT_ID} if self.names_app else {}
        self.push(msgspec.json.encode(body), headers, f"/v1/webhooks/{self.name}/{WEBHOOK_SECRET}")

    # -- pulls -------------------------------------------------------------------------------------------

    @endpoint("GET", "/wellness-api/rest/activityFile")
    def get_file(self, call: Call) -> Answer:
        """One successful download within a day, then 410."""
        file = self.files.get(call.query.get("id", ""))
        if file is None or file.user != call.user or file.token != call.query.get("token"):
            raise Refusal(404, "No such file")
        if not file.content or file.until_s < self.clock.now():
            raise Refusal(410, "The file was downloaded already, or is too old")
        content, file.content = file.content, b""
        return Answer(content, content_type="application/octet-stream")

    @endpoint("GET", "/wellness-api/rest/{kind}")
    def pull(self, call: Call) -> Answer:
        """What was uploaded in a window of at most a day, in answer to a ping. Polling is refused."""
        kind = call.params["kind"]
        self._need(call, _permission(kind), 412)
        start_s, end_s = _window(call, "uploadStartTimeInSeconds", "uploadEndTimeInSeconds")
        if call.query.get("token") not in self._pull_tokens:
            raise Refusal(400, "InvalidPullTokenException: pulls answer pings")
        if end_s - start_s > _DAY_S:
            raise Refusal(400, "The window is longer than 86400 seconds")
        return Answer(
            [
                {"userId": self.garmin_id(one.user), **one.item}
                for one in self.uploads.values()
                if (one.user, one.kind) == (call.user, kind) and start_s <= one.at_s <= end_s
            ]
        )

    @endpoint("GET", "/wellness-api/rest/backfill/{kind}")
    def backfill(self, call: Call) -> Answer:
        """202, and later webhooks; the same span again is a conflict."""
        kind = call.params["kind"]
        told_as = _BACKFILL_NAMES.get(kind, kind)
        self._need(call, _HISTORY, 403)
        self._need(call, _permission(told_as), 412)
        names = ("summaryStartTimeInSeconds", "summaryEndTimeInSeconds")
        start_s, end_s = _window(call, *names)
        if start_s < self.earliest_backfill_s:
            least = self.earliest_backfill_s
            raise Refusal(400, f"summaryStartTimeInSeconds {start_s} is before the min start time of {least}")
        asked = (call.user, kind, *(call.query[name] for name in names))
        if asked in self._asked:
            raise Refusal(409, "This was asked for already")
        self._asked.add(asked)
        kinds = {told_as, "activityFiles"} if kind == "activities" else {told_as}
        for upload in list(self.uploads.values()):
            if upload.user == call.user and upload.kind in kinds and start_s <= upload.start_s < end_s:
                self._tell(upload)
        return Answer(status=202)

    def _need(self, call: Call, permission: str, status: int) -> None:
        if not call.grant or permission not in call.grant.scopes:
            raise Refusal(status, f"User has not granted the permission {permission}")


def _permission(kind: str) -> str:
    return _ACTIVITY if kind in _OF_ACTIVITIES else _HEALTH


def _window(call: Call, start: str, end: str) -> tuple[int, int]:
    try:
        start_s, end_s = int(call.query[start]), int(call.query[end])
    except (KeyError, ValueError):
        raise Refusal(400, f"{start} and {end} are needed") from None
    if max(start_s, end_s) > 10**11:
        raise Refusal(400, "Times are in seconds, not milliseconds")
    if start_s >= end_s:
        raise Refusal(400, f"{start} must be before {end}")
    return start_s, end_s
