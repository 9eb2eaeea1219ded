"""Makes a recording against a real provider or a sandbox, with somebody's connection."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from hub_core.sdk.client_pool import ClientPool
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.manifest import Manifest
from hub_core.testing.recordings.leaks import check_for_leaks
from hub_core.testing.recordings.recording import FORMAT, Inputs, Recording
from hub_core.testing.recordings.redaction import Harmless, redact_recording
from hub_core.testing.recordings.replay import stand_ins
from hub_core.testing.recordings.scenarios import Hooks, Run, example_workout, run_scenario, texts_sent
from hub_core.testing.recordings.transports import RecordingTransport


@dataclass(frozen=True)
class Made:
    """A redacted recording, the text of its file, and how much of what was replaced."""

    recording: Recording
    text: str
    counts: Counter[str]


@dataclass(frozen=True)
class Recorder:
    """Records the scenarios of one plugin. `words` are the texts of its source, `today` the athlete's day.

    `on_remains` is told whether the example workout may be left behind at the provider.
    """

    manifest: Manifest
    hooks: Hooks
    words: frozenset[str]
    today: dt.date
    display_name: str = ""
    on_remains: Callable[[bool], None] = lambda _: None

    async def record(self, scenario: str, context: ProviderContext) -> Made:
        """Run a scenario with a connection's context. Raises what the plugin raises, and `LeakError`."""
        hosts, urls = stand_ins(context.settings)
        transport = RecordingTransport(_origin(context.settings.api_url), hosts)
        pool = ClientPool(transport)
        inputs = self._inputs(scenario, context, urls)
        watched = replace(context, http=replace(context.http, pool=pool))
        run = Run(self.manifest, self.hooks, watched, inputs)
        try:
            facts = await run_scenario(scenario, run)
        finally:
            self.on_remains(run.may_remain)
            await pool.close()
        raw = Recording(FORMAT, self.manifest.name, scenario, inputs, facts, tuple(transport.exchanges))
        return self._redacted(raw, context, hosts)

    def _inputs(self, scenario: str, context: ProviderContext, urls: dict[str, str]) -> Inputs:
        able, tokens = self.manifest.capabilities, context.token()
        tomorrow = self.today + dt.timedelta(days=1)
        return Inputs(
            self.today,
            context.provider_user_id,
            scopes=tokens.scopes,
            token_kind=tokens.kind,
            urls=urls,
            workout=example_workout(able, tomorrow) if scenario == "export" else None,
        )

    def _redacted(self, raw: Recording, context: ProviderContext, hosts: dict[str, str]) -> Made:
        secrets = (*context.token().secrets(), *context.settings.secrets(), *context.http.secrets)
        in_urls = {part for url in raw.inputs.urls.values() for part in urlsplit(url).path.split("/")}
        harmless = Harmless(texts_sent(self.hooks, raw.inputs.workout), self.words | in_urls, hosts)
        recording, counts = redact_recording(raw, harmless, secrets)
        text = check_for_leaks(recording, secrets, (self.display_name, context.provider_user_id))
        return Made(recording, text, counts)


def write_recording(folder: Path, made: Made) -> Path:
    """Write `<scenario>.json`, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{made.recording.scenario}.json"
    unfinished = path.with_suffix(".json.part")
    unfinished.write_text(made.text, encoding="utf-8")
    return unfinished.replace(path)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
