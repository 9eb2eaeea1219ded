"""Runs one plugin against its sandbox over HTTP, without the rest of the hub.

async with ProviderHarness(hub_acme.plugin) as acme:
    context = await acme.connect()
    receipt = await acme.plugin.export_workout(context, acme.plugin.compile_workout(workout, athlete))
    assert acme.device().workouts
"""

from __future__ import annotations

import dataclasses
import re
import secrets
from collections.abc import Mapping
from types import ModuleType, TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx

from hub_core.sandbox.device import DeviceScreen
from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.sandbox import DEFAULT_USER, Sandbox
from hub_core.sandbox.server import SandboxServer
from hub_core.sdk.client_pool import ClientPool, tls_context
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.http import ProviderHttp
from hub_core.sdk.manifest import Manifest
from hub_core.sdk.oauth import OAuthClient
from hub_core.sdk.tokens import Account, TokenSet

REDIRECT_URI = "http://localhost/v1/oauth/callback"
#: A provider without scopes in its OAuth still offers boxes (Garmin).
_TICKED = re.compile(r"name=granted value='([^']*)' checked")
_BOXES = re.compile(r"name=granted value='([^']*)'")


async def give_consent(
    authorize_url: str,
    *,
    user: str = DEFAULT_USER,
    granted: list[str] | None = None,
    everything: bool = False,
    allow: bool = True,
) -> str:
    """Open a sandbox's consent page, answer it as an athlete would, and return where it redirects to.

    `granted` are the scopes left ticked; those that the page itself has ticked when None, or with
    `everything` all that it asks for.
    """
    asked = {name: values[-1] for name, values in parse_qs(urlsplit(authorize_url).query).items()}
    async with httpx.AsyncClient(verify=tls_context()) as browser:
        page = await browser.get(authorize_url)
        page.raise_for_status()
        boxes = _BOXES if everything else _TICKED
        ticked = granted if granted is not None else boxes.findall(page.text)
        form: dict[str, Any] = {
            **asked,
            "user": user,
            "decision": "allow" if allow else "deny",
            "granted": ticked,
        }
        answer = await browser.post(str(page.url.copy_with(query=None)), data=form)
    if answer.status_code != 302:
        raise AssertionError(f"the consent page answered {answer.status_code}: {answer.text}")
    return answer.headers["Location"]


class ProviderHarness:
    """A plugin module, its running sandbox, and contexts as the hub would make them."""

    def __init__(self, plugin: ModuleType) -> None:
        self.plugin = plugin
        self.manifest: Manifest = plugin.provider_manifest()
        self.sandbox: Sandbox = plugin.provider_sandbox()
        self.pool = ClientPool()
        self.server = SandboxServer(self.sandbox)
        self.settings = self.sandbox.settings(self.server.origin)
        self.checkpoints: list[dict[str, str]] = []

    async def __aenter__(self) -> Self:
        self.server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; the server, which nobody asks any more, ends by itself a moment later."""
        await self.pool.close()
        self.server.stop(wait=False)

    def context(self, tokens: TokenSet | None = None, **fields: Any) -> ProviderContext:
        """A context with some tokens; `fields` are those of `ProviderContext`."""
        http = ProviderHttp(
            self.manifest.name,
            self.settings.api_url,
            self.settings.hosts(),
            self.pool,
            tokens,
            self.settings.secrets(),
        )
        scheme = self.manifest.spoken_oauth()
        oauth = OAuthClient(scheme, self.settings, http) if scheme else None
        fields.setdefault("reference", "hub-wk-1")
        return ProviderContext(
            self.manifest.name, http, self.settings, tokens, oauth, checkpoint=self._checkpoint, **fields
        )

    async def app_context(self) -> ProviderContext:
        """The context in which the hub asks in its own name, with a token where the plugin fetches one."""
        fetch = getattr(self.plugin, "fetch_app_token", None)
        return self.context(await fetch(self.context()) if fetch else None)

    async def connect(
        self, user: str = DEFAULT_USER, *, granted: list[str] | None = None, everything: bool = False
    ) -> ProviderContext:
        """A connected context: consent by the sandbox's pages (or an API key), and the account described.

        A phone that fetches has nothing to consent to: its word is enough.
        """
        if self.manifest.delivery == "pickup":
            return self.context(provider_user_id=user)
        if self.manifest.oauth2 is not None:
            tokens = await self.authorize(user, granted=granted, everything=everything)
        else:
            tokens = self.plugin.tokens_from_api_key(self.sandbox.api_key(user))
        account: Account = await self.plugin.describe_account(self.context(tokens))
        return self.context(tokens, provider_user_id=account.provider_user_id)

    async def authorize(
        self, user: str = DEFAULT_USER, *, granted: list[str] | None = None, everything: bool = False
    ) -> TokenSet:
        """The token set after consent."""
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(32)
        oauth = self.context().oauth()
        url = oauth.authorize_url(redirect_uri=REDIRECT_URI, state=state, verifier=verifier)
        consented = await give_consent(url, user=user, granted=granted, everything=everything)
        back = parse_qs(urlsplit(consented).query)
        return await oauth.exchange_code(code=back["code"][0], redirect_uri=REDIRECT_URI, verifier=verifier)

    def again(self, context: ProviderContext, **fields: Any) -> ProviderContext:
        """The context of the next try: same connection, with what was checkpointed as progress."""
        fields.setdefault("progress", self.checkpoints[-1] if self.checkpoints else {})
        return dataclasses.replace(context, **fields)

    def device(self, user: str = DEFAULT_USER) -> DeviceScreen:
        """What the user's device shows now."""
        return self.sandbox.device(user)

    def fault(self, kind: FaultKind, path: str = "/", **fields: Any) -> None:
        """Turn a fault switch on."""
        self.sandbox.faults.add(Fault(kind, path, **fields))

    async def _checkpoint(self, ids: Mapping[str, str]) -> None:
        self.checkpoints.append(dict(ids))
