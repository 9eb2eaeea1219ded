"""OAuth 2 on authlib's grammar of requests (RFC 6749, 7636), sent through `sdk.http`.

authlib's own httpx session would prefer `httpx2` where that is installed, and would bring a second set
of connections, time limits and logs: see docs/adr/0003-oauth-through-our-http-client.md.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import msgspec
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from hub_core.sdk.errors import Misconfigured, ProviderError, ReconnectNeeded, RetryLater
from hub_core.sdk.http import ProviderHttp
from hub_core.sdk.manifest import OAuth2
from hub_core.sdk.settings import ProviderSettings
from hub_core.sdk.tokens import TokenSet

_AUTH_METHODS = {"body": "client_secret_post", "basic": "client_secret_basic"}
_FORM = "application/x-www-form-urlencoded;charset=UTF-8"


@dataclass(frozen=True)
class OAuthClient:
    """One provider's OAuth, as its manifest describes it."""

    scheme: OAuth2
    settings: ProviderSettings = field(repr=False)
    http: ProviderHttp

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Where the athlete's browser goes to consent."""
        if not self.settings.is_configured():
            prefix = self.settings.model_config.get("env_prefix", "")
            raise Misconfigured(
                f"set {prefix}CLIENT_ID and {prefix}CLIENT_SECRET to connect {self.http.provider}"
            )
        extra: dict[str, str] = {}
        if self.scheme.pkce:
            extra = {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"}
        scope = self.scheme.scope_separator.join(self.scheme.scopes)
        uri: str = prepare_grant_uri(
            self.settings.authorize_url,
            client_id=self.settings.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=scope or None,
            state=state,
            **extra,
        )
        return uri

    async def exchange_code(self, *, code: str, redirect_uri: str, verifier: str) -> TokenSet:
        """The token set for a code. Raises `ReconnectNeeded` when the code is refused."""
        extra = {"code_verifier": verifier} if self.scheme.pkce else {}
        answer = await self._token_request(
            "authorization_code", code=code, redirect_uri=redirect_uri, **extra
        )
        return self._token_set(answer, verifier=verifier if self.scheme.verifier_on_refresh else None)

    async def refresh(self, tokens: TokenSet, **fields: str) -> TokenSet:
        """A new token set. Keeps the refresh token when the answer brings no new one (RFC 6749, 6).

        `fields` are those that a provider asks for besides.
        Raises `ReconnectNeeded` when it is refused for good, `RetryLater` for everything passing.
        """
        if not tokens.refresh_token:
            raise ReconnectNeeded(f"{self.http.provider}: there is no refresh token")
        if self.scheme.verifier_on_refresh and tokens.verifier:
            fields["code_verifier"] = tokens.verifier
        answer = await self._token_request("refresh_token", refresh_token=tokens.refresh_token, **fields)
        fresh = self._token_set(answer, verifier=tokens.verifier)
        return msgspec.structs.replace(
            fresh,
            refresh_token=fresh.refresh_token or tokens.refresh_token,
            scopes=fresh.scopes or tokens.scopes,
            user_id=fresh.user_id or tokens.user_id,
        )

    async def fetch_app_token(self, scope: str = "") -> TokenSet:
        """A token for the hub itself, by its client credentials (RFC 6749, 4.4). There is no refresh: a new
        one is fetched instead.

        Raises `Misconfigured` without credentials, or when they are refused.
        """
        if not self.settings.is_configured():
            prefix = self.settings.model_config.get("env_prefix", "")
            raise Misconfigured(
                f"set {prefix}CLIENT_ID and {prefix}CLIENT_SECRET to ask {self.http.provider}"
            )
        fields = {"scope": scope} if scope else {}
        try:
            answer = await self._token_request("client_credentials", **fields)
        except ReconnectNeeded as error:
            raise Misconfigured(f"{error.message}; check the client id, the secret and the scope") from error
        return self._token_set(answer, verifier=None)

    async def _token_request(
        self, grant_type: str, redirect_uri: str | None = None, **fields: str
    ) -> dict[str, Any]:
        secret = self.settings.client_secret.get_secret_value()
        auth = ClientAuth(
            self.settings.client_id, secret, _AUTH_METHODS[self.scheme.client_auth] if secret else "none"
        )
        body = prepare_token_request(grant_type, "", redirect_uri, **fields)
        uri, headers, body = auth.prepare("POST", self.settings.token_url, {"Content-Type": _FORM}, body)
        guarded = self._hiding(fields)
        classify = guarded._classify_exchange if grant_type == "authorization_code" else guarded._classify
        response = await guarded.http.request(
            "POST", uri, content=body.encode(), headers=headers, authorize=False, classify=classify
        )
        answer = guarded.http.decode(response, dict[str, Any])
        if not isinstance(answer.get("access_token"), str):
            raise RetryLater(f"{self.http.provider}: the token endpoint answered without an access token")
        return answer

    def _hiding(self, fields: Mapping[str, str]) -> OAuthClient:
        """The same client, which keeps what is sent out of its messages: providers quote it back."""
        secrets = (*self.http.secrets, *fields.values(), self.settings.client_secret.get_secret_value())
        return replace(self, http=replace(self.http, secrets=tuple(secrets)))

    def _classify_exchange(self, response: httpx.Response) -> ProviderError | None:
        """A code is good for one try and some minutes: whatever refuses it, only a new consent helps.

        Vendors word that as they like: intervals.icu answers 404 for a code that is too old.
        """
        error = self._classify(response)
        return ReconnectNeeded(error.message) if isinstance(error, RetryLater) else error

    def _classify(self, response: httpx.Response) -> ProviderError | None:
        """Only the refusals of RFC 6749 5.2 end a connection: any other 4xx is a passing fault of someone."""
        if not 400 <= response.status_code < 500 or response.status_code in {408, 425, 429}:
            return None
        text = self.http.explain(response)
        code = _error_code(response)
        if code in {"invalid_grant", "invalid_token", "access_denied"}:
            return ReconnectNeeded(text)
        if code in {"invalid_client", "unauthorized_client"} or response.status_code == 401:
            return Misconfigured(f"{text}; check the client id and secret")
        return RetryLater(text)

    def _token_set(self, answer: Mapping[str, Any], *, verifier: str | None) -> TokenSet:
        scope = answer.get("scope")
        refresh, user = answer.get("refresh_token"), answer.get("user_id")
        return TokenSet(
            access_token=answer["access_token"],
            refresh_token=refresh if isinstance(refresh, str) and refresh else None,
            expires_at=_moment(answer.get("expires_in")) if self.scheme.refreshable else None,
            refresh_expires_at=_moment(answer.get("refresh_token_expires_in")),
            scopes=tuple(scope.replace(",", " ").split()) if isinstance(scope, str) else (),
            verifier=verifier,
            user_id=str(user) if isinstance(user, str | int) and not isinstance(user, bool) else "",
        )


def _error_code(response: httpx.Response) -> str:
    try:
        answer = msgspec.json.decode(response.content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    code = answer.get("error") if isinstance(answer, dict) else None
    return code if isinstance(code, str) else ""


def _moment(seconds: object) -> float | None:
    """Epoch seconds in `seconds` from now; vendors send numbers, strings, nothing, and less than nothing."""
    try:
        value = float(seconds)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return time.time() + value if 0 < value < math.inf else None
