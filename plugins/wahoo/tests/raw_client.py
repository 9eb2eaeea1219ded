"""A bare client of Wahoo's API."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msgspec

from hub_core.sandbox import CLIENT_ID, CLIENT_SECRET
from hub_core.sandbox.server import SandboxServer
from hub_core.testing.harness import give_consent
from hub_wahoo.sandbox import SCOPES, WahooSandbox

REDIRECT = "http://localhost/back"


PLAN: dict[str, Any] = {
    "header": {
        "name": "Over-unders",
        "version": "1.0.0",
        "description": "3 sets",
        "workout_type_family": 0,
        "workout_type_location": 0,
        "ftp": 262,
        "duration_s": 1440,
    },
    "intervals": [
        {
            "exit_trigger_type": "repeat",
            "exit_trigger_value": 2,
            "intervals": [
                {
                    "name": "On",
                    "exit_trigger_type": "time",
                    "exit_trigger_value": 480,
                    "intensity_type": "active",
                    "targets": [{"type": "ftp", "low": 0.88, "high": 0.93}],
                }
            ],
        }
    ],
}


class Wahoo:
    """A raw client of a running sandbox."""

    def __init__(self, server: SandboxServer) -> None:
        assert isinstance(server.sandbox, WahooSandbox)
        self.sandbox = server.sandbox
        self.origin = server.origin
        self.http = httpx.AsyncClient(base_url=server.origin)

    async def code(self, scopes: tuple[str, ...] = SCOPES, **fields: str) -> str:
        query = {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": " ".join(scopes),
        }
        url = f"{self.origin}/oauth/authorize?{urlencode(query | fields)}"
        return parse_qs(urlsplit(await give_consent(url)).query)["code"][0]

    async def token(self, **fields: str) -> httpx.Response:
        client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return await self.http.post("/oauth/token", data=client | fields)

    async def connect(self, scopes: tuple[str, ...] = SCOPES) -> dict[str, Any]:
        answer = await self.token(
            grant_type="authorization_code", code=await self.code(scopes), redirect_uri=REDIRECT
        )
        assert answer.status_code == 200, answer.text
        self.use(answer.json())
        return answer.json()

    def use(self, tokens: dict[str, Any]) -> None:
        self.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    async def post_plan(self, document: Any = PLAN, **fields: str | None) -> httpx.Response:
        form = {
            "plan[file]": data_uri(document),
            "plan[external_id]": "hub-wk-1",
            "plan[provider_updated_at]": "2026-11-01T08:00:00.750Z",
        } | {f"plan[{name}]": value for name, value in fields.items()}
        return await self.http.post("/v1/plans", data={k: v for k, v in form.items() if v is not None})

    async def post_workout(self, **fields: Any) -> httpx.Response:
        tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
        form = {
            "name": "Over-unders",
            "workout_token": "hub-wk-1",
            "workout_type_id": 12,
            "starts": tomorrow.isoformat(),
            "minutes": 24,
        } | fields
        data = {f"workout[{name}]": str(value) for name, value in form.items() if value is not None}
        return await self.http.post("/v1/workouts", data=data)


def data_uri(document: Any) -> str:
    return "data:application/json;base64," + base64.b64encode(msgspec.json.encode(document)).decode()
