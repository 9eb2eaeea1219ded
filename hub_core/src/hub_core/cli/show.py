"""What people look at: status matrix, fidelity tables, device screens."""

from __future__ import annotations

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from hub_core.domain.fidelity import Fidelity, FidelityReport, Loss
from hub_core.sandbox.device import DeviceScreen, DeviceWorkout
from hub_core.services.retry_export import ExportView

console = Console(highlight=False)

STATUS_STYLES = {
    "PENDING": "yellow",
    "SENT": "green",
    "FAILED": "red",
    "NOT_CONNECTED": "dim",
}
_LEVEL_STYLES = {Fidelity.EXACT: "green", Fidelity.DEGRADED: "yellow", Fidelity.UNSUPPORTED: "red"}
_LEVEL_WORDS = {Fidelity.EXACT: "exact", Fidelity.DEGRADED: "degraded", Fidelity.UNSUPPORTED: "not possible"}


def level_text(level: Fidelity) -> Text:
    """A fidelity level in its colour."""
    return Text(_LEVEL_WORDS[level], _LEVEL_STYLES[level])


def status_text(export: ExportView | None) -> Text:
    """An export's status in its colour, with how much survived."""
    if export is None:
        return Text("–", "dim")
    text = Text(export.status, STATUS_STYLES[export.status])
    if export.fidelity and export.fidelity.level is not Fidelity.EXACT:
        text.append(f" {_LEVEL_WORDS[export.fidelity.level]}", _LEVEL_STYLES[export.fidelity.level])
    return text


def status_matrix(
    names: list[str], titles: dict[str, str], cells: dict[tuple[int, str], ExportView]
) -> Table:
    """Workouts down, providers across."""
    table = Table(title="Where each workout stands", title_justify="left", title_style="bold")
    table.add_column("Workout")
    for title in titles.values():
        table.add_column(title, min_width=15)
    for index, name in enumerate(names):
        table.add_row(Text(name), *(status_text(cells.get((index, provider))) for provider in titles))
    return table


def loss_list(report: FidelityReport, title: str) -> RenderableType:
    """Only what is lost: step by step what, why, and what arrives instead."""
    lines: list[RenderableType] = [Text(f"{title}: ", "bold") + level_text(report.level)]
    labels = {step.path: step.label for step in report.steps}
    last = ""
    # What can't be sent at all loses nothing besides.
    stopped = report.level is Fidelity.UNSUPPORTED
    for path, loss in report.losses():
        if loss.level is Fidelity.EXACT or (stopped and loss.level is not Fidelity.UNSUPPORTED):
            continue
        if path != last:
            label = f"  {labels[path]}" if path in labels else ""
            lines.append(Padding(Text(path, "cyan").append(label, "default"), (0, 0, 0, 2)))
            last = path
        lines.append(Padding(_loss_text(loss), (0, 0, 0, 4)))
    return Group(*lines)


def fidelity_table(report: FidelityReport, title: str) -> RenderableType:
    """One report: each step, what becomes of it, why, and what would be exact."""
    head = Text(f"{title}: ", "bold") + level_text(report.level)
    table = Table(show_edge=False, pad_edge=False, show_lines=False)
    table.add_column("Step", style="cyan", no_wrap=True)
    table.add_column("What the coach wrote", max_width=34)
    table.add_column("Arrives")
    table.add_column("What becomes of it", ratio=1)
    for loss in report.workout:
        table.add_row("workout", Text(loss.feature), level_text(loss.level), _loss_text(loss))
    for step in report.steps:
        what: RenderableType = Group(*(_loss_text(loss) for loss in step.losses)) if step.losses else ""
        table.add_row(step.path, Text(step.label), level_text(step.level), what)
    if not table.row_count:
        return head
    return Group(head, table)


def _loss_text(loss: Loss) -> Text:
    text = Text()
    text.append(f"{loss.feature}: ", "bold")
    text.append(loss.reason.rstrip("."))
    if loss.becomes:
        text.append(" → ").append(loss.becomes, "italic")
    if loss.suggestion:
        text.append(f" · to keep it: {loss.suggestion}", "dim")
    return text


def device_panels(screens: list[DeviceScreen]) -> RenderableType:
    """The devices side by side, if there is room."""
    width = (
        max(34, (console.width - 2) // max(1, len(screens)) - 1) if console.width >= 108 else console.width
    )
    return Columns([_device(screen, width) for screen in screens], padding=(0, 1))


def _device(screen: DeviceScreen, width: int) -> Panel:
    parts: list[RenderableType] = []
    for workout in screen.workouts:
        parts += [_workout(workout), Text("")]
    body = Group(*parts[:-1]) if parts else Text("Nothing on this device.", "dim")
    return Panel(body, title=Text(screen.device, "bold"), width=width, border_style="blue")


def _workout(workout: DeviceWorkout) -> RenderableType:
    head = Text(f"{workout.date:%a %d %b}  ", "dim").append(workout.title, "bold")
    lines = [Text(line, overflow="fold") for line in workout.lines]
    note = [Text(workout.note, "dim italic")] if workout.note else []
    return Group(head, *note, *lines)
