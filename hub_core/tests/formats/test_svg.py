"""The picture as SVG: well-formed, small, true in its coordinates, and deaf to what is written in names."""

from __future__ import annotations

import re
from typing import Any

import defusedxml.ElementTree
import pytest
from hypothesis import given

from hub_core.domain.athlete import Athlete
from hub_core.domain.profile import make_profile
from hub_core.domain.sport import Sport
from hub_core.domain.validate import MAX_PLAYED_STEPS, validate
from hub_core.domain.workout import (
    DistanceDuration,
    Metric,
    Node,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    TimeDuration,
    ZoneTarget,
)
from hub_core.formats import draw_svg
from hub_core.testing.strategies import KNOWN_ATHLETE, planned_workouts

SVG = "{http://www.w3.org/2000/svg}"
#: The plot lies between these.
LEFT, RIGHT, TOP, BOTTOM = 64, 860, 60, 260
ANNA = Athlete(ftp_w=250)


def ftp(low: float, high: float, ramp: Any = None) -> PercentTarget:
    return PercentTarget(Metric.POWER, low, high, Reference.FTP, ramp)


def draw(*steps: Node, name: str = "Plan", athlete: Athlete = ANNA) -> tuple[str, Any]:
    text = draw_svg(make_profile(PlannedWorkout(name, Sport.RIDE, steps), athlete))
    return text, defusedxml.ElementTree.fromstring(text)


def shapes(root: Any) -> list[tuple[str, str]]:
    """The classes and paths of all bars."""
    paths = [element for group in root.iter(f"{SVG}g") for element in group.iter(f"{SVG}path")]
    return [(one.get("class"), one.get("d")) for one in paths if one.get("d").endswith("Z")]


def test_bars_stand_where_their_numbers_say() -> None:
    # 1000 s over 796 units; 100 % is the top mark, so that 1 % are 2 units.
    _, root = draw(
        Step(TimeDuration(500), ftp(50, 50)),
        Step(TimeDuration(250), ftp(80, 100)),
        Step(TimeDuration(250), ftp(60, 70, "down")),
    )
    assert shapes(root) == [
        ("z1", "M64 260L64 160L461 160L461 260Z"),
        ("z3", "M462 260L462 100L660 100L660 260Z"),
        ("z3 band", "M462 100L462 60L660 60L660 100Z"),
        ("z2", "M661 260L661 120L859 140L859 260Z"),
    ]
    said = [
        group.findtext(f"{SVG}title")
        for group in root.iter(f"{SVG}g")
        if group.find(f"{SVG}title") is not None
    ]
    assert said == ["8:20 min at 50 % FTP", "4:10 min at 80–100 % FTP", "4:10 min at ramp 60–70 % FTP (down)"]


def test_what_is_guessed_is_marked_as_such() -> None:
    _, root = draw(Step(TimeDuration(300)), Step(OpenDuration()), Step(DistanceDuration(2500), ftp(60, 60)))
    marks = {one.get("class"): one.get("d") for one in root.findall(f"{SVG}path")}
    assert marks["open"] == "M329.3 264H594.7"
    assert marks["guessed"] == "M594.7 264H860"
    assert [style for style, _ in shapes(root)] == ["free", "free", "z2"]
    words = [one.text for one in root.iter(f"{SVG}text")]
    assert {"time guessed", "until lap, drawn as 5 min", "no target: 10 min", "zone 2: 5 min"} <= set(words)


def test_it_can_be_read_without_being_seen() -> None:
    text, root = draw(
        Step(TimeDuration(500), ftp(50, 50), name="Easy"), Step(TimeDuration(100)), name="My plan"
    )
    assert root.get("role") == "img"
    assert re.fullmatch(r"0 0 960 \d+", root.get("viewBox"))
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "My plan · ride · 10 min"
    assert root[1].tag == f"{SVG}desc"
    assert root[1].text == "Easy: 8:20 min at 50 % FTP; 1:40 min"
    assert "prefers-color-scheme:dark" in text
    assert "url(" not in text
    assert text.count("http") == 1  # the name space


@pytest.mark.parametrize(
    "name",
    [
        "</title><script>alert(1)</script>",
        "]]>&amp;&#0;<!--",
        '" onload="alert(1)',
        "a\ufffe\uffff\u2028\u200b31m b",
        "𝔘𝔫𝔦 🚴‍♀️ \u202egnp.exe",
        "x" * 200,
    ],
)
def test_hostile_names_are_names(name: str) -> None:
    step = Step(TimeDuration(60), name=name, notes=name)
    workout = PlannedWorkout(name, Sport.RIDE, (step,), description=name)
    validate(workout)
    text = draw_svg(make_profile(workout, ANNA))
    root = defusedxml.ElementTree.fromstring(text)
    allowed = {"svg", "title", "desc", "style", "text", "path", "rect", "g"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not any(name.startswith("on") for name in attributes)


def test_the_longest_workout_makes_no_large_picture() -> None:
    name = "&" * 200
    few = [Step(TimeDuration(30), ftp(60, 90), name=name) for _ in range(300)]
    hard, easy = Step(TimeDuration(30), ZoneTarget(Metric.POWER, 6, 7)), Step(TimeDuration(15.5), name=name)
    for steps in (few, [Repeat(500, tuple([hard, easy] * 5))]):
        workout = PlannedWorkout(name, Sport.RIDE, tuple(steps))
        validate(workout)
        text = draw_svg(make_profile(workout, ANNA))
        assert len(text.encode()) < 400_000
        assert defusedxml.ElementTree.fromstring(text) is not None
    assert len(make_profile(workout, ANNA).segments) == MAX_PLAYED_STEPS


def test_a_long_legend_takes_more_lines() -> None:
    zones = [Step(TimeDuration(4000 + zone), ZoneTarget(Metric.POWER, zone, zone)) for zone in range(1, 8)]
    others = [
        Step(OpenDuration(), RangeTarget(Metric.HEART_RATE, 150, 150)),
        Step(DistanceDuration(9000), RangeTarget(Metric.RPE, 5, 5)),
        Step(TimeDuration(10), RangeTarget(Metric.SPEED, 5, 5)),
        Step(TimeDuration(10), RangeTarget(Metric.POWER, 150, 150)),
    ]
    _, root = draw(*zones, *others, athlete=Athlete())
    bottom = float(root.get("viewBox").split()[3])
    places = [re.findall(r"[\d.]+", one.get("transform", "")) for one in root.iter(f"{SVG}g")]
    at = [(float(x), float(y)) for x, y in filter(None, places)]
    assert len({y for _, y in at}) >= 3
    assert all(y < bottom and x < 900 for x, y in at)


@given(planned_workouts())
def test_every_workout_can_be_drawn(workout: PlannedWorkout) -> None:
    for athlete in (KNOWN_ATHLETE, Athlete()):
        root = defusedxml.ElementTree.fromstring(draw_svg(make_profile(workout, athlete)))
        for _, path in shapes(root):
            for x, y in re.findall(r"([\d.-]+) ([\d.-]+)", path):
                assert LEFT <= float(x) <= RIGHT
                assert TOP <= float(y) <= BOTTOM
