"""`hub weather` at a terminal."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from rich.console import Console

from hub_core.cli import providers
from hub_core.cli.serve import make_sandboxes
from hub_core.sandbox.server import serve_sandboxes


@pytest.fixture(scope="module")
def variables() -> Iterator[dict[str, str]]:
    """The settings that point a hub at a made-up sky."""
    with serve_sandboxes(make_sandboxes(["weather"])) as servers:
        yield servers["weather"].sandbox.environment(servers["weather"].origin)


def test_a_week_by_day_with_whom_to_name(hub: Any, variables: dict[str, str]) -> None:
    done = hub("weather", "52.52,13.41", **variables)
    assert (done.code, done.err) == (0, "")
    assert "Weather at 52.50, 13.40" in done.out
    days = re.findall(r"^ *(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d \w{3} .*$", done.out, re.MULTILINE)
    assert len(days) == 7
    # Air is forecast for a day less, and which day it is over there is known from noon on (UTC).
    assert all(re.search(r" -?\d+ … -?\d+ .* 30/40 *$", day) for day in days[:-1])
    assert re.search(r" -?\d+ … -?\d+ .* (30/40|–/–) *$", days[-1])
    assert max(map(len, days)) <= 80
    assert "Weather data by Open-Meteo.com (CC BY 4.0)" in done.out


def test_a_day_by_hour_south_of_the_equator(hub: Any, variables: dict[str, str]) -> None:
    done = hub("weather", "-33.9,151.2", "--from", "2026-02-01", **variables)
    assert done.code == 0
    assert len(re.findall(r"Sun 01 \d\d:00 ", done.out)) == 24


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Berlin"], "LAT,LON: write a place as latitude,longitude"),
        (["13.4,152.5", "--from", "2026-02-30"], "--from: write a date as 2027-04-01"),
        (["152.5,13.4"], "latitudes end at 90"),
        (["52.5,13.4", "--from", "2026-02-02", "--to", "2026-02-01"], "to: must be from 2026-02-02"),
    ],
)
def test_what_makes_no_sense_is_one_line(hub: Any, arguments: list[str], words: str) -> None:
    done = hub("weather", *arguments)
    assert done.is_one_line
    assert words in done.err


def test_an_old_hour_is_told_while_the_provider_is_down(hub: Any) -> None:
    done = hub("weather", "52.5,13.4", HUB_WEATHER_API_URL="http://127.0.0.1:9")
    assert done.is_one_line
    assert "weather cannot be reached" in done.err


def test_the_providers_list_says_what_it_is_for_and_that_nobody_connects(hub: Any) -> None:
    table = Console(file=io.StringIO(), width=140)
    with patch.object(providers, "console", table):
        hub("providers")
    lines = table.file.getvalue().splitlines()  # type: ignore[attr-defined]
    (row,) = [line for line in lines if line.startswith("│ Weather (Open-Meteo)")]
    assert [cell.strip() for cell in row.split("│")[2:4]] == ["weather", "nobody"]
