"""What people see who use `hub` at a terminal: bad files and settings are one line and exit code 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub_core.cli import COMMANDS as NAMES

STEP = {"type": "step", "duration": {"type": "time", "duration_s": 600}}
PLAN = {"name": "Mine", "sport": "ride", "steps": [STEP]}
ZWO = "<workout_file><name>Mine</name><workout>{}</workout></workout_file>"


def plan(**fields: Any) -> bytes:
    return json.dumps(PLAN | fields).encode()


def nested(depth: int) -> bytes:
    tree = '{"type":"repeat","times":1,"repeat":[' * depth + json.dumps(STEP) + "]}" * depth
    return plan(steps=["TREE"]).replace(b'"TREE"', tree.encode())


def lasting(seconds: str) -> bytes:
    return plan().replace(b"600", seconds.encode())


BAD_FILES: dict[str, tuple[str, bytes | None, str]] = {
    "missing": ("gone.json", None, "no such file"),
    "missing, with a line end in its name": ("go\nne.json", None, "no such file"),
    "too long a name": ("x" * 300 + ".json", None, "file name too long"),
    "no workout": ("mine.doc", plan(), "what can be read is .json, .fit, .zwo"),
    "no suffix": ("mine", plan(), "what can be read is .json, .fit, .zwo"),
    "empty": ("mine.json", b"", "empty"),
    "malformed": ("mine.json", b"{nope", "malformed JSON"),
    "not UTF-8": ("mine.json", plan(name="Zoe").replace(b"Zoe", b"Zo\xe9"), "not UTF-8"),
    "a list": ("mine.json", b"[]", "got `array`"),
    "no steps": ("mine.json", plan(steps=[]), "steps: "),
    "negative": ("mine.json", lasting("-5"), "steps[0].duration.duration_s: "),
    "NaN": ("mine.json", lasting("NaN"), "NaN is not a JSON number"),
    "unknown sport": ("mine.json", plan(sport="golf"), "sport: "),
    "a sport in red": ("mine.json", plan(sport="\x1b[31mgolf"), "sport: "),
    "unknown field": ("mine.json", plan(sprot="ride"), "sprot: "),
    "1,000 steps": ("mine.json", plan(steps=[STEP] * 1_000), "steps: more than 500"),
    "50 deep": ("mine.json", nested(50), "steps[0].repeat[0]"),
    "5,000 deep": ("mine.json", nested(5_000), "nested too deeply"),
    "10 MB": ("mine.json", plan(description="x" * 10_000_000), "larger than"),
    "10 MB of XML": ("mine.zwo", b"<workout_file>" + b" " * 10_000_000, "larger than"),
    "no XML": ("mine.zwo", b"nope", "not well-formed XML"),
    "other XML": ("mine.zwo", b"<gpx/>", "not a Zwift workout"),
    "entities": ("mine.zwo", b'<!DOCTYPE a [<!ENTITY b "c">]><workout_file/>', "entities are not allowed"),
    "NaN in XML": ("mine.zwo", ZWO.format('<SteadyState Duration="NaN" Power="1"/>').encode(), "steps[0]"),
    "negative in XML": ("mine.zwo", ZWO.format('<FreeRide Duration="-5"/>').encode(), "steps[0]"),
    "unknown element": ("mine.zwo", ZWO.format("<Nap/>").encode(), "<Nap> is not known here"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_one_line(
    hub: Any, tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    for command in (
        ["preflight"], ["demo"], ["export", "--to", "intervals"], ["convert", "b.json"], ["draw"],
    ):  # fmt: skip
        done = hub(command[0], str(path), *command[1:])
        assert done.is_one_line
        assert words in done.err
        assert done.err.rstrip("\n").isprintable()
        assert len(done.err) < 1_000
    assert not (tmp_path / "hub.db").exists()


def test_a_folder_or_a_device_is_no_file(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "endless.json").symlink_to("/dev/zero")
    for name in ("folder.json", "endless.json"):
        done = hub("preflight", str(tmp_path / name))
        assert done.is_one_line
        assert "is not a file" in done.err


BAD_SETTINGS = [
    ({"HUB_PORT": "http"}, "HUB_PORT"),
    ({"HUB_PORT": "99999"}, "HUB_PORT"),
    ({"HUB_WORKER_THREADS": "0"}, "HUB_WORKER_THREADS"),
    ({"HUB_ENVIRONMENT": "staging"}, "HUB_ENVIRONMENT"),
    ({"HUB_LOG_LEVEL": "loud"}, "HUB_LOG_LEVEL"),
    ({"HUB_PUBLIC_URL": "hub.example.org"}, "HUB_PUBLIC_URL: must be an http(s) URL"),
    ({"HUB_DATABASE_URL": ""}, "HUB_DATABASE_URL"),
    ({"HUB_DATABASE_URL": "mysql://canary@host/db"}, "HUB_DATABASE_URL"),
    ({"HUB_DATABASE_URL": "sqlite:///"}, "HUB_DATABASE_URL"),
    ({"HUB_DATABASE_URL": "sqlite:////no/such/folder/hub.db"}, "HUB_DATABASE_URL"),
    ({"HUB_DATABASE_URL": "sqlite:///?synchronous=sometimes"}, "HUB_DATABASE_URL"),
    ({"HUB_DATABASE_URL": "postgresql://hub:canary@127.0.0.1:1/db"}, "HUB_DATABASE_URL"),
    ({"HUB_DATABASE_URL": "postgresql://hub:can/ary@127.0.0.1/db"}, "HUB_DATABASE_URL"),
    ({"HUB_DATABASE_URL": "postgresql://hub:can#ary@127.0.0.1/db"}, "HUB_DATABASE_URL"),
    ({"HUB_ENCRYPTION_KEYS": "canary"}, "HUB_ENCRYPTION_KEYS"),
    ({"HUB_ENCRYPTION_KEYS": ","}, "HUB_ENCRYPTION_KEYS"),
    ({"HUB_BROKER_URL": "canary"}, "HUB_BROKER_URL"),
    ({"HUB_BROKER_URL": "redis://:canary@host:port/0"}, "HUB_BROKER_URL"),
    ({"HUB_ENVIRONMENT": "production", "HUB_ENCRYPTION_KEYS": ""}, "HUB_ENCRYPTION_KEYS"),
    ({"HUB_HOST": "nosuch.invalid"}, "nosuch.invalid"),
    ({"HUB_HOST": "192.0.2.1"}, "192.0.2.1"),
]


@pytest.mark.parametrize(("variables", "words"), BAD_SETTINGS, ids=str)
def test_a_bad_setting_is_named_and_not_quoted(hub: Any, variables: dict[str, str], words: str) -> None:
    done = hub("serve", **variables)
    assert done.is_one_line
    assert words in done.err
    assert "canary" not in done.err.replace("can/ary", "canary").replace("can#ary", "canary")


@pytest.mark.parametrize("command", [["migrate"], ["keys", "list"], ["athlete"], ["worker"]])
def test_every_command_names_a_bad_setting(hub: Any, command: list[str]) -> None:
    for variables in ({"HUB_PORT": "http"}, {"HUB_DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x"}):
        done = hub(*command, HUB_BROKER_URL="redis://127.0.0.1:1/0", **variables)
        assert done.is_one_line
        assert next(iter(variables)) in done.err


def test_a_file_that_is_no_database(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_bytes(b"This is a letter to my aunt." * 100)
    for command in (["migrate"], ["serve"], ["keys", "list"]):
        done = hub(*command)
        assert done.is_one_line
        assert "not a database" in done.err


def test_a_worker_without_a_broker(hub: Any) -> None:
    done = hub("worker")
    assert done.is_one_line
    assert "HUB_BROKER_URL" in done.err


COMMANDS = [[], *([name] for name in NAMES)]
COMMANDS += [["keys", name] for name in ("encryption", "create", "list", "policy", "drift", "revoke")]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_helps(hub: Any, command: list[str]) -> None:
    done = hub(*command, "--help")
    assert (done.code, done.err) == (0, "")
    assert "Usage: hub" in done.out
    assert len(done.out) > 200


def test_no_command_is_a_question_for_help(hub: Any) -> None:
    assert "Usage: hub" in hub().out
    done = hub("dmeo")
    assert (done.code, done.out) == (2, "")
    assert "dmeo" in done.err
