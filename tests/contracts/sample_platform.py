"""A training platform that uses the hub: the consumer of the platforms' API, as far as the contract goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .sample_caller import SampleCaller


class Athlete(msgspec.Struct):
    """One of the platform's athletes."""

    id: str
    external_id: str
    thresholds: dict[str, Any] = {}
    primary_provider: str | None = None
    export_to: str = "primary"


class Connection(msgspec.Struct):
    """An athlete's link to a provider."""

    provider: str
    status: str
    reason: str = ""
    is_primary: bool = False


class Attempt(msgspec.Struct):
    """One try of an export."""

    number: int
    outcome: str


class Export(msgspec.Struct):
    """Where a workout stands at a provider, and why."""

    id: str
    provider: str | None
    status: str
    reason_code: str = ""
    reason: str = ""
    external_ids: dict[str, str] = {}
    attempts: list[Attempt] = []


class Workout(msgspec.Struct):
    """A saved workout."""

    id: str
    revision: int
    workout: dict[str, Any]
    exports: list[Export] = []


class Loss(msgspec.Struct):
    """What doesn't survive, and what would."""

    feature: str
    level: str
    reason: str
    becomes: str = ""
    suggestion: str = ""


class StepReport(msgspec.Struct):
    """What survives of one step."""

    path: str
    label: str
    level: str
    losses: list[Loss]


class Report(msgspec.Struct):
    """What survives of a workout at one provider."""

    provider: str
    level: str
    steps: list[StepReport] = []


class Provider(msgspec.Struct):
    """Where athletes can send workouts."""

    name: str
    is_loaded: bool
    is_configured: bool


class SamplePlatform(SampleCaller):
    """One method for each thing that the platform wants of the hub."""

    # -- athletes -----------------------------------------------------------------------------------------

    def create_athlete(self, external_id: str, thresholds: Mapping[str, float]) -> Athlete:
        body = {"external_id": external_id, "thresholds": thresholds}
        return self._call("POST", "/athletes", Athlete, json=body)

    def list_athletes(self) -> list[Athlete]:
        return self._call("GET", "/athletes", list[Athlete])

    def read_athlete(self, athlete: str) -> Athlete:
        return self._call("GET", f"/athletes/{athlete}", Athlete)

    def change_athlete(self, athlete: str, **change: Any) -> Athlete:
        return self._call("PATCH", f"/athletes/{athlete}", Athlete, json=change)

    # -- connections --------------------------------------------------------------------------------------

    def connect_link(self, athlete: str, provider: str, return_url: str) -> str:
        """Where the athlete's browser goes to consent."""
        path = f"/athletes/{athlete}/connections/{provider}/authorize"
        answer = self._call("POST", path, dict[str, str], json={"return_url": return_url})
        return answer["authorize_url"]

    def connect_by_key(self, athlete: str, provider: str, api_key: str) -> list[Connection]:
        path = f"/athletes/{athlete}/connections/{provider}/api-key"
        return self._call("PUT", path, list[Connection], json={"api_key": api_key})

    def list_connections(self, athlete: str) -> list[Connection]:
        return self._call("GET", f"/athletes/{athlete}/connections", list[Connection])

    def choose_primary(self, athlete: str, provider: str) -> None:
        self._request("PUT", f"/athletes/{athlete}/connections/{provider}/primary")

    def disconnect(self, athlete: str, provider: str) -> bool:
        """Whether the provider has been told."""
        answer = self._call("DELETE", f"/athletes/{athlete}/connections/{provider}", dict[str, Any])
        return bool(answer["revoked"])

    # -- workouts -----------------------------------------------------------------------------------------

    def save_workout(self, athlete: str, workout: dict[str, Any]) -> Workout:
        return self._call("POST", f"/athletes/{athlete}/workouts", Workout, json=workout)

    def list_workouts(self, athlete: str, start: str, end: str) -> list[Workout]:
        path = f"/athletes/{athlete}/workouts"
        return self._call("GET", path, list[Workout], params={"from": start, "to": end})

    def read_workout(self, athlete: str, workout: str) -> Workout:
        return self._call("GET", f"/athletes/{athlete}/workouts/{workout}", Workout)

    def change_workout(self, athlete: str, workout: str, **change: Any) -> Workout:
        return self._call("PATCH", f"/athletes/{athlete}/workouts/{workout}", Workout, json=change)

    def delete_workout(self, athlete: str, workout: str) -> None:
        self._request("DELETE", f"/athletes/{athlete}/workouts/{workout}")

    def preflight(self, athlete: str, workout: dict[str, Any], providers: str) -> list[Report]:
        path = f"/athletes/{athlete}/preflight"
        return self._call("POST", path, list[Report], json=workout, params={"provider": providers})

    def preflight_saved(self, athlete: str, workout: str) -> list[Report]:
        """At every provider that is connected."""
        return self._call("GET", f"/athletes/{athlete}/workouts/{workout}/preflight", list[Report])

    # -- exports ------------------------------------------------------------------------------------------

    def list_exports(self, athlete: str, status: str = "") -> list[Export]:
        params = {"status": status} if status else {}
        return self._call("GET", f"/athletes/{athlete}/exports", list[Export], params=params)

    def read_export(self, athlete: str, export: str) -> Export:
        return self._call("GET", f"/athletes/{athlete}/exports/{export}", Export)

    def retry_export(self, athlete: str, export: str) -> Export:
        return self._call("POST", f"/athletes/{athlete}/exports/{export}/retry", Export)

    # -- the hub ------------------------------------------------------------------------------------------

    def list_providers(self) -> list[Provider]:
        return self._call("GET", "/providers", list[Provider])

    def is_healthy(self) -> bool:
        return bool(self._call("GET", "/health", dict[str, Any])["status"] == "ok")
