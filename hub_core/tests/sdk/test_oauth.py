"""OAuth 2 as providers speak it, and as they misspeak it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from hub_core.sdk.errors import Misconfigured, ProviderError, ReconnectNeeded, RetryLater
from hub_core.sdk.http import ProviderHttp
from hub_core.sdk.manifest import OAuth2
from hub_core.sdk.oauth import OAuthClient
from hub_core.sdk.settings import ProviderSettings
from hub_core.sdk.tokens import TokenSet

VERIFIER = "v" * 64
OLD = TokenSet("at-old-01234", "rt-old-01234", scopes=("read",), verifier=VERIFIER)
Make = Callable[..., OAuthClient]


class AcmeSettings(ProviderSettings):
    model_config = SettingsConfigDict(env_prefix="HUB_ACME_")


@pytest.fixture
def make(wire: Any, http: ProviderHttp) -> Make:
    """An OAuth client by the fields of its scheme."""

    def make(**scheme: Any) -> OAuthClient:
        settings = AcmeSettings(
            client_id="id",
            client_secret=SecretStr("client-0123456789"),
            authorize_url="https://acme.example/oauth?tenant=1",
            token_url=f"{wire.origin}/token",
        )
        return OAuthClient(OAuth2(**scheme), settings, http)

    return make


def answered(wire: Any, status: int = 200, **fields: Any) -> None:
    wire.answer("/token", status, json.dumps({"access_token": "at-new-01234"} | fields))


async def failure(client: OAuthClient) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await client.refresh(OLD)
    told = "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in ("rt-old", VERIFIER, "client-0123456789") if secret in told]
    return caught.value


def asked(client: OAuthClient) -> dict[str, str]:
    url = client.authorize_url(redirect_uri="http://localhost/back", state="st", verifier=VERIFIER)
    return {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}


def test_the_url_to_consent(make: Make) -> None:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    assert asked(make(scopes=("read", "write"))) == {
        "tenant": "1",
        "response_type": "code",
        "client_id": "id",
        "redirect_uri": "http://localhost/back",
        "scope": "read write",
        "state": "st",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }


def test_variants_of_the_url(make: Make) -> None:
    plain = asked(make(scopes=("a:b", "c"), scope_separator=",", pkce=False))
    assert plain["scope"] == "a:b,c"
    assert "code_challenge" not in plain
    assert "scope" not in asked(make())


def test_without_client_credentials_the_settings_are_named(make: Make) -> None:
    client = dataclasses.replace(make(), settings=AcmeSettings())
    with pytest.raises(Misconfigured, match="HUB_ACME_CLIENT_ID and HUB_ACME_CLIENT_SECRET"):
        asked(client)


async def test_a_code_is_exchanged(wire: Any, make: Make) -> None:
    answered(wire, refresh_token="rt", expires_in=3600, scope="read,write", refresh_token_expires_in=60)
    client = make(verifier_on_refresh=True)
    tokens = await client.exchange_code(code="c0de", redirect_uri="http://localhost/b", verifier=VERIFIER)
    assert (tokens.access_token, tokens.refresh_token, tokens.verifier) == ("at-new-01234", "rt", VERIFIER)
    assert tokens.scopes == ("read", "write")
    assert tokens.expires_at == pytest.approx(time.time() + 3600, abs=30)
    assert tokens.refresh_expires_at == pytest.approx(time.time() + 60, abs=30)

    (heard,) = wire.heard
    assert (heard.method, heard.headers["authorization"]) == ("POST", "")
    assert heard.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert {name: values[-1] for name, values in parse_qs(heard.body).items()} == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "redirect_uri": "http://localhost/b",
        "code_verifier": VERIFIER,
        "client_id": "id",
        "client_secret": "client-0123456789",
    }


async def test_client_credentials_as_basic_authentication(wire: Any, make: Make) -> None:
    answered(wire)
    client = make(client_auth="basic", pkce=False)
    tokens = await client.exchange_code(code="c0de", redirect_uri="http://localhost/b", verifier=VERIFIER)
    assert tokens.verifier is None
    (heard,) = wire.heard
    assert heard.headers["authorization"] == "Basic " + base64.b64encode(b"id:client-0123456789").decode()
    assert "client-0123456789" not in heard.body
    assert "code_verifier" not in heard.body


@pytest.mark.parametrize("absent", [{}, {"refresh_token": None}, {"refresh_token": ""}, {"refresh_token": 7}])
async def test_a_refresh_token_that_does_not_come_back_is_kept(
    wire: Any, make: Make, absent: dict[str, Any]
) -> None:
    answered(wire, **absent)
    fresh = await make().refresh(OLD)
    assert (fresh.access_token, fresh.refresh_token) == ("at-new-01234", "rt-old-01234")
    assert (fresh.scopes, fresh.verifier) == (OLD.scopes, VERIFIER)
    assert "code_verifier" not in wire.heard[0].body


async def test_a_new_refresh_token_replaces_the_old_one(wire: Any, make: Make) -> None:
    answered(wire, refresh_token="rt-new", scope="read write")
    fresh = await make(verifier_on_refresh=True).refresh(OLD)
    assert (fresh.refresh_token, fresh.scopes) == ("rt-new", ("read", "write"))
    assert f"code_verifier={VERIFIER}" in wire.heard[0].body


async def test_whose_token_it_is_is_kept_and_more_can_be_sent_with_a_refresh(wire: Any, make: Make) -> None:
    answered(wire, user_id=7001, refresh_token="rt-new")
    named = await make().refresh(OLD)
    answered(wire)
    assert (await make().refresh(named, user_id=named.user_id)).user_id == "7001"
    assert parse_qs(wire.heard[-1].body)["user_id"] == ["7001"]


async def test_without_a_refresh_token_the_athlete_is_asked(wire: Any, make: Make) -> None:
    with pytest.raises(ReconnectNeeded, match="no refresh token"):
        await make().refresh(TokenSet("at-old-01234"))
    assert wire.heard == []


@pytest.mark.parametrize(
    ("value", "lives"),
    [
        (3600, 3600),
        ("3600", 3600),
        (7199.5, 7199.5),
        (0, None),
        (-5, None),
        (None, None),
        ("soon", None),
        ([], None),
        ("nan", None),
    ],
)
async def test_lives_of_tokens(wire: Any, make: Make, value: Any, lives: float | None) -> None:
    answered(wire, expires_in=value)
    fresh = await make().refresh(OLD)
    assert fresh.expires_at == (None if lives is None else pytest.approx(time.time() + lives, abs=30))


async def test_a_life_that_is_not_named_is_not_known(wire: Any, make: Make) -> None:
    answered(wire)
    assert (await make().refresh(OLD)).expires_at is None
    answered(wire, expires_in=60)
    assert (await make(refreshable=False).refresh(OLD)).expires_at is None


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, '{"error": "invalid_grant", "error_description": "rt-old-01234 revoked"}', ReconnectNeeded),
        (401, '{"error": "invalid_grant"}', ReconnectNeeded),
        (400, '{"error": "access_denied"}', ReconnectNeeded),
        (400, '{"error": "invalid_client"}', Misconfigured),
        (401, "", Misconfigured),
        (400, "", RetryLater),
        (400, "{}", RetryLater),
        (400, "[]", RetryLater),
        (400, '{"error": {"code": 1}}', RetryLater),
        (400, "[" * 100_000, RetryLater),
        (400, "<html>blocked</html>", RetryLater),
        (403, "<html>are you a robot?</html>", RetryLater),
        (404, "", RetryLater),
        (429, '{"error": "invalid_grant"}', RetryLater),
        (502, "<html>Bad Gateway</html>", RetryLater),
        (503, '{"error": "invalid_grant"}', RetryLater),
        (200, "<html>maintenance</html>", RetryLater),
        (200, "[]", RetryLater),
        (200, "{}", RetryLater),
        (200, '{"access_token": null}', RetryLater),
        (200, '{"error": "invalid_grant"}', RetryLater),
    ],
)
async def test_only_a_clear_refusal_ends_a_connection(
    wire: Any, make: Make, status: int, body: str, kind: type[ProviderError]
) -> None:
    wire.answer("/token", status, body)
    assert type(await failure(make())) is kind


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, '{"error": "invalid_grant"}', ReconnectNeeded),
        (400, "", ReconnectNeeded),
        (403, "<html>blocked</html>", ReconnectNeeded),
        (404, '{"status": 404, "error": "Code not found (expired?)"}', ReconnectNeeded),
        (422, "[]", ReconnectNeeded),
        (401, "", Misconfigured),
        (400, '{"error": "invalid_client"}', Misconfigured),
        (408, "", RetryLater),
        (425, "", RetryLater),
        (429, "", RetryLater),
        (502, "<html>Bad Gateway</html>", RetryLater),
        (200, "<html>maintenance</html>", RetryLater),
        (200, "{}", RetryLater),
    ],
)
async def test_a_code_that_is_refused_in_any_words_needs_a_new_consent(
    wire: Any, make: Make, status: int, body: str, kind: type[ProviderError]
) -> None:
    wire.answer("/token", status, body)
    with pytest.raises(ProviderError) as caught:
        await make().exchange_code(code="c0de", redirect_uri="http://localhost/b", verifier=VERIFIER)
    assert type(caught.value) is kind


async def test_a_lost_answer_may_have_used_the_token_up(make: Make) -> None:
    error = await failure(make())
    assert isinstance(error, RetryLater)
    assert error.outcome_unknown


def test_one_http_client_and_no_other() -> None:
    code = (
        "import sys, hub_core.sdk.oauth\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('httpx2', 'requests')"
        " or name.startswith('authlib.integrations')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
