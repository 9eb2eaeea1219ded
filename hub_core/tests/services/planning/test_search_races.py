"""Several calendars are asked together: what two know is one race, and who failed is named."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import msgspec
import pytest

from hub_core.bootstrap import make_hub
from hub_core.cli.serve import make_sandboxes
from hub_core.domain.race import Race, RaceQuery, RaceStatus
from hub_core.domain.weather import Place
from hub_core.errors import InvalidInputError
from hub_core.registry.registry import Provider
from hub_core.sandbox import Fault, FaultKind
from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.sdk import Capabilities, Manifest, Operation, ProviderSettings, RetryLater, Sport, hookimpl
from hub_core.services.planning import search_races as search_races_module
from hub_core.services.planning.search_races import FoundRaces, search_races
from hub_core.settings import HubSettings

TODAY = dt.datetime.now(dt.UTC).date()
DAY = TODAY + dt.timedelta(days=100)
RACE = Race(
    "1",
    "Mockstadt River Marathon",
    DAY,
    name="Marathon",
    city="Mockstadt",
    country="DE",
    place=Place(52.4, 13.06),
    sport=Sport.RUN,
    distance_m=42_195.0,
    elevation_gain_m=128.0,
)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with serve_sandboxes(make_sandboxes(["ahotu"])) as servers:
        yield servers["ahotu"]


@pytest.fixture
async def scene(server: SandboxServer, sqlite_url: str) -> AsyncIterator[Any]:
    """Ahotu, and a club's calendar that is a plugin of its own."""
    type(server.sandbox).__init__(server.sandbox)
    settings = HubSettings(database_url=sqlite_url)
    hub = make_hub(settings, provider_settings={"ahotu": server.sandbox.settings(server.origin)})
    club = SimpleNamespace(races=(), error=None, takes_s=0.0)

    async def answer(context: Any, query: RaceQuery) -> tuple[Race, ...]:
        await asyncio.sleep(club.takes_s)
        if club.error:
            raise club.error
        return tuple(club.races)

    plugin = ModuleType("hub_test_club")
    plugin.search_races = hookimpl(answer)  # type: ignore[attr-defined]
    able = Capabilities(operations=frozenset({Operation.SEARCH_RACES}))
    manifest = Manifest("club", "Club", able, access="app", attribution="Races by the club")
    hub.registry.manager.register(plugin, name="club")
    hub.registry.providers["club"] = Provider(manifest, ProviderSettings(), plugin)
    yield SimpleNamespace(hub=hub, sandbox=server.sandbox, club=club)
    await hub.pool.close()
    await hub.engine.close()


async def search(scene: Any, **fields: Any) -> FoundRaces:
    return await search_races(scene.hub, RaceQuery(**fields), today=TODAY)


async def test_what_two_calendars_know_is_one_race_with_the_reason(scene: Any) -> None:
    scene.sandbox.hold_race(msgspec.structs.replace(RACE, elevation_gain_m=None))
    scene.sandbox.hold_race(msgspec.structs.replace(RACE, external_id="2", name="10 km", distance_m=10_000.0))
    scene.club.races = [
        msgspec.structs.replace(
            RACE,
            external_id="c7",
            event="Mockstadt Marathon",
            distance_m=42_165.0,
            url="https://club.example/7",
        )
    ]
    found = await search(scene)
    assert [(one.race.name, [source.provider for source in one.sources]) for one in found.races] == [
        ("Marathon", ["ahotu", "club"]),
        ("10 km", ["ahotu"]),
    ]
    whole = found.races[0]
    assert "same day, distance and place" in whole.joined
    assert "ahotu and club" in whole.joined
    # Of each the first that says it.
    assert (whole.race.distance_m, whole.race.event) == (42_195.0, "Mockstadt River Marathon")
    assert (whole.race.elevation_gain_m, whole.race.url) == (128.0, "https://club.example/7")
    assert {source.attribution for source in whole.sources} == {"Races by Ahotu", "Races by the club"}
    assert (found.asked, found.failed) == (("ahotu", "club"), ())


