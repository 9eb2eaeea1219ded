"""Runs sandboxes on loopback, each on a port of its own, in threads of the calling process."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hub_core.errors import ConfigurationError
from hub_core.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    import uvicorn

_START_TIMEOUT_S = 15.0


class LoopbackServer:
    """An ASGI application behind a real socket of 127.0.0.1. Port 0 takes a free one."""

    def __init__(self, name: str, port: int = 0) -> None:
        self.name = name
        self._socket = listen("127.0.0.1", port)
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, app: Any, *, lifespan: bool = True) -> None:
        """Serve `app` in a thread. Returns once it answers."""
        import uvicorn  # here, since most commands serve nothing

        config = uvicorn.Config(
            app,
            # Dropped connections are what the fault switches are for: uvicorn need not complain of them.
            log_level="critical",
            log_config=None,
            access_log=False,
            lifespan="on" if lifespan else "off",
            timeout_graceful_shutdown=1,
            # Longer than clients keep an idle connection, as at the providers: one that is closed in the
            # moment in which it is used again looks like a lost answer.
            timeout_keep_alive=75,
        )
        self._server = uvicorn.Server(config)
        arguments = {"sockets": [self._socket]}
        self._thread = threading.Thread(
            target=self._server.run, kwargs=arguments, name=self.name, daemon=True
        )
        self._thread.start()
        end = time.monotonic() + _START_TIMEOUT_S
        while not self._server.started:
            if time.monotonic() > end or not self._thread.is_alive():
                raise ConfigurationError(f"{self.name} did not start on {self.origin}")
            threading.Event().wait(0.01)

    def wait(self) -> None:
        """Block until it is stopped."""
        if self._thread:
            self._thread.join()

    def stop(self, *, wait: bool = True) -> None:
        """Close the port. Without `wait` the server, which ends in a fifth of a second, ends by itself."""
        if self._server and self._thread:
            self._server.should_exit = True
            if not wait:
                return
            self._thread.join(timeout=15)
        self._socket.close()


class SandboxServer(LoopbackServer):
    """One sandbox behind a real socket."""

    def __init__(self, sandbox: Sandbox, port: int = 0) -> None:
        super().__init__(f"the {sandbox.name} sandbox", port)
        self.sandbox = sandbox

    def start(self, app: Any = None, *, lifespan: bool = False) -> None:
        """Serve the sandbox. Returns once it answers."""
        from hub_core.sandbox.app import create_app

        super().start(app or create_app(self.sandbox), lifespan=lifespan)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Binding before anything is printed keeps promises about addresses true."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            problem = f"port {port} is taken; choose another or stop what uses it"
        else:
            problem = f"cannot listen on {host} port {port}: {error.strerror}"
        raise ConfigurationError(problem) from error
    listener.listen(128)
    return listener


@contextmanager
def serve_sandboxes(
    sandboxes: Iterable[Sandbox], first_port: int = 0, *, wait: bool = True
) -> Iterator[dict[str, SandboxServer]]:
    """Serve some sandboxes, on free ports or on consecutive ones; gives the servers by name.

    Without `wait` they end by themselves a moment after the block; see `LoopbackServer.stop`.
    """
    servers: dict[str, SandboxServer] = {}
    try:
        for index, sandbox in enumerate(sandboxes):
            server = SandboxServer(sandbox, first_port + index if first_port else 0)
            servers[sandbox.name] = server
            server.start()
        yield servers
    finally:
        # All are told first, so that they end at the same time.
        for server in servers.values():
            server.stop(wait=False)
        for server in servers.values() if wait else ():
            server.stop()
