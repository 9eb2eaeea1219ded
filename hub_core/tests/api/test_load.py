"""Training load over the API: which form counts and why, and the averages of days."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hub_core.domain.records import DailyHealth, Records
from hub_core.domain.series import Series
from hub_core.domain.sport import Sport
from hub_core.testing.statements import MORNING, activity

FIRST = MORNING.date()
DAY = dt.timedelta(days=1)
SPAN = {"from": FIRST.isoformat(), "to": (FIRST + 13 * DAY).isoformat()}


def watts(value: float) -> Series:
    """An hour, a sample every two seconds."""
    return Series.of({"time_s": range(0, 3600, 2), "power_w": [value] * 1800})


@pytest.fixture
def trained(person: Any) -> Any:
    thresholds = {"ftp_w": 250, "threshold_speed_mps": 4.0, "max_hr_bpm": 190}
    person.request("PATCH", json={"thresholds": thresholds}).raise_for_status()
    said = (
        activity("power", sport=Sport.RIDE, normalized_power_w=250.0, avg_heart_rate_bpm=150.0),
        activity("pace", late_s=86_400, distance_m=14_400.0),
        activity("heart", late_s=2 * 86_400, sport=Sport.ROW, avg_heart_rate_bpm=168.0),
        activity("none", late_s=3 * 86_400, sport=Sport.YOGA, distance_m=None),
        activity("series", late_s=4 * 86_400, sport=Sport.RIDE, series=watts(200)),
    )
    person.observe("garmin", Records(activities=said))
    days = (DailyHealth(FIRST - DAY, "d", resting_heart_rate_bpm=45),)
    person.observe("garmin", Records(daily=days))
    return person


def test_each_activity_has_the_load_that_can_be_trusted_most(trained: Any) -> None:
    told = trained.get("/load", params=SPAN)
    loads = [one["load"] for one in told["activities"]]
    assert [one["form"] for one in loads] == ["power", "pace", "heart_rate", None, "power"]
    # An hour at threshold is 100 in each form; 168 bpm is 85 % of the reserve.
    assert [one["tss"] for one in loads] == [100.0, 100.0, pytest.approx(100, abs=0.7), None, 64.0]
    assert loads[0]["reason"].startswith("power is measured work")
    # The other forms are told as well, and what is missing for them.
    ride = {one["form"]: one for one in loads[0]["forms"]}
    assert ride["heart_rate"]["tss"] == pytest.approx(68, abs=3)
    assert ride["pace"] == {
        "form": "pace",
        "tss": None,
        "why": [{"name": "missing", "value": "a threshold pace is for running"}],
    }
    assert told["without_load"] == [told["activities"][3]["activity_id"]]


def test_the_averages_follow_the_days_and_say_how_far_they_are_warmed_up(trained: Any) -> None:
    told = trained.get("/load", params=SPAN)
    ctl = atl = 0.0
    loads = {number: one["load"]["tss"] or 0 for number, one in enumerate(told["activities"])}
    for number, day in enumerate(told["days"]):
        assert day["tsb"] == pytest.approx(ctl - atl, abs=0.06)
        ctl += (loads.get(number, 0) - ctl) / 42
        atl += (loads.get(number, 0) - atl) / 7
        assert (day["ctl"], day["atl"]) == (pytest.approx(ctl, abs=0.06), pytest.approx(atl, abs=0.06))
    assert told["history_from"] == FIRST.isoformat()
    assert told["warm_until"] == (FIRST + 126 * DAY).isoformat()
    later = FIRST + 130 * DAY
    warm = trained.get("/load", params={"from": later.isoformat(), "to": later.isoformat()})
    assert (warm["warm_until"], warm["activities"]) == (None, [])
    assert trained.get("/load", params=SPAN) == told


def test_a_series_is_measured_once_and_again_when_it_has_changed(trained: Any, running: Any) -> None:
    trained.get("/load", params=SPAN)
    kept = "SELECT id, basis FROM activity_measure WHERE athlete_id = ?"
    before = dict(running.rows(kept, trained.id))
    trained.get("/load", params=SPAN)
    assert dict(running.rows(kept, trained.id)) == before
    # The summary stays as it was; only the samples are others.
    again = activity("series", late_s=4 * 86_400, sport=Sport.RIDE, series=watts(250))
    trained.observe("garmin", Records(activities=(again,)))
    told = trained.get("/load", params=SPAN)
    assert told["activities"][4]["load"]["tss"] == 100.0
    after = dict(running.rows(kept, trained.id))
    assert {key for key in after if after[key] != before[key]} == {told["activities"][4]["activity_id"]}


def test_nothing_is_known_of_who_has_done_nothing(person: Any) -> None:
    told = person.get("/load", params=SPAN)
    assert (told["history_from"], told["activities"]) == (None, [])
    assert {day["ctl"] for day in told["days"]} == {0.0}
    wrong = person.request("GET", "/load", params={"from": "2026-11-02", "to": "2026-11-01"})
    assert (wrong.status_code, wrong.json()["path"]) == (422, "to")


def test_a_plan_begins_with_the_load_that_was_done_unless_told_otherwise(person: Any) -> None:
    today = dt.datetime.now(dt.UTC).date()
    person.request("PATCH", json={"thresholds": {"threshold_speed_mps": 4.0}})
    noon = dt.datetime.combine(today, dt.time(12), dt.UTC)
    runs = tuple(
        activity(f"r{number}", start=noon - number * DAY, distance_m=14_400.0, sport=Sport.RUN)
        for number in range(1, 50)
    )
    race = {"date": (today + 83 * DAY).isoformat(), "distance_m": 21_097}
    body = {"race": race, "weekly_hours": 6}
    untrained = person.post("/plans/periodize", json=body)["ctl"]
    assert (untrained["value"], untrained["source"]) == (0.0, "no activity is known: taken as untrained")
    person.observe("garmin", Records(activities=runs))
    trained = person.post("/plans/periodize", json=body)
    assert trained["ctl"]["value"] == pytest.approx(100 * (1 - (1 - 1 / 42) ** 49), abs=0.06)
    assert f"since {today - 49 * DAY}; too low until" in trained["ctl"]["source"]
    assert trained["plan"]["ctl_at_start"] == pytest.approx(trained["ctl"]["value"], abs=0.1)
    given = person.post("/plans/periodize", json=body | {"ctl": 35})
    assert (given["ctl"]["value"], given["ctl"]["source"]) == (35.0, "the request")
