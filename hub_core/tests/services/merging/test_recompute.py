"""Laws of merging (F43), through the door: order, repetition and grouping of what is said decide nothing.

Statements, deletions, entries of people and rules come in any order, in any parts, some of them twice. What
is shown in the end is what one call with all of it shows. `-m chaos` runs ten thousand interleavings.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from hub_core.bootstrap import make_hub
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.merge import (
    ATHLETE,
    Decision,
    Identity,
    Join,
    Order,
    Pin,
    Split,
    cluster,
    merge_activity,
)
from hub_core.domain.records import (
    Activity,
    DailyHealth,
    Deleted,
    NutritionDay,
    Records,
    Sample,
    SleepNight,
    Stage,
)
from hub_core.domain.sport import Sport
from hub_core.services.athletes.issue_api_key import find_platform, issue_api_key
from hub_core.services.athletes.save_athlete import create_athlete
from hub_core.services.hub import Hub
from hub_core.services.inbound.observations import find_standing, load_series
from hub_core.services.inbound.observe import observe
from hub_core.services.merging.decide_merge import decide, undo
from hub_core.services.merging.recompute import load_rules
from hub_core.settings import HubSettings
from hub_core.storage import generate_key, new_id
from hub_core.storage.inbound_tables import Day, StoredActivity
from hub_core.testing.statements import MORNING, activity, curve, sleep, steps

on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

DAY = MORNING.date()
SOURCES = ("garmin", "wahoo", "intervals", "healthkit")
CURVES = (None, curve("heart_rate_bpm"), curve("power_w", "heart_rate_bpm"), curve("power_w", seed=2))

type Said = tuple[str, Any]


def draw(chance: random.Random) -> tuple[list[Said], list[Decision]]:
    """What a morning's webhooks, polls, phones and people might say; every statement has its version."""
    said: list[Said] = []
    for number in range(chance.randint(2, 6)):
        source = chance.choice(SOURCES)
        said += [(source, _activity(chance, number, version)) for version in range(1, chance.randint(2, 3))]
        if chance.random() < 0.15:
            said.append((source, Deleted(str(number), "activity", version=1)))
    if chance.random() < 0.5:
        about = {"origin": chance.choice(SOURCES), "origin_id": "1"} if chance.random() < 0.5 else {}
        said.append((ATHLETE, activity("felt", perceived_exertion=7.0, is_manual=True, version=3, **about)))
    for source in chance.sample(SOURCES, 2):
        said += [(source, DailyHealth(DAY, steps=chance.randint(0, 9_000), version=v)) for v in (1, 2)]
        said.append((source, NutritionDay(DAY, energy_kcal=float(chance.randint(500, 3_000)), version=1)))
    said.append((ATHLETE, DailyHealth(DAY, weight_kg=71.0, version=chance.randint(1, 9))))
    for number in range(chance.randint(0, 5)):
        device = chance.choice(("Watch", "iPhone"))
        said.append(
            ("healthkit", steps(f"s{number}", chance.randint(0, 60), 10, chance.randint(1, 900), device))
        )
        if chance.random() < 0.2:
            said.append(("healthkit", Deleted(f"s{number}", "sample", version=1)))
    said += [
        ("healthkit", sleep(f"n{n}", chance.choice(list(Stage)), MORNING, 40 * (n + 1))) for n in range(2)
    ]
    return said, _decisions(chance, said)


def _activity(chance: random.Random, number: int, version: int) -> Any:
    origin = chance.random() < 0.2
    return activity(
        str(number),
        version=version,
        sport=chance.choice((Sport.RUN, Sport.RUN, Sport.RUN, Sport.TRAIL_RUN, Sport.RIDE, Sport.OTHER)),
        late_s=chance.choice((0, 5, 60, 400, 3_000)),
        distance_m=chance.choice((None, 12_000.0, 12_050.0, 9_000.0)),
        series=chance.choice(CURVES),
        origin="garmin" if origin else "",
        origin_id=str(chance.randint(0, 3)) if origin else "",
        name=chance.choice(("", "Run", "Morning")),
    )


def _decisions(chance: random.Random, said: list[Said]) -> list[Decision]:
    known = sorted({Identity(source, one.external_id) for source, one in said if isinstance(one, Activity)})
    one, other = chance.sample(known, 2) if len(known) > 1 else (known[0], known[0])
    found: list[Decision] = [
        Order("daily.steps", tuple(chance.sample(SOURCES, 2))),
        Order("activity", tuple(chance.sample(SOURCES, 3))),
        Pin("name", member=one, value="Pinned"),
    ]
    if one != other:
        found.append(chance.choice((Split(one, (other,)), Join(one, other))))
    return chance.sample(found, chance.randint(0, len(found)))


