"""Consumers that wait for a message at a real Redis."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import dramatiq
import pytest
from dramatiq.errors import ConnectionClosed

from hub_core.pipeline.redis_broker import WakingBroker
from hub_core.testing.servers import redis_service


@pytest.fixture
def broker(redis_url: str) -> Iterator[WakingBroker]:
    one = WakingBroker(redis_url)
    yield one
    one.close()


def send(broker: WakingBroker, count: int) -> list[str]:
    @dramatiq.actor(broker=broker, queue_name="jobs", actor_name="note")
    def note(name: str) -> None: ...

    return [note.send(f"{number}").message_id for number in range(count)]


def test_what_waits_is_taken_in_order_by_one_of_those_who_wait(broker: WakingBroker) -> None:
    taken: list[str] = []
    is_all = threading.Event()

    def consume() -> None:
        consumer = broker.consume("jobs", prefetch=10)
        while not is_all.is_set():
            message = next(consumer)
            if message:
                taken.append(message.message_id)
                consumer.ack(message)
                if len(taken) == len(sent):
                    is_all.set()

    sent: list[str] = [""] * 20
    workers = [threading.Thread(target=consume) for _ in range(2)]
    for worker in workers:
        worker.start()
    sent[:] = send(broker, 20)
    assert is_all.wait(30)
    for worker in workers:
        worker.join()
    assert sorted(taken) == sorted(sent)


def test_waiting_takes_nothing_and_changes_no_order(broker: WakingBroker) -> None:
    sent = send(broker, 5)
    full = broker.consume("jobs", prefetch=0)
    assert [next(full) for _ in range(3)] == [None] * 3
    consumer = broker.consume("jobs", prefetch=5)
    consumer._wait()  # (there is one: it returns at once)
    assert [next(consumer).message_id for _ in range(5)] == sent


def test_a_redis_that_goes_away_is_told_as_dramatiq_knows_it() -> None:
    with redis_service() as (url, service):
        broker = WakingBroker(url)
        consumer = broker.consume("jobs", prefetch=1)
        assert next(consumer) is None
        service.stop()
        with pytest.raises(ConnectionClosed):
            next(consumer)
        broker.close()
