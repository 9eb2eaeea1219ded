"""Golden nights: in pieces, split, with a nap, over a change of clocks and over the date line."""

from __future__ import annotations

import datetime as dt
import random
import zoneinfo

import pytest

from hub_core.domain.merge import ATHLETE, Order, Pin, Rules, Statement, VisibleSleep, merge_sleep
from hub_core.domain.records import Sample, SleepNight, Stage
from hub_core.testing.statements import say, sleep

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
DAY = dt.date(2026, 11, 14)
MIDNIGHT = dt.datetime(2026, 11, 14, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def at(hours: float, day: dt.datetime = MIDNIGHT) -> dt.datetime:
    """So many hours after midnight; before it when negative."""
    return day + dt.timedelta(hours=hours)


def show(
    *said: Sample | Statement[Sample] | Statement[SleepNight], date: dt.date = DAY, rules: Rules | None = None
) -> VisibleSleep | None:
    """What is shown, in whatever order it was said."""
    rules = rules or Rules()
    everything = [one if isinstance(one, Statement) else say("healthkit", one) for one in said]
    shown = []
    for seed in range(3):
        random.Random(seed).shuffle(everything)
        nights = [one for one in everything if isinstance(one.record, SleepNight)]
        samples = [one for one in everything if isinstance(one.record, Sample)]
        shown.append(merge_sleep(date, nights, samples, rules))
    assert shown[0] == shown[1] == shown[2]
    return shown[0]


def night(
    source: str, asleep_h: float, *, version: int = 1, external_id: str = "n", **fields: object
) -> Statement[SleepNight]:
    """A provider's night from 23 to 7."""
    told = {"date": DAY, "start": at(-1), "end": at(7), "asleep_s": asleep_h * 3600, **fields}
    return say(source, SleepNight(external_id=external_id, **told), version)  # type: ignore[arg-type]


def test_fragments_become_a_night_with_its_stages() -> None:
    shown = show(
        sleep("bed", Stage.IN_BED, at(-1), 8 * 60),
        sleep("a", Stage.CORE, at(-0.5), 120),
        sleep("b", Stage.DEEP, at(1.5), 60),
        sleep("c", Stage.AWAKE, at(2.5), 90),
        sleep("d", Stage.REM, at(4), 120),
    )
    assert shown is not None
    assert (shown.start, shown.end) == (at(-1), at(7))
    assert (shown.core_s, shown.deep_s, shown.rem_s, shown.awake_s) == (7200, 3600, 7200, 5400)
    assert (shown.asleep_s, shown.in_bed_s) == (5 * 3600, 8 * 3600)
    assert len(shown.parts) == 1
    assert shown.sources["asleep_s"].source == "healthkit"


def test_overlapping_fragments_count_once_and_the_particular_stage_is_right() -> None:
    shown = show(
        sleep("a", Stage.ASLEEP, at(0), 360),
        sleep("b", Stage.ASLEEP, at(1), 360),
        sleep("c", Stage.DEEP, at(2), 60),
    )
    assert shown is not None
    assert (shown.asleep_s, shown.deep_s) == (7 * 3600, 3600)


@pytest.mark.parametrize(("gap_h", "parts"), [(2.0, 1), (2.1, 2), (4.9, 2)])
def test_a_split_night_is_one_night_in_parts(gap_h: float, parts: int) -> None:
    second = -1 + 2 + gap_h
    shown = show(sleep("a", Stage.CORE, at(-1), 120), sleep("b", Stage.CORE, at(second), 180))
    assert shown is not None
    assert len(shown.parts) == parts
    assert shown.asleep_s == 5 * 3600
    assert (shown.start, shown.end) == (at(-1), at(second + 3))


def test_a_split_night_that_began_before_midnight_ends_where_it_ends() -> None:
    evening = sleep("a", Stage.CORE, at(-3), 120)
    morning = sleep("b", Stage.CORE, at(3), 240)
    assert show(evening, morning, date=DAY - dt.timedelta(days=1)) is None
    shown = show(evening, morning)
    assert shown is not None
    assert shown.asleep_s == 6 * 3600


def test_a_nap_stands_apart() -> None:
    shown = show(sleep("a", Stage.CORE, at(0), 420), sleep("n", Stage.ASLEEP, at(14), 40))
    assert shown is not None
    assert shown.asleep_s == 7 * 3600
    assert [(nap.start, nap.asleep_s) for nap in shown.naps] == [(at(14), 2400)]


def test_sleep_by_day_after_a_night_shift_is_a_night() -> None:
    shown = show(sleep("a", Stage.CORE, at(9), 420))
    assert shown is not None
    assert (shown.asleep_s, shown.naps) == (7 * 3600, ())


@pytest.mark.parametrize(("date", "hours"), [(dt.date(2026, 3, 29), 7), (dt.date(2026, 10, 25), 9)])
def test_a_night_over_a_change_of_clocks_lasts_as_long_as_it_lasted(date: dt.date, hours: int) -> None:
    # From 23:00 to 7:00 on the wall: 7 hours in spring, 9 in autumn.
    start = dt.datetime.combine(date - dt.timedelta(days=1), dt.time(23), BERLIN)
    end = dt.datetime.combine(date, dt.time(7), BERLIN)
    start, end = (one.astimezone(dt.timezone(one.utcoffset() or dt.timedelta())) for one in (start, end))
    middle = start + (end - start) / 2
    shown = show(
        sleep("a", Stage.CORE, start, (middle - start).total_seconds() / 60),
        Sample("b", "sleep", middle.astimezone(end.tzinfo), end, stage=Stage.REM, device="Watch"),  # type: ignore[arg-type]
        date=date,
    )
    assert shown is not None
    assert shown.asleep_s == hours * 3600
    assert shown.date == date


def test_a_night_on_a_flight_over_the_date_line_ends_on_the_date_of_the_arrival() -> None:
    # Fell asleep over Tokyo on the 14th, woke up in Honolulu on the 13th.
    tokyo, honolulu = dt.timezone(dt.timedelta(hours=9)), dt.timezone(dt.timedelta(hours=-10))
    start = dt.datetime(2026, 11, 14, 1, 0, tzinfo=tokyo)
    middle = start + dt.timedelta(hours=3)
    end = start + dt.timedelta(hours=7)
    first = Sample("a", "sleep", start, middle, stage=Stage.CORE, device="Watch")  # type: ignore[arg-type]
    second = Sample(
        "b",
        "sleep",
        middle.astimezone(honolulu),
        end.astimezone(honolulu),
        stage=Stage.REM,
        device="Watch",  # type: ignore[arg-type]
    )
    assert show(first, second, date=dt.date(2026, 11, 14)) is None
    shown = show(first, second, date=dt.date(2026, 11, 13))
    assert shown is not None
    # The middle of it, at six in the morning in the Tokyo of the start, is half past noon where it ended.
    assert shown.asleep_s == 7 * 3600


def test_one_source_is_believed_about_a_night() -> None:
    garmin = night("garmin", 7, deep_s=3600.0, rem_s=5400.0, score=81.0)
    phone = sleep("a", Stage.ASLEEP, at(-1), 470, "iPhone")
    shown = show(garmin, phone)
    assert shown is not None
    assert (shown.asleep_s, shown.score, shown.parts[0].source) == (7 * 3600, 81, "garmin")
    assert shown.sources["night"].reason == "fuller"

    by_order = show(garmin, phone, rules=Rules((Order("sleep", ("healthkit",)),)))
    assert by_order is not None
    assert (by_order.asleep_s, by_order.score) == (470 * 60, None)


def test_what_a_person_says_about_a_night_stands() -> None:
    watch = sleep("a", Stage.DEEP, at(-1), 470)
    entered = Sample("m", "sleep", at(0), at(6), stage=Stage.ASLEEP, is_manual=True)  # type: ignore[arg-type]
    shown = show(watch, entered)
    assert shown is not None
    assert (shown.asleep_s, shown.sources["night"].source) == (6 * 3600, ATHLETE)
    pinned = show(watch, rules=Rules((Pin("asleep_s", "sleep", date=DAY, value=20_000.0),)))
    assert pinned is not None
    assert pinned.asleep_s == 20_000
    assert pinned.sources["asleep_s"].reason == "pinned_value"


def test_a_vendors_night_that_is_sent_again_under_another_id_counts_once() -> None:
    shown = show(
        night("garmin", 6, external_id="tentative", version=1),
        night("garmin", 7, external_id="final", version=2),
    )
    assert shown is not None
    assert (shown.asleep_s, len(shown.parts)) == (7 * 3600, 1)


def test_a_vendors_nap_is_one() -> None:
    nap = say("garmin", SleepNight(DAY, "nap", at(13), at(14), asleep_s=3000.0, is_nap=True))
    shown = show(night("garmin", 7), nap)
    assert shown is not None
    assert (shown.asleep_s, [one.asleep_s for one in shown.naps]) == (7 * 3600, [3000])
