"""`hub races` at a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from hub_core.cli.serve import make_sandboxes
from hub_core.sandbox.server import serve_sandboxes

SPRING = dt.date(dt.datetime.now(dt.UTC).year + 1, 4, 1).isoformat()


@pytest.fixture(scope="module")
def variables() -> Iterator[dict[str, str]]:
    """The settings that point a hub at a calendar with something in it."""
    with serve_sandboxes(make_sandboxes(["ahotu"])) as servers:
        servers["ahotu"].sandbox.fill()
        yield servers["ahotu"].sandbox.environment(servers["ahotu"].origin)


def test_a_table_of_what_there_is(hub: Any, variables: dict[str, str]) -> None:
    done = hub("races", "marathon", "--near", "52.5,13.4", "--from", SPRING, **variables)
    assert (done.code, done.err) == (0, "")
    for words in ("3 races", "Mockstadt", "42.195", "26 km", "flat, road", "09:30"):
        assert words in done.out
    assert "cancelled" in done.out[done.out.index("Beispielsee") :]
    assert "Races by Ahotu" in done.out


def test_nothing_found_is_no_failure(hub: Any, variables: dict[str, str]) -> None:
    done = hub("races", "atlantis", **variables)
    assert done.code == 0
    assert "0 races" in done.out


def test_without_credentials_it_says_what_to_set(hub: Any) -> None:
    done = hub("races", "marathon")
    assert done.code == 1
    assert "ahotu: set HUB_AHOTU_CLIENT_ID and HUB_AHOTU_CLIENT_SECRET" in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--near", "Berlin"], "--near: write a place as latitude,longitude"),
        (["--from", "spring"], "--from: write a date"),
        (["--near", "1,2", "--radius", "0"], "radius_km: must be between 1 and 2000"),
    ],
)
def test_what_makes_no_sense_is_one_line(hub: Any, arguments: list[str], words: str) -> None:
    done = hub("races", *arguments)
    assert done.is_one_line
    assert words in done.err


def test_providers_say_that_credentials_are_missing(hub: Any, variables: dict[str, str]) -> None:
    assert "ahotu: needs credentials, HUB_AHOTU_..." in hub("providers").out
    assert "ahotu: needs credentials" not in hub("providers", **variables).out