class Retelling:
    """A database in which one athlete after the other is told the same in another way."""

    def __init__(self, hub: Hub, platform: str) -> None:
        self._hub = hub
        self._platform = platform

    async def athlete(self) -> str:
        made = await create_athlete(
            self._hub,
            self._platform,
            external_id=new_id("a"),
            name="",
            thresholds=Thresholds(),
            export_to="all",
        )
        return made.id

    async def at_once(self, said: list[Said], rules: list[Decision]) -> Any:
        """Each source in one call, the rules at the end."""
        athlete = await self.athlete()
        for source in sorted({source for source, _ in said}):
            await observe(self._hub, athlete, source, to_records([one for who, one in said if who == source]))
        for rule in rules:
            await decide(self._hub, athlete, rule)
        found = await shown(athlete)
        assert found[0] == await self.from_scratch(athlete)
        return found

    async def from_scratch(self, athlete: str) -> list[str]:
        """The activities by the pure rules alone, all statements beside each other."""
        rules = await load_rules(athlete)
        statements = []
        for one in await find_standing(self._hub, athlete, Activity, "1 = 1"):
            record = msgspec.structs.replace(one.record, series=await load_series(self._hub, athlete, one))
            statements.append(msgspec.structs.replace(one, record=record))
        shown = (merge_activity(group, rules) for group in cluster(statements, rules))
        return sorted(msgspec.json.encode(one).decode() for one in shown)

    async def in_parts(self, said: list[Said], rules: list[Decision], chance: random.Random) -> Any:
        """In any order and parts, with repetitions; the rules as soon as what they name is known.

        The order among rules is kept, because of two the newer one stands. One more is undone on the way.
        """
        athlete = await self.athlete()
        waiting = [*said, *chance.sample(said, len(said) // 4)]
        chance.shuffle(waiting)
        heard: set[Identity] = set()
        left = list(rules)
        passing = Order("activity.distance_m", tuple(chance.sample(SOURCES, 3)))
        passing_id: str | None = None
        is_over = False
        while waiting:
            source = waiting[0][0]
            size = chance.randint(1, 4)
            part = [one for who, one in waiting if who == source][:size]
            for one in part:
                waiting.remove((source, one))
            await observe(self._hub, athlete, source, to_records(part))
            heard |= {Identity(source, one.external_id) for one in part if isinstance(one, Activity)}
            if passing_id and chance.random() < 0.5:
                await undo(self._hub, athlete, passing_id)
                passing_id, is_over = None, True
            elif not passing_id and not is_over and chance.random() < 0.3:
                change = await decide(self._hub, athlete, passing)
                passing_id = change.rule.id if change.rule else None
            while left and named(left[0]) <= heard and chance.random() < 0.5:
                await decide(self._hub, athlete, left.pop(0))
        if passing_id:
            await undo(self._hub, athlete, passing_id)
        for rule in left:
            await decide(self._hub, athlete, rule)
        return await shown(athlete)


def named(rule: Decision) -> set[Identity]:
    """The statements that a rule names."""
    match rule:
        case Split():
            return {rule.member, *rule.others}
        case Join():
            return {rule.one, rule.other}
        case Pin():
            return {rule.member} if rule.member else set()
        case _:
            return set()


def to_records(said: list[Any]) -> Records:
    """What one source says in one call."""

    def of(kind: type) -> tuple[Any, ...]:
        return tuple(one for one in said if isinstance(one, kind))

    return Records(
        of(Activity),
        of(Deleted),
        daily=of(DailyHealth),
        sleep=of(SleepNight),
        nutrition=of(NutritionDay),
        samples=of(Sample),
    )


async def shown(athlete: str) -> Any:
    """All that the API shows of an athlete, without ids; and that no statement is shown twice."""
    live = (StoredActivity.athlete_id == athlete) & (StoredActivity.deleted == False)  # noqa: E712
    rows = await StoredActivity.objects().where(live)
    members = [tuple(one.items()) for row in rows for one in msgspec.json.decode(row.members)]
    assert len(members) == len(set(members))
    days = await Day.objects().where((Day.athlete_id == athlete) & (Day.deleted == False))  # noqa: E712
    return sorted(row.document for row in rows), sorted((row.kind, row.date, row.document) for row in days)


def run(database_url: str, seeds: range, ways: int) -> tuple[int, int]:
    """Compare each seed's statements at once with other ways; how many interleavings and statements."""

    async def compare() -> tuple[int, int]:
        hub = make_hub(HubSettings(database_url=database_url, encryption_keys=SecretStr(generate_key())))
        platform = await find_platform(await issue_api_key(hub, "coach"))
        assert platform
        retelling = Retelling(hub, platform)
        statements = 0
        for seed in seeds:
            said, rules = draw(random.Random(seed))
            statements += len(said) * ways
            whole = await retelling.at_once(said, rules)
            for way in range(ways):
                assert await retelling.in_parts(said, rules, random.Random(seed * 1000 + way)) == whole, (
                    seed,
                    way,
                )
        await hub.engine.close()
        return len(seeds) * ways, statements

    return asyncio.run(compare())


@on_both
def test_interleavings_show_the_same(database_url: str) -> None:
    assert run(database_url, range(8), 2)[0] == 16


@pytest.mark.chaos
def test_ten_thousand_interleavings_show_the_same(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    interleavings, statements = run(sqlite_url, range(1000, 3000), 5)
    with capsys.disabled():
        print(f"\nF43: {interleavings} interleavings of {statements} statements, 0 that show something else")  # noqa: T201
