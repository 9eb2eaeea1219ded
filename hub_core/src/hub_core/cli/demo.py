"""`hub demo`: the hub does its main job before your eyes, with sandboxes for the providers."""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
import time
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import httpx
import msgspec
import typer
from pydantic import SecretStr
from rich.live import Live

from hub_core.bootstrap import make_app, make_hub
from hub_core.cli.demo_inbound import tell_what_comes_in
from hub_core.cli.demo_week import tell_the_week
from hub_core.cli.draw import ProfilePicture
from hub_core.cli.files import SUFFIXES, SportName, print_remarks, read_file
from hub_core.cli.serve import make_sandboxes
from hub_core.cli.show import console, device_panels, loss_list, status_matrix
from hub_core.domain.athlete import Athlete
from hub_core.domain.fidelity import Fidelity
from hub_core.domain.profile import make_profile
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import HubError
from hub_core.formats import open_workout
from hub_core.logs import set_up_logging
from hub_core.registry.registry import load_registry
from hub_core.sandbox.device import DeviceScreen
from hub_core.sandbox.phone import sync_phone
from hub_core.sandbox.sandbox import DEFAULT_USER, Sandbox
from hub_core.sandbox.sender import sending_webhooks
from hub_core.sandbox.server import LoopbackServer, SandboxServer, serve_sandboxes
from hub_core.services.athletes.issue_api_key import issue_api_key
from hub_core.services.exports.retry_export import ExportView
from hub_core.services.hub import Hub
from hub_core.settings import HubSettings
from hub_core.storage import generate_key, migrate
from hub_core.testing.harness import give_consent

#: In a checkout they stand beside the packages, for people to open.
_EXAMPLES = ("threshold-run", "vo2max-ride", "pool-swim", "kitchen-sink-ride")
#: The same numbers as the sandboxes have on file: a provider resolves percentages with its own.
DEMO_ATHLETE = Athlete(
    ftp_w=250,
    lthr_bpm=168,
    max_hr_bpm=186,
    threshold_speed_mps=4.0,
    css_mps=1.25,
    weight_kg=68,
    time_zone="Europe/Berlin",
)
#: The provider of the weather.
_SKY = "weather"
_PATIENCE_S = 60
#: How often the phone looks while the demo is left running.
_PHONE_S = 2
#: How high the pictures are.
_ROWS = 6


def demo(
    file: Annotated[Path | None, typer.Argument(help=f"Your own workout: {SUFFIXES}.")] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Leave API and sandboxes running.")] = False,
    port: Annotated[int, typer.Option(help="Port of the API; a free one when 0.", min=0, max=65_535)] = 0,
    sport: SportName = None,
) -> None:
    """Connect an athlete to every provider's sandbox, save workouts, and watch them arrive."""
    files = [read_file(file, sport)] if file else [open_workout(path) for path in example_files()]
    workouts = [read.workout for read in files]
    for read in files:
        print_remarks(read)
    set_up_logging("ERROR")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-demo-")))
        running = stack.enter_context(serve_sandboxes(make_sandboxes([*_names(), _SKY])))
        sandboxes = {name: running[name] for name in _names()}
        server = LoopbackServer("the API", port or (8000 if serve else 0))
        hub = _make_hub(folder, server.origin, running)
        key = asyncio.run(_prepare(hub))
        server.start(make_app(hub))
        stack.callback(server.stop)
        stack.enter_context(sending_webhooks([one.sandbox for one in sandboxes.values()], server.origin))
        with httpx.Client(
            base_url=f"{server.origin}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=30
        ) as api:
            show = _Show(api, hub, sandboxes)
            show.run(workouts)
            show.tell_what_comes_in()
            show.tell_the_week(running[_SKY].sandbox)
            _say_what_next(server.origin, sandboxes, key if serve else "")
            while serve:
                show.sync_phones()
                time.sleep(_PHONE_S)


def _names() -> list[str]:
    """The providers that take workouts; the demo is about those."""
    return list(load_registry().exporters())


def example_files() -> list[Path]:
    """The four workouts that ship with the hub."""
    folder = Path(str(resources.files("hub_core"))) / "examples"
    return [folder / f"{name}.json" for name in _EXAMPLES]


def _make_hub(folder: Path, origin: str, sandboxes: dict[str, SandboxServer]) -> Hub:
    settings = HubSettings(
        database_url=f"sqlite:///{folder / 'demo.db'}",
        broker_url="",
        encryption_keys=SecretStr(generate_key()),
        public_url=origin,
    )
    pointed = {name: server.sandbox.settings(server.origin) for name, server in sandboxes.items()}
    return make_hub(settings, provider_settings=pointed)


async def _prepare(hub: Hub) -> str:
    await migrate(hub.engine)
    key = await issue_api_key(hub, "demo")
    await hub.engine.close()
    return key