async def test_two_records_of_one_calendar_stay_two(scene: Any) -> None:
    scene.club.races = [RACE, msgspec.structs.replace(RACE, external_id="2", name="Marathon, wave 2")]
    assert len((await search(scene)).races) == 2


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        (RaceStatus.SCHEDULED, RaceStatus.CANCELLED, RaceStatus.CANCELLED),
        (RaceStatus.CANCELLED, RaceStatus.SCHEDULED, RaceStatus.CANCELLED),
        (RaceStatus.POSTPONED, RaceStatus.SCHEDULED, RaceStatus.POSTPONED),
        (RaceStatus.UNKNOWN, RaceStatus.SCHEDULED, RaceStatus.SCHEDULED),
        (RaceStatus.UNKNOWN, RaceStatus.UNKNOWN, RaceStatus.UNKNOWN),
    ],
)
async def test_a_cancelled_race_is_cancelled_whoever_knows_it(
    scene: Any, one: RaceStatus, other: RaceStatus, joined: RaceStatus
) -> None:
    scene.sandbox.hold_race(msgspec.structs.replace(RACE, status=one))
    scene.club.races = [msgspec.structs.replace(RACE, status=other)]
    (race,) = (await search(scene)).races
    assert race.race.status is joined


async def test_who_fails_is_named_and_the_others_are_heard(scene: Any) -> None:
    scene.sandbox.hold_race(RACE)
    scene.club.error = RetryLater("the club's server is down")
    found = await search(scene)
    assert len(found.races) == 1
    assert [(one.provider, one.code, one.message) for one in found.failed] == [
        ("club", "retry_later", "the club's server is down")
    ]
    scene.club.error, scene.club.races = None, [RACE]
    scene.sandbox.faults.add(Fault(FaultKind.STATUS, value=500, path="/graphql"))
    found = await search(scene)
    assert [one.provider for one in found.failed] == ["ahotu"]
    assert [source.provider for one in found.races for source in one.sources] == ["club"]


async def test_who_is_slow_keeps_nobody_waiting(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_races_module, "TIME_LIMIT_S", 0.5)
    scene.sandbox.hold_race(RACE)
    scene.club.takes_s = 60
    found = await search(scene)
    assert [source.provider for one in found.races for source in one.sources] == ["ahotu"]
    assert [(one.provider, one.message) for one in found.failed] == [
        ("club", "club gave no answer within 0.5 s")
    ]


async def test_the_token_is_fetched_once_and_anew_when_it_is_refused(scene: Any) -> None:
    def fetched() -> int:
        return sum(entry.path == "/oauth2/token" for entry in scene.sandbox.journal)

    await asyncio.gather(*(search(scene) for _ in range(5)))
    await search(scene)
    assert fetched() == 1
    scene.sandbox.oauth.revoke("partner")
    scene.sandbox.hold_race(RACE)
    found = await search(scene)
    assert (len(found.races), found.failed) == (1, ())
    assert fetched() == 2


async def test_without_credentials_it_is_named_with_what_to_set(
    scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = scene.hub.registry.get("ahotu")
    bare = Provider(chosen.manifest, type(chosen.settings)(), chosen.plugin)
    monkeypatch.setitem(scene.hub.registry.providers, "ahotu", bare)
    (failure,) = (await search(scene)).failed
    assert (failure.provider, failure.code) == ("ahotu", "misconfigured")
    assert "set HUB_AHOTU_CLIENT_ID" in failure.message


@pytest.mark.parametrize(
    ("text", "names"),
    [("marathon", ["Marathon"]), ("10 km", ["10 km"]), ("mock", []), ("river", ["Marathon", "10 km"])],
)
async def test_words_that_name_a_distance_are_one(scene: Any, text: str, names: list[str]) -> None:
    scene.sandbox.hold_race(RACE)
    scene.sandbox.hold_race(msgspec.structs.replace(RACE, external_id="2", name="10 km", distance_m=10_000.0))
    assert [one.race.name for one in (await search(scene, text=text)).races] == names


async def test_races_around_a_place_come_with_how_far_it_is(scene: Any) -> None:
    scene.sandbox.hold_race(RACE)
    (one,) = (await search(scene, near=Place(52.5, 13.4), radius_km=50.0)).races
    assert one.away_km == pytest.approx(25.6, abs=0.2)
    assert (await search(scene, near=Place(52.5, 13.4), radius_km=10.0)).races == ()


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"text": "x" * 101}, "query"),
        ({"text": "a\nb"}, "query"),
        ({"near": Place(91, 0)}, "near"),
        ({"near": Place(0, float("nan"))}, "near"),
        ({"near": Place(0, 0), "radius_km": 0.0}, "radius_km"),
        ({"near": Place(0, 0), "radius_km": float("nan")}, "radius_km"),
        ({"distance_m": 1.0}, "distance_km"),
        ({"start": dt.date(1, 1, 1)}, "from"),
        ({"end": dt.date(9999, 1, 1)}, "to"),
        ({"end": TODAY - dt.timedelta(days=1)}, "to"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_its_name(
    scene: Any, fields: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await search(scene, **fields)
    assert refused.value.path == path
