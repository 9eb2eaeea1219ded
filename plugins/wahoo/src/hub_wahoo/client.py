"""How the hub talks to Wahoo's cloud: one method for each endpoint, and what its refusals mean."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from hub_core.sdk import (
    ProviderError,
    ProviderHttp,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    retry_after_s,
)
from hub_wahoo.schemas import Plan, PlanForm, User, Workout, WorkoutForm, WorkoutPage

#: Without a word from Wahoo: its shortest window, five minutes. [Wahoo docs, rate limits]
DEFAULT_WAIT_S = 300.0
LONGEST_WAIT_S = 86_400.0  # its longest window
PAGE_SIZE = 100
_GONE = frozenset({404, 410})
#: Where the text of a refusal has been seen; the shape of error bodies is not documented.
_MESSAGE_KEYS = ("error", "message", "detail", "error_description", "errors")


@dataclass(frozen=True)
class WahooClient:
    """Wahoo's Cloud API for one athlete."""

    http: ProviderHttp

    async def get_user(self) -> User:
        """Whose token this is."""
        return self._decode(await self._send("GET", "/v1/user"), User)

    async def find_plans(self, external_id: str) -> list[Plan]:
        """The plans with our external id. Deleted ones may be listed, with their flag set."""
        response = await self._send("GET", "/v1/plans", params={"external_id": external_id})
        return self._decode(response, list[Plan])

    async def get_plan(self, plan_id: str) -> Plan:
        """One plan of this app; `NotFound` for any other."""
        return self._decode(await self._send("GET", _plan(plan_id)), Plan)

    async def get_plan_file(self, url: str) -> dict[str, Any]:
        """A plan's file, from the address that the plan names: public, and so without the token."""
        headers = {"Cache-Control": "no-cache"}  # the file of the plan before this one is no answer
        response = await self.http.request("GET", url, headers=headers, authorize=False)
        return self._decode(response, dict[str, Any])

    async def create_plan(self, form: PlanForm) -> Plan:
        """A new plan. Not idempotent: the same external id can be created twice."""
        fields = {**_plan_fields(form), "plan[external_id]": form.external_id}
        return self._decode(await self._send("POST", "/v1/plans", form=fields), Plan)

    async def update_plan(self, plan_id: str, form: PlanForm) -> Plan:
        """Replace a plan's file. The external id can't be changed, and isn't sent. [Wahoo docs, plans]"""
        response = await self._send("PUT", _plan(plan_id), form=_plan_fields(form))
        return self._decode(response, Plan)

    async def delete_plan(self, plan_id: str) -> None:
        """Remove a plan; its workouts stay, without their link. One that is gone is fine."""
        await self._send("DELETE", _plan(plan_id), allow=_GONE)

    async def list_workouts(self, page: int) -> WorkoutPage[Workout]:
        """One page of workouts, counted from 1, newest start first, so planned ones come first."""
        params = {"page": page, "per_page": PAGE_SIZE}
        return self._decode(await self._send("GET", "/v1/workouts", params=params), WorkoutPage[Workout])

    async def list_done(self, page: int) -> WorkoutPage[dict[str, Any]]:
        """The same page with all that Wahoo tells, the summary of what was done among it."""
        params = {"page": page, "per_page": PAGE_SIZE}
        return self._decode(
            await self._send("GET", "/v1/workouts", params=params), WorkoutPage[dict[str, Any]]
        )

    async def get_workout(self, workout_id: str) -> Workout:
        """One workout."""
        return self._decode(await self._send("GET", _workout(workout_id)), Workout)

    async def create_workout(self, form: WorkoutForm) -> Workout:
        """A new workout. Not idempotent: the workout token does not prevent a second one."""
        response = await self._send("POST", "/v1/workouts", form=_workout_fields(form))
        return self._decode(response, Workout)

    async def update_workout(self, workout_id: str, form: WorkoutForm) -> Workout:
        """Replace a workout's fields."""
        response = await self._send("PUT", _workout(workout_id), form=_workout_fields(form))
        return self._decode(response, Workout)

    async def delete_workout(self, workout_id: str) -> None:
        """Remove a workout. One that is gone is fine."""
        await self._send("DELETE", _workout(workout_id), allow=_GONE)

    async def delete_permissions(self) -> None:
        """End the athlete's consent, and with it all tokens. A dead token means that it ended already."""
        await self._send("DELETE", "/v1/permissions", allow={401})

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self.http.request(method, path, classify=self._classify, **options)

    def _decode[T](self, response: httpx.Response, kind: type[T]) -> T:
        return self.http.decode(response, kind)

    def _classify(self, response: httpx.Response) -> ProviderError | None:
        """Wahoo's own statuses. [Wahoo docs, errors and rate limits]"""
        if response.status_code == 429:
            return RetryLater(self.http.explain(response), after_s=rate_limit_reset_s(response))
        if response.status_code == 403:
            return ReconnectNeeded(
                f"{self.http.explain(response)}; connect again and allow everything that is asked for "
                "(or Wahoo has not approved the app for this yet)"
            )
        if response.status_code == 422:
            reason = self.http.redact(find_message(response.content))
            return Rejected(f"wahoo: {reason}" if reason else self.http.explain(response))
        return None


def _plan(plan_id: str) -> str:
    return f"/v1/plans/{quote(plan_id, safe='')}"


def _workout(workout_id: str) -> str:
    return f"/v1/workouts/{quote(workout_id, safe='')}"


def _plan_fields(form: PlanForm) -> dict[str, str]:
    # A data URI: bare base64 is accepted, but the plan then has no file. The form encoding takes care
    # of the + and / in it. [trails.cool, on the sister field route[file]]
    data = base64.b64encode(form.document).decode()
    return {
        "plan[file]": f"data:application/json;base64,{data}",
        "plan[filename]": f"{form.external_id}.json",
        "plan[provider_updated_at]": form.updated_at,
    }


def _workout_fields(form: WorkoutForm) -> dict[str, str]:
    return {f"workout[{name}]": str(value) for name, value in msgspec.structs.asdict(form).items()}


def rate_limit_reset_s(response: httpx.Response) -> float:
    """Seconds to wait after a 429: the longest of `X-RateLimit-Reset`, which may list several windows."""
    parts = response.headers.get("x-ratelimit-reset", "").split(",")
    waits = [float(part) for part in parts if part.strip().replace(".", "", 1).isdecimal()]
    longest = min(max(waits, default=0.0), LONGEST_WAIT_S)
    return longest if longest > 0 else (retry_after_s(response) or DEFAULT_WAIT_S)


def find_message(body: bytes) -> str:
    """What a refusal says, wherever in the body it says it; empty when it can't be told."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return "; ".join(_texts(answer))[:500]


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value] if value.strip() else []
        case list():
            return [text for part in value for text in _texts(part)]
        case dict():
            known = [value[key] for key in _MESSAGE_KEYS if key in value]
            if known:
                return [text for part in known for text in _texts(part)]
            return [f"{key}: {text}" for key, part in value.items() for text in _texts(part)]
    return []
