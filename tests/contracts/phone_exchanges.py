"""What the exchanges of an athlete's phone with our API have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .contract import Contract, Exchange
from .hub_answers import ATHLETE_ID, KEY
from .sample_phone import SamplePhone

CONTRACT = Contract("sample-phone", "hub")


@contextmanager
def phone(exchange: Exchange, athlete: str = ATHLETE_ID, key: str = KEY) -> Iterator[SamplePhone]:
    with exchange.serve() as origin, SamplePhone(origin, key, athlete) as client:
        yield client
