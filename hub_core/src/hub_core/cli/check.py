"""`hub check`: the conformance kit at a terminal."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Annotated

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from hub_core.cli.show import console
from hub_core.errors import InvalidInputError
from hub_core.registry.registry import Provider, load_registry
from hub_core.sdk.manifest import Tier
from hub_core.testing.conformance import CASES, Report, applicable_cases, check_provider

_COLOURS = {Tier.BRONZE: "dark_orange3", Tier.SILVER: "grey74", Tier.GOLD: "gold1", Tier.PLATINUM: "cyan"}


def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names from `hub providers`; all by default.")
    ] = None,
    only: Annotated[
        str, typer.Option(help="Promises whose names begin so, such as `tokens` or `export.lost_answer`.")
    ] = "",
    rules: Annotated[
        bool, typer.Option("--rules", help="List the promises instead of checking them.")
    ] = False,
) -> None:
    """Check plugins against their sandboxes: every promise of the conformance kit, and the tier reached."""
    if rules:
        console.print(_rules(only))
        return
    if not any(case_id.startswith(only) for case_id in CASES):
        raise InvalidInputError(f"no promise begins with {only!r}; see `hub check --rules`", path="only")
    registry = load_registry()
    chosen = [registry.get(name) for name in names or sorted(registry.providers)]
    is_fine = True
    for provider in chosen:
        is_fine &= _check_one(provider, only)
    if not is_fine:
        raise typer.Exit(1)


def _check_one(provider: Provider, only: str) -> bool:
    began = time.monotonic()
    report = _run(provider, only)
    console.print(_table(report))
    for result in report.broken:
        console.print(f"[red]✗[/] [bold]{result.case.id}[/] [dim]{result.case.tier}[/]")
        console.print(Padding(escape(result.evidence), (0, 0, 0, 4)))
        console.print(Padding(f"[dim]why[/]  {escape(result.case.reason)}", (0, 0, 0, 4)))
        console.print(Padding(f"[dim]fix[/]  {escape(result.case.hint)}", (0, 0, 0, 4)))
    count = f"{len(report.results) - len(report.broken)} of {len(report.results)} promises kept"
    seconds = time.monotonic() - began
    console.print(f"[bold]{provider.manifest.title}[/]: {_tier(report, only)}{count}, {seconds:.1f} s")
    if report.complaint and not only:
        console.print(f"[red]✗[/] {escape(report.complaint)}", soft_wrap=True)
    console.print()
    return not report.broken and (bool(only) or not report.complaint)


def _tier(report: Report, only: str) -> str:
    """Some promises alone make no tier."""
    if only:
        return ""
    return f"[{_COLOURS[report.tier]}]{report.tier}[/], " if report.tier else "[red]no tier[/], "


def _rules(only: str) -> Table:
    table = Table(
        title="What every plugin promises", title_justify="left", title_style="bold", show_lines=True
    )
    for name in ("Promise", "Tier", "Why", "How"):
        table.add_column(name)
    for case_id, case in CASES.items():
        if case_id.startswith(only):
            table.add_row(
                f"[bold]{case_id}[/]", f"[{_COLOURS[case.tier]}]{case.tier}[/]", case.reason, case.hint
            )
    return table


def _run(provider: Provider, only: str) -> Report:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        total = len(applicable_cases(provider.plugin, only))
        task = progress.add_task(f"Checking {provider.name}", total=total)
        return asyncio.run(check_provider(provider.plugin, lambda _: progress.advance(task), only=only))


def _table(report: Report) -> Table:
    """A line for each group, a column for each tier: how many of its promises are kept."""
    table = Table(title=f"Conformance of {report.provider}", title_justify="left", title_style="bold")
    table.add_column("Promises about")
    for tier in Tier:
        table.add_column(tier.value, justify="right", style=_COLOURS[tier])
    all_, kept = Counter[tuple[str, Tier]](), Counter[tuple[str, Tier]]()
    for result in report.results:
        key = (result.case.group, result.case.tier)
        all_[key] += 1
        kept[key] += result.holds
    for group in dict.fromkeys(result.case.group for result in report.results):
        cells = []
        for tier in Tier:
            held, total = kept[group, tier], all_[group, tier]
            text = f"{held} of {total}" if total else ""
            cells.append(f"[red]{text}[/]" if held < total else text)
        table.add_row(group.replace("_", " "), *cells)
    return table
