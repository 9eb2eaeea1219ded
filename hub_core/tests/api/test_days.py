"""Days over the API: values with their sources, what people enter, and reasons."""

from __future__ import annotations

from typing import Any

import pytest

from hub_core.domain.records import DailyHealth, NutritionDay, Records, Stage
from hub_core.testing.statements import MORNING, sleep, steps

DAY = MORNING.date()
SPAN = {"from": "2026-11-01", "to": "2026-11-30"}


@pytest.fixture
def tracked(person: Any) -> Any:
    """A day that a watch, a phone and a diary have told of."""
    person.observe("garmin", Records(daily=(DailyHealth(DAY, steps=9_000, resting_heart_rate_bpm=47.0),)))
    night = sleep("n", Stage.CORE, MORNING.replace(hour=0), 400)
    walk = (steps("a", 0, 30, 3_000, "Watch"), steps("b", 60, 30, 7_000, "iPhone"))
    person.observe(
        "healthkit",
        Records(samples=(*walk, night), nutrition=(NutritionDay(DAY, energy_kcal=2_300.0),)),
    )
    return person


def test_each_kind_of_day_is_listed_with_its_sources(tracked: Any) -> None:
    (daily,) = tracked.get("/daily", params=SPAN)
    assert (daily["date"], daily["steps"], daily["resting_heart_rate_bpm"]) == ("2026-11-14", 10_000, 47.0)
    assert daily["sources"]["steps"]["reason"] == "union"
    assert daily["counters"]["steps"] == {"healthkit Watch": 3_000, "healthkit iPhone": 7_000}
    (night,) = tracked.get("/sleep", params=SPAN)
    assert (night["asleep_s"], night["parts"][0]["source"]) == (24_000, "healthkit")
    (meals,) = tracked.get("/nutrition", params=SPAN)
    assert meals["energy_kcal"] == 2_300.0
    assert tracked.get("/daily", params={"from": "2026-10-01", "to": "2026-10-31"}) == []
    assert tracked.get("/sleep/2026-10-01") == {"date": "2026-10-01"}


def test_what_a_person_enters_stays_until_they_take_it_back(tracked: Any) -> None:
    entered = tracked.request("PUT", "/daily/2026-11-14", json={"steps": 8_500, "weight_kg": 71.2})
    assert entered.status_code == 200
    assert (entered.json()["steps"], entered.json()["sources"]["steps"]["reason"]) == (8_500, "manual")
    tracked.observe("garmin", Records(daily=(DailyHealth(DAY, steps=20_000),)))
    assert tracked.get("/daily/2026-11-14")["steps"] == 8_500
    assert tracked.request("PUT", "/daily/2026-11-14", json={"steps": None}).json()["steps"] == 20_000
    assert tracked.get("/daily/2026-11-14")["weight_kg"] == 71.2
    eaten = tracked.request("PUT", "/nutrition/2026-11-14", json={"protein_g": 120})
    assert (eaten.json()["protein_g"], eaten.json()["energy_kcal"]) == (120, 2_300.0)


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/daily/2026-11-14", {"weight_kg": 7120}, "weight_kg"),
        ("/daily/2026-11-14", {"mood": 3}, "mood"),
        ("/daily/2026-11-14", {"steps": "many"}, "steps"),
        ("/daily/2026-11-14", {}, ""),
        ("/daily/0001-01-01", {"steps": 3}, "date"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(
    tracked: Any, path: str, body: dict[str, Any], place: str
) -> None:
    answer = tracked.request("PUT", path, json=body)
    assert (answer.status_code, answer.json().get("path", "")) == (422, place), answer.json()
    assert tracked.get("/daily/2026-11-14")["steps"] == 10_000


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"from": "2026-11-02", "to": "2026-11-01"}, "to"),
        ({"from": "9999-12-31"}, "from"),
        ({"to": "0001-01-01"}, "to"),
        ({"from": "2020-01-01", "to": "2026-01-01"}, "to"),
    ],
)
def test_a_span_that_is_none_is_named(person: Any, query: dict[str, str], place: str) -> None:
    answer = person.request("GET", "/daily", params=query)
    assert (answer.status_code, answer.json()["path"]) == (422, place)


def test_why(tracked: Any) -> None:
    tracked.request("PUT", "/daily/2026-11-14", json={"resting_heart_rate_bpm": 44})
    tracked.post("/rules", json={"type": "order", "metric": "daily.steps", "sources": ["garmin"]})
    why = tracked.get("/daily/2026-11-14/why")
    told = {one["field"]: one for one in why["fields"]}
    assert (told["steps"]["value"], told["steps"]["reason"]) == (9_000, "source_order")
    assert told["steps"]["losers"] == [{"source": "healthkit", "external_id": "samples", "value": 10_000}]
    assert told["resting_heart_rate_bpm"]["words"].startswith("a person entered it")
    assert [rule["decision"]["type"] for rule in why["rules"]] == ["order"]
    assert why["counters"]["steps"] == {"healthkit Watch": 3_000, "healthkit iPhone": 7_000}
    (night, *_) = tracked.get("/sleep/2026-11-14/why")["fields"]
    assert (night["field"], night["value"], night["source"]) == ("night", 24_000, "healthkit")
    assert tracked.get("/nutrition/2026-11-14/why")["fields"][0]["field"] == "energy_kcal"
    assert tracked.get("/daily/2026-01-01/why") == {
        "date": "2026-01-01",
        "fields": [],
        "rules": why["rules"],
        "counters": {},
    }
