"""What people look at: status matrix, fidelity tables, device screens."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from hub_core.domain.fidelity import Fidelity, FidelityReport, Loss, StepFidelity, worst
from hub_core.sandbox.device import DeviceScreen, DeviceWorkout

if TYPE_CHECKING:
    from hub_core.services.exports.retry_export import ExportView, VerificationView

console = Console(highlight=False)

STATUS_STYLES = {
    "PENDING": "yellow",
    "SENT": "green",
    "FAILED": "red",
    "NOT_CONNECTED": "dim",
}
#: What the names of workouts get at least, with their borders.
_NAME_WIDTH = 24
_LEVEL_STYLES = {Fidelity.EXACT: "green", Fidelity.DEGRADED: "yellow", Fidelity.UNSUPPORTED: "red"}
_LEVEL_WORDS = {Fidelity.EXACT: "exact", Fidelity.DEGRADED: "degraded", Fidelity.UNSUPPORTED: "not possible"}
#: A device's screen needs so much.
_PANEL_WIDTH = 36
_LEVEL_WIDTH = max(map(len, _LEVEL_WORDS.values()))


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


def tell_verification(seen: VerificationView) -> str:
    """What the look at the provider's copy has shown; nothing when the reason tells it already."""
    from hub_core.services.exports.statuses import Verification  # with the database's driver behind it

    match seen.state:
        case Verification.SAME:
            return "Read back: it holds what was sent."
        case Verification.NOT_VERIFIED:
            return f"Not verified: {seen.reason}"
        case Verification.PENDING:
            return "Not read back yet."
    return ""


def status_matrix(
    names: list[str], titles: dict[str, str], cells: dict[tuple[int, str], ExportView]
) -> Table:
    """Workouts down, providers across."""
    table = Table(title="Where each workout stands", title_justify="left", title_style="bold")
    table.add_column("Workout")
    # Wide enough that columns don't jump while statuses change, and no wider than there is room for.
    room = (console.width - _NAME_WIDTH) // max(1, len(titles)) - 3
    for title in titles.values():
        table.add_column(title, min_width=max(8, min(15, room)))
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
    """One report: each step with what arrives of it, and below it what becomes of it, why, and the remedy."""
    steps = list(report.steps)
    if report.workout:
        steps.insert(
            0, StepFidelity("workout", "", worst([loss.level for loss in report.workout]), report.workout)
        )
    widest = max((len(step.path) for step in steps), default=0)
    lines: list[RenderableType] = [Text(f"{title}: ", "bold") + level_text(report.level)]
    for step in steps:
        row = Table.grid(padding=(0, 2))
        row.add_column(width=_LEVEL_WIDTH)
        row.add_column(width=widest, no_wrap=True, style="cyan")
        row.add_column()
        row.add_row(level_text(step.level), step.path, Text(step.label))
        lines.append(Padding(row, (0, 0, 0, 2)))
        lines += [Padding(_loss_text(loss), (0, 0, 0, _LEVEL_WIDTH + 4)) for loss in step.losses]
    return Group(*lines)


def _loss_text(loss: Loss) -> Text:
    text = Text()
    text.append(f"{loss.feature}: ", "bold")
    text.append(loss.reason.rstrip("."))
    if loss.becomes:
        text.append(" → ").append(loss.becomes, "italic")
    if loss.suggestion:
        text.append(f" · to keep it: {loss.suggestion}", "dim")
    if loss.level is Fidelity.EXACT:
        text.stylize("dim")
    return text


def device_panels(screens: list[DeviceScreen]) -> RenderableType:
    """The devices side by side as far as there is room, in rows of the same length."""
    fitting = max(1, console.width // _PANEL_WIDTH)
    rows = max(1, math.ceil(len(screens) / fitting))
    per_row = max(1, math.ceil(len(screens) / rows))
    width = console.width if per_row == 1 else (console.width - 2) // per_row - 1
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
