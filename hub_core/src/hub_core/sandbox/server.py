"""Runs sandboxes on loopback, each on a port of its own, in threads of the calling process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import uvicorn

from hub_core.errors import ConfigurationError
from hub_core.sandbox.app import create_app
from hub_core.sandbox.sandbox import Sandbox

_START_TIMEOUT_S = 15.0


class SandboxServer:
    """One sandbox behind a real socket."""

    def __init__(self, sandbox: Sandbox, port: int = 0) -> None:
        self.sandbox = sandbox
        self._socket = _listen(port)
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        # Dropped connections are what the fault switches are for: uvicorn need not complain of them.
        config = uvicorn.Config(
            create_app(sandbox),
            log_level="critical",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            daemon=True,
            name=f"sandbox-{sandbox.name}",
        )

    def start(self) -> None:
        """Return once it answers."""
        self._thread.start()
        end = time.monotonic() + _START_TIMEOUT_S
        while not self._server.started:
            if time.monotonic() > end or not self._thread.is_alive():
                raise ConfigurationError(f"the {self.sandbox.name} sandbox did not start on {self.origin}")
            threading.Event().wait(0.01)

    def stop(self) -> None:
        """Close the port."""
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(f"port {port} is taken; choose another or stop what uses it") from error
    listener.listen(128)
    return listener


@contextmanager
def serve_sandboxes(sandboxes: Iterable[Sandbox], first_port: int = 0) -> Iterator[dict[str, SandboxServer]]:
    """Serve some sandboxes, on free ports or on consecutive ones; gives the servers by name."""
    servers: dict[str, SandboxServer] = {}
    try:
        for index, sandbox in enumerate(sandboxes):
            server = SandboxServer(sandbox, first_port + index if first_port else 0)
            servers[sandbox.name] = server
            server.start()
        yield servers
    finally:
        for server in servers.values():
            server.stop()
