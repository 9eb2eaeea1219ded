"""`hub record` and `hub diff`, against the fake provider's sandbox."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from hub_core.cli.local import local_athlete, run_with_hub
from hub_core.cli.show import console
from hub_core.domain.sport import Sport
from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.services.connections.connect_provider import begin_connection, finish_connection
from hub_core.services.hub import Hub
from hub_core.storage.tables import Connection
from hub_core.storage.token_vault import load_tokens
from hub_core.testing.harness import give_consent
from hub_core.testing.recordings import find_recordings
from hub_fake import plugin
from hub_fake.sandbox import FakeSandbox

CANARY, USER = "Canary Title", "canary-user"
Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that breaks no paths."""
    monkeypatch.setattr(console, "width", 200)


@pytest.fixture
def fake(hub: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    """A sandbox that the environment points at, whose athlete has run twice."""
    with serve_sandboxes([FakeSandbox()]) as servers:
        server = servers["fake"]
        for name, value in server.sandbox.environment(server.origin).items():
            monkeypatch.setenv(name, value)
        for name, sport in ((CANARY, Sport.RUN), ("Second", Sport.RIDE)):
            yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
            server.sandbox.record_activity(USER, RecordedActivity(name, sport, yesterday, 1800.0, 5000.0))
        yield server


@pytest.fixture
def secrets(fake: SandboxServer) -> tuple[str, ...]:
    """The secrets of a connection, which this makes."""

    async def connect(hub: Hub) -> tuple[str, ...]:
        url = await begin_connection(hub, await local_athlete(hub), "fake")
        back = dict(parse_qsl(urlsplit(await give_consent(url, user=USER)).query))
        done = await finish_connection(hub, "fake", state=back["state"], code=back["code"], error="")
        assert not done.error
        row = await Connection.objects().first()
        assert row is not None
        stored = await load_tokens(hub.engine, hub.keys, row.id)
        assert stored is not None
        return stored.tokens.secrets()

    return run_with_hub(connect)


@pytest.fixture
def recorded(hub: Run, secrets: tuple[str, ...], tmp_path: Path) -> Path:
    """The folder of a whole recording."""
    assert hub("record", "fake", "--yes", "--folder", "made").code == 0
    return tmp_path / "made"


def test_all_scenarios_are_recorded_without_what_is_somebodys(
    hub: Run, fake: SandboxServer, secrets: tuple[str, ...], tmp_path: Path
) -> None:
    done = hub("record", "fake", "--yes", "--folder", "made")
    assert (done.code, done.err) == (0, "")
    files = sorted((tmp_path / "made").iterdir())
    assert [file.name for file in files] == ["account.json", "export.json", "poll.json"]
    assert all(str(Path("made") / file.name) in done.out for file in files)
    text = "".join(file.read_text() for file in files)
    assert [canary for canary in (*secrets, CANARY, USER, fake.origin) if canary in text] == []
    assert json.loads(files[2].read_text())["facts"]["activities"] == 2
    assert not fake.sandbox.device(USER).workouts


def test_one_scenario_alone(hub: Run, secrets: tuple[str, ...], tmp_path: Path) -> None:
    # Nothing is put into the account, so nothing is asked.
    assert hub("record", "fake", "--scenario", "poll", "--folder", "made").code == 0
    assert [file.name for file in (tmp_path / "made").iterdir()] == ["poll.json"]


@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("y\n", 0)], ids=["no", "yes"])
def test_it_asks_before_it_puts_something_into_the_account(
    hub: Run,
    fake: SandboxServer,
    secrets: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    done = hub("record", "fake", "--scenario", "export", "--folder", "made")
    assert done.code == code
    assert "tomorrow in your Fake account and removes it again" in done.out
    assert fake.sandbox.journal.count("PUT", "/workouts") == (0 if code else 2)


def test_a_provider_that_is_not_connected(hub: Run) -> None:
    done = hub("record", "fake", "--yes")
    assert done.is_one_line
    assert "hub connect fake" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["record", "nosuch"], "installed are"),
        (["record", "fake", "--scenario", "everything"], "account, export, poll, all"),
        (["record", "mfp", "--scenario", "export"], "mfp has no hooks for 'export'"),
        (["diff", "nosuch"], "installed are"),
        (["diff", "wahoo"], "hub record wahoo"),
        (["diff", "fake", "gone"], "no such file or folder"),
        (["diff", "fake", "empty"], "no recordings of fake in empty"),
        (["diff", "fake", "bad.json"], "bad.json is no recording"),
        (["diff", "wahoo", str(find_recordings(plugin)[0])], "is of fake"),
        (["diff", "fake", *map(str, find_recordings(plugin)[:2])], "nothing to compare"),
    ],
    ids=str,
)
def test_a_bad_argument_is_one_line(hub: Run, tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.json").write_text("{}")
    done = hub(*arguments)
    assert done.is_one_line
    assert words in done.err


def test_when_the_workout_can_t_be_removed_people_are_told_where_to_look(
    hub: Run, fake: SandboxServer, secrets: tuple[str, ...], tmp_path: Path
) -> None:
    for method in ("GET", "DELETE"):
        fake.sandbox.faults.add(Fault(FaultKind.STATUS, "/workouts", value=500, method=method))
    done = hub("record", "fake", "--yes", "--folder", "made")
    assert done.is_one_line
    assert "look for 'Hub recording' on tomorrow in your Fake account" in done.err
    assert not (tmp_path / "made").exists()


# -- hub diff -------------------------------------------------------------------------------------------


def edited(folder: Path, *changes: tuple[str, str]) -> str:
    """A copy of a folder whose poll was answered otherwise."""
    copy = folder.with_name("new")
    copy.mkdir()
    for file in folder.iterdir():
        text = file.read_text()
        for old, new in changes if file.name == "poll.json" else ():
            assert old in text
            text = text.replace(old, new)
        (copy / file.name).write_text(text)
    return copy.name


def test_nothing_has_changed(hub: Run, recorded: Path) -> None:
    same = edited(recorded)
    for arguments in (["made"], ["made", same], []):
        done = hub("diff", "fake", *arguments)
        assert (done.code, done.err) == (0, "")
        assert "Nothing has changed." in done.out


def test_a_change_that_the_plugin_speaks_of(hub: Run, recorded: Path) -> None:
    new = edited(recorded, ('"metres": 5000.0', '"metres": "5 km"'), ('"running"', '"trail_running"'))
    done = hub("diff", "fake", "made", new)
    assert done.code == 1
    assert "GET /events" in done.out
    assert "$.events[].activity.metres" in done.out
    assert "number" in done.out
    assert "trail_running" in done.out
    assert "hub_fake/plugin.py:" in done.out
    assert "2 changes" in done.out


def test_a_provider_that_has_drifted_between_two_recordings(
    hub: Run, fake: SandboxServer, recorded: Path
) -> None:
    fake.sandbox.faults.add(Fault(FaultKind.STRINGS, "/events"))
    assert hub("record", "fake", "--scenario", "poll", "--folder", "new").code == 0
    done = hub("diff", "fake", "made", "new")
    assert done.code == 1
    for field in ("seconds", "metres", "version"):
        assert f"$.events[].activity.{field}" in done.out


def test_a_change_that_nobody_speaks_of(hub: Run, recorded: Path) -> None:
    new = edited(recorded, ('"version": 1', '"version": 1,\n"unheard_of": true'))
    done = hub("diff", "fake", "made", new)
    assert done.code == 0
    assert "unheard_of" in done.out
    assert "new field" in done.out


def test_against_the_schemas(hub: Run, recorded: Path) -> None:
    new = edited(recorded, ('"seconds"', '"duration"'))
    done = hub("diff", "fake", new)
    assert done.code == 1
    assert "poll: Rejected: the body can't be read" in done.out
    assert "delivery activity" in done.out
    assert "field is gone" in done.out
    assert "--all shows them" in done.out
    assert "$.duration" not in done.out
    assert "$.duration" in hub("diff", "fake", new, "--all").out


def test_a_recording_that_the_plugin_makes_something_else_of(hub: Run, recorded: Path) -> None:
    new = edited(recorded, ('"kind": "activity"', '"kind": "ride"'))
    done = hub("diff", "fake", new)
    assert done.code == 1
    assert "activities 0" in done.out
    assert "Nothing has changed." not in done.out
