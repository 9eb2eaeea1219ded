"""What the figures have in common: rows of the table, percentiles, and asking a database from outside."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub_core.storage import Row, close_engine, open_engine


@dataclass(frozen=True)
class Figure:
    """One line: what was to be reached, what was measured, and what the same run made of the reference.

    `is_met` is None where nothing is to be reached.
    """

    what: str
    reach: str
    measured: str
    reference: str
    is_met: bool | None = None


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    is_short: bool

    def of(self, short: int, full: int) -> int:
        return short if self.is_short else full


def say(text: str) -> None:
    """What is going on, beside the table."""
    print(f"  {text}", file=sys.stderr, flush=True)


def show(figures: Iterable[Figure]) -> None:
    """The table, in columns."""
    met = {True: "yes", False: "no", None: "-"}
    lines = [("figure", "reach", "measured", "reference", "met")]
    lines += [(one.what, one.reach, one.measured, one.reference, met[one.is_met]) for one in figures]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def percentile(values: Iterable[float], share: float) -> float:
    """The value that this share (0 to 100) of all are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]


def spread(values: list[float], unit: str = "ms") -> str:
    """The middle and the end of what was measured."""
    return f"p50 {percentile(values, 50):.1f} {unit}, p99 {percentile(values, 99):.1f} {unit}"


def query(database_url: str, *statements: str) -> list[Row]:
    """Run statements on a database, and return what the last one finds."""

    async def run() -> list[Row]:
        engine = open_engine(database_url)
        try:
            found: list[Row] = []
            for statement in statements:
                found = await engine.execute(statement)
            return found
        finally:
            await close_engine(engine)

    return asyncio.run(run())


def wait_for(is_so: Callable[[], bool], what: str, patience_s: float = 600.0) -> None:
    """Look five times a second: more would be felt by what is measured."""
    end = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {patience_s:g} s")
        time.sleep(0.2)
