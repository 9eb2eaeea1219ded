"""The ways in which tokens begin and end."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from hub_core.sandbox import CLIENT_ID, CLIENT_SECRET, Grant, OAuthError, OAuthServer, Rotation, SandboxClock

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def server(**fields: Any) -> OAuthServer:
    clock = SandboxClock()
    clock.freeze(1_000_000)
    return OAuthServer(clock, ("read", "write"), **fields)


def code(oauth: OAuthServer, challenge: str = CHALLENGE) -> str:
    return oauth.issue_code(user="ann", scopes=("read",), redirect_uri="http://b", challenge=challenge)


def connect(oauth: OAuthServer) -> Grant:
    return oauth.redeem_code(code=code(oauth), redirect_uri="http://b", verifier=VERIFIER)


def refused(oauth: OAuthServer, token: str | None, verifier: str = VERIFIER) -> str:
    with pytest.raises(OAuthError) as caught:
        oauth.refresh(token or "", verifier=verifier)
    return caught.value.error


def test_a_code_works_once() -> None:
    oauth = server()
    once = code(oauth)
    grant = oauth.redeem_code(code=once, redirect_uri="http://b", verifier=VERIFIER)
    assert (grant.user, grant.scopes, grant.expires_at) == ("ann", ("read",), 1_003_600)
    with pytest.raises(OAuthError, match="Code not found"):
        oauth.redeem_code(code=once, redirect_uri="http://b", verifier=VERIFIER)


def test_codes_are_refused() -> None:
    oauth = server(code_life_s=60, requires_pkce=True)
    for redirect_uri, verifier in (("http://c", VERIFIER), ("http://b", "x")):
        with pytest.raises(OAuthError) as caught:
            oauth.redeem_code(code=code(oauth), redirect_uri=redirect_uri, verifier=verifier)
        assert caught.value.error == "invalid_grant"
    with pytest.raises(OAuthError, match="code_challenge is required"):
        oauth.redeem_code(code=code(oauth, ""), redirect_uri=None, verifier="")
    late = code(oauth)
    oauth.clock.advance(61)
    with pytest.raises(OAuthError, match="expired"):
        oauth.redeem_code(code=late, redirect_uri=None, verifier=VERIFIER)


def test_strict_rotation_ends_the_old_pair_at_once() -> None:
    oauth = server()
    old = connect(oauth)
    new = oauth.refresh(old.refresh_token or "", verifier=VERIFIER)
    assert oauth.grant_for(old.access_token) is None
    assert refused(oauth, old.refresh_token) == "invalid_grant"
    assert oauth.grant_for(new.access_token) is new


def test_rotation_on_first_use_keeps_the_old_pair_until_then() -> None:
    oauth = server(rotation=Rotation.ON_FIRST_USE)
    old = connect(oauth)
    lost = oauth.refresh(old.refresh_token or "")
    new = oauth.refresh(old.refresh_token or "")  # the answer with `lost` never arrived
    assert oauth.grant_for(old.access_token) is old
    assert oauth.grant_for(new.access_token) is new
    assert oauth.grant_for(old.access_token) is None
    assert refused(oauth, old.refresh_token) == "invalid_grant"
    assert lost in oauth.grants


def test_without_refresh_there_is_no_refresh_token() -> None:
    oauth = server(rotation=Rotation.NONE, access_life_s=None)
    grant = connect(oauth)
    assert (grant.refresh_token, grant.expires_at) == (None, None)
    oauth.clock.advance(10**9)
    assert oauth.grant_for(grant.access_token) is grant


def test_tokens_expire_by_the_sandbox_clock() -> None:
    oauth = server(access_life_s=100, refresh_life_s=1000)
    grant = connect(oauth)
    oauth.clock.advance(101)
    assert oauth.grant_for(grant.access_token) is None
    fresh = oauth.refresh(grant.refresh_token or "")
    oauth.clock.advance(1001)
    assert refused(oauth, fresh.refresh_token) == "invalid_grant"


def test_the_verifier_may_be_asked_for_on_refresh() -> None:
    oauth = server(verifier_on_refresh=True)
    grant = connect(oauth)
    assert refused(oauth, grant.refresh_token, "wrong") == "invalid_grant"
    assert oauth.refresh(grant.refresh_token or "", verifier=VERIFIER).user == "ann"


def test_too_many_tokens() -> None:
    oauth = server(rotation=Rotation.ON_FIRST_USE, max_live_tokens=2)
    grant = connect(oauth)
    oauth.refresh(grant.refresh_token or "")
    assert refused(oauth, grant.refresh_token) == "too_many_tokens"


def test_revoking_ends_everything_of_one_user() -> None:
    oauth = server()
    grant = connect(oauth)
    oauth.revoke("bob")
    assert oauth.grant_for(grant.access_token) is grant
    oauth.revoke("ann")
    assert oauth.grant_for(grant.access_token) is None
    assert refused(oauth, grant.refresh_token) == "invalid_grant"


def test_only_the_sandbox_client_is_known() -> None:
    server().check_client(CLIENT_ID, CLIENT_SECRET)
    for pair in ((CLIENT_ID, "x"), (CLIENT_ID, None), ("", ""), ("x", CLIENT_SECRET)):
        with pytest.raises(OAuthError) as caught:
            server().check_client(*pair)
        assert caught.value.error == "invalid_client"


def test_the_same_seed_gives_the_same_tokens() -> None:
    assert connect(server(seed=3)).access_token == connect(server(seed=3)).access_token
    assert connect(server(seed=3)).access_token != connect(server(seed=4)).access_token
