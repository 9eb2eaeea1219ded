"""Workout files of people: read with what they say of the sport, written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.padding import Padding
from rich.text import Text

from hub_core.cli.show import console
from hub_core.domain.sport import Sport
from hub_core.errors import ConflictError, InvalidInputError
from hub_core.formats import FORMATS, ReadFile, format_of, open_workout

SUFFIXES = ", ".join(one.suffix for one in FORMATS.values())
WorkoutFile = Annotated[Path, typer.Argument(help=f"A workout: {SUFFIXES}.")]
SportName = Annotated[
    str | None,
    typer.Option("--sport", help=f"For a .txt that doesn't tell: {', '.join(Sport)}.", metavar="SPORT"),
]
_THERE = "{path} is there already; --force replaces it"
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]


def read_file(path: Path, sport_name: str | None) -> ReadFile:
    """The workout in a file and the reader's remarks. Raises `InvalidInputError` for what can't be read."""
    sport = _sport(sport_name)
    format_ = format_of(path)
    if sport is None and not format_.tells_sport:
        return _read_untold(path)
    read = open_workout(path, sport=sport)
    if sport is not None and read.workout.sport is not sport:
        raise InvalidInputError(
            f"{path.name} says that it is for {read.workout.sport}, not {sport}", path="--sport"
        )
    return read


def _read_untold(path: Path) -> ReadFile:
    """A file that may or may not let the sport be guessed."""
    try:
        return open_workout(path)
    except InvalidInputError as error:
        if error.path == "sport":
            raise InvalidInputError(
                f"{path.name} doesn't tell, and it must be given", path="--sport"
            ) from error
        raise


def _sport(name: str | None) -> Sport | None:
    if name is None:
        return None
    try:
        return Sport(name.strip().lower().replace("-", "_"))
    except ValueError:
        raise InvalidInputError(f"{name!r} is none; there are {', '.join(Sport)}", path="--sport") from None


def print_remarks(read: ReadFile) -> None:
    """What the reader left out of a file."""
    if read.remarks:
        lines = [Padding(Text(remark), (0, 0, 0, 2)) for remark in read.remarks]
        console.print(Text("What the reader remarks:", "yellow"), *lines, Text(), sep="\n")


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raise `ConflictError` for a file that would be lost, and always for what is no file."""
    if not os.path.lexists(path):
        return
    if not path.is_file():
        raise ConflictError(f"{path} is not a file")
    if not force:
        raise ConflictError(_THERE.format(path=path))


def write_file(path: Path, data: bytes, *, force: bool) -> None:
    """Write a file that is whole or not there at all. Raises `ConflictError` as `refuse_existing` does."""
    refuse_existing(path, force=force)
    place = path.resolve() if force else path
    draft = place.with_name(f".hub-{secrets.token_hex(8)}.tmp")
    try:
        try:
            with draft.open("xb") as file:
                file.write(data)
            if force:
                draft.replace(place)
            else:
                _publish(draft, place)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError as error:
        raise ConflictError(_THERE.format(path=path)) from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise InvalidInputError(f"{path} cannot be written: {(why or str(error)).lower()}") from error


def _publish(draft: Path, place: Path) -> None:
    """Give the draft its name. A link never replaces: of two who write the same name, one is refused."""
    try:
        place.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:  # memory cards know no links
        with place.open("xb"):
            draft.replace(place)
