"""`hub import`: your own files into the hub, with a bar for those that take long."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from hub_core.cli.local import local_athlete, run_with_hub
from hub_core.cli.show import console
from hub_core.errors import InvalidInputError
from hub_core.services.hub import Hub
from hub_core.services.inbound.import_files import Imported, import_path

_SUFFIXES = (".fit", ".tcx", ".gpx", ".gz", ".zip", ".json")
_TOLD = 5


def import_files(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="FIT, TCX or GPX files (also .gz), Apple Health's export.zip, Health Auto Export's JSON; or"
            " folders of them.",
            exists=True,
        ),
    ],
) -> None:
    """Take in what you did and measured, from files. The same file twice is harmless."""
    files = _find(paths)
    if not files:
        raise InvalidInputError(f"there is no file to import; what can be read is {', '.join(_SUFFIXES)}")
    done: list[Imported] = []
    failed: dict[str, str] = {}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )

    async def run(hub: Hub) -> None:
        athlete = await local_athlete(hub)
        with Progress(*columns, console=console, transient=True) as progress:
            whole = progress.add_task("all files", total=len(files), visible=len(files) > 1)
            for path in files:
                bar = progress.add_task(escape(path.name), total=1.0)
                try:
                    done.append(await import_path(hub, athlete, path, _advance(progress, bar)))
                except InvalidInputError as error:
                    failed[str(path)] = str(error).removeprefix(f"{path.name}: ")
                progress.remove_task(bar)
                progress.advance(whole)

    run_with_hub(run)
    _tell(done, failed)
    if failed:
        raise typer.Exit(2)


def _advance(progress: Progress, bar: TaskID) -> Callable[[float], None]:
    return lambda share: progress.update(bar, completed=share)


def _find(paths: list[Path]) -> list[Path]:
    """The files, those of folders in the order of their names."""
    found = []
    for path in paths:
        if path.is_dir():
            inside = (one for one in path.rglob("*") if one.suffix.lower() in _SUFFIXES)
            found += sorted(one for one in inside if one.is_file())
        else:
            found.append(path)
    return found


def _tell(done: list[Imported], failed: dict[str, str]) -> None:
    for one in done:
        kept = f"{one.new} new" + (f", {one.known} known already" if one.known else "")
        console.print(f"[green]✓[/] {escape(one.file_name)}: {kept}")
        for remark in one.remarks[:_TOLD]:
            console.print(f"    [dim]{escape(remark)}[/]")
        if len(one.remarks) > _TOLD:
            console.print(f"    [dim]and {len(one.remarks) - _TOLD} more remarks[/]")
    for name, reason in failed.items():
        console.print(f"[red]✗[/] {escape(name)}: {escape(reason)}")
    new, known = sum(one.new for one in done), sum(one.known for one in done)
    of = f"{len(done)} of {len(done) + len(failed)} files read"
    console.print(f"{of}: {new} statements are new, {known} were known.")
