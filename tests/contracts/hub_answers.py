"""What callers send to the hub and read in its answers, for the tests of `test_hub_<caller>.py`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pact import match
from pact.match.matcher import AbstractMatcher

from .contract import Exchange, Matched, at, injected
from .hub_states import WORKOUT
from .plugin_contract import DATE
from .sample_caller import ProblemError

KEY = "hub_key-1"
ASKING = {"Authorization": injected(f"Bearer {KEY}", "Bearer ${key}")}
ATHLETE_ID, WORKOUT_ID, EXPORT_ID = "ath_1", "wk_1", "exp_1"
DAY = DATE.isoformat()

ATHLETE = {
    "id": match.regex(ATHLETE_ID, regex="ath_.+"),
    "external_id": match.str("runner-1"),
    "thresholds": {},
    "primary_provider": None,
    "export_to": match.regex("all", regex="primary|all"),
}
SENT = {
    "id": match.regex(EXPORT_ID, regex="exp_.+"),
    "provider": "garmin",
    "status": "SENT",
    "reason_code": "sent",
    "reason": match.str("Sent to Garmin Connect."),
    "external_ids": {"workout_id": match.str("70001"), "schedule_id": match.str("80001")},
}
NOT_CONNECTED = {
    "id": match.regex(EXPORT_ID, regex="exp_.+"),
    "provider": None,
    "status": "NOT_CONNECTED",
    "reason_code": match.str("no_provider"),
    "reason": match.str("No provider is connected."),
}


def under(path: str = "") -> AbstractMatcher[Any]:
    """A path below the athlete's."""
    ids = {"athlete_id": ATHLETE_ID, "workout_id": WORKOUT_ID, "export_id": EXPORT_ID}
    return at(f"/v1/athletes/{{athlete_id}}{path}", **ids)


def saved(*exports: dict[str, Any], revision: int = 1, name: str = WORKOUT["name"]) -> dict[str, Any]:
    """A workout as it comes back."""
    return {
        "id": match.regex(WORKOUT_ID, regex="wk_.+"),
        "revision": revision,
        "workout": {"name": name, "sport": "ride", "date": DAY, "steps": numbers(WORKOUT["steps"])},
        "exports": list(exports),
    }


def numbers(value: Any) -> Any:
    """The same data, whether numbers come as 600 or as 600.0."""
    if isinstance(value, dict):
        return {name: numbers(part) for name, part in value.items()}
    if isinstance(value, list):
        return [numbers(part) for part in value]
    return match.number(value) if isinstance(value, int | float) else value


def refuse(exchange: Exchange, status: int, code: str, detail: Matched, path: str = "") -> None:
    """Answer with a problem, which names the place in the input if there is one."""
    told = {
        "type": f"urn:hub:problem:{code}",
        "title": match.str("Title"),
        "status": status,
        "detail": detail,
    }
    exchange.gets(status, {**told, "path": path} if path else told, content_type="application/problem+json")


@contextmanager
def refused(status: int, code: str, path: str = "") -> Iterator[None]:
    """The caller reads a problem that says this."""
    with pytest.raises(ProblemError) as problem:
        yield
    assert (problem.value.status, problem.value.type) == (status, f"urn:hub:problem:{code}")
    assert problem.value.path == path
