"""`hub convert` and `hub draw`: a workout's file as another file, or as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from hub_core.cli.draw import ProfilePicture
from hub_core.cli.files import (
    SUFFIXES,
    Force,
    SportName,
    WorkoutFile,
    print_remarks,
    read_file,
    refuse_existing,
    write_file,
)
from hub_core.cli.show import console, fidelity_table
from hub_core.cli.thresholds import Css, Ftp, Lthr, MaxHr, Pace, read_thresholds
from hub_core.domain.athlete import Athlete
from hub_core.domain.describe import describe_node
from hub_core.domain.fidelity import Fidelity
from hub_core.domain.outline import Placed, PlacedRepeat, place_steps
from hub_core.domain.profile import make_profile
from hub_core.domain.workout import PlannedWorkout
from hub_core.formats import draw_svg, format_of, write_workout_file


def convert(
    file: WorkoutFile,
    target: Annotated[Path, typer.Argument(help=f"The file to write; its suffix says what: {SUFFIXES}.")],
    ftp: Ftp = None,
    lthr: Lthr = None,
    max_hr: MaxHr = None,
    threshold_pace: Pace = None,
    css: Css = None,
    sport: SportName = None,
    strict: Annotated[bool, typer.Option("--strict", help="Write nothing if anything is lost.")] = False,
    force: Force = False,
) -> None:
    """Write a workout in another format, and show what survives. What can't be told is not written."""
    format_ = format_of(target, "written")
    athlete = Athlete(**read_thresholds(ftp, lthr, max_hr, threshold_pace, css))  # type: ignore[arg-type]
    read = read_file(file, sport)
    refuse_existing(target, force=force)
    written = write_workout_file(read.workout, athlete, format_.name)
    print_remarks(read)
    console.print(fidelity_table(written.fidelity, format_.title))
    console.print()
    if any("set the athlete's" in loss.suggestion for _, loss in written.fidelity.losses()):
        console.print("Thresholds are set with --ftp, --lthr, --max-hr, --threshold-pace and --css.")
    level = written.fidelity.level
    if level is Fidelity.UNSUPPORTED or (strict and level is Fidelity.DEGRADED):
        why = (
            "it can't be told in this format" if level is Fidelity.UNSUPPORTED else "something would be lost"
        )
        console.print(f"[red]Nothing written:[/] {why}.")
        raise typer.Exit(1)
    write_file(target, written.data, force=force)
    console.print(f"[green]Written:[/] {escape(str(target))}, {len(written.data):,} bytes", soft_wrap=True)


def draw(
    file: WorkoutFile,
    svg: Annotated[Path | None, typer.Option(help="Write the picture into this file, as SVG.")] = None,
    ftp: Ftp = None,
    lthr: Lthr = None,
    max_hr: MaxHr = None,
    threshold_pace: Pace = None,
    css: Css = None,
    sport: SportName = None,
    force: Force = False,
) -> None:
    """Draw a workout, and tell its steps. Your thresholds put watts and paces on it."""
    athlete = Athlete(**read_thresholds(ftp, lthr, max_hr, threshold_pace, css))  # type: ignore[arg-type]
    read = read_file(file, sport)
    profile = make_profile(read.workout, athlete)
    if svg:
        write_file(svg, draw_svg(profile).encode(), force=force)
        console.print(f"[green]Written:[/] {escape(str(svg))}", soft_wrap=True)
        return
    console.print(ProfilePicture(profile))
    console.print()
    _print_steps(place_steps(read.workout.steps), read.workout)
    console.print()
    print_remarks(read)


def _print_steps(nodes: tuple[Placed, ...], workout: PlannedWorkout, depth: int = 0) -> None:
    for node in nodes:
        name = node.name if isinstance(node, PlacedRepeat) else node.step.name
        line = Text(describe_node(node, workout.sport))
        if name:
            line.append(f"  {' '.join(name.split())}", "dim")
        console.print(Padding(line, (0, 0, 0, depth * 4)))
        if isinstance(node, PlacedRepeat):
            _print_steps(node.children, workout, depth + 1)
