"""The intervals.icu API over HTTP: one method for each endpoint, typed in and out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from hub_core.sdk import Misconfigured, ProviderError, ProviderHttp, RetryLater, retry_after_s
from hub_intervals.schemas import AthleteProfile, Event, Stream

#: `0` stands for the owner of the credential in every path. [intervals.icu API, OpenAPI document]
_ATHLETE = "/api/v1/athlete/0"
_SHORT_WINDOW_S = 15 * 60


@dataclass(frozen=True)
class IntervalsClient:
    """One athlete's view of the API."""

    http: ProviderHttp

    async def create_event(self, body: dict[str, Any]) -> Event:
        """A new event, even if one with the same `external_id` exists."""
        return await self._send("POST", f"{_ATHLETE}/events", Event, json=body)

    async def upsert_event(self, body: dict[str, Any]) -> Event:
        """The event that this OAuth app made with this `external_id`, or a new one."""
        path = f"{_ATHLETE}/events/bulk"
        events = await self._send(
            "POST", path, list[Event], json=[body], params={"upsert": "true"}, repeatable=True
        )
        if len(events) != 1:
            raise RetryLater(
                f"{self.http.provider}: POST {path} answered with {len(events)} events for one",
                outcome_unknown=True,
                repeatable=True,
            )
        return events[0]

    async def update_event(self, event_id: str, body: dict[str, Any]) -> Event:
        """Change the keys of `body`. Raises `NotFound` when the event is gone."""
        return await self._send("PUT", _event(event_id), Event, json=body)

    async def get_event(self, event_id: str) -> dict[str, Any]:
        """One event with all of its fields. Raises `NotFound` when it is gone."""
        return await self._send("GET", _event(event_id), dict[str, Any])

    async def delete_event(self, event_id: str) -> None:
        """Remove one event. Raises `NotFound` when it is gone."""
        await self._request("DELETE", _event(event_id))

    async def list_workouts(self, day: dt.date) -> list[Event]:
        """The planned workouts of one day; there is no filter by `external_id`."""
        # `newest` is inclusive.
        params = {"oldest": day.isoformat(), "newest": day.isoformat(), "category": "WORKOUT"}
        return await self._send("GET", f"{_ATHLETE}/events", list[Event], params=params)

    async def list_activities(self, oldest: dt.date, newest: dt.date) -> list[dict[str, Any]]:
        """The activities of some local days, both ends included, newest first."""
        params = {"oldest": oldest.isoformat(), "newest": newest.isoformat()}
        return await self._send("GET", f"{_ATHLETE}/activities", list[dict[str, Any]], params=params)

    async def get_activity(self, activity_id: str) -> dict[str, Any]:
        """One activity. Raises `NotFound` when it is gone."""
        return await self._send("GET", _activity(activity_id), dict[str, Any])

    async def get_streams(self, activity_id: str, types: tuple[str, ...]) -> list[Stream]:
        """The series of an activity; none for one that has none (404)."""
        path, params = f"{_activity(activity_id)}/streams", {"types": ",".join(types)}
        response = await self._request("GET", path, params=params, allow={404})
        return self.http.decode(response, list[Stream]) if response.is_success else []

    async def list_wellness(self, oldest: dt.date, newest: dt.date) -> list[dict[str, Any]]:
        """What is known of some days, both ends included."""
        params = {"oldest": oldest.isoformat(), "newest": newest.isoformat()}
        return await self._send("GET", f"{_ATHLETE}/wellness", list[dict[str, Any]], params=params)

    async def get_athlete(self) -> AthleteProfile:
        """Whose credential this is."""
        return await self._send("GET", _ATHLETE, AthleteProfile)

    async def disconnect_app(self) -> None:
        """End the token. A 401 says that it is dead already."""
        await self._request("DELETE", "/api/v1/disconnect-app", allow={401})

    async def _send[T](self, method: str, path: str, kind: type[T], **fields: Any) -> T:
        return self.http.decode(await self._request(method, path, **fields), kind)

    async def _request(self, method: str, path: str, **fields: Any) -> httpx.Response:
        return await self.http.request(method, path, classify=self._classify, **fields)

    def _classify(self, response: httpx.Response) -> ProviderError | None:
        """The two answers that mean something else here than elsewhere."""
        if response.status_code == 404 and _is_unknown_path(response):
            return Misconfigured(f"{self.http.explain(response)}; check HUB_INTERVALS_API_URL")
        if response.status_code == 429:
            wait_s = retry_after_s(response)
            if wait_s is None:
                wait_s = _wait_s(response, dt.datetime.now(dt.UTC))
            return RetryLater(self.http.explain(response), after_s=wait_s)
        return None


def _event(event_id: str) -> str:
    return f"{_ATHLETE}/events/{quote(event_id, safe='')}"


def _activity(activity_id: str) -> str:
    return f"/api/v1/activity/{quote(activity_id, safe='')}"


def _is_unknown_path(response: httpx.Response) -> bool:
    """Whether a 404 is the web framework's, which names the path, and not the application's.

    Taken for a missing event it would let a wrong base URL count as a successful withdrawal.
    """
    try:
        answer = msgspec.json.decode(response.content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(answer, dict) and "path" in answer and "timestamp" in answer


def _wait_s(response: httpx.Response, now: dt.datetime) -> float | None:
    """Seconds to wait after a 429 without `Retry-After`; None when nothing tells.

    `x-ratelimit-remaining: 2499,7981` counts for 15 minutes and for the day, which ends at 00:00 UTC. The
    limit for each IP address (about 10/s) answers without these headers.
    """
    short, _, daily = response.headers.get("x-ratelimit-remaining", "").partition(",")
    if daily.strip().lstrip("-").isdigit() and int(daily) <= 0:
        midnight = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), dt.UTC)
        return (midnight - now).total_seconds()
    if short.strip().lstrip("-").isdigit() and int(short) <= 0:
        return float(_SHORT_WINDOW_S)
    return None
