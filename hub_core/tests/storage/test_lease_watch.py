"""Who is dead, and who only seems to be by the clock."""

from __future__ import annotations

import time

from hub_core.storage.lease_watch import LeasedJob, LeaseWatch

LEASE_MS = 60
NOW_MS = 1_000_000
HOUR_MS = 3_600_000


def leased(until_ms: int, fence: int = 1) -> LeasedJob:
    return LeasedJob("job_1", fence, 0, until_ms)


def test_a_lease_that_ended_is_lost_once_it_has_stood_still() -> None:
    watch, job = LeaseWatch(LEASE_MS), leased(NOW_MS - 1)
    assert watch.lost([job], NOW_MS) == []
    time.sleep(LEASE_MS / 1000)
    assert watch.lost([job], NOW_MS) == [job]


def test_a_clock_that_is_set_forward_takes_nothing_from_the_living() -> None:
    watch = LeaseWatch(LEASE_MS)
    for number in range(3):
        job = leased(NOW_MS + number)  # a new end each time
        assert watch.lost([job], NOW_MS + HOUR_MS) == []
        time.sleep(LEASE_MS / 1000)


def test_a_clock_that_is_set_back_keeps_nothing_for_the_dead() -> None:
    watch, job = LeaseWatch(LEASE_MS), leased(NOW_MS)
    assert watch.lost([job], NOW_MS - HOUR_MS) == []
    time.sleep(LEASE_MS / 1000)
    assert watch.lost([job], NOW_MS - HOUR_MS) == [job]


def test_another_worker_begins_anew_and_what_is_done_is_forgotten() -> None:
    watch, job = LeaseWatch(LEASE_MS), leased(NOW_MS - 1)
    watch.lost([job], NOW_MS)
    time.sleep(LEASE_MS / 1000)
    assert watch.lost([leased(NOW_MS - 1, fence=2)], NOW_MS) == []
    assert watch.lost([], NOW_MS) == []
    assert watch.lost([job], NOW_MS) == []
