"""The picture in a terminal: its columns, its letters, and `hub draw`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import defusedxml.ElementTree
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from hub_core.cli.demo import DEMO_ATHLETE, example_files
from hub_core.cli.draw import ProfilePicture, make_columns
from hub_core.domain.athlete import Athlete
from hub_core.domain.profile import Timing, make_profile
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    Metric,
    Node,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    Reference,
    Repeat,
    Step,
    TimeDuration,
)
from hub_core.testing.strategies import planned_workouts

KITCHEN, SWIM, RUN, RIDE = sorted(str(path) for path in example_files())


def ftp(low: float, high: float, ramp: Any = None) -> PercentTarget:
    return PercentTarget(Metric.POWER, low, high, Reference.FTP, ramp)


def plan(*steps: Node, name: str = "Plan") -> PlannedWorkout:
    return PlannedWorkout(name, Sport.RIDE, steps)


def draw(workout: PlannedWorkout, width: int, *, rows: int = 12, color: str | None = None) -> list[str]:
    console = Console(width=width, force_terminal=color is not None, color_system=color)  # type: ignore[arg-type]
    with console.capture() as capture:
        console.print(ProfilePicture(make_profile(workout, Athlete(ftp_w=250)), rows=rows))
    return capture.get().splitlines()


def test_a_small_picture_letter_by_letter() -> None:
    # 40 minutes over 20 columns of 2 minutes; a row for each of 5 marks, so 20 % high and 2.5 % an eighth.
    workout = plan(
        Step(TimeDuration(600), ftp(20, 60, "up")),
        Step(TimeDuration(600), ftp(90, 90)),
        Step(TimeDuration(600), ftp(35, 75)),
        Step(TimeDuration(300)),
        Step(OpenDuration()),
    )
    bars = [
        "100 % ┤" + "     " + "▄▄▄▄▄" + "     " + "     " + " 250 W",
        " 80 % ┤" + "     " + "█████" + "▆▆▆▆▆" + "     " + " 200 W",
        # The ramp is at 24, 32, 40, 48 and 56 % in the middle of its columns.
        " 60 % ┤" + "   ▃▆" + "█████" + "▒▒▒▒▒" + "░░░░░" + " 150 W",
        " 40 % ┤" + "▂▅███" + "█████" + "█████" + "░░░░░" + " 100 W",
        " 20 % ┤" + "█████" + "█████" + "█████" + "░░░░░" + "  50 W",
    ]
    assert draw(workout, 33, rows=5)[:9] == [
        "Plan · ride · about 40 min",
        "",
        *bars,
        "      └┬─────────┬───────○┬",
        "       0        20       40 min",
    ]


def test_short_steps_are_shown_as_what_they_reach() -> None:
    sprint, easy = Step(TimeDuration(5), ftp(200, 200)), Step(TimeDuration(595), ftp(50, 50))
    columns = make_columns(make_profile(plan(easy, sprint, easy), Athlete()), 12)
    # The sprint lies in the column that holds the minute at its middle.
    assert [(one.low, one.high) for one in columns[4:8]] == [(50, 50), (50, 50), (50, 200), (50, 50)]
    sets = Repeat(30, (Step(TimeDuration(40), ftp(130, 130)), Step(TimeDuration(20), ftp(50, 50))))
    columns = make_columns(make_profile(plan(sets), Athlete()), 10)
    assert {(one.low, one.high, one.zone) for one in columns} == {(50, 130, 6)}


@given(planned_workouts(), st.integers(1, 150))
def test_every_column_shows_something_and_nothing_is_left_out(workout: PlannedWorkout, count: int) -> None:
    profile = make_profile(workout, DEMO_ATHLETE)
    columns = make_columns(profile, count)
    assert len(columns) == count
    assert all(one.low <= one.high for one in columns)
    if not any(one.effort.ramp for one in profile.segments):
        assert max(one.high for one in columns) == profile.highest
    opened = any(one.timing is Timing.OPEN for one in profile.segments)
    assert opened == any(one.timing is Timing.OPEN for one in columns)


@given(planned_workouts(), st.sampled_from([20, 40, 80, 120, 200]))
def test_no_line_is_wider_than_the_terminal(workout: PlannedWorkout, width: int) -> None:
    for line in draw(workout, width):
        assert cell_len(line) <= width


def test_a_long_name_leaves_room_for_the_totals() -> None:
    headline = draw(plan(Step(TimeDuration(60)), name="名" * 200), 60)[0]
    assert headline.endswith("… · ride · 1 min")
    assert cell_len(headline) <= 60


def test_a_name_is_no_command_to_the_terminal() -> None:
    headline = draw(plan(Step(TimeDuration(60)), name="[red]a\x9b31mb\u202ec\nd"), 60)[0]
    assert headline == "[red]a 31mb c d · ride · 1 min"


def test_zones_have_colours_where_there_are_any() -> None:
    workout = plan(Step(TimeDuration(600), ftp(60, 60)), Step(TimeDuration(600), ftp(110, 110)))
    colourful = "\n".join(draw(workout, 80, color="truecolor"))
    assert colourful.count("\x1b[") > 20
    assert "\x1b" not in "\n".join(draw(workout, 80))


def test_draw_shows_the_picture_and_the_steps(hub: Any) -> None:
    done = hub("draw", RIDE, "--ftp", "250")
    assert (done.code, done.err) == (0, "")
    for words in ("VO2max 5 x 3 min · ride · 1:05 h", "120 % ┤", "300 W", "zone 5: 15 min"):
        assert words in done.out
    assert "    3 min at 112–118 % FTP, 95–105 rpm  VO2max" in done.out


def test_draw_writes_svg_and_overwrites_nothing(hub: Any, tmp_path: Path) -> None:
    path = tmp_path / "my run.svg"
    assert hub("draw", RUN, "--svg", str(path)).code == 0
    root = defusedxml.ElementTree.parse(path).getroot()
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "Threshold 4 x 6 min · run · 55 min"
    before = path.read_bytes()
    done = hub("draw", SWIM, "--svg", str(path))
    assert done.is_one_line
    assert "there already; --force replaces it" in done.err
    assert path.read_bytes() == before
    assert hub("draw", SWIM, "--svg", str(path), "--force").code == 0
    assert path.read_bytes() != before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["my run.svg"]


def test_every_example_fits_80_columns(hub: Any) -> None:
    for path in (KITCHEN, SWIM, RUN, RIDE):
        done = hub("draw", path, COLUMNS="80")
        assert done.code == 0
        assert all(cell_len(line) <= 80 for line in done.out.splitlines())
