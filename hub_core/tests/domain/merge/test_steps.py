"""Several devices count the same steps: neither added up nor hidden."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.merge import ATHLETE, Statement
from hub_core.domain.merge.steps import Union, day_stretches, unite
from hub_core.domain.records import Sample, SampleMetric
from hub_core.testing.statements import MORNING, say, steps

DAY = MORNING.date()


def count(*samples: Sample | Statement[Sample], order: tuple[str, ...] = ()) -> Union:
    said = [one if isinstance(one, Statement) else say("healthkit", one) for one in samples]
    return unite(day_stretches(said, DAY), order)


def test_watch_and_phone_at_the_same_time_count_once() -> None:
    watch, phone = steps("w", 0, 30, 3000, "Watch"), steps("p", 0, 30, 2800, "iPhone")
    assert count(watch, phone) == Union(3000, {("healthkit", "Watch"): 3000})


def test_each_device_counts_what_only_it_has_seen() -> None:
    # The watch charges until half past, the phone lies on the desk from then on.
    watch, phone = steps("w", 30, 30, 1200, "Watch"), steps("p", 0, 30, 900, "iPhone")
    assert count(watch, phone).amount == 2100


def test_where_they_overlap_in_part_the_larger_rate_counts() -> None:
    watch, phone = steps("w", 0, 20, 2000, "Watch"), steps("p", 10, 20, 1000, "iPhone")
    assert count(watch, phone).parts == {("healthkit", "Watch"): 2000, ("healthkit", "iPhone"): 500}


def test_an_order_lets_the_preferred_source_count_where_it_has_counted() -> None:
    ring = say("oura", steps("o", 0, 30, 500))
    assert count(ring, steps("p", 0, 60, 4000, "iPhone")).amount == 4000
    united = count(ring, steps("p", 0, 60, 4000, "iPhone"), order=("oura",))
    assert united.parts == {("healthkit", "iPhone"): 2000, ("oura", ""): 500}


def test_what_a_person_entered_counts_for_its_time() -> None:
    entered = steps("m", 0, 30, 100, is_manual=True)
    assert count(entered, steps("p", 0, 60, 4000, "iPhone")).amount == 2100
    assert count(say(ATHLETE, entered), steps("p", 0, 60, 4000, "iPhone")).amount == 2100


def test_a_stretch_over_midnight_belongs_to_both_days() -> None:
    late = MORNING.replace(hour=23, minute=50)
    walk = Sample("x", SampleMetric.STEPS, late, late + dt.timedelta(minutes=30), 300)
    assert count(walk).amount == 100
    assert unite(day_stretches([say("healthkit", walk)], DAY + dt.timedelta(days=1))).amount == 200


def test_the_day_is_that_of_the_samples_own_clock() -> None:
    # A flight over the date line: 23:00 on the 13th in Honolulu is 10:00 on the 14th in Berlin.
    honolulu = dt.timezone(dt.timedelta(hours=-10))
    start = dt.datetime(2026, 11, 13, 23, 0, tzinfo=honolulu)
    walk = Sample("x", SampleMetric.STEPS, start, start + dt.timedelta(minutes=10), 700)
    assert count(walk).amount == 0
    assert unite(day_stretches([say("healthkit", walk)], dt.date(2026, 11, 13))).amount == 700


def test_a_sample_without_length_counts_once() -> None:
    moment = steps("a", 5, 0, 40, "iPhone")
    assert count(moment).amount == 40
    assert count(moment, steps("w", 0, 30, 3000, "Watch")).amount == pytest.approx(3038.333, abs=0.01)


_SAMPLES = st.lists(
    st.builds(
        lambda number, minute, length, value, device: steps(str(number), minute, length, value, device),
        st.integers(0, 10**6),
        st.integers(0, 500),
        st.integers(1, 120),
        st.integers(0, 5000),
        st.sampled_from(["Watch", "iPhone", "Ring"]),
    ),
    max_size=25,
    unique_by=lambda one: one.external_id,
)


@given(_SAMPLES, st.randoms(use_true_random=False))
def test_laws_of_the_union(samples: list[Sample], chance: random.Random) -> None:
    whole = count(*samples).amount
    shuffled = list(samples)
    chance.shuffle(shuffled)
    assert count(*shuffled, *shuffled[:5]).amount == whole
    by_device = {
        device: [one for one in samples if one.device == device] for device in ("Watch", "iPhone", "Ring")
    }
    parts = [count(*mine).amount for mine in by_device.values()]
    # No device is hidden, and nothing is added up.
    assert max(parts, default=0) - 0.01 <= whole <= sum(parts) + 0.01
