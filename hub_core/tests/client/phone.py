"""A phone with the reference client: its file, a line that is cut, and a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx

from hub_core.client import Store, SyncClient
from hub_core.sdk.client_pool import tls_context
from hub_core.services.sync.read_changes import COLLECTIONS
from hub_core.testing.processes import AthleteClient

from .cut_line import Cut, CutLine


class DeadError(BaseException):
    """The app was killed: nothing below it runs any more."""


class Phone:
    """One device of an athlete."""

    def __init__(self, athlete: AthleteClient, file: Path, cuts: Iterable[Cut] = ()) -> None:
        theirs = athlete.platform.http
        self.hub = str(theirs.base_url).removesuffix("/").removesuffix("/v1")
        self.line = CutLine(self.hub)
        self.line.cuts.extend(cuts)
        self.http = httpx.Client(
            base_url=self.line.origin,
            headers={"Authorization": theirs.headers["Authorization"], "Connection": "close"},
            event_hooks={"response": [self._hear]},
            timeout=30,
            verify=tls_context(),
        )
        self.now = 1_000.0
        self._athlete_id = athlete.path.split("/")[-1]
        self._file = file
        #: It is killed when it hears so many answers more.
        self.dies_in: int | None = None
        self._open()

    def _open(self) -> None:
        self.store = Store(self._file)
        self.client = SyncClient(self.store, self.http, self._athlete_id, lambda: self.now)

    def restart(self) -> None:
        """The app is killed, and opened again."""
        self.dies_in = None
        self.store.close()
        self._open()

    def _hear(self, _: httpx.Response) -> None:
        if self.dies_in is not None:
            self.dies_in -= 1
            if self.dies_in < 0:
                raise DeadError

    def sync(self) -> bool:
        """Once; the app may die of it, and is opened again."""
        try:
            return self.client.sync()
        except DeadError:
            self.restart()
            return False

    def sync_to_the_end(self) -> None:
        """As long as it takes: the person presses the button after the last try."""
        for _ in range(300):
            if self.client.sync():
                return
            self.now += 40
            self.store.try_again()
        raise AssertionError("it never came in step")

    def held(self) -> dict[str, dict[str, Any]]:
        """All that it has been told."""
        return {name: self.store.entities(name) for name in COLLECTIONS}

    def close(self) -> None:
        """It is switched off."""
        self.http.close()
        self.line.close()
        self.store.close()
