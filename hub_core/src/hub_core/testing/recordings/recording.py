"""A recording: what a scenario asked a provider and what it answered, in a file that may be committed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import InvalidInputError, NotFoundError
from hub_core.sdk.inbound import Window

FORMAT = 1
#: Where a plugin keeps its recordings: beside its tests, or in its package, which survives installation.
FOLDERS = ("tests/recordings", "recordings")
_POLLED_DAYS = 7


class Inputs(msgspec.Struct, frozen=True):
    """What the scenario was run with: the same again lets the plugin make the same requests.

    `urls` are the plugin's settings that end in `_url`, on hosts that don't exist.
    """

    today: dt.date
    provider_user_id: str
    reference: str = "hub-recording"
    scopes: tuple[str, ...] = ()
    token_kind: str = "bearer"  # noqa: S105 (a kind)
    urls: dict[str, str] = {}
    workout: PlannedWorkout | None = None

    @property
    def window(self) -> Window:
        """What is polled: the last days, today included."""
        end = dt.datetime.combine(self.today + dt.timedelta(days=1), dt.time(), dt.UTC)
        return Window(end - dt.timedelta(days=_POLLED_DAYS), end)


class Exchange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request and its answer.

    `path` is a whole URL where it is not on the API's own host. `sent` is the shape of the body: JSON path to
    type. `answer` is left out where there was none or no JSON; `omitted` then says what else it was.
    """

    method: str
    path: str
    query: dict[str, str] = {}
    sent: dict[str, str] = {}
    status: int
    headers: dict[str, str] = {}
    answer: Any = msgspec.UNSET
    omitted: str = ""


class Recording(msgspec.Struct, frozen=True):
    """One scenario. `facts` are what the plugin made of the answers, as counts and yes or no."""

    format: int
    provider: str
    scenario: str
    inputs: Inputs
    facts: dict[str, Any]
    exchanges: tuple[Exchange, ...]


def to_text(recording: Recording) -> str:
    """The file's text: the same recording gives the same text, a line for every value."""
    packed = msgspec.json.encode(recording, order="deterministic")
    return msgspec.json.format(packed, indent=2).decode() + "\n"


def read_recording(path: Path) -> Recording:
    """A recording from its file. Raises `InvalidInputError` that names the file."""
    try:
        recording = msgspec.json.decode(path.read_bytes(), type=Recording)
    except OSError as error:
        raise InvalidInputError(f"{path}: {(error.strerror or 'it cannot be read').lower()}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInputError(f"{path} is no recording: {error}") from error
    if recording.format != FORMAT:
        raise InvalidInputError(f"{path} has format {recording.format}, and this hub reads format {FORMAT}")
    return recording


def read_recordings(path: Path) -> tuple[Recording, ...]:
    """The recordings of a folder in the order of their names, or that of one file."""
    if not path.exists():
        raise NotFoundError(f"{path}: there is no such file or folder")
    if not path.is_dir():
        return (read_recording(path),)
    return tuple(read_recording(file) for file in sorted(path.glob("*.json")))


def find_recordings(plugin: Any) -> tuple[Path, ...]:
    """The files of the recordings that a plugin brings."""
    for folder in _folders(plugin):
        files = tuple(sorted(folder.glob("*.json")))
        if files:
            return files
    return ()


def recordings_folder(plugin: Any) -> Path:
    """Where new recordings of a plugin belong: beside its tests, or here if it is installed as a package."""
    home = _project(plugin)
    return (home or Path()) / FOLDERS[0]


def _folders(plugin: Any) -> Iterable[Path]:
    home, package = _project(plugin), _package(plugin)
    if home:
        yield home / FOLDERS[0]
    if package:
        yield package / FOLDERS[1]


def _package(plugin: Any) -> Path | None:
    file = getattr(plugin, "__file__", None)
    return Path(file).resolve().parent if file and getattr(plugin, "__package__", "") else None


def _project(plugin: Any) -> Path | None:
    """The folder with the plugin's pyproject.toml: its package lies in it, or in its `src`."""
    package = _package(plugin)
    if package is None:
        return None
    return next((home for home in list(package.parents)[:2] if (home / "pyproject.toml").is_file()), None)
