"""A Python environment in which hub-core is installed and no plugin, to add strangers' packages to.

It borrows what is installed here by links, so that it needs no network and no package index.
"""

from __future__ import annotations

import os
import site
import subprocess
import tomllib
import venv
from importlib.metadata import distributions
from pathlib import Path

from hub_core.sdk.hookspecs import GROUP


class LoneEnvironment:
    """A venv at `folder` with hub-core and what it needs, and none of the plugins that are installed here."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False, symlinks=True)
        self.folder = folder
        self.python = folder / "bin" / "python"
        self._site = next((folder / "lib").glob("python*/site-packages"))
        plugins = {
            dist.metadata["Name"].replace("-", "_").lower()
            for dist in distributions()
            if any(entry.group == GROUP for entry in dist.entry_points)
        }
        for source in site.getsitepackages():
            for item in Path(source).iterdir():
                if not any(name in item.name.lower() for name in plugins):
                    self._site.joinpath(item.name).symlink_to(item)
        self.write_script("hub", "from hub_core.cli import main; main()")

    def install(self, project: Path) -> None:
        """What `pip install -e` leaves behind: a path to the sources, and the package's metadata."""
        data = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        name = data["name"].replace("-", "_")
        self._site.joinpath(f"_{name}.pth").write_text(f"{project / 'src'}\n", encoding="utf-8")
        info = self._site / f"{name}-{data['version']}.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {data['name']}\nVersion: {data['version']}\n"
        info.joinpath("METADATA").write_text(metadata, encoding="utf-8")
        groups = data.get("entry-points", {})
        lines = [
            f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in one.items()) for group, one in groups.items()
        ]
        info.joinpath("entry_points.txt").write_text("\n".join(lines), encoding="utf-8")

    def run(
        self, *command: str, cwd: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command (`hub`, `python`, ...) with this environment first on the path."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "PYTHON"))}
        kept["PATH"] = f"{self.folder / 'bin'}{os.pathsep}{kept.get('PATH', '')}"
        program = self.folder / "bin" / command[0]
        return subprocess.run(  # noqa: S603 (our own words)
            [str(program if program.exists() else command[0]), *command[1:]],
            env={**kept, "COLUMNS": "120", "VIRTUAL_ENV": str(self.folder), **variables},
            cwd=cwd or self.folder,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def write_script(self, name: str, code: str, *, interpreter: Path | None = None) -> None:
        """A command of this environment, in Python unless another interpreter is named."""
        script = self.folder / "bin" / name
        script.write_text(f"#!{interpreter or self.python}\n{code}\n", encoding="utf-8")
        script.chmod(0o755)
