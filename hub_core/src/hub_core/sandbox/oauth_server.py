"""A provider's authorization server: codes, tokens, and the many ways in which they end."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
from dataclasses import dataclass, field
from enum import StrEnum

from hub_core.sandbox.clock import SandboxClock

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 (of a stand-in on loopback)


class Rotation(StrEnum):
    """What a refresh does to the old pair."""

    STRICT = "strict"  # dead at once
    ON_FIRST_USE = "on_first_use"  # dead once the new access token is used (Wahoo)
    NONE = "none"  # there is no refresh (intervals.icu)


@dataclass
class Grant:
    """One live token pair. `replaces` is the older pair that dies when this one is first used."""

    user: str
    scopes: tuple[str, ...]
    access_token: str
    refresh_token: str | None
    expires_at: float | None
    refresh_expires_at: float | None
    challenge: str = ""
    replaces: Grant | None = None
    created_at: float = 0.0


@dataclass(frozen=True)
class _Code:
    user: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str
    expires_at: float


class OAuthError(Exception):
    """A refusal in the words of RFC 6749: `error` and a description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass
class OAuthServer:
    """Codes and tokens of one provider. Lives are in seconds; None means without end."""

    clock: SandboxClock
    scopes: tuple[str, ...]
    rotation: Rotation = Rotation.STRICT
    code_life_s: float = 600
    access_life_s: float | None = 3600
    refresh_life_s: float | None = None
    requires_pkce: bool = False
    verifier_on_refresh: bool = False
    max_live_tokens: int | None = None
    seed: int = 1
    grants: list[Grant] = field(default_factory=list)
    _codes: dict[str, _Code] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 (a stand-in wants to be repeatable)

    def reseed(self, seed: str) -> None:
        """Begin another series of codes and tokens."""
        self._random = random.Random(seed)  # noqa: S311 (as above)

    def issue_code(self, *, user: str, scopes: tuple[str, ...], redirect_uri: str, challenge: str) -> str:
        """A code for a consent given."""
        code = self._text("code")
        self._codes[code] = _Code(user, scopes, redirect_uri, challenge, self.clock.now() + self.code_life_s)
        return code

    def check_client(self, client_id: str, client_secret: str | None) -> None:
        """Raise unless these are the sandbox's own client credentials."""
        known = hmac.compare_digest(client_id, CLIENT_ID)
        if not known or not hmac.compare_digest(client_secret or "", CLIENT_SECRET):
            raise OAuthError("invalid_client", "unknown client or wrong secret")

    def redeem_code(self, *, code: str, redirect_uri: str | None, verifier: str) -> Grant:
        """The first pair for a code, which works once."""
        stored = self._codes.pop(code, None)
        if stored is None or stored.expires_at < self.clock.now():
            raise OAuthError("invalid_grant", "Code not found (expired?)")
        if redirect_uri is not None and redirect_uri != stored.redirect_uri:
            raise OAuthError("invalid_grant", "redirect_uri does not match")
        self._check_verifier(stored.challenge, verifier)
        return self._grant(stored.user, stored.scopes, stored.challenge, None)

    def refresh(self, refresh_token: str, *, verifier: str = "") -> Grant:
        """A new pair for a refresh token, which ends the old one as the rotation says."""
        now = self.clock.now()
        old = next((grant for grant in self.grants if grant.refresh_token == refresh_token), None)
        if old is None or (old.refresh_expires_at is not None and old.refresh_expires_at < now):
            raise OAuthError("invalid_grant", "The refresh token is invalid, expired or revoked")
        if self.verifier_on_refresh:
            self._check_verifier(old.challenge, verifier)
        if self.rotation is Rotation.STRICT:
            self.grants.remove(old)
        return self._grant(old.user, old.scopes, old.challenge, old)

    def grant_for(self, access_token: str) -> Grant | None:
        """The grant of a live access token; using it ends the pair that it replaced."""
        found = next((grant for grant in self.grants if grant.access_token == access_token), None)
        if found is None or (found.expires_at is not None and found.expires_at < self.clock.now()):
            return None
        older, found.replaces = found.replaces, None
        while older is not None:
            if older in self.grants:
                self.grants.remove(older)
            older = older.replaces
        return found

    def issue_key(self, user: str) -> str:
        """A key without an end that opens everything."""
        grant = Grant(user, self.scopes, self._text("key"), None, None, None, created_at=self.clock.now())
        self.grants.append(grant)
        return grant.access_token

    def revoke(self, user: str) -> None:
        """End everything of a user."""
        self.grants = [grant for grant in self.grants if grant.user != user]

    def _grant(self, user: str, scopes: tuple[str, ...], challenge: str, replaces: Grant | None) -> Grant:
        live = sum(1 for grant in self.grants if grant.user == user)
        if self.max_live_tokens is not None and live >= self.max_live_tokens:
            raise OAuthError(
                "too_many_tokens", "Too many unrevoked access tokens exist for this app and user."
            )
        now = self.clock.now()
        refreshable = self.rotation is not Rotation.NONE
        grant = Grant(
            user=user,
            scopes=scopes,
            access_token=self._text("at"),
            refresh_token=self._text("rt") if refreshable else None,
            expires_at=None if self.access_life_s is None else now + self.access_life_s,
            refresh_expires_at=None if self.refresh_life_s is None else now + self.refresh_life_s,
            challenge=challenge,
            replaces=replaces if self.rotation is Rotation.ON_FIRST_USE else None,
            created_at=now,
        )
        self.grants.append(grant)
        return grant

    def _check_verifier(self, challenge: str, verifier: str) -> None:
        if not challenge:
            if self.requires_pkce:
                raise OAuthError("invalid_request", "code_challenge is required")
            return
        hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if not hmac.compare_digest(hashed, challenge):
            raise OAuthError("invalid_grant", "code_verifier does not match")

    def _text(self, prefix: str) -> str:
        return f"{prefix}-{self._random.getrandbits(128):032x}"
