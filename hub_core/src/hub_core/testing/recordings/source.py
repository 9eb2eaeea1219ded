"""A plugin's own source: which texts stand in it, and which lines speak of a field of an answer."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from hub_core.testing.recordings.fields import snake

#: The stand-in speaks of every field, and manifest and settings of none that a provider answers with.
_NOT_READ = ("sandbox", "manifest", "settings")


class PluginSource:
    """The Python files of a plugin's package."""

    def __init__(self, plugin: Any) -> None:
        file = getattr(plugin, "__file__", None)
        self._home = Path(file).resolve().parent if file else None
        is_package = bool(getattr(plugin, "__package__", ""))
        if self._home is None or file is None:
            self._files = []
        elif is_package:
            self._files = sorted(self._home.rglob("*.py"))
        else:
            self._files = [Path(file).resolve()]

    @cached_property
    def words(self) -> frozenset[str]:
        """All texts, and the parts of those that are paths."""
        words: set[str] = set()
        for _, tree in self._trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
                    words.add(node.value)
                    words.update(node.value.split("/"))
        return frozenset(words - {""})

    def lines(self, field: str) -> tuple[str, ...]:
        """`hub_acme/schemas.py:12` for each line that names a field as an attribute or a text."""
        return tuple(dict.fromkeys(self._places.get(field, []) + self._places.get(snake(field), [])))

    def lines_of_path(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The lines for the last of these fields; none unless all those above it are named as well."""
        names = list(keys)
        if not names or not all(self.lines(name) for name in names):
            return ()
        return self.lines(names[-1])

    @cached_property
    def _trees(self) -> list[tuple[str, ast.Module]]:
        trees = []
        for file in self._files:
            if not file.name.startswith(_NOT_READ) and self._home is not None:
                place = str(file.relative_to(self._home.parent))
                trees.append((place, ast.parse(file.read_text(encoding="utf-8"))))
        return trees

    @cached_property
    def _places(self) -> dict[str, list[str]]:
        places: dict[str, list[str]] = {}
        for file, tree in self._trees:
            for node in ast.walk(tree):
                name = _named(node)
                if name:
                    places.setdefault(name, []).append(f"{file}:{getattr(node, 'lineno', 0)}")
        return {name: sorted(found, key=_by_line) for name, found in places.items()}


def _named(node: ast.AST) -> str:
    """The field that a piece of code may be about."""
    match node:
        case ast.Attribute(attr=name):
            return name
        case ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.Constant(value=str() as text) if text.isidentifier():
            return text
    return ""


def _by_line(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return file, int(line)
