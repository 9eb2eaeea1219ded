"""What the documents say of the code is so."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

import hub_core.errors
import hub_core.sdk.errors
from hub_core.api.problems import on_hub_error
from hub_core.cli import COMMANDS
from hub_core.registry.registry import load_registry
from hub_core.sdk import Operation, hookspecs
from hub_core.services.exports.reactions import reaction_to
from hub_core.settings import HubSettings

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
DOCUMENTS += sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))


def test_every_hook_stands_in_the_docs_with_its_signature() -> None:
    specs = {
        name: spec
        for name, spec in vars(hookspecs).items()
        if getattr(spec, f"{hookspecs.PROJECT}_spec", None)
    }
    wanted = {f"{name}({', '.join(inspect.signature(spec).parameters)})" for name, spec in specs.items()}
    told = set(re.findall(r"^\| `(.+?)` \|", (ROOT / "docs/hooks.md").read_text(), re.MULTILINE))
    assert told == wanted


def error_classes(module: ModuleType) -> list[type[hub_core.errors.HubError]]:
    own = [kind for kind in vars(module).values() if getattr(kind, "__module__", "") == module.__name__]
    return [kind for kind in own if issubclass(kind, hub_core.errors.HubError)]


def rows(document: str, columns: str) -> set[tuple[str, ...]]:
    """The rows of a table whose first columns have this form, without what comes behind them."""
    return set(re.findall(rf"^\| {columns} \|", (ROOT / document).read_text(), re.MULTILINE))


def test_every_error_of_the_sdk_stands_in_the_docs_with_what_the_hub_does() -> None:
    wanted = set()
    for kind in error_classes(hub_core.sdk.errors):
        error = kind("words")
        reaction, answer = reaction_to(error, tries=0), on_hub_error(None, error)
        assert answer.content.type == f"urn:hub:problem:{kind.code}"
        wanted.add((kind.__name__, kind.code, str(reaction.status), reaction.code, str(answer.status_code)))
    told = rows("docs/errors.md", r"`(\w+)` \| `(\w+)` \| [^|]+ \| `(\w+)` `(\w+)` \| (\d+)")
    assert told == wanted


def test_every_error_of_the_hub_stands_in_the_docs_with_its_answer() -> None:
    wanted = set()
    for kind in error_classes(hub_core.errors):
        answer = on_hub_error(None, kind("words"))
        code = answer.content.type.removeprefix("urn:hub:problem:")
        wanted.add((kind.__name__, kind.code, str(answer.status_code), code))
    assert rows("docs/errors.md", r"`(\w+)` \| `(\w+)` \| (\d+) \| `(\w+)`") == wanted


def test_every_setting_stands_in_the_docs() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    for name in HubSettings.model_fields:
        assert f"HUB_{name.upper()}`" in text


def test_the_tiers_in_the_docs_are_those_of_the_manifests() -> None:
    manifests = [one.manifest for one in load_registry().providers.values()]
    wanted = {
        (
            f"{manifest.title} (`{manifest.name}`)",
            str(manifest.tier),
            "yes" if Operation.EXPORT in manifest.capabilities.operations else "no",
            "yes"
            if "activities in" in manifest.purposes()
            else "days"
            if "days in" in manifest.purposes()
            else "no",
        )
        for manifest in manifests
    }
    told = re.findall(
        r"^\| (.+ \(`\w+`\)) \| (\w+) \| (yes|no) \| (yes|no|days) \|$",
        (ROOT / "docs/conformance.md").read_text(),
        re.MULTILINE,
    )
    assert set(told) == wanted


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_files_that_a_document_names_are_there(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\((?!http)([^)#]+)\)", path.read_text())
    named = re.findall(r"`((?:hub_core|plugins|tests|docs|examples)/[\w./-]+)`", path.read_text())
    missing = [one for one in links if not (path.parent / one).exists()]
    missing += [one for one in named if not (ROOT / one).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_commands_that_a_document_shows_exist(document: str) -> None:
    shown = set(
        re.findall(r"\bhub ([a-z]+)", "\n".join(re.findall(r"\$ (.*)", (ROOT / document).read_text())))
    )
    assert shown <= set(COMMANDS)
