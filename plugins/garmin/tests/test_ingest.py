"""What golden cases can't show: order, files, and what is no number. Over HTTP where Garmin is asked."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, cast

import msgspec
import pytest

from hub_core.sandbox import RecordedActivity
from hub_core.sdk import (
    Activity,
    DailyHealth,
    Delivery,
    ProviderContext,
    ReconnectNeeded,
    Records,
    Rejected,
    SleepNight,
    SleepStage,
    Sport,
    Stage,
    Window,
)
from hub_core.sdk.files import with_file
from hub_core.testing.harness import ProviderHarness
from hub_garmin.ingest import to_records
from hub_garmin.plugin import receive_webhook, request_backfill
from hub_garmin.sandbox import PERMISSIONS, GarminSandbox

START = dt.datetime(2026, 11, 3, 6, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))
RUN = RecordedActivity("Morning run", Sport.RUN, START, 1800.0, 5000.0, heart_rate_bpm=141)
S = 1_790_000_000


def sandbox_of(garmin: ProviderHarness) -> GarminSandbox:
    return cast(GarminSandbox, garmin.sandbox)


def one(kind: str, **item: Any) -> Records:
    return to_records(Delivery("u-77", kind, json.dumps(item).encode(), "k"))


def ride(**fields: Any) -> Activity:
    summary = {"activityId": 7, "activityType": "CYCLING", "startTimeInSeconds": S, "durationInSeconds": 600}
    [activity] = one("activities", **(summary | fields)).activities
    return activity


async def hear(garmin: ProviderHarness, context: ProviderContext, since: int = 0) -> list[Records]:
    """All that was pushed, with what lies behind its addresses."""
    settings = cast(Any, garmin.settings)
    told = [one for request in garmin.sandbox.outbox[since:] for one in receive_webhook(request, settings)]
    return [to_records(await with_file(context.http, delivery)) for delivery in told]


# -- the strange ways of Garmin ---------------------------------------------------------------------------


def test_a_summary_id_that_changes_makes_no_second_activity() -> None:
    assert ride(summaryId="a").external_id == ride(summaryId="b").external_id == "7"
    days = [one("dailies", summaryId=name, calendarDate="2026-11-03", steps=5).daily[0] for name in "ab"]
    assert days[0] == days[1]


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1])
def test_ids_beyond_what_a_float_holds_are_kept(number: int) -> None:
    assert ride(activityId=number).external_id == ride(activityId=str(number)).external_id == str(number)


@pytest.mark.parametrize("word", ["VIRTUAL_RIDE", "virtual_ride", "Virtual_Ride"])
def test_sports_are_the_same_in_upper_and_lower_case(word: str) -> None:
    assert ride(activityType=word).sport is Sport.INDOOR_RIDE


def test_minutes_per_kilometre_are_no_speed_and_make_no_distance() -> None:
    assert ride(averagePaceInMinutesPerKilometer=4.5) == ride()


def test_the_longer_of_two_states_of_an_activity_is_the_newer() -> None:
    assert ride(durationInSeconds=601).version > ride().version


def test_a_correction_stands_over_all_that_was_measured() -> None:
    summary = {"activityId": 7, "startTimeInSeconds": S, "durationInSeconds": 60}
    [corrected] = one("manuallyUpdatedActivities", **summary).activities
    [details] = one("activityDetails", summary=summary | {"durationInSeconds": 90_000}).activities
    assert corrected.external_id == details.external_id
    assert corrected.version > details.version > ride(durationInSeconds=90_000).version


def test_of_two_pings_the_later_upload_is_newer_even_if_it_says_less() -> None:
    answers = []
    for upload_end_s, covered_s in ((S + 60, 80_000), (S + 120, 70_000)):
        ping = {"callbackURL": "https://x", "uploadEndTimeInSeconds": upload_end_s}
        day = [{"calendarDate": "2026-11-03", "durationInSeconds": covered_s, "steps": 9}]
        body, file = json.dumps(ping).encode(), json.dumps(day).encode()
        answers.append(to_records(Delivery("u-77", "dailies", body, "k", file=file)).daily[0])
    assert answers[1].version > answers[0].version


def test_a_final_night_stands_over_a_tentative_one_that_is_longer() -> None:
    night = {"calendarDate": "2026-11-03", "startTimeInSeconds": S}
    [tentative] = one("sleeps", **night, durationInSeconds=30_000, validation="AUTO_TENTATIVE").sleep
    [final] = one("sleeps", **night, durationInSeconds=20_000, validation="AUTO_FINAL").sleep
    assert final.version > tentative.version


def test_an_offset_with_odd_seconds_keeps_the_instant() -> None:
    start = ride(startTimeOffsetInSeconds=7213).start
    assert start == dt.datetime.fromtimestamp(S, dt.UTC)
    assert start.utcoffset() == dt.timedelta(hours=2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"startTimeInSeconds": 1_790_000_000_000},  # milliseconds
        {"startTimeInSeconds": -1},
        {"startTimeOffsetInSeconds": 86_400},
        {"durationInSeconds": -5},
        {"durationInSeconds": 1e300},
        {"durationInSeconds": None},
    ],
)
def test_what_is_no_time_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        ride(**wrong)


def test_a_night_without_sleep_is_none() -> None:
    assert one("sleeps", startTimeInSeconds=S, durationInSeconds=0) == Records()


def test_a_changed_consent_that_cant_be_read_takes_nothing_away() -> None:
    with pytest.raises(Rejected):
        one("userPermissionsChange", userId="u-77")


# -- with Garmin at the other end -------------------------------------------------------------------------


async def test_what_is_pinged_says_the_same_as_what_is_pushed(garmin: ProviderHarness) -> None:
    context, sandbox = await garmin.connect(everything=True), sandbox_of(garmin)
    sandbox.record_activity("athlete-1", RUN)
    sandbox.pings = {"activities"}
    sandbox.record_activity("athlete-1", RUN)
    pushed, pinged = [records.activities[0] for records in await hear(garmin, context)]
    assert without_version(pushed) == without_version(pinged)
    assert pinged.version > pushed.version


def without_version(activity: Activity) -> dict[str, Any]:
    return {name: getattr(activity, name) for name in activity.__struct_fields__ if name != "version"}


async def test_one_body_tells_of_two_athletes(garmin: ProviderHarness) -> None:
    people = {user: await garmin.connect(user, everything=True) for user in ("athlete-1", "athlete-2")}
    with sandbox_of(garmin).one_body():
        for user in people:
            garmin.sandbox.record_activity(user, named(RUN, f"Of {user}"))
    [request] = garmin.sandbox.outbox
    told = {one.provider_user_id for one in receive_webhook(request, cast(Any, garmin.settings))}
    assert told == {context.provider_user_id for context in people.values()}


def named(activity: RecordedActivity, name: str) -> RecordedActivity:
    return msgspec.structs.replace(activity, name=name)


async def test_a_file_is_there_once(garmin: ProviderHarness) -> None:
    context, sandbox = await garmin.connect(everything=True), sandbox_of(garmin)
    sandbox.sends_files = True
    sandbox.record_activity("athlete-1", RUN)
    [_, request] = sandbox.outbox
    [delivery] = receive_webhook(request, cast(Any, garmin.settings))
    first, again = [await with_file(context.http, delivery) for _ in range(2)]
    assert first.file
    assert first.file[8:12] == b".FIT"
    assert again.file is None
    assert to_records(again) == Records()
    [activity] = to_records(first).activities
    assert (activity.external_id, activity.sport, activity.start) == ("190000001", Sport.RUN, START)
    assert (activity.name, activity.duration_s, activity.distance_m) == ("Morning run", 1800.0, 5000.0)
    assert activity.file_digest
    assert activity.series is not None
    assert set(activity.series.names()) >= {"time_s", "heart_rate_bpm", "distance_m"}
    summary = ride(activityId=190_000_001)
    assert summary.external_id == activity.external_id
    assert summary.version < activity.version


async def test_a_file_that_cant_be_read_is_refused(garmin: ProviderHarness) -> None:
    item = {"activityId": 7, "fileType": "FIT"}
    with pytest.raises(Rejected, match="can't be read"):
        to_records(Delivery("u-77", "activityFiles", json.dumps(item).encode(), "k", file=b"\0" * 40))


async def test_days_and_nights_arrive_as_they_were(garmin: ProviderHarness) -> None:
    context, sandbox = await garmin.connect(everything=True), sandbox_of(garmin)
    day = DailyHealth(
        dt.date(2026, 11, 3),
        steps=9120,
        resting_heart_rate_bpm=47.0,
        hrv_rmssd_ms=58.0,
        weight_kg=68.4,
        body_battery_high=91.0,
        body_battery_low=22.0,
        spo2_pct=96.0,
        respiration_brpm=14.0,
        vo2max=52.0,
    )
    end = START.replace(hour=6, minute=0)
    night = SleepNight(
        dt.date(2026, 11, 3),
        "",
        START.replace(hour=0),
        end,
        asleep_s=19_800.0,
        awake_s=600.0,
        score=81.0,
        stages=(
            SleepStage(Stage.DEEP, START.replace(hour=0), START.replace(hour=1)),
            SleepStage(Stage.CORE, START.replace(hour=1), end),
        ),
    )
    sandbox.record_day("athlete-1", day)
    sandbox.record_night("athlete-1", night)
    records = await hear(garmin, context)
    parts = [part for one in records for part in one.daily]
    assert {part.date for part in parts} == {day.date}
    told = {name: value for part in parts for name, value in shown(part).items()}
    assert told == shown(day)
    [slept] = [part for one in records for part in one.sleep]
    assert (slept.date, slept.start, slept.end, slept.stages) == (
        night.date,
        night.start,
        night.end,
        night.stages,
    )
    assert (slept.asleep_s, slept.awake_s, slept.score) == (19_800.0, 600.0, 81.0)


def shown(day: DailyHealth) -> dict[str, Any]:
    named = {"date", "external_id", "version"}
    values = {name: getattr(day, name) for name in day.__struct_fields__ if name not in named}
    return {name: value for name, value in values.items() if value is not None}


async def test_the_end_of_the_consent_and_other_permissions(garmin: ProviderHarness) -> None:
    context, sandbox = await garmin.connect(everything=True), sandbox_of(garmin)
    for shape in ("list", "map"):
        sandbox.change_shape = shape
        sandbox.set_permissions("athlete-1", ("ACTIVITY_EXPORT", "WORKOUT_IMPORT"))
    sandbox.end_consent("athlete-1")
    first, second, end = await hear(garmin, context)
    assert first.scopes == second.scopes == ("ACTIVITY_EXPORT", "WORKOUT_IMPORT")
    assert end.revoked


# -- history ----------------------------------------------------------------------------------------------


def since(days: int, garmin: ProviderHarness) -> Window:
    now = dt.datetime.fromtimestamp(int(garmin.sandbox.clock.now()), dt.UTC)
    return Window(now - dt.timedelta(days=days), now)


def record_days_ago(garmin: ProviderHarness, days: int) -> None:
    start = since(days, garmin).start + dt.timedelta(hours=1)
    garmin.sandbox.record_activity("athlete-1", RecordedActivity(f"{days} days ago", Sport.RUN, start, 600.0))


def asked(garmin: ProviderHarness) -> list[tuple[str, int]]:
    return [
        (entry.path.rpartition("/")[2], entry.status)
        for entry in garmin.sandbox.journal
        if "/backfill/" in entry.path
    ]


async def test_history_comes_as_webhooks_in_pieces_of_thirty_days(garmin: ProviderHarness) -> None:
    context = await garmin.connect(everything=True)
    for days in (2, 50, 100):
        record_days_ago(garmin, days)
    before = len(garmin.sandbox.outbox)
    await request_backfill(context, since(70, garmin))
    names = [one.activities[0].name for one in await hear(garmin, context, before)]
    assert names == ["2 days ago", "50 days ago"]
    assert sum(kind == "activities" for kind, _ in asked(garmin)) == 3
    assert {status for _, status in asked(garmin)} == {202}


async def test_asking_again_is_fine(garmin: ProviderHarness) -> None:
    context, window = await garmin.connect(everything=True), since(10, garmin)
    await request_backfill(context, window)
    await request_backfill(context, window)
    assert {status for _, status in asked(garmin)[11:]} == {409}


async def test_what_lies_before_the_earliest_moment_is_left_out(garmin: ProviderHarness) -> None:
    context = await garmin.connect(everything=True)
    record_days_ago(garmin, 5)
    sandbox_of(garmin).earliest_backfill_s = int(since(7, garmin).start.timestamp())
    before = len(garmin.sandbox.outbox)
    await request_backfill(context, since(60, garmin))
    assert [one.activities[0].name for one in await hear(garmin, context, before)] == ["5 days ago"]


async def test_without_the_permission_for_history_the_athlete_must_tick_it(garmin: ProviderHarness) -> None:
    context = await garmin.connect(granted=["WORKOUT_IMPORT", "ACTIVITY_EXPORT"])
    with pytest.raises(ReconnectNeeded, match="HISTORICAL_DATA_EXPORT"):
        await request_backfill(context, since(10, garmin))


async def test_kinds_that_arent_shared_are_passed_over(garmin: ProviderHarness) -> None:
    context = await garmin.connect(granted=[one for one in PERMISSIONS if one != "HEALTH_EXPORT"])
    await request_backfill(context, since(10, garmin))
    assert {kind for kind, status in asked(garmin) if status == 202} == {"activities", "activityDetails"}
    sandbox_of(garmin).set_permissions("athlete-1", ("WORKOUT_IMPORT", "HISTORICAL_DATA_EXPORT"))
    with pytest.raises(ReconnectNeeded, match="neither"):
        await request_backfill(context, since(20, garmin))


async def test_polling_is_refused(garmin: ProviderHarness) -> None:
    context = await garmin.connect(everything=True)
    params = {"uploadStartTimeInSeconds": S, "uploadEndTimeInSeconds": S + 60}
    with pytest.raises(Rejected, match="InvalidPullToken"):
        await context.http.request("GET", "/wellness-api/rest/dailies", params=params)
