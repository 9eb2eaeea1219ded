"""Token sets, and the account that they open."""

from __future__ import annotations

import msgspec


class TokenSet(msgspec.Struct, frozen=True):
    """What a provider handed out. Only the hub stores it; `repr` shows no secret.

    `expires_at` and `refresh_expires_at` are epoch seconds, None when the provider named no end.
    `verifier` is the PKCE verifier, for providers that ask for it again on refresh (Wahoo).
    `kind` is `bearer`, or `basic` for an API key that travels as a password. `user_id`: whose it is, where
    the token answer says so (MyFitnessPal, which asks for it with every call and refresh).
    """

    access_token: str
    refresh_token: str | None = None
    expires_at: float | None = None
    refresh_expires_at: float | None = None
    scopes: tuple[str, ...] = ()
    verifier: str | None = None
    kind: str = "bearer"
    user_id: str = ""

    def __repr__(self) -> str:
        return f"TokenSet(kind={self.kind!r}, expires_at={self.expires_at!r}, scopes={self.scopes!r})"

    __str__ = __repr__

    def secrets(self) -> tuple[str, ...]:
        """The parts that must never be written anywhere but into the vault."""
        # An API key travels as `user:key`, and the key alone opens the account as well.
        key = self.access_token.partition(":")[2] if self.kind == "basic" else None
        parts = (self.access_token, key, self.refresh_token, self.verifier)
        return tuple(part for part in parts if part)


class Account(msgspec.Struct, frozen=True):
    """Whose account a token opens. `scopes` are the granted ones, which may be fewer than asked for."""

    provider_user_id: str
    display_name: str = ""
    scopes: tuple[str, ...] = ()
