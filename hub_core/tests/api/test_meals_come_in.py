"""What athletes log at MyFitnessPal arrives as days of `/nutrition`: by poll, webhook and backfill."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hub_core.domain.records import NutritionDay
from hub_core.sandbox.sender import sending_webhooks
from hub_core.testing.processes import wait_until

TODAY = dt.datetime.now(dt.UTC).date()
BEFORE, LONG_AGO = TODAY - dt.timedelta(days=3), TODAY - dt.timedelta(days=60)


def eaten(person: Any, date: dt.date) -> dict[str, Any]:
    """The numbers of a day as the API shows them."""
    days = person.get("/nutrition", params={"from": str(date), "to": str(date)})
    return {name: value for day in days for name, value in day.items() if name not in {"date", "sources"}}


def sources(person: Any, date: dt.date) -> dict[str, str]:
    (day,) = person.get("/nutrition", params={"from": str(date), "to": str(date)})
    return {name: told["source"] for name, told in day["sources"].items()}


def full(kcal: float, **fields: float) -> dict[str, float]:
    return {"energy_kcal": kcal, "carbohydrate_g": 300.0, "protein_g": 120.0, "fat_g": 70.0, **fields}


def test_a_diary_becomes_days_and_is_merged_with_what_others_tell(running: Any, person: Any) -> None:
    mfp, intervals = running.sandboxes["mfp"].sandbox, running.sandboxes["intervals"].sandbox
    with sending_webhooks([mfp], running.origin):
        # By the poll that follows the connection: it is of before the first webhook could come.
        mfp.record_meals(person.user, NutritionDay(BEFORE, **full(2400.0)))
        person.connect("mfp")
        wait_until(lambda: eaten(person, BEFORE) == full(2400.0), "the day of before")
        assert eaten(person, BEFORE - dt.timedelta(days=1)) == {}

        # By webhooks: it fills, is corrected, and is what it was before.
        for kcal in (800.0, 1600.0, 800.0):
            mfp.record_meals(person.user, NutritionDay(TODAY, **full(kcal)))
            wait_until(lambda kcal=kcal: eaten(person, TODAY) == full(kcal), f"{kcal:g} kcal")

        # Beside what intervals.icu tells of the same day: the fuller diary is shown, and two never add up.
        person.connect("intervals")
        other = {"energy_kcal": 1900.0, "protein_g": 99.0}
        intervals.record_meals(person.user, NutritionDay(TODAY, **other))
        told = intervals.outbox[-1]
        running.client().post(told.path, content=told.body, headers=told.headers).raise_for_status()
        wait_until(lambda: eaten(person, TODAY) == other, "the fuller day")
        mine = {"energy_kcal": 2000.0, "fat_g": 60.0}
        mfp.record_meals(person.user, NutritionDay(TODAY, **mine))
        wait_until(lambda: eaten(person, TODAY) == mine, "the day that is fuller now")
        assert sources(person, TODAY) == {"energy_kcal": "mfp", "fat_g": "mfp"}

        # What was taken out again does not stand, and is no day of zeros.
        mfp.record_meals(person.user, NutritionDay(TODAY))
        wait_until(lambda: eaten(person, TODAY) == other, "the other's word")
        assert sources(person, TODAY) == {"energy_kcal": "intervals", "protein_g": "intervals"}

    feeds = {one["provider"]: one for one in person.get("/feeds")}
    assert (feeds["mfp"]["state"], feeds["mfp"]["poll_error"]) == ("live", "")

    # History, by polls of a window.
    mfp.record_meals(person.user, NutritionDay(LONG_AGO, **full(2100.0)))
    span = {"provider": "mfp", "from": str(LONG_AGO), "to": str(LONG_AGO + dt.timedelta(days=2))}
    person.post("/backfills", json=span)
    wait_until(lambda: eaten(person, LONG_AGO) == full(2100.0), "the history")
