"""The servers for tests are real, private, and leave nothing behind."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from pathlib import Path

import pytest
import redis

from hub_core.testing import programs
from hub_core.testing.servers import ServerMissingError, create_database, postgres_server, redis_server


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing on the PATH and no PostgreSQL of the distribution."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))


def test_the_programs_of_the_wheels_will_do(bare_machine: None, tmp_path: Path) -> None:
    with postgres_server() as url:
        assert create_database(url, "new").endswith("/new")
    with redis_server() as url, redis.Redis.from_url(url) as client:
        assert client.ping()


def test_a_missing_server_says_what_to_install(
    bare_machine: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(ServerMissingError, match="apt-get install postgresql"):
        programs.find_postgres(tmp_path)
    with pytest.raises(ServerMissingError, match="apt-get install redis-server"):
        programs.find_redis()


def test_a_server_that_does_not_start_shows_what_it_said(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo out of luck; exit 1"]
    with pytest.raises(ServerMissingError, match="out of luck"), programs.running(command, tmp_path, 1):
        pytest.fail("it does not run")


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[Path] = []
    real = tempfile.mkdtemp

    def noted(prefix: str, dir: Path | None) -> str:  # noqa: A002
        made = real(prefix=prefix, dir=dir)
        folders.append(Path(made))
        return made

    monkeypatch.setattr(tempfile, "mkdtemp", noted)
    with redis_server() as url:
        assert folders[0].exists()

    assert not any(folder.exists() for folder in folders)
    with redis.Redis.from_url(url) as client, pytest.raises(redis.ConnectionError):
        client.ping()


def test_each_test_gets_an_empty_redis(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_and_so_does_the_next_one(redis_url: str) -> None:
    test_each_test_gets_an_empty_redis(redis_url)
