"""What opens an account is shown to nobody: not in logs, not in errors, not in a repr. And keys."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from pydantic import SecretStr

from hub_core.sandbox.call import Answer, Call
from hub_core.sdk.errors import ProviderError, ReconnectNeeded
from hub_core.sdk.tokens import TokenSet
from hub_core.testing.conformance.acts import Act, open_context, prepare_acts, refresh, who
from hub_core.testing.conformance.bench import Bench, Subject
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import calls_out, connects, has_sandbox
from hub_core.testing.conformance.tamper import answering

_CANARY = "kit-canary-0123456789"
_SECRET_WORDS = ("secret", "password", "key", "token")
#: The hub keeps these at WARNING: they print addresses and headers by themselves.
_LOUD = ("httpx ", "httpcore", "asyncio ")
#: What a vendor says no with.
_REFUSALS = (400, 401, 403, 404, 409, 422, 429, 500)


def takes_keys(subject: Subject) -> bool:
    """Plugins whose athletes connect by a key."""
    return subject.manifest.api_key is not None and subject.has_hook("tokens_from_api_key")


# -- keys -------------------------------------------------------------------------------------------------


@case(
    "tokens.api_key",
    Tier.BRONZE,
    reason="a pasted key is a password: it must open the account, and never be printed",
    hint='tokens_from_api_key: return TokenSet(key), or with kind="basic" as user:key',
    needs=(takes_keys,),
)
async def _api_key(bench: Bench) -> None:
    key = bench.sandbox.api_key("athlete-1")
    for pasted in (key, f"  {key}\n"):
        tokens: TokenSet = bench.call("tokens_from_api_key", key=pasted)
        expect(key not in f"{tokens!r} {tokens}", "the token set prints the key")
        expect(await who(bench, bench.harness.context(tokens)), "the key opens no account")
    other = bench.call("tokens_from_api_key", key=bench.sandbox.api_key("athlete-2"))
    names = {await who(bench, bench.harness.context(one)) for one in (tokens, other)}
    expect(len(names) == 2, "the keys of two athletes open one account")


@case(
    "tokens.wrong_api_key",
    Tier.SILVER,
    reason="people paste half a key, a sentence, or last year's key: they must be told so",
    hint="raise Rejected in tokens_from_api_key for what can't be a key; let a 401 be TokenExpired",
    needs=(takes_keys,),
)
async def _wrong_api_key(bench: Bench) -> None:
    wrong = bench.call("tokens_from_api_key", key="kit-wrong-key")
    with bench.raising(ReconnectNeeded, during="describe_account with a wrong key"):
        await bench.call("describe_account", context=bench.harness.context(wrong))
    for name, pasted in (
        ("no", ""),
        ("a blank", "  "),
        ("a torn", "a\nb"),
        ("a NUL", "a\0"),
        ("an odd", "ü"),
    ):
        with bench.surviving(ProviderError, during=f"connecting with {name} key"):
            tokens = bench.call("tokens_from_api_key", key=pasted)
            await bench.call("describe_account", context=bench.harness.context(tokens))
    long = "k" * 5000
    with bench.surviving(ProviderError, during="connecting with a key of 5000 characters"):
        tokens = bench.call("tokens_from_api_key", key=long)
        await bench.call("describe_account", context=bench.harness.context(tokens))


# -- canaries ---------------------------------------------------------------------------------------------


@case(
    "tokens.repr",
    Tier.GOLD,
    reason="objects are printed in tracebacks, in debuggers and by loggers",
    hint="type secrets as pydantic.SecretStr, and leave the repr of settings and tokens as it is",
    needs=(has_sandbox,),
)
async def _repr(bench: Bench) -> None:
    settings = bench.harness.settings
    update = {
        name: SecretStr(_CANARY) if isinstance(getattr(settings, name), SecretStr) else _CANARY
        for name in type(settings).model_fields
        if any(word in name for word in _SECRET_WORDS)
        and isinstance(getattr(settings, name), SecretStr | str)
        if not name.endswith("_url")
    }
    bench.harness.settings = settings.model_copy(update=update)
    tokens = TokenSet(f"at-{_CANARY}", f"rt-{_CANARY}", verifier=f"v-{_CANARY}")
    context = bench.harness.context(tokens)
    shown = {"settings": context.settings, "tokens": tokens, "context": context, "http": context.http}
    shown |= {"OAuth client": context.oauth_client, "checkpoint": context.checkpoint}
    for name, value in shown.items():
        for text in (repr(value), str(value), f"{value}"):
            expect(_CANARY not in text, f"the {name} prints a secret")


@case(
    "tokens.logs",
    Tier.GOLD,
    reason="logs are copied into tickets, chats and other people's systems",
    hint="log ids and statuses; pass texts of the provider through context.http.redact()",
    needs=(calls_out,),
)
async def _logs(bench: Bench) -> None:
    with _collecting(bench) as secrets:
        for act in await prepare_acts(bench):
            await act.ready()
            await act.run()
        if connects(bench.subject):
            await _fail_loudly(bench)
    secrets |= set(bench.harness.settings.secrets())
    lines = [line for line in bench.logged.splitlines() if not line.startswith(_LOUD)]
    for line in lines:
        found = next((secret for secret in secrets if secret in line), "")
        expect(not found, f"the log has a secret: {line.replace(found or line, '***')[:120]}")


async def _fail_loudly(bench: Bench) -> None:
    context = await open_context(bench)
    for status in (401, 500):
        with answering(bench, _echo(status)), bench.surviving(ProviderError, during=f"a {status}"):
            if bench.subject.has_hook("refresh_token"):
                await refresh(bench, context)
            await bench.call("describe_account", context=context)


@contextmanager
def _collecting(bench: Bench) -> Iterator[set[str]]:
    """All codes, verifiers and tokens that travel meanwhile."""
    secrets: set[str] = set()

    def collect(call: Call, given: Answer) -> Answer:
        form = call.form()
        body = given.body if isinstance(given.body, dict) else {}
        named = ("code", "code_verifier", "refresh_token", "client_secret")
        parts = [form.get(name) for name in named] + [body.get("access_token"), body.get("refresh_token")]
        parts.append(call.headers.get("authorization", "").partition(" ")[2])
        secrets.update(part for part in parts if isinstance(part, str) and len(part) > 7)
        return given

    with answering(bench, collect):
        yield secrets


@case(
    "tokens.errors",
    Tier.GOLD,
    reason="vendors quote a refused token in their errors, and errors are shown to athletes and kept",
    hint="build messages with context.http.explain() or redact(), never from response.text",
    needs=(calls_out,),
)
async def _errors(bench: Bench) -> None:
    for act in await prepare_acts(bench):
        for status in _REFUSALS:
            with _collecting(bench) as secrets:
                await act.ready()
                with answering(bench, _echo(status)):
                    told = await _failure(bench, act, status)
            secrets |= set(bench.harness.settings.secrets())
            for secret in secrets:
                expect(secret not in told, f"the error of {act.hook} after a {status} quotes a secret")


async def _failure(bench: Bench, act: Act, status: int) -> str:
    """All that an error says, with the errors that it came from; empty when there is none."""
    told = ""
    with bench.surviving(ProviderError, during=f"{act.hook}, answered with {status},"):
        try:
            await act.run()
        except ProviderError as error:
            told = "".join(traceback.format_exception(error))
            raise
    return told


def _echo(status: int) -> Any:
    """Answers with all that was asked."""

    def echo(call: Call, _: Answer) -> Answer:
        said = f"{call.headers.get('authorization', '')} {call.body.decode('utf-8', 'replace')} {call.query}"
        names = ("error", "error_description", "message", "detail", "errorMessage")
        return Answer(msgspec.json.encode(dict.fromkeys(names, said)), status)

    return echo
