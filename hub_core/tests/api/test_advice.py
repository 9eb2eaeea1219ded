"""Availability, the week's advice, notes, scores and meals over the API: the same facts, the same answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub_core.domain.records import DailyHealth, NutritionDay, Records
from hub_core.domain.series import Series
from hub_core.domain.sport import Sport
from hub_core.domain.weather import HourlyConditions
from hub_core.sandbox import Fault, FaultKind
from hub_core.testing.statements import MORNING, activity

BERLIN = ZoneInfo("Europe/Berlin")
HOME = {"latitude": 52.5, "longitude": 13.4}
DAY = dt.timedelta(days=1)
MORNINGS = {
    day: {"afternoon": False, "evening": False}
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
}


@pytest.fixture
def tomorrow() -> dt.date:
    return dt.datetime.now(BERLIN).date() + DAY


@pytest.fixture(autouse=True)
def _forgotten(running: Any) -> Iterator[None]:
    yield
    running.rows("DELETE FROM weather_hour")
    running.sandboxes["weather"].sandbox.sky._set.clear()


@pytest.fixture
def runner(person: Any) -> Any:
    """A person in Berlin."""
    thresholds = {"threshold_speed_mps": 4.0, "ftp_w": 250, "max_hr_bpm": 190, "time_zone": "Europe/Berlin"}
    person.request("PATCH", json={"home": HOME, "thresholds": thresholds}).raise_for_status()
    return person


def run(date: dt.date, time: str | None = None, hours: float = 1, **fields: Any) -> dict[str, Any]:
    step = {"type": "step", "duration": {"type": "time", "duration_s": hours * 3600}}
    plan = {"name": "Run", "sport": "run", "date": date.isoformat(), "time": time, "steps": [step]}
    return plan | fields


def make_weather(running: Any, day: dt.date, celsius: float, humidity: float = 60) -> None:
    start = dt.datetime.combine(day, dt.time(), BERLIN).astimezone(dt.UTC)
    for number in range(24):
        hour = HourlyConditions(
            start + dt.timedelta(hours=number), celsius, humidity, wind_ms=2, radiation_wm2=0
        )
        running.sandboxes["weather"].sandbox.set_weather(hour)


def break_weather(running: Any) -> None:
    running.sandboxes["weather"].sandbox.faults.add(Fault(FaultKind.STATUS, value=503))


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("path", "")


def test_a_home_is_kept_and_forgotten(person: Any) -> None:
    assert person.get()["home"] is None
    person.request("PATCH", json={"home": HOME | {"name": "Berlin"}})
    person.request("PATCH", json={"name": "Anna"})
    assert person.get()["home"] == HOME | {"name": "Berlin"}
    assert problem(person.request("PATCH", json={"home": {"latitude": 91, "longitude": 0}})) == (
        422,
        "home.latitude",
    )
    person.request("PATCH", json={"home": None})
    assert person.get()["home"] is None


def test_availability_is_kept_as_said_and_replaced_as_a_whole(person: Any) -> None:
    assert person.get("/availability") == {"days": {}}
    said = {"days": {"monday": {"evening": False, "bike": False, "notes": "Choir"}}}
    kept = person.request("PUT", "/availability", json=said).json()
    assert kept == person.get("/availability")
    assert (
        kept["days"]["monday"] | {"morning": True, "evening": False, "notes": "Choir"}
        == kept["days"]["monday"]
    )
    person.request("PUT", "/availability", json={"days": {"friday": {"gym": False}}})
    assert list(person.get("/availability")["days"]) == ["friday"]


@pytest.mark.parametrize(
    ("days", "path", "words"),
    [
        ({"someday": {}}, "days", "someday"),
        ({"monday": {"noon": True}}, "days", "no such field"),
        ({"monday": {"notes": "a" * 2000}}, "days.monday.notes", "1000"),
        ({"monday": {"indoor_only": True, "outdoor_only": True}}, "days.monday", "leave nothing"),
    ],
)
def test_availability_that_makes_no_sense_names_the_place(
    person: Any, days: Any, path: str, words: str
) -> None:
    answer = person.request("PUT", "/availability", json={"days": days})
    assert answer.status_code == 422
    assert answer.json()["path"].startswith(path)
    assert words in answer.json()["detail"]
    assert person.get("/availability") == {"days": {}}


def test_a_workout_that_doesnt_fit_is_refused_with_times_that_do_unless_forced(
    runner: Any, tomorrow: dt.date
) -> None:
    days = {name: said | {"bike": False} for name, said in MORNINGS.items()}
    runner.request("PUT", "/availability", json={"days": days})
    refused = runner.request("POST", "/workouts", json=run(tomorrow, "18:00:00", hours=2))
    assert refused.status_code == 409
    body = refused.json()
    assert body["type"] == "urn:hub:problem:unavailable"
    assert [one["reason"] for one in body["conflicts"]] == ["other_time"]
    assert f"18:00 isn't within the time that there is on {tomorrow:%A}s" in body["detail"]
    first = dt.datetime.combine(tomorrow, dt.time(5), BERLIN)
    assert [dt.datetime.fromisoformat(slot["start"]) for slot in body["slots"]] == [
        first + number * DAY for number in range(5)
    ]
    assert runner.get("/workouts") == []

    ride = runner.request("POST", "/workouts", json=run(tomorrow, "07:00:00", sport="ride")).json()
    assert [one["reason"] for one in ride["conflicts"]] == ["no_bike"]
    assert "slots" not in ride  # on no day of the week there is a bike

    forced = runner.post("/workouts", params={"force": "true"}, json=run(tomorrow, "18:00:00"))
    assert [one["reason"] for one in forced["conflicts"]] == ["other_time"]
    path = f"/workouts/{forced['id']}"
    assert runner.request("PATCH", path, json={"name": "Other"}).json()["conflicts"] == forced["conflicts"]
    assert runner.request("PATCH", path, json={"time": "17:00:00"}).status_code == 409
    moved = runner.request("PATCH", path, json={"time": "06:00:00"}).json()
    assert (moved["conflicts"], moved["revision"]) == ([], 3)


def test_a_long_run_moves_out_of_the_heat_into_the_time_that_there_is(
    runner: Any, running: Any, tomorrow: dt.date
) -> None:
    hot = tomorrow + 2 * DAY
    for number in range(7):
        make_weather(running, tomorrow + number * DAY, 33 if number == 2 else 16)
    runner.request("PUT", "/availability", json={"days": MORNINGS})
    saved = runner.post("/workouts", params={"force": "true"}, json=run(hot, "14:00:00", hours=2))
    indoors = runner.post("/workouts", json=run(hot + 2 * DAY, sport="treadmill_run"))
    params = {"from": tomorrow.isoformat()}
    week = runner.get("/advice/week", params=params)
    advice, inside = week["workouts"]
    assert (inside["workout_id"], inside["move"], inside["slots"]) == (indoors["id"], None, [])
    assert [one["reason"] for one in advice["conflicts"]] == ["other_time"]
    assert not advice["planned"]["is_recommended"]
    assert advice["move"]["is_other_day"]
    assert advice["move"]["reason"].startswith("WBGT ")
    start = dt.datetime.fromisoformat(advice["move"]["to"]["start"])
    assert start.date() in (hot - DAY, hot + DAY)
    assert 5 <= start.hour <= 10
    # It holds what it rests on.
    assert advice["why"][0] == {"name": "WBGT"} | advice["why"][0]
    assert "ACSM" in advice["why"][0]["source"]
    assert len(week["hours"]) == 7 * 24
    assert "Open-Meteo" in week["attribution"][0]
    assert week["availability"]["days"].keys() == MORNINGS.keys()
    assert week["place"] == HOME

    # The same facts give the same answer, whoever is asked no more.
    asked = len(running.asked())
    break_weather(running)
    assert runner.get("/advice/week", params=params) == week
    assert len(running.asked()) == asked
    # Also when they are old and nobody tells newer ones; that is said then.
    running.rows("UPDATE weather_hour SET issued_ms = issued_ms - 7200000")
    late = runner.get("/advice/week", params=params)
    assert late["workouts"] == week["workouts"]
    assert [one["provider"] for one in late["failed"]] == ["weather"]

    def accept(start: dt.datetime | str) -> Any:
        body = {"workout_id": saved["id"], "start": str(start).replace(" ", "T")}
        return runner.request("POST", "/advice/week/moves", params=params, json=body)

    other = accept(start + dt.timedelta(hours=1))
    assert (other.status_code, start.isoformat() in other.json()["detail"]) == (409, True)
    assert problem(accept("2026-11-21T07:00:00")) == (422, "start")
    moved = accept(start).json()
    assert moved == {
        "workout_id": saved["id"],
        "revision": 2,
        "date": start.date().isoformat(),
        "time": f"{start:%H:%M:%S}",
    }
    view = runner.get(f"/workouts/{saved['id']}")
    assert (view["workout"]["date"], view["workout"]["time"]) == (moved["date"], moved["time"])
    assert view["conflicts"] == []
    again = accept(start)
    assert (again.status_code, "no move is advised" in again.json()["detail"]) == (409, True)


def test_without_any_weather_each_workout_says_so(runner: Any, running: Any, tomorrow: dt.date) -> None:
    runner.post("/workouts", json=run(tomorrow, "14:00:00"))
    break_weather(running)
    week = runner.get("/advice/week", params={"from": tomorrow.isoformat()})
    assert [one["note"] for one in week["workouts"]] == ["The weather of that day isn't known."]
    assert (week["hours"], week["failed"][0]["provider"]) == ([], "weather")


def test_a_week_needs_a_place_and_a_day_to_come(person: Any, tomorrow: dt.date) -> None:
    ask = lambda **params: problem(person.request("GET", "/advice/week", params=params))  # noqa: E731
    assert ask() == (422, "lat")
    assert ask(lat="52.5") == (422, "lon")
    assert ask(lat="152.5", lon="0") == (422, "lat")
    place = {"lat": "52.5", "lon": "13.4"}
    assert ask(**place, **{"from": (tomorrow - 3 * DAY).isoformat()}) == (422, "from")
    assert ask(**place, **{"from": (tomorrow + 30 * DAY).isoformat()}) == (422, "from")
    assert ask(**place)[0] == 200
    missing = person.request(
        "POST",
        "/advice/week/moves",
        params=place,
        json={"workout_id": "wk_none", "start": "2026-11-21T07:00:00Z"},
    )
    assert missing.status_code == 404


def test_a_note_before_a_hot_run_and_none_indoors(runner: Any, running: Any, tomorrow: dt.date) -> None:
    make_weather(running, tomorrow, 27, humidity=70)
    runner.observe("garmin", Records(daily=(DailyHealth(tomorrow - 9 * DAY, "d", weight_kg=60.0),)))
    planned = runner.post("/workouts", json=run(tomorrow, "14:30:00", hours=1.5))
    note = runner.get(f"/workouts/{planned['id']}/advice")
    assert note["note"]["heat"] == "risk_for_all"
    assert note["note"]["drink_before_ml"] == [300.0, 420.0]
    assert "Hot: slow down, and shorten it." in note["note"]["lines"]
    assert [dt.datetime.fromisoformat(one["time"]).astimezone(BERLIN).hour for one in note["hours"]] == [
        14,
        15,
    ]
    assert [fact["name"] for fact in note["why"]] == ["start", "weight"]
    assert runner.get(f"/workouts/{planned['id']}/advice") == note

    open_time = runner.post("/workouts", json=run(tomorrow))
    best = runner.get(f"/workouts/{open_time['id']}/advice")
    assert best["why"][0]["source"] == "the best hour of its day"
    inside = runner.post("/workouts", json=run(tomorrow, sport="treadmill_run"))
    told = runner.get(f"/workouts/{inside['id']}/advice")
    assert (told["note"], told["reason"]) == (None, "Indoors: the weather doesn't matter.")
    far = runner.post("/workouts", json=run(tomorrow + 60 * DAY))
    told = runner.get(f"/workouts/{far['id']}/advice")
    assert (told["note"], told["reason"]) == (None, "The weather of its time isn't known.")


def climb(grade: float) -> Series:
    """12 km in an hour, uphill, near Berlin."""
    times = range(0, 3601, 10)
    return Series.of(
        {
            "time_s": times,
            "distance_m": [12_000 * second / 3600 for second in times],
            "altitude_m": [12_000 * second / 3600 * grade for second in times],
            "latitude_deg": [None, *[48.1] * 360],
            "longitude_deg": [None, *[11.6] * 360],
        }
    )


def test_the_effort_of_a_run_takes_hills_and_weather_out(runner: Any, running: Any) -> None:
    make_weather(running, MORNING.date(), 24, humidity=60)
    runner.observe("garmin", Records(activities=(activity("up", series=climb(0.05)),)))
    runner.observe("garmin", Records(activities=(activity("flat", late_s=2 * 86_400),)))
    runner.observe("garmin", Records(activities=(activity("ride", late_s=86_400, sport=Sport.RIDE),)))
    span = {"from": MORNING.date().isoformat(), "to": (MORNING.date() + 3 * DAY).isoformat()}
    up, ride, flat = [one["id"] for one in runner.get("/activities", params=span)]
    told = runner.get(f"/activities/{up}/effort")
    effort = told["effort"]
    assert (effort["pace"], effort["is_grade_adjusted"], effort["is_weather_adjusted"]) == (300.0, True, True)
    # Minetti at 5 %: 4.685 J/kg/m where the level costs 3.6.
    assert effort["pace"] / effort["graded_pace"] == pytest.approx(4.685 / 3.6, abs=0.002)
    assert effort["neutral_pace"] < effort["graded_pace"]
    assert effort["intensity"] == pytest.approx(250 / effort["neutral_pace"], abs=0.001)
    assert effort["score"] == pytest.approx(100 * effort["intensity"] ** 2, abs=0.2)
    assert (told["place"], told["place_from"]) == ({"latitude": 48.1, "longitude": 11.6}, "series")
    assert told["weather"]["temperature_c"] == 24.0
    assert dt.datetime.fromisoformat(told["weather"]["time"]) == MORNING
    assert "Open-Meteo" in told["attribution"][0]
    break_weather(running)
    assert runner.get(f"/activities/{up}/effort") == told

    # Where nobody knows the course or the weather, the pace stays as it is, and that is said.
    plain = runner.get(f"/activities/{flat}/effort")
    assert (plain["place_from"], plain["weather"], plain["failed"][0]["provider"]) == (
        "home",
        None,
        "weather",
    )
    assert plain["effort"]["neutral_pace"] == plain["effort"]["pace"] == 300.0
    assert problem(runner.request("GET", f"/activities/{ride}/effort")) == (422, "activity_id")


def test_meals_are_checked_with_the_days_that_are_missing(runner: Any) -> None:
    first = MORNING.date()
    span = {"from": first.isoformat(), "to": (first + 6 * DAY).isoformat()}
    runs = tuple(activity(f"r{n}", late_s=n * 86_400, duration_s=5400.0, energy_kcal=900.0) for n in range(4))
    eaten = tuple(
        NutritionDay(first + n * DAY, f"n{n}", 0, 1600.0, 150.0, 60.0, 50.0) for n in (0, 1, 2, 4, 5)
    )
    runner.observe("garmin", Records(activities=runs))
    runner.observe(
        "mfp", Records(nutrition=(*eaten, NutritionDay(first + 3 * DAY, "n3", 0, 0.0, 0.0, 0.0, 0.0)))
    )
    unknown = runner.get("/advice/nutrition", params=span)
    assert (unknown["check"], unknown["note"]) == (
        None,
        "nothing is checked: the athlete's weight isn't known",
    )
    missing = [(first + n * DAY).isoformat() for n in (3, 6)]
    assert unknown["missing"] == missing

    scale = DailyHealth(first - DAY, "s", weight_kg=60.0, body_fat_pct=20.0)
    runner.observe("garmin", Records(daily=(scale,)))
    asked = runner.get("/advice/nutrition", params=span)
    assert asked["check"]["missing"] == missing
    assert [one["finding"] for one in asked["check"]["notices"]] == ["low_carbohydrate", "low_protein"]
    assert asked["note"] == "energy isn't screened: the athlete didn't ask for it"
    minor = runner.get("/advice/nutrition", params=span | {"opted_in": "true"})
    assert minor["note"] == "energy isn't screened for minors"
    screened = runner.get("/advice/nutrition", params=span | {"opted_in": "true", "adult": "true"})
    # Three days (1600 - 900) / 48 and two of 1600 / 48.
    assert screened["check"]["availability"] == pytest.approx((3 * 700 + 2 * 1600) / 48 / 5, abs=0.06)
    assert {"fat-free mass", "weight", "body fat"} <= {fact["name"] for fact in screened["why"]}
    long = {"from": "2026-01-01", "to": "2026-11-01"}
    assert problem(runner.request("GET", "/advice/nutrition", params=long)) == (422, "to")
