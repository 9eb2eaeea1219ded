"""The manifest tells the truth, and enough of it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pydantic import SecretStr

from hub_core.domain.records import Kind
from hub_core.sdk.manifest import CreateSemantics, Operation
from hub_core.sdk.settings import ProviderSettings
from hub_core.sdk.version import explain_incompatibility
from hub_core.testing.conformance.bench import Bench, Subject
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import (
    asks_as_app,
    connects,
    exports,
    has_sandbox,
    is_fed_by_the_cloud,
    is_fetched,
    uses_oauth,
)

_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}", re.ASCII)
#: Words in a setting's name by which it holds a secret.
_SECRET_WORDS = ("secret", "password", "key", "token")


def _settings(bench: Bench) -> ProviderSettings:
    if not bench.subject.has_hook("provider_settings"):
        return ProviderSettings()
    settings: ProviderSettings = bench.call("provider_settings")
    return settings


def calls_the_vendor(subject: Subject) -> bool:
    """Plugins whose calls count against limits: those of athletes, or the hub's own."""
    return connects(subject) or asks_as_app(subject)


def _has_settings(subject: Subject) -> bool:
    return subject.has_hook("provider_settings")


#: By the kind of a record: how an athlete makes one in a sandbox.
_RECORDING: dict[Kind, str] = {
    "activity": "record_activity",
    "daily": "record_day",
    "sleep": "record_night",
    "nutrition": "record_meals",
}


@case(
    "manifest.name",
    Tier.BRONZE,
    reason="the name is in addresses, variables and tables; what is odd there is odd everywhere",
    hint="name it in lower case letters and digits, as the folder and the entry point are",
)
async def _name(bench: Bench) -> None:
    name = bench.manifest.name
    expect(_NAME.fullmatch(name), f"the name is {name!r}")
    expect(bench.manifest.title.strip(), "the title is empty")


@case(
    "manifest.complete",
    Tier.BRONZE,
    reason="people ask where data goes and what may be done with it before they connect",
    hint="fill in homepage (https), attribution and data_use",
)
async def _complete(bench: Bench) -> None:
    for field in ("homepage", "attribution", "data_use"):
        expect(getattr(bench.manifest, field).strip(), f"{field} is empty")
    expect(bench.manifest.homepage.startswith("https://"), "the homepage does not begin with https://")


@case(
    "manifest.api_version",
    Tier.BRONZE,
    reason="a plugin for another version of the plugin API breaks at run time, in the middle of an export",
    hint="set api_version to the version of hub_core.sdk.API_VERSION that you wrote it for",
)
async def _api_version(bench: Bench) -> None:
    problem = explain_incompatibility(bench.manifest.name, bench.manifest.api_version)
    expect(not problem, problem)


@case(
    "manifest.hooks_match",
    Tier.BRONZE,
    reason="the hub calls only what is declared: others are dead, and an operation without one fails late",
    hint="list exactly the operations whose hooks are there",
)
async def _hooks_match(bench: Bench) -> None:
    for operation in Operation:
        hook = bench.manifest.hook_of(operation)
        declared, there = operation in bench.able.operations, bench.subject.has_hook(hook)
        missing = "such hook" if hook == operation else hook
        expect(there or not declared, f"{operation} is declared, and there is no {missing}")
        expect(declared or not there, f"there is a hook {hook}, and {operation} is not declared")
    sends = bench.subject.has_hook(Operation.EXPORT)
    expect(not (is_fetched(bench.subject) and sends), "export_workout is never called: a phone fetches")


@case(
    "manifest.tells",
    Tier.SILVER,
    reason="what is not declared is not looked at by this kit, and nobody knows what to connect it for",
    hint="set tells to the kinds of records that come, and let athletes make each of them in the sandbox",
    needs=(is_fed_by_the_cloud, has_sandbox),
)
async def _tells(bench: Bench) -> None:
    for kind, method in _RECORDING.items():
        declared, there = kind in bench.manifest.tells, bench.subject.sandbox_can(method)
        expect(there or not declared, f"{kind} is in tells, and the sandbox has no {method}")
        expect(declared or not there, f"the sandbox has {method}, and {kind} is not in tells")


@case(
    "manifest.says_what_it_carries",
    Tier.BRONZE,
    reason="the preflight shows these; a coach decides by them where to send a workout",
    hint="declare sports, durations, limits above 0, and create semantics that the hooks can live up to",
    needs=(exports,),
)
async def _says_what_it_carries(bench: Bench) -> None:
    expect(bench.able.sports, "no sport is declared")
    expect(bench.able.durations, "no duration is declared")
    expect(bench.subject.has_hook("compile_workout"), "it exports, and there is no compile_workout")
    searchable = bench.able.create is CreateSemantics.SEARCHABLE
    finds = Operation.FIND in bench.able.operations
    expect(finds or not searchable, "create is searchable, and there is no find_workout to search with")
    for limit in ("max_steps", "name_length"):
        value = getattr(bench.able, limit)
        expect(value is None or value > 0, f"{limit} is {value}")


