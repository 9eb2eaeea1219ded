"""The command `hub`."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from hub_core.errors import HubError

#: Where each command is: a function, or a group of commands. Its module is imported when it is asked for,
#: so that `hub draw` doesn't wait for the database's driver and the web server.
COMMANDS = {
    "demo": "demo.demo",
    "serve": "serve.serve",
    "worker": "serve.worker",
    "migrate": "serve.migrate",
    "sandbox": "serve.sandbox",
    "doctor": "doctor.doctor",
    "providers": "providers.providers",
    "check": "check.check",
    "new": "new.new",
    "record": "record.record",
    "diff": "diff.diff",
    "convert": "convert.convert",
    "draw": "convert.draw",
    "preflight": "workouts.preflight",
    "plan": "plan.plan",
    "athlete": "local.athlete",
    "connect": "local.connect",
    "export": "workouts.export",
    "import": "imports.import_files",
    "activities": "activities.activities",
    "weather": "weather.weather",
    "week": "week.week",
    "load": "load.load",
    "races": "races.races",
    "why": "why.why",
    "queue": "queue.app",
    "keys": "keys.app",
    "forget": "forget.forget",
}
#: Places south of the equator begin like an option.
_TAKES_DASHES = {"weather"}


def lasting[T](make: Callable[[], T]) -> T:
    """Make what stays until the process ends, without looking for garbage in it, then or ever.

    A hub's modules are some hundred thousand objects. Looking through them again and again, at last when the
    process ends, takes a quarter of the time of a short command.
    """
    gc.disable()
    try:
        return make()
    finally:
        gc.freeze()
        gc.enable()


class _Commands(TyperGroup):
    """Looks commands up in the table."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(".")
        found = getattr(lasting(lambda: importlib.import_module(f"{__name__}.{module}")), name)
        if not isinstance(found, typer.Typer):
            function, found = found, typer.Typer(add_completion=False)
            context = {"ignore_unknown_options": cmd_name in _TAKES_DASHES}
            found.command(cmd_name, context_settings=context)(function)
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="hub",
    cls=_Commands,
    help="Planned workouts out to watches, training data in. Start with: hub demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def _hub() -> None:
    pass


def main() -> None:
    """Run the command. What the hub knows to be wrong is one line on stderr and exit code 2."""
    try:
        app(prog_name="hub")
    except HubError as error:
        # File names and files may hold line ends, and escapes that a terminal would obey.
        line = "".join(letter if letter.isprintable() else " " for letter in str(error))
        sys.stderr.write(f"hub: {line}\n")
        sys.exit(2)
