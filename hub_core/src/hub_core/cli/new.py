"""`hub new`: a plugin to begin with, which passes the conformance kit before any edit."""

from __future__ import annotations

import importlib.resources
import keyword
import os
import re
import shutil
import subprocess
import sys
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from hub_core.cli.show import console
from hub_core.errors import ConfigurationError, HubError, InvalidInputError

_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}", re.ASCII)


class Auth(StrEnum):
    """How athletes connect."""

    OAUTH2 = "oauth2"
    API_KEY = "api_key"


class Direction(StrEnum):
    """Which way data goes."""

    BOTH = "both"
    OUT = "out"
    IN = "in"


class Webhooks(StrEnum):
    """How webhooks prove that they are the provider's."""

    SIGNATURE = "signature"
    TOKEN = "token"  # noqa: S105 (a kind of proof)
    NONE = "none"


def new(
    name: Annotated[str, typer.Argument(help="The provider's name, in lower case: acme.")],
    auth: Annotated[Auth | None, typer.Option(help="How athletes connect. Asked for when left out.")] = None,
    direction: Annotated[
        Direction | None, typer.Option(help="Workouts out, activities in, or both. Asked for when left out.")
    ] = None,
    webhooks: Annotated[
        Webhooks | None, typer.Option(help="How webhooks prove themselves. Asked for when left out.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where to write it: plugins/NAME in a workspace, else hub-NAME.")
    ] = None,
    install: Annotated[
        bool, typer.Option(help="Install it, editable, into this environment, so that it is found.")
    ] = True,
) -> None:
    """Write an installable plugin with its sandbox and tests. It passes `hub check` as it is."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise InvalidInputError("lower case letters, digits and _ are possible", path="name")
    workspace = _workspace(Path.cwd())
    target = folder or (workspace / "plugins" / name if workspace else Path(f"hub-{name.replace('_', '-')}"))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InvalidInputError(f"{target} exists already", path="folder")
    inside = workspace is not None and target.resolve().parent == workspace / "plugins"
    answers = {"name": name, "auth": auth, "direction": direction, "webhooks": webhooks}
    render_plugin(target, {**answers, "workspace": inside}, ask=sys.stdin.isatty())
    console.print(f"[green]Written[/] {target}", soft_wrap=True)
    for path in sorted(target.rglob("*.*")):
        console.print(f"  {path.relative_to(target)}", style="dim")
    installed = install and _install(target)
    in_uv = "UV_RUN_RECURSION_DEPTH" in os.environ
    console.print("\nNext:")
    if not installed:
        console.print(f"  {'uv ' if in_uv else ''}pip install -e {escape(str(target))}", soft_wrap=True)
    console.print(f"  {'uv run ' if in_uv else ''}hub check {name}", soft_wrap=True)


def render_plugin(target: Path, answers: dict[str, Any], *, ask: bool = False) -> None:
    """Make a plugin of the template. What is not answered is asked for, or takes its default."""
    try:
        import copier
        from copier.errors import CopierError
    except ImportError as error:
        raise ConfigurationError("`hub new` needs the extra: pip install 'hub-core[testing]'") from error
    given = {key: str(value) if isinstance(value, StrEnum) else value for key, value in answers.items()}
    data = {key: value for key, value in given.items() if value is not None}
    template = importlib.resources.files("hub_core") / "templates" / "plugin"
    try:
        with importlib.resources.as_file(template) as source:
            copier.run_copy(str(source), target, data=data, defaults=not ask, quiet=True)
    except (CopierError, ValueError) as error:
        raise HubError(f"the plugin could not be written: {error}") from error


def _workspace(folder: Path) -> Path | None:
    """The root of the uv workspace with a folder `plugins` that we stand in, if we do."""
    for candidate in (folder, *folder.parents):
        file = candidate / "pyproject.toml"
        if file.is_file() and (candidate / "plugins").is_dir():
            tool = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
            if "plugins/*" in tool.get("uv", {}).get("workspace", {}).get("members", ()):
                return candidate.resolve()
    return None


def _install(target: Path) -> bool:
    """Whether it could be installed; what went wrong is shown."""
    uv = shutil.which("uv")
    command = (
        [uv, "pip", "install", "--quiet", "--python", sys.executable]
        if uv
        else [sys.executable, "-m", "pip", "install", "--quiet"]
    )
    command += ["--no-deps", "--editable", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own words)
    if done.returncode:
        console.print(f"[yellow]It could not be installed[/]:\n{escape(done.stderr.strip())}", soft_wrap=True)
    return done.returncode == 0
