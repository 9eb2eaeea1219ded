"""The wrong day of a workout or hour of an activity is caught: one broken plugin for each case."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from hub_core.sandbox import DeviceScreen
from hub_core.sdk import Athlete, CompiledWorkout, Delivery, PlannedWorkout, ProviderContext, Records
from hub_core.testing.conformance import CASES, applicable_cases
from hub_fake.sandbox import FakeSandbox

Break = Callable[[SimpleNamespace], Any]


def dated(to_date: Callable[[dt.datetime], dt.date]) -> Break:
    """Fake's own compile, with a date that is made from the planned time in the athlete's zone."""

    def install(fake: SimpleNamespace) -> None:
        compile_workout = fake.compile_workout

        def compiled(workout: PlannedWorkout, athlete: Athlete) -> CompiledWorkout:
            made: CompiledWorkout = compile_workout(workout, athlete)
            zone = zoneinfo.ZoneInfo(athlete.time_zone)
            local = dt.datetime.combine(made.date, made.time or dt.time(), zone)
            payload = made.payload | {"date": to_date(local).isoformat()}
            return msgspec.structs.replace(made, payload=payload)

        fake.compile_workout = compiled

    return install


def in_utc(local: dt.datetime) -> dt.date:
    return local.astimezone(dt.UTC).date()


def in_winter_time(local: dt.datetime) -> dt.date:
    winter = local.replace(month=1, day=1).utcoffset()
    return local.replace(tzinfo=dt.timezone(winter or dt.timedelta())).astimezone(local.tzinfo).date()


def started(to_start: Callable[[dt.datetime], dt.datetime]) -> Break:
    """Fake's own records, with another start."""

    def install(fake: SimpleNamespace) -> None:
        ingest_activity = fake.ingest_activity

        async def changed(context: ProviderContext, delivery: Delivery) -> Records:
            records: Records = await ingest_activity(context, delivery)
            activities = (
                msgspec.structs.replace(one, start=to_start(one.start)) for one in records.activities
            )
            return Records(tuple(activities))

        fake.ingest_activity = changed

    return install


def by_the_name_of_a_zone(start: dt.datetime) -> dt.datetime:
    return start.replace(tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"), fold=0)


class ClockInUtc(FakeSandbox):
    """Its device hides yesterday, and takes the day from a clock in UTC."""

    def device(self, user: str) -> DeviceScreen:
        screen = super().device(user)
        left = tuple(one for one in screen.workouts if one.date >= self.clock.today())
        return DeviceScreen(screen.device, user, left)


class NoOffset(FakeSandbox):
    tells_offset = False


BREAKS: dict[str, Break] = {
    "time.far_east": dated(in_utc),
    "time.far_west": dated(in_utc),
    "time.midnight": lambda fake: setattr(fake, "provider_sandbox", ClockInUtc),
    "time.clock_changes": dated(in_winter_time),
    "time.instant": started(lambda start: start.replace(tzinfo=dt.UTC)),
    "time.local_day": started(lambda start: start.astimezone(dt.UTC)),
    "time.repeated_hour": started(by_the_name_of_a_zone),
    "time.far_past": started(lambda start: max(start, dt.datetime(2005, 1, 1, tzinfo=dt.UTC))),
}

#: The same promises, broken in another way.
ALSO: list[tuple[str, Break]] = [
    ("time.far_west", lambda fake: setattr(fake, "provider_sandbox", ClockInUtc)),
    ("time.midnight", dated(in_utc)),
    ("time.instant", started(lambda start: start.astimezone(dt.UTC).replace(tzinfo=None))),
    ("time.instant", started(lambda start: start.replace(second=0))),
]


@pytest.mark.parametrize(("case_id", "break_it"), [*BREAKS.items(), *ALSO])
def test_the_kit_catches_it(case_id: str, break_it: Break, fake: SimpleNamespace, assert_caught: Any) -> None:
    break_it(fake)
    assert_caught(case_id)


def test_a_provider_that_tells_utc_alone_is_not_asked_for_the_local_day(fake: SimpleNamespace) -> None:
    fake.provider_sandbox = NoOffset
    asked = {case.id for case in applicable_cases(fake)}
    assert "time.local_day" not in asked
    assert "time.instant" in asked


def test_a_plugin_that_tells_utc_alone_keeps_the_instant(fake: SimpleNamespace, check: Any) -> None:
    started(lambda start: start.astimezone(dt.UTC))(fake)
    assert check("time.instant").holds


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "time"}
