"""A recording is made over HTTP, kept in a file, found again, and replayed without a network."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest

import hub_fake.plugin
import hub_garmin.plugin
import hub_intervals.plugin
import hub_wahoo.plugin
from hub_core.domain.fidelity import Fidelity
from hub_core.errors import HubError, InvalidInputError, NotFoundError
from hub_core.sdk.client_pool import ClientPool
from hub_core.sdk.errors import ProviderError
from hub_core.sdk.http import ProviderHttp
from hub_core.testing import recordings
from hub_core.testing.harness import ProviderHarness
from hub_core.testing.recordings import (
    PluginSource,
    Recorder,
    find_recordings,
    read_recording,
    read_recordings,
    recordings_folder,
    replay,
    to_text,
    write_recording,
)
from hub_core.testing.recordings.replay import hooks_of, stand_ins
from hub_core.testing.recordings.transports import RecordingTransport, ReplayTransport, UnrecordedError

from .conftest import CANARIES, TODAY

PLUGINS = [hub_fake.plugin, hub_garmin.plugin, hub_intervals.plugin, hub_wahoo.plugin]


def test_the_package_exports_what_it_lists() -> None:
    assert all(hasattr(recordings, name) for name in recordings.__all__)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.provider_manifest().name)
@pytest.mark.parametrize("scenario", ["account", "export"])
async def test_what_a_sandbox_answers_can_be_recorded_and_replayed(plugin: Any, scenario: str) -> None:
    async with ProviderHarness(plugin) as provider:
        context = await provider.connect("canary-user")
        recorder = Recorder(
            plugin.provider_manifest(), hooks_of(plugin), PluginSource(plugin).words, TODAY.replace(year=2036)
        )
        made = await recorder.record(scenario, context)
        assert not provider.device("canary-user").workouts
    secrets = (*context.token().secrets(), *context.settings.secrets())
    assert not [secret for secret in (*secrets, "canary-user") if secret in made.text]
    assert "127.0.0.1" not in made.text
    result = await replay(plugin, made.recording)
    assert result.problem == ""
    assert result.facts
    assert False not in [value for name, value in result.facts.items() if name != "exists_when_withdrawn"]


async def test_activities_are_recorded_without_what_is_somebodys(record: Any) -> None:
    made = await record("poll")
    assert not [canary for canary in CANARIES if canary in made.text]
    assert made.recording.facts["activities"] == made.recording.facts["of_the_athlete"] == 2
    result = await replay(hub_fake.plugin, made.recording)
    assert result.problem == ""
    assert any(decoded.place == "delivery activity" for decoded in result.decoded)


async def test_the_file_is_stable_and_whole(record: Any, tmp_path: Path) -> None:
    made = await record("poll")
    path = write_recording(tmp_path / "new" / "folder", made)
    assert [file.name for file in path.parent.iterdir()] == ["poll.json"]
    assert path.read_text() == made.text == to_text(read_recording(path))
    assert read_recordings(path.parent) == read_recordings(path) == (made.recording,)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "no recording"),
        ("[]", "no recording"),
        ("\udcff", "no recording"),
        (None, "is a directory"),
    ],
    ids=["malformed", "a list", "not UTF-8", "a folder"],
)
def test_a_bad_file_is_named(tmp_path: Path, content: str | None, words: str) -> None:
    path = tmp_path / "poll.json"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidInputError, match=words) as caught:
        read_recording(path)
    assert "poll.json" in str(caught.value)


def test_another_format_and_a_missing_folder_are_refused(tmp_path: Path, recording: Any) -> None:
    path = tmp_path / "account.json"
    path.write_text(to_text(msgspec.structs.replace(recording({}), format=2)))
    with pytest.raises(InvalidInputError, match="format 2"):
        read_recording(path)
    with pytest.raises(NotFoundError, match="gone"):
        read_recordings(tmp_path / "gone")


def test_recordings_are_found_beside_the_tests_and_in_the_package(tmp_path: Path) -> None:
    package = tmp_path / "acme" / "src" / "hub_acme"
    package.mkdir(parents=True)
    plugin = SimpleNamespace(__file__=str(package / "plugin.py"), __package__="hub_acme")
    assert find_recordings(plugin) == ()
    (package / "recordings").mkdir()
    (package / "recordings" / "poll.json").touch()
    assert [path.name for path in find_recordings(plugin)] == ["poll.json"]
    # In a project they stand beside its tests, and those come first.
    (tmp_path / "acme" / "pyproject.toml").touch()
    folder = tmp_path / "acme" / "tests" / "recordings"
    assert recordings_folder(plugin) == folder
    folder.mkdir(parents=True)
    (folder / "account.json").touch()
    assert [path.name for path in find_recordings(plugin)] == ["account.json"]


def test_a_plugin_of_one_file_has_no_folder_of_its_own(tmp_path: Path) -> None:
    plugin = SimpleNamespace(__file__=str(tmp_path / "hub_acme.py"), __package__="")
    assert find_recordings(plugin) == find_recordings(SimpleNamespace()) == ()
    assert recordings_folder(plugin) == Path("tests/recordings")


def test_settings_on_one_host_stay_on_one_host() -> None:
    settings = hub_garmin.plugin.provider_settings()
    hosts, urls = stand_ins(settings)
    assert urls["api_url"] == "https://api.recorded.invalid"
    assert urls["user_api_url"] == "https://api.recorded.invalid/wellness-api"
    assert hosts["https://apis.garmin.com"] == "https://api.recorded.invalid"
    assert len(set(hosts.values())) == 3


# -- what goes wrong ------------------------------------------------------------------------------------


def broken(**hooks: Any) -> SimpleNamespace:
    return SimpleNamespace(**(vars(hub_fake.plugin) | hooks))


async def test_a_request_that_was_not_recorded_is_named(record: Any) -> None:
    made = await record("account")

    async def describe(context: Any) -> Any:
        await context.http.request("GET", "/profile", params={"full": "1"})

    result = await replay(broken(describe_account=describe), made.recording)
    assert result.unknown == ["GET /profile?full=1"]
    assert result.problem == "account: not in the recording: GET /profile?full=1"


async def test_a_plugin_that_makes_something_else_of_it_is_told(record: Any) -> None:
    made = await record("poll")

    async def poll(context: Any, window: Any) -> Any:
        return (await hub_fake.plugin.poll_deliveries(context, window))[:1]

    problem = (await replay(broken(poll_deliveries=poll), made.recording)).problem
    assert "deliveries 1" in problem
    assert "deliveries 2" in problem


async def test_after_a_failure_the_example_workout_is_taken_away(record: Any) -> None:
    sent: list[str] = []

    async def update(context: Any, compiled: Any, receipt: Any) -> Any:
        raise ProviderError("not today")

    async def withdraw(context: Any, receipt: Any) -> None:
        sent.append(receipt.external_ids["workout_id"])
        await hub_fake.plugin.withdraw_workout(context, receipt)

    with pytest.raises(ProviderError, match="not today"):
        await record("export", broken(update_workout=update, withdraw_workout=withdraw))
    assert sent == ["hub-recording"]


async def test_nothing_is_sent_that_the_provider_can_t_carry(record: Any) -> None:
    def compile_workout(workout: Any, athlete: Any) -> Any:
        compiled = hub_fake.plugin.compile_workout(workout, athlete)
        report = msgspec.structs.replace(compiled.fidelity, level=Fidelity.UNSUPPORTED)
        return msgspec.structs.replace(compiled, fidelity=report)

    with pytest.raises(HubError, match="nothing was sent"):
        await record("export", broken(compile_workout=compile_workout))


# -- the transports -------------------------------------------------------------------------------------


def http(pool: ClientPool) -> ProviderHttp:
    return ProviderHttp("fake", "https://api.fake.example", frozenset({"api.fake.example"}), pool)


async def test_what_is_no_json_is_left_out_and_named() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, headers={"Content-Type": "image/fit; x=y"}, content=b"\x0e\x10FIT 52.520008"
        )

    transport = RecordingTransport("https://api.fake.example", {}, httpx.MockTransport(answer))
    pool = ClientPool(transport)
    got = await http(pool).request("POST", "/file", content=b"\x00\x01", params={"a": 1})
    assert got.content.startswith(b"\x0e\x10FIT")
    await http(pool).request("POST", "/form", form={"plan[file]": "x"})
    await pool.close()
    file, form = transport.exchanges
    assert (file.method, file.path, file.query, file.omitted) == ("POST", "/file", {"a": "1"}, "image/fit")
    assert file.answer is msgspec.UNSET
    assert file.sent == {"$": "bytes"}
    assert form.sent == {"$.plan[file]": "string"}


async def test_answers_come_in_the_recorded_order_and_the_last_one_stays(recording: Any) -> None:
    exchanges = recording({"n": 1}, {"n": 2}).exchanges
    gone = msgspec.structs.replace(exchanges[0], status=404, answer=msgspec.UNSET)
    transport = ReplayTransport("https://api.fake.example", (*exchanges, gone))
    pool = ClientPool(transport)
    seen = [await http(pool).request("GET", "/things", allow={404}) for _ in range(4)]
    assert [one.status_code for one in seen] == [200, 200, 404, 404]
    assert [one.json()["n"] for one in seen[:2]] == [1, 2]
    with pytest.raises(UnrecordedError):
        await http(pool).request("GET", "/things", params={"page": 2})
    await pool.close()
    assert transport.unknown == ["GET /things?page=2"]
