"""`hub diff`: where a provider's answers have drifted, and which lines of its plugin that touches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from hub_core.cli.show import console
from hub_core.errors import InvalidInputError, NotFoundError
from hub_core.registry.registry import Provider, load_registry
from hub_core.testing.recordings import (
    Change,
    Drift,
    PluginSource,
    Recording,
    Replayed,
    compare_recordings,
    compare_with_schemas,
    find_recordings,
    read_recording,
    read_recordings,
    replay,
)

_COLOURS = {Change.VANISHED: "red", Change.TYPE: "red", Change.STATUS: "red", Change.VALUE: "yellow"}
#: A field with a common name is mentioned on many lines.
_MOST_LINES = 5


def diff(
    name: Annotated[str, typer.Argument(help="A name from `hub providers`.")],
    old: Annotated[
        Path | None, typer.Argument(help="A recording or a folder of them; the plugin's own by default.")
    ] = None,
    new: Annotated[Path | None, typer.Argument(help="A newer one; without it the plugin's schemas.")] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Against the schemas: also fields that nobody reads or has seen.")
    ] = False,
) -> None:
    """Show where recorded answers differ from newer ones, or from the schemas that the plugin has for them.

    Exit code 1 when something has changed that the plugin's source speaks of, or that it can't read.
    """
    provider = load_registry().get(name)
    recordings = _read(provider, old)
    is_understood = True
    if new is None:
        replayed = _replay(provider, recordings)
        is_understood = _tell_problems(replayed)
        drifts = compare_with_schemas(replayed)
    else:
        drifts = _compare(recordings, _read(provider, new))
    source = PluginSource(provider.plugin)
    touched = {drift: source.lines_of_path(drift.keys) for drift in drifts}
    changes = [drift for drift in drifts if not drift.is_remark]
    shown = drifts if all_ else changes
    if shown:
        console.print(_table(provider, shown, touched))
    _sum_up(changes, len(drifts) - len(shown), is_understood=is_understood)
    uses = any(touched[drift] or drift.change is Change.STATUS for drift in changes)
    if uses or not is_understood:
        raise typer.Exit(1)


def _read(provider: Provider, path: Path | None) -> tuple[Recording, ...]:
    if path is None:
        recordings = tuple(read_recording(file) for file in find_recordings(provider.plugin))
        where = f"; make some with `hub record {provider.name}`"
    else:
        recordings, where = read_recordings(path), f" in {path}"
    if not recordings:
        raise NotFoundError(f"there are no recordings of {provider.name}{where}")
    for recording in recordings:
        if recording.provider != provider.name:
            raise InvalidInputError(f"{path or 'the recording'} is of {recording.provider}")
    return recordings


def _compare(old: Sequence[Recording], new: Sequence[Recording]) -> list[Drift]:
    drifts, both = compare_recordings(old, new)
    if not both:
        raise InvalidInputError("the two have no request in common, so there is nothing to compare")
    return drifts


def _replay(provider: Provider, recordings: Sequence[Recording]) -> list[Replayed]:
    async def run() -> list[Replayed]:
        return [await replay(provider.plugin, recording) for recording in recordings]

    return asyncio.run(run())


def _tell_problems(replayed: Sequence[Replayed]) -> bool:
    """Say what the plugin doesn't understand any more, and return whether that is nothing."""
    problems = [result.problem for result in replayed if result.problem]
    for problem in problems:
        console.print(f"[red]✗[/] {escape(problem)}", soft_wrap=True)
    return not problems


def _table(provider: Provider, drifts: Sequence[Drift], touched: dict[Drift, tuple[str, ...]]) -> Table:
    title = f"Drift of {provider.manifest.title}"
    table = Table(title=title, title_justify="left", title_style="bold", show_lines=True)
    for column in ("Answer to", "Field", "Change", "Was", "Is"):
        table.add_column(column, overflow="fold")
    table.add_column("The plugin speaks of it in", overflow="fold", style="cyan")
    for drift in drifts:
        change = Text(drift.change, _COLOURS.get(drift.change, "dim"))
        cells = (Text(cell or "–") for cell in (drift.was, drift.now))
        table.add_row(Text(drift.place), Text(drift.path or "–"), change, *cells, _lines(touched[drift]))
    return table


def _lines(lines: Sequence[str]) -> Text:
    shown = "\n".join(lines[:_MOST_LINES])
    more = len(lines) - _MOST_LINES
    return Text(f"{shown}\nand {more} more" if more > 0 else shown or "–")


def _sum_up(changes: Sequence[Drift], hidden: int, *, is_understood: bool) -> None:
    if changes:
        console.print("1 change" if len(changes) == 1 else f"{len(changes)} changes")
    elif is_understood:
        console.print("[green]Nothing has changed.[/]")
    if hidden:
        console.print(f"[dim]{hidden} not read, or not seen in any answer: --all shows them[/]")
