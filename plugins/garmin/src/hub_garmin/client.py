"""How Garmin is talked to: one method for each endpoint, vendor payloads in and out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import httpx

from hub_core.sdk import (
    ProviderError,
    ProviderHttp,
    ReconnectNeeded,
    RetryLater,
    TokenExpired,
    retry_after_s,
)
from hub_garmin.schemas import PermissionsAnswer, ScheduleAnswer, UserIdAnswer, WorkoutAnswer

WORKOUT_IMPORT, HISTORY = "WORKOUT_IMPORT", "HISTORICAL_DATA_EXPORT"
_GONE = frozenset({404, 410})
# Workouts are created at one place and then live at another [Training API V2].
_CREATE_WORKOUT = "workoutportal/workout/v2"
_WORKOUT = "training-api/workout/v2"
_SCHEDULE = "training-api/schedule"
_BACKFILL = "wellness-api/rest/backfill"


class GarminClient:
    """Garmin's Training API V2 and user endpoints for one athlete."""

    def __init__(self, http: ProviderHttp, user_api_url: str) -> None:
        self._http = http
        self._user = f"{user_api_url.rstrip('/')}/rest/user"

    async def create_workout(self, workout: Mapping[str, Any]) -> WorkoutAnswer:
        """Store a workout in the athlete's library; that alone puts nothing on the calendar."""
        response = await self._call("POST", _CREATE_WORKOUT, json=workout)
        return self._http.decode(response, WorkoutAnswer)

    async def get_workout(self, workout_id: int) -> dict[str, Any] | None:
        """The stored workout, None when it is gone."""
        response = await self._call("GET", f"{_WORKOUT}/{workout_id}", allow=_GONE)
        return self._body(response)

    async def get_owner_id(self, workout_id: int) -> int | None:
        """Whose workout it is, by Garmin's own number."""
        response = await self._call("GET", f"{_WORKOUT}/{workout_id}")
        return self._http.decode(response, WorkoutAnswer).owner_id

    async def update_workout(self, workout_id: int, workout: Mapping[str, Any]) -> None:
        """Replace a workout; the body is the whole of it, with `workoutId` and `ownerId` as numbers.

        The answer is 200 with the workout or 204 without. Raises `NotFound` when it is gone.
        """
        await self._call("PUT", f"{_WORKOUT}/{workout_id}", json=workout)

    async def delete_workout(self, workout_id: int) -> None:
        """Remove a workout; one that is gone already is fine."""
        await self._call("DELETE", f"{_WORKOUT}/{workout_id}", allow=_GONE)

    async def create_schedule(self, workout_id: int, date: dt.date) -> int | None:
        """Put a workout on a date. The id of the schedule, or None: Garmin may answer 204 and tell none."""
        body = {"workoutId": workout_id, "date": date.isoformat()}
        # The slash at the end is part of the address, for this call only.
        response = await self._call("POST", f"{_SCHEDULE}/", json=body)
        return self._http.decode(response, ScheduleAnswer).id if response.content else None

    async def get_schedule(self, schedule_id: int) -> dict[str, Any] | None:
        """The schedule, None when it is gone."""
        return self._body(await self._call("GET", f"{_SCHEDULE}/{schedule_id}", allow=_GONE))

    async def find_schedule(self, workout_id: int, date: dt.date) -> int | None:
        """The schedule of a workout on a date, by the list of that day; None when there is none."""
        day = date.isoformat()
        response = await self._call("GET", _SCHEDULE, params={"startDate": day, "endDate": day})
        schedules = self._http.decode(response, list[ScheduleAnswer])
        return next((one.id for one in schedules if one.workout_id == workout_id), None)

    async def update_schedule(self, schedule_id: int, workout_id: int, date: dt.date) -> None:
        """Move a schedule to a date. Raises `NotFound` when it is gone."""
        body = {"scheduleId": schedule_id, "workoutId": workout_id, "date": date.isoformat()}
        await self._call("PUT", f"{_SCHEDULE}/{schedule_id}", json=body)

    async def delete_schedule(self, schedule_id: int) -> None:
        """Take a workout off its date; a schedule that is gone already is fine."""
        await self._call("DELETE", f"{_SCHEDULE}/{schedule_id}", allow=_GONE)

    async def get_user_id(self) -> str:
        """Garmin's id of the athlete: an opaque string of up to 64 characters."""
        return self._http.decode(await self._call("GET", f"{self._user}/id"), UserIdAnswer).user_id

    async def get_permissions(self) -> PermissionsAnswer:
        """What the athlete has ticked on the consent page."""
        response = await self._call("GET", f"{self._user}/permissions")
        # mypy takes no union where a class is asked for; msgspec does.
        answer: PermissionsAnswer = self._http.decode(response, PermissionsAnswer)  # type: ignore[arg-type]
        return answer

    async def request_backfill(self, kind: str, start_s: int, end_s: int) -> bool:
        """Have records of a span sent again as webhooks: of when they were made, in epoch seconds.

        409 says that this was asked for before, and is as good. False (412) when the athlete doesn't share
        this kind. Raises `Rejected` for a span that begins too early.
        """
        params = {"summaryStartTimeInSeconds": str(start_s), "summaryEndTimeInSeconds": str(end_s)}
        path = f"{_BACKFILL}/{kind}"
        try:
            response = await self._call("GET", path, params=params, allow={409, 412})
        except TokenExpired:
            raise
        except ReconnectNeeded as error:
            # Its box isn't ticked when the consent page opens.
            raise ReconnectNeeded(
                f"{error}; the athlete must connect Garmin again and tick {HISTORY}"
            ) from error
        return response.status_code != 412

    async def delete_registration(self) -> None:
        """End the athlete's registration. 403 and 404 mean that Garmin knows of none any more."""
        await self._call("DELETE", f"{self._user}/registration", allow={403, *_GONE})

    async def _call(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        allow: frozenset[int] | set[int] = frozenset(),
    ) -> httpx.Response:
        return await self._http.request(
            method, url, json=json, params=params, allow=allow, classify=self._classify
        )

    def _body(self, response: httpx.Response) -> dict[str, Any] | None:
        return self._http.decode(response, dict[str, Any]) if response.is_success else None

    def _classify(self, response: httpx.Response) -> ProviderError | None:
        """The statuses that mean something else at Garmin than the general rules say."""
        text = self._http.explain(response)
        if response.status_code == 412:
            # The token is fine, the permission isn't granted: no retry before the athlete ticks it.
            return ReconnectNeeded(
                f"{text}; the athlete must connect Garmin again and leave {WORKOUT_IMPORT} ticked"
            )
        if 400 <= response.status_code < 500 and "token is not active" in response.text.lower():
            # What the API says about an expired access token, whatever the status [seen in live logs].
            return TokenExpired(text)
        if response.status_code == 503:
            # Said by who could not handle the request (RFC 9110, 15.6.4). Every other 5xx to a create leaves
            # a question that only a person can answer.
            return RetryLater(text, after_s=retry_after_s(response))
        return None