class _Show:
    """What a platform would do over the API, told as it happens."""

    def __init__(self, api: httpx.Client, hub: Hub, sandboxes: dict[str, SandboxServer]) -> None:
        self._api = api
        self._sandboxes = sandboxes
        manifests = {name: hub.registry.get(name).manifest for name in sandboxes}
        self._titles = {name: manifest.title for name, manifest in manifests.items()}
        self._phones = {name for name, manifest in manifests.items() if manifest.delivery == "pickup"}
        self._athlete = ""

    def run(self, workouts: list[PlannedWorkout]) -> None:
        """The whole story."""
        body = {"external_id": "demo", "thresholds": msgspec.to_builtins(DEMO_ATHLETE), "export_to": "all"}
        self._athlete = f"/athletes/{self._call('POST', '/athletes', json=body)['id']}"
        for name in self._sandboxes:
            if name in self._phones:
                self._connect_phone(name)
            else:
                self._connect(name)
        console.print()
        saved = [self._save(workout, index) for index, workout in enumerate(workouts)]
        exports = self._watch(saved, [workout.name for workout in workouts])
        self._tell_losses(workouts, exports)
        console.print("\n[bold]What the devices show now[/]\n")
        console.print(device_panels([self._device(server) for server in self._sandboxes.values()]))

    def tell_what_comes_in(self) -> None:
        """The other way round."""
        pushing = [self._sandboxes[name].sandbox for name in self._titles if name not in self._phones]
        tell_what_comes_in(self._call, self._athlete, pushing, with_phone=bool(self._phones))

    def tell_the_week(self, weather: Sandbox) -> None:
        """And what the weather has to do with it."""
        tell_the_week(self._call, self._athlete, weather, ZoneInfo(DEMO_ATHLETE.time_zone))

    def _connect(self, name: str) -> None:
        """Consent on the provider's page, as the athlete's browser would."""
        path = f"{self._athlete}/connections/{name}/authorize"
        url = self._call("POST", path, json={})["authorize_url"]
        page = httpx.get(asyncio.run(give_consent(url)), timeout=30)
        if "is connected" not in page.text:
            raise HubError(f"{name} could not be connected: {page.text}")
        console.print(f"[green]✓[/] connected to {self._titles[name]} through its consent page")

    def _connect_phone(self, name: str) -> None:
        """The app on the athlete's phone says that it may hold workouts."""
        body = {"device_id": DEFAULT_USER, "name": "Phone"}
        self._ask("PUT", f"/connections/{name}/device", body)
        console.print(f"[green]✓[/] connected to {self._titles[name]} by the app on the athlete's phone")

    def sync_phones(self) -> None:
        """The athlete's phone looks what there is for it, as its app does in the background."""
        for name in self._phones:
            sync_phone(self._sandboxes[name].sandbox, DEFAULT_USER, self._ask)

    def _save(self, workout: PlannedWorkout, index: int) -> str:
        date = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1 + index)
        dated = msgspec.structs.replace(workout, date=date)
        saved_id: str = self._call("POST", f"{self._athlete}/workouts", json=msgspec.to_builtins(dated))["id"]
        return saved_id

    def _watch(self, saved: list[str], names: list[str]) -> dict[tuple[int, str], ExportView]:
        """Follow the exports until none is PENDING."""
        end = time.monotonic() + _PATIENCE_S
        with Live(console=console, refresh_per_second=12) as live:
            while True:
                self.sync_phones()
                cells = self._cells(saved)
                live.update(status_matrix(names, self._titles, cells))
                if all(export.status != "PENDING" for export in cells.values()):
                    return cells
                if time.monotonic() > end:
                    raise HubError(f"some exports are still PENDING after {_PATIENCE_S} s")
                time.sleep(0.08)

    def _cells(self, saved: list[str]) -> dict[tuple[int, str], ExportView]:
        rows = msgspec.convert(self._call("GET", f"{self._athlete}/exports"), list[ExportView])
        return {(saved.index(row.workout_id), row.provider or ""): row for row in rows}

    def _tell_losses(
        self, workouts: list[PlannedWorkout], exports: dict[tuple[int, str], ExportView]
    ) -> None:
        console.print("\n\n[bold]What was lost on the way, and why[/]")
        for index, workout in enumerate(workouts):
            rows = [exports[index, name] for name in self._titles]
            reports = [(self._titles[row.provider or ""], row.fidelity) for row in rows if row.fidelity]
            console.print()
            console.print(ProfilePicture(make_profile(workout, DEMO_ATHLETE), rows=_ROWS))
            console.print()
            exact = [title for title, report in reports if report.level is Fidelity.EXACT]
            if exact:
                console.print(f"[green]exact[/] at {' and '.join(exact)}")
            for title, report in reports:
                if report.level is not Fidelity.EXACT:
                    console.print(loss_list(report, title))

    def _device(self, server: SandboxServer) -> DeviceScreen:
        answer = httpx.get(f"{server.origin}/device", headers={"Accept": "application/json"})
        return msgspec.json.decode(answer.content, type=DeviceScreen)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        """What the athlete's phone asks for."""
        return self._call(method, f"{self._athlete}{path}", **({"json": body} if body else {}))

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        answer = self._api.request(method, path, **arguments)
        if answer.is_error:
            raise HubError(f"{method} {path} answered {answer.status_code}: {answer.text}")
        return answer.json()


def _say_what_next(origin: str, sandboxes: dict[str, SandboxServer], key: str) -> None:
    console.print()
    if not key:
        console.print("Look further:")
        console.print("  [bold]uv run hub demo --serve[/]      leaves API, documentation and devices up")
        console.print("  [bold]uv run hub demo my.zwo[/]       does the same with your own workout")
        console.print("  [bold]uv run hub preflight my.zwo[/]  says what would be lost, and sends nothing")
        console.print("  [bold]uv run hub connect intervals --api-key[/]  connects your own calendar")
        return
    console.print(f"API documentation   {origin}/docs")
    for server in sandboxes.values():
        console.print(f"{server.sandbox.title:19} {server.origin}/device")
    console.print(
        f"\n[dim]Try:[/] curl -H 'Authorization: Bearer {key}' {origin}/v1/athletes", soft_wrap=True
    )
    console.print("[dim]Ctrl-C stops everything.[/]")
