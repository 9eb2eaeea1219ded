"""The command `hub`."""

from __future__ import annotations

import sys

import typer

from hub_core.cli import (
    activities,
    check,
    convert,
    demo,
    diff,
    imports,
    keys,
    local,
    new,
    providers,
    races,
    record,
    serve,
    weather,
    why,
    workouts,
)
from hub_core.errors import HubError

app = typer.Typer(
    name="hub",
    help="Planned workouts out to watches, training data in. Start with: hub demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("migrate")(serve.migrate)
app.command("sandbox")(serve.sandbox)
app.command("providers")(providers.providers)
app.command("check")(check.check)
app.command("new")(new.new)
app.command("record")(record.record)
app.command("diff")(diff.diff)
app.command("convert")(convert.convert)
app.command("draw")(convert.draw)
app.command("preflight")(workouts.preflight)
app.command("athlete")(local.athlete)
app.command("connect")(local.connect)
app.command("export")(workouts.export)
app.command("import")(imports.import_files)
app.command("why")(why.why)
app.command("races")(races.races)
# Places south of the equator begin like an option.
app.command("weather", context_settings={"ignore_unknown_options": True})(weather.weather)
app.command("activities")(activities.activities)
app.add_typer(keys.app, name="keys")


def main() -> None:
    """Run the command. What the hub knows to be wrong is one line on stderr and exit code 2."""
    try:
        app()
    except HubError as error:
        # File names and files may hold line ends, and escapes that a terminal would obey.
        line = "".join(letter if letter.isprintable() else " " for letter in str(error))
        sys.stderr.write(f"hub: {line}\n")
        sys.exit(2)
