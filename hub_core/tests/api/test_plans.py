"""Plans over the API: looked at freely, saved on request."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from hub_core.api.plans import PlanView

TODAY = dt.datetime.now(dt.UTC).date()
URL = "/plans/periodize"


def request(weeks: int = 12, **fields: Any) -> dict[str, Any]:
    race = {"date": (TODAY + dt.timedelta(days=7 * weeks - 1)).isoformat(), "distance_m": 21_097}
    return {"race": race, "weekly_hours": 6, "ctl": 35} | fields


def test_a_plan_is_looked_at_and_nothing_is_saved(person: Any) -> None:
    view = msgspec.convert(person.post(URL, json=request()), PlanView)
    assert view.plan is not None
    assert (view.no_plan, view.workout_ids) == (None, ())
    assert len(view.plan.weeks) == 12
    assert view.plan.weeks[0].start == TODAY
    # In percent of what the athlete's thresholds are.
    step: Any = view.plan.sessions[0].workout.steps[0]
    assert step.target.of == "threshold_pace"
    everything = {"from": TODAY.isoformat(), "to": (TODAY + dt.timedelta(days=90)).isoformat()}
    assert person.get("/workouts", params=everything) == []


def test_a_plan_is_saved_on_request_and_every_session_is_wanted_at_the_watch(connected: Any) -> None:
    view = msgspec.convert(connected.post(f"{URL}?save=true", json=request(weeks=7)), PlanView)
    assert view.plan is not None
    assert len(view.workout_ids) == len(view.plan.sessions)
    everything = {"from": TODAY.isoformat(), "to": (TODAY + dt.timedelta(days=60)).isoformat()}
    rows = connected.get("/workouts", params=everything)
    assert [row["id"] for row in rows] == list(view.workout_ids)
    assert {row["exports"][0]["provider"] for row in rows} == {"garmin"}
    assert rows[0]["workout"]["name"] == view.plan.sessions[0].workout.name


def test_too_little_time_is_an_answer_and_saves_nothing(person: Any) -> None:
    answer = person.post(f"{URL}?save=true", json=request(weeks=3))
    assert answer["plan"] is None
    assert answer["workout_ids"] == []
    assert answer["no_plan"]["missing"] == "time"
    assert dt.date.fromisoformat(answer["no_plan"]["earliest_date"]) > TODAY


def save_race(person: Any, **fields: Any) -> str:
    date = (TODAY + dt.timedelta(days=90)).isoformat()
    race = {"external_id": "", "event": "River Run", "date": date, "sport": "run", "distance_m": 10_000}
    return str(person.post("/races", json={"race": race | fields})["id"])


def test_a_race_of_the_calendar_is_planned(person: Any) -> None:
    body = {"race_id": save_race(person), "weekly_hours": 5, "ctl": 30}
    view = msgspec.convert(person.post(URL, json=body), PlanView)
    assert view.plan is not None
    assert (view.plan.race.name, view.plan.race.distance_m) == ("River Run", 10_000)
    assert view.plan.weeks[-1].end == TODAY + dt.timedelta(days=90)


@pytest.mark.parametrize(
    ("race", "words"),
    [
        ({"status": "cancelled"}, "is cancelled"),
        ({"distance_m": None}, "distance"),
        ({"sport": "row"}, "a run or a ride"),
    ],
    ids=str,
)
def test_a_race_that_cant_be_planned_says_why(person: Any, race: dict[str, Any], words: str) -> None:
    answer = person.request("POST", URL, json={"race_id": save_race(person, **race), "weekly_hours": 5})
    assert answer.status_code == 422
    assert answer.json()["path"] == "race_id"
    assert words in answer.json()["detail"]


def test_a_race_of_nobody_is_not_found(person: Any) -> None:
    body = {"race_id": "race_of_somebody_else", "weekly_hours": 5}
    assert person.request("POST", URL, json=body).status_code == 404


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"weekly_hours": 0}, "weekly_hours"),
        ({"max_ramp": 20}, "max_ramp"),
        ({"race": {"date": "2020-01-01", "distance_m": 10_000}}, "race.date"),
        ({"race": {"date": "2030-01-01", "distance_m": 10}}, "race.distance_m"),
        ({"race": {"date": "2030-01-01", "distance_m": 10_000, "discipline": "chess"}}, "race.discipline"),
        ({"hours": 5}, "hours"),
        ({"race": None}, "race"),
        ({"race_id": "both"}, "race"),
    ],
    ids=str,
)
def test_bad_input_names_the_field(person: Any, fields: dict[str, Any], path: str) -> None:
    answer = person.request("POST", URL, json=request(**fields))
    assert answer.status_code == 422
    assert answer.json()["path"] == path
