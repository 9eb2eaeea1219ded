"""A race plugin that finds other races than there are is caught: one broken plugin for each case."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

import hub_ahotu.plugin as sound
from hub_core.sdk import NotFound, Place, Race, RaceStatus
from hub_core.testing.conformance import CASES

Races = tuple[Race, ...]


@pytest.fixture
def fake() -> SimpleNamespace:
    """The race plugin's hooks as attributes that can be replaced."""
    return SimpleNamespace(**vars(sound))


def finding(change: Callable[[Races], Any]) -> Callable[..., Any]:
    """What the sound plugin finds, changed."""

    async def search_races(context: Any, query: Any) -> Any:
        return change(await sound.search_races(context, query))

    return search_races


def each(change: Callable[[Race], dict[str, Any]]) -> Callable[..., Any]:
    """Some fields of each race, changed."""
    return finding(lambda races: tuple(msgspec.structs.replace(race, **change(race)) for race in races))


def swapped(race: Race) -> dict[str, Any]:
    place = race.place or Place(0, 0)
    return {"place": Place(place.longitude, place.latitude)}


async def raises_for_nothing(context: Any, query: Any) -> Races:
    races = await sound.search_races(context, query)
    if not races:
        raise NotFound("no races")
    return races


async def ignores_the_criteria(context: Any, query: Any) -> Races:
    return await sound.search_races(context, type(query)(start=query.start))


BREAKS: dict[str, Callable[..., Any]] = {
    "races.found": each(swapped),
    "races.distances": finding(lambda races: races[:1]),
    "races.cancelled": each(lambda _: {"status": RaceStatus.SCHEDULED}),
    "races.others": ignores_the_criteria,
    "races.nothing": raises_for_nothing,
    "races.pages": finding(lambda races: races[:20]),
}


@pytest.mark.parametrize("case_id", BREAKS)
def test_the_kit_catches_it(case_id: str, fake: SimpleNamespace, assert_caught: Any) -> None:
    fake.search_races = BREAKS[case_id]
    assert_caught(case_id)


@pytest.mark.parametrize(
    ("case_id", "change"),
    [
        ("races.found", each(lambda race: {"distance_m": (race.distance_m or 0) / 1000})),
        ("races.found", finding(lambda races: ())),
        ("races.distances", each(lambda _: {"external_id": "1"})),
        ("races.cancelled", finding(lambda races: ())),
        ("races.pages", finding(lambda races: (*races, *races))),
        ("races.nothing", finding(list)),
    ],
)
def test_other_ways_to_be_wrong_are_caught_too(
    case_id: str, change: Callable[..., Any], fake: SimpleNamespace, check: Any
) -> None:
    fake.search_races = change
    assert not check(case_id).holds


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "races"}
