"""What sources say is kept once and shown at once, whoever says it and in whatever order."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from hub_core.bootstrap import make_hub
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.merge import ATHLETE, Identity, Order, Split, VisibleDaily
from hub_core.domain.records import Activity, DailyHealth, Deleted, Lap, Records, Sample, SleepNight
from hub_core.errors import NotFoundError
from hub_core.services.athletes.issue_api_key import find_platform, issue_api_key
from hub_core.services.athletes.save_athlete import create_athlete
from hub_core.services.hub import Hub
from hub_core.services.inbound.observe import Observed, observe
from hub_core.services.merging.decide_merge import decide, undo
from hub_core.services.merging.read_activity import ActivityView, list_activities, load_activity, read_series
from hub_core.services.merging.read_days import enter_day, list_days
from hub_core.settings import HubSettings
from hub_core.storage import generate_key
from hub_core.storage.inbound_tables import Observation
from hub_core.storage.tables import Change
from hub_core.testing.statements import MORNING, activity, curve, steps

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

DAY = MORNING.date()


class Diary:
    """One athlete of whom things are said."""

    def __init__(self, hub: Hub, athlete_id: str) -> None:
        self.hub = hub
        self.id = athlete_id

    async def say(self, source: str, *said: Any, delivery_id: str = "") -> Observed:
        """Records and deletions of any kind."""
        fields: dict[type, str] = {
            Activity: "activities",
            DailyHealth: "daily",
            SleepNight: "sleep",
            Sample: "samples",
            Deleted: "deleted",
        }
        records = Records(
            **{
                field: tuple(one for one in said if isinstance(one, kind))  # type: ignore[arg-type]
                for kind, field in fields.items()
            }
        )
        return await observe(self.hub, self.id, source, records, delivery_id=delivery_id)

    async def activities(self) -> list[ActivityView]:
        return await list_activities(self.id, "2026-01-01", "2026-12-31")

    async def day(self) -> VisibleDaily | None:
        days = await list_days(self.id, "daily", VisibleDaily, DAY.isoformat(), DAY.isoformat())
        return days[0] if days else None

    async def changes(self) -> list[tuple[str, str, str]]:
        """The change feed about what was done, in order."""
        rows = await Change.objects().where(Change.athlete_id == self.id).order_by(Change.seq)
        return [
            (row.collection, row.entity_id, row.operation) for row in rows if row.collection != "athletes"
        ]


@pytest.fixture
async def diary(database_url: str) -> AsyncIterator[Diary]:
    hub = make_hub(HubSettings(database_url=database_url, encryption_keys=SecretStr(generate_key())))
    platform = await find_platform(await issue_api_key(hub, "coach"))
    assert platform
    made = await create_athlete(
        hub, platform, external_id="anna", name="", thresholds=Thresholds(), export_to="all"
    )
    yield Diary(hub, made.id)
    await hub.engine.close()


GARMIN = activity("g1", version=5, avg_heart_rate_bpm=150.0, series=curve("heart_rate_bpm"))
WAHOO = activity("w1", late_s=8, distance_m=12_010.0, avg_power_w=240.0, series=curve("power_w"))


async def test_two_sources_become_one_activity_which_keeps_its_id(diary: Diary) -> None:
    first = await diary.say("garmin", GARMIN)
    assert (first.new, first.known) == (1, 0)
    (shown,) = await diary.activities()
    assert first.shown.activities == (shown.id,)

    second = await diary.say("wahoo", WAHOO)
    (merged,) = await diary.activities()
    assert merged.id == shown.id == second.shown.activities[0]
    assert (merged.activity.avg_power_w, merged.activity.avg_heart_rate_bpm) == (240.0, 150.0)
    assert await diary.changes() == [("activities", shown.id, "upsert")] * 2


async def test_a_correction_without_a_curve_keeps_the_one_that_was_there(diary: Diary) -> None:
    lap = Lap(0, 3600)
    await diary.say("garmin", activity("g1", version=5, laps=(lap,), series=curve("power_w")))
    await diary.say("garmin", activity("g1", version=6, name="Corrected"))
    (one,) = await diary.activities()
    assert (one.activity.name, one.activity.laps) == ("Corrected", (lap,))
    assert "power_w" in one.activity.columns
    read = await read_series(diary.hub, diary.id, one.id, ("power_w",), None)
    assert read.length == 720

    await diary.say("garmin", Deleted("g1", version=7))
    await diary.say("garmin", activity("g1", version=8, name="Anew"))
    (one,) = await diary.activities()
    assert not one.activity.columns


async def test_the_same_again_changes_nothing(diary: Diary) -> None:
    day = DailyHealth(DAY, steps=7_000)
    said = (GARMIN, WAHOO, day, steps("s", 0, 10, 500))
    await diary.say("healthkit", *said)
    before = await diary.changes()
    again = await diary.say("healthkit", *said)
    assert (again.new, again.known) == (0, 4)
    assert again.shown.activities == ()
    assert await diary.changes() == before
    assert await Observation.count() == 4


async def test_versions_decide_and_not_the_order_of_arrival(diary: Diary) -> None:
    await diary.say("garmin", activity("g1", version=7, name="New"))
    await diary.say("garmin", activity("g1", version=6, name="Old"))
    (shown,) = await diary.activities()
    assert shown.activity.name == "New"
    assert await Observation.count() == 2


async def test_without_versions_the_later_word_stands_but_not_a_repeated_delivery(diary: Diary) -> None:
    await diary.say("wahoo", activity("w1", name="One"), delivery_id="d1")
    await diary.say("wahoo", activity("w1", name="Two"), delivery_id="d2")
    await diary.say("wahoo", activity("w1", name="One"), delivery_id="d1")
    assert (await diary.activities())[0].activity.name == "Two"
    await diary.say("wahoo", activity("w1", name="One"), delivery_id="d3")
    assert (await diary.activities())[0].activity.name == "One"


async def test_a_deletion_stands_whether_it_comes_before_or_after(diary: Diary) -> None:
    await diary.say("garmin", Deleted("g1", version=5))
    await diary.say("garmin", GARMIN)
    assert await diary.activities() == []
    await diary.say("wahoo", Deleted("w1"))
    await diary.say("wahoo", activity("w1"))
    assert await diary.activities() == []
    assert await diary.changes() == []
    # A newer word of the source's own brings it back.
    await diary.say("garmin", activity("g1", version=6))
    (shown,) = await diary.activities()

    await diary.say("garmin", Deleted("g1"))
    assert await diary.activities() == []
    assert (await diary.changes())[-1] == ("activities", shown.id, "delete")


async def test_what_stays_of_a_merged_activity_keeps_its_id(diary: Diary) -> None:
    await diary.say("garmin", GARMIN)
    await diary.say("wahoo", WAHOO)
    (merged,) = await diary.activities()
    await diary.say("garmin", Deleted("g1", version=9))
    (left,) = await diary.activities()
    assert left.id == merged.id
    assert left.activity.avg_heart_rate_bpm is None


async def test_two_activities_that_turn_out_to_be_one_and_are_split_again(diary: Diary) -> None:
    # Until its distance is corrected, the bike computer tells of something else.
    await diary.say("garmin", GARMIN)
    await diary.say("wahoo", activity("w1", version=1, distance_m=3_000.0))
    one, other = await diary.activities()
    await diary.say("wahoo", activity("w1", version=2, distance_m=12_000.0))
    (merged,) = await diary.activities()
    assert merged.id == one.id
    assert (await diary.changes())[-1] == ("activities", other.id, "delete")
    assert (await load_activity(diary.id, other.id)).id == one.id

    split = await decide(diary.hub, diary.id, Split(Identity("wahoo", "w1"), (Identity("garmin", "g1"),)))
    assert split.rule
    assert {view.id for view in await diary.activities()} == {one.id, other.id}
    await undo(diary.hub, diary.id, split.rule.id)
    assert [view.id for view in await diary.activities()] == [one.id]


async def test_an_activity_whose_date_was_wrong_moves(diary: Diary) -> None:
    await diary.say("garmin", activity("g1", version=1))
    (before,) = await diary.activities()
    moved = activity("g1", version=2, start=MORNING + dt.timedelta(days=40))
    await diary.say("garmin", moved)
    (after,) = await diary.activities()
    assert (after.id, after.activity.date) == (before.id, moved.start.date())


async def test_a_value_that_a_person_entered_stays_in_either_order(diary: Diary) -> None:
    phone = DailyHealth(DAY, weight_kg=73.0, steps=8_000)
    await enter_day(diary.hub, diary.id, DailyHealth, DAY, {"weight_kg": 71.5})
    await diary.say("healthkit", phone)
    await diary.say("healthkit", msgspec.structs.replace(phone, weight_kg=74.0))
    day = await diary.day()
    assert day is not None
    assert (day.weight_kg, day.sources["weight_kg"].reason, day.steps) == (71.5, "manual", 8_000)

    await enter_day(diary.hub, diary.id, DailyHealth, DAY, {"steps": 9_000})
    await enter_day(diary.hub, diary.id, DailyHealth, DAY, {"weight_kg": None})
    day = await diary.day()
    assert day is not None
    assert (day.weight_kg, day.steps) == (74.0, 9_000)
    await enter_day(diary.hub, diary.id, DailyHealth, DAY, {"steps": None})
    day = await diary.day()
    assert day is not None
    assert (day.steps, day.sources["steps"].source) == (8_000, "healthkit")


async def test_samples_of_days_gone_by_open_their_day_again_and_can_be_deleted(diary: Diary) -> None:
    said = await diary.say("healthkit", steps("a", 0, 30, 3_000, "Watch"), steps("b", 0, 30, 2_500, "iPhone"))
    assert [(one.kind, one.date) for one in said.shown.days] == [("daily", DAY)]
    await diary.say("healthkit", steps("c", 60, 30, 1_000, "iPhone"))
    day = await diary.day()
    assert day is not None
    assert (day.steps, day.counters["steps"]) == (
        4_000,
        {"healthkit Watch": 3_000, "healthkit iPhone": 1_000},
    )
    await diary.say("healthkit", Deleted("a", "sample"), Deleted("c", "sample"), Deleted("d", "sample"))
    await diary.say("healthkit", steps("d", 120, 30, 9_000, "iPhone"), steps("a", 0, 30, 3_000, "Watch"))
    day = await diary.day()
    assert day is not None
    assert day.steps == 2_500
    await diary.say("healthkit", Deleted("b", "sample"))
    assert await diary.day() is None
    assert (await diary.changes())[-1][2] == "delete"


async def test_what_cannot_be_kept_is_named_and_the_rest_is_kept(diary: Diary) -> None:
    said = await diary.say(
        "healthkit",
        activity("ok"),
        activity("naive", start=dt.datetime(2026, 11, 14, 7)),  # noqa: DTZ001
        activity("nan", duration_s=float("nan")),
        activity(""),
        steps("back", 0, -5, 10),
        Sample("month", "steps", MORNING, MORNING + dt.timedelta(days=30), 1),  # type: ignore[arg-type]
        DailyHealth(dt.date(1, 1, 1), steps=3),
        DailyHealth(DAY, weight_kg=float("nan"), steps=4),
        activity("x" * 300 + "\0"),
    )
    assert [one.path for one in said.refused] == [
        "activities[1].start",
        "activities[2].duration_s",
        "activities[3].external_id",
        "daily[0].date",
        "samples[0].end",
        "samples[1].end",
    ]
    assert said.new == 3
    day = await diary.day()
    assert day is not None
    assert (day.steps, day.weight_kg) == (4, None)


async def test_an_athlete_who_is_gone_is_told_of_no_more(diary: Diary) -> None:
    with pytest.raises(NotFoundError):
        await observe(diary.hub, "ath_gone", "garmin", Records(activities=(GARMIN,)))
    assert await Observation.count() == 0


async def test_calls_at_once_are_all_kept_and_shown(diary: Diary) -> None:
    async def sync(number: int) -> None:
        await diary.say(
            "healthkit",
            steps(f"a{number}", number, 1, 100, "Watch"),
            activity(f"h{number}", late_s=number * 86_400.0),
        )
        await diary.say("garmin", activity(f"g{number}", late_s=number * 86_400.0 + 5))

    await asyncio.gather(*(sync(number) for number in range(12)), *(sync(number) for number in range(12)))
    day = await diary.day()
    assert day is not None
    assert day.steps == 1_200
    shown = await diary.activities()
    assert [len(one.activity.members) for one in shown] == [2] * 12
    assert await Observation.count() == 36


async def test_a_preview_tells_what_would_change_and_changes_nothing(diary: Diary) -> None:
    await diary.say("garmin", GARMIN, DailyHealth(DAY, steps=9_000))
    await diary.say("wahoo", WAHOO)
    await diary.say("healthkit", DailyHealth(DAY, steps=7_000))
    before, feed = await diary.activities(), await diary.changes()
    order = Order("activity.distance_m", ("wahoo",))
    looked = await decide(diary.hub, diary.id, order, preview=True)
    assert looked.rule is None
    assert [one.fields for one in looked.differences] == [{"distance_m": (12_000.0, 12_010.0)}]
    assert (await diary.activities(), await diary.changes()) == (before, feed)

    done = await decide(diary.hub, diary.id, order)
    assert done.differences == looked.differences
    assert (await diary.activities())[0].activity.distance_m == 12_010.0
    assert done.rule
    steps_first = await decide(diary.hub, diary.id, Order("daily.steps", ("healthkit",)))
    assert [one.fields for one in steps_first.differences] == [{"steps": (9_000, 7_000)}]
    await undo(diary.hub, diary.id, done.rule.id)
    assert (await diary.activities())[0].activity == before[0].activity


async def test_the_callers_transaction_is_joined(diary: Diary) -> None:
    async def fail_afterwards() -> None:
        async with diary.hub.engine.transaction():
            await diary.say("garmin", GARMIN)
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fail_afterwards()
    assert (await diary.activities(), await Observation.count(), await diary.changes()) == ([], 0, [])


async def test_what_a_person_said_of_an_activity_wins_only_where_people_know_best(diary: Diary) -> None:
    await diary.say("garmin", GARMIN)
    felt = activity("a", perceived_exertion=8.0, distance_m=12_100.0, notes="Windy", is_manual=True)
    await diary.say(ATHLETE, felt)
    (shown,) = await diary.activities()
    assert (shown.activity.perceived_exertion, shown.activity.notes) == (8.0, "Windy")
    assert shown.activity.distance_m == 12_000.0
