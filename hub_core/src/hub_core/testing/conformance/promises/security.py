"""Forged, replayed and hostile webhooks are refused, and one athlete's are never another's."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import msgspec
from pydantic import SecretStr

from hub_core.sdk.errors import Misconfigured, Rejected
from hub_core.sdk.inbound import Delivery, WebhookRequest
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import (
    connects,
    has_secret_path,
    proves_itself,
    receives,
    signs,
    subscribes,
)
from hub_core.testing.conformance.tamper import read_json
from hub_core.testing.conformance.watch import believing

_DAY_S = 86_400
#: No webhook keeps the hub's front door busy for longer.
_QUICK_S = 3.0
_MOMENT = re.compile(r"\d{10,13}")
_DEEP = 100_000
_IN_BODY = " in the body"
#: Every HTTP client sends these: no provider proves itself by them.
_PLAIN_HEADERS = {
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
}
HOSTILE_BODIES = {
    "no body": b"",
    "null": b"null",
    "an empty list": b"[]",
    "an empty object": b"{}",
    "a number": b"7",
    "a text": b'"zz"',
    "a list of nulls": b"[null, null]",
    "half a JSON text": b'{"a": [1, ',
    "NUL bytes": b"\0" * 64,
    "bytes that are no UTF-8": b'{"a": "\xff\xfe"}',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "a number beyond all bounds": b"1" * 5000,
    "arrays, 100,000 deep": b"[" * _DEEP + b"]" * _DEEP,
    "objects, 100,000 deep": b'{"a":' * _DEEP + b"1" + b"}" * _DEEP,
    "10 MB of one letter": b"z" * 10_000_000,
    "10 MB in one text": b'"' + b"z" * 10_000_000 + b'"',
}


async def pushed(bench: Bench, user: str = "athlete-1", **fields: Any) -> WebhookRequest:
    """A genuine webhook; where these are subscribed for each athlete, of one who has connected."""
    if subscribes(bench.subject):
        await bench.connect(user)
    requests = bench.record(user, **fields)
    expect(requests, "the sandbox pushes no webhook when an athlete does something: call push() there")
    return requests[-1]


def _replaced(request: WebhookRequest, **fields: Any) -> WebhookRequest:
    return msgspec.structs.replace(request, **fields)


def _altered(text: str) -> str:
    """The same text with its last letter or digit changed."""
    at = max((index for index, letter in enumerate(text) if letter.isalnum()), default=None)
    if at is None:
        return "zz"
    return text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :]


# -- forged -----------------------------------------------------------------------------------------------


@case(
    "security.genuine",
    Tier.BRONZE,
    reason="a check that refuses everything looks like a provider that sends nothing",
    hint="verify over the bytes of request.body as they came; header names are in lower case",
    needs=(receives,),
)
async def _genuine(bench: Bench) -> None:
    expect(bench.receive(await pushed(bench)), "a genuine webhook brought no delivery")


@case(
    "security.forged_body",
    Tier.GOLD,
    reason="a signature that isn't compared lets anybody write into an athlete's diary",
    hint="call verify_signature(request, secret, header=...) before anything else",
    needs=(receives, signs),
)
async def _forged_body(bench: Bench) -> None:
    request = await pushed(bench)
    step = max(1, len(request.body) // 40)
    for at in range(0, len(request.body), step):
        body = request.body[:at] + bytes([request.body[at] ^ 1]) + request.body[at + 1 :]
        with bench.raising(Rejected, during=f"a webhook whose byte {at} was changed"):
            bench.receive(_replaced(request, body=body))
    with bench.raising(Rejected, during="a webhook with a blank behind its body"):
        bench.receive(_replaced(request, body=request.body + b" "))


@case(
    "security.forged_headers",
    Tier.GOLD,
    reason="a proof that may be left out is no proof",
    hint="refuse a request without the header, and compare with hmac.compare_digest, whole and not a part",
    needs=(receives, proves_itself),
)
async def _forged_headers(bench: Bench) -> None:
    request = await pushed(bench)
    genuine = bench.receive(request)
    proofs = 0
    for place, variants in _places_of_proof(request):
        # What may be changed by one letter proves nothing. What may not must be whole, and there.
        outcomes = {name: _is_refused(bench, variant, genuine, place) for name, variant in variants.items()}
        if outcomes["with one letter changed"]:
            proofs += 1
            believed = [name for name, refused in outcomes.items() if not refused]
            expect(not believed, f"the {place} is what proves it, and {' or '.join(believed)} it is believed")
    expect(proofs, "nothing of the request may be changed that would be missed")


def _is_refused(bench: Bench, variant: WebhookRequest, genuine: Any, place: str) -> bool:
    try:
        got = bench.receive(variant)
    except Rejected:
        return True
    # A text in the body may be what is told, and not what proves it.
    expect(
        got == genuine or place.endswith(_IN_BODY), "a webhook whose headers were changed says something else"
    )
    return False


def _places_of_proof(request: WebhookRequest) -> Iterator[tuple[str, dict[str, WebhookRequest]]]:
    """Each header, parameter and text in the body: the request without it, and with others in its place."""
    for part in ("headers", "query"):
        held: dict[str, str] = getattr(request, part)
        for name, value in held.items():
            if name not in _PLAIN_HEADERS:
                others = _forgeries(held, name, value)
                yield (
                    f"{name} ({part})",
                    {key: _replaced(request, **{part: it}) for key, it in others.items()},
                )
    data = read_json(request.body)
    for name, value in (data if isinstance(data, dict) else {}).items():
        if isinstance(value, str):  # a token may travel in the body
            bodies = {key: msgspec.json.encode(it) for key, it in _forgeries(data, name, value).items()}
            yield f"{name}{_IN_BODY}", {key: _replaced(request, body=it) for key, it in bodies.items()}


def _other_texts(value: str) -> dict[str, str]:
    return {
        "with one letter changed": _altered(value),
        "empty": "",
        "cut": value[:-1],
        "longer": f"{value}0",
        "in another alphabet": "\u00fc",
        "a hundred times as long": value * 100,
    }


def _forgeries(held: dict[str, Any], name: str, value: str) -> dict[str, dict[str, Any]]:
    forged = {key: {**held, name: text} for key, text in _other_texts(value).items()}
    return forged | {"left out": {key: text for key, text in held.items() if key != name}}


@case(
    "security.other_secret",
    Tier.GOLD,
    reason="another app of the same provider signs as well, with its own secret",
    hint="take the secret from the settings that receive_webhook is handed, not from a constant",
    needs=(receives, proves_itself),
)
async def _other_secret(bench: Bench) -> None:
    request = await pushed(bench)
    settings = bench.harness.settings
    bench.harness.settings = _with_secrets(settings, "kit-other-secret")
    with bench.raising(Rejected, during="a webhook that was signed with another secret"):
        bench.receive(request)


@case(
    "security.no_secret",
    Tier.GOLD,
    reason="an HMAC with an empty key is one that anybody can compute",
    hint="verify_signature and verify_token raise Misconfigured without a secret: don't catch it",
    needs=(receives, proves_itself),
)
async def _no_secret(bench: Bench) -> None:
    request = await pushed(bench)
    bench.harness.settings = _with_secrets(bench.harness.settings, "")
    for name, variant in (("as it is", request), ("without headers", _replaced(request, headers={}))):
        with bench.raising(Rejected, Misconfigured, during=f"a webhook {name} while no secret is set"):
            bench.receive(variant)
    with believing(), bench.raising(Rejected, Misconfigured, during="a webhook signed with no secret"):
        bench.receive(request)


def _with_secrets(settings: Any, text: str) -> Any:
    names = [name for name in type(settings).model_fields if isinstance(getattr(settings, name), SecretStr)]
    return settings.model_copy(update={name: SecretStr(text) for name in names})


@case(
    "security.replay",
    Tier.GOLD,
    reason="a webhook that was read off a log can be sent again for years",
    hint="pass timestamp_header to verify_signature; without one make the delivery's key stable",
    needs=(receives, signs),
)
async def _replay(bench: Bench) -> None:
    bench.sandbox.clock.advance(-_DAY_S)
    old = bench.sandbox.clock.now()
    request = await pushed(bench)
    bench.sandbox.clock.advance(_DAY_S)
    if _tells_when(request, old):
        with bench.raising(Rejected, during="a webhook whose signed time was a day ago"):
            bench.receive(request)
        return
    # The provider signs no time: then what is sent again must be known by its key.
    keys = [[delivery.key for delivery in bench.receive(request)] for _ in range(2)]
    expect(keys[0] == keys[1], "the same webhook gives other keys when it comes again")


def _tells_when(request: WebhookRequest, moment: float) -> bool:
    found = [int(text) for value in request.headers.values() for text in _MOMENT.findall(value)]
    return any(abs(time_ - moment) < 600 or abs(time_ / 1000 - moment) < 600 for time_ in found)


@case(
    "security.secret_path",
    Tier.GOLD,
    reason="where nothing is signed the address is all that a stranger doesn't know",
    hint="verify_token(request.path.rpartition('/')[2], secret) before anything else",
    needs=(receives, has_secret_path),
)
async def _secret_path(bench: Bench) -> None:
    request = await pushed(bench)
    folder, _, secret = request.path.rpartition("/")
    for name, path in _paths(folder, secret).items():
        with bench.raising(Rejected, during=f"a webhook whose address has its secret {name}"):
            bench.receive(_replaced(request, path=path))
    bench.harness.settings = _with_secrets(bench.harness.settings, "")
    for path in (request.path, f"{folder}/", folder):
        with bench.raising(Rejected, Misconfigured, during="a webhook while no secret is set"):
            bench.receive(_replaced(request, path=path))


def _paths(folder: str, secret: str) -> dict[str, str]:
    return {name: f"{folder}/{text}" for name, text in _other_texts(secret).items()} | {"left out": folder}


# -- whose is it ------------------------------------------------------------------------------------------


@case(
    "security.each_athlete",
    Tier.GOLD,
    reason="one body tells of several athletes: whoever takes the first id for all mixes up their diaries",
    hint="make one Delivery for each statement, with the id of the athlete that it names",
    needs=(receives, connects),
)
async def _each_athlete(bench: Bench) -> None:
    users = {user: await bench.connect(user) for user in ("athlete-1", "athlete-2")}
    requests = {user: await pushed(bench, user, name=f"Of {user}") for user in users}
    told: list[Delivery] = []
    for user, context in users.items():
        deliveries = bench.receive(requests[user])
        expect(deliveries, f"the webhook of {user} brought no delivery")
        for delivery in deliveries:
            named = delivery.provider_user_id
            wanted = context.provider_user_id
            expect(named == wanted, f"a delivery for {wanted!r} (describe_account) names {named!r}")
        told += deliveries
    keys = [delivery.key for delivery in told]
    expect(len(set(keys)) == len(keys), "deliveries of two athletes have one key")
    together = _merged(*requests.values())
    if together is None:
        return
    with believing():
        both = bench.receive(together)
    expect(_summary(both) == _summary(told), "a body of two athletes is not the same as two bodies")


def _merged(first: WebhookRequest, second: WebhookRequest) -> WebhookRequest | None:
    """Both in one body, where the provider's bodies are lists or hold some."""
    one, other = read_json(first.body), read_json(second.body)
    if isinstance(one, list) and isinstance(other, list):
        return _replaced(first, body=msgspec.json.encode(one + other))
    if not isinstance(one, dict) or not isinstance(other, dict):
        return None
    lists = [name for name, value in one.items() if isinstance(value, list) and name in other]
    both = {**one, **{name: one[name] + other[name] for name in lists}}
    return _replaced(first, body=msgspec.json.encode(both)) if lists else None


def _summary(deliveries: Any) -> set[tuple[str, str, bytes]]:
    return {(one.provider_user_id, one.key, one.body) for one in deliveries}


# -- hostile ----------------------------------------------------------------------------------------------


@case(
    "security.hostile_bodies",
    Tier.GOLD,
    reason="the webhook's address is public: one body must not take the worker down or fill the error log",
    hint="read with request.decode(YourStruct), which raises Rejected however broken or deep the body is",
    needs=(receives,),
)
async def _hostile_bodies(bench: Bench) -> None:
    request = await pushed(bench)
    for name, body in HOSTILE_BODIES.items():
        hostile = _replaced(request, body=body)
        began = time.thread_time()
        with bench.surviving(Rejected, during=f"a webhook of {name}"):
            got = bench.receive(hostile)
            unproven = "receive_webhook believed it" if signs(bench.subject) else ""
            expect(not unproven and not got, f"{unproven or f'{len(got)} deliveries came'} of {name}")
        with believing(), bench.surviving(Rejected, during=f"a signed webhook of {name}"):
            got = bench.receive(hostile)
            expect(not got, f"{len(got)} deliveries came of {name}")
        took = time.thread_time() - began
        expect(took < _QUICK_S, f"a webhook of {name} took {took:.1f} s")
