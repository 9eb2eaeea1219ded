"""A recording that is not understood any more, or should never have been committed, is caught."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import hub_fake.plugin
from hub_core.testing.conformance import CASES
from hub_core.testing.conformance.bench import Subject
from hub_core.testing.recordings import find_recordings


@pytest.fixture
def files(fake: SimpleNamespace, tmp_path: Path) -> Path:
    """The fake as it is installed, with its recordings in its package, where they may be broken."""
    package = tmp_path / "site-packages" / "hub_fake"
    shutil.copytree(Path(hub_fake.plugin.__file__).parent, package)
    (package / "recordings").mkdir()
    for path in find_recordings(hub_fake.plugin):
        shutil.copy(path, package / "recordings")
    fake.__file__ = str(package / "plugin.py")
    return package / "recordings"


def edit(name: str, old: str, new: str) -> Callable[[SimpleNamespace, Path], None]:
    def change(fake: SimpleNamespace, files: Path) -> None:
        text = (files / name).read_text()
        assert old in text
        (files / name).write_text(text.replace(old, new))

    return change


def ask_otherwise(fake: SimpleNamespace, files: Path) -> None:
    async def read_back(context: Any, receipt: Any) -> Any:
        return await context.http.request("GET", f"/v2/workouts/{receipt.external_ids['workout_id']}")

    fake.read_back_workout = read_back


BREAKS: dict[str, tuple[str, Callable[[SimpleNamespace, Path], None]]] = {
    "malformed": ("recorded.readable", edit("account.json", '"answer"', "answer")),
    "of another provider": ("recorded.readable", edit("account.json", '"fake"', '"acme"')),
    "of no scenario": ("recorded.readable", edit("poll.json", '"poll"', '"backfill"')),
    "an e-mail address": (
        "recorded.nothing_personal",
        edit("account.json", '"text 1"', '"anna@example.org"'),
    ),
    "a place": ("recorded.nothing_personal", edit("poll.json", '"metres"', '"start_latitude"')),
    "another request": ("recorded.requests", ask_otherwise),
    "a field was renamed": ("recorded.answers", edit("poll.json", '"seconds"', '"duration"')),
    "fewer activities than were made of it": (
        "recorded.answers",
        edit("poll.json", '"kind": "activity"', '"kind": "ride"'),
    ),
}


@pytest.mark.parametrize(("case_id", "change"), BREAKS.values(), ids=BREAKS)
def test_the_kit_catches_it(
    case_id: str, change: Callable[..., None], fake: SimpleNamespace, files: Path, assert_caught: Any
) -> None:
    change(fake, files)
    assert_caught(case_id)


def test_every_case_of_the_group_is_broken_once() -> None:
    assert {case_id for case_id, _ in BREAKS.values()} == {
        case.id for case in CASES.values() if case.group == "recorded"
    }


def test_recordings_in_the_installed_package_are_replayed(files: Path, check: Any) -> None:
    assert all(check(case.id).holds for case in CASES.values() if case.group == "recorded")


def test_without_recordings_nothing_is_asked_for(fake: SimpleNamespace, files: Path) -> None:
    shutil.rmtree(files)
    assert not any(case.applies(Subject(fake)) for case in CASES.values() if case.group == "recorded")
