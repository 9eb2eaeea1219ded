"""Plugins of strangers: modules written to a temporary folder and found by entry points."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from hub_core.registry.registry import Registry, load_registry
from hub_core.sdk.hookspecs import GROUP

HEAD = """
from hub_core.sdk import *
from hub_core.sdk import Capabilities, Manifest, Operation, hookimpl

def manifest(name, *operations, **fields):
    return Manifest(name, name.title(), Capabilities(operations=frozenset(operations)), **fields)
"""
MANIFEST = """
@hookimpl
def provider_manifest():
    return manifest({name!r}{more})
"""

AddPlugin = Callable[..., EntryPoint]


@pytest.fixture
def add_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AddPlugin]:
    """Write a plugin module and give its entry point. `manifest`: further arguments, None for none."""
    monkeypatch.syspath_prepend(tmp_path)
    written: list[str] = []

    def add(name: str, code: str = "", manifest: str | None = "", entry: str = "") -> EntryPoint:
        module = f"hub_test_{name}"
        head = HEAD if manifest is None else HEAD + MANIFEST.format(name=name, more=manifest)
        (tmp_path / f"{module}.py").write_text(head + textwrap.dedent(code))
        written.append(module)
        return EntryPoint(entry or name, module, GROUP)

    yield add
    for module in written:
        sys.modules.pop(module, None)


@pytest.fixture
def load() -> Callable[..., Registry]:
    """A registry of these entry points alone."""

    def make(*found: EntryPoint, **settings: object) -> Registry:
        return load_registry(settings or None, found)  # type: ignore[arg-type]

    return make