@case(
    "manifest.budgets",
    Tier.BRONZE,
    reason="without a budget the first backfill runs the whole app into the provider's limit",
    hint="declare the provider's published limits as rate_budgets",
    needs=(calls_the_vendor,),
)
async def _budgets(bench: Bench) -> None:
    expect(bench.manifest.rate_budgets, "there are no rate_budgets")
    for budget in bench.manifest.rate_budgets:
        expect(budget.calls > 0 and budget.per_s > 0, f"{budget} allows nothing")


@case(
    "manifest.connects",
    Tier.BRONZE,
    reason="an athlete who can't connect, or whose refresh can't work, has nothing of the rest",
    hint="with OAuth implement refresh_token and describe_account; with a key tokens_from_api_key",
    needs=(connects,),
)
async def _connects(bench: Bench) -> None:
    expect(bench.subject.has_hook("describe_account"), "there is no describe_account")
    oauth = bench.manifest.oauth2
    if oauth is not None and oauth.refreshable:
        expect(bench.subject.has_hook("refresh_token"), "there is no refresh_token")
    if bench.manifest.api_key is not None:
        takes_keys = bench.subject.has_hook("tokens_from_api_key")
        expect(takes_keys, "there is api_key, and no tokens_from_api_key(key)")
        expect(bench.manifest.api_key.help.strip(), "api_key.help does not say where the key is found")


@case(
    "manifest.access",
    Tier.BRONZE,
    reason="what the hub asks in its own name has no athlete whose data it could send or fetch",
    hint='with access="app" declare search_races or forecast_weather alone, and no oauth2 and no api_key',
    needs=(asks_as_app,),
)
async def _access(bench: Bench) -> None:
    expect(not connects(bench.subject), 'access is "app", and athletes could connect')
    others = bench.able.operations - {Operation.SEARCH_RACES, Operation.FORECAST}
    expect(not others, f'access is "app", and {", ".join(sorted(others))} needs an athlete')


@case(
    "manifest.webhook_proof",
    Tier.BRONZE,
    reason="an endpoint that believes anybody lets anybody write into an athlete's diary",
    hint="set webhook_proof to signature, token or secret_path, whichever the provider offers",
)
async def _webhook_proof(bench: Bench) -> None:
    receives = Operation.RECEIVE_WEBHOOK in bench.able.operations
    proof = bench.manifest.webhook_proof
    expect(proof is not None or not receives, "it receives webhooks, and webhook_proof is not set")
    expect(proof is None or receives, f"webhook_proof is {proof}, and no webhooks are received")


@case(
    "manifest.settings_prefix",
    Tier.BRONZE,
    reason="all providers are configured by one pattern; the odd one out is configured wrong",
    hint='model_config = SettingsConfigDict(env_prefix="HUB_<NAME>_")',
    needs=(_has_settings,),
)
async def _settings_prefix(bench: Bench) -> None:
    prefix = type(_settings(bench)).model_config.get("env_prefix", "")
    wanted = f"HUB_{bench.manifest.name.upper()}_"
    expect(prefix == wanted, f"the prefix of the variables is {prefix!r} and not {wanted!r}")


@case(
    "manifest.settings_https",
    Tier.BRONZE,
    reason="tokens and health data must not travel in the clear",
    hint="make https addresses the defaults of all settings that end in _url",
    needs=(_has_settings,),
)
async def _settings_https(bench: Bench) -> None:
    fields = type(_settings(bench)).model_fields
    for name, field in fields.items():
        if name.endswith("_url") and field.default:
            expect(urlsplit(str(field.default)).scheme == "https", f"{name} is {field.default!r} by default")


@case(
    "manifest.settings_urls",
    Tier.BRONZE,
    reason="the hosts of these addresses are the only ones that the plugin may call",
    hint="give api_url, and with OAuth authorize_url and token_url, a default",
    needs=(uses_oauth,),
)
async def _settings_urls(bench: Bench) -> None:
    fields = type(_settings(bench)).model_fields
    for name in ("api_url", "authorize_url", "token_url"):
        expect(fields[name].default, f"{name} has no default")


@case(
    "manifest.settings_secret",
    Tier.BRONZE,
    reason="settings are printed in tracebacks and debug logs",
    hint="type secrets as pydantic.SecretStr",
    needs=(_has_settings,),
)
async def _settings_secret(bench: Bench) -> None:
    for name, field in type(_settings(bench)).model_fields.items():
        if name.endswith(("_url", "client_id")) or not any(word in name for word in _SECRET_WORDS):
            continue
        open_text = field.annotation is not SecretStr and not isinstance(field.default, bool)
        expect(not open_text, f"{name} is of type {field.annotation}, which prints itself")


@case(
    "manifest.sandbox",
    Tier.BRONZE,
    reason="nobody gets a vendor's keys quickly: without a stand-in nothing of the plugin can be tried",
    hint="bring a sandbox.py, and return it from provider_sandbox()",
)
async def _sandbox(bench: Bench) -> None:
    expect(has_sandbox(bench.subject), "there is no provider_sandbox()")
    expect(bench.sandbox.name == bench.manifest.name, f"the sandbox is named {bench.sandbox.name!r}")
    hosts = {urlsplit(f"//{host}").hostname for host in bench.harness.settings.hosts()}
    expect(hosts <= {"127.0.0.1"}, f"the sandbox's settings point at {', '.join(map(str, hosts))}")
